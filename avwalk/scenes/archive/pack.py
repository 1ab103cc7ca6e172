"""Packs a project into one zip archive, to render its missing parts on another machine, or to bring frames back.

The archive is a zip: ``meta/…`` and ``media/…`` are the project's two folders, `LIST` is the manifest with sizes and
checksums.
"""

from __future__ import annotations

import hashlib
import json
import tempfile
import time
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from avwalk.contracts import Event
from avwalk.errors import OutputError
from avwalk.events import progress
from avwalk.files.atomic import make_folder, whole_file
from avwalk.files.image import PICTURES
from avwalk.files.image_meta import image_info
from avwalk.scenes.draw.transitions import complete, folders
from avwalk.scenes.graph.graph import existing_transitions
from avwalk.scenes.graph.path_csv import PLANNED, Hop, read_path, write_planned
from avwalk.scenes.graph.path_store import plan_of
from avwalk.scenes.nodes import Edge, Node
from avwalk.scenes.project.names import legal
from avwalk.scenes.project.project import Project

LIST = "avwalk-scenes.json"
FORMAT = 1
TEXTS = (".csv", ".json", ".txt", ".md", ".gexf")
BLOCK = 1 << 20
MAX_DEPTH = 16
"""Folders in each other, the file included."""
_THEN = (1980, 1, 1, 0, 0, 0)  # fixed time stamp: equal contents give equal archives


@dataclass(frozen=True)
class Work:
    """The missing parts of a project.

    Attributes:
        pictures: missing or damaged pictures of prompts.
        hops: of the planned path with incomplete transitions, each once.
        planned: there is a planned path.
        whole_with: names of other settings → how many of the hops are whole with them.
    """

    pictures: tuple[Node, ...]
    hops: tuple[Hop, ...]
    planned: bool
    whole_with: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Packed:
    """A written archive.

    Attributes:
        path: the file.
        files: number of files, without the manifest.
        size: of them, bytes.
        work: the missing parts.
        left_out: files with non-portable names, and damaged pictures.
    """

    path: Path
    files: int
    size: int
    work: Work
    left_out: tuple[Path, ...]


def missing_work(project: Project) -> Work:
    """The missing parts of a project.

    Raises:
        ScenesError: the planned path cannot be read.
    """
    nodes = [node for prompt in project.definitions.values() for node in prompt.nodes]
    pictures = [node for node in nodes if image_info(project.picture(node)) is None]
    plan = plan_of(project)
    there, hops = folders(project), dict[Edge, Hop]()
    for hop in read_path(plan) if plan else ():
        folder = there.get(hop.edge) or there.get(hop.edge.back)
        if hop.folder and not (folder and complete(folder, project.profile.steps_between)):
            hops.setdefault(hop.edge.sorted, hop)
    others = Counter(way.whole_with for way in existing_transitions(project) if way.edge.sorted in hops)
    return Work(tuple(pictures), tuple(hops.values()), plan is not None, {k: n for k, n in others.items() if k})


def pack(
    project: Project,
    out: Path,
    *,
    frames: bool = False,
    force: bool = False,
    on_event: Callable[[Event], None] | None = None,
) -> Packed:
    """Writes a project into one archive, atomically.

    It always contains texts, masks, imported pictures and pictures of prompts, and the planned path reduced to its
    incomplete transitions: another machine draws only those.

    Args:
        project: to pack.
        out: the archive.
        frames: include frames of transitions instead of the planned path, to return results.
        force: replace an existing file.
        on_event: called with ``progress`` after every file.

    Raises:
        ScenesError: the planned path cannot be read.
        OutputError: the archive exists, or cannot be written.
    """
    if out.exists() and not force:
        raise OutputError(f"'{out}' is there already; --force replaces it, --out chooses another name")
    work, left_out, listed = missing_work(project), list[Path](), dict[str, dict[str, Any]]()
    found = dict(_files_to_pack(project, frames, left_out))
    tell, begun = on_event or (lambda event: None), time.monotonic()
    make_folder(out.parent)
    with whole_file(out) as part, zipfile.ZipFile(part, "w") as archive:
        for done, (name, file) in enumerate(found.items(), 1):
            listed[name] = _add(archive, name, file.read_bytes())
            tell(progress(done, len(found), done / max(1e-9, time.monotonic() - begun), "disk"))
        if work.hops and not frames:
            name = f"media/{project.story_dir.relative_to(project.media).as_posix()}/{PLANNED[0]}"
            listed[name] = _add(archive, name, _cut_plan(work))
        told = {
            "format": FORMAT,
            "project": project.name,
            "sequence": project.sequence_name,
            "planned": work.planned,
            "files": listed,
            "missing": _work_as_json(work),
        }
        _add(archive, LIST, json.dumps(told, ensure_ascii=False, indent=1).encode())
    size = sum(one["bytes"] for one in listed.values())
    return Packed(out, len(listed), size, work, tuple(left_out))


def entry_problem(name: str) -> str | None:
    """Why an archive entry is refused; None for a valid file inside the project's folders."""
    parts = name.split("/")
    if len(parts) > MAX_DEPTH:
        return "lies in too many folders"
    if len(parts) < 2 or parts[0] not in ("meta", "media"):
        return "is in neither meta/ nor media/"
    for part in parts[1:]:
        if not legal(part) or part.startswith(".") or len(part.encode("utf-8", "replace")) > 255:
            return "leaves its folder, or is no legal name everywhere"
    if not parts[-1].lower().endswith((*TEXTS, *PICTURES)):
        return "is neither a table, nor a text, nor a picture"
    return None


def _add(archive: zipfile.ZipFile, name: str, data: bytes) -> dict[str, Any]:
    """Adds one file; returns its manifest row. Pictures are stored uncompressed."""
    info = zipfile.ZipInfo(name, _THEN)
    info.external_attr = 0o644 << 16
    info.compress_type = zipfile.ZIP_DEFLATED if name.lower().endswith(TEXTS) else zipfile.ZIP_STORED
    archive.writestr(info, data)
    return {"sha256": hashlib.sha256(data).hexdigest(), "bytes": len(data)}


def _files_to_pack(project: Project, frames: bool, left_out: list[Path]) -> Iterator[tuple[str, Path]]:
    """(archive name, file) of the files to pack."""
    folders = [("meta", project.meta), ("media/scenes", project.scenes_dir)]
    folders += [("media/prompt_images", project.prompt_images)]
    if frames:
        folders += [("media/transition_images", project.transition_images)]
    for prefix, folder in folders:
        for file in sorted(path for path in folder.rglob("*") if path.is_file()):
            inner = file.relative_to(folder)
            if any(part.startswith(".") for part in inner.parts) or file.suffix.lower() not in (*TEXTS, *PICTURES):
                continue
            name = f"{prefix}/{inner.as_posix()}"
            drawn = prefix in ("media/prompt_images", "media/transition_images")
            if entry_problem(name) or (drawn and file.suffix.lower() in PICTURES and image_info(file) is None):
                left_out.append(file)
            else:
                yield name, file


def _cut_plan(work: Work) -> bytes:
    """The planned path with only the hops whose transitions are missing."""
    with tempfile.TemporaryDirectory() as folder:
        return write_planned(Path(folder), work.hops).read_bytes()


def _work_as_json(work: Work) -> dict[str, list[str]]:
    return {
        "pictures": [node.id for node in work.pictures],
        "transitions": [hop.stored_edge.folder for hop in work.hops],
    }
