"""The drawn frames of a segment that was cut short: kept without loss, so that the next run draws only the others.

An encoder that begins anew in the middle of a segment gives other bits, so frames and not packets are kept, as the
encoder gets them: the planes of its pixel format one after the other, frame after frame, in ``<segment>.frames``;
beside it what is measured of them. They are written while the segment is encoded, which costs the copying alone, and
are believed only with the record that whoever is interrupted writes last. A process that is killed leaves none. Of a
film that is a folder of pictures these are kept themselves, and ``<segment>.frames`` says how many.
"""

from __future__ import annotations

import contextlib
import io
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

import numpy as np
from numpy.typing import NDArray

from avwalk.files.atomic import write_file
from avwalk.files.checksums import State, record_of, sha256_of, state_of, write_record
from avwalk.runners.segments import Segment
from avwalk.video.pixel_formats import plane_rows, row_bytes

if TYPE_CHECKING:
    from av.video.frame import VideoFrame

MOST_BYTES = 1 << 30
"""Of the frames of one segment: those of 25 s at 1280×720 and 30 fps, 2.8 s at 3840×2160. Later ones are drawn again.

A worker has one segment, so that N workers keep N times as much at most.
"""
_ROOM = ".room"
_FREE = 0.1  # part of the free disk that the frames of a segment may take


def frames_of(path: Path) -> Path:
    """Where the frames of a segment that was cut short are kept."""
    return path.with_suffix(".frames")


def n_done(path: Path, size: tuple[int, int], label: str, pix_fmt: str) -> int:
    """How many of a segment's first frames are kept; those of another film, or damaged, are none."""
    frames = frames_of(path)
    if state_of(frames, label, [_measured_of(frames)]) is not State.WHOLE:
        return 0
    return frames.stat().st_size // _frame_bytes(pix_fmt, size)


def partial_pictures(path: Path, folder: Path, segment: Segment, label: str) -> dict[Path, str]:
    """Pictures in a folder that are a segment's first frames, as they were when it was cut short, and their sha256."""
    kept = frames_of(path)
    try:
        n = int(kept.read_bytes()[:9].split()[0])
    except (OSError, ValueError, IndexError):
        return {}
    pictures = [folder / f"{i:06d}.png" for i in range(segment.i0, min(segment.i0 + n, segment.i1))]
    whole = state_of(kept, label, pictures) is State.WHOLE
    return {picture: sha256_of(picture) for picture in pictures} if whole else {}


def forget(path: Path) -> None:
    """Deletes what is kept of a segment."""
    frames = frames_of(path)
    for file in (record_of(frames), frames, _measured_of(frames)):
        with contextlib.suppress(OSError):
            file.unlink(missing_ok=True)


class PartialSegment:
    """Keeps the frames of a segment while they are encoded. That the disk is full is no reason to fail: it stops.

    Args:
        path: the segment's file.
        size: width and height, even.
        label: what the segment is made for, as in its own record.
        pix_fmt: pixel format of the frames, of `avwalk.video.pixel_formats`.

    Attributes:
        n_frames: that are kept.
    """

    def __init__(self, path: Path, size: tuple[int, int], label: str, pix_fmt: str) -> None:
        self._path, self._size, self._label, self._pix_fmt = frames_of(path), size, label, pix_fmt
        self._frame_bytes = _frame_bytes(pix_fmt, size)
        self._segment = path
        self.n_frames = n_done(path, size, label, pix_fmt)
        if not self.n_frames:
            forget(path)
        self._measured = list(np.load(_measured_of(self._path))) if self.n_frames else []
        self._file: BinaryIO | None = None
        with contextlib.suppress(OSError):
            self._most = min(MOST_BYTES, int(_FREE * shutil.disk_usage(path.parent).free))
            if not self.n_frames:
                _reuse(self._path)
            self._file = self._path.open("r+b", buffering=0)
            self._file.seek(self.n_frames * self._frame_bytes)

    def replay(self) -> Iterator[tuple[VideoFrame, NDArray[np.float32]]]:
        """The frames that an earlier run kept, and what was measured of each."""
        if self.n_frames:
            stored = np.memmap(self._path, np.uint8, "r", shape=(self.n_frames, self._frame_bytes))
            for planes, measured in zip(stored, list(self._measured), strict=True):
                yield _frame(planes, self._size, self._pix_fmt), measured

    def append(self, frame: VideoFrame, measured: NDArray[np.float32]) -> None:
        """Keeps the next frame.

        Args:
            frame: as it is encoded.
            measured: what is to be known of it when it is encoded again; all of one shape.
        """
        if self._file is None or (self.n_frames + 1) * self._frame_bytes > self._most:
            self._stop()
            return
        try:
            for k, (width, height) in enumerate(row_bytes(self._pix_fmt, self._size)):
                lines = plane_rows(frame, k)[:, :width]
                if self._file.write(np.ascontiguousarray(lines).data) != width * height:
                    raise OSError
        except OSError:
            self._stop()
            return
        self.n_frames += 1
        self._measured.append(measured)

    def _stop(self) -> None:
        """Frames must follow each other: after one that could not be kept there are no more."""
        if self._file is not None:
            with contextlib.suppress(OSError):
                self._file.truncate(self.n_frames * self._frame_bytes)
            self._file.close()
            self._file = None

    def keep(self) -> None:
        """The segment is cut short: what there is of it will be believed."""
        self._stop()
        if not self.n_frames:
            forget(self._segment)
            return
        beside, data = _measured_of(self._path), io.BytesIO()
        np.save(data, np.stack(self._measured))
        write_file(beside, data.getvalue(), sync="no")
        digests = {file: sha256_of(file) for file in (self._path, beside)}
        write_record(self._path, self._label, digests, sync="no")

    def drop(self) -> None:
        """The segment is whole, or it failed: nothing of it is kept but the room, for another segment."""
        with contextlib.suppress(OSError):
            record_of(self._path).unlink(missing_ok=True)
            if self._file is not None:
                self._file.close()
                self._path.replace(self._path.with_suffix(_ROOM))
        self._file = None
        forget(self._segment)


def _reuse(path: Path) -> None:
    """Gives a file its name, of a segment that is done if there is one: to write there costs half as much."""
    for room in path.parent.glob(f"*{_ROOM}"):
        try:
            room.replace(path)
            return
        except OSError:  # another worker has it
            continue
    path.touch()


def _measured_of(frames: Path) -> Path:
    return frames.with_suffix(".frames.npy")


def _frame_bytes(pix_fmt: str, size: tuple[int, int]) -> int:
    return sum(width * height for width, height in row_bytes(pix_fmt, size))


def _frame(stored: NDArray[np.uint8], size: tuple[int, int], pix_fmt: str) -> VideoFrame:
    import av

    frame, at = av.VideoFrame(*size, pix_fmt), 0
    for k, (width, height) in enumerate(row_bytes(pix_fmt, size)):
        plane_rows(frame, k)[:, :width] = stored[at : at + width * height].reshape(height, width)
        at += width * height
    return frame
