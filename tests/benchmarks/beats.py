"""How well beats are found in generated rhythms; ``hearing`` has songs.

    python -m tests.benchmarks.beats [--librosa] [--quick]

Marks are those of mir_eval, beats of the first five seconds left out. ``--librosa`` adds librosa's beat tracker
as a peer (slow); ``--quick`` takes every sixth rhythm.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
import warnings
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import mir_eval
import numpy as np
from numpy.typing import NDArray

from avwalk.features.beats import network
from avwalk.features.beats.tracking import track_beats
from avwalk.features.onsets import OnsetCurves, OnsetDetector
from tests.rhythms import RATE, catalogue, perform

SONGS = Path(os.environ.get("AVWALK_TEST_SONGS", Path(__file__).parents[3] / "shared" / "audio"))

Times = NDArray[np.float64]
Tracker = Callable[[NDArray[np.float32], int], tuple[float, Times, Times]]


@dataclass(frozen=True)
class Piece:
    group: str
    name: str
    sound: NDArray[np.float32]
    rate: int
    beats: Times
    bars: Times | None
    steady: bool


@dataclass(frozen=True)
class Marks:
    """AMLt, CMLt, F-measure of beats; F-measure of bars (NaN without truth); whether the tempo is within 1 %
    (octaves allowed; NaN where it drifts); mean error of the beats found, in ms (NaN if none is)."""

    amlt: float
    cmlt: float
    f: float
    bars_f: float
    tempo_ok: float
    offset: float


def listen(sound: NDArray[np.float32], rate: int) -> OnsetCurves:
    """Onset curves of a whole sound, (n,) float32."""
    detector = OnsetDetector(rate, len(sound))
    for a in range(0, len(sound), 1 << 16):
        detector.push(sound[a : a + (1 << 16)])
    return detector.finish()


def ours(sound: NDArray[np.float32], rate: int) -> tuple[float, Times, Times]:
    curves = listen(sound, rate)
    found = track_beats(curves, network.listen(curves.bands), len(sound) / rate)
    return found.tempo_bpm, found.beats, found.bars


def librosas(sound: NDArray[np.float32], rate: int) -> tuple[float, Times, Times]:
    import librosa

    if rate != 22050:
        sound, rate = librosa.resample(sound, orig_sr=rate, target_sr=22050), 22050
    tempo, beats = librosa.beat.beat_track(y=sound, sr=rate, units="time")
    return float(np.ravel(tempo)[0]), np.asarray(beats, np.float64), np.zeros(0)


def generated(step: int = 1) -> Iterator[Piece]:
    """The catalogue of rhythms, every ``step``-th."""
    for rhythm in catalogue()[::step]:
        played = perform(rhythm)
        steady = rhythm.drift == 0
        group = rhythm.name.split("-")[0].rstrip("0123456789")
        yield Piece(group, rhythm.name, played.sound, RATE, played.beats, played.bars, steady)


def songs(folder: Path = SONGS) -> Iterator[Piece]:
    """Real songs of a folder, each with a JSON file of its ``beats``; none if there is no such folder."""
    import soundfile

    for path in sorted(folder.glob("*.json")) if folder.is_dir() else ():
        truth = json.loads(path.read_text())
        sound, rate = soundfile.read(path.with_suffix(".ogg"), dtype="float32", always_2d=True)
        beats = np.asarray(truth["beats"], np.float64)
        yield Piece("songs", path.stem, sound.mean(axis=1), rate, beats, None, len(truth["tempo_bpm"]) == 1)


def marks(piece: Piece, tempo: float, beats: Times, bars: Times) -> Marks:
    """What a tracker's answer is worth."""
    trim = mir_eval.beat.trim_beats
    truth, found = trim(piece.beats), trim(beats)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # mir_eval warns of empty answers, which count 0
        _, cmlt, _, amlt = mir_eval.beat.continuity(truth, found)
        f = mir_eval.beat.f_measure(truth, found)
        bars_f = np.nan if piece.bars is None else mir_eval.beat.f_measure(trim(piece.bars), trim(bars))
    tempo_ok = np.nan
    if piece.steady:
        ratio = tempo / (60 / np.median(np.diff(piece.beats)))
        tempo_ok = float(min(abs(ratio / octave - 1) for octave in (0.5, 1, 2)) < 0.01)
    offset = np.nan
    if len(found):
        error = found - truth[np.abs(truth[:, None] - found).argmin(axis=0)]
        close = error[np.abs(error) < 0.07]
        offset = 1000 * float(close.mean()) if len(close) else np.nan
    return Marks(amlt, cmlt, f, bars_f, tempo_ok, offset)


def table(tracker: Tracker, pieces: Iterable[Piece]) -> list[tuple[str, Marks]]:
    """(group, marks) for each piece."""
    return [(p.group, marks(p, *tracker(p.sound, p.rate))) for p in pieces]


def _print(title: str, rows: list[tuple[str, Marks]], seconds: float) -> None:
    print(f"\n{title} ({seconds:.1f} CPU seconds)")
    print(f"{'set':<12}{'n':>4}{'AMLt':>7}{'CMLt':>7}{'F':>7}{'bars F':>8}{'tempo ok':>10}{'offset ms':>11}")
    groups = list(dict.fromkeys(group for group, _ in rows))
    sets = [(g, [m for group, m in rows if group == g]) for g in groups]
    sets.append(("all", [m for _, m in rows]))
    for name, some in sets:
        values = np.array([list(vars(m).values()) for m in some], float)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # a mean of nothing is shown as nan
            a, c, f, b, t, o = np.nanmean(values, axis=0)
        print(f"{name:<12}{len(some):>4}{a:>7.3f}{c:>7.3f}{f:>7.3f}{b:>8.2f}{t:>10.2f}{o:>11.1f}")


def main(arguments: list[str] | None = None) -> int:
    """Prints a table for each tracker; 1 if our mean AMLt is below 0.9."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--librosa", action="store_true")
    parser.add_argument("--quick", action="store_true")
    options = parser.parse_args(arguments)
    pieces = list(generated(6 if options.quick else 1))
    trackers: list[tuple[str, Tracker]] = [("avwalk", ours)]
    if options.librosa:
        trackers.append(("librosa.beat.beat_track", librosas))
    ok = True
    for title, tracker in trackers:
        begin = time.process_time()
        rows = table(tracker, pieces)
        _print(title, rows, time.process_time() - begin)
        ok &= tracker is not ours or float(np.mean([m.amlt for _, m in rows])) >= 0.9
    return 0 if ok else 1


if __name__ == "__main__":
    sys.exit(main())
