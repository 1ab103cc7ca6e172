"""Tunes that others wrote, with a band that another wrote: MMA plays their chords."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import numpy as np

from tools.hearing.bandbook import TAPPINGS, Tapping
from tools.hearing.bands import MELODIC
from tools.hearing.scores import DoubtfulScore, Event, Measure, Score, read_events
from tools.hearing.tunes import Tune

_SECONDS = 90.0  # length of a score, about
_PHRASE = 8  # bars of a groove
_PART = re.compile(r"^\s*defgroove\s+(\S+)", re.IGNORECASE | re.MULTILINE)
_PASSING = re.compile(r"Intro|End|Fill|Metronome|Count(?!ry)|Break")  # grooves that do not go on
_SILENT = 0.35  # how likely the melody is left out
_LATE = 0.64  # where the second eighth begins where eighths are swung


def accompany(rng: np.random.Generator, tune: Tune, file: str, library: Path, scratch: Path) -> Score:
    """A band plays a tune, again and again.

    Args:
        rng: draws tempo, grooves of the file, and who plays the melody.
        tune: one whose metre fits.
        file: a key of `TAPPINGS`.
        library: folder of MMA's grooves.
        scratch: folder for files.

    Returns:
        The score; a quarter of it is a beat of MMA's.

    Raises:
        DoubtfulScore: MMA cannot play it.
    """
    tapping = TAPPINGS[file]
    bpm = float(np.exp(rng.uniform(np.log(tapping.low), np.log(tapping.high))))
    speed = round(bpm * tapping.units / len(tapping.taps))  # MMA's beats per minute
    bars = round(_SECONDS * speed / 60 / tapping.units)
    text = (library / f"{file}.mma").read_text(encoding="utf-8", errors="replace")
    grooves = [name for name in _PART.findall(text) if not _PASSING.search(name)]
    if not grooves:
        raise DoubtfulScore(f"{file}: no groove that goes on")
    chosen = [grooves[0], *(str(name) for name in rng.choice(grooves, 3))]
    lines = [f"RndSeed {int(rng.integers(1 << 30))}", f"Tempo {speed}"]
    for k in range(bars):
        if k % _PHRASE == 0:
            lines.append(f"Groove {chosen[k // _PHRASE % len(chosen)]}")
        lines.append(f"{k + 1} {' '.join(_chords(tune, k, tapping))}")
    name = f"{tune.name}/{file}"
    events, programs = _played(lines, scratch, name)
    melody: list[Event] = []
    if rng.random() > _SILENT:
        melody = _melody(tune, bars, tapping, len(programs), 12 * int(rng.integers(0, 2)))
        programs = (*programs, int(rng.choice(list(MELODIC))))
    measures = tuple(Measure(k * tapping.units, tapping.units, tuple(map(float, tapping.taps))) for k in range(bars))
    end = bars * float(tapping.units)
    both = tuple(sorted([*events, *melody], key=lambda e: (e.start, e.part, e.pitch)))
    sung = len(programs) - 1 if melody else -1
    return Score(name, both, programs, measures, (0.0, end), (0.0, end * 60 / speed), sung=sung)


def _bars_of(tune: Tune, tapping: Tapping) -> int:
    """Bars of the tune that one of the band lasts."""
    return 2 if tapping.units == 4 and tune.meter in ((6, 8), (2, 4)) else 1


def _chords(tune: Tune, bar: int, tapping: Tapping) -> list[str]:
    """The chord at each beat of MMA's in a bar of the band; "/" goes on."""
    length = tune.length * _bars_of(tune, tapping)
    start = bar * length % (tune.bars * tune.length)
    at = [x for x, _ in tune.chords]
    beats = start + np.arange(tapping.units) * length / tapping.units
    names = [tune.chords[int(k) - 1][1] for k in np.searchsorted(at, beats + 1e-3)]
    return [name if k == 0 or name != names[k - 1] else "/" for k, name in enumerate(names)]


def _melody(tune: Tune, bars: int, tapping: Tapping, part: int, higher: int) -> list[Event]:
    """The melody, from the beginning again where it ends."""
    scale = tapping.units / (tune.length * _bars_of(tune, tapping))
    whole = tune.bars * tune.length
    out = []
    for turn in range(int(np.ceil(bars * tapping.units / scale / whole))):
        for e in tune.melody:
            start = _swung((e.start + turn * whole) * scale) if tapping.swung else (e.start + turn * whole) * scale
            if start < bars * tapping.units and e.start < whole:
                out.append(Event(part, start, e.length * scale, e.pitch + higher, 100))
    return out


def _swung(at: float) -> float:
    whole, part = divmod(at, 1)
    return whole + (part / 0.5 * _LATE if part < 0.5 else _LATE + (part - 0.5) / 0.5 * (1 - _LATE))


def _played(lines: list[str], scratch: Path, name: str) -> tuple[tuple[Event, ...], tuple[int, ...]]:
    """What MMA makes of its lines."""
    source, midi = scratch / "song.mma", scratch / "song.mid"
    midi.unlink(missing_ok=True)
    source.write_text("\n".join(lines) + "\n", encoding="utf-8")
    done = subprocess.run(["mma", "-w", "-f", midi, source], capture_output=True, text=True)
    if done.returncode or not midi.exists():
        raise DoubtfulScore(f"{name}: {(done.stdout + done.stderr).strip().splitlines()[-1:]}")
    return read_events(midi, name)
