"""Structural similarity of two pictures (Wang, Bovik, Sheikh, Simoncelli 2004)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from avwalk.contracts import Frames

_SIGMA, _SIZE = 1.5, 11
_C1, _C2 = 0.01**2, 0.03**2
_LUMA = np.array([0.299, 0.587, 0.114], np.float32)  # ITU-R BT.601, as in the paper's programs


def ssim(a: Frames, b: Frames) -> float:
    """SSIM of the luma of two pictures: Gaussian window of 11×11, σ 1.5, K₁ 0.01, K₂ 0.03, mean of all whole windows.

    Args:
        a: (H, W, 3) in [0, 1].
        b: the same; if it is larger or smaller, the larger one is made as small as the other first.

    Returns:
        At most 1, for pictures that are the same.
    """
    import cv2

    x, y = _grey(a), _grey(b)
    if x.shape != y.shape:
        size = (min(x.shape[1], y.shape[1]), min(x.shape[0], y.shape[0]))
        x, y = (np.asarray(cv2.resize(each, size, None, 0, 0, cv2.INTER_AREA), np.float64) for each in (x, y))

    def blurred(values: NDArray[np.float64]) -> NDArray[np.float64]:
        edge = min(_SIZE // 2, (min(values.shape) - 1) // 2)
        whole = cv2.GaussianBlur(values, (_SIZE, _SIZE), _SIGMA)
        return np.asarray(whole[edge : values.shape[0] - edge, edge : values.shape[1] - edge], np.float64)

    mx, my = blurred(x), blurred(y)
    vx, vy, cov = blurred(x * x) - mx * mx, blurred(y * y) - my * my, blurred(x * y) - mx * my
    values = (2 * mx * my + _C1) * (2 * cov + _C2) / ((mx * mx + my * my + _C1) * (vx + vy + _C2))
    return float(values.mean())


def _grey(picture: Frames) -> NDArray[np.float64]:
    return np.asarray(picture @ _LUMA, np.float64)
