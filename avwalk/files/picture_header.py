"""What a picture's header claims, checked against the file and a limit before anything is decoded.

Decoders make room for what a header claims: 266 bytes can ask for four gigabytes.
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from typing import NamedTuple

MAX_PIXELS = 1 << 26
"""Of a picture: 64 million, more than the largest film has; decoded they take 200 MB."""
MAX_SIDE = 65_535
_DEFLATE = 1032  # bytes that deflate makes of one at most
_PER_BYTE = 8192  # pixels that JPEG, TIFF and GIF make of a byte at most, with room
_PNG = b"\x89PNG\r\n\x1a\n"
_PNG_CHANNELS = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}
_PNG_CHUNK_MOST = 8 << 20  # of what is no pixels: colour profiles and texts
_JPEG_SIZES = {*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC}  # start of frame
_JPEG_BARE = {0x01, *range(0xD0, 0xD9)}  # markers without a length
_TIFF_TYPES = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 13: 4}  # bytes of a value


class Claim(NamedTuple):
    """What a header says: width and height in pixels, bits of a pixel; whether its bytes are packed."""

    width: int
    height: int
    bits: int = 24
    packed: bool = True


def header_problem(data: bytes) -> str | None:
    """What is wrong with what a picture's header claims; None: it can be decoded within the limit.

    Args:
        data: the whole file: PNG, JPEG, WebP, TIFF, BMP or GIF; of other formats nothing is decoded.
    """
    reader = _reader(data)
    if reader is None:
        return "it is no PNG, JPEG, WebP, TIFF, BMP or GIF"
    try:
        claim = reader(data)
    except (struct.error, IndexError, ValueError):
        claim = None
    if claim is None:
        return "its header is damaged"
    width, height, bits, packed = claim
    if not (0 < width <= MAX_SIDE and 0 < height <= MAX_SIDE and width * height <= MAX_PIXELS):
        return f"its header claims {width} × {height} pixels; at most {MAX_PIXELS >> 20} million are read"
    least = -(-width * bits // 8) * height if not packed else width * height / _PER_BYTE
    if reader is _webp:
        least = 0  # one colour takes no more bytes, however large the picture is
    elif reader is _png:
        least = (width * bits // 8 + 1) * height / _DEFLATE
    if least > len(data):
        return f"its header claims {width} × {height} pixels, for which the file is too short"
    return None


def _reader(data: bytes) -> Callable[[bytes], Claim | None] | None:
    if data.startswith(_PNG):
        return _png
    if data.startswith(b"\xff\xd8\xff"):
        return _jpeg
    if data.startswith(b"RIFF") and data[8:12] == b"WEBP":
        return _webp
    if data[:4] in (b"II*\0", b"MM\0*"):
        return _tiff
    if data.startswith(b"BM"):
        return _bmp
    return _gif if data[:6] in (b"GIF87a", b"GIF89a") else None


def _png(data: bytes) -> Claim | None:
    """PNG 3rd edition, §5.3: every chunk up to the last has to be as long as it claims."""
    length, kind, width, height, depth, colour = struct.unpack_from(">I4sIIBB", data, 8)
    if (length, kind) != (13, b"IHDR") or colour not in _PNG_CHANNELS or depth not in (1, 2, 4, 8, 16):
        return None
    at = 8
    while at + 8 <= len(data):
        length, kind = struct.unpack_from(">I4s", data, at)
        if at + 12 + length > len(data) or (kind not in (b"IDAT", b"fdAT") and length > _PNG_CHUNK_MOST):
            return None
        at += 12 + length
        if kind == b"IEND":
            return Claim(width, height, depth * _PNG_CHANNELS[colour])
    return None


def _jpeg(data: bytes) -> Claim | None:
    """ITU-T T.81, B.1.1: segments up to the start of the frame, which says the size."""
    at = 2
    while True:
        while data[at] == 0xFF and data[at + 1] == 0xFF:  # fill bytes
            at += 1
        mark, kind = data[at], data[at + 1]
        if mark != 0xFF or kind in (0x00, 0xD9, 0xDA):  # no segment; the end, or pixels before any size
            return None
        if kind in _JPEG_BARE:
            at += 2
            continue
        (length,) = struct.unpack_from(">H", data, at + 2)
        if kind in _JPEG_SIZES:
            _, height, width, channels = struct.unpack_from(">BHHB", data, at + 4)
            return Claim(width, height, 8 * channels) if 1 <= channels <= 4 else None
        if length < 2 or at + 2 + length > len(data):
            return None
        at += 2 + length


def _webp(data: bytes) -> Claim | None:
    """RFC 9649, §2: the first chunk says the size; every chunk has to be as long as it claims."""
    found: Claim | None = None
    at, end = 12, min(len(data), 8 + struct.unpack_from("<I", data, 4)[0])
    while at + 8 <= end:
        kind, length = struct.unpack_from("<4sI", data, at)
        if at + 8 + length > len(data):
            return None
        claim = _webp_claim(kind, data, at + 8)
        if claim is not None and (found is None or claim.width * claim.height > found.width * found.height):
            found = claim
        at += 8 + length + length % 2
    return found


def _webp_claim(kind: bytes, data: bytes, at: int) -> Claim | None:
    if kind == b"VP8X":
        width, height = (1 + int.from_bytes(data[at + k : at + k + 3], "little") for k in (4, 7))
        return Claim(width, height)
    if kind == b"VP8L":
        (bits,) = struct.unpack_from("<I", data, at + 1)
        return Claim(1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF))
    if kind == b"VP8 ":
        width, height = struct.unpack_from("<HH", data, at + 6)
        return Claim(width & 0x3FFF, height & 0x3FFF)
    return None


def _bmp(data: bytes) -> Claim | None:
    (size,) = struct.unpack_from("<I", data, 14)
    if size == 12:
        width, height, _, bits = struct.unpack_from("<HHHH", data, 18)
        return Claim(width, height, bits, packed=False)
    width, height, _, bits, packing = struct.unpack_from("<iiHHI", data, 18)
    if size < 40 or bits not in (1, 4, 8, 16, 24, 32) or packing not in (0, 1, 2, 3, 6):
        return None
    return Claim(width, abs(height), bits, packed=packing in (1, 2))


def _gif(data: bytes) -> Claim | None:
    width, height = struct.unpack_from("<HH", data, 6)
    return Claim(width, height, 8)


def _tiff(data: bytes) -> Claim | None:
    """TIFF 6.0, §2: the first directory says the size of the picture, and of its tiles."""
    order = "<" if data.startswith(b"II") else ">"
    (at,) = struct.unpack_from(f"{order}I", data, 4)
    (count,) = struct.unpack_from(f"{order}H", data, at)
    found: dict[int, int] = {}
    for k in range(count):
        tag, kind, n, value = struct.unpack_from(f"{order}HHII", data, at + 2 + 12 * k)
        width = _TIFF_TYPES.get(kind, 1)
        if n * width > len(data):
            return None
        if n * width <= 4:
            value = int.from_bytes(data[at + 10 + 12 * k :][:width], "little" if order == "<" else "big")
        found.setdefault(tag, value)
    samples = found.get(277, 1)
    tile = (found.get(322, 1), found.get(323, 1))
    if 256 not in found or 257 not in found or samples > 8 or tile[0] * tile[1] > MAX_PIXELS:
        return None
    return Claim(found[256], found[257])
