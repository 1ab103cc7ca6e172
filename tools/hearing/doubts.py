"""Whether a score's beats and bars are where its music has them: composers are free to ignore the grid of a file."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from tools.hearing.piece import KICK, SNARE
from tools.hearing.scores import DoubtfulScore, Score

_CRASH = frozenset({49, 55, 57})
_NEAR = 0.07  # beats that a note may lie beside a place
_FEWEST = 32  # beats with notes
_ON_GRID, _ON_BEAT = 0.8, 0.25  # shares of the notes' weight
_PHASE = 0.8  # share of the fullest of four places of a beat that its beginning has at least
_BARE = 0.05  # a bar's other lengths must be as alike, less this
_FIRST = 0.8  # share of the likeliest place's evidence that the first beat has at least
_LOW = 53  # pitch below which a note is of the bass
_OTHERS = {2: (3, 5, 7), 3: (2, 4, 5, 7), 4: (3, 5, 7), 5: (2, 3, 4, 7), 6: (4, 5, 7), 7: (2, 3, 4, 5)}
"""Beats of a bar → of bars that it could be mistaken for."""


@dataclass(frozen=True)
class _Notes:
    """Where notes begin: beat, part of it from its start in [-0.5, 0.5), weight; and their pitches and drums."""

    beat: NDArray[np.int64]
    part: NDArray[np.float64]
    weight: NDArray[np.float64]
    pitch: NDArray[np.int64]
    drum: NDArray[np.bool_]


def checked(score: Score) -> Score:
    """The score, ``barred`` if its bars are sure.

    Raises:
        DoubtfulScore: its notes do not lie on its beats, or are too few to tell.
    """
    beats, places = _beats(score)
    notes = _notes(score, beats)
    if len(set(notes.beat.tolist())) < _FEWEST:
        raise DoubtfulScore(f"{score.name}: too short")
    on = [_share(notes, np.array([x])) for x in (0.0, 0.25, 0.5, 0.75)]
    grid = _share(notes, np.array([0, 0.25, 1 / 3, 0.5, 2 / 3, 0.75]))
    if grid < _ON_GRID or on[0] < _ON_BEAT or on[0] < _PHASE * max(on):
        raise DoubtfulScore(f"{score.name}: {grid:.2f} of the notes on the grid, {on[0]:.2f} on beats")
    meters = np.diff(np.append(np.flatnonzero(places == 0), len(places)))
    if len(set(meters[:-1].tolist())) > 1:  # changes of metre are seldom a mistake
        return score
    return replace(score, barred=_bars_fit(_features(notes, len(beats)), notes, int(meters[0])))


def _beats(score: Score) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Quarters of all beats and their places in the bar."""
    pairs = [(m.start + x, k) for m in score.measures for k, x in enumerate(m.beats)]
    return np.array([x for x, _ in pairs]), np.array([k for _, k in pairs])


def _notes(score: Score, beats: NDArray[np.float64]) -> _Notes:
    starts = np.array([e.start for e in score.events])
    at = np.interp(starts, beats, np.arange(len(beats)))
    near = np.rint(at).astype(np.int64)
    inside = (starts > beats[0] - 0.3) & (starts < beats[-1])
    pitch = np.array([e.pitch for e in score.events])
    drum = np.array([e.part < 0 for e in score.events])
    weight = np.array([e.velocity / 127 for e in score.events])
    weight[drum & ~np.isin(pitch, [*KICK, *SNARE, *_CRASH])] *= 0.3  # hats play on every place
    return _Notes(near[inside], (at - near)[inside], weight[inside], pitch[inside], drum[inside])


def _share(notes: _Notes, places: NDArray[np.float64]) -> float:
    """Share of the notes' weight near places in [0, 1) of a beat."""
    away = np.abs((notes.part[:, None] - places + 0.5) % 1 - 0.5).min(axis=1)
    return float(notes.weight[away < _NEAR].sum() / notes.weight.sum())


def _features(notes: _Notes, n: int) -> NDArray[np.float64]:
    """What each beat sounds like, (n, 28): pitch classes, those of the bass, kick and snare on and off the beat."""
    out = np.zeros((n, 28))
    tones, low = ~notes.drum, ~notes.drum & (notes.pitch < _LOW)
    np.add.at(out, (notes.beat[tones], notes.pitch[tones] % 12), notes.weight[tones])
    np.add.at(out, (notes.beat[low], 12 + notes.pitch[low] % 12), 2 * notes.weight[low])
    for row, kit in enumerate((KICK, SNARE)):
        hits = notes.drum & np.isin(notes.pitch, list(kit))
        off = (np.abs(notes.part[hits]) > 0.2).astype(np.int64)
        np.add.at(out, (notes.beat[hits], 24 + 2 * row + off), 2 * notes.weight[hits])
    return out


def _bars_fit(features: NDArray[np.float64], notes: _Notes, meter: int) -> bool:
    """Bars of ``meter`` beats come back more than others do, and what tells a first beat is at the first."""

    def alike(m: int) -> float:
        return max(_similarity(features, lag) for lag in (m, 2 * m))

    if meter in _OTHERS and alike(meter) < max(alike(m) for m in _OTHERS[meter]) - _BARE:
        return False
    evidence = np.zeros(len(features))
    tones = features[:, :24]
    change = 1 - np.array([_cosine(tones[k], tones[k - 1]) if k else 0.0 for k in range(len(tones))])
    evidence += change * (tones.sum(axis=1) > 0)
    on = np.abs(notes.part) < 0.1
    for kit, weight in ((_CRASH, 2.0), (KICK, 0.5)):
        hits = notes.drum & np.isin(notes.pitch, list(kit)) & on
        np.add.at(evidence, notes.beat[hits], weight * notes.weight[hits])
    low = ~notes.drum & (notes.pitch < _LOW) & on
    np.add.at(evidence, notes.beat[low], 0.5 * notes.weight[low])
    by_place = np.array([evidence[k::meter].mean() for k in range(meter)])
    return bool(by_place[0] >= _FIRST * by_place.max())


def _similarity(features: NDArray[np.float64], lag: int) -> float:
    pairs = [_cosine(a, b) for a, b in zip(features, features[lag:], strict=False) if a.any() and b.any()]
    return float(np.mean(pairs)) if pairs else 0.0


def _cosine(a: NDArray[np.float64], b: NDArray[np.float64]) -> float:
    return float(a @ b / np.sqrt((a @ a) * (b @ b) + 1e-12))
