"""Pictures with transparency over black: a film shows nothing behind its frames."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from avwalk.files.image import Pixels, pixels_of


def over_black(picture: NDArray[Any]) -> Pixels:
    """(h, w, 4) of 8 bits, alpha last, over black: (h, w, 3)."""
    colours, alpha = picture[..., :3].astype(np.uint16), picture[..., 3:].astype(np.uint16)
    return ((colours * alpha + 127) // 255).astype(np.uint8)


def pixels_over_black(data: bytes) -> tuple[Pixels | None, bool]:
    """The pixels of a picture in a file over black, (H, W, 3) R G B, None if they cannot be read; and whether anything
    of it is transparent."""
    found = pixels_of(data)
    alpha = None if found is None else alpha_of(data, found.shape[:2])
    if found is None or alpha is None:
        return found, False
    return np.asarray(found * alpha[..., None] + np.float32(0.5), np.uint8), True


def alpha_of(data: bytes, shape: tuple[int, int]) -> NDArray[np.float32] | None:
    """How opaque a picture is, (h, w) in [0, 1]; None where it is so everywhere, or does not say.

    Args:
        data: the picture's file.
        shape: height and width of its pixels as they were read; a picture that its EXIF data turn is taken as opaque.
    """
    if not _may_be_transparent(data):
        return None
    import cv2

    try:
        whole = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED)
    except cv2.error:
        return None
    if whole is None or whole.ndim != 3 or whole.shape[2] != 4 or whole.shape[:2] != shape:
        return None
    most = {"uint8": 255, "uint16": 65535}.get(str(whole.dtype), 1)
    alpha = np.clip(whole[..., 3] / np.float32(most), 0, 1).astype(np.float32)
    return None if float(alpha.min()) >= 1.0 else alpha


def _may_be_transparent(data: bytes) -> bool:
    """Going by its first bytes; no picture is decoded twice for nothing."""
    if data.startswith(b"\x89PNG"):
        return data[25:26] in (b"\x04", b"\x06") or b"tRNS" in data[:4096]
    return data[:4] in (b"II*\0", b"MM\0*") or (data[:4] == b"RIFF" and data[12:16] in (b"VP8X", b"VP8L"))
