"""The walk `prompts`: from keyframe to keyframe of a prompt timeline, at a speed driven by the sound.

A position is k + share: keyframe k, and the share of the way to the next. It is exactly k on the frame of keyframe k.
The idea, speed from percussive energy, is that of stable-diffusion-videos (N. Raw), T·(1 − smooth) + linspace·smooth;
here a song of silence walks evenly, no frame is shown twice at a keyframe, and energy is that of the whole song.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from avwalk.arrays.interpolation import smoothstep
from avwalk.errors import OptionError

Array = NDArray[np.float64]

SLOWEST, FASTEST = 0.1, 6.0
"""Speed along a transition lies between these, its mean being 1: the picture never stands, and never tears."""
REST = 0.1
"""Speed in silence, where 1 is that of the song's mean energy."""
_PURPOSE_NOISE = 0x70726F6D


class Keyframe(NamedTuple):
    """Prompt, seed and guidance at one frame.

    Attributes:
        frame: counted from the start of the song.
        prompt: the text.
        seed: of the noise that its picture comes from.
        guidance: guidance scale; None: from the preset and its routes.
        negative: negative prompt.
    """

    frame: int
    prompt: str
    seed: int
    guidance: float | None = None
    negative: str = ""


class Spacing(NamedTuple):
    """Perceptual distances of pictures along a transition.

    Attributes:
        shares: (m,) float64, ascending from 0 to 1.
        distances: (m − 1,) float64 ≥ 0, from each to the next.
    """

    shares: Array
    distances: Array


def seed_of(seed: int, *key: int) -> int:
    """Noise seed of a keyframe, derived from the film's seed and a key: 32 bits, as other programs accept."""
    return int(np.random.SeedSequence([seed, _PURPOSE_NOISE, *key]).generate_state(1)[0])


def arrivals(marks: Sequence[int] | NDArray[np.int64], count: int, n_frames: int, gap: int = 1) -> list[int]:
    """Keyframe positions: the first frame, the marks, the last frame; at least ``count`` if the song is long enough.

    With too few marks the longest gap is halved repeatedly, the earliest of several first.

    Args:
        marks: frames of sections or bars, in any order; none: evenly.
        count: of prompts.
        n_frames: of the song, ≥ 1.
        gap: minimum frames between marks; of two closer ones the first counts.

    Returns:
        Strictly ascending frames from 0 to n_frames − 1.
    """
    last = n_frames - 1
    if not len(marks):
        return [int(i) for i in np.unique(np.rint(np.linspace(0, last, max(2, count))))]
    found = [0]
    for mark in sorted(int(m) for m in marks):
        if mark - found[-1] >= max(1, gap) and last - mark >= max(1, gap):
            found.append(mark)
    if last > 0:
        found.append(last)
    while len(found) < min(count, n_frames):
        k = int(np.argmax(np.diff(found)))
        found.insert(k + 1, (found[k] + found[k + 1]) // 2)
    return found


def spread(prompts: Sequence[str], frames: Sequence[int], seed: int, negative: str = "") -> list[Keyframe]:
    """Keyframes on these frames: prompts in order, cyclically.

    Args:
        prompts: at least one.
        frames: from `arrivals`.
        seed: of the film; every keyframe has noise of its own.
        negative: of all of them.
    """
    return [Keyframe(i, prompts[k % len(prompts)], seed_of(seed, k), None, negative) for k, i in enumerate(frames)]


def checked(timeline: Sequence[Keyframe], n_frames: int) -> tuple[Keyframe, ...]:
    """A timeline in order.

    Raises:
        OptionError: it is empty, two keyframes lie on one frame, or one lies outside of the song.
    """
    if not timeline:
        raise OptionError("the timeline of prompts is empty; give --prompt TEXT, or sd.prompts in the preset")
    found = sorted(timeline, key=lambda key: key.frame)
    for a, b in pairwise(found):
        if a.frame == b.frame:
            raise OptionError(f"'{a.prompt}' and '{b.prompt}' are both on frame {a.frame}; move one of them")
    if found[0].frame < 0 or found[-1].frame >= n_frames:
        outside = found[0] if found[0].frame < 0 else found[-1]
        raise OptionError(f"'{outside.prompt}' is on frame {outside.frame}, the song has 0–{n_frames - 1}")
    return tuple(found)


def positions(
    timeline: Sequence[Keyframe], n_frames: int, energy: NDArray[np.floating], smooth: float, ease: float = 0.0
) -> Array:
    """Timeline position of each frame; constant before the first keyframe and after the last.

    The step into a frame is as long as the sound on that frame is strong, so that a hit moves the picture on its own
    frame. Energy counts against the mean of the whole song: a quiet verse is walked evenly, not by its noise.

    Args:
        timeline: from `checked`.
        n_frames: of the song.
        energy: (n_frames,) ≥ 0, percussive energy over the whole song; its scale does not matter.
        smooth: 0: the sound alone drives the speed; 1: even speed.
        ease: 0: the speed does not stop at keyframes; 1: it is 0 there (smoothstep).

    Returns:
        (n_frames,) ascending: exactly k on the frame of keyframe k, strictly ascending between the first and the last;
        no step is longer than `FASTEST` (1.5 times that with full ease) times the mean of its transition.
    """
    force = np.nan_to_num(np.asarray(energy, np.float64), posinf=0.0).clip(0)
    mean = float(force.mean())
    out = np.zeros(n_frames)
    for k, (a, b) in enumerate(pairwise(timeline)):
        heard = force[a.frame + 1 : b.frame + 1] / mean if mean > 0 else np.zeros(b.frame - a.frame)
        speed = bounded((1 - smooth) * (heard + REST) + smooth)
        share = np.concatenate([[0.0], np.cumsum(speed)])
        share /= share[-1]
        share += ease * (smoothstep(share) - share)
        out[a.frame : b.frame + 1] = k + share
    out[timeline[-1].frame :] = len(timeline) - 1
    return out


def bounded(speed: Array) -> Array:
    """The speed with mean 1, compressed towards it until it lies between `SLOWEST` and `FASTEST`."""
    mean = float(speed.mean())
    if mean <= 0:
        return np.ones(len(speed))
    swing = speed / mean - 1
    room = [1.0]
    if (high := float(swing.max())) > 0:
        room.append((FASTEST - 1) / high)
    if (low := float(swing.min())) < 0:
        room.append((SLOWEST - 1) / low)
    return np.asarray(1 + min(room) * swing)


def guidance(timeline: Sequence[Keyframe], position: Array, default: float) -> Array:
    """Guidance scale of each frame, linear from keyframe to keyframe, before modulation.

    Args:
        timeline: from `checked`.
        position: from `positions`.
        default: for keyframes without one.

    Returns:
        (n_frames,).
    """
    values = [default if key.guidance is None else key.guidance for key in timeline]
    return np.interp(position, np.arange(len(values)), values)


def latents(position: Array, noise: NDArray[np.floating], embedding: NDArray[np.floating]) -> NDArray[np.float32]:
    """Latents of the generator `sd` for each frame.

    Args:
        position: (n,) from `positions` or `respaced`; seeds follow the prompts.
        noise: (n,) push of the noise, 0 to 1.
        embedding: (n,) push of the embedding, 0 to 1.

    Returns:
        (n, 4) float32: position on the prompts, position on the seeds, push of noise, push of embedding.
    """
    return np.stack([position, position, noise, embedding], axis=1).astype(np.float32)


def respaced(position: Array, spacings: Mapping[int, Spacing]) -> Array:
    """Positions warped within their transitions so that the perceived change is even where the positions were.

    Before, equal steps are equal shares of the interpolation; after, equal shares of the perceived change. Positions
    that follow the energy make the perceived change follow it.

    Args:
        position: (n,) from `positions`.
        spacings: number of the transition → from `avwalk.walk.spacing.measured`; others stay.

    Returns:
        (n,) ascending, with the same frames on whole numbers.
    """
    out = position.astype(np.float64).copy()
    index = np.floor(position).astype(np.int64)
    for k, spacing in spacings.items():
        rows = (index == k) & (position > k)
        shares, length = lengths(spacing)
        out[rows] = k + np.interp(position[rows] - k, length, shares)
    return out


def lengths(spacing: Spacing, steps: int = 64) -> tuple[Array, Array]:
    """Cumulative perceived change along a transition: shares and lengths, both from 0 to 1, both strictly ascending.

    Cubics through the lengths measured; slopes are those of parabolas through three of them, at most three times the
    smaller of the slopes beside, which keeps cubics monotone (Fritsch, Carlson 1980, SIAM J. Numer. Anal. 17).
    """
    t, d = spacing.shares, np.asarray(spacing.distances, np.float64)
    total = float(d.sum())
    if not np.isfinite(total) or total <= 0:
        return np.array([0.0, 1.0]), np.array([0.0, 1.0])
    d = (1 - STILL) * d / total + STILL * np.diff(t)
    secant, width = d / np.diff(t), np.diff(t)
    slope = np.empty(len(t))
    slope[0], slope[-1] = _end(width, secant), _end(width[::-1], secant[::-1])
    parabola = (secant[:-1] * width[1:] + secant[1:] * width[:-1]) / (width[1:] + width[:-1])
    slope[1:-1] = np.minimum(parabola, 3 * np.minimum(secant[:-1], secant[1:]))
    s = np.linspace(0, 1, steps, endpoint=False)
    begin = np.concatenate([[0.0], np.cumsum(d)])
    a, b = slope[:-1, None] * width[:, None], slope[1:, None] * width[:, None]
    rise = d[:, None] * s * s * (3 - 2 * s) + a * s * (1 - s) ** 2 - b * s * s * (1 - s)
    fine = np.append((begin[:-1, None] + rise).ravel(), begin[-1])
    shares = np.append((t[:-1, None] + width[:, None] * s).ravel(), 1.0)
    return shares, np.asarray(np.maximum.accumulate(fine) / fine[-1])


STILL = 1e-3
"""Share of a transition's length that is spread evenly, so that static stretches are passed quickly, not skipped."""


def _end(width: Array, secant: Array) -> float:
    """Slope at an end, from the two pieces next to it; kept monotone."""
    if len(width) == 1:
        return float(secant[0])
    slope = ((2 * width[0] + width[1]) * secant[0] - width[0] * secant[1]) / (width[0] + width[1])
    return float(np.clip(slope, 0, 3 * secant[0]))
