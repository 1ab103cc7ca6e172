"""Decodes image files to 8-bit RGB arrays.

Most pictures that avwalk reads are its own 8-bit PNG files. Decoding time is mostly inflate, which ISA-L does in half
the time of the zlib built into OpenCV; so these are decoded here, all others by OpenCV.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from avwalk.arrays.compile import kernel
from avwalk.files.picture_header import header_problem
from avwalk.files.png_text import SIGNATURE

PICTURES = (".png", ".jpg", ".jpeg", ".webp", ".tif", ".tiff", ".bmp")
"""Suffixes of the files that are read as pictures, in lower case."""

Pixels = NDArray[np.uint8]
_PLAIN = bytes((8, 2, 0, 0, 0))  # of the header: eight bits, R G B, deflate, the five filters, not interlaced
_CHANGES = {b"tRNS", b"eXIf", b"acTL"}  # what else would have a say in the pixels, or in which way up they are
_PACKED = 1032  # deflate makes so many bytes of one at most: a header that claims more is damaged


def pixels_of(data: bytes) -> Pixels | None:
    """The pixels of a picture in a file, (H, W, 3) uint8 R G B; None if they cannot be read.

    Grey becomes RGB, 16 bits become 8, alpha is dropped, and the EXIF orientation is applied, as in OpenCV.

    Args:
        data: the whole file: PNG, JPEG, WebP, TIFF, BMP, GIF. Its header is checked first, see
            `avwalk.files.picture_header.header_problem`.
    """
    if header_problem(data):
        return None
    plain = _plain_png(data)
    if plain is not None:
        return plain
    import cv2

    try:
        found = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR) if data else None
    except cv2.error:
        return None
    return None if found is None else np.asarray(cv2.cvtColor(found, cv2.COLOR_BGR2RGB), np.uint8)


def _plain_png(data: bytes) -> Pixels | None:
    """The pixels of a PNG of the common kind that is whole; None of all others."""
    from isal import igzip_lib, isal_zlib

    chunks = list(_chunks(data))
    kinds = [kind for kind, _ in chunks]
    if not chunks or (kinds[0], kinds[-1]) != (b"IHDR", b"IEND") or len(chunks[0][1]) != 13 or _CHANGES & set(kinds):
        return None
    width, height, rest = struct.unpack(">II5s", chunks[0][1])
    if rest != _PLAIN:
        return None
    size = height * (3 * width + 1)
    if not 0 < size < _PACKED * len(data):
        return None
    try:
        packed = b"".join(body for kind, body in chunks if kind == b"IDAT")
        lines = np.frombuffer(isal_zlib.decompress(packed, bufsize=size), np.uint8)
    except igzip_lib.IsalError:  # type: ignore[misc]  # its stub says that it is a plain class
        return None
    if len(lines) != size:
        return None
    rows = np.empty((1 + height, 3 * width), np.uint8)
    rows[0] = 0
    whole = _unfilter(lines.reshape(height, 3 * width + 1), rows)
    return rows[1:].reshape(height, width, 3) if whole else None


def _chunks(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Kind and body of each chunk of a PNG, up to where it ends or is cut off; none of another file."""
    at = len(SIGNATURE) if data.startswith(SIGNATURE) else len(data)
    while at + 12 <= len(data):
        length, kind = struct.unpack_from(">I4s", data, at)
        yield kind, data[at + 8 : at + 8 + length]
        at += 12 + length


@kernel()
def _paeth(left: Any, above: Any, corner: Any) -> Any:
    """Which of the three is nearest to left + above − corner; of equals the first."""
    to_left, to_above, to_corner = abs(above - corner), abs(left - corner), abs(left + above - corner - corner)
    other = above if to_above <= to_corner else corner
    return left if to_left <= min(to_above, to_corner) else other


@kernel("b1(Array(u1, 2, 'C', readonly=True), u1[:,::1])")
def _unfilter(lines: Any, out: Any) -> bool:
    """Undoes the five filters (PNG 3rd edition, §9); whether there were no others.

    Args:
        lines: (H, 1 + 3 W), of each row the filter, then its bytes.
        out: (1 + H, 3 W); the first row is 0, and stands above the picture.
    """
    width = out.shape[1] // 3
    for y in range(lines.shape[0]):
        kind, line, row, above = lines[y, 0], lines[y, 1:], out[y + 1], out[y]
        r, g, b = np.int32(0), np.int32(0), np.int32(0)
        r_up, g_up, b_up = np.int32(0), np.int32(0), np.int32(0)
        if kind == 0:
            for x in range(3 * width):
                row[x] = line[x]
        elif kind == 1:
            for x in range(width):
                o = 3 * x
                r, g, b = (r + line[o]) & 255, (g + line[o + 1]) & 255, (b + line[o + 2]) & 255
                row[o], row[o + 1], row[o + 2] = r, g, b
        elif kind == 2:
            for x in range(3 * width):
                row[x] = line[x] + above[x]
        elif kind == 3:
            for x in range(width):
                o = 3 * x
                r = (line[o] + ((r + above[o]) >> 1)) & 255
                g = (line[o + 1] + ((g + above[o + 1]) >> 1)) & 255
                b = (line[o + 2] + ((b + above[o + 2]) >> 1)) & 255
                row[o], row[o + 1], row[o + 2] = r, g, b
        elif kind == 4:
            for x in range(width):
                o = 3 * x
                r = (line[o] + _paeth(r, np.int32(above[o]), r_up)) & 255
                g = (line[o + 1] + _paeth(g, np.int32(above[o + 1]), g_up)) & 255
                b = (line[o + 2] + _paeth(b, np.int32(above[o + 2]), b_up)) & 255
                r_up, g_up, b_up = np.int32(above[o]), np.int32(above[o + 1]), np.int32(above[o + 2])
                row[o], row[o + 1], row[o + 2] = r, g, b
        else:
            return False
    return True
