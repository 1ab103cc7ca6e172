"""Fits the prices of the bar model and the thresholds of the drums to generated songs.

    python -m tools.hearing.fit VALIDATION --trials 60

The songs have seeds and soundfonts that the network did not learn from. Half of them choose; the figures of the other
half are printed beside, and say when a search begins to learn its own half by heart. Nothing here ever sees a song of
the evaluation sets.
"""

from __future__ import annotations

import argparse
import multiprocessing
import warnings
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass, replace
from itertools import pairwise
from pathlib import Path

import mir_eval
import numpy as np
from numpy.typing import NDArray

from avwalk.features.beats.bar_model import RATE, Prices, find_path
from avwalk.features.beats.drums import Thresholds, hits_of
from avwalk.features.beats.network import Activations, listen
from avwalk.features.beats.tracking import sounding_frames
from tools.hearing.examples import INAUDIBLE, audible, read_song
from tools.hearing.heads import FAST
from tools.hearing.make_songs import SECONDS

_IRREGULAR = 0.3  # weight of songs with added beats, pauses and so on: every third composed one, few elsewhere
_FALSE = 0.008  # what a false hit a minute costs, in F: five of them weigh as much as four per cent

# bars of four are what there is most of: where nothing tells, other metres may not win
_SPANS = {
    "beat": (0.4, 2.0), "every": (-1.5, 1.5), "downbeat": (0.3, 2.0), "contrast": (0.3, 1.0), "against": (0.0, 0.8),
    "first": (-2.0, 2.0), "odd": (1.0, 4.0),
    "three": (0.2, 2.0), "two": (3.0, 5.0), "steady": (15.0, 300.0), "step": (0.02, 1.0), "cut": (2.0, 20.0),
    "other": (3.0, 25.0), "pause": (1.0, 16.0), "pickup": (0.0, 6.0), "rest": (0.1, 8.0), "tap": (0.2, 1.6),
    "centre": (105.0, 125.0),
}  # fmt: skip


@dataclass(frozen=True)
class Case:
    """A song for fitting.

    Attributes:
        probabilities: what the network says of it.
        sounding: (m,) 50 a second: it is not silent.
        beats: the truth, seconds; so are ``downbeats``, none where they are unknown.
        drums: seconds of the audible hits of kick, snare and hat, as far as they are known.
        style: of the song.
        irregular: see `Piece`.
    """

    probabilities: Activations
    sounding: NDArray[np.bool_]
    beats: NDArray[np.float64]
    downbeats: NDArray[np.float64]
    drums: dict[str, NDArray[np.float64]]
    style: str
    irregular: str


def read_cases(folder: Path) -> list[Case]:
    """The songs of a folder of ``make_songs``, with what the package's network says of them."""
    cases = []
    for path in sorted(folder.glob("*.npz")):
        song = read_song(path)
        drums = {}
        stems = (song.drums.astype(np.float32) ** 2, song.rest.astype(np.float32) ** 2)
        for key in FAST:
            if key in song.times:
                hits = song.times[key]
                heard = audible(hits[:, 0], *stems) >= INAUDIBLE if song.truth.get("stems", True) else hits[:, 0] >= 0
                drums[key] = hits[heard, 0]
        truth = song.truth
        cases.append(
            Case(
                listen(song.mix),
                sounding_frames(song.mix),
                song.times["beats"],
                song.times.get("downbeats", np.zeros(0)),
                drums,
                str(truth["style"]),
                str(truth["irregular"]),
            )
        )
    return cases


def marks(case: Case, prices: Prices) -> tuple[float, float, float, float]:
    """AMLt, CMLt, F, downbeat F; where there is no beat: 1 if none is found, less the more there are."""
    path = find_path(case.probabilities.beat, case.probabilities.downbeat, case.sounding, prices=prices)
    beats = path.frames / RATE
    if len(case.beats) == 0:
        quiet = float(np.exp(-len(beats) / 10))
        return quiet, quiet, quiet, quiet
    trim = mir_eval.beat.trim_beats
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        _, cmlt, _, amlt = mir_eval.beat.continuity(trim(case.beats), trim(beats))
        f = mir_eval.beat.f_measure(trim(case.beats), trim(beats))
        bars = mir_eval.beat.f_measure(trim(case.downbeats), trim(beats[path.places == 0]))
    return amlt, cmlt, f, bars if len(case.downbeats) else f


_CASES: list[Case] = []


def _marks_of(arguments: tuple[int, Prices]) -> tuple[float, float, float, float]:
    return marks(_CASES[arguments[0]], arguments[1])


def fit_prices(cases: list[Case], trials: int, seed: int, workers: int) -> Prices:
    """Random search, narrower and narrower around the best."""
    _CASES[:] = cases
    rng = np.random.default_rng(seed)
    best = Prices()
    choose = np.arange(len(cases)) % 2 == 0
    weights = np.array([1.0 if case.irregular == "" else _IRREGULAR for case in cases])
    with ProcessPoolExecutor(workers, multiprocessing.get_context("fork")) as pool:

        def judged(prices: Prices) -> NDArray[np.float64]:
            return np.array(list(pool.map(_marks_of, [(k, prices) for k in range(len(cases))], chunksize=4)))

        rows = judged(best)
        value = _value(rows[choose], weights[choose])
        print(f"start: {_means(rows, choose)}", flush=True)
        for k in range(trials):
            width = 0.5 * (1 - k / trials) + 0.1
            names = [n for n in _SPANS if rng.random() < 0.35] or [str(rng.choice(list(_SPANS)))]
            moved = {}
            for name in names:
                low, high = _SPANS[name]
                moved[name] = float(np.clip(getattr(best, name) + rng.normal(0, width / 2) * (high - low), low, high))
            tried = replace(best, **moved)
            rows = judged(tried)
            if _value(rows[choose], weights[choose]) > value:
                best, value = tried, _value(rows[choose], weights[choose])
                print(f"{k}: {value:.4f} {_means(rows, choose)} {moved}", flush=True)
    return best


def _means(rows: NDArray[np.float64], choose: NDArray[np.bool_]) -> str:
    return f"{rows[choose].mean(axis=0).round(3)} / {rows[~choose].mean(axis=0).round(3)}"


def _value(rows: NDArray[np.float64], weights: NDArray[np.float64]) -> float:
    amlt, cmlt, f, bars = np.average(rows, axis=0, weights=weights)
    return float(amlt + cmlt + 0.5 * f + bars)


def fit_thresholds(cases: list[Case]) -> Thresholds:
    """The best F of each drum at 50 ms, of all strokes and of the mean song, less what is heard where nobody drums."""
    grid = {
        **dict.fromkeys(FAST, np.arange(0.3, 0.9, 0.05)),
        "playing": np.arange(0.1, 0.75, 0.1),
        "song": np.array([0.3, 0.5, 0.6, 0.7, 0.75, 0.8, 0.85, 0.9]),
    }
    best = Thresholds()
    figures = _drum_figures(cases, best)
    for _ in range(2):
        for name, values in grid.items():
            for value in values:
                tried = replace(best, **{name: round(float(value), 3)})
                found = _drum_figures(cases, tried)
                if _drum_value(found) > _drum_value(figures):
                    best, figures = tried, found
        for name, row in figures.items():
            print(f"{name}: F {row[0]:.3f}, of the mean song {row[1]:.3f}, P {row[2]:.3f}, R {row[3]:.3f},", end=" ")
            print(f"{row[4]:.1f} false a minute", flush=True)
    return best


def _drum_value(figures: dict[str, tuple[float, ...]]) -> float:
    return sum(row[0] + row[1] - _FALSE * row[4] for row in figures.values())


def _drum_figures(cases: list[Case], thresholds: Thresholds) -> dict[str, tuple[float, ...]]:
    """F of all strokes, mean F of the songs, precision, recall, false hits a minute where nobody drums."""
    spans = [_undrummed(case) for case in cases]
    minutes = max(1e-9, sum(b - a for some in spans for a, b in some) / 60)
    heard = [hits_of(case.probabilities, thresholds) for case in cases]
    out: dict[str, tuple[float, ...]] = {}
    for name in FAST:
        right = found = true = false = 0
        fs = []
        for case, hits, some in zip(cases, heard, spans, strict=True):
            times, truth = hits[name].times, case.drums.get(name, np.zeros(0))
            if len(truth) >= 5:
                matched = len(mir_eval.util.match_events(truth, times, 0.05))
                right, found, true = right + matched, found + len(times), true + len(truth)
                fs.append(2 * matched / max(1, len(times) + len(truth)))
            false += sum(int(((times > a) & (times < b)).sum()) for a, b in some)
        precision, recall = right / max(1, found), right / max(1, true)
        out[name] = 2 * right / max(1, found + true), float(np.mean(fs or [0.0])), precision, recall, false / minutes
    return out


def _undrummed(case: Case) -> list[tuple[float, float]]:
    """Spans of at least four seconds without a stroke, less what rings on; none where not every drum is known."""
    if len(case.drums) < len(FAST):
        return []
    strokes = np.sort(np.concatenate([[0.0], *case.drums.values(), [SECONDS]]))
    return [(a + 0.3, b - 0.3) for a, b in pairwise(strokes) if b - a >= 4]


def fit(folder: Path, trials: int, seed: int = 0, workers: int = 2) -> None:
    """Prints thresholds and prices that fit the songs of a folder.

    Args:
        folder: of ``.npz`` files of ``make_songs`` and ``other_sounds``.
        trials: of the search for prices.
        seed: of the search.
        workers: processes.
    """
    cases = read_cases(folder)
    print({name: round(value, 3) for name, value in asdict(fit_thresholds(cases)).items()}, flush=True)
    prices = fit_prices(cases, trials, seed, workers)
    print({name: round(value, 3) for name, value in asdict(prices).items()}, flush=True)


def main() -> None:
    """Prints the fitted values."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("songs", type=Path)
    parser.add_argument("--trials", type=int, default=60)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    fit(options.songs, options.trials, options.seed)


if __name__ == "__main__":
    main()
