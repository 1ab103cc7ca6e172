"""Writers of a segment: an encoded piece of the film, or numbered PNG frames. Each leaves a record of its checksums."""

from __future__ import annotations

import hashlib
import io
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

import av
import cv2
import numpy as np
from numpy.typing import NDArray

from avwalk.arrays.colour import LUMA
from avwalk.contracts import Frames
from avwalk.device import processor
from avwalk.errors import VideoError
from avwalk.files.atomic import output_error, raise_if_short_of_files, sync_folder, write_file
from avwalk.files.checksums import State, sha256_of, state_of, write_record
from avwalk.files.media import open_media
from avwalk.files.png_text import pixels_sha256
from avwalk.rendering.partial_segment import PartialSegment, forget, frames_of, partial_pictures
from avwalk.runners.segments import Segment
from avwalk.video.encode import SegmentEncoder, write_png_sequence
from avwalk.video.flashes import SIZE as FLASH_SIZE
from avwalk.video.flashes import FlashMeter
from avwalk.video.sync import HEIGHT, WIDTH, correlate, flicker, luma_change, picture_change

if TYPE_CHECKING:
    from av.video.frame import VideoFrame

MIN_HITS = 8  # fewer say nothing: by chance some lag fits


class FilmWriter:
    """Encodes a segment, and measures on the way how its picture changes: the film need not be decoded for it.

    It begins with the frames that an earlier run kept of the segment, see `avwalk.rendering.partial_segment`.

    Args:
        encoder: of the segment.
        size: width and height.
        flashes: counts them; None: they are known.
        label: of the film and of what its plan decided, kept in the segment's record: one of another is drawn again.
    """

    def __init__(self, encoder: SegmentEncoder, size: tuple[int, int], flashes: FlashMeter | None, label: str) -> None:
        self.path, self._encoder, self._flashes, self._label = encoder.path, encoder, flashes, label
        self._lumas: list[NDArray[np.float32]] = []
        self._kept = PartialSegment(self.path, size, label, encoder.pix_fmt)
        self.n_done = self._kept.n_frames
        try:
            for frame, measured in self._kept.replay():
                self._take(frame, measured)
        except BaseException:
            self.abort()
            raise

    def write(self, frames: Frames) -> None:
        """The next frames.

        Raises:
            VideoError: a frame that is no picture: a film must not hold it silently.
        """
        for frame in frames:
            small = cv2.resize(frame[..., :3], (WIDTH, HEIGHT), interpolation=cv2.INTER_AREA)
            luma = small @ LUMA
            if not np.isfinite(luma).all():
                raise VideoError("the generator drew a frame that is no picture (NaN); try another --seed")
            tiny = cv2.resize(small, FLASH_SIZE, interpolation=cv2.INTER_AREA) if self._flashes else luma[:0]
            measured = np.concatenate([luma.ravel(), tiny.ravel()])
            made = self._encoder.prepared(frame)
            self._take(made, measured)
            self._kept.append(made, measured)

    def _take(self, frame: VideoFrame, measured: NDArray[np.float32]) -> None:
        """Encodes a frame; what is measured of it: its luma, and it in the small where flashes are counted."""
        luma, tiny = np.split(measured, [WIDTH * HEIGHT])
        self._lumas.append(luma.reshape(HEIGHT, WIDTH))
        if self._flashes:
            self._flashes.push(tiny.reshape(1, *FLASH_SIZE[::-1], 3))
        self._encoder.feed([frame])

    def close(self) -> None:
        """Measures first: a segment that has its final name is whole."""
        flashes = self._flashes.per_second() if self._flashes else np.zeros(len(self._lumas))
        changes = np.stack([*picture_change(self._lumas), luma_change(self._lumas), flashes])
        measured = io.BytesIO()
        np.savez(measured, changes=changes, processor=np.array(processor()))

        def record(part: Path) -> None:
            beside = changes_of(self.path)
            write_file(beside, measured.getvalue(), sync="file")
            digests = {self.path: sha256_of(part), beside: hashlib.sha256(measured.getbuffer()).hexdigest()}
            write_record(self.path, self._label, digests)

        self._encoder.close(record)
        self._kept.drop()

    def cut(self) -> Path:
        """Keeps the frames for the next run; what is encoded of them can be watched."""
        self._kept.keep()
        return self._encoder.cut()

    def abort(self) -> None:
        """Leaves nothing."""
        self._kept.drop()
        self._encoder.abort()


class PictureWriter:
    """Writes PNG files; a file with the segment's name says that all of them are there.

    Args:
        marker: that file.
        folder: where the pictures go.
        seed: of the film, for the dither.
        segment: which frames.
        label: as that of a `FilmWriter`.
    """

    path = None

    def __init__(self, marker: Path, folder: Path, seed: int, segment: Segment, label: str) -> None:
        self._marker, self._folder, self._label, self._seed = marker, folder, label, seed
        self._digests = partial_pictures(marker, folder, segment, label)
        self.n_done = len(self._digests)
        self._next = segment.i0 + self.n_done

    def write(self, frames: Frames) -> None:
        """The next frames."""
        self._digests |= write_png_sequence(self._folder, frames, self._seed, self._next)
        self._next += len(frames)

    def close(self) -> None:
        """All pictures are there."""
        mark_pictures(self._marker, self._folder, self._label, self._digests, processor())
        forget(self._marker)

    def cut(self) -> None:
        """Keeps the pictures that there are for the next run."""
        kept = frames_of(self._marker)
        told = f"{len(self._digests)} pictures of a segment\n".encode()
        write_file(kept, told, sync="no")
        write_record(kept, self._label, {kept: hashlib.sha256(told).hexdigest(), **self._digests}, sync="no")

    def abort(self) -> None:
        """Pictures that are there stay: they will be written again."""


def mark_pictures(
    marker: Path, folder: Path, label: str, digests: Mapping[Path, str], processor_name: str = ""
) -> None:
    """Says of a segment's pictures that all are there, when they are on the disk.

    Args:
        marker: the file that says it.
        folder: of the pictures.
        label: what they were made for.
        digests: picture → sha256.
        processor_name: model of the processor; empty: not known.

    Raises:
        OutputError: it cannot be written.
    """
    told = f"{len(digests)} pictures\n{processor_name}\n".encode()
    write_record(marker, label, {marker: hashlib.sha256(told).hexdigest(), **digests})
    try:
        sync_folder(folder)
    except OSError as error:
        raise output_error(folder, error) from None
    write_file(marker, told)


def encoded_state(path: Path, segment: Segment, label: str) -> State:
    """Whether a segment is finished: as its record says, and with the right number of frames, for this film."""
    return _with_frames(path, segment, state_of(path, label))


def measured_state(path: Path, segment: Segment, label: str) -> State:
    """The same of what a `FilmWriter` writes."""
    return _with_frames(path, segment, state_of(path, label, [changes_of(path)]))


def pictures_state(path: Path, segment: Segment, label: str, folder: Path) -> State:
    """The same of what a `PictureWriter` writes; pictures that were told how they were made since are still whole."""
    pictures = [folder / f"{i:06d}.png" for i in range(segment.i0, segment.i1)]
    return state_of(path, label, pictures, pixels_sha256)


def _with_frames(path: Path, segment: Segment, state: State) -> State:
    """One that was cut short has its name for a moment, and its checksums."""
    if state is State.WHOLE and n_packets(path) != segment.i1 - segment.i0:
        return State.DAMAGED
    return state


def n_packets(path: Path) -> int:
    """Encoded frames in a segment's file; 0 if it is not there, or cannot be read.

    Raises:
        OutputError: too many files are open.
    """
    try:
        with open_media(path) as container:
            return sum(1 for packet in container.demux(container.streams.video[0]) if packet.size)
    except (av.error.FFmpegError, OSError, IndexError) as error:
        if isinstance(error, OSError):
            raise_if_short_of_files(path, error)
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

    Raises:
        VideoError: what was measured of a segment cannot be read.

    Returns:
        ``lag_frames``, ``correlation``, ``luma_pump``, None where the film has fewer than `MIN_HITS`;
        ``flicker``, mean |ΔY| away from all hits; and ``flashes``, the most in a second.
    """
    change, pump, moved, counted = np.concatenate([measured_changes(file) for file in files], axis=1)
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


def processors_of(files: Iterable[Path]) -> set[str]:
    """The models of the processors that drew segments; those of earlier versions do not say."""
    names = set[str]()
    for file in files:
        try:
            if changes_of(file).exists():
                with np.load(io.BytesIO(changes_of(file).read_bytes())) as measured:
                    names |= {str(measured["processor"])} if "processor" in measured else set()
            else:
                names |= {*file.read_text(encoding="utf-8").splitlines()[1:2]}
        except (OSError, ValueError, EOFError, zipfile.BadZipFile):
            continue  # it is found out elsewhere
    return names


def measured_changes(path: Path) -> NDArray[np.float64]:
    """What a `FilmWriter` measured, (4, n_frames)."""
    try:
        with np.load(io.BytesIO(changes_of(path).read_bytes())) as measured:  # of a path it leaves files open
            return np.asarray(measured["changes"], np.float64)
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile) as error:
        if isinstance(error, OSError):
            raise_if_short_of_files(path, error)
        raise VideoError(f"'{changes_of(path)}' was damaged while the film was made; render again") from None


def changes_of(path: Path) -> Path:
    """Beside a segment: how its picture changes, as measured while it was drawn."""
    return path.with_suffix(".npz")
