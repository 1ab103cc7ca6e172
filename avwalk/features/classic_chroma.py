"""What Deep Music Visualizer hears: mel power and chroma, by librosa, of the song at 22 050 Hz in mono.

Only its formulas as they were ask for it; all other walks take the signals of the analysis. It needs the whole song
at once (librosa's constant-Q transform does): 5 MB for each minute of sound, and several times that while it is
made. The result is small and kept in the cache.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import tempfile
from collections.abc import Callable, Iterable
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from avwalk.contracts import Song
from avwalk.errors import OptionError
from avwalk.features.cache import cache_folder

RATE = 22050
N_MELS, TOP = 128, 8000  # mel bands and Hz
KEPT = 200  # files in the cache, about 1 MB each for a song of seven minutes

Rows = NDArray[np.float32]
"""(13, T): mean mel power, then chroma from C; column j is centred on j · frame_length / 22 050 s."""


def classic_chroma(song: Song, blocks: Iterable[NDArray[np.float32]], frame_length: int = 512) -> Rows:
    """Power and chroma of a song, T = 1 + n // frame_length columns for its n samples at 22 050 Hz.

    Args:
        song: what is read.
        blocks: (n, channels) float32, in order.
        frame_length: samples at 22 050 Hz; a multiple of 64, else librosa refuses it.
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
    """The same from the cache if it is there, else made and put there.

    Args:
        song: what is analysed.
        open_blocks: gives its sound from the beginning; called only if need be.
        frame_length: as above.

    Raises:
        OptionError: the extra ``classic`` is not installed.
    """
    try:
        versions = [version("librosa"), version("soxr")]
    except PackageNotFoundError as error:
        raise OptionError(f"walk.classic needs {error.name}; pip install 'avwalk[classic]'") from None
    made_of = [song.sha256, song.n_samples, frame_length, *versions]
    name = hashlib.sha256(json.dumps(made_of).encode()).hexdigest()
    file = cache_folder().parent / "classic-chroma" / f"{name}.npy"
    with contextlib.suppress(OSError, ValueError, EOFError):
        found: Rows = np.load(file)
        os.utime(file)  # used now: removed last
        return found
    rows = classic_chroma(song, open_blocks(), frame_length)
    with contextlib.suppress(OSError):  # a folder that cannot be written is no error: it is made again
        _store(rows, file)
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
    handle, part = tempfile.mkstemp(suffix=".part", dir=file.parent)
    with os.fdopen(handle, "wb") as out:
        np.save(out, rows)
    Path(part).replace(file)
    for old in sorted(file.parent.glob("*.npy"), key=lambda path: path.stat().st_mtime)[:-KEPT]:
        old.unlink(missing_ok=True)
