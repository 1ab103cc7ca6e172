"""Pixels of files: PNG of eight bits is read here, and equals what OpenCV reads; all others OpenCV reads."""

from __future__ import annotations

import struct
import zlib

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from avwalk.files.image import pixels_of
from avwalk.files.png_text import SIGNATURE, with_text
from tests.pictures import decoded
from tests.spies import noting

IN_ORDER, RGB, RGBA = np.arange(7 * 5 * 3, dtype=np.uint8).reshape(7, 5, 3), 2, 6


def chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def predicted(kind: int, left: int, above: int, corner: int) -> int:
    """What a filter takes off a byte, as PNG says it, §9.2."""
    nearest = min((left, above, corner), key=lambda v: abs(left + above - corner - v))
    return (0, left, above, (left + above) // 2, nearest)[kind]


def png(picture: np.ndarray, filters: list[int], *extra: bytes, header: tuple[int, ...] = (8, RGB, 0, 0, 0)) -> bytes:
    """A PNG with a filter of its own for each row, its pixels in two chunks."""
    height, width, depth = picture.shape
    values = picture.reshape(height, -1).astype(int)
    lines = bytearray()
    for y, kind in enumerate(filters):
        lines.append(kind)
        for x, value in enumerate(values[y]):
            left = values[y, x - depth] if x >= depth else 0
            above = values[y - 1, x] if y else 0
            corner = values[y - 1, x - depth] if y and x >= depth else 0
            lines.append((value - predicted(kind if kind < 5 else 0, left, above, corner)) % 256)
    packed = zlib.compress(bytes(lines))
    size = chunk(b"IHDR", struct.pack(">II5B", width, height, *header))
    return b"".join(
        (SIGNATURE, size, *extra, chunk(b"IDAT", packed[:9]), chunk(b"IDAT", packed[9:]), chunk(b"IEND", b""))
    )


def pixels(data: bytes) -> np.ndarray:
    """Of a file that is a picture."""
    found = pixels_of(data)
    assert found is not None
    return found


@pytest.fixture
def opencv_reads(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Counts the files that OpenCV is asked for."""
    asked, imdecode = [], cv2.imdecode
    monkeypatch.setattr(cv2, "imdecode", noting(lambda *args: asked.append(1), imdecode))
    return asked


@given(
    picture=st.tuples(st.integers(1, 9), st.integers(1, 9)).flatmap(lambda s: arrays(np.uint8, (*s, 3))), data=st.data()
)
def test_all_filters(picture: np.ndarray, data: st.DataObject) -> None:
    filters = data.draw(st.lists(st.integers(0, 4), min_size=len(picture), max_size=len(picture)))
    assert np.array_equal(pixels(png(picture, filters)), picture)


@pytest.mark.parametrize("kind", range(5))
def test_opencv_sees_the_same(kind: int, opencv_reads: list[int]) -> None:
    picture = np.random.default_rng(kind).integers(0, 256, (33, 20, 3), dtype=np.uint8)
    data = png(picture, [kind] * 33)
    assert np.array_equal(decoded(data)[..., ::-1], picture)
    opencv_reads.clear()
    found = pixels(data)
    assert np.array_equal(found, picture)
    assert found.flags.c_contiguous and not opencv_reads


def test_what_opencv_and_avwalk_write_is_read_here(opencv_reads: list[int]) -> None:
    data = with_text(cv2.imencode(".png", IN_ORDER[..., ::-1])[1].tobytes(), {"parameters": "a red fox"})
    assert np.array_equal(pixels(data), IN_ORDER)
    assert not opencv_reads


@pytest.mark.parametrize("suffix", [".bmp", ".tiff", ".webp", ".jpg"])
def test_other_files(suffix: str) -> None:
    flat = np.full((16, 24, 3), (200, 40, 90), np.uint8)
    found = pixels(cv2.imencode(suffix, flat[..., ::-1])[1].tobytes())
    assert found.shape == flat.shape
    assert np.abs(found.astype(int) - flat).max() <= 6


def test_grey_palettes_and_alpha_become_colour() -> None:
    grey = np.arange(70, dtype=np.uint8).reshape(7, 10)
    assert np.array_equal(pixels(cv2.imencode(".png", grey)[1].tobytes()), grey[..., None].repeat(3, -1))
    clear = np.dstack([IN_ORDER, np.full((7, 5), 9, np.uint8)])
    assert np.array_equal(pixels(png(clear, [1] * 7, header=(8, RGBA, 0, 0, 0))), IN_ORDER)
    deep = (IN_ORDER.astype(np.uint16) * 257)[..., ::-1]
    assert np.array_equal(pixels(cv2.imencode(".png", deep)[1].tobytes()), IN_ORDER)


def test_a_png_that_lies_on_its_side_is_turned() -> None:
    lying = b"MM\0*\0\0\0\x08\0\1\x01\x12\0\3\0\0\0\1\0\6\0\0\0\0\0\0"  # orientation 6: turned right by a quarter
    found = pixels(png(IN_ORDER, [0] * 7, chunk(b"eXIf", lying)))
    assert np.array_equal(found, np.rot90(IN_ORDER, -1))


@pytest.mark.parametrize(("damage", "is_decoded"), [("cut", 0), ("bit", 1), ("filter", 1), ("huge", 0), ("short", 1)])
def test_damaged_files_are_no_picture_or_what_opencv_makes_of_them(
    damage: str, is_decoded: bool, opencv_reads: list[int]
) -> None:
    data = bytearray(png(IN_ORDER, [5 if damage == "filter" else 0] * 7))
    if damage == "cut":
        del data[60:]
    elif damage == "bit":
        data[data.index(b"IDAT") + 8] ^= 1
    elif damage == "huge":
        data[16:24] = struct.pack(">II", 60_000, 60_000)
    elif damage == "short":
        data[20:24] = struct.pack(">I", 8)
    pixels_of(bytes(data))
    assert bool(opencv_reads) == is_decoded


@given(at=st.integers(0, 10_000), new=st.binary(min_size=1, max_size=3), cut=st.booleans())
def test_whatever_is_damaged_is_no_exception(at: int, new: bytes, cut: bool) -> None:
    data = bytearray(png(IN_ORDER, [0, 1, 2, 3, 4, 0, 1]))
    at %= len(data)
    data[at : len(data) if cut else at + len(new)] = new
    found = pixels_of(bytes(data))
    assert found is None or found.ndim == 3


@pytest.mark.parametrize("data", [b"", b"no picture", SIGNATURE])
def test_no_picture(data: bytes) -> None:
    assert pixels_of(data) is None
