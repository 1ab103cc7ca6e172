"""The film's sound, made in the work folder while the pictures are drawn: the end only copies packets."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator
from types import TracebackType

import numpy as np
from numpy.typing import NDArray

from avwalk.audio.decode import read_song
from avwalk.clock import Clock
from avwalk.plan import Plan
from avwalk.request import Request
from avwalk.segments import WorkFolder
from avwalk.video.mux import Sound, copied_from, encode_sound, plan_sound


class Soundtrack:
    """The sound under a plan's frames. As a context it encodes AAC in a thread of its own.

    Other sound is copied or written as it is: that costs nothing, so it waits for the join. A file that is
    there from a render that was interrupted is used.
    """

    def __init__(self, plan: Plan, request: Request, work: WorkFolder) -> None:
        self.sound = sound_of(plan, request, plan.i1)
        self._file = work.path / "sound.mp4"
        self._stop = threading.Event()
        self._failure: BaseException | None = None
        self._thread = threading.Thread(target=self._encode, name="sound")

    def __enter__(self) -> Soundtrack:
        if self.sound.codec == "aac" and not self._file.exists():
            self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop.set()
        if self._thread.ident:
            self._thread.join()

    def ready(self) -> Sound:
        """Waits until the sound can be joined.

        Raises:
            AvwalkError: it could not be encoded or written.
        """
        if self.sound.codec != "aac":
            return self.sound
        if self._thread.ident:
            self._thread.join()
        if self._failure:
            raise self._failure
        return copied_from(self._file, self.sound)

    def _encode(self) -> None:
        try:
            encode_sound(self.sound, self._blocks(), self._file)
        except BaseException as error:
            self._failure = error

    def _blocks(self) -> Iterator[NDArray[np.float32]]:
        for block in blocks_of(self.sound):
            if self._stop.is_set():
                raise InterruptedError
            yield block


def sound_of(plan: Plan, request: Request, i1: int) -> Sound:
    """How the song goes into a film of the plan's frames up to ``i1``."""
    return plan_sound(request.song, request.encoder, samples(request.clock, plan.i0, i1), request.options.audio)


def blocks_of(sound: Sound) -> Iterable[NDArray[np.float32]]:
    """The song's samples under a film's sound."""
    return read_song(sound.song, sound.start, sound.stop)


def samples(clock: Clock, i0: int, i1: int) -> tuple[int, int]:
    """The song's samples under frames [i0, i1): the whole song when these are all its frames."""
    stop = clock.n_samples if i1 == clock.n_frames else min(clock.n_samples, clock.sample(i1))
    return min(clock.sample(i0), stop - 1), stop
