"""``codex.toml``: the settings of a codex, read and written."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import Field, ValidationError

from avwalk.codex.record import MAX_CATEGORIES
from avwalk.config.codex_options import CodexOptions
from avwalk.config.lock import SCENE
from avwalk.config.problems import option_error, problem
from avwalk.errors import CodexError, OptionError, clipped, did_you_mean
from avwalk.files.atomic import write_file
from avwalk.files.bounded import parse_toml
from avwalk.presets import toml_value

VERSION = 1
FORMATS = {"landscape": (1360, 768), "portrait": (768, 1024), "square": (1024, 1024)}
"""Name → width and height, pixels."""
MAX_BYTES = 4 << 20
MAX_OVERRIDES = 1000
MIN_SIDE, MAX_SIDE = 16, 8192
_ABOUT = {
    "cycles": "each scene so often",
    "variations": "pictures of each prompt, 1 to 4",
    "inclusion": "share of the pictures that have a value of a category; [rates] for single ones",
    "format": "landscape, portrait, square or WxH",
    "deliver": "WxH of a second, scaled copy; empty: none",
    "universe": "before each scene",
    "style": "behind each prompt",
    "override": f"a prompt with {SCENE} in place of attributes; or a name from [overrides]",
    "several": "of several painters: random or all",
}


class CodexSettings(CodexOptions):
    """What ``codex.toml`` holds.

    Attributes:
        version: of the format.
        rates: category → its own inclusion rate, 0 to 1.
        overrides: name → a prompt with ``<SCENE>``.
    """

    version: int = Field(VERSION, ge=1, le=VERSION)
    rates: dict[str, float] = Field(default_factory=dict, max_length=MAX_CATEGORIES)
    overrides: dict[str, str] = Field(default_factory=dict, max_length=MAX_OVERRIDES)

    @property
    def template(self) -> str:
        """The override itself, if there is one: its text, not its name."""
        return self.overrides.get(self.override, self.override)

    @property
    def size(self) -> tuple[int, int]:
        """Width and height of what is drawn, pixels."""
        return FORMATS.get(self.format) or parse_format(self.format, "format")

    @property
    def delivery(self) -> tuple[int, int] | None:
        """Width and height of the scaled copies, pixels; None: there are none."""
        return parse_format(self.deliver, "deliver") if self.deliver else None


def parse_format(text: str, option: str) -> tuple[int, int]:
    """Width and height of ``"1360x768"``.

    Raises:
        OptionError: it is neither a size nor the name of a format.
    """
    parts = text.lower().replace("×", "x").split("x")
    if len(parts) != 2 or not all(part.strip().isdecimal() and len(part) < 8 for part in parts):
        named = f", or one of {', '.join(FORMATS)}" if option == "format" else ""
        near = did_you_mean(text, FORMATS) if option == "format" else ""
        raise OptionError(f"--{option} '{clipped(text, 40)}' is no size{near}; write WIDTHxHEIGHT{named}")
    width, height = (int(part) for part in parts)
    if not (MIN_SIDE <= width <= MAX_SIDE and MIN_SIDE <= height <= MAX_SIDE):
        raise OptionError(f"--{option} {width}x{height} is out of range; each side must be {MIN_SIDE} to {MAX_SIDE}")
    return width, height


def settings_of(values: Mapping[str, Any]) -> CodexSettings:
    """Settings as given, checked.

    Raises:
        OptionError: values out of range, all at once.
    """
    try:
        found = CodexSettings(**values)
    except ValidationError as error:
        raise option_error(error, CodexSettings.model_fields) from None
    _ = found.size, found.delivery
    for name, rate in found.rates.items():
        if not 0 <= rate <= 1:
            raise OptionError(f"rates: '{clipped(name)}' = {rate:g} is out of range; give 0 to 1")
    if found.override and SCENE not in found.template:
        named = f"; [overrides] has {', '.join(found.overrides)}" if found.overrides else ""
        raise OptionError(
            f"--override '{clipped(found.override, 40)}' has no {SCENE}; write it where the scene belongs{named}"
        )
    return found


def read_settings(file: Path) -> CodexSettings:
    """The settings of a codex.

    Raises:
        CodexError: the file is not there, cannot be read, or is wrong; a line for each problem.
    """
    try:
        with file.open("rb") as stream:
            data = stream.read(MAX_BYTES + 1)
    except OSError as error:
        make = f"`avwalk codex new {file.parent}` makes one"
        raise CodexError(
            f"'{file.parent}' is no codex: {file.name} cannot be read ({error.strerror}); {make}"
        ) from None
    if len(data) > MAX_BYTES:
        raise CodexError(f"'{file}' is larger than {MAX_BYTES >> 20} MiB; those are no settings")
    try:
        tree = parse_toml(data.decode("utf-8-sig"))
    except ValueError as error:
        raise CodexError(f"'{file}' cannot be read: {clipped(error, 120)}; correct it") from None
    try:
        CodexSettings(**tree)
        return settings_of(tree)
    except ValidationError as error:
        lines = []
        for each in error.errors():
            key = ".".join(str(part) for part in each["loc"])
            if each["type"] == "extra_forbidden":
                near = did_you_mean(key, CodexSettings.model_fields)
                lines.append(f"{file.name}: unknown key '{clipped(key)}'{near}")
            else:
                lines.append(f"{file.name}: {problem(each, key, f'{key} =')}")
        raise CodexError("\n".join(lines)) from None
    except OptionError as error:
        raise CodexError(f"{file.name}: {str(error).removeprefix('--')}") from None
    except TypeError:  # a key that is no name
        raise CodexError(f"'{file}' cannot be read: its keys are no names; correct it") from None


def settings_toml(settings: CodexSettings) -> str:
    """Settings as a file that reads to the same settings, with remarks for whoever changes them."""
    values = settings.model_dump()
    tables = {name: values.pop(name) for name in ("rates", "overrides")}
    lines = ["# avwalk codex run DIR", f"version = {values.pop('version')}"]
    for name, value in values.items():
        about = f"  # {_ABOUT[name]}" if name in _ABOUT else ""
        lines.append(f"{name} = {_value(value)}{about}")
    for name, table in tables.items():
        if table:
            lines += ["", f"[{name}]", *(f"{_value(key)} = {_value(value)}" for key, value in table.items())]
    return "\n".join(lines) + "\n"


def write_settings(file: Path, settings: CodexSettings) -> None:
    """Writes ``codex.toml``.

    Raises:
        OutputError: it cannot be written.
    """
    write_file(file, settings_toml(settings))


def _value(value: Any) -> str:
    return toml_value(value).replace("\x7f", "\\u007f")  # TOML allows it in no string, JSON in any
