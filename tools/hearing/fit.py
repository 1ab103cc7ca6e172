"""Fits the prices of the bar model and the thresholds of the drums to generated songs.

    python -m tools.hearing.fit VALIDATION --trials 60

The songs have seeds and soundfonts that the network did not learn from. Half of them choose, the other half judge:
both figures are printed. Nothing here ever sees a song of the evaluation sets.
"""

from __future__ import annotations

import argparse
import warnings
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import mir_eval
import numpy as np
from numpy.typing import NDArray

from avwalk.features.beats.bar_model import RATE, Prices, find_path
from avwalk.features.beats.drums import Thresholds, hits_of
from avwalk.features.beats.network import Activations, listen
from tools.hearing.examples import INAUDIBLE, audible, read_song

_SPANS = {
    "beat": (0.4, 2.0), "every": (-1.5, 1.5), "downbeat": (0.3, 2.0), "first": (-1.0, 3.0), "odd": (0.0, 4.0),
    "three": (-1.0, 2.0), "two": (-0.5, 2.5), "steady": (15.0, 200.0), "step": (0.02, 1.0), "cut": (2.0, 14.0),
    "other": (3.0, 20.0), "pause": (1.0, 10.0), "pickup": (0.0, 6.0), "rest": (0.1, 4.0), "tap": (0.0, 2.0),
    "centre": (95.0, 140.0),
}  # fmt: skip


@dataclass(frozen=True)
class Case:
    """A song for fitting.

    Attributes:
        probabilities: what the network says of it.
        sounding: (m,) 50 a second: it is not silent.
        beats: the truth, seconds; so are ``downbeats``.
        drums: seconds of the audible hits of kick, snare and hat.
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
        amplitude = song.mix.astype(np.float32) ** 2
        loud = amplitude.max(axis=1)
        sounding = loud > 1e-3 * np.percentile(loud[loud > 0], 95)
        half = (len(loud) + 1) // 2
        sounding = np.asarray(np.pad(sounding, (0, 2 * half - len(loud))).reshape(half, 2).any(axis=1))
        drums = {}
        stems = (song.drums.astype(np.float32) ** 2, song.rest.astype(np.float32) ** 2)
        for key in ("kick", "snare", "hat"):
            found = song.times[key]
            drums[key] = (
                found[audible(found[:, 0], *stems) >= INAUDIBLE, 0] if song.drums.any() and len(found) else np.zeros(0)
            )
        truth = song.truth
        cases.append(
            Case(
                listen(song.mix),
                sounding,
                song.times["beats"],
                song.times["downbeats"],
                drums,
                str(truth["style"]),
                str(truth["irregular"]),
            )
        )
    return cases


def marks(case: Case, prices: Prices) -> tuple[float, float, float, float]:
    """AMLt, CMLt, F, downbeat F."""
    path = find_path(case.probabilities.beat, case.probabilities.downbeat, case.sounding, prices=prices)
    beats = path.frames / RATE
    trim = mir_eval.beat.trim_beats
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        _, cmlt, _, amlt = mir_eval.beat.continuity(trim(case.beats), trim(beats))
        f = mir_eval.beat.f_measure(trim(case.beats), trim(beats))
        bars = mir_eval.beat.f_measure(trim(case.downbeats), trim(beats[path.places == 0]))
    return amlt, cmlt, f, bars


_CASES: list[Case] = []


def _evaluate(prices: Prices) -> NDArray[np.float64]:
    return np.array([marks(case, prices) for case in _CASES])


def fit_prices(cases: list[Case], trials: int, seed: int) -> Prices:
    """Random search, narrower and narrower around the best."""
    _CASES[:] = cases
    rng = np.random.default_rng(seed)
    best = Prices()
    choose = np.arange(len(cases)) % 2 == 0
    with ProcessPoolExecutor(1) as pool:
        rows = next(iter(pool.map(_evaluate, [best])))
        value = _value(rows[choose])
        print(f"start: {_means(rows, choose)}", flush=True)
        for k in range(trials):
            width = 0.5 * (1 - k / trials) + 0.1
            names = [n for n in _SPANS if rng.random() < 0.35] or [str(rng.choice(list(_SPANS)))]
            moved = {}
            for name in names:
                low, high = _SPANS[name]
                moved[name] = float(np.clip(getattr(best, name) + rng.normal(0, width / 2) * (high - low), low, high))
            tried = replace(best, **moved)
            rows = next(iter(pool.map(_evaluate, [tried])))
            if _value(rows[choose]) > value:
                best, value = tried, _value(rows[choose])
                print(f"{k}: {value:.4f} {_means(rows, choose)} {moved}", flush=True)
    return best


def _means(rows: NDArray[np.float64], choose: NDArray[np.bool_]) -> str:
    return f"{rows[choose].mean(axis=0).round(3)} / {rows[~choose].mean(axis=0).round(3)}"


def _value(rows: NDArray[np.float64]) -> float:
    amlt, cmlt, f, bars = rows.mean(axis=0)
    return float(amlt + cmlt + 0.5 * f + bars)


def fit_thresholds(cases: list[Case]) -> Thresholds:
    """The best F of each drum at 50 ms, over all songs together, with false hits of drumless songs among them."""
    best = Thresholds()
    for name in ("kick", "snare", "hat"):
        scores = []
        for threshold in np.arange(0.15, 0.8, 0.05):
            right = found = true = false = 0
            for case in cases:
                hits = hits_of(case.probabilities, replace(best, **{name: float(threshold)}))[name].times
                right += len(mir_eval.util.match_events(case.drums[name], hits, 0.05))
                found, true = found + len(hits), true + len(case.drums[name])
                false += len(hits) if len(case.drums[name]) == 0 else 0
            scores.append(
                (2 * right / max(1, found + true), float(threshold), right / max(1, found), right / max(1, true), false)
            )
        print(name, [tuple(np.round(s, 3)) for s in sorted(scores, reverse=True)[:3]], flush=True)
        best = replace(best, **{name: max(scores)[1]})
    return best


def fit(songs: Path, trials: int, seed: int = 0) -> None:
    """Prints the fitted thresholds and prices.

    Args:
        songs: folder of ``make_songs``.
        trials: of the random search for prices.
        seed: of that search.
    """
    cases = read_cases(songs)
    print(fit_thresholds(cases))
    prices = fit_prices(cases, trials, seed)
    print({name: round(value, 3) for name, value in asdict(prices).items()})


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
