"""The pictures of a story: what is missing or changed is painted, what is there stays; one that fails ends nothing."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Container, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, NamedTuple

from avwalk.config.story_options import StoryOptions
from avwalk.errors import OptionError, StoryError
from avwalk.files import image_meta
from avwalk.files.atomic import make_folder, write_file
from avwalk.files.checksums import sha256_of
from avwalk.frames.still_camera import SPARE
from avwalk.painters.cached import CachedPainter
from avwalk.painters.contract import Painting, PaintRequest
from avwalk.painters.pictures import texts
from avwalk.painters.registry import open_painters, prompt_limit
from avwalk.painters.several import Commission, Delivery, paint_all, share_out
from avwalk.painters.times import LEAST_SECONDS, remember_seconds
from avwalk.screenplay.scene import MAX_PROMPT_WORDS, Scene
from avwalk.story.characters import Character, with_appearances
from avwalk.story.folder import PictureRecord, StoryFolder
from avwalk.video.profiles import profile

USERS_PICTURE = "your own picture"
"""Note of a picture that somebody has put in the place of the painted one."""
USUAL_SIZE = (1280, 720)
_STEP = 8  # networks draw in multiples of it
_MAX_WORDS = MAX_PROMPT_WORDS + 25  # with what people look like


class PictureOrder(NamedTuple):
    """A picture of a story that is to be there.

    Attributes:
        number: of the storylet.
        commission: what is painted, and by whom.
        anchor: number of the storylet with whose picture it begins; 0: none.
        key: sha256 of all that it is painted of.
    """

    number: int
    commission: Commission
    anchor: int
    key: str


@dataclass(frozen=True)
class PictureSettings:
    """What all pictures of a story share.

    Attributes:
        painter: name of the painter, or of several.
        size: of the pictures.
        anchor: how far from the first picture of a place the others go; None: they begin anew.
        fresh: ask services anew for what is kept.
    """

    painter: str
    size: tuple[int, int]
    anchor: float | None = None
    fresh: bool = False


def parse_size(text: str, option: str = "--size") -> tuple[int, int]:
    """Width and height out of ``1280x720``.

    Raises:
        OptionError: it is none.
    """
    parts = text.lower().replace("×", "x").split("x")
    if len(parts) != 2 or not all(part.strip().isdigit() and len(part.strip()) < 6 for part in parts):
        raise OptionError(f"{option} '{text[:40]}' is no size; write 1280x720")
    width, height = (int(part) for part in parts)
    if not all(16 <= side <= 8192 and side % 2 == 0 for side in (width, height)):
        raise OptionError(f"{option} {width}x{height} is out of range; each side must be even, 16 to 8192")
    return width, height


def film_size(options: StoryOptions) -> tuple[int, int]:
    """Width and height of a story's film: what is asked for, else its profile's, else `USUAL_SIZE`.

    Raises:
        OptionError: it is none.
    """
    return parse_size(options.size) if options.size else profile(options.profile).size or USUAL_SIZE


def picture_size(film: tuple[int, int]) -> tuple[int, int]:
    """The size of pictures for a film: the camera moves inside of them."""
    width, height = (-(-round(side * SPARE) // _STEP) * _STEP for side in film)
    return width, height


def order_pictures(
    scenes: Sequence[Scene], characters: Sequence[Character], settings: PictureSettings
) -> list[PictureOrder]:
    """All pictures of a story, whether they are there or not.

    Args:
        scenes: storylets with prompts.
        characters: whose looks go into the prompts.
        settings: of all pictures.

    Raises:
        OptionError: the painter's name is wrong.
        PainterError: it cannot run here.
    """
    painters = open_painters(settings.painter, fresh=settings.fresh)
    fits = prompt_limit(settings.painter)
    anchors = anchors_of(scenes) if settings.anchor is not None else [0] * len(scenes)
    requests = [
        PaintRequest(
            with_appearances(scene.prompt, scene.text, characters, _MAX_WORDS, fits),
            scene.negative,
            scene.seed,
            settings.size,
            None,
            0.5 if settings.anchor is None else settings.anchor,
        )
        for scene in scenes
    ]
    work = share_out(painters, requests, "random" if len(painters) > 1 else "")
    return [
        PictureOrder(number, each, anchor, _key(each, anchor))
        for number, (each, anchor) in enumerate(zip(work, anchors, strict=True), 1)
    ]


def anchors_of(scenes: Sequence[Scene]) -> list[int]:
    """For each storylet the number of the first that plays at the same place; 0 for that one itself, or no place."""
    first: dict[str, int] = {}
    found = []
    for number, scene in enumerate(scenes, 1):
        place = scene.place.lower()
        begin = first.setdefault(place, number) if place else number
        found.append(0 if begin == number else begin)
    return found


def _key(commission: Commission, anchor: int) -> str:
    painter, request = commission
    told = [dict(painter.identity), request.prompt, request.negative, request.seed, list(request.size)]
    told += [[anchor, request.strength]] if anchor else []
    return hashlib.sha256(json.dumps(told, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


class Stock(NamedTuple):
    """What is there of a story's pictures.

    Attributes:
        records: number → what is known.
        missing: orders that must be painted.
    """

    records: dict[int, PictureRecord]
    missing: list[PictureOrder]


def take_stock(folder: StoryFolder, orders: Sequence[PictureOrder], records: Mapping[int, PictureRecord]) -> Stock:
    """Which pictures need not be painted: those that are as they were ordered, under whatever number, and those that
    somebody has put there himself. Pictures whose storylet has another number now get the name of that number.

    Args:
        folder: of the story.
        orders: all pictures.
        records: what is known of those that are there.

    Raises:
        OutputError: a file cannot be written.
    """
    digests = {number: _digest(folder.picture(number)) for number in records}
    by_key = {record.key: number for number, record in records.items() if _is_whole(record, digests[number])}
    moved = {
        order.number: folder.picture(by_key[order.key]).read_bytes()
        for order in orders
        if order.key in by_key and by_key[order.key] != order.number
    }
    found, missing = dict[int, PictureRecord](), list[PictureOrder]()
    for order in orders:
        path, record = folder.picture(order.number), records.get(order.number, PictureRecord())
        if order.number in moved:
            write_file(path, moved[order.number])
            found[order.number] = records[by_key[order.key]]
        elif record.key == order.key and _is_whole(record, digests[order.number]):
            found[order.number] = record
        elif (digest := _digest(path)) and digest != record.sha256 and (record.sha256 or not _is_ours(path)):
            found[order.number] = _own(path, order, digest)
        else:
            missing.append(order)
            found[order.number] = record
    return Stock(found, missing)


def take_away(folder: StoryFolder, numbers: Container[int], records: Mapping[int, PictureRecord]) -> None:
    """Takes away the pictures that avwalk painted for storylets that are gone.

    Args:
        folder: of the story.
        numbers: of the storylets that there are.
        records: what is known of all pictures.
    """
    for number, record in records.items():
        if number not in numbers and record.sha256 and _digest(folder.picture(number)) == record.sha256:
            folder.picture(number).unlink(missing_ok=True)


def _is_whole(record: PictureRecord, digest: str) -> bool:
    return bool(record.key) and not record.error and digest == record.sha256


def _own(path: Path, order: PictureOrder, digest: str) -> PictureRecord:
    if image_meta.image_info(path) is None:
        raise StoryError(f"'{path}' is no picture that can be read; save it anew, or take it away")
    return PictureRecord(order.key, digest, {}, (USERS_PICTURE,))


def _is_ours(path: Path) -> bool:
    """Whether avwalk has painted a picture of which nothing is stored any more."""
    return bool(image_meta.avwalk_metadata(path))


def _digest(path: Path) -> str:
    try:
        return sha256_of(path)
    except OSError:
        return ""


def paint_missing(
    folder: StoryFolder,
    stock: Stock,
    on_picture: Callable[[PictureOrder, PictureRecord], None] | None = None,
) -> dict[int, PictureRecord]:
    """Paints what is missing.

    Args:
        folder: of the story.
        stock: what is there.
        on_picture: called after each picture, whether it was painted or failed.

    Returns:
        Number → what is known of each picture now.

    Raises:
        OutputError: a file cannot be written.
    """
    records = dict(stock.records)
    make_folder(folder.pictures)
    waves = [[o for o in stock.missing if not o.anchor], [o for o in stock.missing if o.anchor]]
    for wave in waves:  # a picture that begins with another waits for that
        orders = [_with_anchor(folder, order) for order in wave]
        for order, delivery in zip(orders, paint_all([each.commission for each in orders]), strict=True):
            records[order.number] = _kept(folder, order, delivery, records.get(order.number, PictureRecord()))
            if on_picture:
                on_picture(order, records[order.number])
    return records


def _with_anchor(folder: StoryFolder, order: PictureOrder) -> PictureOrder:
    path = folder.picture(order.anchor)
    if not order.anchor or not path.is_file():
        return order
    request = replace(order.commission.request, init_image=image_meta.read(path))
    return order._replace(commission=order.commission._replace(request=request))


def _kept(folder: StoryFolder, order: PictureOrder, delivery: Delivery, before: PictureRecord) -> PictureRecord:
    """Writes a picture that came, or why it did not."""
    if delivery.painting is None:
        return replace(before, error=delivery.error)
    painter = order.commission.painter
    if not (isinstance(painter, CachedPainter) and delivery.seconds < LEAST_SECONDS):
        remember_seconds(painter, delivery.seconds)
    return write_picture(folder, order, delivery.painting, delivery.seconds)


def write_picture(folder: StoryFolder, order: PictureOrder, painting: Painting, seconds: float) -> PictureRecord:
    """Writes a picture, which says how it was made.

    Raises:
        OutputError: it cannot be written.
    """
    path = folder.picture(order.number)
    make_folder(folder.pictures)
    image_meta.write(path, painting.picture, texts(order.commission, painting))
    used: dict[str, Any] = {name: value for name, value in painting.used.items() if name != "notes"}
    used = {"Painter": order.commission.painter.kind, "Prompt": order.commission.request.prompt, **used}
    notes = tuple(str(note) for note in painting.used.get("notes", ()))
    return PictureRecord(
        order.key, sha256_of(path), json.loads(json.dumps(used, default=str)), notes, "", round(seconds, 3)
    )
