"""Decodes any song to blocks of float32 samples, without encoder delay and padding.

soundfile reads what it reads well, PyAV the rest. NaN and infinite samples are read as 0. Memory use is one
block.
"""

from __future__ import annotations

import stat
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from avwalk.audio import pyav_reader, soundfile_reader
from avwalk.audio.header import Header
from avwalk.contracts import Song
from avwalk.errors import SongError
from avwalk.files.names import name_problem

BLOCK = 65536
MIN_RATE, MAX_RATE = 1000, 768_000
"""Samples per second: no sound that anybody hears has fewer, none that is sold has more."""
MAX_CHANNELS = 64
MAX_HOURS = 48


def read_blocks(path: Path, block: int = BLOCK) -> Iterator[NDArray[np.float32]]:
    """Decoded blocks of a file, (n, channels) float32, n ≤ block; NaN and infinities are 0.

    Raises:
        SongError: nothing in it can be read.
    """
    facts = read_header(path)
    for samples in raw_blocks(path, facts, 0, block):
        yield _finite(samples)


def read_song(song: Song, start: int = 0, stop: int | None = None, block: int = BLOCK) -> Iterator[NDArray[np.float32]]:
    """Samples [start, stop) of a probed song, zero-padded where the file holds fewer.

    Args:
        song: returned by `probe`.
        start: first sample, ≥ 0.
        stop: sample after the last one; the song's end for None.
        block: samples per block, at most.

    Raises:
        SongError: the file cannot be read any more.
    """
    stop = song.n_samples if stop is None else min(stop, song.n_samples)
    left = max(0, stop - start)
    if not left:
        return
    facts = read_header(song.path, song.track)
    for samples in raw_blocks(song.path, facts, start, block):
        yield _finite(samples[:left])
        left -= len(samples)
        if left <= 0:
            return
    while left > 0:
        n = min(left, block)
        yield np.zeros((n, song.channels), np.float32)
        left -= n


def read_header(path: Path, track: int | None = None) -> Header:
    """Header of a sound file and the reader that decodes it; nothing is decoded.

    Args:
        path: the file.
        track: which of its audio tracks, from 1; None: the one marked as the default.

    Raises:
        SongError: missing, not a file, empty, without readable sound, or without such a track.
    """
    if problem := name_problem(path):
        raise SongError(f"song {problem}")
    try:
        status = path.stat()
    except FileNotFoundError:
        raise SongError(f"song '{path}' does not exist; check the name") from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise SongError(f"song '{path}' cannot be opened: {reason}; check its name") from None
    if stat.S_ISDIR(status.st_mode):
        raise SongError(f"'{path}' is a folder; give one song file")
    if not stat.S_ISREG(status.st_mode):  # a device or FIFO could block for ever
        raise SongError(f"'{path}' is not a regular file; give a song file")
    if status.st_size == 0:
        raise SongError(f"song '{path}' is empty (0 bytes); give a file that holds sound")
    try:
        with path.open("rb") as file:
            file.read(1)
    except OSError as error:
        raise SongError(f"song '{path}' cannot be read: {error.strerror}; check its permissions") from None
    facts = soundfile_reader.header(path)
    if facts is not None and track not in (None, 1):
        raise SongError(pyav_reader.no_track(path, track or 0, 1))
    if facts is not None and facts.channels > 2 and not facts.speakers:
        facts = replace(facts, speakers=pyav_reader.named_speakers(path))
    if facts is None and (facts := pyav_reader.header(path, track)) and soundfile_reader.is_unclosed(path):
        facts = replace(facts, claimed=None, warnings=(soundfile_reader.NO_LENGTH,))
    if facts is None:
        raise SongError(
            f"'{path}' holds no sound that can be read; give a wav, flac, ogg, opus, mp3, m4a or video file"
        )
    if not MIN_RATE <= facts.sample_rate <= MAX_RATE:
        raise SongError(
            f"'{path}' says that it has {facts.sample_rate} samples per second; {MIN_RATE} to {MAX_RATE} are read"
        )
    if not 1 <= facts.channels <= MAX_CHANNELS:
        raise SongError(f"'{path}' says that it has {facts.channels} channels; 1 to {MAX_CHANNELS} are read")
    length = max(facts.n_samples or 0, facts.claimed or 0) / facts.sample_rate
    if length > MAX_HOURS * 3600:
        raise SongError(f"'{path}' says that it lasts {length / 3600:.0f} hours; {MAX_HOURS} at most are read")
    return facts


def raw_blocks(path: Path, facts: Header, start: int, block: int) -> Iterator[NDArray[np.float32]]:
    """Samples as the file has them, NaN included, (n, channels) float32, n ≤ block."""
    if facts.reader == "soundfile":
        return soundfile_reader.blocks(path, start, block)
    return pyav_reader.blocks(path, facts, start, block)


def _finite(samples: NDArray[np.float32]) -> NDArray[np.float32]:
    # a sum is finite unless a sample is not (or the block is absurdly loud): one pass instead of two
    if np.isfinite(samples.sum(dtype=np.float64)):
        return samples
    return np.where(np.isfinite(samples), samples, np.float32(0))
