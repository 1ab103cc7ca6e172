"""The latent path of a film, shot by shot, (n_frames, latent_dim)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from avwalk.arrays.interpolation import slerp, smoothstep
from avwalk.config.preset import Preset, Walk
from avwalk.contracts import Analysis, Shot
from avwalk.features.classic_chroma import Rows
from avwalk.features.recurrence import recurrence_on_frames
from avwalk.features.signals import Grid
from avwalk.features.smoothing import smooth
from avwalk.modulation.matrix import quiet_gain
from avwalk.walk import bands, bounds, chroma, chroma_classic, recurrence, tour
from avwalk.walk.identity import identity

Array = NDArray[np.float64]

RECURRENCE_MS = 1500.0  # smoothing of the song's places: beats are the nodes, bars are what is seen


def paths(
    preset: Preset,
    shots: Sequence[Shot],
    analysis: Analysis,
    phase: NDArray[np.float32],
    dim: int,
    classic: Rows | None = None,
) -> list[Array]:
    """Latents of every shot, its lead included: for each (lead + i1 − i0, dim).

    `recurrence` goes where the music sounds alike; `tour` visits anchors, which are the song's own; `bands`
    swings around a slow tour by the weighted sum of the bands' vectors; `chroma` runs to and fro, faster where it is
    loud. A label that returns takes its way again,
    turned towards a new one by ``development`` for each time that it was there before:
    z = slerp(z_label, z_new, development · n). Positions stay within 1.5 times the typical norm truncation · √dim,
    and no step inside a shot exceeds a tenth of it; classic walks have the latents as they were,
    and `chroma` keeps each coordinate within 2 · truncation.

    Args:
        preset: the walk's settings.
        shots: of the whole song.
        analysis: of the whole song.
        phase: the integral of the walking speed, (n_frames,).
        dim: of latent space.
        classic: what Deep Music Visualizer hears; None unless the walk is its classic one.
    """
    walk = preset.walk
    norm = walk.truncation * np.sqrt(dim)
    song = identity(analysis.bands)
    level = analysis.signals["rms"].astype(np.float64)
    lively = quiet_gain(analysis, preset.structure.rest)
    swing = _swing(preset, analysis, shots[0].lineage.path_seed, dim, norm) if walk.kind == "bands" else None
    ran = _to_and_fro(preset, analysis, shots[0].lineage.path_seed, dim, classic) if walk.kind == "chroma" else None
    as_it_was = (swing if swing is not None else ran) if walk.classic else None
    places = None
    if walk.kind == "recurrence":
        grid = Grid(analysis.fps, analysis.n_frames)
        places = recurrence_on_frames(analysis.recurrence_times, analysis.recurrence, grid, RECURRENCE_MS)
    found = []
    for shot in shots:
        rows = slice(shot.i0 - shot.lead, shot.i1)
        if (whole := as_it_was if as_it_was is not None else ran) is not None:
            found.append(whole[rows])  # nothing smoothed, nothing bounded but by its own rules
            continue
        if places is not None:
            z = recurrence.positions(places[rows], shot.lineage.path_seed, dim, norm)
            z = z * (1 - 0.25 * walk.level + 0.25 * walk.level * level[rows, None])
        else:
            count, position = tour_of(walk, shot, analysis, phase, lively)
            points = _anchors(walk, preset.structure.development, shot, count, dim, song)
            z = tour.along(points, position)
            if swing is not None:
                z = z + swing[rows]
            else:
                z = z * (1 - 0.25 * walk.level + 0.25 * walk.level * level[rows, None])
        z = smooth(z, analysis.fps, walk.smoothing_ms)
        z = bounds.bound_radius(z, 1.5 * norm)
        found.append(bounds.bound_steps(z, 0.1 * norm * min(1.0, 30 / float(analysis.fps))))
    return found


def _swing(preset: Preset, analysis: Analysis, seed: int, dim: int, norm: float) -> Array:
    """The weighted sum over the whole song, so that its scale does not change from shot to shot."""
    walk = preset.walk
    n_bands = analysis.bands.shape[1]
    vectors = bands.basis(seed, n_bands, dim, walk.truncation, walk.smoothing_factor, walk.iterations)
    weighted = bands.weighted_sum(analysis.bands, vectors)
    if walk.classic:
        return np.asarray(np.clip(weighted, -1, 1))
    swing = bands.swing(weighted, analysis.signals["rms"], walk.level, walk.reach * norm)
    return swing * quiet_gain(analysis, preset.structure.rest)[:, None]


def _to_and_fro(preset: Preset, analysis: Analysis, seed: int, dim: int, classic: Rows | None) -> Array:
    """Latents of the walk `chroma`, over the whole song."""
    own, fps, truncation = preset.chroma, float(analysis.fps), preset.walk.truncation
    tempo, jitter = own.tempo_sensitivity, own.jitter
    if classic is None:
        level = analysis.signals["rms"]
        return chroma.latents(level, fps, dim, seed, tempo_sensitivity=tempo, jitter=jitter, truncation=truncation)
    rng = np.random.default_rng([seed, 0x6368726F])
    first = bands.truncated_noise(rng, (1, dim), truncation)[0]
    drawn = rng.random((chroma_classic.n_draws(classic.shape[1]), dim))
    z = chroma_classic.noise(classic[0], first, drawn, tempo_sensitivity=tempo, jitter=jitter, truncation=truncation)
    return chroma_classic.on_film(z, fps, analysis.n_frames)


def tour_of(walk: Walk, shot: Shot, analysis: Analysis, phase: NDArray[np.float32], lively: Array) -> tuple[int, Array]:
    """How many anchors a shot has, and where between them its frames are; before its first frame it waits there.

    Where little moves, a tour arrives less often.

    Args:
        walk: its settings.
        shot: one of the song's.
        analysis: of the whole song.
        phase: the integral of the walking speed, (n_frames,).
        lively: how much of all movement is left, (n_frames,), see `avwalk.modulation.matrix.liveliness`.

    Returns:
        The number of anchors, and (lead + i1 − i0,) positions: k is anchor k.
    """
    way = phase.astype(np.float64)
    rows = slice(shot.i0 - shot.lead, shot.i1)
    own = slice(shot.i0, shot.i1)
    if walk.kind == "tour":
        score = analysis.score
        times = np.arange(analysis.n_frames) / float(analysis.fps)
        marks = {"beats": score.beats, "bars": score.bars, "sections": np.array([s.start for s in score.sections])}
        since, until = float(times[shot.i0]), float(times[shot.i1 - 1])
        inside = marks[walk.arrive][(marks[walk.arrive] > since) & (marks[walk.arrive] <= until)] - since
        arrive = tour.arrivals(np.append(0.0, inside), walk.every, until - since, walk.anchor_seconds)
        arrive = tour.thin_arrivals(arrive, np.interp(arrive, times[own] - since, lively[own]))
        position = tour.positions_on(arrive, times[own] - since, way[own] - way[shot.i0])
        return len(arrive) + 1, np.concatenate([np.zeros(shot.lead), position])
    position = np.maximum((way[rows] - way[shot.i0]) / walk.anchor_seconds, 0.0)
    return int(position[-1]) + 2, position


def _anchors(walk: Walk, development: float, shot: Shot, count: int, dim: int, song: Array) -> Array:
    """Anchors of a shot's tour; those of a label that returns have moved on."""
    points = tour.anchors(shot.lineage.path_seed, count, dim, walk.truncation, song)
    if shot.occurrence and development > 0:
        new = tour.anchors(shot.lineage.path_seed + shot.occurrence, count, dim, walk.truncation, song)
        share = np.full(count, min(1.0, development * shot.occurrence))
        points = slerp(points, new, share)
    return points


def joined(runs: Sequence[Array], shots: Sequence[Shot], *, straight: bool = False) -> Array:
    """One way through all shots: each goes over into the next during its lead, and arrives on its first frame.

    Args:
        runs: of each shot, its lead included: (lead + i1 − i0, d).
        shots: without gaps.
        straight: along lines; else along arcs.

    Returns:
        (n_frames, d).
    """
    out = np.concatenate([run[shot.lead :] for run, shot in zip(runs, shots, strict=True)])
    first = shots[0].i0
    for run, shot in zip(runs, shots, strict=True):
        rows = slice(max(0, shot.i0 - shot.lead - first), shot.i0 - first)
        coming = run[shot.lead - (rows.stop - rows.start) : shot.lead]
        if not len(coming):
            continue
        linear = np.arange(shot.lead - len(coming) + 1, shot.lead + 1) / (shot.lead + 1)
        share = smoothstep(linear)
        going = out[rows]
        out[rows] = going + share[:, None] * (coming - going) if straight else slerp(going, coming, share)
    return out
