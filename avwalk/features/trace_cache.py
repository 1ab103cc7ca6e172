"""Traces in the user's cache: files that a plan reads by slice, named by what they were made of and by sha256."""

from __future__ import annotations

import contextlib
import hashlib
import json
import math
import os
import tempfile
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from avwalk.clock import Clock
from avwalk.contracts import Song
from avwalk.events import warn_once
from avwalk.features.traces import COLUMNS, Blocks, fill_trace
from avwalk.files.byte_cache import cache_folder, trim
from avwalk.files.checksums import sha256_of

TRACE_VERSION = 3  # raise it with every change of what a trace holds
LIMIT = 512 << 20  # bytes, about nine hours of waveforms
PAST = 7.0
"""Seconds of silence before the first frame, as rows: what shows the past has one everywhere."""


def past_rows(fps: Fraction) -> int:
    """Rows of a trace before that of the first frame."""
    return math.ceil(PAST * fps)


def cached_trace(song: Song, open_blocks: Callable[[], Blocks], fps: Fraction, kind: str) -> NDArray[np.float16]:
    """The trace of a song, read from the cache or made and kept there.

    Args:
        song: the probed song.
        open_blocks: gives its sound from the beginning, (n, channels) float32; called only on a cache miss.
        fps: frames per second.
        kind: one of `COLUMNS`.

    Returns:
        (`past_rows` + n_frames, COLUMNS[kind]) float16; mapped from a file, unless none can be kept.
    """
    folder, key = cache_folder("traces"), _key(song, fps, kind)
    with contextlib.suppress(OSError):
        for file in folder.glob(f"{key}-*.npy"):
            if sha256_of(file) == file.stem.partition("-")[2]:
                os.utime(file)  # used now: removed last
                return _mapped(file)
    n = past_rows(fps) + Clock(fps, song.sample_rate, song.n_samples).n_frames
    try:
        folder.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(prefix="part-", suffix=".npy", dir=folder)
        os.close(handle)
        part = Path(name)
        try:
            rows = np.lib.format.open_memmap(part, "w+", np.float16, (n, COLUMNS[kind]))
            fill_trace(rows[past_rows(fps) :], song, open_blocks(), fps, kind)
            rows.flush()
            del rows  # Windows does not rename an open file
            file = folder / f"{key}-{sha256_of(part)}.npy"
            part.replace(file)
        finally:
            part.unlink(missing_ok=True)
        trim(folder, LIMIT)
        return _mapped(file)
    except OSError as error:
        warn_once(f"nothing can be kept in '{folder}' ({error.strerror or error}); it is made again each time")
    whole = np.zeros((n, COLUMNS[kind]), np.float16)
    fill_trace(whole[past_rows(fps) :], song, open_blocks(), fps, kind)
    return whole


def _mapped(file: Path) -> NDArray[np.float16]:
    return np.load(file, mmap_mode="r").view(np.ndarray)  # type: ignore[no-any-return]  # a memmap's slices are slow


def _key(song: Song, fps: Fraction, kind: str) -> str:
    """32 hexadecimal digits that stand for all that a trace depends on."""
    made_of = [TRACE_VERSION, song.sha256, song.track, song.sample_rate, song.n_samples, str(fps), kind, PAST]
    return hashlib.sha256(json.dumps(made_of).encode()).hexdigest()[:32]
