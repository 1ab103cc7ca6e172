"""Draws the pictures of a project: one per prompt and selected seed."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Collection
from typing import TYPE_CHECKING

from avwalk.contracts import Event
from avwalk.errors import ScenesError, did_you_mean
from avwalk.events import progress, warning
from avwalk.files.atomic import make_folder
from avwalk.files.image_meta import METADATA_KEYWORD, image_info, is_large_enough, write
from avwalk.files.infotext import infotext
from avwalk.scenes.draw.choose import artist_of
from avwalk.scenes.draw.studio import Studio
from avwalk.scenes.nodes import Node

if TYPE_CHECKING:
    from avwalk.scenes.project.project import Project


def draw(
    project: Project,
    names: Collection[str] | None = None,
    on_event: Callable[[Event], None] | None = None,
    *,
    artist: Studio | None = None,
    fresh: bool = False,
) -> int:
    """Draws every prompt with each of its seeds, into ``prompt_images/<name>_<seed>.png``.

    Existing complete pictures of sufficient size stay.

    Args:
        project: whose prompts.
        names: a subset of them; None: all.
        on_event: called with ``progress`` after every picture, with ``warning`` about outdated pictures.
        artist: None: the project's.
        fresh: redraw all.

    Returns:
        The number of pictures drawn.

    Raises:
        ScenesError: there is no prompt of a name, or it cannot be drawn.
        OutputError: a picture cannot be written.
    """
    if unknown := [name for name in names or () if name not in project.definitions]:
        raise ScenesError(
            f"no prompt '{unknown[0]}' in '{project.name}'{did_you_mean(unknown[0], project.definitions)}"
        )
    artist = artist or artist_of(project)
    tell = on_event or (lambda event: None)
    for note in artist.notes:
        tell(warning(note))
    nodes = [
        node
        for prompt in project.definitions.values()
        if names is None or prompt.name in names
        for node in prompt.nodes
    ]
    todo, otherwise = [], []
    for node in nodes:
        path = project.prompt_images / node.picture
        info = image_info(path)
        if fresh or info is None or not is_large_enough(info.size, artist.size):
            todo.append(node)
        elif info.fingerprint and info.fingerprint != artist.fingerprint(node, node):
            otherwise.append(node)
    if otherwise:
        several = f"{len(otherwise)} pictures were" if len(otherwise) > 1 else f"'{otherwise[0].picture}' was"
        tell(warning(f"{several} drawn with other words or settings, and stay so; --fresh draws them anew"))
    make_folder(project.prompt_images)
    begun = time.monotonic()
    for done, node in enumerate(todo, start=1):
        picture = next(iter(artist.frames(node, node, [0.0])))
        write(project.prompt_images / node.picture, picture, texts(artist, node))
        tell(progress(done, len(todo), done / max(1e-9, time.monotonic() - begun), "artist"))
    return len(todo)


def texts(artist: Studio, node: Node) -> dict[str, str]:
    """PNG metadata of a node's picture."""
    drawer = artist.drawer(node)
    assert drawer is not None, "pictures put there by hand are not written"
    record = {"generator": artist.generators[node.name], "node": node.id, "drawn": artist.fingerprint(node, node)}
    return {"parameters": infotext(*drawer.metadata(node)), METADATA_KEYWORD: json.dumps(record, ensure_ascii=False)}
