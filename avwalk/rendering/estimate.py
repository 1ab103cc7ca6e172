"""Estimates what a film takes in time, memory, disk and money, from a few frames drawn and encoded as they will be."""

from __future__ import annotations

import os
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import numpy as np

from avwalk.contracts import Source
from avwalk.errors import OptionError
from avwalk.files.media import open_media
from avwalk.plan.plan import Plan
from avwalk.runners.segment_work import BATCH_BYTES, Drawing
from avwalk.runners.segments import Segment
from avwalk.runners.stages import Stages
from avwalk.runners.threads import draw_segments
from avwalk.spec.encoder import Encoder
from avwalk.video.encode import SegmentEncoder
from avwalk.video.mux import Sound

SPOTS = 3
"""Places of the film that are looked at, at least."""
BATCHES = 3
"""Batches drawn at a spot; the first is not counted: effects that follow from frame to frame begin there."""
BUDGET_SECONDS = 30.0
"""If those would take longer, single frames are drawn."""


@dataclass(frozen=True)
class Estimate:
    """What was measured, and what follows from it.

    Attributes:
        n_frames: of the film.
        sampled: frames that were timed.
        frame_seconds: wall-clock time of a frame, with all workers at work.
        workers: how many there were.
        memory_bytes: peak of the process so far; None where the system does not say.
        device_bytes: peak of the graphics card; None without one.
        price: of an hour; None: not asked for.
        file_bytes: of the film, with its sound.
    """

    n_frames: int
    sampled: int
    frame_seconds: float
    workers: int
    memory_bytes: int | None
    device_bytes: int | None
    price: float | None
    file_bytes: int = 0

    @property
    def seconds(self) -> float:
        """Drawing and encoding all frames; what was planned already is not in it."""
        return self.n_frames * self.frame_seconds

    @property
    def money(self) -> float | None:
        """For that time."""
        return None if self.price is None else self.price * self.seconds / 3600

    @property
    def line(self) -> str:
        """For people."""
        parts = [f"{self.n_frames} frames take about {_span(self.seconds)} ({_speed(self.frame_seconds)})"]
        if self.file_bytes:
            parts.append(f"a file of about {_size(self.file_bytes)}")
        if self.memory_bytes is not None:
            parts.append(f"memory {_size(self.memory_bytes)}")
        if self.device_bytes is not None:
            parts.append(f"of the graphics card {_size(self.device_bytes)}")
        if self.money is not None:
            parts.append(f"{_money(self.money)} at {self.price:g} an hour")
        return f"{', '.join(parts)}; measured on {self.sampled} frame{'s' * (self.sampled != 1)}"

    def as_json(self) -> dict[str, float | int | None]:
        """All numbers."""
        return {
            "n_frames": self.n_frames,
            "sampled": self.sampled,
            "seconds": round(self.seconds, 3),
            "frame_seconds": self.frame_seconds,
            "workers": self.workers,
            "memory_bytes": self.memory_bytes,
            "device_bytes": self.device_bytes,
            "file_bytes": self.file_bytes,
            "price": self.price,
            "money": self.money,
        }


def estimate(
    plan: Plan,
    source: Source,
    encoder: Encoder,
    *,
    sound: Sound | None = None,
    workers: int | None = None,
    price: float | None = None,
) -> Estimate:
    """Draws and encodes a few frames spread over the film, with as many workers as the film will have.

    Args:
        plan: of the film.
        source: of its frames; what it keeps from frame to frame it may keep.
        encoder: of the film.
        sound: of the film.
        workers: None: one for each processor.
        price: of an hour on this machine, in any currency.

    Raises:
        OptionError: the price is less than nothing.
    """
    if price is not None and not 0 <= price < float("inf"):
        raise OptionError(f"--price {price:g} is no price of an hour; give 0 or more")
    workers = max(1, min(workers or os.cpu_count() or 1, plan.n_frames))
    source.frames(plan.i0, plan.i0 + 1)  # kernels and weights load
    began = time.perf_counter()
    source.frames((plan.i0 + plan.i1) // 2, (plan.i0 + plan.i1) // 2 + 1)
    single = time.perf_counter() - began
    batch = max(1, min(8, BATCH_BYTES // (plan.size[0] * plan.size[1] * 12)))
    length = BATCHES * batch if single * SPOTS * BATCHES * batch <= BUDGET_SECONDS else 1
    spots = spread(plan.i0, plan.i1, length, workers)
    seconds, sampled, sizes = 0.0, 0, list[tuple[list[int], list[int]]]()
    with tempfile.TemporaryDirectory(prefix="avwalk-") as folder:
        for k in range(0, len(spots), workers):
            took, n = _timed(spots[k : k + workers], plan, source, encoder, Path(folder), workers)
            seconds, sampled = seconds + took, sampled + n
        sizes = [packet_sizes(Path(folder) / spot.name) for spot in spots]
    picture = (
        0 if encoder.delivery else picture_bytes(sizes, plan.n_frames, encoder, plan.fps, plan.film.segment_frames)
    )
    return Estimate(
        plan.n_frames,
        sampled,
        seconds / sampled,
        workers,
        peak_memory(),
        peak_device_memory(),
        price,
        picture and picture + (sound_bytes(sound) if sound else 0),
    )


def packet_sizes(path: Path) -> tuple[list[int], list[int]]:
    """Bytes of a segment's key frames, and of its other frames."""
    with open_media(path) as container:
        packets = [packet for packet in container.demux(container.streams.video[0]) if packet.size]
    return [p.size for p in packets if p.is_keyframe], [p.size for p in packets if not p.is_keyframe]


def picture_bytes(
    sizes: Sequence[tuple[list[int], list[int]]], n_frames: int, encoder: Encoder, fps: Fraction, segment_frames: int
) -> int:
    """Of all frames, from those of a few runs: these begin with key frames, which are rarer in the film.

    Args:
        sizes: of each run, from `packet_sizes`.
        n_frames: of the film.
        encoder: of it.
        fps: frames per second.
        segment_frames: of a segment, which begins with a key frame.
    """
    if encoder.bit_rate:
        return int(encoder.bit_rate / 8 * n_frames / fps)
    keys, others = ([size for run in sizes for size in run[k]] for k in (0, 1))
    n_keys = max(1, round(n_frames / min(encoder.gop(fps), segment_frames))) if others else n_frames
    key, other = (sum(found) / max(1, len(found)) for found in (keys, others))
    return round(n_keys * key + (n_frames - n_keys) * other)


def sound_bytes(sound: Sound) -> int:
    """Of a film's sound: as it is encoded, or its share of the song's file."""
    seconds = (sound.stop - sound.start) / sound.song.sample_rate
    if sound.codec == "none":
        return 0
    if sound.codec == "copy":
        return round(sound.song.path.stat().st_size * (sound.stop - sound.start) / sound.song.n_samples)
    bits = {"pcm_s16le": 16, "pcm_s24le": 24}.get(sound.codec, 0) * sound.sample_rate * sound.channels
    return round((bits or sound.bit_rate) / 8 * seconds)


def spread(i0: int, i1: int, length: int, workers: int) -> list[Segment]:
    """Runs of frames evenly over [i0, i1), each ``length`` long if there is room: `SPOTS` or more, all workers busy."""
    count = -(-SPOTS // workers) * workers
    length = max(1, min(length, (i1 - i0) // count))
    starts = np.rint(np.linspace(i0, i1 - length, min(count, i1 - i0))).astype(int)
    return [Segment(int(a), int(a) + length) for a in starts]


def _timed(
    spots: Sequence[Segment], plan: Plan, source: Source, encoder: Encoder, folder: Path, workers: int
) -> tuple[float, int]:
    """Seconds and frames, from when every worker has its first batch behind it; of single frames from the start."""
    total, there = sum(spot.i1 - spot.i0 for spot in spots), dict.fromkeys(spots, 0)
    began, counted = time.perf_counter(), total
    waiting = len(spots)

    def on_frames(spot: Segment, n: int, stages: Stages) -> None:
        nonlocal waiting, began, counted
        there[spot], waiting = n, waiting - 1
        if waiting == 0 and (left := total - sum(there.values())):
            began, counted = time.perf_counter(), left

    def open_writer(segment: Segment) -> SegmentEncoder:
        path = folder / segment.name
        return SegmentEncoder(path, plan.size, plan.fps, encoder, plan.film.seed, segment.i0)

    draw_segments(
        spots,
        Drawing(source, open_writer, plan.size[0] * plan.size[1] * 12),
        workers=workers,
        on_frames=on_frames,
        on_segment=lambda segment: None,
    )
    return time.perf_counter() - began, counted


def peak_memory() -> int | None:
    """The most memory that this process has had, bytes; None where the system does not say."""
    try:
        import resource
    except ImportError:
        return _peak_on_windows()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return int(peak if sys.platform == "darwin" else peak * 1024)


def _peak_on_windows() -> int | None:
    import ctypes

    class Counters(ctypes.Structure):
        _fields_ = [("cb", ctypes.c_ulong), ("faults", ctypes.c_ulong), *((f"n{k}", ctypes.c_size_t) for k in range(8))]

    counters = Counters()
    counters.cb = ctypes.sizeof(counters)
    try:
        kernel = ctypes.WinDLL("kernel32")  # type: ignore[attr-defined]
        kernel.GetCurrentProcess.restype = ctypes.c_void_p
        process = ctypes.c_void_p(kernel.GetCurrentProcess())
        told = kernel.K32GetProcessMemoryInfo(process, ctypes.byref(counters), counters.cb)
    except (AttributeError, OSError):
        return None
    return int(counters.n0) if told else None


def peak_device_memory() -> int | None:
    """The most memory that torch has taken of the graphics card, bytes; None if it has none or was not used."""
    torch = sys.modules.get("torch")
    if torch is None or not torch.cuda.is_available() or not torch.cuda.is_initialized():
        return None
    return int(torch.cuda.max_memory_reserved())


def _span(seconds: float) -> str:
    if seconds < 60:
        return f"{seconds:.2g} s" if seconds < 10 else f"{seconds:.0f} s"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes // 60} h {minutes % 60:02d} min" if minutes >= 60 else f"{minutes} min {rest:02d} s"


def _speed(frame_seconds: float) -> str:
    return f"{1 / frame_seconds:.3g} frames/s" if frame_seconds < 1 else f"{frame_seconds:.3g} s a frame"


def _size(n: int) -> str:
    return f"{n / 1e9:.1f} GB" if n >= 1e9 else f"{n / 1e6:.0f} MB"


def _money(amount: float) -> str:
    return f"{amount:.2f}" if amount >= 0.1 else f"{amount:.2g}"
