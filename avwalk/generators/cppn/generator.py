"""The generator `cppn`: a compositional pattern-producing network, lit and coloured. No weights to download.

K. O. Stanley, "Compositional pattern producing networks", Genetic Programming and Evolvable Machines 8 (2007). Here the
network gives fields (height, hue, reflectance, lines), not colours; light and palette make the picture. See `world`
(the seeded network), `kernels.maps` and `kernels.fields` (coordinate maps and network), `kernels.bodies` and
`kernels.places` (surfaces), `kernels.shading` (the picture), `selection` (gain, exposure, composition), `torch_raster`
(the same on a graphics card).
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from avwalk.arrays.buffers import new_frames
from avwalk.config.preset import targets
from avwalk.contracts import EXPOSURE, Curve, Drive, Frames, Lineage, Perspective
from avwalk.errors import OptionError, did_you_mean
from avwalk.generators.cppn.kernels import field_slots as layout
from avwalk.generators.cppn.material import TOPOLOGIES, Material, quantiles
from avwalk.generators.cppn.options import PROCESSOR_ONLY
from avwalk.generators.cppn.passes import render_passes
from avwalk.generators.cppn.raster import Canvas, Row, draw_form, draw_grid, paint, raw_light
from avwalk.generators.cppn.selection import LIMITS, USUAL, measure_composition, root_seed, select_world, views
from avwalk.generators.cppn.stamp import Stamp
from avwalk.generators.cppn.structure import STRUCTURES
from avwalk.generators.cppn.world import FLOW_DIRECTIONS, LATENT_DIM, Geometry

THUMBNAIL_AREA = 60 * 34  # with its margin a row is one tile of the network
SYMMETRIES = {"none": 0, "mirror": 1, "kaleidoscope": 3, "kaleidoscope6": 6}
MAPS = {"plane": 0, "polar": 1}
TARGET_NAMES = (
    "camera.zoom",
    "camera.x",
    "camera.y",
    "camera.angle",
    "camera.depth",
    "cppn.warp",
    "cppn.phase",
    "cppn.detail",
    "cppn.height",
    "material.relief",
    "material.roughness",
    "material.rim",
    "material.glint",
    "material.tubes",
    "material.subsurface",
    "material.dispersion",
    "material.glass",
    "material.facets",
    "material.contact",
    "light.azimuth",
    "light.gain",
    "palette.shift",
    "palette.saturation",
    "bloom.amount",
    "grain.amount",
    "vignette.amount",
)
TARGETS = {name: targets()[name] for name in TARGET_NAMES}
"""Parameters that the generator reads. Values outside a target's range are clamped, unless it turns on beyond it."""


class Cppn:
    """Draws latent positions as lit relief, objects on void, engraving, tunnel, landscape, ink, paper, coral or nave.

    The picture is finished: light, bloom, vignette and grain are part of the one pass that shades it
    (``finishes`` names the effects that need not be applied to it again).

    Args:
        size: (width, height) in pixels, each ≥ 2.
        seed: picks the world, ≥ 0; with parents, which of their children.
        parents: parent worlds, as `Lineage` or its JSON; the first has the most influence.
        variation: how far it is from them, 0 to 1.
        topology: ``"relief"``, ``"void"``, ``"lines"``, ``"tunnel"``, ``"horizon"``, ``"ink"``, ``"weave"``,
            ``"coral"`` or ``"nave"``.
        palette: name of a palette, or one of your own, see `find_palette`.
        symmetry: mirrors that stand in the world: ``"none"``, ``"mirror"``, ``"kaleidoscope"`` or
            ``"kaleidoscope6"``; of the horizon, at most one.
        map: ``"plane"``, or ``"polar"``: wound around the subject. Tunnel and horizon are perspectives already.
        scale: size of the world's forms, 0.3 to 3.
        rest: how much detail shows outside the subject, 0 to 1.
        exposure: gain on light; None fits it to the world, once.
        accent: strength of the glowing accent, 0 to 2.
        structure: of surfaces: ``"none"``, ``"brushed"``, ``"pored"``, ``"hammered"`` or ``"engraved"``.
        structure_size: size of its marks, 0.25 to 4.
        salt: another number gives other worlds for the same seeds.
        device: ``"cpu"``, or ``"cuda"`` or ``"mps"`` through torch; ``"torch-cpu"`` is torch without a card, for tests.
            Of the topologies in `options.PROCESSOR_ONLY` the processor draws, whatever it says.

    Attributes:
        rejected: rejected candidate worlds, one line each, with the reason.

    Raises:
        OptionError: an option is unknown or out of range.
    """

    latent_dim = LATENT_DIM
    finishes: tuple[str, ...] = ("light", "bloom", "vignette", "grain")
    handles: tuple[str, ...] = ("camera",)

    def __init__(
        self,
        size: tuple[int, int],
        seed: int,
        *,
        parents: Sequence[Sequence[Any]] = (),
        variation: float = 0.0,
        topology: str = "relief",
        palette: str | Mapping[str, Any] = "ember",
        symmetry: str = "none",
        map: str = "plane",
        scale: float = 1.0,
        rest: float = 0.15,
        exposure: float | None = None,
        accent: float = 1.0,
        structure: str = "none",
        structure_size: float = 1.0,
        salt: int = 0,
        device: str = "cpu",
    ) -> None:
        width, height = size
        if width < 2 or height < 2:
            raise OptionError(f"size {width}x{height} is too small; give at least 2x2")
        for name, value, low, high in (
            ("variation", variation, 0, 1),
            ("scale", scale, 0.3, 3.0),
            ("rest", rest, 0, 1),
            ("accent", accent, 0, 2),
            ("structure_size", structure_size, 0.25, 4),
        ):
            if not low <= value <= high:
                raise OptionError(f"{name} {value:g} is out of range; give {low:g} to {high:g}")
        _check_name("topology", topology, TOPOLOGIES)
        _check_name("symmetry", symmetry, SYMMETRIES)
        _check_name("map", map, MAPS)
        _check_name("structure", structure, STRUCTURES)
        if map == "polar" and topology in ("tunnel", "horizon", "nave"):
            raise OptionError(f"camera.map 'polar' does not go with cppn.topology '{topology}'; choose plane")
        if SYMMETRIES[symmetry] > 1 and topology == "horizon":
            raise OptionError(f"camera.symmetry '{symmetry}' does not go with cppn.topology 'horizon'; choose mirror")
        kind = TOPOLOGIES[topology]
        self._canvas = Canvas(width, height, kind)
        small = math.sqrt(THUMBNAIL_AREA / (width * height))
        self._small = Canvas(max(16, round(width * small)), max(16, round(height * small)), kind)
        lineage = Lineage(seed, tuple(Lineage.read(parent) for parent in parents), variation)
        found = select_world(
            lineage,
            Material.of(topology, palette, accent, structure, structure_size),
            Geometry(width / height, scale, SYMMETRIES[symmetry], map == "polar", rest, salt),
            exposure=exposure,
            params={name: target.default for name, target in TARGETS.items()},
        )
        self._world, self._material, self.rejected = found.world, found.material, found.rejected
        self._seed = root_seed(lineage)
        self._torch = None
        if device != "cpu" and topology not in PROCESSOR_ONLY:
            from avwalk.generators.cppn.torch_raster import TorchCanvas

            self._torch = TorchCanvas(self._canvas, self._world, self._material, device.removeprefix("torch-"))

    @property
    def perspective(self) -> Perspective:
        """How its world lies: a plane, a bore around a tunnel's end or a polar map's middle, or ground."""
        topology, world = self._material.topology, self._world
        bore = topology in (layout.TUNNEL, layout.NAVE) or (world.polar and topology != layout.WEAVE)
        kind = "bore" if bore else "ground" if topology == layout.HORIZON else "plane"
        inwards, around = FLOW_DIRECTIONS.get(topology, ((0.0, 0.0), 0.0))[0]
        stream = (-inwards, -around) if kind == "bore" else (0.0, 0.0)
        return Perspective(kind, world.focus(topology), world.level, world.mirrors, stream)

    def press(self, picture: NDArray[np.uint8]) -> None:
        """Presses a picture, (h, w, 4) R G B and straight alpha, into the world, as its subject; see `Stamp`.

        Raises:
            OptionError: on a graphics card, whose fields stay there; or into a nave, which has no such fields.
        """
        if self._material.topology == layout.NAVE:
            raise OptionError("--subject cannot be pressed into cppn.topology 'nave'; choose another preset")
        if self._torch:
            raise OptionError("--subject is drawn by the processor alone; add --device cpu")
        self._world = replace(self._world, stamp=Stamp.of(picture, self._material.topology))

    def draw(self, drive: Drive) -> Frames:
        """One picture per row of ``drive.latents``, (n, height, width, 3) float32 sRGB in [0, 1]."""
        if self._torch:
            return self._torch.paint(self._rows(drive))
        return self._draw(drive, self._canvas)

    def thumbnails(self, drive: Drive) -> Frames:
        """Previews of about 64×36 in the film's aspect ratio; without grain, which would be far too coarse."""
        calm = {**drive.params, "grain.amount": np.zeros(len(drive), np.float32)}
        return self._draw(replace(drive, params=calm), self._small)

    def fault(self, thumbnails: Frames) -> float:
        """Composition penalty of pictures: subject, darkness, no burnt-out area; 0 is good."""
        return measure_composition(thumbnails, LIMITS.get(self._material.topology, USUAL)).penalty

    def meter(self, drive: Drive) -> NDArray[np.float32]:
        """log2 luminance of the dark and the bright point of each row, before exposure, (n, 2)."""
        points = np.empty((len(drive), 2), np.float32)
        for k, params in enumerate(rows_of(drive.params, len(drive))):
            draw_grid(self._small, self._world, self._material, drive.latents[k], params)
            light = raw_light(self._small, self._world, self._material, params)
            points[k] = np.log2(quantiles(light, self._material.topology))
        return points

    def passes(self, drive: Drive, names: Sequence[str]) -> dict[str, NDArray[np.float32]]:
        """Per-pixel passes (depth, normal, mask, flow), see `avwalk.contracts.RendersPasses`.

        Flow holds camera, dive, and the streaming of tunnels and grounds; not what waves, latent position and the flow
        of an ink do by themselves.
        """
        rows = rows_of(drive.params, len(drive))
        charts = [
            render_passes(self._canvas, self._world, self._material, latent, now, before, names, self._heights)
            for latent, now, before in zip(drive.latents, rows, [rows[0], *rows], strict=False)
        ]
        return {name: np.stack([each[name] for each in charts]) for name in names}

    @cached_property
    def _heights(self) -> tuple[float, float]:
        """The relief of the world, from low to high: the 2nd and the 98th percentile of the views it was chosen by."""
        latents, places = views(self._seed, {name: target.default for name, target in TARGETS.items()})
        columns = self._small.cells[0] + 3
        seen = [
            draw_form(self._small, self._world, self._material, latent, place)[0, :, :columns].copy()
            for latent, place in zip(latents, places, strict=True)
        ]
        low, high = np.percentile(np.stack(seen), (2, 98))
        return float(low), float(high)

    def _draw(self, drive: Drive, canvas: Canvas) -> Frames:
        frames = new_frames((len(drive), canvas.height, canvas.width, 3))
        for row, frame in zip(self._rows(drive), frames, strict=True):
            paint(canvas, self._world, row.material, row.latent, row.params, frame, row.salt)
        return frames

    def _rows(self, drive: Drive) -> list[Row]:
        rows = []
        dark, bright = (drive.params.get(name) for name in EXPOSURE)
        for k, params in enumerate(rows_of(drive.params, len(drive))):
            material = self._material
            if dark is not None and bright is not None:
                material = material.exposed(float(dark[k]), float(bright[k]))
            salt = _salt(drive.seed, drive.i0 + k) if params["grain.amount"] else 0
            rows.append(Row(material, drive.latents[k], params, salt))
        return rows


def _salt(seed: int, index: int) -> int:
    return int(np.random.SeedSequence([seed & 0xFFFFFFFF, index]).generate_state(1)[0])


def rows_of(curves: Mapping[str, Curve], n: int) -> list[dict[str, float]]:
    """Every target in each of n rows, within its range; absent or non-finite ones at their default."""
    columns = []
    for name, target in TARGETS.items():
        if name in curves:
            values = np.asarray(curves[name][:n], np.float64)
            values = np.where(np.isfinite(values), values, target.default)
            columns.append((values if target.wraps else np.clip(values, target.low, target.high)).tolist())
        else:
            columns.append([target.default] * n)
    return [dict(zip(TARGETS, row, strict=True)) for row in zip(*columns, strict=True)]


def _check_name(option: str, name: str, known: Mapping[str, object]) -> None:
    if name not in known:
        raise OptionError(f"{option} '{name}' is unknown{did_you_mean(name, known)}; choose from {', '.join(known)}")
