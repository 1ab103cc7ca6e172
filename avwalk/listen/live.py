"""Live: a stream of sound, its utterances, and their pictures; who speaks again overtakes what is still waiting."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any, BinaryIO, Protocol

import numpy as np
from numpy.typing import NDArray

from avwalk.errors import AvwalkError, ModelError, OptionError
from avwalk.listen.voice_activity import Spoken, UtteranceCutter

Mono = NDArray[np.float32]
RATE = 16_000
"""Samples per second of what is recorded, as recognisers take it."""
_BLOCK_S = 0.1


class Worker(Protocol):
    """Makes a picture of an utterance; raises `AvwalkError` where it cannot."""

    def __call__(self, spoken: Spoken, ended: float) -> None:
        """``ended``: when the utterance was over, by `time.monotonic`."""
        ...


def pcm_blocks(stream: BinaryIO, rate: int = RATE) -> Iterator[Mono]:
    """Samples of raw PCM, signed 16 bits, little-endian, mono, as they come."""
    size, rest = 2 * max(1, round(_BLOCK_S * rate)), b""
    read = getattr(stream, "read1", stream.read)
    while data := read(size):
        data = rest + data
        rest = data[len(data) & ~1 :]
        yield np.frombuffer(data[: len(data) & ~1], "<i2").astype(np.float32) / np.float32(32768)


def device_blocks(device: str, rate: int = RATE) -> Iterator[Mono]:
    """Samples of a microphone, by the library sounddevice.

    Args:
        device: its name or number; empty: the usual one.
        rate: samples per second.

    Raises:
        ModelError: sounddevice or PortAudio is missing.
        OptionError: there is no such device, or it cannot be opened.
    """
    try:
        import sounddevice
    except (ImportError, OSError) as error:  # OSError: PortAudio is not there
        missing = "PortAudio" if isinstance(error, OSError) else "sounddevice"
        raise ModelError(
            f"a microphone needs {missing}, which is not here; pip install sounddevice, or send sound with -"
        ) from None
    blocks: queue.Queue[Mono] = queue.Queue(200)

    def take(data: Any, frames: int, moment: Any, status: Any) -> None:
        if not blocks.full():
            blocks.put(np.array(data[:, 0], np.float32))

    name: Any = int(device) if device.isdecimal() else device or None
    try:
        with sounddevice.InputStream(rate, round(_BLOCK_S * rate), name, 1, "float32", callback=take):
            while True:
                yield blocks.get()
    except (sounddevice.PortAudioError, ValueError) as error:
        raise OptionError(f"microphone '{device or 'default'}' cannot be opened: {str(error)[:120]}") from None


def listen_live(
    blocks: Iterator[Mono],
    rate: int,
    work: Worker,
    on_event: Callable[[str, Any], None],
    cutter: UtteranceCutter | None = None,
) -> None:
    """Cuts a stream into utterances and has each worked on in another thread, the latest first in line.

    An utterance that waits while a newer one comes is left out. When the stream ends, what is being worked on and the
    last one that waits are finished.

    Args:
        blocks: samples, (n,) float32 each.
        rate: samples per second.
        work: does what is to be done with an utterance.
        on_event: called with ``"spoken"`` and a `Spoken`, ``"overtaken"`` and a `Spoken`, ``"error"`` and an
            `AvwalkError`; from either thread.
        cutter: of the stream; None: as it is usual.
    """
    cutter = cutter or UtteranceCutter(rate)
    slot, ready, over = list[tuple[Spoken, float]](), threading.Condition(), threading.Event()

    def run() -> None:
        while True:
            with ready:
                while not slot and not over.is_set():
                    ready.wait()
                if not slot:
                    return
                spoken, ended = slot.pop()
            try:
                work(spoken, ended)
            except AvwalkError as error:
                on_event("error", error)

    def put(spoken: Spoken, ended: float) -> None:
        on_event("spoken", spoken)
        with ready:
            for before, _ in slot:
                on_event("overtaken", before)
            slot[:] = [(spoken, ended)]
            ready.notify()

    thread = threading.Thread(target=run, name="listen", daemon=True)
    thread.start()
    try:
        for block in blocks:
            now = time.monotonic()
            for spoken in cutter.push(block):
                # The pause by which its end is known is part of what one waits for.
                put(spoken, now - max(0.0, cutter.seconds - spoken.end_s))
        for spoken in cutter.finish():
            put(spoken, time.monotonic())
    finally:
        over.set()
        with ready:
            ready.notify()
        thread.join()
