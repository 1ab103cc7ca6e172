"""Subtitles: SubRip (.srt), WebVTT (.vtt), and Advanced SubStation Alpha (.ass, .ssa) by pysubs2."""

from __future__ import annotations

import html
import re
import warnings
from collections.abc import Iterator

from avwalk.errors import WordsError, clipped
from avwalk.words.entries import TIME, Entry, Reading, clean, seconds_of, tagged_words
from avwalk.words.transcript import Transcript, Word, split_words, words_of

_ARROW = re.compile(rf"\s*{TIME}\s*-->\s*{TIME}(?:\s.*)?$")
_MARKUP = re.compile(r"</?(?:[A-Za-z][^<>]*|)>|\{\\[^{}]*\}")
_VOICE = re.compile(r"<v(?:\.[^\s>]*)?\s+([^<>]*)>")
_DASH = re.compile(r"\s*[-–—]\s*")
_BLOCKS = ("NOTE", "STYLE", "REGION")
_KARAOKE = re.compile(r"\{[^{}]*?\\[kK][fot]?(\d{1,6})[^{}]*\}([^{}]*)")


def parse_subtitles(text: str, name: str) -> Reading:
    """The cues of a SubRip or WebVTT file. Rows that begin with dashes are said by several, and lines of their own.

    Args:
        text: of the file.
        name: of the file, for messages.

    Raises:
        WordsError: times that are none, or no cue at all.
    """
    entries: list[Entry] = []
    for place, start, end, rows in _cues(text, name):
        voices = [voice[1] for row in rows if (voice := _VOICE.search(row))]
        said = [html.unescape(_MARKUP.sub("", row)) for row in rows]
        said = [row for row in said if clean(row)]
        if len(said) > 1 and all(_DASH.match(row) for row in said):
            parts = [row[m.end() :] for row in said if (m := _DASH.match(row))]
        else:
            parts = [" ".join(said)]
        for part in parts:
            if words := tagged_words(part, start, end):
                entries.append(Entry(start, end, words, clean(voices[0]) if voices else "", place))
    if not entries:
        raise WordsError(f"'{name}' holds no subtitle; one is a row such as 00:00:12,300 --> 00:00:15,000, and text")
    return Reading(tuple(entries))


def _cues(text: str, name: str) -> Iterator[tuple[int, float, float, list[str]]]:
    """Line of the file, start, end and rows of text of each cue."""
    rows = text.splitlines()
    k = 0
    while k < len(rows):
        if rows[k].split(" ")[0].strip() in _BLOCKS and (k == 0 or not rows[k - 1].strip()):
            while k < len(rows) and rows[k].strip():
                k += 1
            continue
        if "-->" not in rows[k]:
            k += 1
            continue
        match = _ARROW.match(rows[k])
        if not match:
            said = clipped(clean(rows[k]), 40)
            raise WordsError(f"{name}:{k + 1}: '{said}' is no time; write it as 00:00:12,300 --> 00:00:15,000")
        place, body = k + 1, list[str]()
        k += 1
        while k < len(rows) and rows[k].strip() and "-->" not in rows[k]:
            body.append(rows[k])
            k += 1
        if k < len(rows) and "-->" in rows[k] and body and body[-1].strip().isdigit():
            body.pop()  # the number of the next cue, which no blank row divides from this one
        yield place, seconds_of(*match.groups()[:3]), seconds_of(*match.groups()[3:]), body


_BROKEN = (ValueError, LookupError, TypeError, AttributeError, ArithmeticError)
"""What Python says of a file that pysubs2 does not expect."""


def parse_ass(text: str, name: str) -> Reading:
    r"""The events of an ASS or SSA file; karaoke times, ``{\k50}``, are those of words.

    Args:
        text: of the file.
        name: of the file, for messages.

    Raises:
        WordsError: pysubs2 cannot read it, or there is no event with text in it.
    """
    import pysubs2

    try:
        with warnings.catch_warnings(record=True) as odd:  # of fields that matter to nobody here
            warnings.simplefilter("always")
            events = pysubs2.SSAFile.from_string(text, format_="ass" if "[v4+" in text.lower() else "ssa").events
    except (pysubs2.exceptions.Pysubs2Error, *_BROKEN) as error:
        raise WordsError(f"'{name}' is no ASS file: {clipped(clean(str(error)), 80)}") from None
    entries = []
    for event in events:
        if event.is_comment or event.is_drawing:
            continue
        start, end = event.start / 1000, event.end / 1000
        if words := _karaoke(event.text, start) or words_of(clean(event.plaintext)):
            entries.append(Entry(start, end, words, clean(event.name)))
    if not entries:
        raise WordsError(f"'{name}' holds no dialogue with text; rows of [Events] begin with Dialogue:")
    notes = (f"{len(odd)} fields that cannot be read left out",) if odd else ()
    return Reading(tuple(entries), notes=notes)


def _karaoke(text: str, start: float) -> tuple[Word, ...]:
    """Words with the times of karaoke tags, which are lengths in hundredths of a second; none without such tags."""
    found, at = [], start
    for length, syllable in _KARAOKE.findall(text):
        end = at + int(length) / 100
        said = syllable.replace("\\N", " ").replace("\\n", " ").replace("\\h", " ")
        if clean(said):
            found.append(Word(clean(said) + " " * said[-1:].isspace(), at, end))
        at = end
    if found:
        found[-1] = found[-1]._replace(text=found[-1].text.rstrip())
    return tuple(split_words(found))


def format_srt(transcript: Transcript) -> str:
    """A transcript as SubRip."""
    blocks = [
        f"{k}\n{_clock(line.start, ',')} --> {_clock(line.end, ',')}\n{line.text}\n"
        for k, line in enumerate(transcript.lines, 1)
    ]
    return "\n".join(blocks)


def format_vtt(transcript: Transcript) -> str:
    """A transcript as WebVTT, with speakers and the times of words that were told."""
    blocks = ["WEBVTT\n"]
    for line in transcript.lines:
        said = ""
        for k, word in enumerate(line.words):
            inside = word.start is not None and k and line.start < word.start < line.end
            said += f"<{_clock(word.start or 0.0, '.')}>" * bool(inside) + html.escape(word.text, quote=False)
        voice = f"<v {html.escape(line.speaker, quote=False)}>" if line.speaker else ""
        blocks.append(f"{_clock(line.start, '.')} --> {_clock(line.end, '.')}\n{voice}{said.strip()}\n")
    return "\n".join(blocks)


def _clock(seconds: float, point: str) -> str:
    """``hh:mm:ss.fff``."""
    whole, ms = divmod(max(0, round(seconds * 1000)), 1000)
    return f"{whole // 3600:02d}:{whole // 60 % 60:02d}:{whole % 60:02d}{point}{ms:03d}"
