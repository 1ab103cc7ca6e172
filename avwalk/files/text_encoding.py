"""The encoding of text files that other programs write: what a mark says, what was told, else UTF-8.

Spreadsheets in the west of Europe still save cp1252, which reads any bytes as some letters. So what is read as cp1252
is said with its words, and refused where no western language looks like it.
"""

from __future__ import annotations

import codecs
import logging
import re
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from avwalk.errors import OptionError, did_you_mean

BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
COMMON = ("utf-8", "utf-16", "cp1250", "cp1251", "cp1252", "cp1253", "cp1254", "shift_jis", "gbk", "big5", "euc_kr")
COMMON_TOO = ("mac_roman", "koi8_r", "iso8859_2", "iso8859_15", "latin_1", "cp437", "cp850", "cp932", "cp949")
HINT = "save it as CSV UTF-8, or say what it is in, such as --encoding cp1251"
_SAID = 60  # letters of the words that a message shows
_told: ContextVar[str | None] = ContextVar("encoding", default=None)
_log = logging.getLogger(__name__)
_LETTER = "A-Za-zÀ-ÖØ-öø-ÿŠšŽžŒœŸ"
_MARKED = "À-ÖØ-öø-ÿ"
# What western text in cp1252 does not hold: three letters with marks in a row, words of nothing else, signs that stand
# alone in the middle of a word, capitals there, what UTF-8 and Mac Roman leave behind, controls.
_ODD = re.compile(
    rf"[{_MARKED}]{{3}}|(?<![{_LETTER}])[{_MARKED}]{{2,}}(?![{_LETTER}])"
    rf"|[ˆ˜ƒ‡Ÿ¤¦¬¯¸\x80-\x9f]|[{_LETTER}][×÷]|[×÷][{_LETTER}]"
    "|[ÂÃâ][\u0080-¿€‚„…‹›‘’“”•–—™šŽžœŒŠ]"
    rf"|[{_LETTER}][¢£¥§©«®±²³¶¹»¼½¾„‹][{_LETTER}]|[a-z][ŠŽ]|[A-Z][ŠŽ][a-z]"
)


def checked_encoding(name: str) -> str:
    """The name of an encoding of text, as Python spells it.

    Raises:
        OptionError: there is none of that name.
    """
    try:
        found = codecs.lookup(name)
        "".encode(found.name)
    except (LookupError, ValueError):
        near = did_you_mean(name, (*COMMON, *COMMON_TOO))
        raise OptionError(f"encoding '{name}' is not known{near}; there are {', '.join(COMMON)} and others") from None
    return found.name


@contextmanager
def reading_as(encoding: str | None) -> Iterator[None]:
    """Within the context, text files without a mark of their own are read in this encoding; None: as before.

    Raises:
        OptionError: there is none of that name.
    """
    token = _told.set(checked_encoding(encoding) if encoding else _told.get())
    try:
        yield
    finally:
        _told.reset(token)


def decoded(data: bytes, name: str = "") -> tuple[str, str, bytes]:
    """A text, its encoding, and the mark before it.

    Args:
        data: the file's bytes.
        name: of the file: with it, words read as cp1252 are said as a warning.

    Raises:
        ValueError: the bytes are no text, or text in an encoding that nobody told.
    """
    for bom, encoding in BOMS:
        if data.startswith(bom):
            try:
                return data[len(bom) :].decode(encoding), encoding, bom
            except UnicodeDecodeError as error:
                raise ValueError(
                    f"it begins as {encoding}, but byte {error.start} is no letter of it; save it as CSV"
                ) from None
    if other := _told.get() or _setting():
        try:
            return data.decode(other), other, b""
        except UnicodeDecodeError:
            words = _words(data.decode(other, "replace"))
            raise ValueError(f"as {other} its words are {words}; name another encoding") from None
    if data[1:200:2].count(0) > 3 * len(data[1:200:2]) / 4:
        return data.decode("utf-16-le"), "utf-16-le", b""
    if data[0:200:2].count(0) > 3 * len(data[0:200:2]) / 4:
        return data.decode("utf-16-be"), "utf-16-be", b""
    if b"\0" in data:
        raise ValueError("it holds bytes that are no text; save it as CSV")
    try:
        return data.decode("utf-8"), "utf-8", b""
    except UnicodeDecodeError:
        return _western(data, name), "cp1252", b""


def _western(data: bytes, name: str) -> str:
    text = data.decode("cp1252", "replace")
    words = _words(text)
    if "\ufffd" in text or _ODD.search(text):
        raise ValueError(f"it is not UTF-8, and read as Windows-1252 its words are {words}; {HINT}")
    if name:
        _log.warning("'%s' is not UTF-8; read as Windows-1252: %s. If that is wrong, %s", name, words, HINT)
    return text


def _words(text: str) -> str:
    """The first words that are not ASCII, as they were read."""
    found = [word for word in re.findall(r"[^\s,;\"]+", text) if not word.isascii()]
    shown = " ".join(dict.fromkeys(found))
    shown = shown if len(shown) <= _SAID else shown[:_SAID].rstrip() + " …"
    return "'" + "".join(c if c.isprintable() else "\ufffd" for c in shown) + "'"


def _setting() -> str | None:
    from avwalk.settings import settings  # late: what reads no table needs none

    name = settings().encoding
    return checked_encoding(name) if name else None
