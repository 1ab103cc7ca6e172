"""The sound of a film and of its sections, encoded in the work folder while the pictures are made."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from types import TracebackType

import numpy as np
from numpy.typing import NDArray

from avwalk.soundtrack import blocks_of
from avwalk.video.mux import Sound, copied_from, encode_sound


class Sounds:
    """Encodes, as a context, in one thread beside those of the pictures. What is there from an earlier call is used.

    Args:
        sounds: name → what `avwalk.video.mux.plan_sound` gave.
        folder: where the encoded ones are kept.
    """

    def __init__(self, sounds: Mapping[str, Sound], folder: Path) -> None:
        self._sounds, self._folder = sounds, folder
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="sound")
        self._stop = threading.Event()
        self._ready: dict[str, Future[Sound]] = {}

    def __enter__(self) -> Sounds:
        self._ready = {name: self._pool.submit(self._made, name) for name in self._sounds}
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Waits for nothing: who stops the film stops its sound."""
        self._stop.set()
        self._pool.shutdown(wait=True, cancel_futures=True)

    def ready(self, name: str) -> Sound:
        """A sound as the film can copy it; waits until it is whole.

        Raises:
            AvwalkError: it could not be encoded or written.
        """
        return self._ready[name].result()

    def _made(self, name: str) -> Sound:
        sound = self._sounds[name]
        if sound.codec != "aac":
            return sound  # it is copied, or written as it is: that costs nothing
        file = self._folder / f"{name}.mp4"
        if not file.exists():
            encode_sound(sound, self._blocks(sound), file)
        return copied_from(file, sound)

    def _blocks(self, sound: Sound) -> Iterator[NDArray[np.float32]]:
        for block in blocks_of(sound):
            if self._stop.is_set():
                raise InterruptedError
            yield block
