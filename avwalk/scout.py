"""The scout: sees the whole film in the small before it is drawn, and decides what needs to know more than a frame.

Exposure: a slow iris for each scene, never faster than a viewer's eye, so that nothing pumps. What it decides is
stored in the plan, so any frame can still be drawn alone.
"""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from avwalk.contracts import EXPOSURE, Drive, Scoutable
from avwalk.features.smoothing import smooth
from avwalk.plan import Plan
from avwalk.source import Worlds

Array = NDArray[np.float64]

METER_SECONDS = 0.25  # between metered frames
IRIS_MS = 5000.0  # full width at half maximum of the iris
IRIS_STOPS = 1.25  # how far it opens and closes from the scene's middle, log2


def scouted(plan: Plan, worlds: Worlds) -> Plan:
    """The plan with what only the whole film can tell; as it is where the generator cannot be scouted."""
    if not isinstance(worlds.of_scene(plan.scenes[0]), Scoutable):
        return plan
    return _exposed(plan, worlds)


def _exposed(plan: Plan, worlds: Worlds) -> Plan:
    curves: list[Array] = []
    leads: list[dict[str, NDArray[np.float32]]] = []
    for k, scene in enumerate(plan.scenes):
        generator = worlds.of_scene(scene)
        assert isinstance(generator, Scoutable)
        parts = [plan.lead(k, scene.i0 - scene.lead, scene.i0)] if scene.lead else []
        curve = iris(*_metered([*parts, plan.drive(scene.i0, scene.i1)], generator, plan.fps), plan.fps)
        curves.append(curve[scene.lead :])
        coming = curve[: scene.lead].astype(np.float32)
        own = dict(zip(EXPOSURE, coming.T, strict=True)) if scene.lead else {}
        leads.append({**plan.leads[k], **own})
    exposure = dict(zip(EXPOSURE, np.concatenate(curves).astype(np.float32).T, strict=True))
    return replace(plan, params={**plan.params, **exposure}, leads=tuple(leads))


def _metered(parts: list[Drive], generator: Scoutable, fps: Fraction) -> tuple[Array, Array]:
    """Frames that were metered, counted from the first of ``parts``, and their points (n, 2)."""
    n = sum(len(part) for part in parts)
    step = max(1, round(METER_SECONDS * fps))
    wanted = np.unique(np.append(np.arange(0, n, step), n - 1))
    rows, before = [], 0
    for part in parts:
        inside = wanted[(wanted >= before) & (wanted < before + len(part))] - before
        params = {name: curve[inside] for name, curve in part.params.items()}
        rows.append(generator.meter(replace(part, latents=part.latents[inside], params=params)))
        before += len(part)
    return wanted.astype(np.float64), np.concatenate(rows).astype(np.float64)


def iris(at: Array, points: Array, fps: Fraction) -> Array:
    """The exposure of every frame of a scene, from metered ones.

    Args:
        at: frames that were metered, ascending from 0, (m,).
        points: what they were metered at, log2, (m, 2).
        fps: frames per second.

    Returns:
        (at[-1] + 1, 2): smooth, and within `IRIS_STOPS` of the scene's median.
    """
    frames = np.arange(int(at[-1]) + 1)
    middle = np.median(points, axis=0)
    held = np.clip(points, middle - IRIS_STOPS, middle + IRIS_STOPS)
    curve = np.stack([np.interp(frames, at, column) for column in held.T], axis=1)
    return np.asarray(smooth(curve, fps, IRIS_MS))
