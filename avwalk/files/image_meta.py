"""Pictures in files: whether one is whole, how large it is, how it was drawn; and how one is written."""

from __future__ import annotations

import json
import struct
import zlib
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from avwalk.arrays.colour import to_8bit
from avwalk.contracts import Frames
from avwalk.errors import VideoError
from avwalk.files.atomic import write_file
from avwalk.files.image import pixels_of
from avwalk.files.png_text import SIGNATURE, read_text, with_text

DRAWN = "avwalk"
"""Keyword of the text that says how a picture was drawn, JSON."""


class Seen(NamedTuple):
    """A whole picture in a file.

    Attributes:
        size: width and height, pixels.
        drawn: fingerprint of all that decided it; empty where avwalk did not draw it.
    """

    size: tuple[int, int]
    drawn: str


def enough(size: tuple[int, int], wanted: tuple[int, int] | None) -> bool:
    """Whether a picture is as large as is wanted: a larger one is never drawn over by a smaller one."""
    return wanted is None or (size[0] >= wanted[0] and size[1] >= wanted[1])


def seen(path: Path) -> Seen | None:
    """What a picture is; None if there is none, or it is cut off or damaged.

    A PNG is looked through chunk by chunk, checksums included, and not decoded; other formats are decoded, and a JPEG
    must have its end: decoders fill what is missing with grey.
    """
    try:
        stat = path.stat()
    except OSError:
        return None
    return _seen(path, stat.st_mtime_ns, stat.st_size)


@lru_cache(maxsize=65536)
def _seen(path: Path, _changed: int, _size: int) -> Seen | None:
    try:
        data = path.read_bytes()
    except OSError:
        return None
    if data.startswith(SIGNATURE):
        size = _png_size(data)
        return Seen(size, str(told(path).get("drawn", ""))) if size else None
    if data.startswith(b"\xff\xd8") and b"\xff\xd9" not in data[-1024:]:
        return None
    picture = pixels_of(data)
    return None if picture is None else Seen((picture.shape[1], picture.shape[0]), "")


def _png_size(data: bytes) -> tuple[int, int] | None:
    """Width and height of a PNG whose chunks are all there and as they were written."""
    at, size, pixels = len(SIGNATURE), None, False
    while at + 12 <= len(data):
        length, kind = struct.unpack(">I4s", data[at : at + 8])
        if at + 12 + length > len(data):
            return None
        body = data[at + 4 : at + 8 + length]
        if zlib.crc32(body) != struct.unpack(">I", data[at + 8 + length : at + 12 + length])[0]:
            return None
        if kind == b"IHDR" and length == 13:
            size = struct.unpack(">II", body[4:12])
        pixels = pixels or kind == b"IDAT"
        if kind == b"IEND":
            return (size[0], size[1]) if size and pixels else None
        at += 12 + length
    return None


def told(path: Path) -> dict[str, Any]:
    """What a picture that avwalk drew says of itself; nothing of others."""
    try:
        found = json.loads(read_text(path).get(DRAWN, "{}"))
    except (ValueError, VideoError):
        return {}
    return found if isinstance(found, dict) else {}


def read(path: Path) -> Frames:
    """A picture, (H, W, 3) float32 sRGB in [0, 1].

    Raises:
        VideoError: it is not there, or cannot be read.
    """
    try:
        picture = pixels_of(path.read_bytes())
    except OSError as error:
        raise VideoError(f"picture '{path}' cannot be opened: {error.strerror or error}") from None
    if picture is None:
        raise VideoError(f"picture '{path}' cannot be read; save it anew, or take it out of the folder")
    return picture.astype(np.float32) / np.float32(255)


def write(path: Path, picture: Frames, texts: Mapping[str, str]) -> None:
    """A PNG of 8 bits, which appears when it is whole.

    Args:
        path: in a folder that is there.
        picture: (H, W, 3) float32 sRGB in [0, 1].
        texts: what it says of itself, keyword → text.

    Raises:
        OutputError: it cannot be written.
    """
    import cv2

    eight = to_8bit(picture)
    done, data = cv2.imencode(".png", eight[..., ::-1])
    assert done, "PNG takes any 8-bit picture"
    write_file(path, with_text(data.tobytes(), texts))
