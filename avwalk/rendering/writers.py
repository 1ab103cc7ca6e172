"""Writers of a segment: an encoded piece of the film, or numbered PNG frames."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np
from numpy.typing import NDArray

from avwalk.arrays.colour import LUMA
from avwalk.contracts import Frames
from avwalk.errors import VideoError
from avwalk.files.atomic import save_array
from avwalk.plan.plan import Plan
from avwalk.rendering.work_folder import WorkFolder
from avwalk.runners.segments import Segment
from avwalk.spec import Encoder
from avwalk.video.encode import SegmentEncoder, write_png_sequence
from avwalk.video.flashes import FlashMeter
from avwalk.video.sync import HEIGHT, WIDTH, correlate, flicker, luma_change, picture_change

MIN_HITS = 8  # fewer say nothing: by chance some lag fits


class FilmWriter:
    """Encodes a segment, and measures on the way how its picture changes: the film need not be decoded for it."""

    def __init__(self, work: WorkFolder, segment: Segment, plan: Plan, encoder: Encoder) -> None:
        self.path = work.file(segment)
        seed = plan.film.seed
        self._encoder = SegmentEncoder(self.path, plan.size, plan.fps, encoder, seed, segment.i0)
        self._lumas: list[NDArray[np.float32]] = []
        self._flashes = FlashMeter(plan.fps) if is_unseen(plan) else None

    def write(self, frames: Frames) -> None:
        """The next frames.

        Raises:
            VideoError: a frame that is no picture: a film must not hold it silently.
        """
        for frame in frames:
            small = cv2.resize(frame, (WIDTH, HEIGHT), interpolation=cv2.INTER_AREA)
            luma = small @ LUMA
            if not np.isfinite(luma).all():
                raise VideoError("the generator drew a frame that is no picture (NaN); try another --seed")
            self._lumas.append(luma)
            if self._flashes:
                self._flashes.push(small[None])
        self._encoder.write(frames)

    def close(self) -> None:
        """Measures first: a segment that has its final name is whole."""
        flashes = self._flashes.per_second() if self._flashes else np.zeros(len(self._lumas))
        changes = [*picture_change(self._lumas), luma_change(self._lumas), flashes]
        save_array(_measured(self.path), np.stack(changes))
        self._encoder.close()

    def abort(self) -> None:
        """Leaves nothing."""
        self._encoder.abort()


class PictureWriter:
    """Writes PNG files; an empty file with the segment's name says that all of them are there."""

    path = None

    def __init__(self, work: WorkFolder, segment: Segment, plan: Plan, encoder: Encoder) -> None:
        self._marker = work.file(segment)
        self._folder = work.path / "frames"
        self._seed, self._next = plan.film.seed, segment.i0

    def write(self, frames: Frames) -> None:
        """The next frames."""
        write_png_sequence(self._folder, frames, self._seed, self._next)
        self._next += len(frames)

    def close(self) -> None:
        """All pictures are there."""
        self._marker.write_bytes(b"")

    def abort(self) -> None:
        """Pictures that are there stay: they will be written again."""


def is_unseen(plan: Plan) -> bool:
    """Whether no scout knows what the film will show, so that its flashes are counted while it is written."""
    return plan.film.look.restyle is not None or plan.decisions.flashes is None


def is_whole(path: Path, segment: Segment, pictures: bool) -> bool:
    """Whether a segment is finished: there under its final name, and with the right number of frames."""
    if not path.exists() or pictures:
        return path.exists()
    return n_packets(path) == segment.i1 - segment.i0 and _measured(path).exists()


def n_packets(path: Path) -> int:
    """Encoded frames in a segment's file; 0 if it is not there, or cannot be read."""
    try:
        with av.open(f"file:{path.absolute()}") as container:
            return sum(1 for packet in container.demux(container.streams.video[0]) if packet.size)
    except (av.error.FFmpegError, OSError, IndexError):
        return 0


def measure_sync(files: Sequence[Path], events: NDArray[np.float64], plan: Plan) -> dict[str, Any]:
    """How the picture follows the hits, from what the writers measured.

    Segments are measured on their own: the change across a border counts as that of the frame after it.

    Returns:
        ``lag_frames``, ``correlation``, ``luma_pump``, None where the film has fewer than `MIN_HITS`;
        ``flicker``, mean |ΔY| away from all hits; and ``flashes``, the most in a second.
    """
    frames = np.round(events[:, 0] * float(plan.fps)).astype(np.int64) - plan.i0
    inside = (frames >= 0) & (frames < plan.n_frames)
    change, pump, moved, flashes = np.concatenate([np.load(_measured(file)) for file in files], axis=1)
    found = {
        "flicker": round(flicker(moved, frames[inside], float(plan.fps)), 5),
        "flashes": float(flashes.max()) if is_unseen(plan) else plan.decisions.flashes,
    }
    if inside.sum() < MIN_HITS:
        return {"lag_frames": None, "correlation": None, "luma_pump": None, **found}
    r, lag = correlate(change, frames[inside], events[inside, 1])
    return {
        "lag_frames": lag,
        "correlation": round(r, 4),
        "luma_pump": round(correlate(pump, frames[inside], events[inside, 1])[0], 4),
        **found,
    }


def _measured(path: Path) -> Path:
    return path.with_suffix(".npy")
