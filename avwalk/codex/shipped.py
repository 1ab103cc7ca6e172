"""The codices that come with avwalk: a folder each, with two small tables and settings."""

from __future__ import annotations

from pathlib import Path

from avwalk.codex.settings_file import CodexSettings, read_settings
from avwalk.errors import CodexError, clipped, did_you_mean

PLACE = Path(__file__).parent / "shipped"


def shipped_names() -> list[str]:
    """Their names."""
    return sorted(path.parent.name for path in PLACE.glob("*/codex.toml"))


def shipped_folder(name: str) -> Path:
    """The folder of one.

    Raises:
        CodexError: there is none of that name.
    """
    names = shipped_names()
    if name not in names:
        raise CodexError(f"codex '{clipped(name)}' is unknown{did_you_mean(name, names)}; there are {', '.join(names)}")
    return PLACE / name


def about_shipped(name: str) -> str:
    """What is in it, in a line: the first of its settings."""
    return (shipped_folder(name) / "codex.toml").read_text(encoding="utf-8").partition("\n")[0].lstrip("# ")


def shipped_settings(name: str) -> CodexSettings:
    """Its settings.

    Raises:
        CodexError: there is none of that name.
    """
    return read_settings(shipped_folder(name) / "codex.toml")
