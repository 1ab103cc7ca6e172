"""Pictures in the small, their dominant colours, and words that a chart can show."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from avwalk.arrays.colour import to_8bit
from avwalk.errors import VideoError

Small = NDArray[Any]
"""(h, w, 3) uint8 sRGB."""


def thumbnail(path: Path, longest: int) -> Small | None:
    """A picture, (h, w, 3) uint8 sRGB, its longer side at most ``longest`` pixels; None if there is none to read."""
    import cv2

    from avwalk.files.image_meta import read

    try:
        picture = read(path)
    except VideoError:
        return None
    height, width = picture.shape[:2]
    shrink = min(1.0, longest / max(height, width))
    size = (max(1, round(width * shrink)), max(1, round(height * shrink)))
    small: Small = np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), np.float32)
    eight: Small = to_8bit(small)
    return eight


def dominant(pictures: list[Small], count: int = 6) -> list[tuple[Small, float]]:
    """The colours that most of some pictures is near to, (3,) uint8 sRGB, and their share, the largest first.

    Found by k-means in CIE L*a*b*, where distance is what is seen; the same for the same pictures.

    Args:
        pictures: (h, w, 3) uint8 sRGB each; all weigh the same.
        count: at most so many; fewer where there are not so many different ones.
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
    """Words that the chart's font can show without a warning: other letters as □; cut where they are too long."""
    from matplotlib.font_manager import FontProperties, findfont, get_font

    known = get_font(findfont(FontProperties())).get_charmap()
    text = "".join(c if ord(c) in known and c.isprintable() else "□" for c in " ".join(text.split()))
    return text if len(text) <= most else text[: most - 1] + "…"
