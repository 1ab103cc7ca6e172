"""Decoded pictures as a film shows them: their colours, square pixels, the right way up, nothing behind them."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np
from numpy.typing import NDArray

from avwalk.files.image import pixels_of

if TYPE_CHECKING:
    from av.video.frame import VideoFrame

    from avwalk.frames.hdr import ToneMap

Picture = NDArray[np.uint8]
HD = 720  # rows from which on colours that a file says nothing about are BT.709


def has_alpha(frame: VideoFrame) -> bool:
    """Whether a decoded picture says how transparent it is."""
    return any(component.is_alpha for component in frame.format.components)


def upright(frame: VideoFrame, pixel: Fraction, tones: ToneMap | None) -> Picture:
    """A decoded picture as it is shown.

    Args:
        frame: of a video.
        pixel: width of its pixels over their height.
        tones: of high dynamic range; None: it has none.
    """
    said = frame.colorspace if frame.colorspace not in (0, 2, 3) else None
    space: Any = said or ("ITU709" if frame.height >= HD else "ITU601")
    if tones is not None:
        made = tones.apply(frame.to_ndarray(format="rgb48le", src_colorspace=space))
    elif has_alpha(frame):
        made = over_black(frame.to_ndarray(format="rgba", src_colorspace=space))
    else:
        made = np.asarray(frame.to_ndarray(format="rgb24", src_colorspace=space), np.uint8)
    if pixel != 1:
        wide = max(1, round(frame.width * pixel)), frame.height
        made = np.asarray(
            cv2.resize(made, wide, interpolation=cv2.INTER_CUBIC if pixel > 1 else cv2.INTER_AREA), np.uint8
        )
    return np.ascontiguousarray(np.rot90(made, round(frame.rotation / 90)), np.uint8)


def over_black(picture: NDArray[Any]) -> Picture:
    """(h, w, 4) R G B A of 8 bits over black: what is transparent is not seen."""
    colours, alpha = picture[..., :3].astype(np.uint16), picture[..., 3:].astype(np.uint16)
    return ((colours * alpha + 127) // 255).astype(np.uint8)


def read_picture(path: Path) -> tuple[Picture | None, bool]:
    """A picture of a file over black, (h, w, 3) R G B, and whether anything of it is transparent; None: unreadable."""
    try:
        data = path.read_bytes()
    except OSError:
        return None, False
    found = pixels_of(data)
    if found is None or not _may_be_transparent(data):
        return found, False
    whole = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED)
    if whole is None or whole.ndim != 3 or whole.shape[2] != 4:
        return found, False
    alpha = whole[..., 3] / np.float32(np.iinfo(whole.dtype).max if whole.dtype.kind == "u" else 1)
    if alpha.shape != found.shape[:2] or float(alpha.min()) >= 1.0:  # turned by its EXIF data, or opaque
        return found, False
    return np.asarray(found * np.clip(alpha, 0, 1)[..., None] + np.float32(0.5), np.uint8), True


def _may_be_transparent(data: bytes) -> bool:
    """Going by its first bytes; no picture is decoded twice for nothing."""
    if data.startswith(b"\x89PNG"):
        return data[25:26] in (b"\x04", b"\x06") or b"tRNS" in data[:4096]
    return data[:4] in (b"II*\0", b"MM\0*") or (data[:4] == b"RIFF" and data[12:16] in (b"VP8X", b"VP8L"))
