"""The text of a story out of a file: plain text, Markdown, or a chapter of an EPUB."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from avwalk.errors import StoryError, clipped
from avwalk.files.names import as_there, name_problem
from avwalk.files.text_encoding import decoded
from avwalk.screenplay.conversation import conversation_of, is_conversation

MAX_BYTES = 8 << 20
"""Of a file of text."""
MAX_LETTERS = 2_000_000
"""Of a story: about 700 pages."""
MAX_WORD = 500
"""Letters of a word, in scripts that have blanks."""
SUFFIXES = (".txt", ".md", ".markdown", ".epub")
_TITLE_LETTERS = 80
_HEADING = re.compile(r"\s*(?i:chapter|part|kapitel|teil|chapitre|partie)?\s*([IVXLC]{1,8}|\d{1,3})\.?\s*")
_CONTROL = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u200b\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff\ufffd\ud800-\udfff]"
)


@dataclass(frozen=True)
class Paragraph:
    """A paragraph of a story.

    Attributes:
        text: on one line.
        heading: what stands above it, where something does.
    """

    text: str
    heading: str = ""


@dataclass(frozen=True)
class StoryText:
    """A story as it is told.

    Attributes:
        title: of the story; never empty.
        paragraphs: in order; never none.
        language: as the file says, ``en``; empty: it does not.
    """

    title: str
    paragraphs: tuple[Paragraph, ...]
    language: str = ""

    @property
    def text(self) -> str:
        """All of it, paragraphs divided by empty lines."""
        return "\n\n".join(paragraph.text for paragraph in self.paragraphs)


def read_story(file: Path, chapter: int | None = None) -> StoryText:
    """The story in a file.

    Args:
        file: ``.txt``, ``.md`` or ``.epub``.
        chapter: of an EPUB, from 1; None: its only one.

    Raises:
        StoryError: it cannot be read, is too large, no text, or holds no story.
    """
    file = as_there(file)
    suffix = file.suffix.lower()
    if suffix not in SUFFIXES:
        raise StoryError(f"'{file.name}' is no story that can be read; give {', '.join(SUFFIXES)}")
    if chapter is not None and suffix != ".epub":
        raise StoryError(f"--chapter {chapter}: '{file.name}' has no chapters; only an .epub has")
    if suffix == ".epub":
        from avwalk.story.epub import read_chapter

        title, blocks, language = read_chapter(file, chapter)
    else:
        text, language = _text_of(file), ""
        title, blocks = _markdown(text) if suffix != ".txt" else _plain(text)
    return story_of(title or _name_as_title(file), blocks, language)


def story_of(title: str, blocks: Sequence[tuple[str, str]], language: str = "") -> StoryText:
    """A story of blocks ``(kind, text)``, kind ``"p"`` or ``"h"``.

    Raises:
        StoryError: there is nothing to tell, or far too much.
    """
    paragraphs, heading = list[Paragraph](), ""
    for kind, text in blocks:
        clear = clean(text)
        if not any(letter.isalnum() for letter in clear):
            continue
        if kind == "h":
            heading = clear
            continue
        paragraphs.append(Paragraph(clear, heading))
        heading = ""
    if not paragraphs:
        raise StoryError(f"'{clipped(title)}' holds no sentence; a story is text in paragraphs")
    words = (word for each in paragraphs for word in each.text.split())
    if (most := max((len(word) for word in words if word.isascii()), default=0)) > MAX_WORD:
        raise StoryError(f"'{clipped(title)}' holds a word of {most:,} letters; that is no text that can be told")
    if (n := sum(len(each.text) for each in paragraphs)) > MAX_LETTERS:
        raise StoryError(f"'{clipped(title)}' has {n:,} letters; at most {MAX_LETTERS:,} are told: give a part of it")
    return StoryText(clean(title)[:200], tuple(paragraphs), language)


def clean(text: str) -> str:
    """A text on one line, without controls and what turns the direction of writing."""
    return unicodedata.normalize("NFC", " ".join(_CONTROL.sub("", text).split()))


def _text_of(file: Path) -> str:
    if problem := name_problem(file):
        raise StoryError(f"story {problem}")
    try:
        if file.exists() and not file.is_file():  # a pipe would be waited for
            raise StoryError(f"story '{file}' is no file; name one")
        with file.open("rb") as stream:
            data = stream.read(MAX_BYTES + 1)
    except OSError as error:
        raise StoryError(f"story '{file}' cannot be read: {error.strerror}; check its name") from None
    if len(data) > MAX_BYTES:
        raise StoryError(f"story '{file.name}' is larger than {MAX_BYTES >> 20} MiB; give a part of it")
    if not data.strip():
        raise StoryError(f"story '{file.name}' is empty")
    try:
        return decoded(data, file.name)[0]
    except ValueError as error:
        raise StoryError(f"story '{file.name}' is not text: {clipped(error, 200)}") from None


def _plain(text: str) -> tuple[str, list[tuple[str, str]]]:
    """Title and paragraphs of a plain text: empty lines divide them, lines that are broken by hand are joined; of a
    conversation each message is one."""
    if is_conversation(text):
        return "", [("p", f"{each.speaker}: {each.text}".removeprefix(": ")) for each in conversation_of(text)[0]]
    parts = [part for part in re.split(r"\n\s*\n", text.replace("\r\n", "\n").replace("\r", "\n")) if part.strip()]
    if len(parts) == 1 and "\n" in parts[0].strip():
        lines = parts[0].strip().split("\n")
        if sum(len(line) for line in lines) / len(lines) > 100:  # a paragraph is a line
            parts = lines
    title = ""
    if len(parts) > 1 and is_title(parts[0]):
        title, parts = parts[0], parts[1:]
    return title, [("h" if _is_heading(part) else "p", part) for part in parts]


def is_title(text: str) -> bool:
    """Whether a first line is the title: short, and no sentence."""
    line = text.strip()
    return "\n" not in line and len(line) <= _TITLE_LETTERS and not re.search(r"[.!?…:;,\"”»]$", line)


def _is_heading(text: str) -> bool:
    """Whether a paragraph only numbers what follows: ``II``, ``Chapter 3``, ``* * *`` are not told."""
    return bool(_HEADING.fullmatch(text))


def _markdown(text: str) -> tuple[str, list[tuple[str, str]]]:
    """Title and blocks of a Markdown file; code, pictures, tables and HTML are no story."""
    from markdown_it import MarkdownIt

    text = re.sub(r"\A---\n.*?\n---\n", "", text, flags=re.S)  # front matter
    title, blocks, kind = "", list[tuple[str, str]](), "p"
    for token in MarkdownIt("commonmark").parse(text):
        if token.type == "heading_open":
            kind = "h"
        elif token.type in ("heading_close", "paragraph_open"):
            kind = "p"
        elif token.type == "inline":
            said = "".join(
                " " if child.type in ("softbreak", "hardbreak") else child.content
                for child in token.children or ()
                if child.type in ("text", "code_inline", "softbreak", "hardbreak")
            )
            if kind == "h" and not title and not blocks:
                title = clean(said)
            else:
                blocks.append((kind, said))
    return title, blocks


def _name_as_title(file: Path) -> str:
    name = clean(re.sub(r"[_\-]+", " ", file.stem))
    return name[:1].upper() + name[1:] or "Story"
