"""The analysis of a song: from the cache, corrected by its cues."""

from __future__ import annotations

import dataclasses
import logging
from collections.abc import Callable
from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from avwalk.audio.decode import read_song
from avwalk.contracts import Analysis, Song
from avwalk.errors import CuesError, OptionError
from avwalk.features.cache import cached_analysis
from avwalk.features.classic_chroma import Rows, cached_classic_chroma
from avwalk.features.signals import PITCH_NAMES, Grid, musical_time
from avwalk.features.spectrum import BandOptions
from avwalk.features.trace_cache import cached_trace, past_rows
from avwalk.score.cues import Cues

if TYPE_CHECKING:
    from avwalk.config.preset import Sound, Walk

WAVEFORMS = {"ring": "closed", "ridge": "open", "ribbon": "open", "lissajous": "pair"}
"""Shape → the kind of waveform that it is made of, see `avwalk.features.traces`."""
SLOWEST, FASTEST = 10.0, 1000.0  # BPM: beyond them a tempo is a mistake


class LazyAnalysis:
    """A song's analysis, made when it is first asked for and then handed on.

    Args:
        analyze: makes it.
    """

    def __init__(self, analyze: Callable[[], Analysis]) -> None:
        self._analyze = analyze
        self.made: Analysis | None = None
        """What was made; None: nobody has asked yet."""

    def __call__(self) -> Analysis:
        """The analysis."""
        if self.made is None:
            self.made = self._analyze()
        return self.made


def corrected(analysis: Analysis, cues: Cues) -> Analysis:
    """The same sound with the artist's score: the score, and the signals that follow from it.

    Args:
        analysis: as found.
        cues: the artist's.

    Raises:
        CuesError: times that this song does not have, a line each.
    """
    if not cues:
        return analysis
    from avwalk.score.correction import correct  # late: most songs have none

    score, problems = correct(analysis, cues)
    if problems:
        raise CuesError("\n".join(problems))
    signals = {**analysis.signals, **musical_time(score, Grid(analysis.fps, analysis.n_frames))}
    return dataclasses.replace(analysis, score=score, signals=signals)


def analysis_of(
    song: Song,
    fps: Fraction,
    *,
    bpm: float | None = None,
    first_beat: float | None = None,
    walk: Walk | None = None,
    cues: Cues | None = None,
) -> Analysis:
    """A song's analysis, made once and kept in the cache, corrected by cues.

    Args:
        song: probed.
        fps: frames per second.
        bpm: overrules the tempo found.
        first_beat: overrules where the beats begin, seconds.
        walk: how the bands are summarised; None for the defaults.
        cues: the artist's.

    Raises:
        SongError: the song cannot be read.
        CuesError: the cues name times that it does not have.
        OptionError: a tempo that no song has, or a first beat outside the song.
    """
    if bpm is not None and not SLOWEST < bpm < FASTEST:
        raise OptionError(f"bpm {bpm:g} is no tempo; give one between {SLOWEST:g} and {FASTEST:g} beats per minute")
    seconds = song.n_samples / song.sample_rate
    if first_beat is not None and not 0 <= first_beat < seconds:
        raise OptionError(f"first_beat {first_beat:g} s lies outside the song, which has {seconds:.3f} s")
    bands = walk and BandOptions(**{each.name: getattr(walk, each.name) for each in dataclasses.fields(BandOptions)})
    found = cached_analysis(song, lambda: read_song(song), fps, bpm=bpm, first_beat=first_beat, bands=bands)
    if not found.signals["rms"].any():
        logging.getLogger(__name__).warning("nothing sounds in this song: the picture has nothing to follow")
    if bpm is not None:
        told = tuple(dataclasses.replace(stretch, tempo_given=True) for stretch in found.score.stretches)
        found = dataclasses.replace(found, score=dataclasses.replace(found.score, stretches=told, second_bpm=0.0))
    return corrected(found, cues or Cues())


def classic_rows(song: Song, walk: Walk) -> Rows | None:
    """What Deep Music Visualizer hears in a song, if the walk is its classic one."""
    if not (walk.classic and walk.kind == "chroma"):
        return None
    return cached_classic_chroma(song, lambda: read_song(song))


def trace_of(song: Song, sound: Sound, analysis: Analysis) -> NDArray[np.float16]:
    """What is drawn of a song's sound.

    Args:
        song: the probed song.
        sound: how it is drawn.
        analysis: of the song.

    Returns:
        (past + n_frames, columns) float16, of which the last n_frames rows are those of the frames; (0, 0): nothing is.
    """
    if sound.shape == "none":
        return np.zeros((0, 0), np.float16)
    if sound.shape == "chroma":
        rows = np.stack([analysis.signals[f"chroma.{pitch}"] for pitch in PITCH_NAMES], axis=1)
        return np.pad(rows.astype(np.float16), ((past_rows(analysis.fps), 0), (0, 0)))
    kind = "spectrum" if sound.source == "spectrum" and sound.shape != "lissajous" else WAVEFORMS[sound.shape]
    return cached_trace(song, lambda: read_song(song), analysis.fps, kind)
