"""The sha256 of a song's samples: what is heard has a name that tags, names and containers have no part in."""

from __future__ import annotations

import hashlib

import numpy as np

from avwalk.audio.decode import read_song
from avwalk.contracts import Song
from avwalk.files.byte_cache import ByteCache

_FULL_SCALE = 32768
_CACHE = ByteCache("samples", 4 << 20, "songs are decoded once more for each film without a seed")


def samples_sha256(song: Song) -> str:
    """Hash of the decoded samples, hexadecimal; kept in the cache by the hash of the file.

    Of the samples as `read_song` gives them: encoder delay and padding are off as far as the container states them, so
    that AAC in MP4 with its edit list counts from the first sample of the song. They are rounded to 16 bits, ±1 =
    ±32768, clipped, and hashed as little-endian int16, channel by channel within a sample, behind the line
    ``"<sample rate> <channels>\\n"`` in ASCII. So WAV and FLAC of one recording have one hash, however many bits are
    in them; of a lossy file it is that of what its decoder makes of it, and another decoder may round otherwise.

    Raises:
        SongError: the file cannot be read any more.
    """
    name = f"{song.sha256}-{song.track}"
    if (kept := _CACHE.find(name)) is not None:
        return kept.decode("ascii")
    told = hashlib.sha256(f"{song.sample_rate} {song.channels}\n".encode())
    for block in read_song(song):
        scaled = np.clip(block * np.float32(_FULL_SCALE), -_FULL_SCALE, _FULL_SCALE - 1)
        told.update(np.rint(scaled).astype("<i2").tobytes())
    digest = told.hexdigest()
    _CACHE.store(name, digest.encode("ascii"))
    _CACHE.trim()
    return digest
