"""Scores that others wrote: MIDI files as notes in quarters, with the metre and the tempo that their composers gave."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path

import mido
import numpy as np
from numpy.typing import NDArray

_KNOWN = 0.95  # share of a score in whose bars it is known where people tap
_PARTS = 15  # instruments that FluidSynth's channels have room for, besides the drums
_DRUMS = 9  # channel
_VOLUME, _EXPRESSION = 7, 11  # controllers
_USUAL = 100.0  # volume of a channel that says nothing
SLOWEST, FASTEST = 55.0, 215.0
"""BPM that people tap."""


class DoubtfulScore(Exception):
    """The file cannot be read, or says nothing sure about where people tap."""


@dataclass(frozen=True)
class Event:
    """A note of a score.

    Attributes:
        part: index of its instrument; -1 for drums.
        start: quarters.
        length: quarters.
        pitch: MIDI.
        velocity: MIDI, 1 to 127, volume of the channel included.
    """

    part: int
    start: float
    length: float
    pitch: int
    velocity: int


@dataclass(frozen=True)
class Measure:
    """A bar of a score.

    Attributes:
        start: quarters.
        length: quarters.
        beats: where people tap, quarters from its start; empty where nobody knows.
    """

    start: float
    length: float
    beats: tuple[float, ...]


@dataclass(frozen=True)
class Score:
    """A piece of music as it is written.

    Attributes:
        name: collection and file.
        events: notes by start.
        programs: General MIDI program of each part.
        measures: one after the other.
        knots: quarters at which the tempo is set, the first 0, and (below) seconds there.
        times: seconds at ``knots``; the last tempo goes on.
        barred: the bars are sure; else only the beats are.
        sung: a part that may be sung; -1 for none.
    """

    name: str
    events: tuple[Event, ...]
    programs: tuple[int, ...]
    measures: tuple[Measure, ...]
    knots: tuple[float, ...]
    times: tuple[float, ...]
    barred: bool = True
    sung: int = -1

    def seconds(self, quarters: NDArray[np.float64]) -> NDArray[np.float64]:
        """Seconds at ``quarters``, as the composer set the tempo."""
        return np.interp(quarters, self.knots, self.times)


def read_score(path: Path, name: str) -> Score:
    """A MIDI file.

    Args:
        path: the file.
        name: of the score.

    Raises:
        DoubtfulScore: it is no MIDI file that can be read, or its metre is none of which it is known where people tap.
    """
    file = _opened(path, name)
    events, programs = _events(file)
    if not events:
        raise DoubtfulScore(f"{name}: no notes")
    end = max(e.start + e.length for e in events)
    knots, times = _tempo(file, end)
    middle = _middle_tempo(knots, times, end)
    measures = _measures(_signatures(file), end, middle)
    known = sum(m.length for m in measures if m.beats)
    if known < _KNOWN * sum(m.length for m in measures):
        raise DoubtfulScore(f"{name}: a metre of which nobody knows where people tap")
    return Score(name, events, programs, measures, knots, times)


def read_events(path: Path, name: str) -> tuple[tuple[Event, ...], tuple[int, ...]]:
    """Notes of a MIDI file by start, and the programs of their parts.

    Raises:
        DoubtfulScore: it is no MIDI file that can be read.
    """
    return _events(_opened(path, name))


def _opened(path: Path, name: str) -> mido.MidiFile:
    try:
        return mido.MidiFile(path, clip=True)
    except (OSError, EOFError, ValueError, KeyError, mido.KeySignatureError) as error:
        raise DoubtfulScore(f"{name}: {error}") from error


_Part = tuple[int, int]
"""Channel and program."""


def _events(file: mido.MidiFile) -> tuple[tuple[Event, ...], tuple[int, ...]]:
    """Notes by start, and the programs of their parts: those of a channel and a program, the 15 with most notes."""
    program = dict.fromkeys(range(16), 0)
    loud = {k: {_VOLUME: _USUAL, _EXPRESSION: 127.0} for k in range(16)}
    begun: dict[tuple[int, int], list[tuple[float, _Part, int]]] = {}
    found: list[tuple[_Part, Event]] = []
    for at, message in _messages(file):
        if message.type == "program_change":
            program[message.channel] = message.program
        elif message.type == "control_change" and message.control in (_VOLUME, _EXPRESSION):
            loud[message.channel][message.control] = message.value
        elif message.type == "note_on" and message.velocity > 0:
            gain = loud[message.channel][_VOLUME] / _USUAL * loud[message.channel][_EXPRESSION] / 127
            velocity = int(np.clip(message.velocity * gain, 1, 127))
            part = (message.channel, program[message.channel])
            begun.setdefault((message.channel, message.note), []).append((at, part, velocity))
        elif message.type in ("note_on", "note_off"):
            for start, part, velocity in begun.pop((message.channel, message.note), []):
                found.append((part, Event(-1, start, max(at - start, 0.02), message.note, velocity)))
    count = Counter(part for part, _ in found if part[0] != _DRUMS)
    parts = sorted(count, key=lambda part: (-count[part], part))[:_PARTS]
    index = {part: k for k, part in enumerate(parts)} | {part: -1 for part, _ in found if part[0] == _DRUMS}
    events = [replace(event, part=index[part]) for part, event in found if part in index]
    return tuple(sorted(events, key=lambda e: (e.start, e.part, e.pitch))), tuple(program for _, program in parts)


def _messages(file: mido.MidiFile) -> list[tuple[float, mido.Message]]:
    """(quarters, message) of all tracks, in order; what ends comes before what begins."""
    out = []
    for track in file.tracks:
        ticks = 0
        for message in track:
            ticks += message.time
            out.append((ticks / file.ticks_per_beat, message))
    begins = {"note_on": 1}
    return sorted(out, key=lambda pair: (pair[0], begins.get(pair[1].type, 0) if _strikes(pair[1]) else 0))


def _strikes(message: mido.Message) -> bool:
    return message.type == "note_on" and bool(message.velocity)


def _tempo(file: mido.MidiFile, end: float) -> tuple[tuple[float, ...], tuple[float, ...]]:
    changes = {0.0: 0.5}
    changes |= {at: m.tempo / 1e6 for at, m in _messages(file) if m.type == "set_tempo" and at < end}
    knots, times = [0.0], [0.0]
    for (a, period), b in zip(sorted(changes.items()), [*sorted(changes)[1:], end + 16.0], strict=True):
        knots.append(b)
        times.append(times[-1] + (b - a) * period)
    return tuple(knots), tuple(times)


def _middle_tempo(knots: Sequence[float], times: Sequence[float], end: float) -> float:
    """Quarters per minute in the middle of the music, measured in time."""
    middle = float(np.interp(end, knots, times)) / 2
    a, b = np.interp([middle - 2, middle + 2], times, knots)
    return float((b - a) / 4 * 60)


def _signatures(file: mido.MidiFile) -> list[tuple[float, int, int]]:
    """(quarters, numerator, denominator), ascending; four quarters where nothing is said."""
    said = {at: (m.numerator, m.denominator) for at, m in _messages(file) if m.type == "time_signature"}
    return [(at, *meter) for at, meter in sorted(({0.0: (4, 4)} | said).items())]


def _measures(signatures: Sequence[tuple[float, int, int]], end: float, bpm: float) -> tuple[Measure, ...]:
    """Bars until the end, the last of them whole; a change of metre begins a bar."""
    out = []
    for (start, numerator, denominator), (until, *_) in pairwise([*signatures, (end, 4, 4)]):
        length = numerator * 4 / denominator
        for at in np.arange(start, until - 0.01, length).tolist():
            whole = until == end or at + length <= until + 0.01
            beats = taps(numerator, denominator, bpm) if whole else ()
            out.append(Measure(at, length if whole else until - at, beats))
    return tuple(out)


def taps(numerator: int, denominator: int, bpm: float) -> tuple[float, ...]:
    """Where people tap in a bar: at quarters, or dotted quarters in 6/8, 9/8, 12/8; at twice or half of them where
    that is too slow or too fast.

    Args:
        numerator: of the time signature.
        denominator: likewise.
        bpm: quarters per minute.

    Returns:
        Quarters from its start; empty where nobody knows.
    """
    step, count = 4 / denominator, float(numerator)
    if denominator == 8 and numerator in (6, 9, 12):
        step, count = 1.5, numerator / 3
    elif denominator > 4:
        return ()
    while bpm / step > FASTEST and count % 2 == 0:
        step, count = 2 * step, count / 2
    while bpm / step < SLOWEST:
        step, count = step / 2, 2 * count
    if bpm / step > FASTEST or count < 1:
        return ()
    return tuple(k * step for k in range(int(count)))
