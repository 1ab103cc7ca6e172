"""Planar YUV 4:2:0 pictures with 8 extra bits, blended there and rounded once with dither; for films of still pictures.

A film of pictures that lie in files shows each of them in many frames. What is the same in all of these, from R G B to
the planes, is done once; a frame is then one pass over half as many numbers, in whole ones.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numba import njit, types, uint32
from numpy.typing import NDArray

from avwalk.arrays.compile import compiled
from avwalk.video.dither import U, V, Y, frame_key, hashed

if TYPE_CHECKING:
    from av.video.frame import VideoFrame

Planes = NDArray[np.uint16]
"""Luma (H, W), then the two chromas (H/2, W/2), one after the other: (H·W·3/2,), in 256ths of the film's levels."""

ONE = 1 << 16
"""The weights of two mixed pictures make so much together."""

_PLANE = types.Array(types.uint8, 2, "C")
_PICTURE = types.Array(types.uint8, 3, "C", readonly=True)
_LEVELS = types.Array(types.uint16, 1, "C", readonly=True)
_HALF, _RANGE = uint32(1 << 23), uint32(65535)
_MIDDLE = uint32(255)
_YR, _YG, _YB = (np.float32(256 / 255 * k) for k in Y)
_UR, _UG, _UB = (np.float32(256 / 255 / 8 * k) for k in U)
_VR, _VG, _VB = (np.float32(256 / 255 / 8 * k) for k in V)
_BLACK, _GREY, _ZERO = np.float32(16 * 256 + 0.5), np.float32(128 * 256 + 0.5), np.float32(0)


def planes(rgb: NDArray[np.uint8]) -> Planes:
    """A picture's planes, BT.709, limited range; chroma sits where `avwalk.video.dither` has it.

    Args:
        rgb: (H, W, 3) uint8 sRGB, C-contiguous; H and W even.
    """
    height, width = rgb.shape[:2]
    out = np.empty(height * width * 3 // 2, np.uint16)
    rows = np.empty((5, width + 1), np.float32)
    _to_planes(rgb, out, rows)
    return out


def mixed_frame(a: Planes, b: Planes, share: float, size: tuple[int, int], seed: int, index: int) -> VideoFrame:
    """A frame for the encoder: ``a`` and, by ``share``, ``b``; rounded to eight bits with the film's dither.

    Args:
        a: of one picture.
        b: of another of the same size; it may be ``a``.
        share: of ``b``, 0 to 1.
        size: width and height, even.
        seed: of the film, for the dither.
        index: of the frame, for the dither.
    """
    import av

    width, height = size
    frame = av.VideoFrame(width, height, "yuv420p")
    luma, cb, cr = (
        np.frombuffer(plane, np.uint8).reshape(-1, plane.line_size)[: plane.height]  # type: ignore[call-overload]
        for plane in frame.planes
    )
    _mixed(a, b, np.uint32(round(share * ONE)), luma, cb, cr, width, np.uint32(frame_key(seed, index)))
    return frame


@njit(nogil=True, fastmath=True, boundscheck=False)
def _part(line: Any, red: Any, green: Any, blue: Any) -> None:
    for x in range(red.shape[0]):
        red[x], green[x], blue[x] = np.float32(line[x, 0]), np.float32(line[x, 1]), np.float32(line[x, 2])


@njit(nogil=True, fastmath=True, boundscheck=False)
def _light(red: Any, green: Any, blue: Any, luma: Any, u_row: Any, v_row: Any) -> None:
    """One row's luma, and its share in the chroma. Apart from `_part`, or the compiler makes no vector code of it."""
    for x in range(red.shape[0]):
        r, g, b = red[x], green[x], blue[x]
        luma[x] = np.uint16(np.int32(_YR * r + _YG * g + _YB * b + _BLACK))
        u_row[x] += _UR * r + _UG * g + _UB * b
        v_row[x] += _VR * r + _VG * g + _VB * b


@compiled(
    types.void(_PICTURE, types.Array(types.uint16, 1, "C"), types.float32[:, ::1]),
    nogil=True,
    fastmath=True,
    boundscheck=False,
)
def _to_planes(rgb: Any, out: Any, rows: Any) -> None:
    """``rows``: (5, W + 1) float32, room to work in."""
    height, width = rgb.shape[0], rgb.shape[1]
    half = width // 2
    second = height * width + (height // 2) * half
    red, green, blue = rows[0, :width], rows[1, :width], rows[2, :width]
    u_row, v_row = rows[3], rows[4]
    for j in range(height // 2):
        for x in range(width + 1):
            u_row[x] = _ZERO
            v_row[x] = _ZERO
        for i in range(2 * j, 2 * j + 2):
            _part(rgb[i], red, green, blue)
            _light(red, green, blue, out[i * width : (i + 1) * width], u_row[1:], v_row[1:])
        u_row[0], v_row[0] = u_row[1], v_row[1]
        at = height * width + j * half
        for x in range(half):
            u = u_row[2 * x] + u_row[2 * x + 1] + u_row[2 * x + 1] + u_row[2 * x + 2]
            v = v_row[2 * x] + v_row[2 * x + 1] + v_row[2 * x + 1] + v_row[2 * x + 2]
            out[at + x] = np.uint16(np.int32(u + _GREY))
            out[second + j * half + x] = np.uint16(np.int32(v + _GREY))


@njit(nogil=True, boundscheck=False)
def _luma_row(a: Any, b: Any, one: Any, other: Any, row: Any, out: Any) -> None:
    """One row, in 2⁻²⁴ levels: 240 of them and the dither stay below 2³²."""
    for x in range(out.shape[0]):
        h = hashed(row, uint32(x))
        noise = uint32(uint32(h & uint32(0xFFFF)) + uint32(h >> uint32(16)) - _RANGE)
        level = uint32(uint32(uint32(a[x]) * one) + uint32(uint32(b[x]) * other))
        out[x] = np.uint8(uint32(uint32(level + uint32(noise << uint32(8))) + _HALF) >> uint32(24))


@njit(nogil=True, boundscheck=False)
def _chroma_row(a: Any, b: Any, one: Any, other: Any, row: Any, low: Any, out: Any) -> None:
    """``low``: by how many bits the hash is shifted, for this chroma's own part of it."""
    for x in range(out.shape[0]):
        h = uint32(hashed(row, uint32(x)) >> low)
        noise = uint32(uint32(h & uint32(0xFF)) + uint32(uint32(h >> uint32(8)) & uint32(0xFF)) - _MIDDLE)
        level = uint32(uint32(uint32(a[x]) * one) + uint32(uint32(b[x]) * other))
        out[x] = np.uint8(uint32(uint32(level + uint32(noise << uint32(16))) + _HALF) >> uint32(24))


@compiled(
    types.void(_LEVELS, _LEVELS, types.uint32, _PLANE, _PLANE, _PLANE, types.int64, types.uint32),
    nogil=True,
    boundscheck=False,
)
def _mixed(a: Any, b: Any, other: Any, luma: Any, cb: Any, cr: Any, width: Any, key: Any) -> None:
    one = uint32(uint32(65536) - other)
    height, half = luma.shape[0], width // 2
    first, second = height * width, height * width + cb.shape[0] * half
    for i in range(height):
        at = i * width
        _luma_row(a[at : at + width], b[at : at + width], one, other, hashed(key, uint32(3 * i)), luma[i, :width])
    for j in range(cb.shape[0]):
        row = hashed(key, uint32(3 * j + 1))
        at = first + j * half
        _chroma_row(a[at : at + half], b[at : at + half], one, other, row, uint32(0), cb[j, :half])
        at = second + j * half
        _chroma_row(a[at : at + half], b[at : at + half], one, other, row, uint32(16), cr[j, :half])
