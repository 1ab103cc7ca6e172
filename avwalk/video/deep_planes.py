"""Numba kernel that converts float pictures to ten-bit planes, Y, Cb and Cr, 4:2:0, 4:2:2 or 4:4:4, with seeded dither.

As `avwalk.video.dither` does for eight bits; BT.709, limited range: 64..940 and 64..960.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import types, uint32
from numpy.typing import NDArray

from avwalk.arrays.compile import compiled
from avwalk.contracts import Frames
from avwalk.video.dither import U, V, Y, frame_key, hashed

_PICTURE = types.Array(types.float32, 3, "C", readonly=True)
_PLANE = types.Array(types.uint16, 2, "C")
_ZERO, _ONE, _SCALE = np.float32(0), np.float32(1), np.float32(4)
_16BIT, _8BIT = np.float32(1 / 65536), np.float32(1 / 256)
_YR, _YG, _YB = Y
_UR, _UG, _UB = U
_VR, _VG, _VB = V


@compiled(
    types.void(_PICTURE, _PLANE, _PLANE, _PLANE, types.int64, types.int64, types.uint32), nogil=True, boundscheck=False
)
def _to_planes(rgb: Any, luma: Any, cb: Any, cr: Any, wide: Any, tall: Any, key: Any) -> None:
    """``wide``, ``tall``: pixels of luma to one of chroma, 1 or 2."""
    height, width = rgb.shape[0], rgb.shape[1]
    u_row = np.empty(width + 1, np.float32)
    v_row = np.empty(width + 1, np.float32)
    share = _SCALE / np.float32(tall * (4 if wide == 2 else 1))
    for j in range(height // tall):
        for x in range(width + 1):
            u_row[x] = _ZERO
            v_row[x] = _ZERO
        for i in range(tall * j, tall * j + tall):
            row = hashed(key, uint32(3 * i))
            for x in range(width):
                r = min(max(rgb[i, x, 0], _ZERO), _ONE)
                g = min(max(rgb[i, x, 1], _ZERO), _ONE)
                b = min(max(rgb[i, x, 2], _ZERO), _ONE)
                h = hashed(row, uint32(x))
                noise = np.float32(np.int32((h & uint32(0xFFFF)) + (h >> uint32(16))) - 65535) * _16BIT
                level = _SCALE * (_YR * r + _YG * g + _YB * b) + np.float32(64.5) + noise
                luma[i, x] = np.uint16(np.int32(level))
                u_row[x + 1] += _UR * r + _UG * g + _UB * b
                v_row[x + 1] += _VR * r + _VG * g + _VB * b
        u_row[0], v_row[0] = u_row[1], v_row[1]  # chroma sits on the left of each pair, hence [1 2 1]
        row = hashed(key, uint32(3 * tall * j + 1))
        for x in range(width // wide):
            h = hashed(row, uint32(x))
            a = np.int32((h & uint32(0xFF)) + ((h >> uint32(8)) & uint32(0xFF))) - 255
            c = np.int32(((h >> uint32(16)) & uint32(0xFF)) + (h >> uint32(24))) - 255
            if wide == 2:
                u = u_row[2 * x] + u_row[2 * x + 1] + u_row[2 * x + 1] + u_row[2 * x + 2]
                v = v_row[2 * x] + v_row[2 * x + 1] + v_row[2 * x + 1] + v_row[2 * x + 2]
            else:
                u, v = u_row[x + 1], v_row[x + 1]
            cb[j, x] = np.uint16(np.int32(share * u + np.float32(512.5) + np.float32(a) * _8BIT))
            cr[j, x] = np.uint16(np.int32(share * v + np.float32(512.5) + np.float32(c) * _8BIT))


def to_ten_bits(
    rgb: Frames,
    planes: tuple[NDArray[np.uint16], NDArray[np.uint16], NDArray[np.uint16]],
    subsampling: tuple[int, int],
    seed: int,
    index: int,
) -> None:
    """Writes one picture as ten-bit YUV.

    Args:
        rgb: (H, W, 3) float32, sRGB in [0, 1] (clipped; NaN is 0).
        planes: Y (H, ≥ W), then Cb and Cr, (H / tall, ≥ W / wide): uint16, C-contiguous.
        subsampling: (wide, tall), pixels of luma to one of chroma; (2, 2) is 4:2:0, (2, 1) 4:2:2, (1, 1) 4:4:4.
        seed: of the film.
        index: of the frame.
    """
    picture = np.ascontiguousarray(rgb, np.float32)
    _to_planes(picture, *planes, *subsampling, np.uint32(frame_key(seed, index)))
