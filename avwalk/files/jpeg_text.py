"""Text in JPEG files: what a picture says of itself, in comment segments (ITU-T T.81, B.2.4.5).

A comment is keyword, zero byte and UTF-8 text; a text that is longer than a segment goes on in the next one of the same
keyword.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from avwalk.errors import VideoError

START = b"\xff\xd8"
_COMMENT, _SCAN, _APP0 = 0xFE, 0xDA, 0xE0
_ROOM = 65_533  # bytes of a segment, without its length
MAX_TEXT = 4 << 20  # bytes of all comments


def is_jpeg(path: Path) -> bool:
    """Whether a file begins like a JPEG; False if it cannot be read."""
    try:
        with path.open("rb") as file:
            return file.read(3) == START + b"\xff"
    except OSError:
        return False


def with_text(jpeg: bytes, texts: Mapping[str, str]) -> bytes:
    """A JPEG with texts, keyword → text, behind its first segment where that names the format (JFIF), else at once.

    Raises:
        VideoError: it is no JPEG.
    """
    if not jpeg.startswith(START + b"\xff"):
        raise VideoError("text can only be put into a JPEG; these bytes are none")
    at = 4 + int.from_bytes(jpeg[4:6], "big") if jpeg[3] == _APP0 else 2
    made = b"".join(_segment(data) for keyword, text in texts.items() for data in _parts(keyword, text))
    return jpeg[:at] + made + jpeg[at:]


def read_text(path: Path) -> dict[str, str]:
    """The texts of a JPEG, keyword → text; comments without a keyword together as ``comment``. Pixels are not read.

    Raises:
        VideoError: the file cannot be opened, or is no JPEG.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise VideoError(f"'{path}' cannot be opened: {error.strerror or error}") from None
    if not data.startswith(START + b"\xff"):
        raise VideoError(f"'{path}' is no JPEG")
    found: dict[str, bytes] = {}
    for comment in _comments(data):
        keyword, zero, text = comment.partition(b"\0")
        name = keyword.decode("utf-8", "replace") if zero else "comment"
        found[name] = found.get(name, b"") + (text if zero else comment)
    return {name: text[:MAX_TEXT].decode("utf-8", "replace") for name, text in found.items()}


def _comments(data: bytes) -> Iterator[bytes]:
    """Contents of the comment segments before the pixels."""
    at = 2
    while at + 4 <= len(data) and data[at] == 0xFF and data[at + 1] != _SCAN:
        length = int.from_bytes(data[at + 2 : at + 4], "big")
        if length < 2:
            return
        if data[at + 1] == _COMMENT:
            yield data[at + 4 : at + 2 + length]
        at += 2 + length


def _parts(keyword: str, text: str) -> Iterator[bytes]:
    head, body = keyword.encode() + b"\0", text.replace("\0", "").encode("utf-8", "replace")
    step = _ROOM - len(head)
    return (head + body[at : at + step] for at in range(0, max(1, len(body)), step))


def _segment(data: bytes) -> bytes:
    return bytes((0xFF, _COMMENT)) + (len(data) + 2).to_bytes(2, "big") + data
