"""Sources read from files: a video, or a folder of images, resampled to the film's clock."""

from __future__ import annotations

import hashlib
import re
import threading
from bisect import bisect_right
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from fractions import Fraction
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from avwalk.arrays.fit import Fit
from avwalk.contracts import Frames
from avwalk.errors import VideoError
from avwalk.files.image import PICTURES, pixels_of
from avwalk.files.media import PICTURE_FORMATS, open_media
from avwalk.files.names import name_problem

if TYPE_CHECKING:
    from av.container import InputContainer
    from av.video.frame import VideoFrame

Picture = NDArray[np.uint8]
NEAR = 48  # pictures that are decoded and dropped rather than jumped over
RECENT = 4  # pictures kept by each thread: a slower video shows one of them in several frames
HD = 720  # rows from which on colours that a file says nothing about are BT.709
BLOCK = 1 << 20


def open_source(
    path: Path, size: tuple[int, int], fps: Fraction, *, fit: str = "crop", loop: bool = False
) -> VideoSource | FolderSource:
    """The frames of a video file, or of a folder of pictures.

    Raises:
        VideoError: it is not there, or holds no picture that can be read.
    """
    if problem := name_problem(path):
        raise VideoError(f"source {problem}")
    if path.is_dir():
        return FolderSource(path, size, fps, fit=fit, loop=loop)
    return VideoSource(path, size, fps, fit=fit, loop=loop)


class _Complete:
    """A source whose pictures are all there: one that cannot be read stops the film."""

    failed_frames: tuple[int, ...] = ()


class VideoSource(_Complete):
    """A video on the film's clock: frame i shows the picture that the video shows at i / fps.

    Each thread decodes for itself: onwards where what it needs is near, else from the key picture before.

    Args:
        path: of the video.
        size: width and height of the film.
        fps: of the film.
        fit: how its pictures get the film's shape, see `avwalk.arrays.fit.Fit`.
        loop: behind its end it begins again; else its last picture stays.

    Attributes:
        n_pictures: of the video.
        duration: of the video, s.

    Raises:
        VideoError: it is not there, or holds no picture that can be read.
    """

    def __init__(
        self, path: Path, size: tuple[int, int], fps: Fraction, *, fit: str = "crop", loop: bool = False
    ) -> None:
        self._path, self._fps, self._fit, self._loop = path, fps, Fit(size, fit), loop
        self._index = _index_of(path)
        self.n_pictures, self.duration = len(self._index.times), self._index.duration
        self._own = threading.local()
        self._decoder().picture(0)

    @cached_property
    def sha256(self) -> str:
        """Of the file."""
        return _sha256([self._path])

    def shown(self, i: int) -> int:
        """Which of the video's pictures frame ``i`` of the film shows, from 0."""
        time = i / self._fps
        return max(0, bisect_right(self._index.times, time % self.duration if self._loop else time) - 1)

    def frames(self, i0: int, i1: int) -> Frames:
        """Frames [i0, i1), counted from the start of the song: (i1 − i0, H, W, 3) float32 in [0, 1]."""
        decoder = self._decoder()
        return np.concatenate([self._fit.apply(_frame(decoder.picture(self.shown(i)))) for i in range(i0, i1)])

    def _decoder(self) -> _Decoder:
        if not hasattr(self._own, "decoder"):
            self._own.decoder = _Decoder(self._path, self._index)
        decoder: _Decoder = self._own.decoder
        return decoder


class FolderSource(_Complete):
    """The pictures of a folder in the order of their names (2 before 10), one after the other.

    Args:
        path: of the folder.
        size: width and height of the film.
        fps: of the film.
        rate: pictures per second; None: one for each frame.
        fit: how they get the film's shape, see `avwalk.arrays.fit.Fit`.
        loop: behind the last comes the first again; else the last stays.

    Raises:
        VideoError: it is not there, holds no pictures, or one that cannot be read.
    """

    def __init__(
        self,
        path: Path,
        size: tuple[int, int],
        fps: Fraction,
        *,
        rate: Fraction | None = None,
        fit: str = "crop",
        loop: bool = False,
    ) -> None:
        self._fps, self._rate, self._fit, self._loop = fps, rate or fps, Fit(size, fit), loop
        try:
            found = [p for p in path.iterdir() if p.suffix.lower() in PICTURES and not p.name.startswith(".")]
        except OSError as error:
            raise VideoError(f"source '{path}' cannot be opened: {error.strerror}; check its name") from None
        if not found:
            raise VideoError(f"source '{path}' holds no pictures; give a video, or a folder of png or jpg files")
        self.files = sorted(found, key=_natural)
        _read(self.files[0])

    @cached_property
    def sha256(self) -> str:
        """Of the names and the contents of its pictures, in their order."""
        return _sha256(self.files, named=True)

    def shown(self, i: int) -> int:
        """Which of the pictures frame ``i`` of the film shows, from 0."""
        number = int(i * self._rate / self._fps)
        return number % len(self.files) if self._loop else min(number, len(self.files) - 1)

    def frames(self, i0: int, i1: int) -> Frames:
        """Frames [i0, i1), counted from the start of the song: (i1 − i0, H, W, 3) float32 in [0, 1]."""
        numbers = [self.shown(i) for i in range(i0, i1)]
        made = {number: self._fit.apply(_frame(_read(self.files[number])))[0] for number in dict.fromkeys(numbers)}
        return np.stack([made[number] for number in numbers])


class _Index(NamedTuple):
    """What a video holds: time stamp → number of its pictures, in order, none where they have no stamps and are counted
    from the start; their times from 0 (s); numbers of its key pictures; its length (s); width of its pixels over their
    height.
    """

    stamps: dict[int, int]
    times: Sequence[Fraction]
    keys: Sequence[int]
    duration: Fraction
    pixel: Fraction


class _Decoder:
    """Pictures of a video by their number; one thread's own."""

    def __init__(self, path: Path, index: _Index) -> None:
        self._path, self._index = path, index
        self._container: InputContainer | None = None
        self._coming: Iterator[VideoFrame] = iter(())
        self._next = len(index.times) + 1  # number of the picture that comes next; behind the end: none is
        self._recent: OrderedDict[int, Picture] = OrderedDict()

    def picture(self, number: int) -> Picture:
        """A picture, (h, w, 3) R G B."""
        if number in self._recent:
            return self._recent[number]
        key = self._index.keys[bisect_right(self._index.keys, number) - 1]
        if not (self._next <= number and (key <= self._next or number - self._next <= NEAR)):
            self._go_to(key)
        if not self._found(number):
            self._go_to(0)  # a jump can end behind its aim
            if not self._found(number):
                at = float(self._index.times[number])
                raise VideoError(f"source '{self._path.name}' cannot be decoded at {at:.2f} s; encode it anew")
        return self._recent[number]

    def _found(self, number: int) -> bool:
        """Decodes up to a picture; False where it is not among what comes."""
        for frame in self._coming:
            at = self._next if not self._index.stamps else self._index.stamps.get(frame.pts or 0, -1)
            self._next = max(self._next, at + 1)
            if at >= number:
                self._recent[at] = _upright(frame, self._index.pixel)
                while len(self._recent) > RECENT:
                    self._recent.popitem(last=False)
                return at == number
        return False

    def _go_to(self, key: int) -> None:
        """Begins anew at a key picture."""
        if self._container is not None:
            self._container.close()
        self._container = _opened(self._path)
        stream = self._container.streams.video[0]
        stream.codec_context.thread_count = 1  # the workers are the threads
        if key:
            stamp = next(stamp for stamp, number in self._index.stamps.items() if number == key)
            self._container.seek(stamp, stream=stream)
        self._next, self._coming = key, _decoded(self._container)


def _decoded(container: InputContainer) -> Iterator[VideoFrame]:
    """Frames in the order in which they are shown; packets that do not decode are left out."""
    import av

    for packet in container.demux(container.streams.video[0]):
        try:
            yield from packet.decode()
        except av.error.FFmpegError:
            continue


def _index_of(path: Path) -> _Index:
    """Looks through the packets; nothing is decoded."""
    import av

    try:
        with _opened(path) as container:
            if not container.streams.video:
                raise VideoError(f"source '{path}' holds no video; give a video, or a folder of png or jpg files")
            stream = container.streams.video[0]
            if stream.codec_context is None:
                raise VideoError(f"source '{path}' is of a codec that is not known here; encode it anew")
            base = stream.time_base or Fraction(1, 1)
            packets = [
                (packet.pts, packet.dts, packet.duration or 0, packet.is_keyframe)
                for packet in container.demux(stream)
                if packet.size and not packet.is_discard
            ]
            rate, pixel = stream.average_rate, stream.sample_aspect_ratio or Fraction(1)
            family = container.format.name
    except (av.error.FFmpegError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise VideoError(f"source '{path}' cannot be opened as a video: {reason}; check its name") from None
    # AVI does not know when B-frames are shown: all are counted, and keep time as their packets do
    counted = family == "avi" or any(pts is None for pts, *_ in packets)
    found = {(dts if counted else pts): (length, key) for pts, dts, length, key in packets}
    found.pop(None, None)
    if not found:
        raise VideoError(f"source '{path}' holds no pictures with times; put it into another container, such as mkv")
    stamps = sorted(stamp for stamp in found if stamp is not None)
    last = found[stamps[-1]][0] * base or (1 / rate if rate else Fraction(1, 30))
    times = [(stamp - stamps[0]) * base for stamp in stamps]
    keys = [0] if counted else sorted({0, *(k for k, stamp in enumerate(stamps) if found[stamp][1])})
    numbers = {} if counted else {stamp: k for k, stamp in enumerate(stamps)}
    return _Index(numbers, times, keys, times[-1] + last, pixel)


def _opened(path: Path) -> InputContainer:
    """A local file and nothing that it may point to."""
    return open_media(path, PICTURE_FORMATS)


def _upright(frame: VideoFrame, pixel: Fraction) -> Picture:
    """A decoded picture as it is shown: its colours, square pixels, the right way up."""
    said = frame.colorspace if frame.colorspace not in (0, 2, 3) else None
    made: NDArray[Any] = frame.to_ndarray(
        format="rgb24", src_colorspace=said or ("ITU709" if frame.height >= HD else "ITU601")
    )
    if pixel != 1:
        wide = max(1, round(frame.width * pixel)), frame.height
        made = cv2.resize(made, wide, interpolation=cv2.INTER_CUBIC if pixel > 1 else cv2.INTER_AREA)
    return np.ascontiguousarray(np.rot90(made, round(frame.rotation / 90)), np.uint8)


def _frame(picture: Picture) -> Frames:
    values = picture.astype(np.float32)
    values /= np.float32(255)  # in place: a large picture takes half of the memory
    return values[None]


def _read(path: Path) -> Picture:
    """A picture, (h, w, 3) R G B."""
    try:
        found = pixels_of(path.read_bytes())
    except OSError:
        found = None
    if found is None:
        raise VideoError(f"source picture '{path}' cannot be read; save it anew, or take it out of the folder")
    return found


def _natural(path: Path) -> list[tuple[int, int, str]]:
    """Numbers in names by their value, the rest by its letters."""
    parts = re.split(r"(\d+)", path.name.lower())
    return [(0, int(part), "") if part.isdigit() else (1, 0, part) for part in parts if part]


def _sha256(files: Sequence[Path], *, named: bool = False) -> str:
    digest = hashlib.sha256()
    for path in files:
        if named:
            digest.update(f"{path.name}\0{path.stat().st_size}\0".encode())
        with path.open("rb") as file:
            while block := file.read(BLOCK):
                digest.update(block)
    return digest.hexdigest()
