"""The sound that recognisers and aligners hear: one channel, 16,000 samples a second, in blocks cut at pauses."""

from __future__ import annotations

from collections.abc import Iterator
from math import gcd
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from avwalk.audio.decode import read_song
from avwalk.contracts import Song

RATE = 16_000
"""Samples per second."""
_MARGIN = 0.05  # seconds on both sides, so that the resampler's filter has settled
_FRAME = RATE // 100
_QUIET = 30  # frames: a pause is judged over 0.3 s


class SoundBlock(NamedTuple):
    """A part of a song as speech is heard.

    Attributes:
        start: seconds in the song.
        samples: (n,) float32, `RATE` a second.
    """

    start: float
    samples: NDArray[np.float32]

    @property
    def end(self) -> float:
        """Seconds in the song."""
        return self.start + len(self.samples) / RATE


def speech_sound(song: Song, start: float, end: float) -> NDArray[np.float32]:
    """The mean of all channels of [start, end), resampled.

    Args:
        song: probed.
        start: seconds.
        end: seconds; behind the song's end there is nothing.

    Returns:
        (n,) float32, `RATE` samples a second.
    """
    from scipy.signal import resample_poly

    first, last = round(start * song.sample_rate), min(round(end * song.sample_rate), song.n_samples)
    margin = round(_MARGIN * song.sample_rate)
    begin, stop = max(0, first - margin), min(last + margin, song.n_samples)
    blocks = [block.mean(axis=1) for block in read_song(song, begin, stop)]
    mono = np.concatenate(blocks).astype(np.float32) if blocks else np.zeros(0, np.float32)
    divisor = gcd(RATE, song.sample_rate)
    made = resample_poly(mono, RATE // divisor, song.sample_rate // divisor) if len(mono) else mono
    skip = round((first - begin) * RATE / song.sample_rate)
    n = round((last - first) * RATE / song.sample_rate)
    return np.ascontiguousarray(made[skip : skip + n], np.float32)


def blocks_at_pauses(song: Song, longest: float, search: float) -> Iterator[SoundBlock]:
    """The song in blocks that end where it is quietest, so that few words are cut.

    Args:
        song: probed.
        longest: seconds of a block, at most.
        search: how long before a block's end the pause is looked for, seconds.
    """
    seconds, start = song.n_samples / song.sample_rate, 0.0
    while start < seconds:
        samples = speech_sound(song, start, start + longest)
        if not len(samples):
            return
        if start + longest < seconds - search / 2:
            samples = samples[: pause_in(samples, len(samples) - round(search * RATE))]
        yield SoundBlock(start, samples)
        start += len(samples) / RATE


def pause_in(samples: NDArray[np.float32], first: int) -> int:
    """The middle of the quietest 0.3 s of ``samples[first:]``, as an index into ``samples``."""
    tail = samples[max(0, first) :]
    n = len(tail) // _FRAME
    if n <= _QUIET:
        return len(samples)
    power = np.square(tail[: n * _FRAME], dtype=np.float64).reshape(n, _FRAME).mean(axis=1)
    level = np.convolve(power, np.ones(_QUIET) / _QUIET, "valid")
    return max(0, first) + (int(np.argmin(level)) + _QUIET // 2) * _FRAME
