"""What is known of a song: the file, its curves, its score."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

Curve = NDArray[np.float32]
"""One value per frame, (n_frames,), float32."""


@dataclass(frozen=True)
class Song:
    """A song on disk, probed and hashed.

    Attributes:
        path: where it is.
        sha256: of the file's bytes, hexadecimal.
        sample_rate: samples per second.
        channels: number of channels.
        n_samples: exact samples per channel, after encoder delay and padding are taken off; ≥ 1.
        codec: name as FFmpeg spells it, such as ``"aac"``, ``"pcm_s16le"``, ``"vorbis"``.
        title: from its tags, or None.
        artist: from its tags, or None.
        nonfinite: how many samples were NaN or infinite (they are read as 0).
        warnings: what is wrong but bearable, a line each.
        speakers: where each channel belongs, such as ``("FL", "FR", "LFE")``; empty: the file does not say.
        track: which of the file's audio tracks it is, from 1.
    """

    path: Path
    sha256: str
    sample_rate: int
    channels: int
    n_samples: int
    codec: str
    title: str | None = None
    artist: str | None = None
    nonfinite: int = 0
    warnings: tuple[str, ...] = ()
    speakers: tuple[str, ...] = ()
    track: int = 1


@dataclass(frozen=True)
class Section:
    """A part of the song: [start, end) in seconds; what repeats has the same label ("A", "B", …)."""

    start: float
    end: float
    label: str


@dataclass(frozen=True)
class Stretch:
    """A run of the song in one tempo and metre.

    Attributes:
        start: seconds.
        end: seconds.
        tempo_bpm: median tempo of its beats.
        meter: beats of a bar; 0: none can be told.
        division: eighths of a beat: 2, or 3 in compound metres, where 6/8 has two beats of three.
        swing: where the off-beat lies within the beat: 0.5 straight, 0.67 triplets.
        confidence: that tempo and metre are right, 0 to 1.
        tempo_given: whether the tempo is not heard but told, by ``--bpm`` or a cue.
    """

    start: float
    end: float
    tempo_bpm: float
    meter: int
    division: int = 2
    swing: float = 0.5
    confidence: float = 1.0
    tempo_given: bool = False


@dataclass(frozen=True)
class Score:
    """What the song does when. Times in seconds, ascending.

    Attributes:
        tempo_bpm: median tempo; 0 when there are no beats.
        beats: beat times, (n_beats,) float64.
        bars: downbeat times, (n_bars,) float64, a subset of the beats.
        drops: drop times, (n_drops,) float64.
        builds: (start, end) of each build-up; the end is a drop.
        sections: parts of the song, without gaps, from 0 to its end.
        stretches: runs in one tempo and metre, ascending, not overlapping; there may be gaps.
        second_bpm: the tempo that it may be instead, such as the double; 0 where none comes near.
    """

    tempo_bpm: float
    beats: NDArray[np.float64]
    bars: NDArray[np.float64]
    drops: NDArray[np.float64]
    builds: tuple[tuple[float, float], ...]
    sections: tuple[Section, ...]
    stretches: tuple[Stretch, ...] = ()
    second_bpm: float = 0.0


@dataclass(frozen=True)
class Analysis:
    """The whole song as curves on the frame clock, and its score.

    Attributes:
        fps: frames per second.
        n_frames: length of every curve.
        duration: of the song, seconds.
        score: tempo, beats, bars, sections, drops.
        signals: name → (n_frames,) float32; names, ranges and rules in the table of signals.
        bands: (n_frames, n_bands) float32 ≥ 0, the summarised spectrum; may be memory-mapped.
        recurrence: (n_nodes, 8) float32 in [−1, 1]: places of at most 4000 beats (two-second cells without them)
            in few dimensions, near each other where the music repeats.
        recurrence_times: (n_nodes,) float64 s, ascending: the middle of each node.
        hits: ``onset``, ``kick``, ``snare``, ``hat``, ``accent`` → times, (n,) float64 s, ascending, between frames.
        traits: of the song as a whole, against other songs: the names and units of `avwalk.features.traits`.
    """

    fps: Fraction
    n_frames: int
    duration: float
    score: Score
    signals: Mapping[str, Curve]
    bands: NDArray[np.float32]
    recurrence: NDArray[np.float32] = field(default_factory=lambda: np.zeros((0, 8), np.float32))
    recurrence_times: NDArray[np.float64] = field(default_factory=lambda: np.zeros(0))
    hits: Mapping[str, NDArray[np.float64]] = field(default_factory=dict)
    traits: Mapping[str, float] = field(default_factory=dict)
