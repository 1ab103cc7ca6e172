"""`tgen_settings.json`: named render settings (profiles), such as draft and final.

    {"default": {"res_width": 512, "res_height": 512, "interpolation_steps": 25, "model_string": "sd15",
                 "seed_delimiter": " ", "pipe_kwargs": {"num_inference_steps": 20}},
     "draft": {"res_width": 256, "res_height": 256, "interpolation_steps": 5}}

Profiles do not inherit: missing keys have avwalk's defaults, not those of the profile ``default``. A flat object, as in
older projects, is the profile ``default``.
"""

from __future__ import annotations

import difflib
import json
from collections.abc import Mapping
from json.decoder import JSONDecodeError
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from avwalk import presets
from avwalk.errors import OptionError, did_you_mean
from avwalk.files.bounded import parse_json
from avwalk.files.csv_table import Cell
from avwalk.painters.registry import is_painter
from avwalk.scenes.project.csv_rows import Findings

FILE = "tgen_settings.json"
MAX_BYTES = 1 << 20
OLD = ("song_name", "mask_image", "name")
"""Ignored keys of older projects."""
GENERATORS = ("cppn", "biggan", "sd")
_NEAR = 0.8

KeyOffsets = Mapping[tuple[str, ...], int]


class Profile(BaseModel):
    """Settings of one name.

    Attributes:
        name: of the profile.
        width: of pictures, pixels.
        height: of pictures, pixels.
        steps_between: frames of a transition, including both ends.
        model: weights: a name of ``avwalk models list``, or ``owner/name`` of the hub; None: the generator's default.
        control_model: a ControlNet for masks; None: masks are not used.
        generator: ``cppn``, ``biggan`` or ``sd``; None: the best available.
        pipeline: keyword arguments of the generator: ``num_inference_steps``, ``negative_prompt``, …
        seed_delimiter: between seeds, when writing; any is read.
    """

    model_config = ConfigDict(frozen=True, populate_by_name=True, extra="ignore", protected_namespaces=())

    name: str = "default"
    width: int = Field(512, alias="res_width", ge=16, le=8192)
    height: int = Field(512, alias="res_height", ge=16, le=8192)
    steps_between: int = Field(17, alias="interpolation_steps", ge=2, le=100_000)
    model: str | None = Field(None, alias="model_string")
    control_model: str | None = Field(None, alias="controlnet_string")
    generator: str | None = None
    pipeline: Mapping[str, Any] = Field(default_factory=dict, alias="pipe_kwargs")
    seed_delimiter: str = " "

    @field_validator("model", "control_model", mode="after")
    @classmethod
    def _without_blanks(cls, value: str | None) -> str | None:
        return value or None

    @field_validator("generator", mode="after")
    @classmethod
    def _check_generator(cls, value: str | None) -> str | None:
        try:
            return read_generator(value or "")
        except OptionError as error:
            raise ValueError(str(error)) from None


def read_profiles(file: Path, findings: Findings) -> dict[str, Profile]:
    """Profiles by name; problems go to ``findings``. Without a file only the profile ``default``."""
    if not file.exists():
        return {"default": Profile()}
    text = _text(file, findings)
    if text is None:
        return {}
    try:
        data = parse_json(text)
    except JSONDecodeError as error:
        findings.add(file, Cell("", error.lineno, error.colno), f"it is no JSON here: {error.msg}; mend it")
        return {}
    except ValueError as error:
        findings.add(file, None, f"{error}; it holds profiles, each one object")
        return {}
    if not isinstance(data, dict):
        findings.add(file, Cell("", 1, 1), 'it holds no object; write {"default": {"res_width": 512, …}}')
        return {}
    places, twice = key_offsets(text)
    for path in twice:
        findings.add(file, _cell(text, places[path]), f"'{path[-1]}' is there twice; take one out")
    if flat := not data or any(key in _setting_names() for key in data):
        mixed = [key for key, value in data.items() if isinstance(value, dict) and key not in _setting_names()]
        for key in mixed:
            findings.add(
                file, _cell(text, places[key,]), f"profile '{key}' stands beside settings; give those a name too"
            )
        data = {"default": data}
    profiles = {}
    for name, values in data.items():
        path = () if flat else (name,)
        if profile := _profile(name, values, file, text, places, path, findings):
            profiles[name] = profile
    return profiles


def read_generator(text: str) -> str | None:
    """A generator's name; None for ``auto``. ``cppn:lotus`` is cppn with that preset; ``worlds``, ``a1111@URL`` and
    the like are painters.

    Raises:
        OptionError: there is none of that name, or no such preset.
    """
    if is_painter(text):
        return text.strip()
    name, _, preset = text.lower().partition(":")
    if name in ("", "auto"):
        return None
    if name not in GENERATORS:
        raise OptionError(
            f"unknown generator '{text}'{did_you_mean(name, GENERATORS)}; it is {', '.join(GENERATORS)}, or a painter"
        )
    if preset and (name != "cppn" or preset not in presets.names()):
        near = did_you_mean(preset, presets.names())
        raise OptionError(f"generator '{text}': no preset '{preset}' of cppn{near}; write cppn, or cppn:lotus")
    return f"{name}:{preset}" if preset else name


def key_offsets(text: str) -> tuple[dict[tuple[str, ...], int], list[tuple[str, ...]]]:
    """Offsets of the keys of a JSON text, by key path; and duplicate key paths.

    Args:
        text: valid JSON. Lists are not looked into.
    """
    places: dict[tuple[str, ...], int] = {}
    twice: list[tuple[str, ...]] = []
    decoder = json.JSONDecoder()

    def blank(at: int) -> int:
        while text[at] in " \t\r\n":
            at += 1
        return at

    def value(at: int, path: tuple[str, ...]) -> int:
        at = blank(at)
        if text[at] != "{":
            return decoder.raw_decode(text, at)[1]
        at = blank(at + 1)
        while text[at] != "}":
            key, end = decoder.raw_decode(text, at)
            inner = (*path, key)
            if inner in places:
                twice.append(inner)
            places[inner] = at
            at = blank(value(blank(end) + 1, inner))
            at = blank(at + 1) if text[at] == "," else at
        return at + 1

    value(0, ())
    return places, twice


def _text(file: Path, findings: Findings) -> str | None:
    try:
        with file.open("rb") as stream:
            data = stream.read(MAX_BYTES + 1)
        if len(data) > MAX_BYTES:
            findings.add(file, None, f"it is larger than {MAX_BYTES >> 20} MiB; those are no settings")
            return None
        return data.decode(json.detect_encoding(data))
    except OSError as error:
        findings.add(file, None, f"it cannot be read: {error.strerror}; is it there, and open to you?")
    except UnicodeDecodeError:
        findings.add(file, None, "it is not text; save it as UTF-8")
    return None


def _profile(
    name: str, values: Any, file: Path, text: str, places: KeyOffsets, path: tuple[str, ...], findings: Findings
) -> Profile | None:
    if not isinstance(values, dict):
        findings.add(
            file, _cell(text, places.get(path, 0)), f"profile '{name}' is no object; write {{\"res_width\": 512, …}}"
        )
        return None
    known = _setting_names()
    for key in values:
        cell = _cell(text, places.get((*path, key), 0))
        if key in known or key in OLD:
            continue
        near = difflib.get_close_matches(key, known, n=1, cutoff=_NEAR)
        if near:
            findings.add(file, cell, f"unknown setting '{key}' (did you mean '{near[0]}'?)")
        else:
            findings.note(file, cell, f"setting '{key}' is not used; those of the pipeline stand in pipe_kwargs")
    try:
        return Profile.model_validate({**values, "name": name})
    except ValidationError as error:
        for one in error.errors():
            key = str(one["loc"][0])
            findings.add(file, _cell(text, places.get((*path, key), 0)), _sentence(key, one))
        return None


def _setting_names() -> tuple[str, ...]:
    """Names and aliases of all settings."""
    fields = {name: field for name, field in Profile.model_fields.items() if name != "name"}
    return tuple(dict.fromkeys([*(field.alias or name for name, field in fields.items()), *fields]))


def _sentence(key: str, error: Any) -> str:
    """A pydantic error in one line."""
    field = next(f for name, f in Profile.model_fields.items() if key in (name, f.alias))
    limits = {type(limit).__name__: getattr(limit, type(limit).__name__.lower(), None) for limit in field.metadata}
    shown, kind = json.dumps(error["input"], ensure_ascii=False)[:60], error["type"]
    if limits:
        reach = f"give {limits['Ge']} to {limits['Le']}"
        what = "is out of range" if kind in ("greater_than_equal", "less_than_equal") else "is no whole number"
        return f"{key} {shown} {what}; {reach}"
    if kind == "value_error":
        return str(error["ctx"]["error"])
    return f"{key} {shown} is no {'object' if key in ('pipe_kwargs', 'pipeline') else 'text'}"


def _cell(text: str, at: int) -> Cell:
    """An offset in the file as line and column."""
    return Cell("", text.count("\n", 0, at) + 1, at - text.rfind("\n", 0, at))
