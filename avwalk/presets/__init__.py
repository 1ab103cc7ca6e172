"""Preset files: lookup by name or path, TOML parsing, inheritance, overrides, validation with all problems at once."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from avwalk.config.preset import Preset
from avwalk.config.problems import problem
from avwalk.errors import OptionError, PresetError, clipped, did_you_mean
from avwalk.features.signals import KINDS
from avwalk.files.atomic import atomic_file
from avwalk.files.bounded import parse_toml
from avwalk.files.names import as_there, is_regular, name_problem
from avwalk.generators.named_palettes import PALETTES
from avwalk.modulation.curve_file import BreakpointCurve, read_curve
from avwalk.modulation.routes import Route, parse_route
from avwalk.modulation.sources import CURVE
from avwalk.presets.keys import SPELLINGS, nearest_key
from avwalk.presets.named_files import coloured, curve_file, foreign_paths
from avwalk.presets.places import key_lines
from avwalk.settings import shipped, user_presets

AUTO = "auto"
"""In the place of a preset's name: the one that suits the song."""
MAX_BYTES = 256 * 1024
MAX_PROBLEMS = 100
"""So many are said at once."""


@dataclass(frozen=True)
class LoadedPreset:
    """A preset, checked.

    Attributes:
        name: as used in file names.
        path: its file.
        values: the values, `extends` and `--set` applied; routes in their short form.
        routes: the routes, read.
        curves: file name → breakpoint curve, for routes that use one.
    """

    name: str
    path: Path | None
    values: Preset
    routes: tuple[Route, ...]
    curves: Mapping[str, BreakpointCurve] = field(default_factory=dict)


def folders() -> list[Path]:
    """Search path of presets: the user's, then the built-in ones."""
    return [user_presets(), shipped("presets")]


def names() -> list[str]:
    """Names of all presets at hand, sorted. Files that start with an underscore are only bases of others."""
    found = {file.stem for folder in folders() if folder.is_dir() for file in folder.glob("*.toml")}
    return sorted(name for name in found if not name.startswith("_"))


def load(name: str, overrides: Iterable[str] = ()) -> LoadedPreset:
    """Finds, reads, merges and checks a preset.

    Args:
        name: of a preset, or a path to a .toml file.
        overrides: ``key=value`` lines such as ``"camera.zoom=1.2"``; values as TOML writes them, bare words are text.

    Raises:
        PresetError: with one line for each problem.
    """
    path = _find(name)
    tree, where = _read(path, seen=())
    for line in overrides:
        _set(tree, where, line)
    preset, routes, curves = check(tree, where, (path.parent, Path()))
    return LoadedPreset(path.stem, path, preset, routes, curves)


def from_tree(name: str, tree: Mapping[str, Any], overrides: Iterable[str] = ()) -> LoadedPreset:
    """A preset from plain values, such as those stored in a video.

    Raises:
        PresetError: with one line for each problem; a file that they name otherwise than by its name alone is one,
            unless ``overrides`` name it: what is read from elsewhere opens nothing of this machine.
    """
    if not isinstance(tree, Mapping):
        raise PresetError(f"preset '{clipped(name)}' is stored as {type(tree).__name__}, not as a table of values")
    values, where = dict(tree), dict[str, str]()
    for line in overrides:
        _set(values, where, line)
    if problems := foreign_paths(values, where):
        raise PresetError("\n".join(problems))
    preset, routes, curves = check(values, where, (Path(),))
    return LoadedPreset(name, None, preset, routes, curves)


def check(
    tree: dict[str, Any], where: Mapping[str, str], folders: Sequence[Path]
) -> tuple[Preset, tuple[Route, ...], dict[str, BreakpointCurve]]:
    """Validates a merged preset, and reads the curves that its routes name.

    Args:
        tree: nested values.
        where: dotted key → ``file:line``, for messages.
        folders: where curve files are looked for, in this order.

    Raises:
        PresetError: with one line for each problem: unknown keys, wrong types, out of range, bad routes or curves.
    """
    problems, preset = [], None
    try:
        preset = Preset.model_validate(tree)
    except ValidationError as error:
        problems = [_problem(e, where) for e in error.errors()[:MAX_PROBLEMS]]
    routes: list[Route] = []
    curves: dict[str, BreakpointCurve] = {}
    listed = tree.get("routes", ())
    for k, entry in enumerate(listed if isinstance(listed, list | tuple) else ()):
        if len(problems) >= MAX_PROBLEMS:
            break
        try:
            routes.append(route := parse_route(entry, KINDS))
            if route.signal.startswith(CURVE):
                name = route.signal[len(CURVE) :]
                curves[name] = read_curve(curve_file(name, folders))
        except PresetError as error:
            problems.append(f"{_at(f'routes.{k}', where)}{error}")
    if preset is not None and preset.palette.name not in PALETTES:
        name = preset.palette.name
        hint = did_you_mean(name, PALETTES) or f"; there are {', '.join(PALETTES)}"
        problems.append(f"{_at('palette.name', where)}palette.name = {name!r}: unknown palette{hint}")
    if preset is not None:
        try:
            preset = coloured(preset, where, folders)
        except (OptionError, OSError) as error:
            said = error.strerror if isinstance(error, OSError) else error
            problems.append(f"{_at('palette.image', where)}palette.image = '{preset.palette.image}': {said}")
    if problems or preset is None:
        raise PresetError("\n".join(problems))
    return preset.model_copy(update={"routes": tuple(str(route) for route in routes)}), tuple(routes), curves


def _find(name: str, seen: tuple[Path, ...] = ()) -> Path:
    """The file of a preset; not one of ``seen``, so that one may extend its namesake."""
    if not name:
        raise PresetError("preset '' is empty; `avwalk presets list` shows the names")
    if name == AUTO:
        raise PresetError("preset 'auto' is chosen when a song is heard, by render, preview and batch; name one here")
    if name.endswith(".toml") or "/" in name or "\\" in name:
        path = Path(name)
        if problem := name_problem(path):
            raise PresetError(f"preset file {problem}")
        path = as_there(path)
        if not path.exists():
            raise PresetError(f"preset file '{name}' does not exist")
        if path.resolve() in seen:
            raise _circle(seen)
        return path
    found = [path for folder in folders() if is_regular(path := folder / f"{name}.toml")]
    for path in found:
        if path.resolve() not in seen:
            return path
    if found:
        raise _circle(seen)
    near = did_you_mean(name, names())
    raise PresetError(f"unknown preset '{clipped(name)}'{near}; `avwalk presets list` shows all, a file ends in .toml")


def _circle(seen: tuple[Path, ...]) -> PresetError:
    return PresetError(f"'{seen[-1]}' extends itself through {' → '.join(p.stem for p in seen)}; choose another base")


def _read(path: Path, seen: tuple[Path, ...]) -> tuple[dict[str, Any], dict[str, str]]:
    """The file's values over those of what it extends, and where each key was written."""
    if not path.is_file():
        raise PresetError(f"preset '{path}' is not a file")
    try:
        with path.open("rb") as file:
            raw = file.read(MAX_BYTES + 1)
        if len(raw) > MAX_BYTES:
            raise PresetError(f"preset '{path}' is larger than {MAX_BYTES // 1024} KiB; that is no preset")
        text = raw.decode("utf-8-sig")
        tree = parse_toml(text)
    except OSError as error:
        raise PresetError(f"preset '{path}' cannot be read: {error.strerror}") from error
    except UnicodeDecodeError:
        raise PresetError(f"preset '{path}' is not text; a preset is a TOML file in UTF-8") from None
    except tomllib.TOMLDecodeError as error:
        raise PresetError(f"preset '{path}' is not valid TOML: {error}") from None
    except ValueError as error:
        raise PresetError(f"preset '{path}': {error}; that is no preset") from None
    where = key_lines(text, path.name)
    base = tree.get("extends")
    if isinstance(base, str):
        below, below_where = _read(_find(base, (*seen, path.resolve())), (*seen, path.resolve()))
        if "routes" in tree:
            _forget_entries(below_where, "routes")
        below.pop("suits", None)  # what is made from a preset says for itself whether it suits the same songs
        _forget_colours(below, tree)
        tree, where = _merged(below, tree), below_where | where
    return tree, where


def _forget_colours(below: dict[str, Any], above: Mapping[str, Any]) -> None:
    """A preset that names palettes means these: in their own hues unless it says otherwise, and in every section."""
    palette, form = (table if isinstance(table := above.get(name), dict) else {} for name in ("palette", "structure"))
    for section, key, forgotten in (
        ("palette", "hues", "name" in palette or "palettes" in form),
        ("structure", "palettes", "name" in palette and "palettes" not in form),
    ):
        if forgotten and isinstance(table := below.get(section), dict):
            below[section] = {name: value for name, value in table.items() if name != key}


def _forget_entries(where: dict[str, str], key: str) -> None:
    """A list that is replaced takes the places of its entries with it."""
    for entry in [place for place in where if place.startswith(f"{key}.")]:
        del where[entry]


def _merged(below: Mapping[str, Any], above: Mapping[str, Any]) -> dict[str, Any]:
    out = dict(below)
    for key, value in above.items():
        for spelling in SPELLINGS.get(key, ()):
            out.pop(spelling, None)
        old = out.get(key)
        out[key] = _merged(old, value) if isinstance(old, dict) and isinstance(value, dict) else value
    return out


def _set(tree: dict[str, Any], where: dict[str, str], line: str) -> None:
    key, equals, text = line.partition("=")
    key = key.strip()
    if not equals or not key:
        raise PresetError(f"--set '{line}': write it as key=value, such as camera.zoom=1.2")
    try:
        value = parse_toml(f"v = {text}")["v"]
    except tomllib.TOMLDecodeError:
        value = text.strip()
    except ValueError as error:
        raise PresetError(f"--set '{clipped(line)}': {error}; write a value such as 1.2") from None
    node = tree
    *path, last = key.split(".")
    for part in path:
        below = node.setdefault(part, {})
        if not isinstance(below, dict):
            raise PresetError(f"--set '{line}': '{part}' is a value, it has no '{last}'")
        node[part] = node = dict(below)
    for spelling in SPELLINGS.get(last, ()):
        node.pop(spelling, None)
    node[last] = value
    where[key] = f"--set {key}"
    if key == "palette.name" and not where.get("structure.palettes", "").startswith("--set"):
        _set(tree, where, "structure.palettes=[]")  # those of the sections would hide it
    if key in ("palette.name", "structure.palettes") and not where.get("palette.hues", "").startswith("--set"):
        node = tree.setdefault("palette", {})
        tree["palette"] = {**node, "hues": "own"} if isinstance(node, dict) else node  # named colours are meant
    _forget_entries(where, key)


def _at(key: str, where: Mapping[str, str]) -> str:
    parts = key.split(".")
    for length in range(len(parts), 0, -1):
        if place := where.get(".".join(parts[:length])):
            return f"{place}: "
    return ""


def _problem(error: ErrorDetails, where: Mapping[str, str]) -> str:
    key = ".".join(str(part) for part in error["loc"])
    if error["type"] == "extra_forbidden":
        return f"{_at(key, where)}unknown key '{key}'{nearest_key(key)}"
    return _at(key, where) + problem(error, key, f"{key} =")


def as_toml(preset: Preset) -> str:
    """Every value of a preset, as a file that loads to the same preset."""
    values = preset.model_dump(mode="json", exclude_none=True)
    values.pop("extends", None)
    routes = "".join(f"  {toml_value(line)},\n" for line in values.pop("routes"))
    tables = {key: value for key, value in values.items() if isinstance(value, dict)}
    lines = [f"{key} = {toml_value(value)}" for key, value in values.items() if key not in tables]
    lines.append(f"routes = [\n{routes}]" if routes else "routes = []")
    for name, table in tables.items():
        lines += ["", f"[{name}]", *(f"{key} = {toml_value(value)}" for key, value in table.items())]
    return "\n".join(lines) + "\n"


def create(
    name: str, base: str, *, seed: int | None = None, cppn: Mapping[str, Any] | None = None, force: bool = False
) -> Path:
    """Creates a user preset that extends another, with its routes to edit.

    Args:
        name: of the new preset.
        base: name or file of the one that it extends.
        seed: its seed, if given.
        cppn: overrides of the table ``[cppn]``.
        force: replace one that is there.

    Raises:
        PresetError: the name is not fit for a file, the base is unknown, or the preset is there already.
    """
    path, loaded = _free_place(name, force), load(base)
    routes = "".join(f"  {toml_value(line)},\n" for line in loaded.values.routes)
    if palettes := loaded.values.structure.palettes:
        colours = f"[structure]\npalettes = {toml_value(palettes)}  # of the sections, in turn\n"
    else:
        colours = f"[palette]\nname = {toml_value(loaded.values.palette.name)}\n"
    if (hues := loaded.values.palette.hues) != "own":
        head = "" if colours.startswith("[palette]") else "\n[palette]\n"
        colours += f'{head}hues = {toml_value(hues)}  # song: of its key; "own": as the palettes are named\n'
    descent = "".join(f"{key} = {toml_value(value)}\n" for key, value in (cppn or {}).items())
    text = (
        f"# avwalk render song.wav --preset {name}\n"
        f"version = 1\ntitle = {toml_value(name)}\nextends = {toml_value(base)}\n"
        f"{'' if seed is None else f'seed = {seed}'}\n"
        f"# signal -> parameter; `avwalk presets targets` lists parameters and palettes, `presets show` every value\n"
        f"routes = [\n{routes}]\n\n{colours}" + (f"\n[cppn]\n{descent}" if descent else "")
    )
    return _written(path, text)


def write_preset(name: str, text: str, *, force: bool = False) -> Path:
    """Writes a user preset.

    Args:
        name: of it.
        text: TOML.
        force: replace one that is there.

    Raises:
        PresetError: the name is not fit for a file, or the preset is there already.
    """
    return _written(_free_place(name, force), text)


def _free_place(name: str, force: bool) -> Path:
    """Where a user preset goes."""
    if name == AUTO:
        raise PresetError("preset name 'auto' stands for the preset that suits a song; choose another")
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_\-]{0,63}", name):
        raise PresetError(f"preset name '{name}': use letters, digits, - and _, at most 64")
    path = user_presets() / f"{name}.toml"
    if path.exists() and not force:
        raise PresetError(f"preset '{name}' is there already: {path}; --force replaces it")
    return path


def _written(path: Path, text: str) -> Path:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with atomic_file(path) as part:
            part.write_text(text, encoding="utf-8")
    except OSError as error:
        raise PresetError(f"cannot write '{path}': {error.strerror}; set AVWALK_PRESETS_DIR") from error
    return path


def toml_value(value: Any) -> str:
    """Plain values as TOML writes them, on one line."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False)  # TOML's basic strings escape as JSON's do
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key} = {toml_value(v)}" for key, v in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(toml_value(v) for v in value) + "]"
    return repr(value)
