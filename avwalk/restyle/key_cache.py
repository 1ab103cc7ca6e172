"""Disk cache of painted keyframes, addressed by their inputs: the same picture is painted once.

PNG files of 16 bits, each named by a sha256 over the source picture and everything that painting it depends on, with
the sha256 of its own bytes behind its end. They are written under a temporary name and renamed when complete; a damaged
one is painted again; if the folder cannot be written, nothing is cached, and that is said once. Of files that earlier
versions wrote, the checksums of PNG have to do.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from avwalk.arrays.sealed import is_sealed, sealed, unsealed
from avwalk.events import warn_once
from avwalk.files.atomic import atomic_file
from avwalk.files.png_text import is_whole_png
from avwalk.restyle.frame_cache import Picture

LIMIT = 8 << 30  # bytes; those used longest ago are removed when the folder grows beyond it
END = b"\x00\x00\x00\x00IEND\xaeB`\x82"
SLACK = 256 << 20  # bytes written before the folder is looked through again

KeyImage = NDArray[np.uint16]
"""A painted picture, (H, W, 3) R G B in 16 bits."""


def cache_folder() -> Path:
    """``AVWALK_CACHE_DIR`` if set, else the user's cache folder of this platform; then ``restyle``."""
    chosen = os.environ.get("AVWALK_CACHE_DIR")
    if chosen:
        return Path(chosen) / "restyle"
    from avwalk.settings import user_folder

    return user_folder("cache", author=True) / "restyle"


def name_of(picture: Picture, settings: Mapping[str, Any], values: Sequence[float], noise: NDArray[np.float32]) -> str:
    """Cache key of a painted picture.

    Args:
        picture: source picture, (h, w, 3), 8 bits, as the painter receives it.
        settings: JSON values that hold for the whole film: model, prompts, steps, scheduler, size.
        values: numbers of this keyframe: strength, guidance, prompt.
        noise: its initial noise.
    """
    text = json.dumps([settings, [float(v) for v in values], picture.shape, noise.shape], sort_keys=True)
    digest = hashlib.sha256(text.encode())
    digest.update(np.ascontiguousarray(picture).data)
    digest.update(np.ascontiguousarray(noise).data)
    return digest.hexdigest()


class KeyCache:
    """A size-limited folder of painted keyframes.

    Args:
        folder: None: nothing is cached.
        limit: maximum bytes.
    """

    def __init__(self, folder: Path | None, limit: int = LIMIT) -> None:
        self._folder, self._limit = folder, limit
        self._written = SLACK  # looked through at the first write
        self._lock = threading.Lock()

    def find(self, name: str) -> KeyImage | None:
        """The picture of a cache key; None if missing or damaged."""
        if self._folder is None:
            return None
        path = self._folder / f"{name}.png"
        try:
            data = path.read_bytes()
        except FileNotFoundError:
            return None
        except OSError as error:
            warn_once(f"painted pictures in '{self._folder}' cannot be read ({error.strerror}), and are painted again")
            return None
        inner = unsealed(data) if is_sealed(data) else data if data.endswith(END) and is_whole_png(data) else None
        try:
            found = None if inner is None else cv2.imdecode(np.frombuffer(inner, np.uint8), cv2.IMREAD_UNCHANGED)
        except cv2.error:
            found = None
        if found is None:
            warn_once(f"painted pictures in '{self._folder}' are damaged, and are painted again")
        if found is None or found.dtype != np.uint16 or found.ndim != 3:
            return None
        with contextlib.suppress(OSError):  # of another user, say
            os.utime(path)  # used now: removed last
        return np.ascontiguousarray(found[..., ::-1])

    def store(self, name: str, picture: KeyImage) -> None:
        """Writes a picture; that it cannot be written is said once, and no error."""
        if self._folder is None:
            return
        quick = [cv2.IMWRITE_PNG_COMPRESSION, 1]
        data = cv2.imencode(".png", np.ascontiguousarray(picture[..., ::-1]), quick)[1].tobytes()
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            with atomic_file(self._folder / f"{name}.png", unique=True) as part:
                part.write_bytes(sealed(data))
        except OSError as error:
            warn_once(
                f"painted pictures cannot be kept in '{self._folder}' ({error.strerror}); each film paints its own"
            )
        self._trim(len(data), name)

    def _trim(self, written: int, newest: str) -> None:
        """Removes the least recently used files until the folder is small enough."""
        if self._folder is None:
            return
        with self._lock:
            self._written += written
            if self._written < min(SLACK, self._limit // 8):
                return
            self._written = 0
        entries = []
        with contextlib.suppress(OSError):
            for path in self._folder.glob("*.png"):
                with contextlib.suppress(OSError):  # another process was faster
                    status = path.stat()
                    entries.append((status.st_mtime, status.st_size, path))
        total = sum(size for _, size, _ in entries)
        for _, size, path in sorted(entries):
            if total <= self._limit:
                break
            if path.stem != newest:
                with contextlib.suppress(OSError):
                    path.unlink()
                    total -= size
