"""Musical times such as ``bar:17``, ``drop:1-2bars``, ``section:chorus#2``, ``1:23.5``: parsing, resolving to seconds.

    time    what, then any number of offsets
    what    83.5   1:23.5   1:02:03   beat:64   bar:17   section:chorus#2   section:2   drop:1
            quietest   loudest   start   end
    offset  +2beats   -1bar   +1.5s   +250ms

Bars and beats count from 1; fractions lie between two of them. An offset without a unit has that of what it
follows: beats after ``beat:``, bars after ``bar:``, else seconds; after a section's label the unit must be said,
so that labels may end in a number. A length is ``8bars``, ``16beats``, ``250ms`` or a plain time.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal

import numpy as np
from numpy.typing import NDArray

from avwalk.clock import parse_time
from avwalk.contracts import Analysis, Score, Section
from avwalk.errors import OptionError, clipped, did_you_mean

SPOT_SECONDS = 6.0
"""How long the loudest and the quietest stretch of a song are."""

FORMS = "seconds (83.5), 1:23.5, bar:17, beat:64, section:chorus#2, drop:1, quietest, loudest, start or end"
MAX_TEXT = 500
"""Letters of a time."""
_WORDS = ("beat", "bar", "section", "drop", "quietest", "loudest", "start", "end")
_NUMBER = r"(?:[0-9]{1,9}(?:\.[0-9]{0,60})?|\.[0-9]{1,60})"
_UNIT = r"beats?|bars?|ms|s"
_OFFSET = re.compile(rf"\s*(?P<sign>[+-])\s*(?P<number>{_NUMBER})\s*(?P<unit>{_UNIT})?\s*$", re.I)
_LENGTH = re.compile(rf"\s*(?P<number>{_NUMBER})\s*(?P<unit>beats?|bars?|ms)\s*$", re.I)
_AROUND = 4  # bars on either side of a time that say how long one is there
_NEAR = 1e-6  # seconds: a time so little outside the song is its start or end


@dataclass(frozen=True)
class Moment:
    """A parsed time, not yet resolved to seconds.

    Attributes:
        kind: ``seconds``, ``beat``, ``bar``, ``section``, ``label``, ``drop``, ``quietest``, ``loudest``,
            ``start`` or ``end``.
        number: seconds; or which beat, bar, section, drop, or occurrence of the label, from 1.
        label: of a section.
        offsets: (amount, unit) with unit ``beat``, ``bar`` or ``s``, in the order written.
        text: as it was written.
    """

    kind: str
    number: float
    label: str
    offsets: tuple[tuple[float, str], ...]
    text: str = field(compare=False)

    @property
    def canonical(self) -> str:
        """The time in canonical spelling."""
        if self.kind == "label":
            head = f"section:{self.label.casefold()}#{self.number:g}"
        elif self.kind in ("beat", "bar", "section", "drop"):
            head = f"{self.kind}:{_digits(self.number)}"
        else:
            head = _digits(self.number) if self.kind == "seconds" else self.kind
        return head + "".join(f"{'+' if amount >= 0 else ''}{_digits(amount)}{unit}" for amount, unit in self.offsets)

    @property
    def plain(self) -> bool:
        """Whether it is a number of seconds, which needs no song."""
        return self.kind == "seconds" and all(unit == "s" for _, unit in self.offsets)


def parse_moment(text: str | int | float) -> Moment:
    """Reads a time.

    Raises:
        OptionError: not of the forms above.
    """
    written = str(text)
    if len(written) > MAX_TEXT or "\0" in written:
        raise OptionError(f"time '{clipped(written)}' is not understood; give {FORMS}")
    rest, found = written.strip(), list[tuple[float, str]]()
    while (match := _OFFSET.search(rest)) and rest[: match.start()].strip():
        if rest.lower().startswith("section:") and not match["unit"]:
            break  # the end of a label such as "verse-2"
        amount = float(match["number"]) * (-1 if match["sign"] == "-" else 1)
        unit = (match["unit"] or "").lower()
        found.insert(0, (amount / 1000, "s") if unit == "ms" else (amount, unit if unit == "s" else unit.rstrip("s")))
        rest = rest[: match.start()].strip()
    kind, number, label = _head(rest, clipped(written))
    own = kind if kind in ("beat", "bar") else "s"
    return Moment(kind, number, label, tuple((amount, unit or own) for amount, unit in found), written.strip())


def resolve(text: str | Moment, analysis: Analysis, *, beyond: bool = False) -> float:
    """Resolves a time to seconds.

    Args:
        text: a time of the forms above, or a parsed one.
        analysis: of the song.
        beyond: allow times before the start and past the end.

    Returns:
        Seconds; ``bar:n`` is exactly ``score.bars[n - 1]``. Past the last bar or beat the grid goes on with the
        median period.

    Raises:
        OptionError: not a time, not in this song (no such section or drop, no beats), or outside of it.
    """
    moment = text if isinstance(text, Moment) else parse_moment(text)
    at = _base_seconds(moment, analysis)
    for amount, unit in moment.offsets:
        at = _moved(at, amount, unit, analysis, moment.text)
    if beyond:
        return at
    if not -_NEAR <= at <= analysis.duration + _NEAR:
        raise OptionError(
            f"time '{moment.text}' is at {clock(at)}, outside the song, which ends at {clock(analysis.duration)}"
            f"{_bars_there(analysis)}; {_spreadsheet(moment, analysis) or 'give a time in it'}"
        )
    return min(max(at, 0.0), analysis.duration)


def parse_length(text: str | int | float) -> tuple[float, str]:
    """A length as (amount, unit), unit ``beat``, ``bar`` or ``s``.

    Raises:
        OptionError: not a length.
    """
    match = _LENGTH.match(text) if isinstance(text, str) else None
    if match:
        amount, unit = float(match["number"]), match["unit"].lower()
        return (amount / 1000, "s") if unit == "ms" else (amount, unit.removesuffix("s"))
    try:
        return parse_time(text), "s"
    except OptionError:
        shown = clipped(text)
        raise OptionError(f"length '{shown}' is not understood; give 8bars, 16beats, seconds or minutes") from None


def length_after(length: tuple[float, str], at: float, analysis: Analysis) -> float:
    """Seconds that a length takes from ``at`` on.

    Raises:
        OptionError: a length in beats or bars, in a song that has none.
    """
    amount, unit = length
    return amount if unit == "s" else _moved(at, amount, unit, analysis, f"{amount:g} {unit}s") - at


def bar_seconds(score: Score, at: float | None = None) -> float:
    """The usual length of a bar, or that of the bars around a time; four beats without bars, 2 s without beats."""
    bars = score.bars
    if at is not None and len(bars) > 1:
        k = int(np.clip(np.searchsorted(bars, at), 1, len(bars) - 1))
        bars = bars[max(0, k - _AROUND) : k + _AROUND]
    if len(bars) > 1:
        return float(np.median(np.diff(bars)))
    return 4 * float(np.median(np.diff(score.beats))) if len(score.beats) > 1 else 2.0


def stretch(analysis: Analysis, seconds: float, *, loudest: bool) -> float:
    """Where the loudest (else quietest) stretch of so many seconds begins, in seconds."""
    level = analysis.signals["rms"].astype(np.float64)
    width = max(1, min(len(level), round(seconds * float(analysis.fps))))
    sums = np.concatenate([[0.0], np.cumsum(level)])
    means = np.round((sums[width:] - sums[:-width]) / width, 9)  # equal stretches stay equal: the first counts
    return float((np.argmax(means) if loudest else np.argmin(means)) / float(analysis.fps))


def clock(seconds: float) -> str:
    """``83.5`` → ``"1:23.500"``; above an hour ``"1:02:03.000"``."""
    ms = round(abs(seconds) * 1000)
    hours, minutes, rest = ms // 3_600_000, ms // 60_000 % 60, ms % 60_000 / 1000
    head = f"{hours}:{minutes:02d}" if hours else f"{minutes}"
    return f"{'-' if seconds < 0 and ms else ''}{head}:{rest:06.3f}"


def position(marks: NDArray[np.float64], at: float) -> float:
    """Which beat or bar a time is, from 1; between two of them a fraction; goes on evenly outside."""
    period = float(np.median(np.diff(marks)))
    if at <= marks[0]:
        return 1 + (at - float(marks[0])) / period
    if at >= marks[-1]:
        return len(marks) + (at - float(marks[-1])) / period
    return 1 + float(np.interp(at, marks, np.arange(len(marks))))


def time_of(marks: NDArray[np.float64], number: float) -> float:
    """The time of a beat or bar, from 1: the inverse of `position`, exact for whole numbers."""
    index, n = number - 1, len(marks)
    period = float(np.median(np.diff(marks)))
    if index < 0:
        return float(marks[0]) + index * period
    if index > n - 1:
        return float(marks[-1]) + (index - (n - 1)) * period
    k = min(math.floor(index), n - 2)
    part = index - k
    if part in (0.0, 1.0):
        return float(marks[k + int(part)])
    return float(marks[k] + part * (marks[k + 1] - marks[k]))


def _digits(number: float) -> str:
    """The shortest decimals that are this number, never with an exponent."""
    text = format(Decimal(repr(float(number) or 0.0)), "f")  # −0 is 0
    return text.rstrip("0").rstrip(".") if "." in text else text


def _head(rest: str, written: str) -> tuple[str, float, str]:
    """Kind, number and label of a time without its offsets."""
    word, colon, value = (part.strip() for part in rest.partition(":"))
    word = word.lower()
    if word in ("beat", "bar", "drop") and colon:
        count = re.fullmatch(_NUMBER if word != "drop" else r"[0-9]{1,9}", value)
        if not count and not re.match(r"\s*-?[\d.]*$", value):
            raise OptionError(f"time '{written}': '{value}' is no number; write for example {word}:1")
        if not count or float(value) < 1:
            raise OptionError(f"time '{written}': {word}s count from 1; write for example {word}:1")
        return word, float(value), ""
    if word == "section" and colon and value:
        label, mark, occurrence = value.rpartition("#")
        if not mark:
            whole = re.fullmatch(r"[0-9]{1,9}", value)
            if whole and int(value) < 1:
                raise OptionError(f"time '{written}': sections count from 1; write for example section:1")
            return ("section", float(value), "") if whole else ("label", 1.0, value)
        if label.strip() and re.fullmatch(r"[1-9][0-9]{0,8}", occurrence.strip()):
            return "label", float(occurrence), label.strip()
        raise OptionError(f"time '{written}': '#' is followed by which one, from 1: section:chorus#2")
    if not colon and word in ("quietest", "loudest", "start", "end"):
        return word, 0.0, ""
    if not colon and word == "drop":
        return "drop", 1.0, ""
    try:
        return "seconds", parse_time(rest), ""
    except OptionError:
        hint = did_you_mean(word, _WORDS) if word and word[0].isalpha() else ""
        raise OptionError(f"time '{written}' is not understood{hint}; give {FORMS}") from None


def _base_seconds(moment: Moment, analysis: Analysis) -> float:
    """Seconds of a moment without its offsets."""
    score, kind = analysis.score, moment.kind
    if kind in ("beat", "bar"):
        return time_of(_grid(kind, analysis, moment.text), moment.number)
    if kind == "drop":
        if moment.number > len(score.drops):
            found = f"{len(score.drops)} drop{'s' * (len(score.drops) != 1)}" if len(score.drops) else "no drop"
            raise OptionError(f"time '{moment.text}': this song has {found}; a cue 'drop' adds one")
        return float(score.drops[int(moment.number) - 1])
    if kind == "section":
        if moment.number > len(score.sections):
            raise OptionError(f"time '{moment.text}': this song has {len(score.sections)} sections")
        return score.sections[int(moment.number) - 1].start
    if kind == "label":
        return _labelled(moment, score.sections)
    if kind in ("quietest", "loudest"):
        return stretch(analysis, SPOT_SECONDS, loudest=kind == "loudest")
    return {"seconds": moment.number, "start": 0.0, "end": analysis.duration}[kind]


def label_meant(text: str, sections: Sequence[Section]) -> str:
    """The label of sections that a text means.

    A letter that no section has as its label is a kind of section in order of appearance: ``A`` the first, ``B`` the
    second, so that letters mean the same whether or not their sections have got names.

    Args:
        text: a label as the artist writes it.
        sections: of the song.

    Returns:
        A label of the sections, or ``text`` where it is none of theirs.
    """
    kinds = list(dict.fromkeys(section.label for section in sections))
    if len(text) == 1 and text.isascii() and text.isalpha() and text.casefold() not in {x.casefold() for x in kinds}:
        rank = ord(text.upper()) - ord("A")
        return kinds[rank] if rank < len(kinds) else text
    return text


def _labelled(moment: Moment, sections: tuple[Section, ...]) -> float:
    wanted = label_meant(moment.label, sections).casefold()
    found = [section.start for section in sections if section.label.casefold() == wanted]
    if not found:
        labels = list(dict.fromkeys(section.label for section in sections))
        same_case = {label.lower(): label for label in labels}
        near = did_you_mean(moment.label, same_case)
        raise OptionError(f"time '{moment.text}': no section '{moment.label}'{near}; there are {', '.join(labels)}")
    if moment.number > len(found):
        times = "once" if len(found) == 1 else f"{len(found)} times"
        raise OptionError(f"time '{moment.text}': section '{moment.label}' comes {times}")
    return found[int(moment.number) - 1]


def _moved(at: float, amount: float, unit: str, analysis: Analysis, text: str) -> float:
    """A time so many beats, bars or seconds away."""
    if unit == "s":
        return at + amount
    marks = _grid(unit, analysis, text)
    # a beat found again by its time is a hair off its number: whole numbers stay whole
    number = position(marks, at) + amount
    return time_of(marks, float(round(number)) if abs(number - round(number)) < 1e-9 else number)


def _grid(unit: str, analysis: Analysis, text: str) -> NDArray[np.float64]:
    marks = analysis.score.beats if unit == "beat" else analysis.score.bars
    if len(marks) < 2:
        raise OptionError(
            f"'{text}' counts {unit}s, but this song has no steady beat; give seconds, or the tempo with --bpm"
        )
    return marks


def _bars_there(analysis: Analysis) -> str:
    bars = analysis.score.bars
    return f" (its last bar is bar {len(bars)})" if len(bars) > 1 else ""


def _spreadsheet(moment: Moment, analysis: Analysis) -> str:
    """Spreadsheets turn 1:30 into 01:30:00, an hour and a half."""
    if re.fullmatch(r"\d+:\d\d:00", moment.text) and moment.number / 60 <= analysis.duration:
        short = moment.text.removesuffix(":00")
        return f"if {short} was meant, write it as {short}s, which spreadsheets leave alone"
    return ""
