"""Conversion between sRGB and linear light by lookup tables, and small helpers of effects."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from avwalk.contracts import Frames

Picture = NDArray[np.float32]

BT709 = (0.2126, 0.7152, 0.0722)
"""Shares of red, green and blue in luminance (of linear light) and luma (of sRGB). Kernels carry them themselves."""
LUMA = np.array(BT709, np.float32)

_ENCODED = np.linspace(0.0, 1.0, 4097)
_DECODED = np.where(_ENCODED <= 0.04045, _ENCODED / 12.92, ((_ENCODED + 0.055) / 1.055) ** 2.4)
_ROOTS = np.linspace(0.0, 1.0, 4097)  # square roots of light: finer steps in the dark
_LIGHT = _ROOTS**2
_CURVE = np.where(_LIGHT <= 0.0031308, _LIGHT * 12.92, 1.055 * np.maximum(_LIGHT, 1e-9) ** (1 / 2.4) - 0.055)
_DECODE_TABLE = _DECODED.astype(np.float32)
_ENCODE_TABLE = _CURVE.astype(np.float32)


def to_8bit(picture: NDArray[np.floating]) -> NDArray[np.uint8]:
    """Values in [0, 1], any shape, to the nearest of 0 to 255; what lies outside is clipped, what is no number is 0."""
    return np.asarray(np.clip(np.nan_to_num(picture), 0, 1) * 255 + 0.5, np.uint8)


def to_linear(picture: Picture) -> Picture:
    """Display-referred sRGB in [0, 1] to linear light, any shape, from a table of 4097 entries."""
    at = (np.clip(picture, 0.0, 1.0) * np.float32(4096) + np.float32(0.5)).astype(np.int32)
    return _DECODE_TABLE[at]


def to_srgb(light: Picture) -> Picture:
    """Linear light, clipped to [0, 1], to sRGB, from a table that is even in √light and is interpolated."""
    at = np.sqrt(np.clip(light, 0.0, 1.0)) * np.float32(4096)
    low = np.minimum(at.astype(np.int32), 4095)
    left = _ENCODE_TABLE[low]
    picture: Picture = left + (_ENCODE_TABLE[low + 1] - left) * (at - low)
    return picture


def rows(frames: Frames) -> tuple[Frames, NDArray[np.float32]]:
    """The frames (n, H, W, 3), contiguous, and the same memory as (n, H, W·3), for kernels."""
    whole = np.ascontiguousarray(frames, np.float32)
    n, height, width, _ = whole.shape
    return whole, whole.reshape(n, height, width * 3)


def curve_at(params: object, name: str, k: int, default: float) -> float:
    """Value of a target at row k of a drive's params; ``default`` when it is absent or not finite."""
    curve = params.get(name) if hasattr(params, "get") else None
    value = default if curve is None else float(curve[k])
    return value if np.isfinite(value) else default
