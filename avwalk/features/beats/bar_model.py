"""Beats and bars judged together: a bar pointer (Krebs, Böck, Widmer, "An efficient state-space model for joint tempo
and meter tracking", ISMIR 2015) as a semi-Markov chain whose segments are beats.

A state is a metre, a place in its bar and the length of the beat. Metres may change, a bar may be cut short or last a
beat longer, and the music may pause: each at a price. Where nothing sounds there are no beats.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from avwalk.features.beats.bar_kernel import BEAT, DOWNBEAT, REACH, REST, forward

RATE = 50
"""Frames a second of the model."""
SHORTEST, LONGEST = 11, 75  # frames from beat to beat: 273 to 40 BPM
_SURROUNDING = 500  # frames to either side
_NEVER = -30.0  # gain of a beat where nothing sounds
_FLOOR = 0.003  # probability below which nothing is surer
_LEVEL = 0.35  # octaves: tempos that are farther apart are another level of the metre
_LASTING = 8  # beats: what is shorter is no level
_MOST = 3  # levels that are tried
_BLOCK = 3000  # frames decided at once, when as many more have been heard
METERS: tuple[tuple[float, ...], ...] = (
    (1, 1), (1, 1, 1), (1, 1, 1, 1), (1, 1, 1, 1, 1), (1, 1, 1, 1, 1, 1, 1), (1, 1, 1.5), (1.5, 1, 1),
)  # fmt: skip
"""Lengths of the beats of a bar, in beats: 2, 3, 4, 5, 7, and 7/8 as 2 + 2 + 3 and 3 + 2 + 2."""


@dataclass(frozen=True)
class Prices:
    """Weights of the bar model, natural log units, for generated songs that the network did not learn from.

    Most are the outcome of ``tools.hearing.fit``. ``contrast`` and ``three`` were set by hand beyond it, at a price of
    0.01 in its measure, so that bars of four win where nothing tells: on plain clicks, say.

    Attributes:
        beat: of the log odds of a beat.
        every: added for each beat: above 0 faster tempos win.
        downbeat: of the log odds of a downbeat.
        contrast: share of the usual log odds of a downbeat around a beat that is taken from its own.
        against: share of a clear downbeat's gain that a beat loses which is not the first of a bar.
        first: added for each bar: above 0 shorter bars win.
        odd: taken for each bar of 5 or 7.
        three: taken for each bar of 3.
        two: taken for each bar of 2.
        steady: of a change of tempo by 100 %, for each beat.
        step: of a change by a frame.
        cut: of a bar that is cut short or a beat longer.
        other: of a change of metre.
        pause: of a pause, before it and after it.
        pickup: of a beginning within a bar.
        rest: of a second without beats while something sounds.
        tap: of an octave squared between the tempo and ``centre``, for each beat.
        centre: BPM that people like to tap.
        level: of going from one metrical level to another within a song (twice, half, 3/2 of a tempo).
    """

    beat: float = 0.987
    every: float = 0.317
    downbeat: float = 1.193
    contrast: float = 0.8
    against: float = 0.214
    first: float = -0.822
    odd: float = 2.347
    three: float = 0.3
    two: float = 3.631
    steady: float = 114.117
    step: float = 0.424
    cut: float = 20.0
    other: float = 24.996
    pause: float = 9.279
    pickup: float = 3.962
    rest: float = 3.675
    tap: float = 0.66
    centre: float = 113.451
    level: float = 150.0


@dataclass(frozen=True)
class Path:
    """Beats as frames.

    Attributes:
        frames: (n,) int64 of each beat, 50 a second.
        places: (n,) int64 place in the bar, 0 is its first beat.
        meters: (n,) int64 index into ``METERS``.
        runs: (n,) int64: which run between pauses a beat belongs to.
        score: what the model thinks of it, natural log units.
    """

    frames: NDArray[np.int64]
    places: NDArray[np.int64]
    meters: NDArray[np.int64]
    runs: NDArray[np.int64]
    score: float


def find_path(
    beat: NDArray[np.float32],
    downbeat: NDArray[np.float32],
    sounding: NDArray[np.bool_],
    prices: Prices | None = None,
) -> Path:
    """The best way through the song.

    Args:
        beat: probability of a beat, (n,) at ``RATE``.
        downbeat: of a downbeat, (n,).
        sounding: whether anything sounds, (n,).
        prices: None for those that were fitted.
    """
    p = prices or Prices()
    n = len(beat)
    model = _Model(p)
    tail = int(1.5 * LONGEST) + 2
    total = n + tail
    gains = np.zeros((total, 3), np.float32)
    gains[:, BEAT] = _NEVER
    gains[:n, BEAT] = np.where(sounding, p.beat * _odds(_around(beat)) + p.every, _NEVER)
    odds = _odds(np.minimum(_around(downbeat), _around(beat)))
    odds = np.float32(p.downbeat) * (odds - np.float32(p.contrast) * _usual(odds, beat))
    missed = np.float32(p.against) * np.maximum(odds, 0)
    gains[:n, BEAT] -= missed
    gains[:n, DOWNBEAT] = odds + missed + p.first
    gains[:n, REST] = np.where(sounding, -p.rest / RATE, 0.0)
    lengths = np.arange(SHORTEST, LONGEST + 1)
    liking = -p.tap * np.log2(60.0 * RATE / lengths / p.centre) ** 2
    free = model.run(gains, liking.astype(np.float32), n)
    best = replace(free, score=free.score - p.level)
    for centre in _levels(free.frames):  # of a song that goes between levels: as good on one?
        far = np.abs(np.log2(lengths / centre)) > _LEVEL
        path = model.run(gains, (liking + np.where(far, _NEVER, 0.0)).astype(np.float32), n)
        best = path if path.score > best.score else best
    return best


def _levels(frames: NDArray[np.int64]) -> list[float]:
    """Frames from beat to beat on each metrical level that lasts, the longest first; none where there is but one."""
    if len(frames) < 2 * _LASTING:
        return []
    around = sliding_window_view(np.diff(frames), _LASTING - 1)
    out: list[float] = []
    left = np.log2(np.median(around, axis=1))  # the median: a bar's beats may differ
    while len(left) and len(out) < _MOST:
        ordered = np.sort(left)  # counted in order: a matrix of all pairs would grow with the square of the song
        near = np.searchsorted(ordered, left + _LEVEL) - np.searchsorted(ordered, left - _LEVEL, side="right")
        inside = np.abs(left - left[int(near.argmax())]) < _LEVEL
        out.append(float(2.0 ** np.median(left[inside])))
        left = left[~inside]
    return out if len(out) > 1 else []


def _odds(probability: NDArray[np.float32]) -> NDArray[np.float32]:
    clipped = np.clip(probability, _FLOOR, 1 - _FLOOR)
    return np.asarray(np.log(clipped / (1 - clipped)), np.float32)


def _usual(odds: NDArray[np.float32], beat: NDArray[np.float32]) -> NDArray[np.float32]:
    """Mean log odds of a downbeat over the beats of the surrounding 20 s: where all are alike, none is the first."""
    weight = np.square(beat.astype(np.float64))
    sums = np.cumsum(np.pad(np.stack([odds * weight, weight]), ((0, 0), (1, 0))), axis=1)
    k = np.arange(len(odds))
    a, b = np.maximum(k - _SURROUNDING, 0), np.minimum(k + _SURROUNDING + 1, len(odds))
    total, weights = sums[:, b] - sums[:, a]
    return np.asarray(total / np.maximum(weights, 1e-6), np.float32)


def _around(curve: NDArray[np.float32]) -> NDArray[np.float32]:
    """The highest of a frame and its neighbours, which count a little less."""
    padded = np.pad(curve, 1)
    return np.asarray(np.maximum(curve, np.float32(0.9) * np.maximum(padded[:-2], padded[2:])), np.float32)


@dataclass(frozen=True)
class _Block:
    """Where the best ways of a block came from: state and step of length, (frames, states, tempos); and rests."""

    states: NDArray[np.int8]
    steps: NDArray[np.int8]
    rests: NDArray[np.int32]


class _Model:
    """States and prices as arrays."""

    def __init__(self, p: Prices) -> None:
        rows, ratios, begin = [], [], 0
        for m, meter in enumerate(METERS):
            rows += [(m, k, int(k == len(meter) - 1), begin) for k in range(len(meter))]
            ratios += list(meter)
            begin += len(meter)
        self.states = np.array(rows, np.int32)
        lengths = np.arange(SHORTEST, LONGEST + 1)
        self.lengths = np.rint(np.array(ratios)[:, None] * lengths).astype(np.int32)
        self.prices = np.array([p.cut, p.other, p.pause, p.pause, p.pickup], np.float32)
        handicap = {2: p.two, 3: p.three, 4: 0.0, 5: p.odd, 7: p.odd}
        bars = [handicap[len(m)] if max(m) == 1 else p.odd for m in METERS]
        self.handicaps = np.array([bars[m] if place == 0 else 0.0 for m, place, _, _ in rows], np.float32)
        steps = np.arange(-REACH, REACH + 1)[:, None]
        # a step of one frame is the grid's coarseness, not the player's
        change = np.abs(np.log(np.maximum(lengths + steps, 1) / lengths)) - 1.0 / lengths
        self.changes = np.where(steps == 0, 0.0, p.step + p.steady * np.maximum(change, 0.0)).astype(np.float32)

    def run(self, gains: NDArray[np.float32], tempo: NDArray[np.float32], n: int) -> Path:
        """Forward in blocks, and back from half a minute beyond each: memory does not grow with the song."""
        total, (n_states, n_tempos) = len(gains), self.lengths.shape
        ring = np.full((int(self.lengths.max()) + 1, n_states, n_tempos), -1e9, np.float32)
        rest = np.zeros(1, np.float32)
        scratch = np.empty((n_states, n_tempos), np.float32), np.empty((3, n_tempos + 2 * REACH), np.float32)
        came = np.empty((3, n_tempos), np.int32)
        blocks: dict[int, _Block] = {}
        found: list[tuple[int, int, bool]] = []
        decided = 0
        for number, a in enumerate(range(0, total, _BLOCK)):
            b = min(total, a + _BLOCK)
            shape = (b - a, n_states, n_tempos)
            block = _Block(np.empty(shape, np.int8), np.empty(shape, np.int8), np.empty((b - a, 2), np.int32))
            forward(
                a, b, ring, rest, gains, tempo, self.states, self.lengths, self.handicaps,
                self.prices, self.changes, block.states, block.steps, block.rests, *scratch, came,
            )  # fmt: skip
            blocks[number] = block
            if b < total and number > 0:  # what lies a block back is settled
                found += [beat for beat in self._back(blocks, ring, rest, b - 1, decided) if beat[0] < a]
                decided = a
                del blocks[number - 1]
        found += self._back(blocks, None, rest, total - 1, decided)
        frames = np.array([frame for frame, _, _ in found], np.int64)
        state = np.array([state for _, state, _ in found], np.int64)
        begins = np.array([begins for _, _, begins in found], bool)
        inside = frames < n
        frames, state, runs = frames[inside], state[inside], np.cumsum(begins)[inside] - 1
        rows = self.states[state] if len(state) else np.zeros((0, 4), np.int32)
        return Path(frames, rows[:, 1].astype(np.int64), rows[:, 0].astype(np.int64), runs, float(rest[0]))

    def _back(
        self, blocks: dict[int, _Block], ring: NDArray[np.float32] | None, rest: NDArray[np.float32], t: int, start: int
    ) -> list[tuple[int, int, bool]]:
        """(frame, state, whether a run begins) of each beat from ``start`` on, of the best way that is at frame ``t``.

        With ``ring`` the way may be in the middle of a beat, else it rests.
        """
        out: list[tuple[int, int, bool]] = []
        under_way = None
        if ring is not None:
            age = (t - np.arange(len(ring))) % len(ring)  # frames since the row was written
            going = np.where(self.lengths > age[:, None, None], ring, np.float32(-1e9))
            place = np.unravel_index(int(going.argmax()), going.shape)
            if going[place] > rest[0]:
                under_way = t - int(age[place[0]]), int(place[1]), int(place[2])
        while t >= start:
            if under_way is None:
                s, j = (int(x) for x in blocks[t // _BLOCK].rests[t % _BLOCK])
                if s < 0:
                    t -= 1
                    continue
                t -= int(self.lengths[s, j])
            else:
                t, s, j = under_way
                under_way = None
            while t >= start:
                block = blocks[t // _BLOCK]
                before, step = int(block.states[t % _BLOCK, s, j]), int(block.steps[t % _BLOCK, s, j])
                out.append((t, s, before < 0))
                if before < 0:
                    t -= 1
                    break
                s, j = before, j + step
                t -= int(self.lengths[s, j])
        out.reverse()
        return out
