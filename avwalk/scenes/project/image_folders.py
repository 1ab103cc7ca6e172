"""Image folders of a project: imported scene pictures, and prompt pictures under non-standard file names."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from avwalk.errors import OptionError, did_you_mean
from avwalk.files.image import PICTURES
from avwalk.scenes.nodes import Node
from avwalk.scenes.project.csv_rows import Findings
from avwalk.scenes.project.names import node_name

OTHERS = (".gif", ".heic", ".heif", ".avif", ".svg", ".psd", ".jxl")
MAX_KEY = 40
"""Bytes of a picture's key: see `avwalk.scenes.project.names.MAX_NAME`."""
CUT = 4
"""Digits of a seed in names of AI-Art."""


@dataclass(frozen=True)
class Folders:
    """Pictures at non-standard locations.

    Attributes:
        scenes: folder in ``scenes/`` → its pictures, in the order of their names; empty folders are omitted.
        pictures: where a picture is, if that is not ``prompt_images/<name>_<seed>.png``.
    """

    scenes: Mapping[str, tuple[Node, ...]] = field(default_factory=dict)
    pictures: Mapping[Node, Path] = field(default_factory=dict)


def read_folders(media: Path, names: Collection[str], findings: Findings) -> Folders:
    """Scans ``scenes/`` and ``prompt_images/``.

    Args:
        media: of the project; may be missing.
        names: of its prompts: ``<name>_<seed>.png`` in a scene's folder is a picture of that prompt.
        findings: receives notes on omitted files.
    """
    scenes: dict[str, tuple[Node, ...]] = {}
    pictures: dict[Node, Path] = {}
    for folder in sorted(path for path in _listed(media / "scenes") if path.is_dir()):
        nodes = _scene(folder, names, findings)
        try:
            scene = node_name(folder.name, "folder") if nodes else ""
        except OptionError as error:
            findings.note(folder, None, f"left out: {error}")
            continue
        if scene:
            scenes[scene] = tuple(nodes)
            pictures = {**nodes, **pictures}
    return Folders(scenes, pictures | _spelled(media / "prompt_images", names))


def find_node(text: str, among: Collection[Node], pictures: Mapping[Node, Path], scene: str | None = None) -> Node:
    """Finds the picture that a text names.

    Args:
        text: ``name-seed``, ``name_seed``, a picture's file name with or without its ending; in a scene the seed
            alone. A seed may be cut to its first four digits, as in AI-Art, where that is unambiguous.
        among: candidate pictures.
        pictures: their non-standard locations.
        scene: the scene to search.

    Raises:
        OptionError: there is none, or several.
    """
    word = text.strip()
    stem = re.sub(rf"({'|'.join(map(re.escape, PICTURES))})$", "", word, flags=re.I)
    try:
        read = Node.read(f"{scene}_{stem}" if scene is not None and stem.isdecimal() else stem)
    except ValueError:
        read = Node("", stem)
    if read in among:
        return read
    named = [n for n in among if stem in (n.id, f"{n.name}_{n.key}") or (n in pictures and pictures[n].stem == stem)]
    cut = [n for n in among if n.name == read.name and n.seed is not None and n.key[:CUT] == read.key]
    fits = named or (cut if len(read.key) == CUT else [])
    if len(fits) == 1:
        return fits[0]
    if fits:
        raise OptionError(f"'{text}' may be {' or '.join(n.id for n in fits)}; write the whole seed")
    spelled = [f"{n.name}_{n.key}" for n in among]
    there = f"; there are {', '.join(spelled[:6])}{', …' if len(spelled) > 6 else ''}" if spelled else ""
    of = f" in scene '{scene}'" if scene is not None else ""
    raise OptionError(f"no picture '{text}'{of}{did_you_mean(stem, spelled)}{there}")


def node_of(file: Path, scene: str, names: Collection[str]) -> Node:
    """The node of a file in a scene's folder: of a prompt if named so, else an imported picture."""
    name, _, seed = file.stem.rpartition("_")
    if name in names and re.fullmatch(r"[0-9]+", seed):
        return Node(name, str(int(seed)))
    key = re.sub(r"[^\w.]+", "_", file.stem)
    if len(key.encode()) > MAX_KEY:
        head = key.encode()[: MAX_KEY - 9].decode("utf-8", "ignore")
        key = f"{head}_{hashlib.sha256(file.stem.encode('utf-8', 'surrogateescape')).hexdigest()[:8]}"
    return Node(scene, f"p{key}" if key.isdecimal() else key)


def _scene(folder: Path, names: Collection[str], findings: Findings) -> dict[Node, Path]:
    """The pictures of one folder."""
    nodes: dict[Node, Path] = {}
    for file in sorted(_listed(folder)):
        if file.suffix.lower() in OTHERS:
            findings.note(file, None, "left out: save it as PNG or JPEG")
        elif file.suffix.lower() in PICTURES and file.is_file() and not file.name.startswith("."):
            node = node_of(file, folder.name, names)
            if node in nodes:
                findings.note(file, None, f"left out: it is called like '{nodes[node].name}'; rename one")
            nodes.setdefault(node, file)
    return nodes


def _spelled(folder: Path, names: Collection[str]) -> dict[Node, Path]:
    """Pictures of prompts whose seeds are written with leading zeros, or that are no PNGs."""
    spelled = {}
    for file in _listed(folder):
        name, _, seed = file.stem.rpartition("_")
        if name in names and re.fullmatch(r"[0-9]+", seed) and file.suffix.lower() in PICTURES:
            node = Node(name, str(int(seed)))
            if node.picture != file.name:
                spelled[node] = file
    return spelled


def _listed(folder: Path) -> list[Path]:
    return list(folder.iterdir()) if folder.is_dir() else []
