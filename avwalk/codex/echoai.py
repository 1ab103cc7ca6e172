"""Folders of EchoAI, taken as they are: tables, settings as literals, overrides; nothing of it is executed.

config-files/scene.csv, structure*.csv, leonardo.json, override.txt   beside them   config.py
output/JOB/02-Scene.json                                              the scenes of a job of its audio mode
"""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from avwalk.codex.record import MAX_NAME
from avwalk.codex.settings_file import FORMATS, MAX_OVERRIDES, MAX_SIDE, MIN_SIDE
from avwalk.codex.tables import MAX_BYTES, MAX_CHARACTERS, MAX_SCENES
from avwalk.config.lock import SCENE
from avwalk.errors import CodexError, clipped
from avwalk.files.bounded import parse_json

CONFIG_FOLDER = "config-files"
_SECRET = re.compile(r"KEY|TOKEN|SECRET|PASSWORD", re.I)
_USED = {
    "FORCE_UNIVERSE", "NEGATIVE", "SCENE", "STYLE", "SCENES_FILE_PATH", "STRUCTURE_CSV_PATH", "RANDOM_MODE",
    "BROADCAST_MODE", "RENDER_MODE", "MAX_CONCURRENT_JOBS", "NUM_ITERATIONS", "IMAGE_WIDTH", "IMAGE_HEIGHT",
    "AUDIO_MODE", "CONVERSATION_MODE",
}  # fmt: skip
_USUAL_RATE = 0.5  # of services that have none of their own
_MOST_TEXT = 1 << 20


@dataclass(frozen=True)
class EchoaiCodex:
    """What was taken from a folder of EchoAI.

    Attributes:
        scenes: the table of scenes, its bytes.
        structure: the table of attributes, its bytes; None: there is none.
        values: settings of a codex, name → value.
        overrides: name → prompt with ``<SCENE>``.
        notes: what could not be used, a line each.
    """

    scenes: bytes
    structure: bytes | None
    values: Mapping[str, Any] = field(default_factory=dict)
    overrides: Mapping[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()


def read_echoai(folder: Path) -> EchoaiCodex:
    """Reads a folder of EchoAI: its own, its ``config-files``, or that of a job.

    Raises:
        CodexError: it is none, or a file cannot be read.
    """
    if not folder.is_dir():
        raise CodexError(f"--from '{folder}' is no folder; name one of EchoAI, which holds {CONFIG_FOLDER}/")
    if (job := folder / "02-Scene.json").is_file():
        return EchoaiCodex(_job_scenes(job), None, {}, {}, (f"{job.name}: the prompts of its scenes were taken",))
    tables = folder / CONFIG_FOLDER if (folder / CONFIG_FOLDER).is_dir() else folder
    notes: list[str] = []
    config = _config(folder if (folder / "config.py").is_file() else tables.parent, notes)
    scenes = _table(folder, tables, config, "SCENES_FILE_PATH", "scene.csv", notes)
    if scenes is None:
        raise CodexError(f"--from '{folder}' has no {CONFIG_FOLDER}/scene.csv; is it a folder of EchoAI?")
    structure = _table(folder, tables, config, "STRUCTURE_CSV_PATH", "structure.csv", notes)
    values = _values(config, notes)
    overrides, active = _overrides(tables / "override.txt", notes)
    if SCENE in (template := str(config.get("SCENE", ""))):
        overrides = {"config": template, **overrides}
    if active and "config" in overrides:
        values["override"] = "config"
        values["style"] = str(config.get("STYLE", "")).lower()
    elif active:
        notes.append(
            f"override.txt switches OVERRIDE on, but config.py has no SCENE with {SCENE}; attributes are drawn"
        )
    values |= _leonardo(tables / "leonardo.json", notes)
    notes += _left_behind(folder, tables, config)
    return EchoaiCodex(scenes, structure, values, dict(list(overrides.items())[:MAX_OVERRIDES]), tuple(notes))


def literals_of(source: str) -> tuple[dict[str, Any], int]:
    """The names that a Python file sets to plain values, from its syntax tree; keys are left out, and counted.

    Raises:
        ValueError: it is no Python.
    """
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise ValueError(f"it is no Python: {error}") from None
    found: dict[str, Any] = {}
    keys = 0
    for node in tree.body:
        if not isinstance(node, ast.Assign) or len(node.targets) != 1 or not isinstance(node.targets[0], ast.Name):
            continue
        name, value = node.targets[0].id, node.value
        if _SECRET.search(name):
            keys += 1
        elif isinstance(value, ast.Constant) and isinstance(value.value, str | int | float | bool):
            found[name] = value.value
    return found, keys


def _config(folder: Path, notes: list[str]) -> dict[str, Any]:
    text = _text(folder / "config.py")
    if text is None:
        notes.append("config.py is not there; settings are the usual ones")
        return {}
    try:
        found, keys = literals_of(text)
    except ValueError as error:
        raise CodexError(f"'{folder / 'config.py'}' cannot be read: {clipped(error, 80)}") from None
    if keys:
        notes.append(f"config.py: {keys} keys of services were not read; painters take theirs from the environment")
    unused = [name for name in found if name not in _USED and not name.endswith("_RATE")]
    if unused:
        notes.append(f"config.py: not used: {clipped(', '.join(unused), 200)}")
    return found


def _values(config: Mapping[str, Any], notes: list[str]) -> dict[str, Any]:
    """Settings of a codex from those of EchoAI."""
    values: dict[str, Any] = {}
    for name, key, most in (("universe", "FORCE_UNIVERSE", 500), ("negative", "NEGATIVE", 2000)):
        text = str(config.get(key, "")).strip(" ,")
        if len(text) > most:
            notes.append(f"config.py: {key} has {len(text)} characters; the first {most} were taken")
        if text:
            values[name] = text[:most]
    for name, key, most in (("cycles", "NUM_ITERATIONS", 100_000), ("concurrency", "MAX_CONCURRENT_JOBS", 64)):
        if (number := _number(config.get(key))) is not None:
            values[name] = max(1, min(most, int(number)))
            if values[name] != number:
                notes.append(f"config.py: {key} = {number:g} is out of range; {values[name]} was taken")
    width, height = _number(config.get("IMAGE_WIDTH")), _number(config.get("IMAGE_HEIGHT"))
    if width and height:
        size = (int(width), int(height))
        if all(MIN_SIDE <= side <= MAX_SIDE for side in size):
            values["format"] = next((name for name, each in FORMATS.items() if each == size), f"{size[0]}x{size[1]}")
        else:
            notes.append(f"config.py: {width:g} × {height:g} pixels are out of range; landscape was taken")
    service = str(config.get("RENDER_MODE", ""))
    rates = {key.removesuffix("_RATE").lower(): _number(value) for key, value in config.items() if key[-5:] == "_RATE"}
    rate = rates.get(service.lower(), _USUAL_RATE)
    if service and rate is not None and 0 <= rate <= 1:
        values["inclusion"] = float(rate)
    if service:
        notes.append(f"config.py: the service {clipped(service, 30)} is not used; name a painter with --painter")
    if config.get("BROADCAST_MODE") or config.get("RANDOM_MODE"):
        values["several"] = "all" if config.get("BROADCAST_MODE") else "random"
        notes.append("config.py: several services; name several painters: --painter a,b")
    if config.get("AUDIO_MODE") or config.get("CONVERSATION_MODE"):
        notes.append("config.py: scenes from speech or a conversation: `avwalk script` makes them; scene.csv was taken")
    return values


def _overrides(file: Path, notes: list[str]) -> tuple[dict[str, str], bool]:
    """The prompts with a scene in them, by name; and whether one of them is in force."""
    text = _text(file)
    if text is None:
        return {}, False
    found: dict[str, str] = {}
    active, unused = False, []
    for line in text.splitlines():
        name, sign, value = (part.strip() for part in line.partition("="))
        if not sign or line.lstrip().startswith("#"):
            continue
        value = value.strip().strip('"').strip()
        if name == "OVERRIDE":
            active = value.lower() == "true"
        elif SCENE in value and name and len(name) <= MAX_NAME and len(value) <= 5000:
            found[name] = "".join(letter for letter in value if letter.isprintable())
        else:
            unused.append(name)
    if unused:
        notes.append(f"override.txt: not used: {clipped(', '.join(unused), 200)}")
    return found, active


def _leonardo(file: Path, notes: list[str]) -> dict[str, Any]:
    text = _text(file)
    if text is None:
        return {}
    try:
        tree = parse_json(text)
    except ValueError as error:
        notes.append(f"leonardo.json cannot be read: {clipped(error, 80)}; it is left out")
        return {}
    if not isinstance(tree, dict):
        notes.append("leonardo.json holds no settings; it is left out")
        return {}
    unused = [str(name) for name in tree if name != "NUM_IMAGES"]
    if unused:
        notes.append(f"leonardo.json: settings of that service, not used: {clipped(', '.join(unused), 200)}")
    number = _number(tree.get("NUM_IMAGES"))
    return {} if number is None else {"variations": max(1, min(4, int(number)))}


def _table(
    folder: Path, tables: Path, config: Mapping[str, Any], key: str, usual: str, notes: list[str]
) -> bytes | None:
    """The table that the settings name, if it lies in the folder; else the usual one."""
    named, root = str(config.get(key, "")), folder.resolve()
    for path in ([root / named.replace("\\", "/")] if named else []) + [tables / usual]:
        try:
            inside = path.resolve().is_relative_to(root) or path.parent == tables
            if not inside:
                notes.append(f"config.py: {key} leads out of the folder; {usual} was taken")
            elif path.is_file():
                with path.open("rb") as file:
                    return file.read(MAX_BYTES + 1)
            elif named and path.name != usual:
                notes.append(f"config.py: {key} '{clipped(named, 60)}' is not there; {usual} was taken")
        except (OSError, ValueError) as error:
            raise CodexError(f"'{clipped(path, 80)}' cannot be read: {clipped(error, 80)}") from None
    return None


def _job_scenes(file: Path) -> bytes:
    """The prompts of a job, as a table of scenes."""
    try:
        tree = parse_json(_text(file) or "")
        prompts = [str(each["prompt"]) for each in tree]
    except (ValueError, KeyError, TypeError) as error:
        raise CodexError(f"'{file}' is no list of scenes: {clipped(error, 80)}") from None
    lines = [" ".join(prompt.split())[:MAX_CHARACTERS] for prompt in prompts[:MAX_SCENES]]
    quoted = ['"' + line.replace('"', '""') + '"' for line in lines if line]
    return ("Scene Description\n" + "\n".join(quoted) + "\n").encode("utf-8", "replace")


def _left_behind(folder: Path, tables: Path, config: Mapping[str, Any]) -> list[str]:
    """What is there and has no place in a codex."""
    notes = []
    for name in ("ranking_good", "ranking_bad"):
        count = sum(1 for _ in (folder / name).glob("*.*")) if (folder / name).is_dir() else 0
        if count:
            notes.append(f"{name}/: {count} pictures do not say how they were made; they are not taken")
    if any(path.suffix.lower() in (".wav", ".mp3") for path in (folder / "input").glob("*")):
        notes.append("input/: speech is not taken; `avwalk script` and `avwalk listen` make scenes of it")
    for name in ("trigger.txt", "conversation-capture.txt"):
        if (tables / name).is_file():
            notes.append(f"{name} is not taken; `avwalk script FILE` makes scenes of a conversation")
    if config and "override" not in config:
        notes.append("styles and models that EchoAI draws by chance are those of its services; not used")
    return notes


def _number(value: Any) -> float | None:
    return None if isinstance(value, bool) or not isinstance(value, int | float) else value


def _text(file: Path) -> str | None:
    """The text of a file; None where there is none."""
    try:
        with file.open("rb") as stream:
            return stream.read(_MOST_TEXT).decode("utf-8-sig", "replace")
    except OSError:
        return None
