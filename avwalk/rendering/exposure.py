"""Exposure: a slow iris for each shot, never faster than a viewer's eye, so that nothing pumps.

How far it opens in a shot is decided by the shot as it is without cues that act in a part of it. Where a pinned value
acts the iris follows it, and not before or behind; a part of a shot that shows another world or palette has its own.

An eye that opens no further sees nothing where a way leads into the dark: there, and a second before and behind, the
iris goes as far as it must.

What hits do to the mean luma of the picture beside that is taken off again where it is drawn: the plan says what it is
to be.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from avwalk.arrays.colour import LUMA
from avwalk.arrays.interpolation import smoothstep
from avwalk.arrays.level import mean_luma
from avwalk.contracts import EXPOSURE, LEVEL, Drive, Generator, Lineage, Previewable, Shot
from avwalk.features.smoothing import smooth
from avwalk.frames.generators import GeneratorPool
from avwalk.plan.plan import Plan
from avwalk.plan.shots import origins, part_of_path

Array = NDArray[np.float64]

METER_SECONDS = 0.25  # between metered frames
IRIS_MS = 5000.0  # full width at half maximum of the iris
IRIS_STOPS = 1.25  # how far it opens and closes from the shot's middle, log2
TURN_SECONDS = 1.0  # at most, in which it goes over to what a pinned value wants, and back
OPEN_SECONDS = 1.0  # in which it goes over to what the dark wants, and back
OPEN_MS = 1500.0  # full width at half maximum of the iris in the dark

LEVEL_MS = 900.0  # full width at half maximum of the light's own course: slower than beats
LARGE_VIEWS = 2  # frames of a world in which it is measured how pictures of the film's size differ from thumbnails
MOVED = 0.05  # ln of light over its own slow course: from there on it is moved on purpose


class Metered(NamedTuple):
    """Frames that were metered, counted from the first of a shot's lead, (m,); and their points, log2, (m, 2)."""

    at: Array
    points: Array


def exposed(plan: Plan, free: Plan, uncut: Plan, generators: GeneratorPool) -> Plan:
    """The plan with the curves of `EXPOSURE`.

    Args:
        plan: of the whole song.
        free: the same without values that cues pin.
        uncut: the same without these, and without worlds and palettes that cues ask for.
        generators: of the plan.
    """
    known: dict[Shot, tuple[Drive, Metered, Array]] = {}
    curves: list[Array] = []
    leads: list[dict[str, NDArray[np.float32]]] = []
    for k, (shot, origin) in enumerate(zip(plan.shots, origins(plan.shots, uncut.shots), strict=True)):
        shared = origin in uncut.shots and shot.palette == origin.palette
        own, whose = (origin, uncut) if shared else (shot, free)
        if own not in known:
            drive = _drive(whose, own)
            metered = _metered(drive, generators.of_shot(own), plan.fps)
            known[own] = drive, metered, iris(*metered, plan.fps)
        curve = known[own][-1]
        if plan is not whose:
            curve = _followed(_drive(plan, shot), generators.of_shot(shot), known[own])
        curve = part_of_path(curve, shot, own)
        curves.append(curve[shot.lead :])
        coming = curve[: shot.lead].astype(np.float32)
        lead = dict(zip(EXPOSURE, coming.T, strict=True)) if shot.lead else {}
        leads.append({**plan.leads[k], **lead})
    exposure = dict(zip(EXPOSURE, np.concatenate(curves).astype(np.float32).T, strict=True))
    return replace(plan, params={**plan.params, **exposure}, leads=tuple(leads))


def level(plan: Plan, uncut: Plan, luma: Array, plain: Array, generators: GeneratorPool) -> Plan:
    """The plan with the mean luma that each frame is drawn to, the curve `LEVEL`: what it is without hits.

    A hit that moves the camera or makes something also makes the picture a little brighter or darker: all of it pumps,
    and nobody wants to see that. Where routes or cues move ``light.gain`` itself, the light stays as it comes.

    Args:
        plan: with the curves of `EXPOSURE`.
        uncut: without pins and cued worlds: what an artist asks for in a passage changes no other.
        luma: mean of each thumbnail of ``plan``, [0, 1], (n_frames,).
        plain: of ``uncut``, likewise.
        generators: of both.
    """
    curve = _courses(uncut, plain, [(shot, shot.i0, shot.i1) for shot in uncut.shots], generators)
    if plan is not uncut:
        own = pinned_frames(plan, uncut) | _elsewhere(plan, uncut)
        edges = np.flatnonzero(np.diff(np.concatenate([[False], own, [False]]))).reshape(-1, 2) + plan.i0
        spans = [(shot, max(a, shot.i0), min(b, shot.i1)) for shot in plan.shots for a, b in edges.tolist()]
        curve = np.where(own, _courses(plan, luma, [span for span in spans if span[1] < span[2]], generators), curve)
    return replace(plan, params={**plan.params, LEVEL: curve.astype(np.float32)})


def level_again(plan: Plan, luma: Array, a: int, b: int, generators: GeneratorPool) -> Plan:
    """The plan with the curve `LEVEL` as its frames [a, b) have it by themselves now, counted from its first frame.

    Args:
        plan: what was changed in these frames.
        luma: mean of each of their thumbnails, as they are without that curve, [0, 1], (b − a,).
        a: first of them.
        b: one past the last.
        generators: of the plan.
    """
    spans = [(shot, max(a + plan.i0, shot.i0), min(b + plan.i0, shot.i1)) for shot in plan.shots]
    whole, curve = np.zeros(plan.n_frames), plan.params[LEVEL].copy()
    whole[a:b] = luma
    curve[a:b] = _courses(plan, whole, [span for span in spans if span[1] < span[2]], generators)[a:b]
    return replace(plan, params={**plan.params, LEVEL: curve})


def _courses(plan: Plan, luma: Array, spans: Sequence[tuple[Shot, int, int]], generators: GeneratorPool) -> Array:
    """The mean luma of frames [a, b) of shots without hits, as large as in pictures of the film's size; 0 elsewhere."""
    gain, curve = plan.params["light.gain"].astype(np.float64), np.zeros(plan.n_frames)
    known: dict[tuple[Lineage, str | None], float] = {}
    for shot, a, b in spans:
        rows, drive, generator = slice(a - plan.i0, b - plan.i0), plan.drive(a, b), generators.of_shot(shot)
        world = shot.lineage, shot.palette
        if world not in known:
            known[world] = _in_the_large(drive, generator)
        meant = np.maximum(gain[rows], 1e-3) / np.maximum(smooth(gain[rows], plan.fps, LEVEL_MS), 1e-3)
        asked = np.minimum(np.abs(np.log(meant)) / MOVED, 1)  # light that is moved is left as it is
        own = np.log(np.maximum(luma[rows], 1e-3))
        even = np.log(np.maximum(smooth(luma[rows], plan.fps, LEVEL_MS), 1e-3))
        curve[rows] = known[world] * np.exp(even + asked * (own - even))
    return curve


def _in_the_large(drive: Drive, generator: Generator) -> float:
    """How the mean luma of pictures of the film's size differs from that of thumbnails, a factor in hundredths: the
    same on every device."""
    assert isinstance(generator, Previewable)
    some = rows_at(drive, ((np.arange(LARGE_VIEWS) + 0.5) * len(drive) / LARGE_VIEWS).astype(np.int64))
    small = float((generator.thumbnails(some) @ LUMA).mean())
    whole = [mean_luma(generator.draw(rows_at(some, np.array([k])))[0]) for k in range(len(some))]
    return round(float(np.mean(whole)) / max(small, 1e-4), 2)


def rows_at(drive: Drive, at: NDArray[np.int64]) -> Drive:
    """Some rows of a drive."""
    return replace(drive, latents=drive.latents[at], params={name: curve[at] for name, curve in drive.params.items()})


def _elsewhere(plan: Plan, uncut: Plan) -> NDArray[np.bool_]:
    """Frames in which a plan shows another world, or other colours, than the other, (n_frames,)."""
    views = [
        [(shot.lineage, shot.palette) for shot in each.shots for _ in range(*_inside(each, shot))]
        for each in (plan, uncut)
    ]
    return np.array([one != other for one, other in zip(*views, strict=True)])


def _inside(plan: Plan, shot: Shot) -> tuple[int, int]:
    """The frames of a shot that are the plan's."""
    return max(shot.i0, plan.i0), min(shot.i1, plan.i1)


def opened(plan: Plan, runs: Sequence[tuple[int, int]], generators: GeneratorPool, fwhm_ms: float = OPEN_MS) -> Plan:
    """The plan with an iris that goes as far as it must in some runs of frames.

    Args:
        plan: with the curves of `EXPOSURE`.
        runs: [a, b), counted from its first frame.
        generators: of the plan.
        fwhm_ms: full width at half maximum of the iris there, ms.
    """
    dark, bright = (np.array(plan.params[name]) for name in EXPOSURE)
    leads = list(plan.leads)
    for k, shot in enumerate(plan.shots):
        drive = _drive(plan, shot)
        n, first = len(drive), drive.i0 - plan.i0
        share = np.zeros(n)
        for a, b in runs:
            if a < first + n and b > first:
                share = np.maximum(share, _beside(n, a - first, b - first, round(OPEN_SECONDS * plan.fps)))
        if not share.any():
            continue
        curve = np.stack([drive.params[name] for name in EXPOSURE], axis=1).astype(np.float64)
        free = _metered(drive, generators.of_shot(shot), plan.fps)
        frames = np.arange(n)
        wide = np.stack([np.interp(frames, free.at, column) for column in free.points.T], axis=1)
        curve += share[:, None] * (smooth(wide, plan.fps, fwhm_ms) - curve)
        own = slice(shot.i0 - plan.i0, shot.i1 - plan.i0)
        dark[own], bright[own] = curve[shot.lead :].T
        if shot.lead:
            coming = curve[: shot.lead].astype(np.float32).T
            leads[k] = {**leads[k], **dict(zip(EXPOSURE, coming, strict=True))}
    params = {**plan.params, **dict(zip(EXPOSURE, (dark, bright), strict=True))}
    return replace(plan, params=params, leads=tuple(leads))


def pinned_frames(plan: Plan, free: Plan) -> NDArray[np.bool_]:
    """Frames in which a value that a cue pins makes a difference, (n_frames,)."""
    if plan is free:
        return np.zeros(plan.n_frames, bool)
    whole = slice(0, plan.n_frames)
    return _differs(plan.drive(plan.i0, plan.i1), free.drive(plan.i0, plan.i1), whole)


def iris(at: Array, points: Array, fps: Fraction) -> Array:
    """The exposure of every frame of a shot, from metered ones.

    Args:
        at: frames that were metered, ascending from 0, (m,).
        points: what they were metered at, log2, (m, 2).
        fps: frames per second.

    Returns:
        (at[-1] + 1, 2): smooth, and within `IRIS_STOPS` of the shot's median.
    """
    frames = np.arange(int(at[-1]) + 1)
    middle = np.median(points, axis=0)
    held = np.clip(points, middle - IRIS_STOPS, middle + IRIS_STOPS)
    curve = np.stack([np.interp(frames, at, column) for column in held.T], axis=1)
    return np.asarray(smooth(curve, fps, IRIS_MS))


def _drive(plan: Plan, shot: Shot) -> Drive:
    """The rows of a shot of a plan, its lead included."""
    k = plan.shots.index(shot)
    own = plan.drive(shot.i0, shot.i1)
    if not shot.lead:
        return own
    lead = plan.lead(k, shot.i0 - shot.lead, shot.i0)
    params = {name: np.concatenate([lead.params[name], curve]) for name, curve in own.params.items()}
    return replace(own, i0=lead.i0, latents=np.concatenate([lead.latents, own.latents]), params=params)


def _metered(drive: Drive, generator: Generator, fps: Fraction) -> Metered:
    """A shot's rows, metered now and then."""
    n = len(drive)
    at = np.unique(np.append(np.arange(0, n, max(1, round(METER_SECONDS * fps))), n - 1))
    return Metered(at.astype(np.float64), _points(drive, at, generator))


def _points(drive: Drive, at: NDArray[np.int64], generator: Generator) -> Array:
    """What rows of a drive are metered at, (m, 2)."""
    assert isinstance(generator, Previewable)
    return generator.meter(rows_at(drive, at)).astype(np.float64)


def _followed(drive: Drive, generator: Generator, known: tuple[Drive, Metered, Array]) -> Array:
    """The exposure of a shot's way, which follows what is pinned in a part of it where it is pinned.

    Args:
        drive: rows of the part.
        generator: of it.
        known: rows of that shot without what is pinned, as they were metered, and their exposure.
    """
    free, metered, base = known
    first = drive.i0 - free.i0
    touched = np.zeros(len(free), bool)
    touched[first : first + len(drive)] = _differs(drive, free, slice(first, first + len(drive)))
    edges = np.flatnonzero(np.diff(np.concatenate([[False], touched, [False]])))
    curve = base
    for a, b in edges.reshape(-1, 2).tolist():
        inside = (metered.at >= a) & (metered.at < b)
        points = metered.points.copy()
        points[inside] = _points(drive, metered.at[inside].astype(np.int64) - first, generator)
        share = _window(len(free), a, b, (first, first + len(drive)), drive.fps)
        curve = curve + share[:, None] * (iris(metered.at, points, drive.fps) - base)
    return curve


def _beside(n: int, a: int, b: int, turn: int) -> Array:
    """1 in frames [a, b), which may lie outside, 0 from ``turn`` frames beside them on, (n,)."""
    frames = np.arange(n)
    return np.asarray(smoothstep(np.clip(1 - np.maximum(a - frames, frames - b + 1) / (turn + 1), 0, 1)))


def _differs(drive: Drive, free: Drive, rows: slice) -> NDArray[np.bool_]:
    """Which rows are otherwise than without what is pinned, (n,)."""
    found = (drive.latents != free.latents[rows]).any(axis=1)
    for name, curve in drive.params.items():
        if name in EXPOSURE:  # made of the others
            continue
        found |= curve != free.params[name][rows]
    return np.asarray(found)


def _window(n: int, a: int, b: int, edges: tuple[int, int], fps: Fraction) -> Array:
    """1 in the middle of frames [a, b) and 0 outside, (n,): it rises and falls inside, but not where a shot is cut."""
    frames = np.arange(n)
    turn = min(TURN_SECONDS * float(fps), (b - a) / 4)
    rise = np.ones(n) if a <= edges[0] else (frames - a + 1) / (turn + 1)
    fall = np.ones(n) if b >= edges[1] else (b - frames) / (turn + 1)
    share = smoothstep(np.clip(np.minimum(rise, fall), 0, 1))
    return np.where((frames >= a) & (frames < b), share, 0.0)
