"""What an estimate of a song's rhythm, drums and form is worth against the truth."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import mir_eval
import numpy as np

from tests.benchmarks.hearing.truth import DRUMS, FEW, Times, Truth

WINDOWS = {"50": 0.05, "25": 0.025}
RHYTHM = (
    "AMLt", "CMLt", "F", "tempo 1", "tempo 2", "1st or 2nd", "downbeat F", "F after odd bar", "compound",
)  # fmt: skip
DRUM = tuple(f"{drum} {what} {name}" for name in WINDOWS for drum in DRUMS for what in ("P", "R", "F"))
FALSE = tuple(f"false {drum}" for drum in DRUMS)
FORM = ("section F .5", "section F 3", "drop F")
MARKS = (*RHYTHM, *DRUM, *FALSE, *FORM)
NEAR = 0.04  # of a tempo
_TRIM = 5.0  # seconds at the beginning in which beats do not count
_AML = 0.8  # of a compound song whose beats count as found
_DROP = 0.25  # seconds


@dataclass(frozen=True)
class Estimate:
    """What a program makes of a song; None where it tells nothing of that kind.

    Attributes:
        tempo: BPM, 0 without.
        second: the second candidate, 0 without.
        beats: seconds, ascending.
        downbeats: likewise.
        drums: strokes of kick, snare and hat.
        sections: where they begin.
        drops: where they are.
    """

    tempo: float
    beats: Times
    second: float = 0.0
    downbeats: Times | None = None
    drums: Mapping[str, Times] = field(default_factory=dict)
    sections: Times | None = None
    drops: Times | None = None


def read_estimate(told: Mapping[str, Any]) -> Estimate:
    """An estimate from its JSON."""

    def times(name: str) -> Times | None:
        return None if told.get(name) is None else np.sort(np.asarray(told[name], np.float64))

    beats = times("beats")
    drums = {drum: found for drum in DRUMS if (found := times(drum)) is not None}
    return Estimate(
        float(told["tempo"]),
        np.zeros(0) if beats is None else beats,
        float(told.get("second", 0.0)),
        times("downbeats"),
        drums,
        times("sections"),
        times("drops"),
    )


def marks_of(truth: Truth, found: Estimate) -> dict[str, float]:
    """Each of `MARKS`; NaN where the truth does not tell, or the program does not.

    AMLt, CMLt, F     mir_eval, beats of the first five seconds left out. AMLt allows half, double and the off-beat,
                      and the levels that the truth names besides.
    tempo 1, 2        within 4 % of the truth; of 1/3, 1/2, 1, 2 or 3 times it. NaN where beats are uneven.
    1st or 2nd        the tempo or its second candidate within 4 % of the truth.
    downbeat F        as F; and of what lies behind the first irregular bar, where there is one.
    compound          1 if AMLt ≥ 0.8, in songs in 6/8, 9/8 and 12/8 alone.
    kick P 50, …      precision, recall and F within 50 and 25 ms; songs in which that drum is played, more than
                      a few times: fewer strokes are often those of a kit whose others go by another name.
    false kick, …     a minute, in passages of at least four seconds in which no drum is played.
    section F .5, 3   boundaries within 0.5 and 3 s, ends left out; of one section: 1 if one is found, else 0.
    drop F            within 0.25 s; of none: 1 if none is found, else 0.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # mir_eval warns of empty answers, which count 0
        out = dict.fromkeys(MARKS, float("nan"))
        out |= _beat_marks(truth, found) | _bar_marks(truth, found)
        out |= _drum_marks(truth, found) | _form_marks(truth, found)
    return out


def _beat_marks(truth: Truth, found: Estimate) -> dict[str, float]:
    true, tapped = _trimmed(truth.beats), _trimmed(found.beats)
    if len(true) < 2:
        return {}
    _, cmlt, _, amlt = mir_eval.beat.continuity(true, tapped)
    for other in truth.others:
        amlt = max(amlt, mir_eval.beat.continuity(_trimmed(other), tapped)[3])
    out = {"AMLt": amlt, "CMLt": cmlt, "F": mir_eval.beat.f_measure(true, tapped)}
    if truth.compound:
        out["compound"] = float(amlt >= _AML)
    if tempo := even_tempo(truth.beats):
        out["tempo 1"] = float(_near(found.tempo, tempo))
        out["tempo 2"] = float(any(_near(found.tempo, tempo * r) for r in (1 / 3, 1 / 2, 1, 2, 3)))
        out["1st or 2nd"] = float(_near(found.tempo, tempo) or _near(found.second, tempo))
    return out


def _trimmed(times: Times) -> Times:
    return np.asarray(times[times >= _TRIM], np.float64)


def _near(tempo: float, truth: float) -> bool:
    return abs(tempo / truth - 1) <= NEAR


def even_tempo(beats: Times) -> float:
    """BPM of the middle interval; 0 where the middle half of the intervals differ by more than a tenth."""
    if len(beats) < 3:
        return 0.0
    low, middle, high = np.percentile(np.diff(beats), [25, 50, 75])
    return float(60 / middle) if high <= 1.1 * low else 0.0


def _bar_marks(truth: Truth, found: Estimate) -> dict[str, float]:
    if truth.downbeats is None or found.downbeats is None:
        return {}
    out = {}
    true, heard = _trimmed(truth.downbeats), _trimmed(found.downbeats)
    if len(true):
        out["downbeat F"] = mir_eval.beat.f_measure(true, heard)
    after = after_irregular(truth.beats, truth.downbeats) if truth.exact else None
    if after is not None and (true >= after - 0.07).sum() >= 4:
        late = true[true >= after - 0.07], heard[heard >= after - 0.07]
        out["F after odd bar"] = mir_eval.beat.f_measure(*late)
    return out


def after_irregular(beats: Times, downbeats: Times) -> float | None:
    """Where the first irregular bar ends: one with another number of beats than most, or longer or shorter by more
    than a quarter than those around it; None if all are alike."""
    if len(downbeats) < 4:
        return None
    lengths = np.diff(downbeats)
    counts = np.diff(np.searchsorted(beats, downbeats - 0.02))
    usual = np.bincount(counts).argmax()
    for k, (count, length) in enumerate(zip(counts, lengths, strict=True)):
        around = np.median(lengths[max(0, k - 4) : k + 5])
        if count != usual or abs(length / around - 1) > 0.25:
            return float(downbeats[k + 1])
    return None


def _drum_marks(truth: Truth, found: Estimate) -> dict[str, float]:
    out = {}
    minutes = sum(b - a for a, b in truth.undrummed) / 60
    for drum, heard in found.drums.items():
        if minutes > 0:
            false = sum(int(((heard >= a) & (heard < b)).sum()) for a, b in truth.undrummed)
            out[f"false {drum}"] = false / minutes
        true = truth.drums.get(drum)
        if true is None or len(true) < FEW:
            continue
        for name, window in WINDOWS.items():
            p, r, f = matched(true, heard, window)
            out |= {f"{drum} P {name}": p, f"{drum} R {name}": r, f"{drum} F {name}": f}
    return out


def matched(true: Times, found: Times, window: float) -> tuple[float, float, float]:
    """Precision (NaN where nothing is found), recall and F of events within a window; each counts once."""
    if len(found) == 0:
        return float("nan"), 0.0, 0.0
    right = len(mir_eval.util.match_events(true, found, window))
    return right / len(found), right / len(true), 2 * right / (len(found) + len(true))


def _form_marks(truth: Truth, found: Estimate) -> dict[str, float]:
    out = {}
    if truth.sections is not None and found.sections is not None:
        true, heard = (_spans(times, truth.duration) for times in (truth.sections, found.sections))
        for name, window in {"section F .5": 0.5, "section F 3": 3.0}.items():
            if len(true) == 1:
                out[name] = float(len(heard) == 1)
            else:
                out[name] = float(mir_eval.segment.detection(true, heard, window=window, trim=True)[2])
    if truth.drops is not None and found.drops is not None:
        if len(truth.drops) == 0:
            out["drop F"] = float(len(found.drops) == 0)
        else:
            out["drop F"] = matched(truth.drops, found.drops, _DROP)[2]
    return out


def _spans(starts: Times, duration: float) -> Times:
    """(start, end) rows without gaps from 0 to the end; the first begins at 0, whatever it says."""
    inner = [float(t) for t in starts[1:] if 0.05 < t < duration - 0.05]
    edges = np.array([0.0, *inner, duration])
    return np.stack([edges[:-1], edges[1:]], axis=1)
