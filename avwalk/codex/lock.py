"""A locked style, `lock.toml`: the prompt around every scene, found in a picture or written by hand."""

from __future__ import annotations

import tomllib
from dataclasses import asdict
from pathlib import Path
from typing import Any, Literal

from pydantic import Field, ValidationError, field_validator

from avwalk.codex.record import read_record
from avwalk.config.lock import SCENE, Lock
from avwalk.config.preset import CustomPalette
from avwalk.config.problems import problem
from avwalk.errors import CodexError, VideoError, clipped
from avwalk.files.atomic import write_file
from avwalk.files.bounded import parse_toml
from avwalk.files.infotext import parsed
from avwalk.files.names import is_bare
from avwalk.files.png_text import read_text
from avwalk.generators.palette_from_image import palette_of
from avwalk.presets import toml_value

FILE = "lock.toml"
"""Its name in the folder of a codex."""
MAX_BYTES = 64 << 10
MAX_PICTURE_BYTES = 64 << 20
_HEAD = "# A locked style; `avwalk presets new NAME --codex FILE` makes a preset of it.\n"


class CodexLock(Lock):
    """A locked style, and where it was found."""

    version: Literal[1] = Field(1, description="of the format")
    codex: str = Field("", max_length=200, description="name of the codex that the picture is of")
    scene: str = Field("", max_length=2000, description="what was seen in that picture")
    picture: str = Field("", max_length=255, description="name of its file")
    palette: CustomPalette | None = Field(None, description="its colours, for the worlds of a song")

    @property
    def alone(self) -> Lock:
        """The style without where it was found."""
        return Lock(**{name: getattr(self, name) for name in Lock.model_fields})

    @field_validator("picture")
    @classmethod
    def _bare(cls, value: str) -> str:
        if value and not is_bare(value):
            raise ValueError("it names a folder; give the picture's name alone")
        return value


def lock_file(place: Path) -> Path:
    """The file of a lock: itself, or that in the folder of a codex."""
    return place / FILE if place.is_dir() else place


def lock_of_picture(path: Path, scene: str = "") -> CodexLock:
    """The style of a picture, out of what it says of itself; its colours with it.

    Args:
        path: a PNG of a codex, of `avwalk paint`, of AUTOMATIC1111 or of what writes as it does.
        scene: the part of its prompt that is the scene; empty: as its record says.

    Raises:
        CodexError: it cannot be read, says no prompt, or the scene is not in it.
    """
    try:
        data = path.read_bytes() if path.stat().st_size <= MAX_PICTURE_BYTES else b""
        texts = read_text(path)
    except OSError as error:
        raise CodexError(f"picture '{path}' cannot be opened: {error.strerror}; give a PNG") from None
    except VideoError as error:
        raise CodexError(f"{error}; styles are read from PNGs") from None
    try:
        record = read_record(path)
    except CodexError:
        told = parsed(texts.get("parameters", ""))
        found = {"prompt": told.get("Prompt", ""), "negative": told.get("Negative prompt", "")}
        found |= {"painter": told.get("Painter", ""), "scene": scene}
    else:
        found = {"prompt": record.prompt, "negative": record.negative, "style": record.style, "codex": record.codex}
        found |= {"painter": record.painter, "scene": scene or record.scene}
    if not found["prompt"]:
        raise CodexError(f"picture '{path}' does not say its prompt; write the style by hand: --prompt 'oil, {SCENE}'")
    found["prompt"] = around(found["prompt"], found["scene"], path)
    style = found.get("style", "")
    if style and found["prompt"].endswith(f", {style}"):
        found["prompt"] = found["prompt"].removesuffix(f", {style}")
    else:
        found.pop("style", None)  # it is in the prompt, somewhere
    found["painter"] = painter_kind(found["painter"])
    return _checked(found | {"picture": path.name if is_bare(path.name) else ""}, str(path), _palette(data))


def around(prompt: str, scene: str, path: Path) -> str:
    """A prompt with ``<SCENE>`` in the place of its scene.

    Raises:
        CodexError: the scene is not in it, or not known.
    """
    line, part = " ".join(prompt.split()), " ".join(scene.split()).strip(" ,.")
    at = line.lower().find(part.lower()) if part else -1
    if at < 0:
        told = f"'{clipped(part, 40)}' is not in" if part else "it is not known what the scene is in"
        raise CodexError(f"{told} the prompt of '{path}': say with --scene which part of it is: '{clipped(line, 200)}'")
    return line[:at] + SCENE + line[at + len(part) :]


def painter_kind(address: str) -> str:
    """What a lock says of a painter: its kind and the name of its model; where it is belongs to nobody else."""
    kind, _, rest = address.strip().partition("@")
    kind, model = kind.partition("?")[0], rest.partition("?")[0]
    for name in (f"{kind}@{model}" if model else kind, kind):
        try:
            return Lock(painter=name).painter
        except ValidationError:
            continue
    return ""


def _palette(data: bytes) -> CustomPalette | None:
    from avwalk.errors import OptionError

    try:
        return CustomPalette(**asdict(palette_of(data)))
    except OptionError:
        return None


def lock_by_hand(values: dict[str, str]) -> CodexLock:
    """A lock of given words.

    Raises:
        CodexError: they are none; a line for each problem.
    """
    return _checked(values, "the lock")


def changed(lock: CodexLock, values: dict[str, str]) -> CodexLock:
    """A lock with other words.

    Raises:
        CodexError: they are none; a line for each problem.
    """
    return _checked(lock.model_dump(mode="json", exclude_defaults=True) | values, "the lock")


def read_lock(place: Path) -> CodexLock:
    """A lock of a file, or of the folder of a codex.

    Raises:
        CodexError: there is none, or it is wrong; a line for each problem.
    """
    path = lock_file(place)
    try:
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except FileNotFoundError:
        raise CodexError(f"'{path}' is not there; `avwalk codex lock {place} --from PICTURE` writes it") from None
    except OSError as error:
        raise CodexError(f"'{path}' cannot be read: {error.strerror}") from None
    return lock_of(data, str(path))


def lock_of(data: bytes, name: str) -> CodexLock:
    """A lock from the bytes of its file.

    Args:
        data: of the file.
        name: of it, for messages.

    Raises:
        CodexError: it is wrong; a line for each problem.
    """
    if len(data) > MAX_BYTES:
        raise CodexError(f"'{name}' is larger than {MAX_BYTES >> 10} KiB; that is no lock")
    try:
        tree = parse_toml(data.decode("utf-8-sig"))
    except tomllib.TOMLDecodeError as error:
        raise CodexError(f"'{name}' is not valid TOML: {error}") from None
    except ValueError as error:
        raise CodexError(f"'{name}' is no lock: {error}") from None
    return _checked(tree, name)


def lock_toml(lock: CodexLock) -> str:
    """The file of a lock."""
    values: dict[str, Any] = {"version": 1, **lock.model_dump(mode="json", exclude_defaults=True)}
    palette = values.pop("palette", None)
    rows = "".join(f"{key} = {toml_value(value)}\n" for key, value in values.items())
    table = "".join(f"{key} = {toml_value(value)}\n" for key, value in (palette or {}).items())
    return _HEAD + rows + (f"\n[palette]\n{table}" if table else "")


def write_lock(place: Path, lock: CodexLock, *, force: bool = False) -> Path:
    """Writes a lock into a file, or into the folder of a codex.

    Raises:
        CodexError: one is there already.
        OutputError: it cannot be written.
    """
    path = lock_file(place)
    if path.exists() and not force:
        raise CodexError(f"'{path}' is there already; --force replaces it, --out writes another")
    write_file(path, lock_toml(lock), parents=True)
    return path


def _checked(values: dict[str, Any], name: str, palette: CustomPalette | None = None) -> CodexLock:
    try:
        lock = CodexLock.model_validate(values)
    except ValidationError as error:
        told = [problem(e, key := ".".join(map(str, e["loc"])), f"{key} =") for e in error.errors()[:20]]
        raise CodexError("\n".join(f"{name}: {line}" for line in told)) from None
    if not lock.prompt:
        raise CodexError(f"{name} has no prompt; write one with {SCENE} where the scene goes: 'oil on canvas, {SCENE}'")
    return lock if palette is None else lock.model_copy(update={"palette": palette})
