"""Writers of a segment: an encoded piece of the film, or numbered PNG frames."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np
from numpy.typing import NDArray

from avwalk.arrays.colour import LUMA
from avwalk.contracts import Frames
from avwalk.errors import VideoError
from avwalk.files.atomic import write_file
from avwalk.files.media import open_media
from avwalk.runners.segments import Segment
from avwalk.video.encode import SegmentEncoder, write_png_sequence
from avwalk.video.flashes import FlashMeter
from avwalk.video.sync import HEIGHT, WIDTH, correlate, flicker, luma_change, picture_change

MIN_HITS = 8  # fewer say nothing: by chance some lag fits


class FilmWriter:
    """Encodes a segment, and measures on the way how its picture changes: the film need not be decoded for it.

    Args:
        encoder: of the segment.
        flashes: counts them; None: they are known.
        decisions: digest of the plan's, kept in the segment's record: one drawn by others is drawn again.
    """

    def __init__(self, encoder: SegmentEncoder, flashes: FlashMeter | None, decisions: str) -> None:
        self.path = encoder.path
        self._encoder, self._flashes, self._decisions = encoder, flashes, decisions
        self._lumas: list[NDArray[np.float32]] = []

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
        changes = np.stack([*picture_change(self._lumas), luma_change(self._lumas), flashes])
        record = io.BytesIO()
        np.savez(record, changes=changes, decisions=self._decisions)
        write_file(_record(self.path), record.getvalue())
        self._encoder.close()

    def abort(self) -> None:
        """Leaves nothing."""
        self._encoder.abort()


class PictureWriter:
    """Writes PNG files; a file with the segment's name says that all of them are there.

    Args:
        marker: that file.
        folder: where the pictures go.
        seed: of the film, for the dither.
        first_frame: index of the first picture.
        decisions: digest of the plan's, which the marker holds.
    """

    path = None

    def __init__(self, marker: Path, folder: Path, seed: int, first_frame: int, decisions: str) -> None:
        self._marker, self._folder, self._decisions = marker, folder, decisions
        self._seed, self._next = seed, first_frame

    def write(self, frames: Frames) -> None:
        """The next frames."""
        write_png_sequence(self._folder, frames, self._seed, self._next)
        self._next += len(frames)

    def close(self) -> None:
        """All pictures are there."""
        write_file(self._marker, self._decisions.encode())

    def abort(self) -> None:
        """Pictures that are there stay: they will be written again."""


def is_encoded(path: Path, segment: Segment) -> bool:
    """Whether a segment is finished: there under its final name, and with the right number of frames."""
    return n_packets(path) == segment.i1 - segment.i0


def is_recorded(path: Path, segment: Segment, decisions: str) -> bool:
    """The same of what a `FilmWriter` writes, by a plan with these decisions."""
    if not is_encoded(path, segment):
        return False
    try:
        with np.load(_record(path)) as record:
            return str(record["decisions"]) == decisions
    except (OSError, ValueError, KeyError, zipfile.BadZipFile):
        return False


def is_marked(path: Path, decisions: str) -> bool:
    """Whether the pictures of a segment are there, as a plan with these decisions draws them."""
    try:
        return path.read_text(encoding="utf-8") == decisions
    except (OSError, UnicodeDecodeError):
        return False


def n_packets(path: Path) -> int:
    """Encoded frames in a segment's file; 0 if it is not there, or cannot be read."""
    try:
        with open_media(path) as container:
            return sum(1 for packet in container.demux(container.streams.video[0]) if packet.size)
    except (av.error.FFmpegError, OSError, IndexError):
        return 0


def measure_sync(
    files: Sequence[Path], hits: NDArray[np.float64], fps: Fraction, flashes: float | None
) -> dict[str, Any]:
    """How the picture follows the hits, from what each `FilmWriter` measured.

    Segments are measured on their own: the change across a border counts as that of the frame after it.

    Args:
        files: of the segments, in order.
        hits: (n, 2) frame, counted from the film's first, and height; those outside the film are left out.
        fps: frames per second.
        flashes: the most in any second, where that is known; None: as measured.

    Returns:
        ``lag_frames``, ``correlation``, ``luma_pump``, None where the film has fewer than `MIN_HITS`;
        ``flicker``, mean |ΔY| away from all hits; and ``flashes``, the most in a second.
    """
    change, pump, moved, counted = np.concatenate([np.load(_record(file))["changes"] for file in files], axis=1)
    inside = (hits[:, 0] >= 0) & (hits[:, 0] < len(change))
    frames, heights = hits[inside, 0].astype(np.int64), hits[inside, 1]
    found = {
        "flicker": round(flicker(moved, frames, float(fps)), 5),
        "flashes": float(counted.max()) if flashes is None else flashes,
    }
    if len(frames) < MIN_HITS:
        return {"lag_frames": None, "correlation": None, "luma_pump": None, **found}
    r, lag = correlate(change, frames, heights)
    return {
        "lag_frames": lag,
        "correlation": round(r, 4),
        "luma_pump": round(correlate(pump, frames, heights)[0], 4),
        **found,
    }


def _record(path: Path) -> Path:
    """Beside a segment: how its picture changes, and the digest of the decisions that it was drawn by."""
    return path.with_suffix(".npz")
