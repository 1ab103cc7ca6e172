"""What is read: a story, a conversation, subtitles, lyrics, words on a clock; each as passages."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from avwalk.errors import ScenesError, clipped
from avwalk.files.names import as_there, name_problem
from avwalk.files.text_encoding import decoded
from avwalk.screenplay.conversation import conversation_of, is_conversation
from avwalk.screenplay.prompting import clean
from avwalk.screenplay.scene import Passage
from avwalk.words.files import READERS, transcript_of, words_beside
from avwalk.words.transcript import Transcript, spoken

MAX_BYTES = 4 << 20
"""Of a text: about 1,400 pages."""
TEXTS = (".txt", ".md", ".text", ".markdown", "")
TIMED = tuple(suffix for suffix in READERS if suffix != ".txt")
_DAY = 86_400.0
_LABELS = re.compile(r"-?\d+(?:[.,]\d+)?\t-?\d+(?:[.,]\d+)?(?:\t|$)")
_GAP = 1.5  # seconds between lines that are not one passage


@dataclass(frozen=True)
class Telling:
    """What was read of a file.

    Attributes:
        passages: in order; never none.
        name: of the file.
        notes: what was left out, or taken otherwise.
    """

    passages: tuple[Passage, ...]
    name: str = ""
    notes: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """All of it."""
        return "\n".join(passage.text for passage in self.passages)

    @property
    def has_clock(self) -> bool:
        """Whether it has times."""
        return self.passages[0].start is not None


def read_telling(file: Path) -> Telling:
    """Reads a text of any of the kinds: ``.txt``, ``.md``, a chat log, ``.srt``, ``.lrc``, ``.words.csv``, ….

    Raises:
        ScenesError: it cannot be read, is empty, no text, or far too long.
        WordsError: a file of words is wrong.
    """
    if not file.name:
        raise ScenesError(f"'{file}' is a folder; name a text")
    file = as_there(file)
    suffix = file.suffix.lower()
    if suffix not in (*TEXTS, ".log", *TIMED) and file.exists() and (beside := words_beside(file)):
        file, suffix = beside, beside.suffix.lower()  # of a song
    if suffix in TIMED:
        transcript, notes = transcript_of(file, _DAY)
        return telling_of_words(transcript, notes)
    if suffix not in TEXTS and suffix != ".log":
        known = ", ".join((*TEXTS[:2], ".log", *TIMED))
        raise ScenesError(f"'{file.name}' is of no known kind; words are read from {known}")
    text = _text_of(file)
    lines = text.split("\n", 2)
    if suffix == ".txt" and all(_LABELS.match(line) for line in lines[:2] if line.strip()):
        return telling_of_words(*transcript_of(file, _DAY))
    try:
        return telling_of(text, markdown=suffix in (".md", ".markdown"), name=file.name)
    except ScenesError as error:
        raise ScenesError(f"'{file.name}': {error}") from None


def telling_of(text: str, *, markdown: bool = False, name: str = "") -> Telling:
    """What a text tells: a conversation, where lines begin with who speaks; else paragraphs.

    Args:
        text: of any length up to `MAX_BYTES`.
        markdown: marks of headings, links and emphasis are taken away.
        name: of its file.

    Raises:
        ScenesError: there is no word in it.
    """
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if is_conversation(text):
        passages, notes = conversation_of(text)
    else:
        passages, notes = _paragraphs(_without_marks(text) if markdown else text), []
    if not any(re.search(r"\w", passage.text) for passage in passages):
        raise ScenesError("there is no word in it; a sentence is enough")
    return Telling(tuple(passages), name, tuple(notes))


def telling_of_words(transcript: Transcript, notes: Sequence[str] = ()) -> Telling:
    """What a transcript tells, with its times. Lines that go on from each other are one passage, if it has full stops.

    Raises:
        ScenesError: there is no word in it.
    """
    lines = [line for line in transcript.lines if re.search(r"\w", line.text)]
    if not lines:
        raise ScenesError(f"'{transcript.name}': there is no word in it")
    ended = sum(bool(re.search(r"[.!?…。！？؟][\"'”»]?$", line.text)) for line in lines)
    passages: list[Passage] = []
    for line in lines:
        words = spoken(line)
        start, end = words[0].start, max(words[-1].end, words[0].start + 0.05)
        before = passages[-1] if passages else None
        goes_on = (
            before is not None
            and 3 * ended >= len(lines)
            and before.speaker == line.speaker
            and start - (before.end or 0.0) < _GAP
            and not re.search(r"[.!?…。！？؟][\"'”»]?$", before.text)
        )
        if goes_on and before is not None:
            text = f"{before.text} {clean(line.text)}"
            passages[-1] = Passage(text, before.start, end, before.speaker, before.paragraph)
        else:
            passages.append(Passage(clean(line.text), start, end, line.speaker))
    return Telling(tuple(passages), transcript.name, tuple(notes))


def _paragraphs(text: str) -> list[Passage]:
    """Paragraphs between empty lines; a text without any has one for each line."""
    blocks = re.split(r"\n\s*\n", text)
    if len(blocks) == 1 and text.count("\n") > 2 and max(map(len, text.split("\n"))) > 160:
        blocks = text.split("\n")
    found = [clean(block) for block in blocks]
    return [Passage(block, paragraph=k) for k, block in enumerate(found) if re.search(r"\w", block)]


_MARKS: Sequence[tuple[str, str | Callable[[re.Match[str]], str]]] = (
    (r"\A---\n.*?\n---\n", ""),  # front matter
    (r"```.*?(?:```|\Z)", ""),
    (r"<!--.{0,2000}?-->", ""),
    (r"!\[[^\]\n]{0,500}\]\([^)\n]{0,500}\)", ""),
    (r"\[([^\]\n]{0,500})\]\([^)\n]{0,500}\)", r"\1"),
    (r"^ {0,3}#{1,6}\s+.*$", "\n"),
    (r"^ {0,3}(?:[-*_]\s*){3,}$", "\n"),
    (r"^ {0,3}(?:>|[-*+]|\d+\.)\s+", ""),
    (r"(\*\*|__|\*|`)(?=\S)(.{1,500}?)(?<=\S)\1", r"\2"),
    (r"(?<!\w)_(?=\S)(.{1,500}?)(?<=\S)_(?!\w)", r"\1"),
    (r"<[^>\n]{1,200}>", ""),
)


def _without_marks(text: str) -> str:
    """Markdown's text, without headings, pictures, code and marks."""
    for pattern, instead in _MARKS:
        text = re.sub(pattern, instead, text, flags=re.M | re.S if pattern.startswith((r"\A", "`", "<!")) else re.M)
    return text


def _text_of(file: Path) -> str:
    """The text of a file, within bounds.

    Raises:
        ScenesError: it cannot be read, is too large, or no text.
    """
    if problem := name_problem(file):
        raise ScenesError(f"text {problem}")
    try:
        if file.exists() and not (file.is_file() or file.is_dir()):
            raise ScenesError(f"'{file}' is no file; name a text")
        with file.open("rb") as stream:
            data = stream.read(MAX_BYTES + 1)
    except OSError as error:
        raise ScenesError(f"text '{file}' cannot be read: {error.strerror}; check its name") from None
    if len(data) > MAX_BYTES:
        raise ScenesError(
            f"'{file}' is larger than {MAX_BYTES >> 20} MiB, which is 1,400 pages; cut it into several texts"
        )
    if not data.strip():
        raise ScenesError(f"'{file.name}' is empty; write a sentence into it")
    try:
        return decoded(data, file.name)[0]
    except ValueError as error:
        said = (
            str(error).replace("save it as CSV UTF-8", "save it as UTF-8").replace("save it as CSV", "save it as UTF-8")
        )
        raise ScenesError(f"'{file.name}' is not text: {clipped(said, 200)}") from None
