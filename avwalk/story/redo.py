"""One picture of a story made anew, or changed where a mask says; no other is touched."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from avwalk.contracts import Event, Frames
from avwalk.errors import StoryError
from avwalk.events import warnings_as_events
from avwalk.files import image_meta
from avwalk.files.atomic import whole_file
from avwalk.painters.contract import Inpainter
from avwalk.screenplay.scene import MAX_SEED
from avwalk.story.build import Draft, drafted, finished
from avwalk.story.folder import PictureRecord, StoryFolder
from avwalk.story.pictures import PictureOrder, write_picture
from avwalk.story.rows import change_cells

Report = Callable[[Event], None]
_SOFT = 0.004  # of the longer side: how soft the edge of a mask is where old and new meet


def redo(
    folder: StoryFolder,
    number: int,
    *,
    seed: int | None = None,
    prompt: str = "",
    on_event: Report | None = None,
) -> dict[str, Any]:
    """Paints one picture anew: by another seed or prompt, which go into the table; of the film only what shows it is
    drawn again.

    Args:
        folder: of the story.
        number: of the storylet.
        seed: of the picture; None, and no prompt: the next one.
        prompt: what is to be seen; empty: as it was.
        on_event: called with events, see `avwalk.story.build.tell_story`.

    Returns:
        The ``done`` event.

    Raises:
        StoryError: there is no such storylet, or the picture fails; then the one that was there stays.
    """
    if seed is not None and not 0 <= seed <= MAX_SEED:
        raise StoryError(f"--seed {seed} is out of range; give 0 to {MAX_SEED}")
    report = on_event or (lambda event: None)
    folder.load()  # before the lock, which would make a folder
    with warnings_as_events(report), folder.locked():
        draft = _draft(folder, report)
        order = order_of(draft, number)
        changes = {"prompt": " ".join(prompt.split())} if prompt.strip() else {}
        if seed is None and not changes:
            seed = (draft.scenes[number - 1].seed + 1) % (MAX_SEED + 1)
        changes |= {} if seed is None else {"seed": str(seed)}
        before = folder.table.read_bytes()
        change_cells(folder.table, {number: changes})
        draft = _draft(folder, report)
        if order_of(draft, number).key == order.key:
            draft = _forgetting(draft, number)  # the same once more, as for a service that paints otherwise each time
        done = finished(folder, draft, report, only=number)
        if number in done["failed"]:
            with whole_file(folder.table) as part:
                part.write_bytes(before)
            reason = folder.load().pictures[number].error
            raise StoryError(f"picture {number} could not be painted: {reason}; the one before stays")
    return done


def edit(
    folder: StoryFolder,
    number: int,
    mask: Path,
    prompt: str,
    *,
    seed: int | None = None,
    strength: float = 0.75,
    on_event: Report | None = None,
) -> dict[str, Any]:
    """Changes a picture where a mask is white, by a painter that can; outside of it every pixel stays.

    Args:
        folder: of the story.
        number: of the storylet.
        mask: a picture, white where it is to change.
        prompt: what is to be seen there.
        seed: of the change; None: of the picture.
        strength: how far from what is there, 0 to 1.
        on_event: called with events.

    Returns:
        The ``done`` event.

    Raises:
        StoryError: there is no such storylet or picture, the mask is wrong, or the painter cannot.
        PainterError: it fails; the picture stays as it was.
    """
    if not prompt.strip():
        raise StoryError("the prompt is empty; say what is to be seen where the mask is white")
    report = on_event or (lambda event: None)
    folder.load()
    with warnings_as_events(report), folder.locked():
        draft = _draft(folder, report)
        order = order_of(draft, number)
        path, record = folder.picture(number), draft.state.pictures.get(number, PictureRecord())
        if not record.sha256:
            raise StoryError(f"picture {number} is not there; `avwalk story {folder.path}` paints it")
        painter = order.commission.painter
        inside = getattr(painter, "painter", painter)  # of one whose answers are kept
        if not isinstance(inside, Inpainter):
            raise StoryError(
                f"the painter '{painter.kind}' cannot change a part of a picture; "
                "give one that inpaints: --painter a1111@URL"
            )
        picture = image_meta.read(path)
        where = read_mask(mask, (picture.shape[1], picture.shape[0]))
        request = order.commission.request
        used_seed = request.seed if seed is None else seed
        painting = inside.inpaint(prompt, request.negative, used_seed, picture, where, strength)
        mixed = picture + soft_mask(where)[..., None] * (painting.picture - picture)
        told = replace(painting, picture=np.asarray(np.clip(mixed, 0, 1), np.float32))
        written = write_picture(folder, order, told, record.seconds)
        edited = (*record.edited, f"{mask.name}: {prompt} (seed {used_seed})")
        pictures = {**draft.state.pictures, number: replace(written, edited=edited, used=record.used)}
        draft = replace(draft, state=replace(draft.state, pictures=pictures))
        folder.save(draft.state)
        return finished(folder, draft, report, only=0)


def read_mask(path: Path, size: tuple[int, int]) -> Frames:
    """A mask of a picture's size, (H, W) float32: 1 where it is to change.

    Raises:
        StoryError: it is not there, is no picture, of another shape, or nowhere white.
    """
    if not path.is_file():
        raise StoryError(f"--mask '{path}' is not there, or no file")
    mask = image_meta.read(path).mean(axis=2)
    width, height = size
    if abs(mask.shape[1] * height - mask.shape[0] * width) > max(width, height):
        raise StoryError(
            f"--mask '{path.name}' is {mask.shape[1]}x{mask.shape[0]}, the picture {width}x{height}; "
            "it must have the same shape"
        )
    if mask.shape != (height, width):
        mask = cv2.resize(mask, size, interpolation=cv2.INTER_AREA)
    if mask.max() < 0.5:
        raise StoryError(f"--mask '{path.name}' is nowhere white; paint white what is to change")
    return np.asarray(mask > 0.5, np.float32)


def soft_mask(mask: Frames) -> Frames:
    """A mask whose edge is soft inwards: outside of it stays 0."""
    width = max(1.0, _SOFT * max(mask.shape))
    reach = cv2.distanceTransform((mask > 0.5).astype(np.uint8), cv2.DIST_L2, 3)
    return np.asarray(np.clip(reach / (2 * width), 0, 1), np.float32)


def order_of(draft: Draft, number: int) -> PictureOrder:
    """The picture of a storylet.

    Raises:
        StoryError: there is no such storylet.
    """
    if not 1 <= number <= len(draft.orders):
        raise StoryError(f"there is no storylet {number}; the story has 1 to {len(draft.orders)}")
    return draft.orders[number - 1]


def _draft(folder: StoryFolder, report: Report) -> Draft:
    state = folder.load()
    return drafted(folder, None, state.story, state.options, report)


def _forgetting(draft: Draft, number: int) -> Draft:
    record = draft.state.pictures.get(number, PictureRecord())
    pictures = {**draft.state.pictures, number: replace(record, key="")}
    return replace(draft, state=replace(draft.state, pictures=pictures))
