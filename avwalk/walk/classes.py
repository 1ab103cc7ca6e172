"""Class weights over time: the mix of K classes that a class-conditional generator draws.

Weights are (n_frames, K) float64, ≥ 0, and every row sums to 1. A class is a column: its index in the list of
classes that the film uses, not its number in ImageNet.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from avwalk.arrays.interpolation import smoothstep
from avwalk.contracts import Shot
from avwalk.walk.recurrence import FALLOFF
from avwalk.walk.tour import between

Array = NDArray[np.float64]

CLASSIC_RATE = 30  # DIGCREA's frames per second
TEMPERATURE = 0.15  # two of up to twelve classes had 90 % or more half of the time, in three songs tried
MOST_DEVELOPED = 0.4  # a class that returns keeps the larger part of the picture: it must be recognised


class ClassSpan(NamedTuple):
    """A class set by the artist for the frames [i0, i1).

    Attributes:
        i0: first frame, counted from the start of the song.
        i1: one past the last, > i0.
        chosen: which class.
        ease: frames of the fade-in before ``i0`` and of the fade-out after ``i1 − 1``; below 1 is a cut.
    """

    i0: int
    i1: int
    chosen: int
    ease: float


def even_stops(n_classes: int, n_frames: int) -> tuple[tuple[int, int], ...]:
    """Stops for `along`: each class once, in order, the first on the first frame, the last on the last."""
    if n_classes == 1:
        return ((0, 0),)
    at = np.rint(np.linspace(0, n_frames - 1, n_classes)).astype(np.int64).tolist()
    return tuple(zip(at, range(n_classes), strict=True))


def along(stops: Sequence[tuple[int, int]], n_frames: int, n_classes: int, *, eased: bool = False) -> Array:
    """Linear morphs from class to class; each class is reached exactly on its frame, without a halt.

    Args:
        stops: (frame, class), ascending, at least one: see `evenly`. Before the first and after the last its class
            stays; of several on one frame the last counts.
        n_frames: of the song.
        n_classes: K.
        eased: slower by half at the stops, as `tour.along` is; else at an even speed.

    Returns:
        (n_frames, K).
    """
    last = dict(stops)
    frames = np.array(list(last), np.float64)
    position = np.interp(np.arange(n_frames), frames, np.arange(len(frames)))
    nodes = np.eye(n_classes)[list(last.values())]
    return along_tour(nodes, position) if eased else _mixed(nodes, *_places(position, len(nodes)))


def from_shots(shots: Sequence[Shot], n_frames: int, n_classes: int, development: float = 0.0) -> Array:
    """One class per section label, so a chorus is recognised; it cross-fades over its shot's lead.

    Label k has class k mod K. A repeated label mixes in the next class, by ``development`` for each
    earlier occurrence, at most `MOST_DEVELOPED`. A shot without lead cuts.

    Args:
        shots: of the whole song, without gaps.
        n_frames: of the song.
        n_classes: K.
        development: 0 to 1.

    Returns:
        (n_frames, K).
    """
    out = np.zeros((n_frames, n_classes))
    unit = np.eye(n_classes)
    for shot in shots:
        own = shot.label % n_classes
        lean = min(MOST_DEVELOPED, development * shot.occurrence)
        target = (1 - lean) * unit[own] + lean * unit[(own + 1) % n_classes]
        out[shot.i0 : shot.i1] = target
        first = max(0, shot.i0 - shot.lead)
        share = (np.arange(first, shot.i0) - (shot.i0 - shot.lead))[:, None] / max(1, shot.lead)
        out[first : shot.i0] = (1 - share) * out[first : shot.i0] + share * target
    return out


def anchors(seed: int, count: int, n_classes: int) -> Array:
    """A class for each anchor of a tour: all of them in a seeded order, then in another; never one twice in a row.

    A longer tour begins like a shorter one.

    Returns:
        (count, K), each row a single class.
    """
    order: list[int] = []
    for lap in range(-(-count // n_classes)):
        mixed = np.random.default_rng([seed, 0x636C6173, lap]).permutation(n_classes)
        if order and n_classes > 1 and mixed[0] == order[-1]:
            mixed = np.roll(mixed, -1)
        order += mixed.tolist()
    return np.eye(n_classes)[order[:count]]


def along_tour(nodes: Array, position: Array) -> Array:
    """Class weights at positions of a tour: moves between anchors as `tour.along` does.

    Args:
        nodes: (count, K), from `anchors`; mixes of several tours are allowed.
        position: (n,), k is anchor k.

    Returns:
        (n, K).
    """
    return _mixed(nodes, *between(len(nodes), position))


def from_recurrence(
    embedding: NDArray[np.float32], seed: int, n_classes: int, temperature: float = TEMPERATURE
) -> Array:
    """Class weights from the recurrence embedding: softmax of its projections onto one seeded direction per class.

    Similar passages get the same classes. Projections are centred and scaled over the song, so that every class occurs;
    as in `recurrence.positions`, slow eigenvectors count more. A song without structure has one class.

    Args:
        embedding: φ, (n_frames, k).
        seed: of the directions.
        n_classes: K.
        temperature: > 0; the smaller, the more one class leads.

    Returns:
        (n_frames, K).
    """
    rng = np.random.default_rng([seed, 0x706C6163])
    directions = rng.standard_normal((embedding.shape[1], n_classes))
    likeness = (embedding.astype(np.float64) * (np.arange(embedding.shape[1]) + 1.0) ** -FALLOFF) @ directions
    away = likeness - likeness.mean(axis=0)
    spread = away.std(axis=0)
    if spread.max() < 1e-6:
        return np.tile(np.eye(n_classes)[rng.integers(n_classes)], (len(embedding), 1))
    logits = away / (np.maximum(spread, 1e-6) * temperature)
    share = np.exp(logits - logits.max(axis=1, keepdims=True))
    return np.asarray(share / share.sum(axis=1, keepdims=True))


def with_spans(weights: Array, spans: Sequence[ClassSpan]) -> Array:
    """Weights overridden by the artist's class spans: exact inside, eased on both sides.

    Args:
        weights: (n_frames, K).
        spans: where two cover the same frame, the later one in the list wins.

    Returns:
        (n_frames, K).
    """
    frames = np.arange(len(weights))
    shares: list[Array] = []
    for span in spans:
        away = np.maximum(np.maximum(span.i0 - frames, frames - (span.i1 - 1)), 0)
        linear = np.clip(1 - away / span.ease, 0, 1) if span.ease >= 1 else (away == 0).astype(np.float64)
        held = linear >= 1
        shares = [np.where(held, 0.0, before) for before in shares]
        shares.append(smoothstep(linear))
    # each as strong as it is itself and the others are not: where one holds, nothing else counts
    free = np.prod([1 - share for share in shares], axis=0) if shares else np.ones(len(weights))
    out, total = weights * np.asarray(free)[:, None], np.array(free, np.float64)
    for k, (span, share) in enumerate(zip(spans, shares, strict=True)):
        alone = share * np.prod([1 - other for j, other in enumerate(shares) if j != k], axis=0)
        out[:, span.chosen] += alone
        total = total + alone
    return np.asarray(out / total[:, None])


def classic_along(n_classes: int, duration: float, times: Array) -> Array:
    """DIGCREA's class vectors on the film's clock: linear from label to label, ``frames_per_class`` frames each.

    It counts F = ⌈30·seconds⌉ frames, F // (K − 1) for each pair, both ends included; it draws none in the last
    second, where its last picture stands still. A single label is constant (DIGCREA divides by zero).

    Args:
        n_classes: K.
        duration: of the song, seconds.
        times: of the film's frames, (n,) seconds.

    Returns:
        (n, K); row i is DIGCREA's nearest to ``times[i]``.
    """
    unit = np.eye(n_classes)
    if n_classes == 1:
        return np.ones((len(times), 1))
    each = max(1, int(np.ceil(CLASSIC_RATE * duration)) // (n_classes - 1))
    rows = np.concatenate([np.linspace(unit[k], unit[k + 1], each) for k in range(n_classes - 1)])
    drawn = int(np.ceil(CLASSIC_RATE * (duration - 1) - 1e-6))
    last = min(len(rows), max(1, drawn)) - 1
    return rows[np.minimum(np.rint(times * CLASSIC_RATE).astype(np.int64), last)]


def _places(position: Array, count: int) -> tuple[NDArray[np.int64], Array]:
    """Which node each position is after, and how far towards the next."""
    k = np.clip(np.floor(position).astype(np.int64), 0, max(0, count - 2))
    return k, np.clip(position - k, 0, 1)


def _mixed(nodes: Array, k: NDArray[np.int64], share: Array) -> Array:
    following = nodes[np.minimum(k + 1, len(nodes) - 1)]
    return np.asarray((1 - share)[:, None] * nodes[k] + share[:, None] * following)
