"""Small pictures of a codex, `thumbnails/`: what its page shows, and what is shared instead of the pictures."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import numpy as np

from avwalk.codex.folder import CodexFolder
from avwalk.codex.lock import painter_kind
from avwalk.codex.record import read_record, record_texts
from avwalk.errors import CodexError, OutputError, VideoError
from avwalk.files import image_meta
from avwalk.files.atomic import make_folder

SIDE = 384
"""Pixels of the longer side."""


def thumbnail(picture: Path, folder: Path) -> Path | None:
    """The small picture of a picture, with its record; made if it is not there, or older. None: it cannot be made.

    Args:
        picture: PNG with a record.
        folder: of the codex.

    Raises:
        OutputError: it cannot be written.
    """
    place = CodexFolder(folder).thumbnails / f"{picture.stem}.png"
    try:
        if place.stat().st_mtime_ns >= picture.stat().st_mtime_ns:
            return place
    except OSError:
        pass
    try:
        record, pixels = read_record(picture), image_meta.read(picture)
    except (CodexError, VideoError):
        return None
    import cv2

    height, width = pixels.shape[:2]
    scale = min(1.0, SIDE / max(height, width))
    small = (max(1, round(width * scale)), max(1, round(height * scale)))
    make_folder(place.parent)
    shared = replace(record, painter=painter_kind(record.painter))  # it may go to others
    pixels = np.asarray(cv2.resize(pixels, small, interpolation=cv2.INTER_AREA), np.float32)
    image_meta.write(place, pixels, record_texts(shared), sync="no")
    return place


def make_thumbnails(pictures: Iterable[Path], folder: Path) -> list[str]:
    """Makes the small pictures that are missing, and says the names of those that cannot be made.

    Raises:
        OutputError: one cannot be written.
    """
    return [picture.name for picture in pictures if thumbnail(picture, folder) is None]


def thumbnails_of(folder: Path) -> list[Path]:
    """The small pictures that are there, by name."""
    place = CodexFolder(folder).thumbnails
    try:
        return sorted(each for each in place.iterdir() if each.suffix == ".png" and each.is_file())
    except FileNotFoundError:
        return []
    except OSError as error:
        raise OutputError(f"'{place}' cannot be read: {error.strerror}") from None
