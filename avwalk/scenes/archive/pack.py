"""A project in one file, for a rented machine and back: texts and missing work there, pictures and frames here.

The archive is a zip: ``meta/…`` and ``media/…`` are the project's two folders, `LIST` says what each file must be.
"""

from __future__ import annotations

import hashlib
import json
import tempfile
import time
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from avwalk.contracts import Event
from avwalk.errors import OutputError
from avwalk.events import progress
from avwalk.files.atomic import make_folder, whole_file
from avwalk.files.image import PICTURES
from avwalk.files.image_meta import seen
from avwalk.scenes.draw.transitions import complete, folders
from avwalk.scenes.graph.path_csv import PLANNED, Hop, read_path, write_planned
from avwalk.scenes.graph.path_store import plan_of
from avwalk.scenes.nodes import Edge, Node
from avwalk.scenes.project.names import legal
from avwalk.scenes.project.project import Project

LIST = "avwalk-scenes.json"
FORMAT = 1
TEXTS = (".csv", ".json", ".txt", ".md", ".gexf")
BLOCK = 1 << 20
_THEN = (1980, 1, 1, 0, 0, 0)  # equal contents make equal archives, whenever they were packed


@dataclass(frozen=True)
class Work:
    """What is still to be drawn.

    Attributes:
        pictures: of prompts, that are not there or not whole.
        hops: of the planned path whose transitions are not there or not whole, each once.
        planned: there is a plan.
    """

    pictures: tuple[Node, ...]
    hops: tuple[Hop, ...]
    planned: bool


@dataclass(frozen=True)
class Packed:
    """An archive that was written.

    Attributes:
        path: the file.
        files: in it, without its list.
        size: of them, bytes.
        work: what is missing.
        left_out: files with names that are not legal everywhere, and pictures that are not whole.
    """

    path: Path
    files: int
    size: int
    work: Work
    left_out: tuple[Path, ...]


def missing_work(project: Project) -> Work:
    """What is still to be drawn of a project.

    Raises:
        ScenesError: the planned path cannot be read.
    """
    nodes = [node for prompt in project.definitions.values() for node in prompt.nodes]
    pictures = [node for node in nodes if seen(project.picture(node)) is None]
    plan = plan_of(project)
    there, hops = folders(project), dict[Edge, Hop]()
    for hop in read_path(plan) if plan else ():
        folder = there.get(hop.edge) or there.get(hop.edge.back)
        if hop.folder and not (folder and complete(folder, project.profile.steps_between)):
            hops.setdefault(hop.edge.sorted, hop)
    return Work(tuple(pictures), tuple(hops.values()), plan is not None)


def pack(
    project: Project,
    out: Path,
    *,
    frames: bool = False,
    force: bool = False,
    on_event: Callable[[Event], None] | None = None,
) -> Packed:
    """Writes a project into one archive, whole or not at all.

    Texts, masks, pictures put there by hand and pictures of prompts are always in it. So is the planned path, cut down
    to what is missing: another machine draws that and no more.

    Args:
        project: to pack.
        out: the archive.
        frames: the frames of transitions instead of the planned path: for the way back.
        force: replace a file that is there.
        on_event: called with ``progress`` after every file.

    Raises:
        ScenesError: the planned path cannot be read.
        OutputError: the archive is there already, or cannot be written.
    """
    if out.exists() and not force:
        raise OutputError(f"'{out}' is there already; --force replaces it, --out chooses another name")
    work, left_out, listed = missing_work(project), list[Path](), dict[str, dict[str, Any]]()
    found = dict(_found(project, frames, left_out))
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
            "missing": _told(work),
        }
        _add(archive, LIST, json.dumps(told, ensure_ascii=False, indent=1).encode())
    size = sum(one["bytes"] for one in listed.values())
    return Packed(out, len(listed), size, work, tuple(left_out))


def entry_problem(name: str) -> str | None:
    """Why a name in an archive is refused; None if it is fine: a file of a project, that stays in its folders."""
    parts = name.split("/")
    if len(parts) < 2 or parts[0] not in ("meta", "media"):
        return "is in neither meta/ nor media/"
    for part in parts[1:]:
        if not legal(part) or part.startswith(".") or len(part.encode("utf-8", "replace")) > 255:
            return "leaves its folder, or is no legal name everywhere"
    if not parts[-1].lower().endswith((*TEXTS, *PICTURES)):
        return "is neither a table, nor a text, nor a picture"
    return None


def _add(archive: zipfile.ZipFile, name: str, data: bytes) -> dict[str, Any]:
    """Writes one file; gives its row of the list. Pictures are compressed already."""
    info = zipfile.ZipInfo(name, _THEN)
    info.external_attr = 0o644 << 16
    info.compress_type = zipfile.ZIP_DEFLATED if name.lower().endswith(TEXTS) else zipfile.ZIP_STORED
    archive.writestr(info, data)
    return {"sha256": hashlib.sha256(data).hexdigest(), "bytes": len(data)}


def _found(project: Project, frames: bool, left_out: list[Path]) -> Iterator[tuple[str, Path]]:
    """The files to pack under their names in the archive."""
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
            if entry_problem(name) or (drawn and file.suffix.lower() in PICTURES and seen(file) is None):
                left_out.append(file)
            else:
                yield name, file


def _cut_plan(work: Work) -> bytes:
    """The planned path with only the hops whose transitions are missing."""
    with tempfile.TemporaryDirectory() as folder:
        return write_planned(Path(folder), work.hops).read_bytes()


def _told(work: Work) -> dict[str, list[str]]:
    return {"pictures": [node.id for node in work.pictures], "transitions": [hop.drawn.folder for hop in work.hops]}
