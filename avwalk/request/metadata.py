"""What a film stores about itself, and the options read back from it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from avwalk._version import __version__
from avwalk.errors import PlanError
from avwalk.request.resolve import Request
from avwalk.score.cues import Cues
from avwalk.spec import PresetSpec


def metadata(request: Request) -> dict[str, str]:
    """What the film says of itself: tags of the song, and all that is needed to render it again.

    No path and no user name; a preset file is known by its name alone.
    """
    if not request.options.metadata:
        return {}
    song, restyle = request.song, request.film.look.restyle
    options = request.options
    tags = {"title": options.title or song.title, "artist": options.artist or song.artist}
    again = {
        "version": __version__,
        "song_sha256": song.sha256,
        "preset": _without_paths(request.film.look.preset),
        "generator": request.film.look.generator.name,
        "model": request.film.look.generator.model,
        "restyle_model": restyle.model if restyle else None,
        "restyle": restyle is not None,
        "side_by_side": options.side_by_side,
        "prompt": list(options.prompt),
        "source": request.film.source.sha256 if request.film.source else None,
        "device": request.film.device,
        "compile": request.film.compile,
        "seed": request.film.seed,
        "fps": f"{request.film.fps.numerator}/{request.film.fps.denominator}",
        "size": f"{request.film.size[0]}x{request.film.size[1]}",
        "start": options.start,
        "duration": options.duration,
        "profile": options.profile,
        "bpm": options.bpm,
        "first_beat": options.first_beat,
        "av_offset_ms": options.av_offset_ms,
        "explain": options.explain,
        "allow_flashes": options.allow_flashes,
        "loop": options.loop,
        "cues": request.film.cues.to_json(),
        "looks": {name: pinned.look.preset.values for name, pinned in request.film.presets.items()},
        "text": options.text,
        "title": options.title,
        "artist": options.artist,
    }
    comment = f"avwalk {__version__}, preset {request.preset.name}, seed {request.film.seed}"
    text = json.dumps(again, ensure_ascii=True, separators=(",", ":"))
    return {name: value for name, value in tags.items() if value} | {"comment": comment, "avwalk": text}


def _without_paths(preset: PresetSpec) -> dict[str, Any]:
    """A preset as a film may tell it: files by their names alone."""
    values = dict(preset.values)
    for section in ("upscale", "biggan", "sd", "restyle"):
        name = Path(values[section]["model"]).name
        values[section] = {**values[section], "model": name}
    for section in ("sd", "restyle"):
        loras = [Path(name).name for name in values[section]["loras"]]
        values[section] = {**values[section], "loras": loras, "vae": Path(values[section]["vae"]).name}
    for section, key in (("restyle", "control_model"), ("restyle", "control_images"), ("sd", "file")):
        values[section] = {**values[section], key: Path(values[section][key]).name}
    return {"name": preset.name, "values": values}


def stored_options(tags: dict[str, str], name: str) -> dict[str, Any]:
    """The options of a film made by avwalk, from its metadata.

    Raises:
        PlanError: the film holds no plan.
    """
    try:
        again = json.loads(tags["avwalk"])
        preset = again["preset"]
        options = {k: again[k] for k in ("generator", "seed", "fps", "size", "start", "duration", "profile")}
        options |= {k: again[k] for k in ("bpm", "first_beat", "av_offset_ms", "allow_flashes")}
        if loop := again.get("loop"):
            options |= {"loop": loop, "duration": None}  # its length is said by its bars
        options["device"] = again.get("device", "cpu")  # films made before there was a choice
        options["compile"] = again.get("compile", False)
        options |= {name: again.get(name) for name in ("model", "restyle_model", "restyle")}
        options |= {"prompt": again.get("prompt", ()), "side_by_side": again.get("side_by_side", False)}
        options["explain"] = again.get("explain", False)
        options |= {"text": again.get("text", "none"), "title": again.get("title"), "artist": again.get("artist")}
        cues = again.get("cues", Cues().as_json())  # films made before there were cues had none
        return {
            **options,
            "preset": preset["name"],
            "preset_values": preset["values"],
            "stored_cues": cues,
            "stored_looks": again.get("looks", {}),
        }
    except (KeyError, ValueError, TypeError):
        raise PlanError(f"'{name}' holds no plan: it was not made by avwalk, or with --no-metadata") from None
