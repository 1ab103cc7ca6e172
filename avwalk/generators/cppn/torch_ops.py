"""Tensor implementations that override kernels (waves, layers, resampling), for speed on a device.

Planes are tensors (n, rows, columns). A formula is a kernel's own wherever it has one (see `kernel_to_torch`); here are
only exact functions instead of polynomials, and the order of work.
"""

from __future__ import annotations

import math
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np

from avwalk.generators.cppn.kernel_to_torch import KernelTranslator, is_number
from avwalk.generators.cppn.kernels import field_slots as layout
from avwalk.generators.cppn.kernels import fields as kernels
from avwalk.generators.cppn.kernels import maps

if TYPE_CHECKING:
    from torch import Tensor

Slots = list[Any]


class Numbers(list[float]):
    """The vector of a frame as numbers, and as ``tensor`` on the device."""

    def __init__(self, tensor: Tensor, numbers: list[float]) -> None:
        super().__init__(numbers)
        self.tensor = tensor


def tensor_kernels() -> KernelTranslator:
    """The kernels as tensor functions, with the overrides of this module."""
    exact: dict[Any, Any] = {layout.wave: _wave, maps.log: _log, maps.angle: _angle}
    plain = KernelTranslator(exact)

    def squashed(buf: Slots, at: int, units: int) -> None:
        _together(plain(kernels.squashed), buf, at, units)

    def rippled(buf: Slots, at: int, units: int) -> None:
        _together(plain(kernels.rippled), buf, at, units)

    def ripples(buf: Slots, to: int, waves: int, fr: Numbers, o: int) -> None:
        places = [buf[layout.X][:, None], buf[layout.Y][:, None], None]
        plain(kernels.ripples)(places, 2, 1, fr.tensor[o : o + 4 * waves].view(waves, 4, 1, 1).unbind(1), 0)
        buf[to : to + waves] = places[2].unbind(1)

    groups: dict[Any, Any] = {
        kernels.squashed: squashed,
        kernels.rippled: rippled,
        kernels.ripples: ripples,
        kernels.dense: _dense,
    }
    return KernelTranslator(exact | groups)


def _wave(turns: Any) -> Any:
    return math.cos(turns * layout.TURN) if is_number(turns) else ((turns - turns.round()) * layout.TURN).cos()


def _log(x: Any) -> Any:
    return math.log(x) if is_number(x) else x.log()


def _angle(x: Any, y: Any) -> Any:
    return math.atan2(y, x) if is_number(x) else y.atan2(x)


def _together(work: Any, buf: Slots, at: int, units: int) -> None:
    """Applies ``work`` to slots [at, at + units) as one tensor."""
    import torch

    one = [torch.stack(buf[at : at + units], 1)]
    work(one, 0, 1)
    buf[at : at + units] = one[0].unbind(1)


def _dense(buf: Slots, src: int, dst: int, units: int, net: Tensor, w0: int, fr: Numbers, b0: int) -> None:
    """A layer. No product of matrices: cards may round what goes into one to ten bits."""
    weights = net[w0 : w0 + units * layout.UNITS].view(units, layout.UNITS, 1, 1)
    sums = fr.tensor[b0 : b0 + units, None, None] + weights[:, 0] * buf[src][:, None]
    for j in range(1, layout.UNITS):
        sums.addcmul_(weights[:, j], buf[src + j][:, None])
    buf[dst : dst + units] = sums.unbind(1)


def along(grid: Tensor, weights: Tensor, width: int) -> Tensor:
    """Columns through the spline: (…, cells + 3) to (…, width); weights (step, 4)."""
    cells = grid.shape[-1] - 3
    total = grid[..., :cells, None] * weights[:, 0]
    for k in range(1, 4):
        total.addcmul_(grid[..., k : k + cells, None], weights[:, k])
    return total.flatten(-2)[..., :width]


def down(grid: Tensor, weights: Tensor) -> Tensor:
    """Rows through the spline: (…, cells + 3, width) to (…, cells · step, width)."""
    cells = grid.shape[-2] - 3
    total = grid[..., :cells, None, :] * weights[:, 0, None]
    for k in range(1, 4):
        total.addcmul_(grid[..., k : k + cells, None, :], weights[:, k, None])
    return total.flatten(-3, -2)


def around(height: Tensor, radius: int) -> Tensor:
    """Mean of the surroundings as in `fields.occlude`: a box along, five rows of it down, edges repeated."""
    box = height.index_select(-1, _window(height.shape[-1], radius, height.device))
    box = box.unfold(-1, 2 * radius + 1, 1).mean(-1)
    total = box
    for rows in _spread(height.shape[-2], radius, height.device):
        total = total + box.index_select(-2, rows)
    return total * 0.2


def halve(light: Tensor) -> Tensor:
    """`bloom.halve` of (n, channels, h, w)."""
    from torch.nn.functional import pad

    h, w = light.shape[-2:]
    light = pad(light, (1, 2, 1, 2), mode="replicate")
    a, b, c, d = (light[..., k : k + h : 2, :] for k in range(4))
    light = (a + d + (b + c) * 3) * 0.125
    a, b, c, d = (light[..., k : k + w : 2] for k in range(4))
    return (a + d + (b + c) * 3) * 0.125


def twice(light: Tensor, rows: int, columns: int) -> Tensor:
    """The enlargement in `bloom.raise_onto`: (…, h, w) to (…, rows, columns), twice the size or one less."""
    light = between(light, -2, *_doubling(light.shape[-2], rows, light.device))
    return between(light, -1, *_doubling(light.shape[-1], columns, light.device))


def between(light: Tensor, dim: int, low: Tensor, high: Tensor, share: Tensor) -> Tensor:
    """Values between neighbours along dimension -1 or -2, ``share`` of the way from ``low`` to ``high``."""
    a, b = light.index_select(dim, low), light.index_select(dim, high)
    return a + (b - a) * (share if dim == -1 else share[:, None])


def shifted(grid: Tensor, dim: int, nodes: float) -> Tensor:
    """Values so many nodes further along a dimension, linear between nodes, edges repeated."""
    import torch

    low = math.floor(nodes)
    at = torch.arange(grid.shape[dim], device=grid.device) + low
    last = grid.shape[dim] - 1
    here, next_ = (grid.index_select(dim, each.clamp(0, last)) for each in (at, at + 1))
    return here + (next_ - here) * (nodes - low)


@cache
def _window(size: int, radius: int, device: Any) -> Tensor:
    return on(device, np.clip(np.arange(-radius, size + radius), 0, size - 1))


@cache
def _spread(size: int, radius: int, device: Any) -> list[Tensor]:
    r = np.arange(size)
    low, high = np.maximum(r - radius, 0), np.minimum(r + radius, size - 1)
    return [on(device, at) for at in (low, (low + r) // 2, (high + r) // 2, high)]


@cache
def _doubling(size: int, wanted: int, device: Any) -> tuple[Tensor, Tensor, Tensor]:
    at = np.arange(wanted)
    low = np.maximum((at - 1) // 2, 0)
    share = np.where(at % 2 == 0, 0.75, 0.25).astype(np.float32)
    return on(device, low), on(device, np.minimum(low + 1, size - 1)), on(device, share)


def on(device: Any, array: Any) -> Tensor:
    """An array on a device."""
    import torch

    tensor = torch.from_numpy(np.ascontiguousarray(array))
    if device.type == "cuda":  # from pinned memory, so that nobody waits for what the device is still doing
        tensor = tensor.pin_memory()
    return tensor.to(device, non_blocking=True)
