"""Image files: integrity check, size, and the generation metadata in PNG text; reading and writing."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from avwalk.arrays.colour import to_8bit
from avwalk.contracts import Frames
from avwalk.errors import VideoError
from avwalk.files.atomic import Sync, write_file
from avwalk.files.bounded import parse_json
from avwalk.files.image import pixels_of
from avwalk.files.png_text import SIGNATURE, png_size, read_text, with_text
from avwalk.files.transparency import pixels_over_black

METADATA_KEYWORD = "avwalk"
"""PNG keyword of avwalk's generation metadata, JSON."""


class ImageInfo(NamedTuple):
    """Size and origin of a complete image file.

    Attributes:
        size: width and height, pixels.
        fingerprint: of all inputs that determined it; empty where avwalk did not draw it.
    """

    size: tuple[int, int]
    fingerprint: str


def is_large_enough(size: tuple[int, int], required: tuple[int, int] | None) -> bool:
    """Whether a picture is at least as large as required: a larger one is never replaced by a smaller one."""
    return required is None or (size[0] >= required[0] and size[1] >= required[1])


def image_info(path: Path) -> ImageInfo | None:
    """Size and fingerprint of an image file; None if missing, truncated or damaged.

    PNG chunks and checksums are verified without decoding; other formats are decoded, and a JPEG must have its end
    marker: decoders fill missing parts with grey.
    """
    try:
        stat = path.stat()
    except OSError:
        return None
    return _cached_info(path, stat.st_mtime_ns, stat.st_size)


@lru_cache(maxsize=65536)
def _cached_info(path: Path, _changed: int, _size: int) -> ImageInfo | None:
    try:
        data = path.read_bytes()
    except OSError:
        return None
    if data.startswith(SIGNATURE):
        size = png_size(data)
        return ImageInfo(size, str(avwalk_metadata(path).get("drawn", ""))) if size else None
    if data.startswith(b"\xff\xd8") and b"\xff\xd9" not in data[-1024:]:
        return None
    picture = pixels_of(data)
    return None if picture is None else ImageInfo((picture.shape[1], picture.shape[0]), "")


def avwalk_metadata(path: Path) -> dict[str, Any]:
    """The generation metadata of a picture that avwalk drew; empty for others."""
    try:
        found = parse_json(read_text(path).get(METADATA_KEYWORD, "{}"))
    except (ValueError, VideoError):
        return {}
    return found if isinstance(found, dict) else {}


def read(path: Path) -> Frames:
    """A picture, (H, W, 3) float32 sRGB in [0, 1].

    Raises:
        VideoError: it is not there, or cannot be read.
    """
    try:
        picture, _ = pixels_over_black(path.read_bytes())
    except OSError as error:
        raise VideoError(f"picture '{path}' cannot be opened: {error.strerror or error}") from None
    if picture is None:
        raise VideoError(f"picture '{path}' cannot be read; save it anew, or take it out of the folder")
    values = picture.astype(np.float32)
    values /= np.float32(255)  # in place: a large picture takes half of the memory
    return values


def write(path: Path, picture: Frames, texts: Mapping[str, str], sync: Sync = "folder") -> None:
    """Writes an 8-bit PNG atomically.

    Args:
        path: in an existing folder.
        picture: (H, W, 3) float32 sRGB in [0, 1].
        texts: PNG text chunks, keyword → text.
        sync: what waits for the disk.

    Raises:
        OutputError: it cannot be written.
    """
    import cv2

    eight = to_8bit(picture)
    done, data = cv2.imencode(".png", eight[..., ::-1])
    assert done, "PNG takes any 8-bit picture"
    write_file(path, with_text(data.tobytes(), texts), sync=sync)
