"""Decoded pictures as a film shows them: their colours, square pixels, the right way up, nothing behind them."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np
from numpy.typing import NDArray

from avwalk.files.transparency import over_black, pixels_over_black

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
        made = tones.apply(np.asarray(frame.to_ndarray(format="rgb48le", src_colorspace=space), np.uint16))
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


def read_picture(path: Path) -> tuple[Picture | None, bool]:
    """A picture of a file over black, (h, w, 3) R G B, and whether anything of it is transparent; None: unreadable."""
    try:
        data = path.read_bytes()
    except OSError:
        return None, False
    return pixels_over_black(data)
