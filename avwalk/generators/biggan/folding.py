"""BigGAN weights for inference: spectral norms divided out, batch norms as one table of scale and shift.

A batch norm of BigGAN is (x − mean) / √(var + ε) · (1 + S·c) + O·c, with the statistics of the truncation and the
condition c of the frame. For a given frame that is one scale and one shift per channel: x·scale + shift. They are
computed for all layers at once, by one matrix product (Brock et al. 2019, arXiv 1809.11096, appendix B).
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from torch import Tensor

ON_GRID = 1e-5
"""Truncations so near to a row of the table, in rows, are that row: what float32 leaves of 0.58 is row 29."""


class Rows(NamedTuple):
    """Interpolated rows of the statistics table for each frame: first · share + second · (1 − share)."""

    first: NDArray[np.int64]
    second: NDArray[np.int64]
    share: NDArray[np.float64]


def weight_of(module: Any) -> Tensor:
    """A layer's weight with its spectral norm divided out, as a forward pass in evaluation mode has it, to the bit."""
    from torch.nn.utils.spectral_norm import SpectralNorm

    for hook in module._forward_pre_hooks.values():
        if isinstance(hook, SpectralNorm):
            return hook.compute_weight(module, do_power_iteration=False).detach()
    return module.weight.detach()


def rows_of(truncation: NDArray[np.floating[Any]], n_rows: int) -> Rows:
    """Rows of the statistics table that a truncation lies between; continuous, exactly one row on the grid.

    Args:
        truncation: (n,), 0 to 1.
        n_rows: of the table; row k holds the statistics of the truncation k / (n_rows − 1).
    """
    place = truncation.astype(np.float64) * (n_rows - 1)
    nearest = np.rint(place)
    away = place - nearest
    away = np.copysign(np.maximum(np.abs(away) - ON_GRID, 0.0) * (0.5 / (0.5 - ON_GRID)), away)
    first = np.clip(nearest + np.where(away < 0, -1, 0), 0, n_rows - 1).astype(np.int64)
    share = np.where(away < 0, -away, 1 - away)
    return Rows(first, np.minimum(first + 1, n_rows - 1), share)


def classic_rows_of(truncation: NDArray[np.floating[Any]], n_rows: int) -> Rows:
    """The package's own choice of rows, bit-exact: its shares are swapped, and 0.58 is row 28.

    A float32 stands for the shortest decimal that it is read from: 0.58, not 0.5799999833.
    """
    step = 1.0 / (n_rows - 1)
    parts = [math.modf(float(str(value)) / step) for value in truncation]
    share = np.array([part or 1.0 for part, _ in parts])
    first = np.array([int(whole) for _, whole in parts], np.int64)
    return Rows(first, np.minimum(first + 1, n_rows - 1), share)


def blended(table: Tensor, rows: Rows) -> Tensor:
    """Interpolated rows of a table (n_rows, channels), (n, channels)."""
    import torch

    share = torch.from_numpy(rows.share).float().to(table.device)[:, None]
    rest = torch.from_numpy(1.0 - rows.share).float().to(table.device)[:, None]
    first, second = (torch.from_numpy(index).to(table.device) for index in (rows.first, rows.second))
    return table[first] * share + table[second] * rest


class Norms:
    """All batch norms of a generator.

    Args:
        norms: `BigGANBatchNorm`, in any order; those without a condition have a weight and a bias of their own.
        device: where they are used.
    """

    def __init__(self, norms: list[Any], device: str) -> None:
        import torch

        self._sizes = [norm.num_features for norm in norms]
        self._eps = norms[0].eps
        dim = next(norm.scale.in_features for norm in norms if norm.conditional)
        scales, offsets, ones, zeros = [], [], [], []
        for norm in norms:
            size = norm.num_features
            scales.append(weight_of(norm.scale) if norm.conditional else torch.zeros(size, dim))
            offsets.append(weight_of(norm.offset) if norm.conditional else torch.zeros(size, dim))
            ones.append(torch.ones(size) if norm.conditional else norm.weight.detach())
            zeros.append(torch.zeros(size) if norm.conditional else norm.bias.detach())
        self._maps = torch.cat(scales + offsets).T.contiguous().to(device)
        self._rest = torch.cat(ones + zeros).to(device)
        self._means = torch.cat([norm.running_means for norm in norms], 1).to(device)
        self._vars = torch.cat([norm.running_vars for norm in norms], 1).to(device)
        self.n_rows = len(self._means)

    def of(self, condition: Tensor, rows: Rows) -> list[tuple[Tensor, Tensor]]:
        """Scale and shift, each (n, channels), of each norm, for conditions (n, dim)."""
        import torch

        gain, offset = torch.addmm(self._rest, condition, self._maps).chunk(2, 1)
        scale = gain / torch.sqrt(blended(self._vars, rows) + self._eps)
        shift = offset - blended(self._means, rows) * scale
        return list(zip(scale.split(self._sizes, 1), shift.split(self._sizes, 1), strict=True))
