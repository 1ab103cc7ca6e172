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
from typing import TYPE_CHECKING, Literal, NamedTuple

import numpy as np

from avwalk.arrays.fit import Fit
from avwalk.contracts import Frames
from avwalk.errors import VideoError
from avwalk.files.image import PICTURES
from avwalk.files.media import PICTURE_FORMATS, open_media
from avwalk.files.names import name_problem
from avwalk.frames.pixels import Picture, has_alpha, read_picture, upright
from avwalk.frames.timed_pictures import TIMELINE, TimedPictures

if TYPE_CHECKING:
    from av.container import InputContainer
    from av.video.frame import VideoFrame

    from avwalk.frames.hdr import ToneMap

End = Literal["hold", "loop", "black"]
"""What is behind the end of a source that is shorter than the song."""
BLACK = -1
NEAR = 48  # pictures that are decoded and dropped rather than jumped over
RECENT = 4  # pictures kept by each thread: a slower video shows one of them in several frames
BLOCK = 1 << 20


def open_source(
    path: Path, size: tuple[int, int], fps: Fraction, *, fit: str = "crop", end: End = "hold"
) -> VideoSource | FolderSource | TimedPictures:
    """The frames of a video file, or of a folder of pictures, by its timeline if it has one.

    Raises:
        VideoError: it is not there, or holds no picture that can be read.
    """
    if problem := name_problem(path):
        raise VideoError(f"source {problem}")
    if path.is_dir() and (path / TIMELINE).is_file():
        return TimedPictures(path, size, fps, fit=fit)
    if path.is_dir():
        return FolderSource(path, size, fps, fit=fit, end=end)
    return VideoSource(path, size, fps, fit=fit, end=end)


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
        end: what is behind its end: its last picture, its beginning again, or black.

    Attributes:
        n_pictures: of the video.
        duration: of the video, s.
        read_as: what its code values or its transparency need, beside being decoded; empty: nothing.
        notes: of what it is otherwise than a film.

    Raises:
        VideoError: it is not there, or holds no picture that can be read.
    """

    def __init__(
        self, path: Path, size: tuple[int, int], fps: Fraction, *, fit: str = "crop", end: End = "hold"
    ) -> None:
        self._path, self._fps, self._fit, self._size, self._end = path, fps, Fit(size, fit), size, end
        self._index = _index_of(path)
        self.n_pictures, self.duration = len(self._index.times), self._index.duration
        self.read_as, self.notes, self._tones = _first_picture(path)
        self._own = threading.local()
        self._decoder().picture(0)

    @cached_property
    def sha256(self) -> str:
        """Of the file."""
        return _sha256([self._path])

    def shown(self, i: int) -> int:
        """Which of the video's pictures frame ``i`` of the film shows, from 0; −1: none, it is black."""
        return self._shown_at(i / self._fps)

    def _shown_at(self, time: Fraction) -> int:
        if self._end == "black" and time >= self.duration:
            return BLACK
        return max(0, bisect_right(self._index.times, time % self.duration if self._end == "loop" else time) - 1)

    def frames(self, i0: int, i1: int) -> Frames:
        """Frames [i0, i1), counted from the start of the song: (i1 − i0, H, W, 3) float32 in [0, 1]."""
        return self.frames_at([i / self._fps for i in range(i0, i1)])

    def frames_at(self, times: Sequence[Fraction]) -> Frames:
        """What it shows at some times of its own, seconds: (n, H, W, 3) float32 in [0, 1]."""
        decoder = self._decoder()
        numbers = [self._shown_at(time) for time in times]
        return np.concatenate(
            [_black(self._size) if k == BLACK else self._fit.apply(_frame(decoder.picture(k))) for k in numbers]
        )

    def _decoder(self) -> _Decoder:
        if not hasattr(self._own, "decoder"):
            self._own.decoder = _Decoder(self._path, self._index, self._tones)
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
        end: what is behind the last: it stays, the first comes again, or black.

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
        end: End = "hold",
    ) -> None:
        self._fps, self._rate, self._fit, self._size, self._end = fps, rate or fps, Fit(size, fit), size, end
        try:
            found = [p for p in path.iterdir() if p.suffix.lower() in PICTURES and not p.name.startswith(".")]
        except OSError as error:
            raise VideoError(f"source '{path}' cannot be opened: {error.strerror}; check its name") from None
        if not found:
            raise VideoError(f"source '{path}' holds no pictures; give a video, or a folder of png or jpg files")
        self.files = sorted(found, key=_natural)
        _read(self.files[0])
        transparent = read_picture(self.files[0])[1]
        self.read_as = "alpha" if transparent else ""
        self.notes = (f"pictures of '{path.name}' are transparent in places; there they are black",) * transparent

    @cached_property
    def sha256(self) -> str:
        """Of the names and the contents of its pictures, in their order."""
        return _sha256(self.files, named=True)

    def shown(self, i: int) -> int:
        """Which of the pictures frame ``i`` of the film shows, from 0; −1: none, it is black."""
        return self._shown_at(i / self._fps)

    def _shown_at(self, time: Fraction) -> int:
        number = int(time * self._rate)
        if self._end == "black" and number >= len(self.files):
            return BLACK
        return number % len(self.files) if self._end == "loop" else min(number, len(self.files) - 1)

    def frames(self, i0: int, i1: int) -> Frames:
        """Frames [i0, i1), counted from the start of the song: (i1 − i0, H, W, 3) float32 in [0, 1]."""
        return self.frames_at([i / self._fps for i in range(i0, i1)])

    def frames_at(self, times: Sequence[Fraction]) -> Frames:
        """What it shows at some times of its own, seconds: (n, H, W, 3) float32 in [0, 1]."""
        numbers = [self._shown_at(time) for time in times]
        made = {BLACK: _black(self._size)[0]}
        for k in dict.fromkeys(k for k in numbers if k != BLACK):
            made[k] = self._fit.apply(_frame(_read(self.files[k])))[0]
        return np.stack([made[number] for number in numbers])

    @property
    def duration(self) -> Fraction:
        """How long its pictures last, s."""
        return len(self.files) / self._rate


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

    def __init__(self, path: Path, index: _Index, tones: ToneMap | None) -> None:
        self._path, self._index, self._tones = path, index, tones
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
                self._recent[at] = upright(frame, self._index.pixel, self._tones)
                while len(self._recent) > RECENT:
                    self._recent.popitem(last=False)
                return at == number
        return False

    def _go_to(self, key: int) -> None:
        """Begins anew at a key picture."""
        if self._container is not None:
            self._container.close()
        self._container = open_media(self._path, PICTURE_FORMATS)
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


def _first_picture(path: Path) -> tuple[str, tuple[str, ...], ToneMap | None]:
    """What a video's pictures need, a note of it, and what does it: see `VideoSource`."""
    with open_media(path, PICTURE_FORMATS) as container:
        frame = next(_decoded(container), None)
        opaque = container.streams.video[0].metadata.get("alpha_mode", "0") == "0"
    if frame is None:
        return "", (), None
    if has_alpha(frame):
        return "alpha", (f"source '{path.name}' is transparent in places; there it is black",), None
    if not opaque:
        return (
            "",
            (f"source '{path.name}': how transparent it is cannot be read from WebM; ProRes or PNG say it",),
            None,
        )
    from avwalk.frames.hdr import WHITE, ToneMap, light_of  # late: most videos need no kernel for it

    light = light_of(frame)
    if light is None:
        return "", (), None
    how = f"its white is {WHITE:g} cd/m²" if light.transfer != "sdr" else "in the colours of BT.709"
    return (
        str(light),
        (f"source '{path.name}' is {light}: it is shown as a film of standard range, {how}",),
        ToneMap(light),
    )


def _index_of(path: Path) -> _Index:
    """Looks through the packets; nothing is decoded."""
    import av

    try:
        with open_media(path, PICTURE_FORMATS) as container:
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


def _black(size: tuple[int, int]) -> Frames:
    return np.zeros((1, size[1], size[0], 3), np.float32)


def _frame(picture: Picture) -> Frames:
    values = picture.astype(np.float32)
    values /= np.float32(255)  # in place: a large picture takes half of the memory
    return values[None]


def _read(path: Path) -> Picture:
    """A picture, (h, w, 3) R G B."""
    found, _ = read_picture(path)
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
