"""The network as PyTorch trains it; ``avwalk.features.beats.network`` runs it without PyTorch."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import nn

from avwalk.features.beats.bands import N_BANDS
from tools.hearing.heads import FAST, SLOW

FRONT, CHANNELS, LAYERS, KERNEL, DRUM = 48, 36, 10, 5, 48
"""Channels of the front and of the gates, how many gates, their taps, channels of the drum heads."""


def with_rise(x: torch.Tensor) -> torch.Tensor:
    """Levels (batch, frames, 64) and how they rise: (batch, 128, frames)."""
    x = x.transpose(1, 2)
    rise = F.pad((x[:, :, 2:] - x[:, :, :-2]).clamp(min=0), (1, 1)) * 3
    return torch.cat([x, rise], 1)


class Network(nn.Module):  # type: ignore[misc]  # torch has no types here
    """A dense front over levels and their rise, gated dilated convolutions at half the rate, drum heads that see both.

    The convolutions are those of Bai, Kolter, Koltun, "An empirical evaluation of generic convolutional and recurrent
    networks for sequence modeling", 2018, the gates those of van den Oord et al., "WaveNet", 2016.

    Args:
        dropout: share of the channels that a gate does not see while training.
    """

    def __init__(self, dropout: float = 0.1) -> None:
        super().__init__()
        self.norm = nn.BatchNorm1d(2 * N_BANDS)
        self.front = nn.Conv1d(2 * N_BANDS, FRONT, 3, padding=1)
        self.inlet = nn.Conv1d(2 * FRONT, CHANNELS, 1)
        self.gates = nn.ModuleList(
            [nn.Conv1d(CHANNELS, 2 * CHANNELS, KERNEL, padding=2 * 2**i, dilation=2**i) for i in range(LAYERS)]
        )
        self.mixes = nn.ModuleList([nn.Conv1d(CHANNELS, CHANNELS, 1) for _ in range(LAYERS)])
        self.dropout = nn.Dropout1d(dropout)
        self.slow = nn.Conv1d(2 * CHANNELS, len(SLOW), 1)
        self.drum1 = nn.Conv1d(FRONT + CHANNELS, DRUM, 5, padding=2)
        self.drum2 = nn.Conv1d(DRUM, 2 * len(FAST), 3, padding=1)

    def forward(self, x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """What it says of songs.

        Args:
            x: levels (batch, frames, 64) float32 of ``levels_of``, 100 frames a second, an even number of them.

        Returns:
            Logits of `SLOW` (batch, 5, frames / 2), and (batch, 6, frames): of `FAST`, then their loudness.
        """
        h = F.elu(self.front(self.norm(with_rise(x))))
        y = self.inlet(torch.cat([F.avg_pool1d(h, 2), F.max_pool1d(h, 2)], 1))
        total = torch.zeros_like(y)
        for gate, mix in zip(self.gates, self.mixes, strict=True):
            a, b = gate(self.dropout(y)).chunk(2, 1)
            z = mix(torch.tanh(a) * torch.sigmoid(b))
            y, total = y + z, total + z
        context = F.elu(total)
        slow = self.slow(torch.cat([context, y], 1))
        wide = torch.repeat_interleave(context, 2, dim=2)
        fast = self.drum2(F.elu(self.drum1(torch.cat([h, wide], 1))))
        return slow, fast
