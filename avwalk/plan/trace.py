"""The trace of a song that a preset draws, see `avwalk.matter.sound`."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from avwalk.audio.decode import read_song
from avwalk.config.preset import Sound
from avwalk.contracts import Analysis, Song
from avwalk.features.signals import PITCH_NAMES
from avwalk.features.trace_cache import cached_trace, past_rows

WAVEFORMS = {"ring": "closed", "ridge": "open", "ribbon": "open", "lissajous": "pair"}
"""Shape → the kind of waveform that it is made of, see `avwalk.features.traces`."""


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
