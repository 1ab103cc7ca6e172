"""The analysis of a song in a single pass: all signals, the bands and the score (beats, bars, sections, drops)."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from avwalk.arrays.buffers import keep_freed_memory
from avwalk.clock import Clock
from avwalk.contracts import Analysis, Curve, Score, Song
from avwalk.features import onsets, recurrence, signals, tonal, traits
from avwalk.features.downmix import middle_of, to_mono
from avwalk.features.form import structure
from avwalk.features.loudness import HarmonicPercussive, LevelMeter, WidthMeter
from avwalk.features.signals import Grid
from avwalk.features.spectrum import (
    BandBank,
    BandOptions,
    BandRows,
    ClassicBands,
    Spectra,
    Stft,
    band_edges,
    classic_hop,
    loudness_gain,
)

if TYPE_CHECKING:
    from avwalk.features.beats_and_drums import BeatsAndDrums

_BLOCK = 1 << 15  # samples handled at once: they stay in the processor's cache
_AHEAD = 4  # blocks that are read before their spectra are made
_LIMIT = 64.0  # full scale is 1; beyond +36 dB samples are clipped, so that squares stay finite


def analyze_song(
    song: Song,
    blocks: Iterable[NDArray[np.float32]],
    fps: Fraction,
    *,
    bpm: float | None = None,
    first_beat: float | None = None,
    bands: BandOptions | None = None,
    bands_path: Path | None = None,
    progress: Callable[[float], None] | None = None,
) -> Analysis:
    """Computes every signal, the bands and the score of a song.

    The sound is read once, in blocks; only curves stay in memory. Blocks that end early are zero-padded, samples beyond
    ``song.n_samples`` are ignored.

    Args:
        song: the probed song; its ``n_samples`` and ``sample_rate`` set the clock.
        blocks: (n, channels) float32, finite, in order.
        fps: frames per second.
        bpm: overrides the detected tempo.
        first_beat: time of the first downbeat in seconds, if known; it moves beats and bars, and leaves the metre and
            the sections, which keep to the nearest bar lines.
        bands: how the spectrum is summarised; None for the defaults.
        bands_path: where to write the bands (``.npy``); None keeps them in memory.
        progress: called with the share done, 0 … 1.
    """
    keep_freed_memory()
    clock = Clock(fps, song.sample_rate, song.n_samples)
    grid = Grid(fps, clock.n_frames)
    meters = _Meters(song, grid, bands or BandOptions(), bands_path)
    # matrices are small: more BLAS threads bring nothing, spin for seconds where the machine is busy, and could round
    # sums otherwise
    with threadpool_limits(1, user_api="blas"), ThreadPoolExecutor(1) as beside, ThreadPoolExecutor(1) as second:
        finder = beside.submit(_finder)  # loads compiled code while the sound is read
        parts = _regroup(blocks, song.n_samples, song.channels)
        ahead = deque(second.submit(meters.take, parts) for _ in range(_AHEAD))
        while (part := ahead.popleft().result()) is not None:
            ahead.append(second.submit(meters.take, parts))
            done, mono = part
            meters.push_spectra(mono)
            if progress is not None:
                progress(0.9 * done / song.n_samples)
        asked = float(clock.duration), bpm, first_beat
        heard = second.submit(lambda: finder.result()(meters.curves(), *asked, beside))
        analysis = meters.finish(float(clock.duration), heard, second)
    if progress is not None:
        progress(1.0)
    return analysis


def _finder() -> Callable[..., BeatsAndDrums]:
    from avwalk.features.beats_and_drums import find_beats_and_drums  # late: see there

    return find_beats_and_drums


def _regroup(
    blocks: Iterable[NDArray[np.float32]], n_samples: int, channels: int
) -> Iterator[tuple[int, NDArray[np.float32]]]:
    """Blocks of even size, exactly n_samples in all: ``(samples so far, block)``."""
    held: list[NDArray[np.float32]] = []
    size, done = 0, 0
    for block in blocks:
        part = block[: n_samples - done - size]
        held.append(part)
        size += len(part)
        if size >= _BLOCK or done + size >= n_samples:
            whole = np.concatenate(held) if len(held) > 1 else part
            stop = size if done + size >= n_samples else size - size % _BLOCK
            for a in range(0, stop, _BLOCK):
                b = min(a + _BLOCK, stop)
                done += b - a
                yield done, np.clip(whole[a:b], -_LIMIT, _LIMIT)
            held, size = [whole[stop:]], size - stop
        if done >= n_samples:
            return
    if size:
        done += size
        yield done, np.clip(np.concatenate(held), -_LIMIT, _LIMIT)
    while done < n_samples:  # truncated: silence keeps the clock whole
        silence = np.zeros((min(_BLOCK, n_samples - done), channels), np.float32)
        done += len(silence)
        yield done, silence


class _Meters:
    """All feature extractors, fed block by block, and their evaluation at the end."""

    def __init__(
        self,
        song: Song,
        grid: Grid,
        bands: BandOptions,
        bands_path: Path | None,
    ) -> None:
        rate, n = song.sample_rate, grid.n_frames
        self._grid = grid
        self._rate = rate
        self._stft = Stft(rate, grid.fps, n)
        limits = (bands.max_frequency_level, bands.low_frequency_skip, bands.frequency_band_growth_rate)
        self._classic = ClassicBands(rate, song.n_samples, bands.extra_detail, *limits) if bands.classic else None
        self._classic_rows: list[NDArray[np.float32]] = []
        self._bank = BandBank(self._stft.freqs, band_edges(rate, *limits), bands.extra_detail)
        n_bands = self._classic.n_bands if self._classic else self._bank.n_bands
        self._rows = BandRows(n, n_bands, bands_path)
        self._levels = LevelMeter(self._stft.freqs, n)
        n_tones = Clock(tonal.SPECTRA_RATE, rate, song.n_samples).n_frames
        self._tones = tonal.ToneMeter(self._stft.freqs, n_tones)
        # frames that lie on other moments leave the form where it is: it has spectra of its own
        self._tone_stft = None if grid.fps == tonal.SPECTRA_RATE else Stft(rate, tonal.SPECTRA_RATE, n_tones)
        self._width = WidthMeter(rate, grid.fps, n)
        self._hpss = HarmonicPercussive(rate, song.n_samples)
        self._onsets = onsets.OnsetDetector(rate, song.n_samples)

    def take(self, parts: Iterator[tuple[int, NDArray[np.float32]]]) -> tuple[int, NDArray[np.float32]] | None:
        """The next samples and how many there have been, mixed to mono; None at the end."""
        if (part := next(parts, None)) is None:
            return None
        done, block = part
        mid = middle_of(block)
        mono = to_mono(block, mid)
        self._width.push(block, mid)
        self._onsets.push(mono)
        self._hpss.push(mono)
        return done, mono

    def push_spectra(self, mono: NDArray[np.float32]) -> None:
        for spectra in self._stft.push(mono):
            self._measure(spectra)
        if self._tone_stft is not None:
            for spectra in self._tone_stft.push(mono):
                self._tones.push(spectra)
        if self._classic is not None:
            self._classic_rows.append(self._classic.push(mono))

    def _measure(self, spectra: Spectra) -> None:
        if self._classic is None:
            self._rows.append(self._bank.weights(spectra))
        self._levels.push(spectra)
        if self._tone_stft is None:
            self._tones.push(spectra)

    def curves(self) -> onsets.OnsetCurves:
        """What beats and drums are heard in, once the sound is over."""
        return self._onsets.finish()

    def finish(self, duration: float, hearing: Future[BeatsAndDrums], second: Executor) -> Analysis:
        for spectra in self._stft.finish():
            self._measure(spectra)
        if self._tone_stft is not None:
            for spectra in self._tone_stft.finish():
                self._tones.push(spectra)
        grid = self._grid
        raw = self._levels.finish()
        bands = self._finish_bands(raw.rms)
        tones = self._tones.finish()
        harmonic, percussive = self._hpss.finish(grid.times)
        heard = hearing.result()
        curves, beat = heard.curves, heard.rhythm
        places = second.submit(recurrence.recurrence_basis, tones, beat.beats, duration)
        activity = _pool(curves.strength, float(onsets.ONSET_RATE), tones.rate, len(tones.colour))
        free = heard.free  # a first beat that is told says where bars begin, not what is in them
        form = structure.find_structure(tones, activity, free.beats, free.bars, duration, heard.boundary)
        if free is not beat:
            form = structure.on_bars(form, beat.bars, duration)
        score = Score(
            beat.tempo_bpm,
            beat.beats,
            beat.bars,
            form.drops,
            form.builds,
            form.sections,
            beat.stretches,
            beat.second_bpm,
        )
        bar_seconds = _bar_seconds(score)
        measured = {"rms": raw.rms, **raw.ranges, "harmonic": harmonic, "percussive": percussive}
        measured |= {"centroid": raw.centroid, "flatness": raw.flatness, "width": self._width.finish()}
        named = signals.levels(measured, grid, bar_seconds)
        for name, found in heard.events.items():
            named[name] = signals.scale_by_loudness(
                signals.impulses(found.times, found.heights, grid), named["rms"], grid
            )
        named |= signals.musical_time(score, grid)
        named |= _harmony(tones, score, grid)
        ordered = {name: named[name] for name in signals.SIGNALS}
        keys = ordered["key"].astype(np.int64)
        hits = {name: heard.events[name].times for name in ("onset", "kick", "snare", "hat", "accent")}
        times, basis = places.result()
        whole = traits.traits(raw, (harmonic, percussive), tones, hits, int(np.bincount(keys + 1).argmax()) - 1)
        return Analysis(grid.fps, grid.n_frames, duration, score, ordered, bands, basis, times, hits, whole)

    def _finish_bands(self, rms: Curve) -> NDArray[np.float32]:
        if self._classic is None:
            return self._rows.finish(rms)
        rows = np.concatenate(self._classic_rows)
        if len(rows) == 0:
            rows = np.zeros((1, rows.shape[1]), np.float32)
        # DIGCREA's clock has 30 frames a second and ends a second early: the last row stands still
        nearest = np.rint(self._grid.times * self._rate / classic_hop(self._rate)).astype(np.int64)
        nearest = np.minimum(nearest, len(rows) - 1)
        for a in range(0, len(nearest), 4096):
            self._rows.append(rows[nearest[a : a + 4096]])
        return self._rows.finish()


def _bar_seconds(score: Score) -> float:
    """The usual length of a bar; 2 s without bars."""
    return float(np.median(np.diff(score.bars))) if len(score.bars) > 1 else 2.0


def _pool(curve: Curve, rate: float, cell_rate: float, n_cells: int) -> Curve:
    """Means over cells [c, c + 1) / cell_rate, (n_cells,) float32."""
    cell = np.minimum((np.arange(len(curve)) * (cell_rate / rate)).astype(np.int64), n_cells - 1)
    count = np.maximum(1, np.bincount(cell, minlength=n_cells))
    return (np.bincount(cell, curve, n_cells) / count).astype(np.float32)


def _harmony(tones: tonal.Tones, score: Score, grid: Grid) -> dict[str, Curve]:
    """``chroma.*``, ``novelty`` and ``key``."""
    amplitude = np.sqrt((10.0 ** (tones.colour / 10.0)).sum(axis=1))
    amplitude[amplitude < 1e-4] = 0.0  # the floor of the colours
    level = loudness_gain(amplitude)
    out = signals.chroma(tonal.chroma_curves(tones, level), tones.rate, grid)
    change = tonal.novelty(tones)
    highest = max(float(np.percentile(change, 98)), 0.5)
    out["novelty"] = signals.on_frames(np.clip(change / highest, 0.0, 1.0).astype(np.float32), tones.rate, grid)
    bar = _bar_seconds(score)
    opening = tonal.openings(tones, [section.start for section in score.sections], bar)
    whole = tonal.key(tones.chroma.sum(axis=0), opening=opening)
    out["key"] = np.full(grid.n_frames, whole, np.float32)
    times = grid.times
    for section in score.sections:
        a, b = int(section.start * tones.rate), int(np.ceil(section.end * tones.rate))
        inside = (times >= section.start - 1e-9) & (times < section.end - 1e-9)
        out["key"][inside] = tonal.key(tones.chroma[a:b].sum(axis=0), prefer=whole)
    return out
