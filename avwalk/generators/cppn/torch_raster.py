"""Rasterises pictures on a torch device, a batch at a time; same pictures as `raster.paint`.

Worlds, looks and the vectors of a frame are made on the processor, as for the compiled kernels; what is done for every
node and every pixel runs on the device, in float32, by the kernels' own formulas (see `kernel_to_torch`). A frame is
the same whatever batch it is drawn in.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from avwalk.contracts import Frames
from avwalk.errors import GeneratorError
from avwalk.generators.cppn.endless_zoom import at_depth
from avwalk.generators.cppn.kernels import field_slots as layout
from avwalk.generators.cppn.kernels import fields as kernels
from avwalk.generators.cppn.kernels import shade_slots as slots
from avwalk.generators.cppn.kernels import shading, shadows, structure
from avwalk.generators.cppn.material import Material
from avwalk.generators.cppn.raster import (
    BLOOM_LIGHT,
    BLOOM_SHARES,
    SHADOW,
    SHADOWED,
    Canvas,
    Row,
    occlusion_radius,
    shadow_of,
)
from avwalk.generators.cppn.structure import is_wound
from avwalk.generators.cppn.torch_ops import (
    Numbers,
    along,
    around,
    between,
    down,
    halve,
    on,
    shifted,
    tensor_kernels,
    twice,
)
from avwalk.generators.cppn.world import World

if TYPE_CHECKING:
    from torch import Tensor

PASS_PIXELS = 1 << 22
"""Pixels shaded at once: enough that launching costs little, few enough for 1 GB of memory."""
_turn = threading.Lock()
"""Threads take turns: the device works for one at a time anyway, and needs the memory of one."""


class _Raster(NamedTuple):
    """Pixels between the nodes of a grid: their places, spline weights (2, step, 4), and size in screen units."""

    columns: Tensor
    rows: Tensor
    weights: Tensor
    step: int
    px: float


class _Batch(NamedTuple):
    """Frames on the device: what changes from one to the next.

    Attributes:
        fr: of each frame the numbers of `World.frame_vector`.
        net: the network's weights, which change with the depth, (n, NET_SIZE).
        k: the numbers of `Material.frame_vector`, each (n, 1, 1).
        occlusion: strength of the shade in hollows, (n, 1, 1).
        table: palettes, (n, TABLE · 8).
        grain: where in the noise each row of pixels begins, (n, height).
        shadows: of each frame the numbers of `shadow_of` and their strength; None: it casts none.
        blooms: whether there is any bloom at all; cut_glass: any facets or glass; splits: any dispersion.
    """

    fr: list[Numbers]
    net: Tensor
    k: list[Any]
    occlusion: Tensor
    table: Tensor
    grain: Tensor
    shadows: list[list[float] | None]
    blooms: bool
    cut_glass: int
    splits: bool


class TorchCanvas:
    """Grids, weights and kernels of one picture size and world, on a device.

    Args:
        canvas: of the size.
        world: weights and waves.
        material: gives topology and noise.
        device: as torch names it.
    """

    def __init__(self, canvas: Canvas, world: World, material: Material, device: str) -> None:
        import torch

        self._device = torch.device(device)
        self._canvas, self._world, self._topology = canvas, world, material.topology
        c = canvas
        self._noise, self._across = self._on(material.noise), self._on(np.arange(c.width))
        self._nodes = self._on(c.node_columns)[None, None, :], self._on(c.node_rows)[None, :, None]
        self._raster = _Raster(
            self._on(c.columns[: c.width]), self._on(c.rows), self._on(c.weights), c.step, float(c.px)
        )
        h, w = c.light_shape
        self._coarse = _Raster(
            self._on(c.light_columns[:w]), self._on(c.light_rows), self._on(c.node_weights), 1, float(c.px * c.step)
        )
        v = np.clip((np.arange(c.height) / c.step - 0.5) / 2, 0, -(-h // 2) - 1).astype(np.float32)
        self._glare_rows = self._neighbours(np.floor(v), v - np.floor(v), -(-h // 2))
        self._glare_columns = self._neighbours(c.glare_at[: c.width], c.glare_share[: c.width], -(-w // 2))
        self._radius = occlusion_radius(canvas)
        lift = tensor_kernels()
        self._evaluate, self._openness = lift(kernels.evaluate), lift(kernels.openness)
        self._kind, self._wound = material.structure.kind, is_wound(world, material.topology)
        self._structure, self._unwound = lift(structure.structure), lift(structure.unwound)
        self._hidden = lift(shadows.hidden_light)
        self._disperse = lift(shading.disperse)
        self._surface, self._colour, self._weigh = map(lift, (shading.surface, shading.colour, shading.weigh))
        self._corner, self._shown, self._grained = map(lift, (shading.corner, shading.shown, shading.grained))

    def paint(self, rows: Sequence[Row]) -> Frames:
        """The pictures, (n, height, width, 3) float32 sRGB in [0, 1].

        Raises:
            GeneratorError: the device has too little memory.
        """
        import torch

        c = self._canvas
        fast = self._device.type == "cuda"
        pictures = torch.empty((len(rows), c.height, c.width, 3), dtype=torch.float32, pin_memory=fast)
        at_once = max(1, PASS_PIXELS // (c.width * c.height))
        try:
            with torch.inference_mode():
                for a in range(0, len(rows), at_once):
                    batch = self._batch(rows[a : a + at_once])
                    with _turn:
                        drawn = self._draw(batch)
                        pictures[a : a + at_once].copy_(drawn, non_blocking=fast)
                        copied = torch.cuda.Event() if fast else None
                        if copied:
                            copied.record()
                    if copied:
                        copied.synchronize()
        except RuntimeError as error:
            if "out of memory" not in str(error):
                raise
            raise GeneratorError(
                f"the {self._device.type} device has too little free memory for {c.width}x{c.height}; "
                "close what else uses it, or use --device cpu"
            ) from None
        frames: Frames = pictures.numpy()
        return frames

    def _batch(self, rows: Sequence[Row]) -> _Batch:
        """Everything that changes with the frame, in two transfers."""
        worlds = [at_depth(self._world, row.params["camera.depth"], self._topology) for row in rows]
        frames = [
            world.frame_vector(row.latent, row.params, self._topology) for world, row in zip(worlds, rows, strict=True)
        ]
        vectors = [
            np.concatenate(
                [
                    frame,
                    world.net,
                    row.material.frame_vector(row.params, self._world, self._canvas.px),
                    [np.float32(row.material.occlusion * row.params["cppn.height"])],
                    row.material.coloured(row.params["palette.saturation"]),
                ],
                dtype=np.float32,
            )
            for row, world, frame in zip(rows, worlds, frames, strict=True)
        ]
        values, first = self._on(np.stack(vectors)), layout.FRAME_SIZE + layout.NET_SIZE
        *k, occlusion = values[:, first : first + slots.SHADING_SIZE + 1].T[:, :, None, None].unbind(0)
        salts = np.array([row.salt & 0x7FFFFFFF for row in rows], np.int64)[:, None]
        grain = shading.grain_start.py_func(salts, np.arange(self._canvas.height))  # type: ignore[attr-defined]
        return _Batch(
            [
                Numbers(tensor[: layout.FRAME_SIZE], frame.tolist())
                for tensor, frame in zip(values, frames, strict=True)
            ],
            values[:, layout.FRAME_SIZE : first],
            k,
            occlusion,
            values[:, first + slots.SHADING_SIZE + 1 :],
            self._on(grain),
            [self._shadow_of(row) for row in rows],
            any(row.params["bloom.amount"] > 0 for row in rows),
            int(any(row.params[name] > 0 for row in rows for name in ("material.facets", "material.glass"))),
            any(row.params["material.dispersion"] > 0 for row in rows),
        )

    def _shadow_of(self, row: Row) -> list[float] | None:
        strength = row.params["material.contact"]
        if strength <= 0 or self._topology not in SHADOWED:
            return None
        return [*shadow_of(self._canvas, row.material, row.params).tolist(), SHADOW * strength]

    def _draw(self, batch: _Batch) -> Tensor:
        """The pictures of a batch, in strips of so many rows of the grid's cells."""
        import torch

        c, step = self._canvas, self._raster.step
        fields = self._fields(batch)
        n = len(fields)
        glare = between(self._glow(batch, fields), -1, *self._glare_columns)
        picture = torch.empty((n, c.height, c.width, 3), device=self._device)
        strip = max(1, PASS_PIXELS // (n * c.width * step))
        stretched = self._stretched(fields, batch.k, self._raster, self._kind)
        for cell in range(0, -(-c.height // step), strip):
            a, b = cell * step, min((cell + strip) * step, c.height)
            buf = self._lit(stretched, batch, self._raster, a, b, self._kind)
            picture[:, a:b] = self._finished(buf, batch, glare, a, b)
        return picture

    def _fields(self, batch: _Batch) -> Tensor:
        """The planes of the grid, (n, N_PLANES, rows, columns); frame by frame: plain numbers cost a card nothing."""
        import torch

        fields = torch.cat([self._evaluated(fr, net) for fr, net in zip(batch.fr, batch.net, strict=True)])
        height = fields[:, 0]
        hollow = (around(height, self._radius) - height).clamp(min=0)
        fields[:, 2] *= self._openness(hollow * batch.occlusion)
        for each, shadow in zip(fields, batch.shadows, strict=True):
            if shadow is not None:
                *light, strength = shadow
                each[2] *= 1 - strength * self._shadow(each[0], *light)
        return fields

    def _shadow(self, height: Tensor, x: float, y: float, distance: float, gain: float) -> Tensor:
        """Share of the light that higher ground hides, see `shadows.shadow`; (rows, columns)."""
        dark = height.new_zeros(height.shape)
        for m in range(1, shadows.STEPS + 1):
            there = shifted(shifted(height, -1, m * x), -2, m * y)
            dark = dark.maximum(self._hidden(gain * (there - height), m * distance))
        return dark

    def _evaluated(self, fr: Numbers, net: Tensor) -> Tensor:
        """The planes of a frame before occlusion, (1, N_PLANES, rows, columns)."""
        import torch

        buf: list[Any] = [None] * layout.SCRATCH_SLOTS
        (x, y), v = self._nodes, layout.VIEW
        buf[layout.X] = fr[v] * x + fr[v + 1] * y + fr[v + 2]
        buf[layout.Y] = fr[v + 3] * x + fr[v + 4] * y + fr[v + 5]
        self._evaluate(buf, net, fr, self._topology, self._world.mirrors, int(self._world.polar))
        return torch.stack([*buf[layout.OUT : layout.OUT + layout.N_FIELDS], *buf[layout.X : layout.Y + 1]], 1)

    def _glow(self, batch: _Batch, fields: Tensor) -> Tensor:
        """Bloom: the grid's own light, spread over five octaves, (n, 3, rows, columns) at every other node."""
        import torch

        h, w = self._canvas.light_shape
        if not batch.blooms:
            return fields.new_zeros((len(fields), 3, -(-h // 2), -(-w // 2)))
        stretched = self._stretched(fields, batch.k, self._coarse)
        buf = self._lit(stretched, batch, self._coarse, 0, h)
        self._weigh(buf)
        levels = [halve(torch.stack(buf[slots.RED : slots.BLUE + 1], 1))]
        while len(levels) < len(BLOOM_SHARES):
            levels.append(halve(levels[-1]))
        amount = BLOOM_LIGHT * batch.k[slots.BLOOM][:, None]
        glow = levels[-1] * (BLOOM_SHARES[-1] * amount)
        for level, share in zip(levels[-2::-1], BLOOM_SHARES[-2::-1], strict=True):
            glow = level * (share * amount) + twice(glow, *level.shape[-2:])
        return glow

    def _stretched(self, fields: Tensor, k: list[Any], raster: _Raster, kind: int = 0) -> tuple[Tensor, Tensor, Tensor]:
        """Rows of the grid at full width: planes, slopes along x, and what has slopes along y, to scale."""
        import torch

        width, steps = len(raster.columns), 1 / (raster.step * raster.px)
        slope = k[slots.SLOPE] * steps
        planes = layout.N_PLANES if kind else layout.N_FIELDS
        scale = torch.stack([slope] + [torch.full_like(slope, steps)] * (planes - 3), 1)
        steep = torch.cat([fields[:, :1], fields[:, 3:planes]], 1) * scale
        value, turn = raster.weights
        return along(fields[:, 1:planes], value, width), along(steep, turn, width), along(steep, value, width)

    def _lit(
        self, stretched: tuple[Tensor, ...], batch: _Batch, raster: _Raster, a: int, b: int, kind: int = 0
    ) -> list[Any]:
        """Slots of shading with the colours of pixel rows [a, b) in linear light; ``a`` begins a row of cells."""
        k = [*batch.k]
        k[slots.PX] = raster.px
        cells = slice(a // raster.step, -(-b // raster.step) + 3)
        plain, along_x, along_y = (
            down(rows[:, :, cells], raster.weights[turn])[:, :, : b - a]
            for rows, turn in zip(stretched, (0, 0, 1), strict=True)
        )
        buf: list[Any] = [0.0] * slots.SHADE_SLOTS
        buf[slots.HUE], buf[slots.REF], buf[slots.D] = plain[:, :3].unbind(1)
        buf[slots.GX], buf[slots.DX] = along_x[:, :2].unbind(1)
        buf[slots.GY], buf[slots.DY] = along_y[:, :2].unbind(1)
        buf[slots.SX] = raster.columns
        buf[slots.MASK] = raster.rows[a:b, None] - k[slots.SPOT + 1]
        if kind:
            buf[slots.U], buf[slots.V] = plain[:, 3:].unbind(1)
            buf[slots.UX], buf[slots.VX] = along_x[:, 2:].unbind(1)
            buf[slots.UY], buf[slots.VY] = along_y[:, 2:].unbind(1)
            if self._wound:
                self._unwound(buf, k)
            self._structure(buf, k, kind)
        self._surface(buf, k, self._topology, batch.cut_glass)
        self._colour(buf, k, _Table(batch.table))
        if batch.splits:
            self._disperse(buf, k)
        return buf

    def _finished(self, buf: list[Any], batch: _Batch, glare: Tensor, a: int, b: int) -> Tensor:
        """Rows [a, b) of the pictures: bloom screened on, corners darkened, sRGB, grain."""
        import torch

        rows, k = self._raster.rows[a:b, None], batch.k
        glare = between(glare, -2, *(part[a:b] for part in self._glare_rows))
        share = self._corner(self._raster.columns, rows, k[slots.VIGNETTE])
        red, green, blue = (self._shown(buf[slots.RED + c], glare[:, c], share) for c in range(3))
        specks = self._noise[batch.grain[:, a:b, None] + self._across]
        specks = specks * self._grained(green, k[slots.GRAIN])
        return torch.stack([red + specks, green + specks, blue + specks], -1).clamp_(0, 1)

    def _neighbours(self, low: Any, share: Any, size: int) -> tuple[Tensor, Tensor, Tensor]:
        at = low.astype(np.int64)
        return self._on(at), self._on(np.minimum(at + 1, size - 1)), self._on(share.astype(np.float32))

    def _on(self, array: Any) -> Tensor:
        return on(self._device, array)


class _Table:
    """Palettes of a batch, (n, TABLE · 8): read at places (n, rows, columns), each frame in its own."""

    def __init__(self, palettes: Tensor) -> None:
        self._palettes = palettes

    def __getitem__(self, at: Tensor) -> Tensor:
        at = at.clamp(0, self._palettes.shape[1] - 1)  # whatever a number that is none becomes
        return self._palettes.gather(1, at.flatten(1)).view(at.shape)
