"""The film's name, and the last steps: join, sound, verify, rename; or what there is when it was stopped."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import avwalk
from avwalk.errors import OutputError, PlanError
from avwalk.options import RenderOptions
from avwalk.request import Request
from avwalk.score.cues import Cues
from avwalk.settings import settings

_RESERVED = {"con", "prn", "aux", "nul", *(f"{port}{k}" for port in ("com", "lpt") for k in range(1, 10))}


@dataclass(frozen=True)
class Output:
    """Where the result goes.

    Attributes:
        path: the final name.
        pictures: True for a folder of PNG frames instead of a video.
    """

    path: Path
    pictures: bool

    @property
    def partial(self) -> Path:
        """The name of what there is when a render was stopped."""
        return partial_name(self.path)

    @property
    def poster(self) -> Path:
        """The name of its most telling frame."""
        return self.path.with_suffix(".jpg")


def partial_name(path: Path) -> Path:
    """Beside the film: ``song.mp4`` → ``song.partial.mp4``."""
    return path.with_name(f"{path.stem}.partial{path.suffix}")


def safe_stem(name: str) -> str:
    """A file name that is legal on every system, close to the one given."""
    legal = re.sub(r'[<>:"/\\|?*\x00-\x1f]', "_", name).strip(" .")
    if not legal or legal.split(".")[0].lower() in _RESERVED:
        legal = f"_{legal}"
    while len(legal.encode()) > 150:
        legal = legal[:-1]
    return legal


def default_name(song: Path, look: str, seed: int, options: RenderOptions) -> str:
    """SONG_PRESET_SEED, without a suffix: what a film is called when no name is given."""
    name = f"{safe_stem(song.stem)}_{safe_stem(look)}_{seed}"
    return name + ("_loop" if options.loop else "") + ("_explain" if options.explain else "")


def resolve_output(request: Request) -> Output:
    """The final name: ``--out``, or SONG_PRESET_SEED with the profile's suffix.

    Raises:
        OutputError: there already, in no folder, or with a suffix that is no film's.
    """
    suffix = request.encoder.suffix
    given = request.options.out
    if given is None:
        name = default_name(request.song.path, request.look.name, request.seed, request.options)
        path, pictures = (settings().media_dir or Path()) / f"{name}{suffix}", False
    else:
        path = Path(given)
        pictures = given.endswith(("/", os.sep)) or path.is_dir()
        if path.name in ("", ".."):  # such as `.`: what is beside it has a name made of its own
            path = path.resolve()
        if not path.name:
            raise OutputError(f"--out '{given}' is the root of the disk; name a file or a folder in it")
    if not pictures and path.suffix.lower() != suffix:
        raise OutputError(
            f"--out '{path}' must end in {suffix} for profile {request.options.profile}, or in / for PNG frames"
        )
    if not path.absolute().parent.is_dir():
        raise OutputError(f"cannot write '{path}': the folder '{path.parent}' does not exist")
    occupied = any(path.iterdir()) if pictures and path.is_dir() else path.exists()
    if occupied and not request.options.force:
        raise OutputError(f"'{path}' exists; --force replaces it, --out names another")
    if request.options.poster and (poster := path.with_suffix(".jpg")).exists() and not request.options.force:
        raise OutputError(f"'{poster}' exists; --force replaces it, --out names another")
    if path.is_dir() and not pictures:
        raise OutputError(f"cannot write '{path}': it is a folder")
    return Output(path, pictures)


def metadata(request: Request) -> dict[str, str]:
    """What the film says of itself: tags of the song, and all that is needed to render it again.

    No path and no user name; a preset file is known by its name alone.
    """
    if not request.options.metadata:
        return {}
    song = request.song
    options = request.options
    tags = {"title": options.title or song.title, "artist": options.artist or song.artist}
    again = {
        "version": avwalk.__version__,
        "song_sha256": song.sha256,
        "preset": _without_paths(request.film["preset"]),
        "generator": request.generator,
        "model": request.film["generator"]["options"].get("model"),
        "restyle_model": (request.film["restyle"] or {}).get("model"),
        "restyle": bool(request.film["restyle"]),
        "side_by_side": options.side_by_side,
        "prompt": list(options.prompt),
        "source": (request.film["source"] or {}).get("sha256"),
        "device": request.film["device"],
        "compile": request.film["compile"],
        "seed": request.seed,
        "fps": request.film["fps"],
        "size": f"{request.size[0]}x{request.size[1]}",
        "start": options.start,
        "duration": options.duration,
        "profile": options.profile,
        "bpm": options.bpm,
        "first_beat": options.first_beat,
        "av_offset_ms": options.av_offset_ms,
        "explain": options.explain,
        "allow_flashes": options.allow_flashes,
        "loop": options.loop,
        "cues": request.film["cues"],
        "looks": {name: look["preset"]["values"] for name, look in request.film["looks"].items()},
        "text": options.text,
        "title": options.title,
        "artist": options.artist,
    }
    comment = f"avwalk {avwalk.__version__}, preset {request.look.name}, seed {request.seed}"
    text = json.dumps(again, ensure_ascii=True, separators=(",", ":"))
    return {name: value for name, value in tags.items() if value} | {"comment": comment, "avwalk": text}


def _without_paths(preset: Mapping[str, Any]) -> dict[str, Any]:
    """A preset as a film may tell it: files by their names alone."""
    values = dict(preset["values"])
    for section in ("upscale", "biggan", "sd", "restyle"):
        name = Path(values[section]["model"]).name
        values[section] = {**values[section], "model": name}
    for section in ("sd", "restyle"):
        loras = [Path(name).name for name in values[section]["loras"]]
        values[section] = {**values[section], "loras": loras, "vae": Path(values[section]["vae"]).name}
    for section, key in (("restyle", "control_model"), ("restyle", "control_images"), ("sd", "file")):
        values[section] = {**values[section], key: Path(values[section][key]).name}
    return {**preset, "values": values}


def stored_options(tags: dict[str, str], name: str) -> dict[str, Any]:
    """The options of a film made by avwalk, from its metadata.

    Raises:
        PlanError: the film holds no plan.
    """
    try:
        again = json.loads(tags["avwalk"])
        look = again["preset"]
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
            "preset": look["name"],
            "preset_values": look["values"],
            "stored_cues": cues,
            "stored_looks": again.get("looks", {}),
        }
    except (KeyError, ValueError, TypeError):
        raise PlanError(f"'{name}' holds no plan: it was not made by avwalk, or with --no-metadata") from None
