"""World selection: renders previews of a seed's candidate worlds, rejects bad compositions, fits gain and exposure.

Everything that is constant over a film is decided here, once.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from avwalk.arrays.colour import LUMA
from avwalk.contracts import Lineage
from avwalk.generators.cppn.breeding import child
from avwalk.generators.cppn.kernels import field_slots as layout
from avwalk.generators.cppn.material import Material, quantiles, tone_curve
from avwalk.generators.cppn.raster import Canvas, draw_grid, paint_grid, raw_light
from avwalk.generators.cppn.world import LATENT_DIM, Geometry, World

AREA = 128 * 72
N_VIEWS = 8
MAX_TRIES = 8
BLACK = 0.03  # linear Y
BURNT, MAX_BURNT_SHARE = 0.86, 0.012

Pictures = NDArray[np.float32]


class Limits(NamedTuple):
    """Limits of composition: least Gini coefficient, least and largest share of pixels with linear Y below a value."""

    gini: float = 0.45
    dark: tuple[float, float] = (0.20, 0.50)
    below: float = BLACK


USUAL = Limits()
LIMITS = {
    layout.TUNNEL: Limits(gini=0.40),  # rings are everywhere
    layout.HORIZON: Limits(dark=(0.06, 0.45)),  # a sky is seldom night
    # the ground is light: the ink is the subject, not a slab, and it must be there; it is seldom black
    layout.INK: Limits(dark=(0.15, 0.45), below=0.2),
    layout.CORAL: Limits(gini=0.22, dark=(0.20, 0.68)),  # so are ridges, and night between them
    layout.WEAVE: Limits(gini=0.37, dark=(0.10, 0.50)),  # so is a wallpaper
}


@dataclass(frozen=True)
class SelectedWorld:
    """The selected world, its fitted material, and the rejected candidates, one line each."""

    world: World
    material: Material
    rejected: list[str]


@dataclass(frozen=True)
class Composition:
    """Composition of a few pictures.

    Attributes:
        gini: of gradient energy on an 8×8 grid; 0 is all-over, 1 a single spot.
        dark: share of pixels with linear Y below that of the limits.
        burnt: share of pixels with linear Y > 0.86.
        limits: to judge them by.
    """

    gini: float
    dark: float
    burnt: float
    limits: Limits = USUAL

    @property
    def fault(self) -> str | None:
        """Reason for rejection, or None."""
        low, high = self.limits.dark
        if self.gini < self.limits.gini:
            return f"no subject: Gini {self.gini:.2f} < {self.limits.gini}"
        if not low <= self.dark <= high:
            return f"dark share {self.dark:.0%} outside {low:.0%} to {high:.0%}"
        if self.burnt > MAX_BURNT_SHARE:
            return f"burnt slab: {self.burnt:.1%} above Y {BURNT}"
        return None

    @property
    def penalty(self) -> float:
        """Distance from the limits, to choose the least bad where all are rejected."""
        low, high = self.limits.dark
        outside = max(low - self.dark, self.dark - high, 0.0)
        return max(self.limits.gini - self.gini, 0.0) + outside + 4 * max(self.burnt - MAX_BURNT_SHARE, 0.0)


def luminance(pictures: Pictures) -> Pictures:
    """Linear Y of sRGB pictures (…, 3)."""
    linear = np.where(pictures <= 0.04045, pictures / 12.92, ((pictures + 0.055) / 1.055) ** 2.4)
    y: Pictures = linear @ LUMA
    return y


def gini(values: NDArray[np.floating]) -> float:
    """Gini coefficient of values ≥ 0: 0 when all are equal, towards 1 when one holds everything."""
    ordered = np.sort(values.ravel().astype(np.float64))
    n, total = len(ordered), ordered.sum()
    if total <= 0:
        return 0.0
    return float((2 * np.arange(1, n + 1) - n - 1) @ ordered / (n * total))


def measure_composition(pictures: Pictures, limits: Limits = USUAL) -> Composition:
    """Composition of pictures (n, h, w, 3), h and w ≥ 9; the median over them of each measure."""
    y = luminance(pictures)
    light = np.sqrt(y)
    energy = (light[:, 1:, :-1] - light[:, :-1, :-1]) ** 2 + (light[:, :-1, 1:] - light[:, :-1, :-1]) ** 2
    h, w = energy.shape[1] // 8 * 8, energy.shape[2] // 8 * 8
    cells = energy[:, :h, :w].reshape(len(y), 8, h // 8, 8, w // 8).sum(axis=(2, 4))
    return Composition(
        gini=float(np.median([gini(c) for c in cells])),
        dark=float(np.median((y < limits.below).mean(axis=(1, 2)))),
        burnt=float(np.max((y > BURNT).mean(axis=(1, 2)))),
        limits=limits,
    )


def select_world(
    lineage: Lineage,
    material: Material,
    geometry: Geometry,
    *,
    exposure: float | None,
    params: Mapping[str, float],
) -> SelectedWorld:
    """Draws worlds of a seed until one is well composed, at most 8; then the least bad.

    Args:
        lineage: seed ≥ 0, and its parents, if any: they are selected likewise, then crossed.
        material: topology and palette; its gain and exposure are to be fitted.
        geometry: aspect of the film, scale, symmetry and map of its worlds.
        exposure: given by the artist, or None.
        params: the targets at rest.
    """
    shape = min(max(geometry.aspect, 0.4), 2.5)  # a ribbon is judged by its middle
    height = max(16, round(math.sqrt(AREA / shape)))
    canvas = Canvas(max(16, round(height * shape)), height, material.topology)
    ordered_parents = [
        select_world(elder, material, geometry, exposure=exposure, params=params) for elder in lineage.parents
    ]
    calm = dict(params) | {"grain.amount": 0.0, "bloom.amount": 0.0, "vignette.amount": 0.0}
    latents, places = views(root_seed(lineage), calm)
    best: tuple[float, World, Material] | None = None
    rejected: list[str] = []
    for attempt in range(MAX_TRIES):
        own = _ideas(lineage.seed) if ordered_parents else lineage.seed
        world = World.from_seed(own, attempt, geometry)
        if ordered_parents:
            rng = np.random.default_rng([own, attempt, 0xB4EED])
            world = child([elder.world for elder in ordered_parents], world, lineage.variation, rng)
        drawn = [draw_grid(canvas, world, material, *view).copy() for view in zip(latents, places, strict=True)]
        grids = np.stack(drawn)
        fitted = _fit(world, material, canvas, grids, places, exposure)
        pictures = np.zeros((N_VIEWS, canvas.height, canvas.width, 3), np.float32)
        for grid, place, out in zip(grids, places, pictures, strict=True):
            canvas.scratch.fields[:] = grid
            paint_grid(canvas, world, fitted, place, out, 0)
        measures = measure_composition(pictures, LIMITS.get(material.topology, USUAL))
        if best is None or measures.penalty < best[0]:
            best = measures.penalty, world, fitted
        if measures.fault is None:
            break
        rejected.append(f"world {lineage.seed}.{attempt}: {measures.fault}")
    assert best is not None
    return SelectedWorld(best[1], best[2], rejected)


def views(seed: int, params: Mapping[str, float]) -> tuple[NDArray[np.float32], list[dict[str, float]]]:
    """Samples of walks: norms of 0.7 · √dim and a fifth beyond, (N_VIEWS, LATENT_DIM); and their parameters."""
    latents = np.random.default_rng([seed, 0x5C]).standard_normal((N_VIEWS, LATENT_DIM)).astype(np.float32)
    reach = np.where(np.arange(N_VIEWS) % 2 == 0, 0.7, 0.84) * math.sqrt(LATENT_DIM)
    latents *= (reach / np.linalg.norm(latents, axis=1))[:, None].astype(np.float32)
    return latents, [{**params, "cppn.phase": 0.9 * k} for k in range(N_VIEWS)]


def root_seed(lineage: Lineage) -> int:
    """Seed of the oldest first parent: related worlds are judged at the same positions."""
    return root_seed(lineage.parents[0]) if lineage.parents else lineage.seed


def _ideas(seed: int) -> int:
    """Seed of a child's variation: different from the world of that number, which may be its parent."""
    return int(np.random.SeedSequence([seed, 0x1DEA]).generate_state(1)[0])


def _fit(
    world: World,
    material: Material,
    canvas: Canvas,
    grids: NDArray[np.float32],
    places: list[dict[str, float]],
    exposure: float | None,
) -> Material:
    """Gain on height, exposure and black point, from the grids of the views, (n, 4, rows, columns).

    Height: g = tan 40° / P90 |∇h|. Light: the curve of the shading, filmic(gain · l² / (l + toe)), is fitted
    to two points, so that a quantile of the pixels is near black and another bright.
    """
    heights = grids[:, 0, :, : canvas.cells[0] + 3]
    dy, dx = np.gradient(heights, canvas.px * canvas.step, axis=(1, 2))
    steep = np.percentile(np.hypot(dx, dy), 90, axis=(1, 2))
    material = dataclasses.replace(material, relief=math.tan(math.radians(40)) / max(float(np.median(steep)), 1e-3))
    light = []
    for grid, place in zip(grids, places, strict=True):
        canvas.scratch.fields[:] = grid
        light.append(raw_light(canvas, world, material, place).copy())
    points = quantiles(np.stack(light), material.topology)
    gain, toe = tone_curve(*points, material.topology)
    if exposure is not None:
        return dataclasses.replace(material, exposure=exposure, toe=toe)
    return dataclasses.replace(material, exposure=gain, toe=toe, points=points)
