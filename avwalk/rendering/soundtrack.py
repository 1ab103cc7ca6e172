"""The film's sound, encoded into the work folder while frames are drawn: finishing only copies packets."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from types import TracebackType

import numpy as np
from numpy.typing import NDArray

from avwalk.audio.decode import read_song
from avwalk.clock import Clock
from avwalk.files.atomic import output_error, part_of, rename_whole
from avwalk.files.checksums import State, sha256_of, state_of, write_record
from avwalk.rendering import sound_cache
from avwalk.video.mux import Sound, copied_from, encode_sound


def blocks_of(sound: Sound) -> Iterable[NDArray[np.float32]]:
    """The song's samples under a film's sound."""
    return read_song(sound.song, sound.start, sound.stop)


def samples(clock: Clock, i0: int, i1: int) -> tuple[int, int]:
    """The song's samples under frames [i0, i1): the whole song when these are all its frames."""
    stop = clock.n_samples if i1 == clock.n_frames else min(clock.n_samples, clock.sample(i1))
    return min(clock.sample(i0), stop - 1), stop


class Soundtrack:
    """The sound of one or more videos of a film. As a context it encodes AAC in one thread beside the pictures.

    Other sound is copied or written as it is: that costs nothing, so it waits for the join. A file that is there from
    a render that was interrupted is used if it is as its record says, else made again.

    Args:
        sounds: name → what `avwalk.video.mux.plan_sound` gave.
        folder: where the encoded ones are kept.
        label: of the film.
    """

    def __init__(self, sounds: Mapping[str, Sound], folder: Path, label: str) -> None:
        self._sounds, self._folder, self._label = sounds, folder, label
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="sound")
        self._stop = threading.Event()
        self._ready: dict[str, Future[Sound]] = {}

    def __enter__(self) -> Soundtrack:
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
            return sound
        file = self._folder / f"{name}.mp4"
        state = state_of(file, self._label)
        if state is State.DAMAGED:
            logging.getLogger(__name__).warning(f"'{file}' is damaged, and is encoded again")
        if state is not State.WHOLE and not self._fetched(sound, file):
            encode_sound(sound, self._blocks(sound), file, self._record)
            sound_cache.keep(sound, file, sha256_of(file))
        return copied_from(file, sound)

    def _fetched(self, sound: Sound, file: Path) -> bool:
        """Takes the sound as an earlier film has encoded it, if one has."""
        part = part_of(file)
        try:
            if not sound_cache.fetch(sound, part):
                return False
            self._record(part, file)
            rename_whole(part, file)
        except OSError as error:
            part.unlink(missing_ok=True)
            raise output_error(file, error) from None
        return True

    def _record(self, part: Path, file: Path) -> None:
        write_record(file, self._label, {file: sha256_of(part)})

    def _blocks(self, sound: Sound) -> Iterator[NDArray[np.float32]]:
        for block in blocks_of(sound):
            if self._stop.is_set():
                raise InterruptedError
            yield block
