"""Lyrics of a film: which line or word is seen on which frames, and what is to be said before they are drawn."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from avwalk.config.text import Text
from avwalk.contracts import Lyric
from avwalk.effects.writing.lettering import face
from avwalk.effects.writing.shaping import can_shape, complex_letters, installed_fonts
from avwalk.errors import WordsError
from avwalk.score.musical_time import clock
from avwalk.words.transcript import Line, Spoken, spoken

LEAD = {"line": 0.30, "karaoke": 0.70, "word": 0.08}
"""Seconds that a lyric is there before it is sung, where there is room: karaoke is read ahead."""
HOLD = {"line": 0.60, "karaoke": 0.60, "word": 0.50}
"""Seconds that it stays behind its end, where there is room."""
ENTER, LEAVE = 0.24, 0.20
"""Seconds in which it comes and goes, where there is room."""
_TIGHT = 0.08  # seconds before its begin at which a line is coming where the one before has only just ended
_PARTED = 0.05  # seconds between one that goes and one that comes, where there is room
_READABLE = 0.16  # seconds: shorter words are shown together with the next
_JOINED = 14  # letters that are shown together at most
_BEAT_NEAR = 0.35  # of a half beat: so far a word without a time of its own moves to it


def lyrics_of(
    lines: Sequence[Line], style: Text, fps: Fraction, n_frames: int, beats: NDArray[np.float64]
) -> tuple[Lyric, ...]:
    """What is seen of the lines of a song, ascending by first frame.

    Args:
        lines: ascending by start.
        style: of the preset: lines, karaoke or single words.
        fps: frames per second.
        n_frames: of the song.
        beats: of the song, seconds; single words whose times nobody told fall on halves of them.
    """
    kind = style.lyrics
    parts: list[tuple[tuple[Spoken, ...], int]]
    if kind == "word":
        parts = [((word,), 0) for word in _readable(_on_beats(lines, beats))]
    else:
        parts = list(zip([spoken(line) for line in lines], _levels(lines), strict=True))
    ends = [line.end for line in lines] if kind != "word" else [words[-1].end for words, _ in parts]
    found = []
    for k, (words, row) in enumerate(parts):
        start, end = words[0].start, max(ends[k], words[-1].end)
        before = max((ends[j] for j in range(k) if parts[j][1] == row), default=-10.0)
        after = next((parts[j][0][0].start for j in range(k + 1, len(parts)) if parts[j][1] == row), None)
        begin, stop, enter = _span(start, end, before, after, kind)
        i0 = max(0, int(np.floor(begin * fps + 0.5)))
        i1 = min(n_frames, int(np.floor(stop * fps + 0.5)))
        if i1 > i0:
            said = tuple((word.text, float(word.start * fps), float(word.end * fps)) for word in words)
            leave = min(LEAVE, max(0.0, stop - end) if kind == "word" else (stop - begin) / 3) * float(fps)
            found.append(Lyric(i0, i1, float(enter * fps), leave, said, row))
    return tuple(sorted(found, key=lambda lyric: lyric.i0))


def _span(start: float, end: float, before: float, after: float | None, kind: str) -> tuple[float, float, float]:
    """When a lyric is seen first and last, and how long it takes to come, seconds.

    Args:
        start: when it is sung.
        end: when that ends.
        before: when the one before it ends.
        after: when the next begins; None: there is none.
        kind: of lyrics.
    """
    lead = _lead(start - before, kind)
    room = 10.0 if after is None else after - end
    hold = min(HOLD[kind], max(0.0, room - _lead(room, kind) - _PARTED))
    stop = end + hold
    if after is not None and room < _TIGHT + _PARTED:  # gone as the next comes
        stop = max(after - (_TIGHT if kind == "word" else _PARTED), start + 0.05)
    return start - lead, stop, min(ENTER, max(lead, 1e-3)) if kind != "word" else lead


def _lead(gap: float, kind: str) -> float:
    """How long before its start a lyric is there, when that much is free before it."""
    return min(LEAD[kind], max(_TIGHT, gap - _PARTED - 0.1))


def _levels(lines: Sequence[Line]) -> list[int]:
    """For each line how many that are sung with it stand below."""
    levels: list[int] = []
    for k, line in enumerate(lines):
        there = {levels[j] for j in range(max(0, k - 32), k) if lines[j].end > line.start + 1e-6}
        levels.append(next(level for level in range(len(lines) + 1) if level not in there))
    return levels


def _on_beats(lines: Sequence[Line], beats: NDArray[np.float64]) -> list[Spoken]:
    """All words, one after the other; those without a time of their own on the nearest half of a beat."""
    grid = np.sort(np.concatenate([beats, (beats[1:] + beats[:-1]) / 2])) if len(beats) > 1 else beats
    found: list[Spoken] = []
    for line in lines:
        for word, told in zip(spoken(line), line.words, strict=True):
            start = word.start
            if told.start is None and len(grid) > 1:
                near = float(grid[np.argmin(np.abs(grid - start))])
                step = float(np.median(np.diff(grid)))
                earlier = found[-1].start + 0.5 * step if found else 0.0
                start = near if abs(near - start) <= _BEAT_NEAR * step and near > earlier else start
            found.append(Spoken(word.text, start, max(word.end, start)))
        found[-1] = found[-1]._replace(text=f"{found[-1].text} ")  # no word of the next line is a part of this one
    found.sort(key=lambda word: word.start)
    ends = [word.start for word in found[1:]] + [np.inf]
    return [word._replace(end=min(word.end, end)) for word, end in zip(found, ends, strict=True)]


def _readable(words: Sequence[Spoken]) -> list[Spoken]:
    """Words that are there long enough to be read: shorter ones and syllables join the next."""
    joined: list[Spoken] = []
    for word in words:
        last = joined[-1] if joined else None
        short = last is not None and (word.start - last.start < _READABLE or not last.text[-1:].isspace())
        close = last is not None and word.start - last.end < _READABLE
        if last is not None and short and close and len(last.text) + len(word.text) <= _JOINED:
            joined[-1] = Spoken(last.text + word.text, last.start, word.end)
        else:
            joined.append(word)
    return [word._replace(text=word.text.strip()) for word in joined]


def check_letters(lines: Sequence[Line], font: str) -> list[str]:
    """Whether lyrics can be written in a font: a note about signs that it lacks and that are left out.

    Raises:
        WordsError: it lacks letters, or they are of a script that needs libraqm and there is none.
    """
    text = unicodedata.normalize("NFC", "".join(line.text for line in lines))
    letters = list(dict.fromkeys(letter for letter in text if not letter.isspace()))
    if not can_shape() and (needing := complex_letters(text)):
        script = unicodedata.name(needing[0], "?").split(" ")[0].title()
        raise WordsError(
            f"lyrics in {script} need Pillow with libraqm and FriBiDi, which is not here: letters would stand apart "
            "and in the wrong order; install a Pillow that has it (pip install pillow), or FriBiDi"
        )
    own = face(font)
    missing = [letter for letter in letters if not own.has(letter) and unicodedata.category(letter) != "Cf"]
    if not missing:
        return []
    shown = " ".join(missing[:12]) + (" …" if len(missing) > 12 else "")
    read = [letter for letter in missing if unicodedata.category(letter)[0] in "LNM"]
    fonts = installed_fonts(letters) or installed_fonts(read or missing)
    have = ", ".join(str(path) for path in fonts)
    advice = f"--set text.font={have.split(', ')[0]} has them" if fonts else "no font of this machine has them all"
    also = f" (also {', '.join(have.split(', ')[1:])})" if len(fonts) > 1 else ""
    if not read:
        return [f"lyrics: the font '{font}' has no {shown}; these signs are left out; {advice}{also}"]
    first = next(line for line in lines if any(letter in line.text for letter in read))
    raise WordsError(
        f"lyrics: the font '{font}' has no {shown}, first needed at {clock(first.start)}; {advice}{also}"
        + ("" if fonts else "; give the file of one that has: --set text.font=FONT.ttf")
    )
