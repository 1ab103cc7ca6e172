"""Salience: how much more the picture changes at hits than at rest, and by how many 8-bit levels.

Correlation with the hits (`avwalk.video.sync`) asks when the picture changes, not how much, and hardly sees a small
new object: it counts what is seen.

Luma of each frame at 160×90, g in [0, 1]; without its local mean d = 255 (g − G∗g), G a Gaussian of 8 pixels. The
change of a frame is the mean of |d[i] − d[i−1]|, in each ninth of the picture (3×3). A picture that only strobes buys
nothing: what is added to its luma is taken off with the local mean, and where a change of contrast of the whole
picture explains more (the ratio of the medians of |d|), that is taken off too.

At hits: frames within 100 ms of a kick or a snare, a window for each. At rest: frames more than 150 ms from all of
them. ``whole`` is the mean over the whole picture. ``busiest`` is that of the ninth that changes most, chosen for each
window by its mean. The largest of nine is larger than their mean by chance alone, so rest has windows too, as long as
those of the hits, of which the ninth that changes most is taken likewise: every run of as many frames at rest as a hit
has, in order; a run goes on behind a hit, as there is seldom room for one between two. Where a song is loud everything
moves more, so a hit is compared with its own passage: with all windows at rest within two seconds of it, by the middles
of their frames.

Where fewer than half of the hits have such a window, all are compared with themselves at other times: moved by the same
amount, by chance, up to two seconds before or behind; 32 times. Most of such a film is near a hit, so its ratio is
never far above 1; its levels still tell.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from avwalk.video.sync import CALM, SIGMA, blur

NINTHS = 9
NEAR = 2.0  # s from a hit: the same passage of the song
STRUCK = 0.1  # s from a hit: what it moves is seen
LEAST = 0.1  # levels: what an encoder leaves in a still picture
SHIFTS = 32
_MOST_GAIN = 2.0  # between two frames; more is no strobe
_FAINT = 0.5  # levels: an even picture has no contrast that could change

Array = NDArray[np.float64]


class Salience(NamedTuple):
    """What hits make of a film.

    Attributes:
        whole: change at hits over that at rest, of the whole picture; 1 where nothing moves.
        busiest: of the ninth that changes most.
        levels: change at hits in 8-bit levels a frame, of the whole picture.
        busiest_levels: of the ninth that changes most.
        rest: change at rest in 8-bit levels a frame, of the whole picture.
        busiest_rest: of the ninth that changes most.
        hits: how many hits were compared.
        shifted: whether rest is the same hits at other times.
    """

    whole: float
    busiest: float
    levels: float
    busiest_levels: float
    rest: float
    busiest_rest: float
    hits: int
    shifted: bool

    def as_json(self) -> dict[str, float | int | bool]:
        """Its fields by name, rounded."""
        return {name: round(value, 3) if isinstance(value, float) else value for name, value in self._asdict().items()}


class DetailMeter:
    """Measures the change of detail from frame to frame, while a film's frames go by.

    Args:
        sigma: of the Gaussian, pixels; for pictures of another size than 160×90.
    """

    def __init__(self, sigma: float = SIGMA) -> None:
        self._sigma = sigma
        self._before: tuple[NDArray[np.float32], float] | None = None
        self._rows: list[NDArray[np.float32]] = []

    def watch(self, lumas: Iterable[NDArray[np.float32]]) -> Iterator[NDArray[np.float32]]:
        """Gives the lumas on, (h, w) float32 in [0, 1], and measures each."""
        for g in lumas:
            self.push(g)
            yield g

    def push(self, g: NDArray[np.float32]) -> None:
        """The luma of the next frame, (h, w) float32 in [0, 1]."""
        import cv2

        detail = np.float32(255) * (g - blur(g, self._sigma))
        contrast = float(np.median(np.abs(detail)))
        if self._before is None:
            self._rows.append(np.zeros(NINTHS, np.float32))
        else:
            before, faded = self._before
            change = np.abs(detail - before)
            if min(contrast, faded) > _FAINT and contrast != faded:
                gain = np.float32(np.sqrt(np.clip(contrast / faded, 1 / _MOST_GAIN, _MOST_GAIN)))
                evened = np.abs(detail / gain - before * gain)
                change = min(change, evened, key=lambda each: float(each.mean(dtype=np.float64)))
            self._rows.append(np.asarray(cv2.resize(change, (3, 3), interpolation=cv2.INTER_AREA)).ravel())
        self._before = detail, contrast

    @property
    def change(self) -> Array:
        """8-bit levels, (n_frames, 9), ninths from left to right and downwards. The first frame, which changes from
        nothing, has the change of the second.
        """
        rows = np.array(self._rows, np.float64).reshape(-1, NINTHS)
        if len(rows) > 1:
            rows[0] = rows[1]
        return rows


def salience(change: Array, hit_frames: NDArray[np.int64], fps: float, seed: int = 0) -> Salience | None:
    """Change at hits against rest.

    Args:
        change: (n_frames, 9), of a `DetailMeter`.
        hit_frames: frames of kicks and snares, in any order; those that have no whole window in the film are left out.
        fps: frames per second.
        seed: of the times that hits are moved by, where nothing is at rest.

    Returns:
        None where no hit is left, or the film is shorter than a window.
    """
    n, reach = len(change), int(STRUCK * fps + 1e-9)
    frames = np.unique(np.asarray(hit_frames, np.int64))
    frames = frames[(frames >= reach) & (frames + reach < n)]
    if not len(frames):
        return None
    length = 2 * reach + 1
    windows = _means(change, length)  # of frames [k, k + length)
    calm = np.flatnonzero(_distance(np.asarray(hit_frames, np.int64), n) > CALM * fps)
    near, rests = _rest(change, calm, frames, length, fps)
    shifted = bool(2 * np.count_nonzero(near) < len(frames))
    if shifted:
        most = max(1, int(NEAR * fps))
        moves = np.random.default_rng([seed, 0x5A11]).integers(-most, most + 1, SHIFTS)
        moved = frames - reach + moves[:, None]
        still = windows[np.clip(moved, 0, len(windows) - 1).ravel()]
        rests = np.stack([still.mean(axis=1), still.max(axis=1)], axis=1)
    else:
        frames = frames[near]
    struck, (rest, busiest_rest) = windows[frames - reach], rests.mean(axis=0).tolist()
    busiest = float(struck.max(axis=1).mean())
    levels = float(struck.mean())
    return Salience(
        max(levels, LEAST) / max(rest, LEAST),
        max(busiest, LEAST) / max(busiest_rest, LEAST),
        levels,
        busiest,
        rest,
        busiest_rest,
        len(frames),
        shifted,
    )


def _rest(
    change: Array, calm: NDArray[np.int64], frames: NDArray[np.int64], length: int, fps: float
) -> tuple[NDArray[np.bool_], Array]:
    """Which hits have windows at rest near them, (n_hits,); and the means of these for each such hit: of the whole
    picture, and of the ninth that changes most in each, (m, 2).

    Args:
        change: (n_frames, 9).
        calm: frames at rest, ascending.
        frames: hits, ascending.
        length: of a window, frames.
        fps: frames per second.
    """
    if len(calm) < length:
        return np.zeros(len(frames), bool), np.zeros((0, 2))
    runs = sliding_window_view(calm, length)
    short = runs[:, -1] - runs[:, 0] <= NEAR * fps  # not from one end of a long passage to the other
    middles, still = runs[short].mean(axis=1), _means(change[calm], length)[short]
    sums = np.cumsum(np.stack([still.mean(axis=1), still.max(axis=1)], axis=1), axis=0)
    sums = np.concatenate([np.zeros((1, 2)), sums])
    a, b = (np.searchsorted(middles, frames + way * NEAR * fps) for way in (-1, 1))
    near = b > a
    return near, (sums[b[near]] - sums[a[near]]) / (b - a)[near, None]


def _means(rows: Array, length: int) -> Array:
    """Means of every run of so many rows, (n − length + 1, 9)."""
    return np.asarray(sliding_window_view(rows, length, axis=0).mean(axis=-1))


def _distance(frames: NDArray[np.int64], n: int) -> NDArray[np.int64]:
    """How many frames each of n is from the nearest hit, (n,)."""
    at, ordered = np.arange(n), np.sort(frames)
    right = np.searchsorted(ordered, at)
    before, behind = ordered[np.maximum(right - 1, 0)], ordered[np.minimum(right, len(ordered) - 1)]
    return np.asarray(np.minimum(np.abs(at - before), np.abs(behind - at)))
