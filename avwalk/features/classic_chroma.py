"""Mel power and chroma as Deep Music Visualizer computes them: librosa, 22 050 Hz, mono.

Used by ``chroma.classic`` only; all other walks take the signals of the analysis. librosa's constant-Q transform needs
the whole song at once: 5 MB per minute of sound, several times that while computing. The result is small and cached.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import json
import os
from collections.abc import Callable, Iterable
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from avwalk.arrays.sealed import sealed, unsealed
from avwalk.contracts import Song
from avwalk.errors import OptionError
from avwalk.events import warn_once
from avwalk.features.cache import cache_folder
from avwalk.files.atomic import atomic_file

RATE = 22050
N_MELS, TOP = 128, 8000  # mel bands and Hz
MAX_FILES = 200  # files in the cache, about 1 MB each for a song of seven minutes

Rows = NDArray[np.float32]
"""(13, T): mean mel power, then chroma from C; column j is centred on j · frame_length / 22 050 s."""


def classic_chroma(song: Song, blocks: Iterable[NDArray[np.float32]], frame_length: int = 512) -> Rows:
    """Power and chroma of a song, T = 1 + n // frame_length columns for its n samples at 22 050 Hz.

    Args:
        song: the probed song.
        blocks: (n, channels) float32, in order.
        frame_length: samples at 22 050 Hz; hop length; a multiple of 64, as librosa requires.
    """
    import librosa  # late: no other walk needs it

    y = _resampled(song, blocks)
    mel = librosa.feature.melspectrogram(y=y, sr=RATE, n_mels=N_MELS, fmax=TOP, hop_length=frame_length)
    chroma = librosa.feature.chroma_cqt(y=y, sr=RATE, hop_length=frame_length)
    n = min(mel.shape[1], chroma.shape[1])
    return np.concatenate([mel.mean(axis=0)[None, :n], chroma[:, :n]]).astype(np.float32)


def cached_classic_chroma(
    song: Song, open_blocks: Callable[[], Iterable[NDArray[np.float32]]], frame_length: int = 512
) -> Rows:
    """`classic_chroma`, read from the cache or computed and stored there.

    Args:
        song: the song to analyse.
        open_blocks: gives its sound from the beginning; called only on a cache miss.
        frame_length: as above.

    Raises:
        OptionError: the extra ``classic`` is not installed.
    """
    try:
        versions = [version("librosa"), version("soxr")]
    except PackageNotFoundError as error:
        raise OptionError(f"walk.classic needs {error.name}; pip install 'avwalk[classic]'") from None
    made_of = [song.sha256, song.n_samples, frame_length, *versions, *([song.track] if song.track > 1 else [])]
    name = hashlib.sha256(json.dumps(made_of).encode()).hexdigest()
    file = cache_folder().parent / "classic-chroma" / f"{name}.npy"
    with contextlib.suppress(OSError):
        data = file.read_bytes()
        if (whole := unsealed(data)) is not None:
            found: Rows = np.load(io.BytesIO(whole))
            with contextlib.suppress(OSError):  # of another user, say
                os.utime(file)  # used now: removed last
            return found
        warn_once(f"what is kept in '{file.parent}' is damaged, and is made again")
    rows = classic_chroma(song, open_blocks(), frame_length)
    try:
        _store(rows, file)
    except OSError as error:
        warn_once(f"nothing can be kept in '{file.parent}' ({error.strerror or error}); it is made again each time")
    return rows


def _resampled(song: Song, blocks: Iterable[NDArray[np.float32]]) -> NDArray[np.float32]:
    """The whole song, mono at 22 050 Hz, resampled as `librosa.load` does."""
    import soxr

    stream = soxr.ResampleStream(song.sample_rate, RATE, 1, dtype="float32", quality="HQ")
    parts = [stream.resample_chunk(block.mean(axis=1, dtype=np.float32)) for block in blocks]
    parts.append(stream.resample_chunk(np.zeros(0, np.float32), last=True))
    return np.concatenate(parts)


def _store(rows: Rows, file: Path) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    data = io.BytesIO()
    np.save(data, rows)
    with atomic_file(file, unique=True) as part:
        part.write_bytes(sealed(data.getvalue()))
    for old in sorted(file.parent.glob("*.npy"), key=lambda path: path.stat().st_mtime)[:-MAX_FILES]:
        old.unlink(missing_ok=True)
