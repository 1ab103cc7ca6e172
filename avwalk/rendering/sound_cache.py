"""Encoded sound in the user's cache: the same samples are encoded once, whatever is seen with them.

A file is named by what its sound was made of and by its own sha256; what is damaged is not there.
"""

from __future__ import annotations

import contextlib
import hashlib
import importlib.metadata
import json
import os
import shutil
from pathlib import Path

from avwalk.events import warn_once
from avwalk.files.atomic import atomic_file
from avwalk.files.byte_cache import cache_folder, trim
from avwalk.files.checksums import sha256_of
from avwalk.spec import PIXELS_VERSION
from avwalk.video.mux import Sound

LIMIT = 1 << 30  # bytes, about seven hours of sound


def fetch(sound: Sound, file: Path) -> bool:
    """Copies the encoded sound into a file; False if it is not there.

    Raises:
        OSError: the file cannot be written.
    """
    for kept in _folder().glob(f"{_key(sound)}-*.mp4"):
        try:
            whole = sha256_of(kept) == kept.stem.partition("-")[2]
        except OSError:  # another process was faster
            continue
        if whole:
            shutil.copyfile(kept, file)
            with contextlib.suppress(OSError):
                os.utime(kept)  # used now: removed last
            return True
    return False


def keep(sound: Sound, file: Path, digest: str) -> None:
    """Keeps an encoded sound; that it cannot be written is said once, and no error.

    Args:
        sound: what it was made of.
        file: where it is.
        digest: sha256 of the file.
    """
    folder = _folder()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with atomic_file(folder / f"{_key(sound)}-{digest}.mp4", unique=True) as part:
            shutil.copyfile(file, part)
    except OSError as error:
        warn_once(f"sound cannot be kept in '{folder}' ({error.strerror or error}); each film encodes its own")
    trim(folder, LIMIT)


def _folder() -> Path:
    return cache_folder("sounds")


def _key(sound: Sound) -> str:
    """32 hexadecimal digits that stand for all that the encoded sound depends on."""
    song = sound.song
    source = [song.sha256, song.track, song.sample_rate, song.channels, song.n_samples, song.speakers]
    made = [sound.start, sound.stop, sound.codec, sound.sample_rate, sound.channels, sound.speakers, sound.bit_rate]
    text = json.dumps([PIXELS_VERSION, importlib.metadata.version("av"), source, made])
    return hashlib.sha256(text.encode()).hexdigest()[:32]
