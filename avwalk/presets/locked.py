"""Presets with a locked style: made, and used by whoever writes prompts."""

from __future__ import annotations

import re
from pathlib import Path

from avwalk.config.lock import SCENE, Lock
from avwalk.config.preset import CustomPalette
from avwalk.errors import PresetError, clipped
from avwalk.presets import load, toml_value, write_preset
from avwalk.presets.prompt_to_preset import choose_preset

USUAL = "lsd"
"""What a locked style extends where its words name no preset that leaves pictures as they were painted."""
REDRAW = {"posterise", "halftone", "mosaic", "overprint", "engrave", "scanlines"}
"""Effects that draw a picture anew: one that was painted as an engraving would be engraved twice."""


def locked_style(name: str, style: str = "", negative: str = "") -> tuple[str, str]:
    """Style, with ``<SCENE>`` where the scene goes, and negative of prompts.

    Args:
        name: of a preset, or its file; empty: none.
        style: that was given beside it; it goes behind the preset's.
        negative: likewise.

    Raises:
        PresetError: there is no such preset, or it has no locked style.
    """
    if not name:
        return style, negative
    lock = load(name).values.lock
    if not lock.prompt:
        raise PresetError(
            f"preset '{clipped(name)}' has no locked style; `avwalk codex lock` writes one, and "
            "`avwalk presets new NAME --codex LOCK` makes a preset of it"
        )
    return ", ".join(filter(None, (lock.template, style))), ", ".join(filter(None, (lock.negative, negative)))


def create_locked(
    name: str, lock: Lock, palette: CustomPalette | None = None, base: str = "", *, force: bool = False
) -> Path:
    """Creates a user preset of a locked style: its prompt for scenes, and its colours for the worlds of a song.

    Args:
        name: of the new preset.
        lock: the style.
        palette: of the picture that it was found in; None: one that its words name.
        base: the preset that it extends; empty: the one that its words name, unless its effects draw pictures anew.
        force: replace one that is there.

    Raises:
        PresetError: nothing is locked, the name is not fit for a file, the base is unknown, or the preset is there.
    """
    if not lock.prompt:
        raise PresetError(f"the lock has no prompt; write one with {SCENE} where the scene goes")
    words = lock.template.replace(SCENE, " ")
    choice = choose_preset("", re.sub(r"\boils?\b", " ", words))  # of a painting; there is a preset of the fluid
    base = base or (USUAL if set(load(choice.preset).values.effects) & REDRAW else choice.preset)
    load(base)
    parts = (re.sub(r"\s(of|in|with|showing)$", "", part.strip()) for part in words.split(","))
    style = ", ".join(part for part in parts if part)
    colours = f"name = {toml_value(choice.palette)}" if choice.palette else ""
    if palette is not None:
        colours = f"own = {toml_value(palette.model_dump(mode='json', exclude_defaults=True))}"
    tables = {
        "lock": _rows(lock.model_dump(mode="json", exclude_defaults=True)),
        "palette": colours,
        "restyle": _rows({"prompt": style, "negative_prompt": lock.negative}),
        "sd": _rows({"negative_prompt": lock.negative}),
    }
    text = (
        f"# A locked style. avwalk render song.wav --preset {name} --words song.lrc\n"
        f"version = 1\ntitle = {toml_value(name)}\nextends = {toml_value(base)}\n"
    )
    text += "".join(f"\n[{table}]\n{rows}\n" for table, rows in tables.items() if rows)
    return write_preset(name, text, force=force)


def _rows(values: dict[str, str]) -> str:
    return "\n".join(f"{key} = {toml_value(value)}" for key, value in values.items() if value)
