"""Files that a preset names: its palette's picture, its curves, weights; and those that a stranger may not name."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from avwalk.config.preset import CustomPalette, Preset
from avwalk.errors import OptionError, PresetError, clipped
from avwalk.files.names import as_there, is_bare, is_regular
from avwalk.generators.palette_from_image import palette_of

MAX_IMAGE_BYTES = 64 << 20
FILES = ("palette.image", "upscale.model", "sd.file", "restyle.control_images", "text.font")
"""Keys whose values are names of files or folders."""
WEIGHTS = ("biggan.model", "sd.model", "sd.vae", "restyle.model", "restyle.vae", "restyle.control_model")
"""Keys whose values are names of weights, or the hub's ``owner/name``, or files and folders."""
LISTS = ("sd.loras", "restyle.loras")
"""Keys whose values are lists of such."""


def foreign_paths(tree: Mapping[str, Any], where: Mapping[str, str]) -> list[str]:
    """What is wrong with the files that values from a film name: a line for each that is no bare name.

    Args:
        tree: nested values, not checked.
        where: dotted key → where it was said; what ``--set`` says may name any file.
    """
    return [
        f"{key} = '{clipped(name)}' is a path of another machine, and is not opened; give the file yourself: "
        f"--set {key}=FILE"
        for key, name in _named(tree)
        if not (where.get(key, "").startswith("--set") or where.get(key.partition(".")[0], "").startswith("--set"))
        and not is_bare(name)
    ]


def _named(tree: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """(key, file) of all that are named."""
    for key in (*FILES, *WEIGHTS, *LISTS):
        section, _, name = key.partition(".")
        table = tree.get(section)
        value = table.get(name) if isinstance(table, Mapping) else None
        for each in value if isinstance(value, list | tuple) else (value,):
            if isinstance(each, str) and each:
                yield key, each.rpartition("@")[0] or each if key in LISTS else each


def coloured(preset: Preset, where: Mapping[str, str], folders: Sequence[Path]) -> Preset:
    """Replaces ``palette.image`` by the palette extracted from it, which overrides all other palettes.

    Args:
        preset: checked.
        where: dotted key → where it was said; of an override, ``--set KEY``.
        folders: in which the picture is looked for.

    Raises:
        OptionError: it is not there, or cannot be read.
        OSError: likewise.
    """
    palette = preset.palette
    if palette.image:
        asked = where.get("palette.image", "").startswith("--set")
        name = Path(palette.image)
        if not asked and _leaves(palette.image):
            raise OptionError("it must be in the preset's folder; give its name alone, or --set palette.image=PATH")
        places = [Path() / name] if asked else [folder / name for folder in folders]
        file = next((place for place in map(as_there, places) if is_regular(place)), None)
        if file is None:
            raise OptionError("there is no such file" + ("" if asked else " beside the preset or in this folder"))
        if file.stat().st_size > MAX_IMAGE_BYTES:
            raise OptionError(f"it is larger than {MAX_IMAGE_BYTES >> 20} MiB; give a smaller picture")
        data = file.read_bytes()
        own = CustomPalette(**asdict(palette_of(data)), sha256=hashlib.sha256(data).hexdigest())
        palette = palette.model_copy(update={"image": "", "own": own})
    if palette.own is None:
        return preset
    return preset.model_copy(
        update={"palette": palette, "structure": preset.structure.model_copy(update={"palettes": ()})}
    )


def curve_file(name: str, folders: Sequence[Path]) -> Path:
    """The file of a curve; names cannot leave their folder, so that a foreign preset reads nothing else.

    Raises:
        PresetError: it does, or there is none.
    """
    if _leaves(name):
        raise PresetError(f"curve '{name}' must be in the preset's folder or the current one: give its name alone")
    found = next((path for folder in folders if is_regular(path := as_there(folder / name))), None)
    if found is None:
        raise PresetError(f"curve file '{name}' does not exist, neither beside the preset nor in the current folder")
    return found


def _leaves(name: str) -> bool:
    """Whether a name can lead out of its folder."""
    return Path(name).is_absolute() or ".." in Path(name).parts or "\\" in name or ":" in name or "\0" in name
