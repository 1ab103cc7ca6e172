"""Pictures in the answers of services: decoded, checked, brought to the size asked for; and pictures to send."""

from __future__ import annotations

import base64
import binascii

import numpy as np

from avwalk.arrays.colour import to_8bit
from avwalk.arrays.fit import Fit
from avwalk.contracts import Frames
from avwalk.errors import PainterError, clipped
from avwalk.files.image import pixels_of
from avwalk.files.picture_header import header_problem

FLAT = 1 / 255
"""A picture with less contrast is none: what blocked or failed prompts give."""


class NoPicture(PainterError):
    """What came is one colour: the prompt was blocked, or failed; others may not."""


def picture_of(data: bytes, place: str) -> Frames:
    """The picture in a file, (H, W, 3) float32 in [0, 1].

    Args:
        data: of the file: PNG, JPEG, WebP.
        place: who sent it, for messages.

    Raises:
        PainterError: it is no whole picture, or shows one colour.
    """
    pixels = pixels_of(data) if data else None
    if pixels is None:
        why = header_problem(data) if data else "nothing"
        began = clipped(data[:40].decode("utf-8", "replace").strip(), 40)
        raise PainterError(f"{place} sent what is no picture ({why or f'it begins with {began!r}'})")
    picture = pixels.astype(np.float32) / np.float32(255)
    if float(picture.max() - picture.min()) < FLAT:
        raise NoPicture(f"{place} sent a picture of one colour: it was blocked or failed; change prompt or seed")
    return picture


def from_base64(text: object, place: str) -> bytes:
    """The bytes of a base64 text or data URI.

    Raises:
        PainterError: it is none.
    """
    if not isinstance(text, str):
        raise PainterError(f"{place} sent no picture where one was to be")
    if text.startswith("data:"):
        text = text.partition(",")[2]
    try:
        return base64.b64decode("".join(text.split()), validate=True)
    except (binascii.Error, ValueError):
        raise PainterError(f"{place} sent broken base64 ('{clipped(text, 24)}')") from None


def fitted(picture: Frames, size: tuple[int, int]) -> Frames:
    """A picture at a size: cropped around its middle if its shape is another, then resampled."""
    if (picture.shape[1], picture.shape[0]) == size:
        return picture
    return np.ascontiguousarray(Fit(size).apply(picture[None])[0], np.float32)


def png_of(picture: Frames) -> bytes:
    """An 8-bit PNG of a picture, to send."""
    import cv2

    done, data = cv2.imencode(
        ".png", np.ascontiguousarray(to_8bit(picture)[..., ::-1]), [cv2.IMWRITE_PNG_COMPRESSION, 3]
    )
    assert done, "PNG takes any 8-bit picture"
    return data.tobytes()
