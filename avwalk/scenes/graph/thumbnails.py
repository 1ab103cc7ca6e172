"""Thumbnails, dominant colours, and text limited to the chart font's characters."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from avwalk.arrays.colour import to_8bit
from avwalk.errors import VideoError

Thumbnail = NDArray[Any]
"""(h, w, 3) uint8 sRGB."""


def thumbnail(path: Path, longest: int) -> Thumbnail | None:
    """A picture, (h, w, 3) uint8 sRGB, its longer side at most ``longest`` pixels; None if unreadable."""
    import cv2

    from avwalk.files.image_meta import read

    try:
        picture = read(path)
    except VideoError:
        return None
    height, width = picture.shape[:2]
    shrink = min(1.0, longest / max(height, width))
    size = (max(1, round(width * shrink)), max(1, round(height * shrink)))
    small: Thumbnail = np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), np.float32)
    eight: Thumbnail = to_8bit(small)
    return eight


def dominant(pictures: list[Thumbnail], count: int = 6) -> list[tuple[Thumbnail, float]]:
    """Dominant colours of pictures, (3,) uint8 sRGB, and their shares, descending.

    By k-means in CIE L*a*b*; deterministic.

    Args:
        pictures: (h, w, 3) uint8 sRGB each; all weigh the same.
        count: maximum number; fewer where there are fewer distinct colours.
    """
    import cv2

    if not pictures:
        return []
    cells = [cv2.resize(picture, (48, 48), interpolation=cv2.INTER_AREA) for picture in pictures]
    pixels = np.concatenate([cell.reshape(-1, 3) for cell in cells])[None].astype(np.float32) / 255
    lab = cv2.cvtColor(pixels, cv2.COLOR_RGB2LAB)[0]
    count = min(count, len(np.unique(lab, axis=0)))
    cv2.setRNGSeed(1)
    stop = (cv2.TERM_CRITERIA_EPS + cv2.TERM_CRITERIA_MAX_ITER, 40, 0.1)
    _, labels, middles = cv2.kmeans(lab, count, np.empty(0, np.int32), stop, 3, cv2.KMEANS_PP_CENTERS)
    shares = np.bincount(labels.ravel(), minlength=count) / len(lab)
    colours: Any = to_8bit(cv2.cvtColor(middles[None], cv2.COLOR_LAB2RGB)[0])
    return [(colours[k], float(shares[k])) for k in np.argsort(-shares, kind="stable")]


def shown(text: str, most: int = 80) -> str:
    """Text for the chart's font: unsupported characters as □, truncated to ``most``."""
    from matplotlib.font_manager import FontProperties, findfont, get_font

    known = get_font(findfont(FontProperties())).get_charmap()
    text = "".join(c if ord(c) in known and c.isprintable() else "□" for c in " ".join(text.split()))
    return text if len(text) <= most else text[: most - 1] + "…"
