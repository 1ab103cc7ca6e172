"""Music makes room for a voice: side-chain ducking."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

_BLOCK_S = 0.01
_HOLD_S = 0.35  # pauses between words that are no reason to come back
_GATE_DB = -32.0  # below the loud parts of the voice


def duck(
    music: NDArray[np.float32],
    voice: NDArray[np.float32],
    rate: int,
    *,
    depth_db: float = -10.0,
    attack_s: float = 0.12,
    release_s: float = 0.6,
) -> NDArray[np.float32]:
    """Lowers music while somebody speaks.

    The voice is known as a whole, so the music is down when a word begins: the attack lies before it.

    Args:
        music: (n,) or (n, channels).
        voice: (m,) or (m, channels), from the same moment on; what is missing of it is silence.
        rate: samples per second of both.
        depth_db: gain under the voice.
        attack_s: seconds in which the music goes down, before the voice begins.
        release_s: seconds in which it comes back, 350 ms after the voice has ended.

    Returns:
        The music, of the same shape.
    """
    gain = 10 ** (depth_db * _speech(music.shape[0], voice, rate, attack_s, release_s) / 20)
    return np.asarray(music * (gain[:, None] if music.ndim == 2 else gain), np.float32)


def _speech(n: int, voice: NDArray[np.float32], rate: int, attack_s: float, release_s: float) -> NDArray[np.float32]:
    """How far the music is down, 0 to 1, for each of n samples: raised cosines in decibels, so without a corner."""
    block = max(1, round(_BLOCK_S * rate))
    mono = (voice if voice.ndim == 1 else voice.mean(axis=1)).astype(np.float64)[:n]
    mono = np.pad(mono, (0, -n % block + n - len(mono)))
    level = np.sqrt((mono.reshape(-1, block) ** 2).mean(axis=1))
    loud = np.percentile(level[level > 0], 90) if (level > 0).any() else 0.0
    active = np.flatnonzero(level > max(1e-5, loud * 10 ** (_GATE_DB / 20)))
    down = np.zeros(len(level))
    for first, last in _runs(active, round(_HOLD_S / _BLOCK_S)):
        at = np.arange(len(level))
        rise = np.clip((at - (first - attack_s / _BLOCK_S)) / max(1.0, attack_s / _BLOCK_S), 0, 1)
        fall = np.clip((last + _HOLD_S / _BLOCK_S + release_s / _BLOCK_S - at) / max(1.0, release_s / _BLOCK_S), 0, 1)
        down = np.maximum(down, (0.5 - 0.5 * np.cos(np.pi * rise)) * (0.5 - 0.5 * np.cos(np.pi * fall)))
    return np.interp(np.arange(n), (np.arange(len(down)) + 0.5) * block, down).astype(np.float32)


def _runs(active: NDArray[np.int64], gap: int) -> list[tuple[int, int]]:
    """First and last of blocks that are no further apart than ``gap``."""
    if not len(active):
        return []
    cuts = np.flatnonzero(np.diff(active) > gap)
    return list(zip(active[np.r_[0, cuts + 1]].tolist(), active[np.r_[cuts, len(active) - 1]].tolist(), strict=True))
