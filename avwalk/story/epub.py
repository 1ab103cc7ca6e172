"""A chapter of an EPUB, read within bounds: nothing is unpacked to disk, nothing in it is run or fetched."""

from __future__ import annotations

import posixpath
import re
import zipfile
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote
from xml.etree import ElementTree

from avwalk.errors import StoryError, clipped
from avwalk.files.names import name_problem

MAX_ENTRIES = 20_000
MAX_MEMBER = 8 << 20
"""Bytes of a file in the book, unpacked."""
MAX_FILE = 512 << 20
LEAST_WORDS = 40
"""Of what counts as a chapter: title pages have fewer."""
_MOST_CHAPTERS = 2000
_NAMED = 8  # chapters that a message names
_HIDDEN = {"script", "style", "head", "svg", "math", "template", "nav", "figcaption", "table"}
_BLOCKS = {"p", "div", "li", "blockquote", "section", "article", "body", "dd", "dt", "tr", "hr"}
_HEADINGS = {"h1", "h2", "h3", "h4", "h5", "h6"}


class _Blocks(HTMLParser):
    """Collects the blocks of a page as ``(kind, text)``."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.blocks: list[tuple[str, str]] = []
        self._text: list[str] = []
        self._kind, self._hidden = "p", 0

    def handle_starttag(self, tag: str, attrs: object) -> None:
        """Begins a block."""
        if tag in _HIDDEN:
            self._hidden += 1
        elif tag == "br":
            self._text.append(" ")
        elif tag in _BLOCKS or tag in _HEADINGS:
            self.flush()
            self._kind = "h" if tag in _HEADINGS else "p"

    def handle_startendtag(self, tag: str, attrs: object) -> None:
        """An empty element hides nothing."""
        if tag not in _HIDDEN:
            self.handle_starttag(tag, attrs)

    def handle_endtag(self, tag: str) -> None:
        """Ends a block."""
        if tag in _HIDDEN:
            self._hidden = max(0, self._hidden - 1)
        elif tag in _BLOCKS or tag in _HEADINGS:
            self.flush()
            self._kind = "p"

    def handle_data(self, data: str) -> None:
        """Text."""
        if not self._hidden:
            self._text.append(data)

    def flush(self) -> None:
        """Closes the block."""
        if text := "".join(self._text).strip():
            self.blocks.append((self._kind, text))
        self._text = []


def read_chapter(file: Path, chapter: int | None) -> tuple[str, list[tuple[str, str]], str]:
    """Title, blocks and language of a chapter.

    Args:
        file: the book.
        chapter: from 1; None: the only one.

    Raises:
        StoryError: it is no EPUB, is protected or too large, or has no such chapter.
    """
    if problem := name_problem(file):
        raise StoryError(f"book {problem}")
    try:
        if not file.is_file():
            raise StoryError(f"book '{file}' is not there, or no file; check its name")
        if file.stat().st_size > MAX_FILE:
            raise StoryError(f"book '{file.name}' is larger than {MAX_FILE >> 20} MiB")
        with zipfile.ZipFile(file) as book:
            return _chapter(book, file.name, chapter)
    except (zipfile.BadZipFile, ElementTree.ParseError, NotImplementedError, OSError, EOFError, ValueError) as error:
        raise StoryError(f"'{file.name}' is no EPUB that can be read: {clipped(error, 120)}") from None


def _chapter(book: zipfile.ZipFile, name: str, chapter: int | None) -> tuple[str, list[tuple[str, str]], str]:
    if len(book.namelist()) > MAX_ENTRIES:
        raise StoryError(f"'{name}' holds {len(book.namelist())} files; that is no book")
    protected = b"EncryptedData" in _member(book, "META-INF/encryption.xml", missing_ok=True)
    title, language, pages = _spine(book)
    chapters = list[list[tuple[str, str]]]()
    for page in pages[:_MOST_CHAPTERS]:
        parser = _Blocks()
        parser.feed(_member(book, page, missing_ok=True).decode("utf-8", "replace"))
        parser.close()
        parser.flush()
        if sum(len(text.split()) for kind, text in parser.blocks if kind == "p") >= LEAST_WORDS:
            chapters.append(parser.blocks)
    if not chapters:
        why = "it is protected (DRM)" if protected else "no page of it has text"
        raise StoryError(f"'{name}' has no chapter: {why}")
    if chapter is None and len(chapters) > 1:
        heads = [f"{k} {_head(blocks)}" for k, blocks in enumerate(chapters[:_NAMED], 1)]
        more = ", …" if len(chapters) > _NAMED else ""
        raise StoryError(f"'{name}' has {len(chapters)} chapters; say which: --chapter 1 ({', '.join(heads)}{more})")
    number = chapter or 1
    if not 1 <= number <= len(chapters):
        raise StoryError(f"--chapter {number} is out of range: '{name}' has {len(chapters)} chapters")
    blocks = chapters[number - 1]
    headed = next((text for kind, text in blocks if kind == "h"), "")
    whole = f"{title}: {headed}" if title and headed and headed != title else headed or title
    return whole, blocks, language.split("-")[0].lower()


def _head(blocks: list[tuple[str, str]]) -> str:
    found = next((text for kind, text in blocks if kind == "h"), blocks[0][1])
    return f"'{clipped(' '.join(found.split()), 24)}'"


def _spine(book: zipfile.ZipFile) -> tuple[str, str, list[str]]:
    """Title, language and pages of a book, in reading order (EPUB 3.3, 5.6 and 5.7)."""
    container = _xml(_member(book, "META-INF/container.xml"))
    root = next((e.get("full-path", "") for e in container.iter() if _tag(e) == "rootfile"), "")
    package = _xml(_member(book, root))
    folder = posixpath.dirname(root)
    texts = {
        _tag(e): (e.text or "").strip() for e in reversed(list(package.iter())) if _tag(e) in ("title", "language")
    }
    items = {e.get("id", ""): e.get("href", "") for e in package.iter() if _tag(e) == "item"}
    order = [items.get(e.get("idref", ""), "") for e in package.iter() if _tag(e) == "itemref"]
    pages = [posixpath.normpath(posixpath.join(folder, unquote(href.partition("#")[0]))) for href in order if href]
    return texts.get("title", ""), texts.get("language", ""), list(dict.fromkeys(pages))


def _tag(element: ElementTree.Element) -> str:
    return str(element.tag).rpartition("}")[2]


def _xml(data: bytes) -> ElementTree.Element:
    if re.search(rb"<!ENTITY", data, re.I):
        raise ValueError("its tables define entities")
    return ElementTree.fromstring(data)


def _member(book: zipfile.ZipFile, name: str, *, missing_ok: bool = False) -> bytes:
    """A file of the book, within bounds."""
    try:
        info = book.getinfo(name)
    except KeyError:
        if missing_ok:
            return b""
        raise ValueError(f"'{clipped(name)}' is not in it") from None
    if info.flag_bits & 1:
        raise ValueError("it is encrypted")
    with book.open(info) as stream:
        data = stream.read(MAX_MEMBER + 1)
    if len(data) > MAX_MEMBER:
        raise ValueError(f"'{clipped(name)}' is larger than {MAX_MEMBER >> 20} MiB")
    return data
