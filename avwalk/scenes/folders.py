"""What lies in a project's folders of pictures: scenes filled by hand, pictures with names of their own."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from avwalk.scenes.nodes import Node
from avwalk.scenes.tables import Findings

PICTURES = (".png", ".jpg", ".jpeg", ".webp", ".bmp", ".tif", ".tiff")


@dataclass(frozen=True)
class Folders:
    """Pictures that are where they were put, not where they would be made.

    Attributes:
        scenes: folder in ``scenes/`` → its pictures, in the order of their names; folders without any are left out.
        pictures: where a picture is, if that is not ``prompt_images/<name>_<seed>.png``.
    """

    scenes: Mapping[str, tuple[Node, ...]] = field(default_factory=dict)
    pictures: Mapping[Node, Path] = field(default_factory=dict)


def read_folders(media: Path, names: Collection[str], found: Findings) -> Folders:
    """Looks through ``scenes/`` and ``prompt_images/``.

    Args:
        media: of the project.
        names: of its prompts: ``<name>_<seed>.png`` in a scene's folder is a picture of that prompt.
        found: takes what cannot be used.
    """
    scenes: dict[str, tuple[Node, ...]] = {}
    pictures: dict[Node, Path] = {}
    for folder in sorted(path for path in (media / "scenes").glob("*") if path.is_dir()):
        nodes: dict[Node, Path] = {}
        for file in sorted(path for path in folder.iterdir() if path.suffix.lower() in PICTURES):
            nodes.setdefault(node_of(file, folder.name, names), file)
        if nodes:
            scenes[folder.name] = tuple(nodes)
            pictures |= nodes
    return Folders(scenes, pictures)


def node_of(file: Path, scene: str, names: Collection[str]) -> Node:
    """The picture that a file in a scene's folder is: of a prompt if it is called so, else one put there by hand."""
    name, _, seed = file.stem.rpartition("_")
    if name in names and seed.isdecimal():
        return Node(name, str(int(seed)))
    key = re.sub(r"[-\s]+", "_", file.stem)
    return Node(scene, str(int(key)) if key.isdecimal() else key)
