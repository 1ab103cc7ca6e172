"""PNG text chunks tEXt, zTXt and iTXt (PNG 3rd edition, §11.3.3): read and written.

Other programs write the chunk ``parameters`` (see `avwalk.files.infotext`); avwalk adds ``avwalk``, JSON.
"""

from __future__ import annotations

import hashlib
import io
import json
import struct
import zlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import BinaryIO

from avwalk._version import __version__
from avwalk.errors import VideoError
from avwalk.files.atomic import whole_file

SIGNATURE = b"\x89PNG\r\n\x1a\n"
MAX_TEXT = 4 << 20  # bytes of a text, unpacked: a small file must not become a large one
_TEXTS = (b"tEXt", b"zTXt", b"iTXt")


def origin_text(kind: str, **facts: object) -> dict[str, str]:
    """What a picture says of itself that is no frame of a film: keyword → text, for `with_text`.

    Args:
        kind: what it shows, such as ``"analysis"``.
        facts: what is known of it; JSON values.
    """
    return {"avwalk": json.dumps({"version": __version__, "kind": kind, **facts}, ensure_ascii=False)}


def is_png(path: Path) -> bool:
    """Whether a file begins like a PNG; False if it cannot be read."""
    try:
        with path.open("rb") as file:
            return file.read(len(SIGNATURE)) == SIGNATURE
    except OSError:
        return False


def png_size(data: bytes) -> tuple[int, int] | None:
    """Width and height of a PNG whose chunks are all there and as they were written; None of others."""
    at, size, pixels = len(SIGNATURE), None, False
    while data.startswith(SIGNATURE) and at + 12 <= len(data):
        length, kind = struct.unpack(">I4s", data[at : at + 8])
        if at + 12 + length > len(data):
            return None
        body = data[at + 4 : at + 8 + length]
        if zlib.crc32(body) != struct.unpack(">I", data[at + 8 + length : at + 12 + length])[0]:
            return None
        if kind == b"IHDR" and length == 13:
            size = struct.unpack(">II", body[4:12])
        pixels = pixels or kind == b"IDAT"
        if kind == b"IEND":
            return (size[0], size[1]) if size and pixels else None
        at += 12 + length
    return None


def is_whole_png(data: bytes) -> bool:
    """Whether all chunks of a PNG are there, and as they were written."""
    return png_size(data) is not None


def with_text(png: bytes, texts: Mapping[str, str]) -> bytes:
    """A PNG with texts, before its pixels. One of the same name that is there is replaced.

    Args:
        png: a whole file.
        texts: keyword (1 to 79 letters of Latin-1) → text. As tEXt where Latin-1 has all its letters, which every
            program reads, else as iTXt; JSON (a text that begins with ``{``) always as iTXt.

    Raises:
        VideoError: it is no PNG, or a keyword is not allowed.
    """
    if not png.startswith(SIGNATURE) or png[12:16] != b"IHDR":
        raise VideoError("text can only be put into a PNG, which begins with its size; these bytes do not")
    end_of_size = len(SIGNATURE) + 25
    kept, at = [png[:end_of_size]], end_of_size
    kept += [_chunk(keyword, text) for keyword, text in texts.items()]
    while at + 8 <= len(png):
        length, kind = struct.unpack(">I4s", png[at : at + 8])
        whole = png[at : at + 12 + length]
        if kind not in _TEXTS or whole[8:88].partition(b"\0")[0].decode("latin-1") not in texts:
            kept.append(whole)
        at += 12 + length
    return b"".join(kept)


def put_text(path: Path, texts: Mapping[str, str]) -> None:
    """`with_text` on a file, which stays whole; its `pixels_sha256` stays what it is. Does not wait for the disk.

    Raises:
        VideoError: it is no PNG.
        OutputError: it cannot be written.
    """
    if texts:
        with whole_file(path, "no") as part:
            part.write_bytes(with_text(path.read_bytes(), texts))


def pixels_sha256(path: Path) -> str:
    """sha256 of a PNG without its texts, 64 hexadecimal digits: of the file as it was before any were put in.

    Raises:
        OSError: it cannot be read.
    """
    return hashlib.sha256(without_text(path.read_bytes())).hexdigest()


def without_text(png: bytes) -> bytes:
    """A PNG as it was before any texts were put in."""
    kept, at = [png[: len(SIGNATURE)]], len(SIGNATURE)
    while at < len(png):
        length, kind = struct.unpack(">I4s", png[at : at + 8]) if at + 8 <= len(png) else (0, b"")
        if kind not in _TEXTS:
            kept.append(png[at : at + 12 + length])
        at += 12 + length
    return b"".join(kept)


def read_text(path: Path) -> dict[str, str]:
    """The texts of a PNG, keyword → text. Chunks that are damaged are left out; pixels are not read.

    Raises:
        VideoError: the file cannot be opened, or is no PNG.
    """
    try:
        with path.open("rb") as file:
            if file.read(len(SIGNATURE)) != SIGNATURE:
                raise VideoError(f"'{path}' is no PNG")
            return dict(text for text in _texts(file) if text)
    except OSError as error:
        raise VideoError(f"'{path}' cannot be opened: {error.strerror or error}") from None


def texts_of(png: bytes) -> dict[str, str]:
    """The texts of a PNG in memory, keyword → text, see `read_text`.

    Raises:
        VideoError: it is no PNG.
    """
    if not png.startswith(SIGNATURE):
        raise VideoError("it is no PNG")
    return dict(text for text in _texts(io.BytesIO(png[len(SIGNATURE) :])) if text)


def _texts(file: BinaryIO) -> Iterator[tuple[str, str] | None]:
    while len(head := file.read(8)) == 8:
        length, kind = struct.unpack(">I4s", head)
        if kind == b"IEND" or length > 0x7FFFFFFF:
            return
        if kind in _TEXTS and length <= MAX_TEXT:
            body, check = file.read(length), file.read(4)
            if len(check) == 4 and zlib.crc32(kind + body) == struct.unpack(">I", check)[0]:
                yield _read(kind, body)
        else:
            file.seek(length + 4, 1)


def _read(kind: bytes, body: bytes) -> tuple[str, str] | None:
    """Keyword and text of a chunk; None if it holds none."""
    keyword, _, rest = body.partition(b"\0")
    try:
        if kind == b"tEXt":
            text = rest.decode("latin-1")
        elif kind == b"zTXt":
            text = _unpacked(rest[1:]).decode("latin-1")
        else:
            packed, rest = rest[:1] == b"\x01", rest[2:]
            _language, _, rest = rest.partition(b"\0")
            _translated, _, rest = rest.partition(b"\0")
            text = (_unpacked(rest) if packed else rest).decode("utf-8")
    except (zlib.error, UnicodeDecodeError, ValueError):
        return None
    return (keyword.decode("latin-1"), text) if keyword else None


def _unpacked(data: bytes) -> bytes:
    unpacker = zlib.decompressobj()
    text = unpacker.decompress(data, MAX_TEXT)
    if unpacker.unconsumed_tail:
        raise ValueError(f"more than {MAX_TEXT} bytes")
    return text


def _chunk(keyword: str, text: str) -> bytes:
    try:
        name = keyword.encode("latin-1")
    except UnicodeEncodeError:
        name = b""
    if not 1 <= len(name) <= 79 or b"\0" in name or keyword != keyword.strip():
        raise VideoError(f"'{keyword}' cannot name a text in a PNG; use 1 to 79 letters")
    text = text.replace("\0", "")
    if not text.startswith("{") and all(ord(letter) < 256 for letter in text):
        kind, body = b"tEXt", name + b"\0" + text.encode("latin-1")
    else:  # no compression, no language, no translated keyword
        kind, body = b"iTXt", name + b"\0\0\0\0\0" + text.encode("utf-8", "replace")
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
