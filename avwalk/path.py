"""The way through latent space, scene by scene."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from avwalk.config import Walk
from avwalk.contracts import Analysis, Scene
from avwalk.features.recurrence import recurrence_on_frames
from avwalk.features.signals import Grid
from avwalk.features.smoothing import smooth
from avwalk.walk import bands, interpolation, recurrence, tour
from avwalk.walk.identity import identity

Array = NDArray[np.float64]

RECURRENCE_MS = 1500.0  # smoothing of the song's places: beats are the nodes, bars are what is seen


def paths(
    walk: Walk, development: float, scenes: Sequence[Scene], analysis: Analysis, phase: NDArray[np.float32], dim: int
) -> list[Array]:
    """Latents of every scene, its lead included: for each (lead + i1 − i0, dim).

    `recurrence` goes where the music sounds alike; `tour` visits anchors, which are the song's own; `bands`
    swings around a slow tour by the weighted sum of the bands' vectors. A label that returns takes its way again,
    turned towards a new one by ``development`` for each time that it was there before:
    z = slerp(z_label, z_new, development · n). Positions stay within 1.5 times the typical norm truncation · √dim,
    and no step inside a scene exceeds a tenth of it; classic bands have DIGCREA's latents as they were.

    Args:
        walk: its settings.
        development: 0 to 1.
        scenes: of the whole song.
        analysis: of the whole song.
        phase: the integral of the walking speed, (n_frames,).
        dim: of latent space.
    """
    norm = walk.truncation * np.sqrt(dim)
    song = identity(analysis.bands)
    times = np.arange(analysis.n_frames) / float(analysis.fps)
    level = analysis.signals["rms"].astype(np.float64)
    swing = _swing(walk, analysis, scenes[0].kin.way, dim, norm) if walk.kind == "bands" else None
    places = None
    if walk.kind == "recurrence":
        grid = Grid(analysis.fps, analysis.n_frames)
        places = recurrence_on_frames(analysis.recurrence_times, analysis.recurrence, grid, RECURRENCE_MS)
    found = []
    for scene in scenes:
        rows = slice(scene.i0 - scene.lead, scene.i1)
        if swing is not None and walk.classic:
            found.append(swing[rows])  # as it was: nothing smoothed, nothing bounded but by its clip
            continue
        if places is not None:
            z = recurrence.positions(places[rows], scene.kin.way, dim, norm)
            z = z * (1 - 0.25 * walk.level + 0.25 * walk.level * level[rows, None])
        else:
            points, position = _tour(walk, development, scene, analysis, times, phase.astype(np.float64), dim, song)
            z = tour.along(points, position)
            if swing is not None:
                z = z + swing[rows]
            else:
                z = z * (1 - 0.25 * walk.level + 0.25 * walk.level * level[rows, None])
        z = smooth(z, analysis.fps, walk.smoothing_ms)
        z = interpolation.bound_radius(z, 1.5 * norm)
        found.append(interpolation.bound_steps(z, 0.1 * norm * min(1.0, 30 / float(analysis.fps))))
    return found


def _swing(walk: Walk, analysis: Analysis, seed: int, dim: int, norm: float) -> Array:
    """The weighted sum over the whole song, so that its scale does not change from scene to scene."""
    n_bands = analysis.bands.shape[1]
    vectors = bands.basis(seed, n_bands, dim, walk.truncation, walk.smoothing_factor, walk.iterations)
    weighted = bands.weighted_sum(analysis.bands, vectors)
    if walk.classic:
        return np.asarray(np.clip(weighted, -1, 1))
    return bands.swing(weighted, analysis.signals["rms"], walk.level, walk.reach * norm)


def _tour(
    walk: Walk, development: float, scene: Scene, analysis: Analysis, times: Array, phase: Array, dim: int, song: Array
) -> tuple[Array, Array]:
    """Anchors of a scene, and where between them its frames are; before its first frame it waits at the first."""
    rows = slice(scene.i0 - scene.lead, scene.i1)
    own = slice(scene.i0, scene.i1)
    if walk.kind == "tour":
        score = analysis.score
        marks = {"beats": score.beats, "bars": score.bars, "sections": np.array([s.start for s in score.sections])}
        since, until = float(times[scene.i0]), float(times[scene.i1 - 1])
        inside = marks[walk.arrive][(marks[walk.arrive] > since) & (marks[walk.arrive] <= until)] - since
        arrive = tour.arrivals(np.append(0.0, inside), walk.every, until - since, walk.anchor_seconds)
        position = tour.positions_on(arrive, times[own] - since, phase[own] - phase[scene.i0])
        position = np.concatenate([np.zeros(scene.lead), position])
        count = len(arrive) + 1
    else:
        position = np.maximum((phase[rows] - phase[scene.i0]) / walk.anchor_seconds, 0.0)
        count = int(position[-1]) + 2
    points = tour.anchors(scene.kin.way, count, dim, walk.truncation, song)
    if scene.occurrence and development > 0:
        new = tour.anchors(scene.kin.way + scene.occurrence, count, dim, walk.truncation, song)
        share = np.full(count, min(1.0, development * scene.occurrence))
        points = interpolation.slerp(points, new, share)
    return points, position
