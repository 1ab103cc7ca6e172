"""Numba kernels that convert float pictures to 8 bits (YUV 4:2:0 or BGR) with seeded dither.

The dither is triangular, ± 1 level, from an integer hash of (seed, frame index, pixel): it makes the error of
rounding independent of the picture, so slow dark gradients show no bands, and the same film has the same bits
(Lipshitz, Wannamaker, Vanderkooy, "Quantization and Dither", JAES 40, 1992).
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit, types, uint32
from numpy.typing import NDArray

from avwalk.arrays.compile import compiled
from avwalk.contracts import Frames

# ITU-R BT.709: luma weights; chroma scales 2(1 - Kb), 2(1 - Kr); limited range 16..235 and 16..240
_KR, _KG, _KB = 0.2126, 0.7152, 0.0722
Y = tuple(np.float32(219 * k) for k in (_KR, _KG, _KB))
U = tuple(np.float32(224 / (2 * (1 - _KB)) * k) for k in (-_KR, -_KG, 1 - _KB))
V = tuple(np.float32(224 / (2 * (1 - _KR)) * k) for k in (1 - _KR, -_KG, -_KB))
"""What red, green and blue give to luma and to the two chromas, in levels of the film."""
_YR, _YG, _YB = Y
# chroma is filtered over two rows × [1 2 1]: eight parts
_UR, _UG, _UB = (np.float32(k / 8) for k in U)
_VR, _VG, _VB = (np.float32(k / 8) for k in V)
_HALF = np.float32(0.5)
_ONE = np.float32(1.0)
_ZERO = np.float32(0.0)
_16BIT = np.float32(1 / 65536)
_8BIT = np.float32(1 / 256)
_FAST = {"contract", "nsz", "arcp", "reassoc"}  # not nnan: a NaN must become 0, not anything

_PICTURE = types.Array(types.float32, 3, "C", readonly=True)
_PLANE = types.Array(types.uint8, 2, "C")


@njit("uint32(uint32, uint32)", inline="always")
def hashed(row: Any, x: Any) -> Any:
    """32 well-mixed bits of a row's key and a column ("lowbias32" of Chris Wellons, one round and a half)."""
    h = uint32(row ^ uint32(x * uint32(0x9E3779B1)))
    h = uint32(h ^ uint32(h >> uint32(16)))
    h = uint32(h * uint32(0x7FEB352D))
    h = uint32(h ^ uint32(h >> uint32(15)))
    h = uint32(h * uint32(0x846CA68B))
    return uint32(h ^ uint32(h >> uint32(16)))


@njit("float32(float32)", inline="always")
def _clip(v: Any) -> Any:
    return min(max(v, _ZERO), _ONE)


@njit(nogil=True, fastmath=_FAST, boundscheck=False)
def _part(line: Any, red: Any, green: Any, blue: Any) -> None:
    """One row of a picture, clipped, into its three colours."""
    for x in range(red.shape[0]):
        red[x], green[x], blue[x] = _clip(line[x, 0]), _clip(line[x, 1]), _clip(line[x, 2])


@njit(nogil=True, fastmath=_FAST, boundscheck=False)
def _light(red: Any, green: Any, blue: Any, luma: Any, u_row: Any, v_row: Any, row: Any) -> None:
    """One row's luma, and its share in the chroma. Contiguous rows and 32-bit integers alone make it vector code."""
    for x in range(red.shape[0]):
        r, g, b = red[x], green[x], blue[x]
        h = hashed(row, uint32(x))
        drawn = np.int32(np.int32(h & uint32(0xFFFF)) + np.int32(h >> uint32(16)) - np.int32(65535))
        level = _YR * r + _YG * g + _YB * b + np.float32(16.5) + np.float32(drawn) * _16BIT
        luma[x] = np.uint8(np.int32(level))
        u_row[x] += _UR * r + _UG * g + _UB * b
        v_row[x] += _VR * r + _VG * g + _VB * b


@compiled(
    types.void(_PICTURE, _PLANE, _PLANE, _PLANE, types.uint32),
    nogil=True,
    fastmath=_FAST,
    boundscheck=False,
)
def _to_yuv420(rgb: Any, luma: Any, cb: Any, cr: Any, key: Any) -> None:
    height, width = rgb.shape[0], rgb.shape[1]
    u_row = np.empty(width + 1, np.float32)
    v_row = np.empty(width + 1, np.float32)
    red, green, blue = np.empty(width, np.float32), np.empty(width, np.float32), np.empty(width, np.float32)
    for j in range(height // 2):
        for x in range(width):
            u_row[x + 1] = _ZERO
            v_row[x + 1] = _ZERO
        for i in range(2 * j, 2 * j + 2):
            row = hashed(key, uint32(3 * i))
            _part(rgb[i], red, green, blue)
            _light(red, green, blue, luma[i, :width], u_row[1 : width + 1], v_row[1 : width + 1], row)
        # H.264's chroma sits on the left of each pair of columns, hence [1 2 1]; the edge is repeated
        u_row[0], v_row[0] = u_row[1], v_row[1]
        row = hashed(key, uint32(3 * j + 1))
        for x in range(width // 2):
            h = hashed(row, uint32(x))
            a, c = np.int32(h & uint32(0xFF)), np.int32((h >> uint32(8)) & uint32(0xFF))
            d, e = np.int32((h >> uint32(16)) & uint32(0xFF)), np.int32(h >> uint32(24))
            u = u_row[2 * x] + u_row[2 * x + 1] + u_row[2 * x + 1] + u_row[2 * x + 2]
            v = v_row[2 * x] + v_row[2 * x + 1] + v_row[2 * x + 1] + v_row[2 * x + 2]
            cb[j, x] = np.uint8(np.int32(u + np.float32(128.5) + np.float32(a + c - 255) * _8BIT))
            cr[j, x] = np.uint8(np.int32(v + np.float32(128.5) + np.float32(d + e - 255) * _8BIT))


@compiled(
    types.void(_PICTURE, types.Array(types.uint8, 3, "C"), types.uint32),
    nogil=True,
    fastmath=_FAST,
    boundscheck=False,
)
def _to_bgr8(rgb: Any, out: Any, key: Any) -> None:
    height, width = rgb.shape[0], rgb.shape[1]
    for i in range(height):
        for c in range(3):
            row = hashed(key, uint32(3 * i + c))
            for x in range(width):
                h = hashed(row, uint32(x))
                noise = np.float32(np.int32((h & uint32(0xFFFF)) + (h >> uint32(16))) - 65535) * _16BIT
                level = np.float32(255) * _clip(rgb[i, x, 2 - c]) + _HALF + noise
                out[i, x, c] = np.uint8(np.int32(min(max(level, _ZERO), np.float32(255))))


def frame_key(seed: int, index: int) -> int:
    """32 bits that stand for (seed, frame index) in the dither."""
    text = np.array([seed & 0xFFFFFFFF, (seed >> 32) & 0xFFFFFFFF, index & 0xFFFFFFFF], np.uint32)
    key = np.uint32(0x6A09E667)
    with np.errstate(over="ignore"):  # what is compiled never says so
        for word in text:
            key = hashed(key, word)
    return int(key)


def to_yuv420(
    rgb: Frames, luma: NDArray[np.uint8], cb: NDArray[np.uint8], cr: NDArray[np.uint8], seed: int, index: int
) -> None:
    """Writes one picture as YUV 4:2:0, BT.709, limited range, 8 bits, with dither.

    Args:
        rgb: (H, W, 3) float32, sRGB in [0, 1] (clipped; NaN is 0); H and W even.
        luma: (H, ≥ W) uint8, C-contiguous; columns beyond W are left alone.
        cb: (H/2, ≥ W/2) uint8, C-contiguous.
        cr: the same.
        seed: of the film.
        index: of the frame.
    """
    _to_yuv420(np.ascontiguousarray(rgb, np.float32), luma, cb, cr, np.uint32(frame_key(seed, index)))


def to_bgr8(rgb: Frames, seed: int, index: int) -> NDArray[np.uint8]:
    """One picture (H, W, 3) float32 sRGB in [0, 1] as (H, W, 3) uint8 in OpenCV's order, with dither."""
    out = np.empty(rgb.shape, np.uint8)
    _to_bgr8(np.ascontiguousarray(rgb, np.float32), out, np.uint32(frame_key(seed, index)))
    return out
