"""The network that hears beats, bars, drums, boundaries and voices: its weights, and how it is run.

A dense front at 100 frames a second over levels and their rise, ten gated dilated convolutions at 50 (Bai, Kolter,
Koltun, "An empirical evaluation of generic convolutional and recurrent networks for sequence modeling", 2018; gates
as in van den Oord et al., "WaveNet", 2016), and drum heads at 100 that see both. ``tools/hearing`` trains it.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from avwalk.features.beats.convolution import convolve
from avwalk.features.beats.levels import levels_of, loudness_of
from avwalk.features.beats.weights import weights

FAST_RATE = 100.0
"""Frames a second of drums; beats have half as many."""
_CHUNK = 16384  # frames of beats that are run at once
_CONTEXT = 2048  # frames on either side that they can hear

Array = NDArray[np.float32]


@dataclass(frozen=True)
class Pulses:
    """What the network says of a song, but for what is struck.

    Attributes:
        beat: probability of a beat, (m,) float32 in [0, 1], frame k is k / 50 s.
        downbeat: of a bar's first beat, (m,) likewise.
        boundary: of a new section, (m,).
        voice: that somebody sings or speaks, (m,).
        drums: that drums are playing, (m,).
    """

    beat: Array
    downbeat: Array
    boundary: Array
    voice: Array
    drums: Array


@dataclass(frozen=True)
class Activations(Pulses):
    """All that the network says of a song.

    Attributes:
        kick: probability of a bass drum, (n,) float32 in [0, 1], frame k is k / 100 s.
        snare: of a snare, a rim or a clap, (n,).
        hat: of a hi-hat or a cymbal, (n,).
        loud: how hard kick, snare and hat would be struck, (n, 3) in [0, 1].
    """

    kick: Array
    snare: Array
    hat: Array
    loud: Array


def listen(bands: NDArray[np.float16]) -> Activations:
    """Runs the network over a song.

    Args:
        bands: ``OnsetCurves.bands``, (n, 64) float16: square roots of amplitudes.

    Returns:
        What it says; the same bits whatever the number of threads.
    """
    with ThreadPoolExecutor(1) as beside:
        return pulses_of(bands, beside)[1]()


def pulses_of(bands: NDArray[np.float16], beside: Executor) -> tuple[Pulses, Callable[[], Activations]]:
    """The same in two steps: the pulses, while drums are still worked out on a thread beside this one.

    Args:
        bands: as for `listen`.
        beside: where.

    Returns:
        The pulses, and a function that waits for the drums.
    """
    n = len(bands)
    half = (n + 1) // 2
    loud = loudness_of(np.square(bands[::4].astype(np.float32)))
    slow, fast = np.zeros((half, 5), np.float32), np.zeros((2 * half, 6), np.float32)
    waiting: list[Future[None]] = []

    def strike(a: int, b: int, first: int, seen: tuple[Array, Array]) -> None:
        fast[2 * a : 2 * b] = _drums(weights(), *seen)[2 * (a - first) : 2 * (b - first)]

    for a in range(0, half, _CHUNK):
        b = min(half, a + _CHUNK)
        first, last = max(0, a - _CONTEXT), min(half, b + _CONTEXT)
        part = np.square(bands[2 * first : 2 * last].astype(np.float32))
        if len(part) < 2 * (last - first):
            part = np.concatenate([part, np.zeros((1, part.shape[1]), np.float32)])
        out, *seen = _run(weights(), levels_of(part, loud))
        slow[a:b] = out[a - first : b - first]
        if waiting:
            waiting.pop().result()  # or what they see of a long song piles up
        waiting.append(beside.submit(strike, a, b, first, (seen[0], seen[1])))
    beat, downbeat, boundary, voice, drums = np.ascontiguousarray(slow.T)

    def whole() -> Activations:
        for each in waiting:
            each.result()
        struck = fast[:n]
        kick, snare, hat = np.ascontiguousarray(struck[:, :3].T)
        return Activations(beat, downbeat, boundary, voice, drums, kick, snare, hat, struck[:, 3:].copy())

    return Pulses(beat, downbeat, boundary, voice, drums), whole


def _run(w: dict[str, Array], levels: Array) -> tuple[Array, Array, Array]:
    """Probabilities (m, 5) of levels (2m, 64), and what drums are told from: near (2m, …) and around (m, …)."""
    rise = np.zeros_like(levels)
    np.maximum(levels[2:] - levels[:-2], 0, out=rise[1:-1])
    # the batch norm is part of these weights, its shift is not: at the borders there are zeros, not means
    seen = np.concatenate([levels, rise * np.float32(3)], axis=1) * w["norm_scale"] + w["norm_shift"]
    front = _elu(convolve(seen, w["front"], w["front_bias"], 1))
    pairs = front.reshape(len(front) // 2, 2, -1)
    y = convolve(np.concatenate([pairs.mean(axis=1), pairs.max(axis=1)], axis=1), w["inlet"], w["inlet_bias"], 1)
    total, k = np.zeros_like(y), 0
    channels = y.shape[1]
    while f"gate{k}" in w:
        both = convolve(y, w[f"gate{k}"], w[f"gate{k}_bias"], 2**k)
        gated = np.tanh(both[:, :channels]) * _sigmoid(both[:, channels:])
        z = convolve(gated, w[f"mix{k}"], w[f"mix{k}_bias"], 1)
        y += z
        total += z
        k += 1
    context = _elu(total)
    slow = convolve(np.concatenate([context, y], axis=1), w["slow"], w["slow_bias"], 1)
    return _sigmoid(slow), front, context


def _drums(w: dict[str, Array], front: Array, context: Array) -> Array:
    """Probabilities (2m, 6) of drums."""
    both = np.concatenate([front, np.repeat(context, 2, axis=0)], axis=1)
    return _sigmoid(convolve(_elu(convolve(both, w["drum1"], w["drum1_bias"], 1)), w["drum2"], w["drum2_bias"], 1))


def _elu(x: Array) -> Array:
    return np.where(x > 0, x, np.expm1(np.minimum(x, 0)))


def _sigmoid(x: Array) -> Array:
    return np.asarray(0.5 + 0.5 * np.tanh(0.5 * x), np.float32)
