"""What a picture's header claims is checked before it is decoded."""

from __future__ import annotations

import struct
import zlib
from pathlib import Path

import cv2
import numpy as np
import pytest

from avwalk.errors import OptionError, VideoError
from avwalk.files.image import pixels_of
from avwalk.files.image_meta import image_info, read
from avwalk.files.picture_header import header_problem
from avwalk.generators.palette_from_image import palette_of

PICTURE = np.random.default_rng(1).integers(0, 256, (9, 7, 3), np.uint8)
KINDS = ("png", "jpg", "webp", "tiff", "bmp", "gif")


def encoded(kind: str, picture: np.ndarray = PICTURE) -> bytes:
    done, data = cv2.imencode(f".{kind}", picture)
    assert done
    return data.tobytes()


def chunk(kind: bytes, body: bytes, length: int | None = None) -> bytes:
    size = len(body) if length is None else length
    return struct.pack(">I", size) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def png(width: int, height: int, *, depth: int = 8, extra: bytes = b"") -> bytes:
    size = chunk(b"IHDR", struct.pack(">II5B", width, height, depth, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + size + extra + chunk(b"IDAT", zlib.compress(bytes(64))) + chunk(b"IEND", b"")


def bmp(width: int, height: int) -> bytes:
    return b"BM" + struct.pack("<IHHI", 114, 0, 0, 54) + struct.pack("<IiiHHIIiiII", 40, width, height, 1, 24, *[0] * 6)


def tiff(width: int, height: int) -> bytes:
    tags = [(256, 4, 1, width), (257, 4, 1, height), (258, 3, 1, 8), (277, 3, 1, 1), (273, 4, 1, 8), (279, 4, 1, 9)]
    return b"II*\0" + struct.pack("<IH", 8, len(tags)) + b"".join(struct.pack("<HHII", *tag) for tag in tags) + bytes(4)


def webp(width: int, height: int) -> bytes:
    body = b"VP8X" + struct.pack("<II", 10, 0) + (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")
    return b"RIFF" + struct.pack("<I", 4 + len(body)) + b"WEBP" + body


CLAIMS = {
    "png chunk of 4 GB": png(64, 64, extra=chunk(b"eXIf", bytes(100), 0xFFFFFFF0)),
    "png chunk of 2 GB": png(64, 64, extra=chunk(b"IDAT", bytes(100), 0x7FFFFFF0)),
    "png of 30,000": png(30_000, 30_000),
    "png of 30,000, 16 bits": png(30_000, 30_000, depth=16),
    "png of more than its bytes make": png(4000, 4000),
    "bmp of 30,000": bmp(30_000, 30_000),
    "bmp of more than its bytes": bmp(4000, 4000),
    "bmp upside down": bmp(4000, -(2**31)),
    "tiff of 30,000": tiff(30_000, 30_000),
    "webp of 16 million": webp(1 << 24, 1 << 24),
    "gif of 65,535": b"GIF89a" + struct.pack("<HH", 65_535, 65_535) + bytes(20),
    "jpeg of 65,535": b"\xff\xd8\xff\xc0" + struct.pack(">HBHHB", 17, 8, 65_535, 65_535, 3) + bytes(40),
    "another format": b"P6 1 1 255 abc",
    "nothing": b"",
}


@pytest.mark.parametrize("kind", KINDS)
def test_real_pictures_are_read(kind: str) -> None:
    data = encoded(kind)
    assert header_problem(data) is None
    found = pixels_of(data)
    assert found is not None and found.shape == PICTURE.shape


@pytest.mark.parametrize("kind", KINDS)
def test_large_pictures_of_one_colour_are_read(kind: str) -> None:
    data = encoded(kind, np.full((1500, 2000, 3), 40, np.uint8))
    assert header_problem(data) is None


@pytest.mark.parametrize("name", CLAIMS)
def test_what_claims_too_much_is_not_decoded(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cv2, "imdecode", lambda *_: pytest.fail("it was decoded"))
    file = tmp_path / "claim"
    file.write_bytes(CLAIMS[name])
    assert header_problem(CLAIMS[name])
    assert pixels_of(CLAIMS[name]) is None
    with pytest.raises(OptionError, match="no picture that can be read"):
        palette_of(CLAIMS[name])
    with pytest.raises(VideoError, match="cannot be read"):
        read(file)


def test_the_size_of_a_foreign_picture_is_not_that_of_its_claim(tmp_path: Path) -> None:
    for name in CLAIMS:
        file = tmp_path / f"{len(name)}"
        file.write_bytes(CLAIMS[name])
        if not CLAIMS[name].startswith(b"\x89PNG"):
            assert image_info(file) is None
