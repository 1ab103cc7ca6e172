"""Frames for encoders out of float pictures, in each pixel format that a profile has; and what such frames weigh."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from avwalk.contracts import Frames

if TYPE_CHECKING:
    from av.video.frame import VideoFrame

Fill = Callable[["VideoFrame", Frames, int, int], None]


def video_frame(rgb: Frames, seed: int, index: int, pix_fmt: str = "yuv420p") -> VideoFrame:
    """A picture as a frame for the encoder, dithered to the depth of the format.

    Args:
        rgb: (H, W, 3) float32 sRGB in [0, 1]; (H, W, 4) with straight alpha where the format has it.
        seed: of the film, for the dither.
        index: of the frame, for the dither.
        pix_fmt: a key of `PIXEL_FORMATS`.
    """
    import av

    frame = av.VideoFrame(rgb.shape[1], rgb.shape[0], pix_fmt)
    _FILL[pix_fmt](frame, rgb, seed, index)
    return frame


def plane_rows(frame: VideoFrame, k: int) -> NDArray[np.uint8]:
    """The bytes of a frame's plane, (rows, ≥ bytes of a row), writable where the frame is."""
    plane = frame.planes[k]
    return np.frombuffer(plane, np.uint8).reshape(-1, plane.line_size)[: plane.height]  # type: ignore[call-overload,no-any-return]


def row_bytes(pix_fmt: str, size: tuple[int, int]) -> list[tuple[int, int]]:
    """Of each plane of a format: bytes of a row, without padding, and rows."""
    width, height = size
    depth, wide, tall, alpha = _LAYOUT[pix_fmt]
    if wide == 0:  # packed
        return [(width * depth, height)]
    chroma = (width // wide * depth, height // tall)
    return [(width * depth, height), chroma, chroma, *([(width * depth, height)] if alpha else [])]


def _eight_bits(frame: VideoFrame, rgb: Frames, seed: int, index: int) -> None:
    from avwalk.video.dither import to_yuv420

    luma, cb, cr = (plane_rows(frame, k) for k in range(3))
    to_yuv420(rgb[..., :3], luma, cb, cr, seed, index)
    if rgb.shape[-1] == 4:
        plane_rows(frame, 3)[:, : rgb.shape[1]] = np.rint(np.clip(rgb[..., 3], 0, 1) * 255)


def _ten_bits(frame: VideoFrame, rgb: Frames, seed: int, index: int) -> None:
    from avwalk.video.deep_planes import to_ten_bits

    frame.color_primaries = frame.color_trc = frame.colorspace = 1  # BT.709: ProRes says so in every frame
    frame.color_range = 1
    planes: Any = tuple(plane_rows(frame, k).view(np.uint16) for k in range(len(frame.planes)))
    _, wide, tall, _ = _LAYOUT[frame.format.name]
    to_ten_bits(rgb[..., :3], planes[:3], (wide, tall), seed, index)
    if rgb.shape[-1] == 4:
        planes[3][:, : rgb.shape[1]] = np.rint(np.clip(rgb[..., 3], 0, 1) * 1023)


def _packed(frame: VideoFrame, rgb: Frames, seed: int, index: int) -> None:
    """Without dither: what is made of these pictures has a palette or blocks of its own."""
    flat = np.rint(np.clip(rgb[..., :3], 0, 1) * 255).astype(np.uint8)
    plane_rows(frame, 0)[:, : 3 * rgb.shape[1]] = flat.reshape(len(flat), -1)


_LAYOUT: dict[str, tuple[int, int, int, bool]] = {  # bytes of a pixel; pixels of luma to one of chroma; alpha
    "yuv420p": (1, 2, 2, False),
    "yuva420p": (1, 2, 2, True),
    "yuv420p10le": (2, 2, 2, False),
    "yuv422p10le": (2, 2, 1, False),
    "yuva444p10le": (2, 1, 1, True),
    "rgb24": (3, 0, 0, False),
}
_FILL: dict[str, Fill] = {
    "yuv420p": _eight_bits,
    "yuva420p": _eight_bits,
    "yuv420p10le": _ten_bits,
    "yuv422p10le": _ten_bits,
    "yuva444p10le": _ten_bits,
    "rgb24": _packed,
}
PIXEL_FORMATS = tuple(_LAYOUT)
"""The formats that films are encoded from, by their names in FFmpeg."""
