"""The named signals: their list and kinds, and the scaling from raw measurements to [0, 1] on the frame clock."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from avwalk.contracts import Curve, Score
from avwalk.features.smoothing import balance, smooth

PITCH_NAMES = ("C", "C#", "D", "D#", "E", "F", "F#", "G", "G#", "A", "A#", "B")
PHRASES = {"phrase_phase": 8, "phrase_phase.4": 4, "phrase_phase.8": 8, "phrase_phase.16": 16}  # bars
TIME_LIMIT = 60.0  # seconds: signals of kind "time" are clipped here; also their value when nothing comes
BALANCE_BARS = 8

SIGNALS: dict[str, tuple[str, str]] = {
    "rms": ("level", "loudness of the whole sound"),
    "sub": ("level", "loudness from 20 to 60 Hz"),
    "low": ("level", "loudness from 60 to 250 Hz: bass and kick"),
    "mid": ("level", "loudness from 250 Hz to 4 kHz: voices and chords"),
    "high": ("level", "loudness from 4 to 16 kHz: hats and air"),
    "harmonic": ("level", "loudness of what lasts"),
    "percussive": ("level", "loudness of what strikes"),
    "centroid": ("level", "brightness"),
    "flatness": ("level", "noise (1) against tones (0)"),
    "width": ("level", "stereo width"),
    "onset": ("impulse", "every new sound"),
    "kick": ("impulse", "bass drum; in routes the accent, where a song has none"),
    "snare": ("impulse", "snare and claps; in routes the other onsets, where a song has no drums"),
    "hat": ("impulse", "hi-hats and cymbals"),
    "accent": ("impulse", "the bass drum, or bass notes in a song without one"),
    "beat": ("impulse", "the beat"),
    "bar": ("impulse", "the first beat of each bar"),
    "drop": ("impulse", "the drop"),
    "beat_phase": ("phase", "0 on a beat, towards 1 before the next"),
    "bar_phase": ("phase", "the same over a bar"),
    "phrase_phase": ("phase", "the same over 8 bars, counted from the section's start"),
    "phrase_phase.4": ("phase", "the same over 4 bars"),
    "phrase_phase.8": ("phase", "the same over 8 bars"),
    "phrase_phase.16": ("phase", "the same over 16 bars"),
    "section_phase": ("phase", "the same over the section"),
    "section": ("label", "number of the section's label: what repeats has the same number"),
    "bar_index": ("label", "number of the bar, 1 is the first; 0 before it"),
    "key": ("label", "0–11 C major … B major, 12–23 C minor … B minor, −1 no pitch"),
    "since_beat": ("time", "seconds since the last beat"),
    "time_to_beat": ("time", "seconds to the next beat"),
    "time_to_section": ("time", "seconds to the next section (or the end)"),
    "time_to_drop": ("time", "seconds to the next drop"),
    "build": ("level", "0 to 1 through a build-up, 1 at the drop, else 0"),
    "novelty": ("level", "how fast colour and harmony change"),
    **{f"chroma.{name}": ("level", f"strength of pitch class {name}") for name in PITCH_NAMES},
}
"""Signals of every song: name → (kind, what it is). Kinds: level, impulse, phase, label, time."""

WORD_SIGNALS: dict[str, tuple[str, str]] = {
    "words": ("impulse", "each word that is sung or said; of a song with words, as all of these"),
    "line": ("impulse", "each line of them"),
    "voice": ("level", "1 while somebody sings or says something"),
    "speech_rate": ("level", "how many words a second"),
}
"""Signals of a song whose words are known, 0 without: name → (kind, what it is). `avwalk.words.signals` makes them."""

KINDS = {name: kind for name, (kind, _) in (SIGNALS | WORD_SIGNALS).items()}
"""Signals that a song may have: name → kind."""

_LOUDNESS = 0.6  # amplitude → loudness in sones (Stevens)
_FLOORS = {"centroid": 0.5, "flatness": 0.5, "width": 0.05}  # octaves, decades, share: less is no movement
_SOFT = 0.25  # height of a hit in silence
_QUIET = 0.02  # below 2 % of the song's loud amplitude, colour means nothing and fades to 0


@dataclass(frozen=True)
class Grid:
    """Where frames lie in time: ``fps`` and how many there are."""

    fps: Fraction
    n_frames: int

    @property
    def times(self) -> NDArray[np.float64]:
        """When each frame is shown, (n_frames,) float64 seconds."""
        return np.arange(self.n_frames) * self.fps.denominator / self.fps.numerator


def levels(raw: Mapping[str, Curve], grid: Grid, bar_seconds: float) -> dict[str, Curve]:
    """Level signals from raw measurements, each scaled to [0, 1] by ``balance``.

    Args:
        raw: name → (n_frames,) float32: amplitudes (``rms``, ``sub``, …), and ``centroid`` in octaves,
            ``flatness`` in [0, 1], both NaN in silence; ``width`` in [0, 1].
        grid: of the frames.
        bar_seconds: length of a bar, for the local scale.

    Returns:
        The same names → (n_frames,) float32 in [0, 1].
    """
    amplitude = raw["rms"]
    loud = float(np.percentile(amplitude, 98)) or float(amplitude.max())
    gate = np.clip(amplitude / (_QUIET * loud), 0.0, 1.0) if loud > 0 else np.zeros(grid.n_frames)
    out = {}
    for name, curve in raw.items():
        if name in ("centroid", "flatness"):
            known = np.isfinite(curve)
            filled = _fill(np.log10(np.maximum(curve, 1e-9)) if name == "flatness" else curve, known)
            scaled = balance(filled - filled.min() + 1.0, grid.fps, BALANCE_BARS * bar_seconds, _FLOORS[name])
            out[name] = (scaled * gate).astype(np.float32)
        elif name == "width":
            out[name] = (balance(curve, grid.fps, BALANCE_BARS * bar_seconds, _FLOORS[name]) * gate).astype(np.float32)
        else:
            # what is 60 dB below the whole sound is not part of the music: no sub in a flute solo
            loudness = (np.where(curve > 1e-3 * loud, curve, 0.0) ** _LOUDNESS).astype(np.float32)
            floor = 0.1 * float(loudness.max()) or 1.0
            out[name] = balance(loudness, grid.fps, BALANCE_BARS * bar_seconds, floor)
    return out


def _fill(curve: NDArray[np.floating], known: NDArray[np.bool_]) -> Curve:
    """Unknown values by interpolation between known ones."""
    if not known.any():
        return np.zeros(len(curve), np.float32)
    at = np.arange(len(curve))
    result: Curve = np.interp(at, at[known], curve[known]).astype(np.float32)
    return result


def impulses(times: NDArray[np.float64], heights: NDArray[np.float32], grid: Grid) -> Curve:
    """Heights at the frames nearest to the times, 0 elsewhere; of two events on a frame the higher counts.

    An event nearer to the (missing) frame after the last one is dropped: it would show too early.

    Args:
        times: (n,) float64 seconds.
        heights: (n,) in [0, 1].
        grid: of the frames.

    Returns:
        (n_frames,) float32.
    """
    out = np.zeros(grid.n_frames, np.float32)
    frames = np.floor(times * float(grid.fps) + 0.5).astype(np.int64)
    inside = (frames >= 0) & (frames < grid.n_frames)
    np.maximum.at(out, frames[inside], heights[inside].astype(np.float32))
    return out


def scale_by_loudness(hits: Curve, level: Curve, grid: Grid) -> Curve:
    """Impulses scaled by perceived loudness: a hit in near silence is a small one.

    Args:
        hits: (n_frames,) heights in [0, 1] relative to the song's strong hits.
        level: (n_frames,) loudness in [0, 1]; the loudest within 100 ms counts.
        grid: of the frames.

    Returns:
        (n_frames,) float32: hits times `_SOFT` in silence, unchanged from half of the full level on.
    """
    reach = max(1, round(0.1 * grid.fps))
    around = sliding_window_view(np.pad(level, reach, mode="edge"), 2 * reach + 1).max(axis=1)
    share = np.clip(around / 0.5, 0.0, 1.0)
    # not `smoothstep`: in another order of multiplication the last bits of stored analyses would differ
    return np.asarray(hits * (_SOFT + (1 - _SOFT) * share * share * (3 - 2 * share)), np.float32)


def musical_time(score: Score, grid: Grid) -> dict[str, Curve]:
    """Signals derived from the score (phases, labels, times, ``build``) on the frame clock.

    Recompute it with the corrected score when cues have changed the detected one; ``key`` and what is
    measured from the sound do not depend on it.

    Args:
        score: beats, bars, sections, drops, builds.
        grid: of the frames.

    Returns:
        name → (n_frames,) float32: ``beat``, ``bar``, ``drop``, every phase and time, ``section``, ``bar_index``,
        ``build``.
    """
    t = grid.times
    ones = np.ones(max(len(score.beats), len(score.bars)), np.float32)
    starts = np.array([s.start for s in score.sections])
    ends = np.array([s.end for s in score.sections])
    inside = np.clip(np.searchsorted(starts, t + 1e-9, side="right") - 1, 0, None)
    bar = _position(score.bars, t)
    bar_at_start = np.rint(_position(score.bars, starts))
    out = {
        "beat": impulses(score.beats, ones[: len(score.beats)], grid),
        "bar": impulses(score.bars, ones[: len(score.bars)], grid),
        "drop": impulses(score.drops, np.ones(len(score.drops), np.float32), grid),
        "beat_phase": _sawtooth(_position(score.beats, t)),
        "bar_phase": _sawtooth(bar),
        "section_phase": _sawtooth((t - starts[inside]) / np.maximum(ends - starts, 1e-9)[inside]),
        "section": _label_numbers([s.label for s in score.sections])[inside],
        "bar_index": np.maximum(0.0, np.floor(bar + 1e-6) + (len(score.bars) > 0)).astype(np.float32),
        "since_beat": _until(-score.beats[::-1], -t[::-1])[::-1].copy(),
        "time_to_beat": _until(score.beats, t),
        "time_to_section": _until(np.append(starts[1:], ends[-1]), t),
        "time_to_drop": _until(score.drops, t),
        "build": _build(score.builds, grid),
    }
    for name, bars in PHRASES.items():
        out[name] = _sawtooth((bar - bar_at_start[inside]) / bars)
    return out


def _position(marks: NDArray[np.float64], t: NDArray[np.float64]) -> NDArray[np.float64]:
    """Position counted in marks (0.5 is half way from the first to the second); goes on evenly outside.

    0 everywhere with fewer than two marks.
    """
    if len(marks) < 2:
        return np.zeros(len(t))
    period = float(np.median(np.diff(marks)))
    inside = np.interp(t, marks, np.arange(len(marks)))
    before, after = np.minimum(0.0, t - marks[0]), np.maximum(0.0, t - marks[-1])
    position: NDArray[np.float64] = inside + (before + after) / period
    return position


def _sawtooth(position: NDArray[np.float64]) -> Curve:
    """The fractional part, [0, 1) also in float32. A frame a hair before a mark counts as on it."""
    part = np.maximum(0.0, position - np.floor(position + 1e-6)).astype(np.float32)
    return np.minimum(part, np.nextafter(np.float32(1), np.float32(0)))


def _until(marks: NDArray[np.float64], t: NDArray[np.float64]) -> Curve:
    """Seconds to the next mark (0 on it), clipped at ``TIME_LIMIT``."""
    padded = np.append(marks, np.inf)
    ahead = padded[np.searchsorted(marks, t - 1e-6)] - t
    return np.clip(ahead, 0.0, TIME_LIMIT).astype(np.float32)


def _label_numbers(labels: Sequence[str]) -> Curve:
    """0, 1, 2 … in order of first appearance."""
    order = {label: i for i, label in enumerate(dict.fromkeys(labels))}
    return np.array([order[label] for label in labels], np.float32)


def _build(builds: Sequence[tuple[float, float]], grid: Grid) -> Curve:
    """A ramp over each build-up; 1 on the drop's frame, then 0."""
    out = np.zeros(grid.n_frames, np.float32)
    rate = float(grid.fps)
    for start, end in builds:
        first, last = round(start * rate), int(np.floor(end * rate + 0.5))
        frames = np.arange(max(0, first), min(grid.n_frames, last + 1))
        out[frames] = np.clip((frames / rate - start) / max(end - start, 1e-9), 0.0, 1.0)
        if last < grid.n_frames:
            out[last] = 1.0
    return out


def chroma(cells: NDArray[np.float32], rate: float, grid: Grid) -> dict[str, Curve]:
    """``chroma.C`` … ``chroma.B`` from cells (n_cells, 12) in [0, 1], ``rate`` cells per second."""
    return {f"chroma.{name}": on_frames(cells[:, i], rate, grid) for i, name in enumerate(PITCH_NAMES)}


def on_frames(cells: Curve, rate: float, grid: Grid) -> Curve:
    """A curve of cells ([c, c + 1) / rate) on the frames: (n_frames,) float32, without steps."""
    gentle = smooth(cells, rate, 2000.0 / rate)  # two cells wide: no corners between interpolated points
    centres = (np.arange(len(cells)) + 0.5) / rate
    return np.interp(grid.times, centres, gentle).astype(np.float32)
