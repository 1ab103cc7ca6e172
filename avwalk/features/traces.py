"""Traces of a song for its pictures: around each frame the waveform, steadied, or the spectrum, as a row of numbers.

A waveform is band-limited, begins on a rising zero crossing near the frame, so that a held note stands still, and is as
large as the song is loud there: soft passages are raised towards the loudest, silence is 0. Everything is streamed: the
sound is read once, rows go to a file.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping
from fractions import Fraction
from typing import Protocol

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from avwalk.clock import Clock
from avwalk.contracts import Song
from avwalk.features.downmix import middle_of, to_mono
from avwalk.features.framing import Framer

Array = NDArray[np.float32]
Blocks = Iterable[NDArray[np.float32]]

POINTS = 256
"""Of a waveform."""
BANDS = 64
"""Of a spectrum."""
COLUMNS: Mapping[str, int] = {"open": POINTS, "closed": POINTS, "pair": 2 * POINTS, "spectrum": BANDS}
"""Kinds of traces → numbers in a row. ``open``: a stretch of the waveform that begins and ends at 0; ``closed``: one
whose end goes on in its beginning; ``pair``: left, then right a moment later, both open; ``spectrum``: loudness in
bands from 40 Hz to 12 kHz, evenly spaced by pitch, in [0, 1]."""

WIDTH = 1 / 24
"""Seconds of sound in a waveform: two periods of the lowest bass."""
CUTOFF = 620.0
"""Hz: what is higher would be a tangle, not a line."""
RATE = 4000.0  # samples per second of what is band-limited so
_SEARCH = 0.012  # seconds to either side in which a crossing is looked for: a period of 42 Hz
_SLOW = 0.0022  # seconds of the two means that leave what decides where a period begins
_LATER = 0.0027  # seconds by which the right of a pair is late: a mono mix draws a loop too, not a line
_EVENED = 0.5  # exponent of loudness: 20 dB less are drawn as 10 dB less
_SILENCE = 2.0**-14  # peak below which a whole song is noise, and the share of its level below which a frame is
_LOWEST, _HIGHEST = 40.0, 12_000.0  # Hz
_SPECTRUM = 0.046  # seconds: shorter, and bass notes are one; longer, and a hit is seen before it is heard
_RANGE, _TILT = 54.0, 3.2  # dB that are shown; dB an octave by which music falls off
_RELEASE = 0.22  # seconds until a band that falls silent has lost 90 %


class Rows(Protocol):
    """An array of rows, on disk or not: (n, columns) float16."""

    def __getitem__(self, key: slice) -> NDArray[np.float16]: ...

    def __setitem__(self, key: slice, value: Array) -> None: ...


def fill_trace(rows: Rows, song: Song, blocks: Blocks, fps: Fraction, kind: str) -> None:
    """Writes the trace of a song, a row for each frame.

    Args:
        rows: (n_frames, COLUMNS[kind]), written to; waveforms are within ±1.3.
        song: the probed song; its ``n_samples`` and ``sample_rate`` set the clock.
        blocks: its sound from the beginning, (n, channels) float32.
        fps: frames per second.
        kind: one of `COLUMNS`.
    """
    n = Clock(fps, song.sample_rate, song.n_samples).n_frames
    found = _spectra(song, blocks, fps, n) if kind == "spectrum" else _waves(song, blocks, fps, n, kind)
    peaks = np.zeros(n)
    for k, part in found:
        rows[k : k + len(part)] = part
        peaks[k : k + len(part)] = np.abs(part).max(axis=1) if kind != "spectrum" else part.max(axis=1)
    finish = _finished_spectra if kind == "spectrum" else _evened
    finish(rows, peaks, fps)


def _evened(rows: Rows, peaks: NDArray[np.float64], fps: Fraction) -> None:
    level = float(np.percentile(peaks, 98))
    if level <= _SILENCE:
        peaks = np.zeros_like(peaks)
    share = np.where(peaks > _SILENCE * level, peaks, 0.0) / max(level, _SILENCE)
    gain = np.minimum(share, 1.4) ** _EVENED / np.maximum(peaks, 1e-9)
    for k in range(0, len(peaks), 1024):
        rows[k : k + 1024] = rows[k : k + 1024].astype(np.float32) * gain[k : k + 1024, None].astype(np.float32)


def _finished_spectra(rows: Rows, peaks: NDArray[np.float64], fps: Fraction) -> None:
    """From decibels to [0, 1]; what falls, falls no faster than the release lets it."""
    top = float(np.percentile(peaks, 99))
    if top < 20 * math.log10(_SILENCE):
        top = math.inf
    keep = np.float32(10 ** (-1 / (_RELEASE * float(fps))))
    last = np.zeros(BANDS, np.float32)
    for k in range(0, len(peaks), 1024):
        part = np.clip((rows[k : k + 1024].astype(np.float32) - top) / _RANGE + 1, 0, 1.15) ** 1.4
        for row in part:
            np.maximum(row, last * keep, out=row)
            last = row
        rows[k : k + 1024] = part


class _Decimator:
    """Low-passes and thins out sound that arrives in blocks; output j is centred on sample j · step."""

    def __init__(self, rate: int) -> None:
        self.step = max(1, round(rate / RATE))
        half = 6 * self.step
        at = np.arange(-half, half + 1) / rate
        taps = np.sinc(2 * min(CUTOFF, 0.45 * rate) * at) * np.hanning(2 * half + 3)[1:-1]
        self._taps = (taps / taps.sum()).astype(np.float32)
        self._half, self._held = half, np.zeros(half, np.float32)

    def push(self, samples: Array) -> Array:
        held = np.concatenate([self._held, samples])
        n = (len(held) - len(self._taps)) // self.step + 1
        if n <= 0:
            self._held = held
            return np.zeros(0, np.float32)
        self._held = held[n * self.step :]
        return np.asarray(sliding_window_view(held, len(self._taps))[: n * self.step : self.step] @ self._taps)

    def finish(self) -> Array:
        return self.push(np.zeros(self._half + self.step, np.float32))


def _waves(song: Song, blocks: Blocks, fps: Fraction, n: int, kind: str) -> Iterator[tuple[int, Array]]:
    channels = 2 if kind == "pair" else 1
    thin = [_Decimator(song.sample_rate) for _ in range(channels)]
    rate = Fraction(song.sample_rate, thin[0].step)
    size = int(float(rate) * (2 * WIDTH + 2 * _SEARCH + 2 * _LATER)) + 4
    frames = [Framer(size, rate, fps, n) for _ in range(channels)]

    def cut(
        parts: list[Array], framed: Callable[[Framer, Array], Iterator[tuple[int, Array]]]
    ) -> Iterator[tuple[int, Array]]:
        for cuts in zip(*(framed(f, part) for f, part in zip(frames, parts, strict=True)), strict=True):
            yield cuts[0][0], _steadied([c[1] for c in cuts], float(rate), kind)

    for block in blocks:
        sides = (
            [block[:, 0], block[:, min(1, block.shape[1] - 1)]] if channels == 2 else [to_mono(block, middle_of(block))]
        )
        yield from cut(
            [each.push(np.ascontiguousarray(side)) for each, side in zip(thin, sides, strict=True)], Framer.push
        )
    yield from cut([each.finish() for each in thin], Framer.push)
    yield from cut([np.zeros(0, np.float32)] * channels, lambda framer, _: framer.finish())


def _steadied(windows: list[Array], rate: float, kind: str) -> Array:
    """Rows of a kind out of windows (m, size) around frames, a channel each."""
    weights = np.hanning(windows[0].shape[1]).astype(np.float32)  # of whole periods or not: what is left is the offset
    windows = [w - (w @ weights / weights.sum())[:, None] for w in windows]
    start = _crossings(windows[0] if len(windows) == 1 else windows[0] + windows[1], rate)
    grid = WIDTH * rate * (np.arange(POINTS) / (POINTS - 1) - 0.5)
    if kind == "closed":  # the last third turns into what was before the first point
        share = np.clip((np.arange(POINTS) / POINTS - 0.667) / 0.333, 0, 1)
        share = share * share * (3 - 2 * share)
        grid = WIDTH * rate * (np.arange(POINTS) / POINTS - 0.5)
        now, before = (_at(windows[0], start[:, None] + grid - back) for back in (0.0, WIDTH * rate))
        return np.asarray((1 - share) * now + share * before, np.float32)
    edge = np.clip(np.minimum(np.arange(POINTS), np.arange(POINTS)[::-1]) / (0.28 * POINTS), 0, 1)
    taper = np.sin(0.5 * np.pi * edge) ** 2
    late = (0.0, _LATER * rate)
    return np.concatenate(
        [_at(w, start[:, None] + grid + more) * taper for w, more in zip(windows, late, strict=False)], axis=1
    ).astype(np.float32)


def _crossings(w: Array, rate: float) -> NDArray[np.float64]:
    """Where in each window, near its middle, the slow part of the sound rises into its strongest half-wave."""
    m, size = w.shape
    reach, mean = max(1, round(_SEARCH * rate)), max(1, round(_SLOW * rate)) | 1
    slow = w.astype(np.float64)
    for _ in range(2):
        total = np.pad(np.cumsum(np.pad(slow, ((0, 0), (mean // 2, mean // 2))), axis=1), ((0, 0), (1, 0)))
        slow = (total[:, mean:] - total[:, :-mean]) / mean
    middle, half = size // 2, max(2, round(0.004 * rate))
    sums = np.pad(np.cumsum(slow, axis=1), ((0, 0), (1, 0)))
    at = np.arange(middle - reach, middle + reach + 1)
    rising = (slow[:, at] <= 0) & (slow[:, at + 1] > 0)
    strength = sums[:, at + 1 + half] - sums[:, at + 1] - (sums[:, at + 1] - sums[:, at + 1 - half])
    score = np.where(rising, strength * (1 - 0.4 * np.abs(at - middle) / reach), -1.0)
    best, rows = score.argmax(axis=1), np.arange(m)
    j = np.where(score[rows, best] > 0, at[best], middle)
    low, high = slow[rows, j], slow[rows, j + 1]
    return np.asarray(j + np.where(score[rows, best] > 0, -low / np.maximum(high - low, 1e-12), 0.0))


def _at(w: Array, place: NDArray[np.float64]) -> Array:
    """Values of each row of ``w`` between its samples, by Catmull–Rom splines."""
    j = np.clip(np.floor(place).astype(np.int64), 1, w.shape[1] - 3)
    t = (place - j).astype(np.float32)
    a, b, c, d = (np.take_along_axis(w, j + k, axis=1) for k in (-1, 0, 1, 2))
    return np.asarray(b + 0.5 * t * (c - a + t * (2 * a - 5 * b + 4 * c - d + t * (3 * (b - c) + d - a))))


def _spectra(song: Song, blocks: Blocks, fps: Fraction, n: int) -> Iterator[tuple[int, Array]]:
    """Decibels in bands, those of pink noise alike."""
    size = 2 * round(_SPECTRUM * song.sample_rate / 2)
    framer = Framer(size, song.sample_rate, fps, n)
    window = np.hanning(size + 1)[:-1].astype(np.float32)
    freqs = np.fft.rfftfreq(size, 1 / song.sample_rate)
    octaves = np.linspace(math.log2(_LOWEST), math.log2(min(_HIGHEST, song.sample_rate / 2.1)), BANDS)
    far = np.abs(np.log2(np.maximum(freqs, 1.0))[:, None] - octaves)
    # as wide as a band, and at the bottom as wide as a bin
    wide = np.maximum(octaves[1] - octaves[0], np.log2(1 + freqs[1] / 2.0**octaves))
    weights = np.maximum(1 - far / wide, 0).astype(np.float32)
    weights /= np.maximum(weights.sum(axis=0), 1e-9)
    tilt = (_TILT * (octaves - octaves[0])).astype(np.float32)

    def bands(windows: Array) -> Array:
        power = np.abs(np.fft.rfft(windows * window, axis=1)).astype(np.float32) ** 2 / np.float32(0.25 * size**2)
        return np.asarray(10 * np.log10(power @ weights + 1e-12) + tilt, np.float32)

    for block in blocks:
        for k, windows in framer.push(to_mono(block, middle_of(block))):
            yield k, bands(windows)
    for k, windows in framer.finish():
        yield k, bands(windows)
