"""Probes a song: length in samples, sample rate, channels, codec, tags, content hash."""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np

from avwalk.audio.decode import BLOCK, raw_blocks, read_header
from avwalk.audio.header import Header
from avwalk.contracts import Song
from avwalk.errors import SongError
from avwalk.files.names import as_there


def probe(path: Path, track: int | None = None) -> Song:
    """Probes and hashes a song. Decodes it only where its headers cannot be trusted.

    Args:
        path: any sound file, or a video with sound; of the same letters in another Unicode form if there is none.
        track: which of its audio tracks, from 1; None: the one marked as the default.

    Raises:
        OptionError: two files of the same letters, in other Unicode forms.
        SongError: missing, not a file, empty, undecodable, without such a track, no samples, or no finite sample.
    """
    path = as_there(path)
    facts = read_header(path, track)
    warnings = list(facts.warnings)
    n_samples, nonfinite = facts.n_samples, 0
    if n_samples is None or facts.may_hold_nan:
        n_samples, nonfinite = _scan(path, facts)
        if facts.claimed is not None and facts.claimed - n_samples > 4096 and not warnings:
            warnings.append("the file is cut short; what is there is used")
    if n_samples == 0:
        raise SongError(f"song '{path}' holds no samples; give a file that holds sound")
    if nonfinite == n_samples * facts.channels:
        raise SongError(f"all {nonfinite} samples of '{path}' are NaN or infinite; export it again")
    if nonfinite:
        warnings.append(f"{nonfinite} samples are NaN or infinite and are read as 0")
    return Song(
        path=path,
        sha256=file_sha256(path),
        sample_rate=facts.sample_rate,
        channels=facts.channels,
        n_samples=n_samples,
        codec=facts.codec,
        title=facts.title,
        artist=facts.artist,
        nonfinite=nonfinite,
        warnings=tuple(warnings),
        speakers=facts.speakers,
        track=facts.track,
    )


def file_sha256(path: Path) -> str:
    """Hash of the file's bytes, hexadecimal, read blockwise.

    Raises:
        SongError: the file cannot be read.
    """
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise SongError(f"song '{path}' cannot be read: {error.strerror}; check its permissions") from None


def _scan(path: Path, facts: Header) -> tuple[int, int]:
    """Samples per channel, and how many samples are not finite."""
    n_samples = nonfinite = 0
    for block in raw_blocks(path, facts, 0, BLOCK):
        n_samples += len(block)
        if not np.isfinite(block.sum(dtype=np.float64)):
            nonfinite += int(np.count_nonzero(~np.isfinite(block)))
    return n_samples, nonfinite
