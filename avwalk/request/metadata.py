"""What a film stores about itself, and the options read back from it: both follow `RenderOptions`, field by field."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

from pydantic.fields import FieldInfo

from avwalk._version import __version__
from avwalk.config.fields import opt_of
from avwalk.config.options import RenderOptions
from avwalk.errors import PlanError
from avwalk.files.bounded import parse_json
from avwalk.files.names import is_bare
from avwalk.request.earlier import MAX_TEXT, redone_rows
from avwalk.request.resolve import Request
from avwalk.request.seeds import Origin
from avwalk.score.cues import Cues
from avwalk.spec import PresetSpec

MAX_NAME = 255
_BY_CONTENT = ("overlay", "subject", "words")
_PICTURES = _BY_CONTENT[:2]


def stored_fields() -> Iterator[tuple[str, FieldInfo]]:
    """The options that a film stores, in the order in which it does."""
    return ((name, field) for name, field in RenderOptions.model_fields.items() if not opt_of(field).unstored)


def metadata(request: Request) -> dict[str, str]:
    """What the film says of itself: tags of the song, and all that is needed to render it again.

    No path and no user name; a preset file is known by its name alone.
    """
    if not request.options.metadata:
        return {}
    song, options = request.song, request.options
    tags = {"title": options.title or song.title, "artist": options.artist or song.artist}
    again = {"version": __version__, "song_sha256": song.sha256, **_stored(request)}
    comment = f"avwalk {__version__}, preset {request.preset.name}, seed {request.film.seed}"
    text = json.dumps(again, ensure_ascii=True, separators=(",", ":"))
    return {name: value for name, value in tags.items() if value} | {"comment": comment, "avwalk": text}


def _stored(request: Request) -> dict[str, Any]:
    """The options as a film stores them."""
    settled, values = _settled(request), dict[str, Any]()
    for name, field in stored_fields():
        given = getattr(request.options, name)
        if name == "words":
            values |= {"words": request.film.words.to_json()} if request.film.words else {}
            continue
        if opt_of(field).sparse and given == field.default:
            continue
        value = settled.get(name, given)
        values[name] = list(value) if isinstance(value, tuple) else value
        if name == "cues" and request.redone:
            values["redone"] = [list(row) for row in request.redone]
        if name == "seed" and request.seed_of != "option":
            values["seed_of"] = request.seed_of
        if name == "cues":  # the presets that they pin go with them
            values["looks"] = {name: each.look.preset.values for name, each in request.film.presets.items()}
    return values


def _settled(request: Request) -> dict[str, Any]:
    """Options that a film stores otherwise than as they were given: as they were resolved, files by their content."""
    film = request.film
    generator, restyle = film.look.generator, film.look.restyle
    return {
        "preset": _without_paths(film.look.preset),
        "generator": generator.name,
        "model": generator.model,
        "restyle_model": (restyle.painter or restyle.model) if restyle else None,
        "restyle": restyle is not None,
        "source": film.source.sha256 if film.source else None,
        "overlay": film.overlay.sha256 if film.overlay else None,
        "subject": film.subject.sha256 if film.subject else None,
        "device": film.device,
        "compile": film.compile,
        "seed": film.seed,
        "fps": f"{film.fps.numerator}/{film.fps.denominator}",
        "size": f"{film.size[0]}x{film.size[1]}",
        "cues": film.cues.to_json(),
    }


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
    values["text"] = {**values["text"], "font": Path(values["text"]["font"]).name}
    return {"name": preset.name, "values": values}


def stored_options(tags: dict[str, str], name: str) -> dict[str, Any]:
    """The options of a film made by avwalk, from its metadata, for `avwalk.request.resolve.resolve`.

    What a film stores otherwise than as an option is given has a name of its own: ``preset_values``, ``stored_cues``,
    ``stored_looks``, ``stored_source`` and ``stored_pictures``, sha256 of files that must be given again,
    ``stored_redone``, the parts that were rolled again, ``stored_seed``, the seed and whose it was, and
    ``stored_paths``, option → a path of another machine, which is not opened.

    Raises:
        PlanError: the film holds no plan.
    """
    try:
        if len(tags["avwalk"]) > MAX_TEXT:
            raise ValueError("it is too long")
        again = parse_json(tags["avwalk"])
        preset = again["preset"]
        options: dict[str, Any] = {
            "preset": _bare(preset["name"]),
            "preset_values": _table(preset["values"]),
            "stored_cues": _table(again.get("cues", Cues().as_json())),  # films made before there were cues had none
            "stored_looks": {_bare(each): _table(look) for each, look in _table(again.get("looks", {})).items()},
            "stored_source": None if again.get("source") is None else _bare(again["source"]),
            "stored_redone": redone_rows(again),
            "stored_pictures": {name: _bare(again[name]) for name in _PICTURES if again.get(name)},
            "stored_words": _table(again.get("words", {})),  # films made before there were words had none
            "stored_paths": {},
        }
        for field_name, field in stored_fields():
            if field_name not in ("preset", "cues", "source", *_BY_CONTENT):
                opt = opt_of(field)
                value = again.get(field_name, field.default if opt.before is None else opt.before)
                if opt.file != "never" and isinstance(value, str) and not is_bare(value):
                    options["stored_paths"][field_name], value = value, None
                options[field_name] = value
        options["stored_seed"] = options["seed"], _origin(again.get("seed_of", "option"))
        if options["loop"]:
            options["duration"] = None  # its length is said by its bars
        return options
    except (KeyError, ValueError, TypeError, AttributeError):
        raise PlanError(f"'{name}' holds no plan: it was not made by avwalk, or with --no-metadata") from None


def _bare(name: Any) -> str:
    """A name from elsewhere, which is no path."""
    if not isinstance(name, str) or not is_bare(name) or len(name) > MAX_NAME:
        raise ValueError("it is no name")
    return name


def _origin(value: Any) -> str:
    if value not in get_args(Origin):
        raise ValueError("a seed is of nothing else")
    return str(value)


def _table(value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise ValueError("it is no table")
    return value
