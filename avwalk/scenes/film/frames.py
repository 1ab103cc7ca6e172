"""The frames of a film of scenes: rendered ones, read ahead by threads, and mixed by where each moment lies."""

from __future__ import annotations

import threading
from bisect import bisect_right
from collections import OrderedDict
from collections.abc import Iterable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from fractions import Fraction
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from avwalk.arrays.buffers import new_frames
from avwalk.arrays.colour import to_8bit
from avwalk.arrays.compile import kernel
from avwalk.arrays.crossfade import crossfade
from avwalk.arrays.fit import Fit
from avwalk.contracts import Frames
from avwalk.errors import VideoError
from avwalk.files.transparency import pixels_over_black
from avwalk.scenes.film.timing import Timing
from avwalk.video.yuv_planes import Planes, planes

Picture = NDArray[np.uint8]
LegFrames = Sequence[tuple[Fraction, Path]]

f = np.float32


class FileImage(NamedTuple):
    """A picture that is asked for, as its planes or as it is."""

    path: Path
    planes: bool = False


CACHE_BYTES = 160 * 1024 * 1024
SHUTTER = 0.7  # share of a frame's time that a whip is blurred over


class Pictures:
    """Pictures of files in the film's size, each read once while it is near; any number of threads may ask.

    Args:
        size: width and height of the film.
        fit: how pictures of another shape fill it, see `avwalk.arrays.fit.Fit`.
        threads: that read, and those that ask.

    Attributes:
        size: width and height of the film.
        room: pictures that each of so many readers may ask for ahead; more would push out what is needed sooner.
    """

    def __init__(self, size: tuple[int, int], fit: str = "crop", threads: int = 2) -> None:
        self.size, self._fit = size, Fit(size, fit)
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="pictures")
        self._kept: OrderedDict[FileImage, Future[NDArray[Any]]] = OrderedDict()
        self._most = max(4 * threads, CACHE_BYTES // (size[0] * size[1] * 3))
        self.room = self._most // threads
        self._lock = threading.Lock()

    def ahead(self, upcoming: Iterable[FileImage]) -> None:
        """Begins to read pictures that are not here."""
        with self._lock:
            for one in upcoming:
                self._future(one)

    def picture(self, path: Path) -> Picture:
        """A picture, (H, W, 3) R G B.

        Raises:
            VideoError: it cannot be read.
        """
        return self._get(FileImage(path))

    def planes(self, path: Path) -> Planes:
        """A picture's planes, see `avwalk.video.yuv_planes`.

        Raises:
            VideoError: it cannot be read.
        """
        return self._get(FileImage(path, True))

    def close(self) -> None:
        """Stops the threads."""
        self._pool.shutdown(wait=True, cancel_futures=True)

    def _get(self, upcoming: FileImage) -> NDArray[Any]:
        with self._lock:
            future = self._future(upcoming)
        return future.result()

    def _future(self, upcoming: FileImage) -> Future[NDArray[Any]]:
        if upcoming in self._kept:
            self._kept.move_to_end(upcoming)
        else:
            other = self._kept.get(FileImage(upcoming.path))
            there = other if other and other.done() and not other.exception() else None
            self._kept[upcoming] = self._pool.submit(self._read, upcoming, there)
            while len(self._kept) > self._most:
                self._kept.popitem(last=False)
        return self._kept[upcoming]

    def _read(self, upcoming: FileImage, there: Future[NDArray[Any]] | None) -> NDArray[Any]:
        picture = there.result() if there else self._picture(upcoming.path)
        return planes(picture) if upcoming.planes else picture

    def _picture(self, path: Path) -> Picture:
        try:
            picture, _ = pixels_over_black(path.read_bytes())
        except OSError:
            picture = None
        if picture is None:
            raise VideoError(f"picture '{path}' cannot be read; `avwalk scenes transitions` draws it anew")
        if (picture.shape[1], picture.shape[0]) == self.size:
            return picture
        fitted = self._fit.apply((picture.astype(np.float32) / np.float32(255))[None])[0]
        return to_8bit(fitted)


class Reel:
    """The film's frames, a function of its timing and the pictures in files.

    Between two rendered frames both are shown, the nearer one more: however few there are, nothing jumps.

    Args:
        timing: where each frame of the film lies.
        leg_frames: of each leg, its frames by their place, from 0 to 1.
        pictures: reads them.
    """

    def __init__(self, timing: Timing, leg_frames: Sequence[LegFrames], pictures: Pictures) -> None:
        self._timing, self._found, self._pictures = timing, leg_frames, pictures
        self._places = [[float(place) for place, _ in frames] for frames in leg_frames]

    def frames(self, i0: int, i1: int) -> Frames:
        """Frames [i0, i1), counted from the start of the song: (i1 − i0, H, W, 3) float32 in [0, 1]."""
        width, height = self._pictures.size
        frames = new_frames((i1 - i0, height, width, 3))
        for i in range(i0, i1):
            self._frame(i, frames[i - i0])
        return frames

    def files(self, i0: int, i1: int) -> list[Path]:
        """The files that frames [i0, i1) are made of, in the order in which they are needed, each once."""
        needed: dict[Path, None] = {}
        for i in range(i0, i1):
            a, b, share = self.between(i)
            needed |= {a: None, **({b: None} if share else {})}
            if coming := self._timing.entering(i):
                needed[self._found[coming[0]][0][1]] = None
        return list(needed)

    def between(self, i: int) -> tuple[Path, Path, float]:
        """The two pictures that frame ``i`` lies between, and the share of the second."""
        leg, place = self._timing.place(i)
        places, frames = self._places[leg], self._found[leg]
        after = min(bisect_right(places, place), len(places) - 1)
        before = max(0, after - 1)
        if after == before or place >= places[after]:
            return frames[after][1], frames[after][1], 0.0
        share = (place - places[before]) / (places[after] - places[before])
        return frames[before][1], frames[after][1], share

    def _frame(self, i: int, out: Frames) -> None:
        """Frame ``i``, written into ``out``."""
        self._mix(*self.between(i), out)
        if not (coming := self._timing.entering(i)):
            return
        leg, direction = coming
        first, scene = self._found[leg][0][1], new_frames(out.shape)
        self._mix(first, first, 0.0, scene)
        if self._timing.legs[leg].enter == "whip":
            out[:] = whip(out, scene, direction, self._timing.leads[leg])
        else:
            crossfade(out, scene, direction)

    def _mix(self, a: Path, b: Path, share: float, out: Frames) -> None:
        rows = len(out), -1
        first = self._pictures.picture(a)
        second = self._pictures.picture(b) if share else first
        _mix(first.reshape(rows), second.reshape(rows), f(share), out.reshape(rows))


def whip(going: Frames, coming: Frames, share: float, frames: int) -> Frames:
    """One picture torn away sideways and the next one arriving with it, blurred by their speed.

    Args:
        going: (H, W, 3) float32.
        coming: (H, W, 3) float32, of the same size.
        share: how far, 0 to 1.
        frames: that it takes.

    Returns:
        (H, W, 3) float32.
    """
    import cv2

    width = going.shape[1]
    speed = 6 * share * (1 - share) * width / (frames + 1)  # pixels in a frame
    at = (3 - 2 * share) * share * share * width  # smoothstep, in an order that frames of films depend on
    reach = min(width, max(1, round(speed * SHUTTER)))
    strip = np.concatenate([going[:, : width // 2][:, ::-1], going, coming, coming[:, width // 2 :][:, ::-1]], axis=1)
    left = max(0, int(width // 2 + at) - reach)
    part = cv2.blur(np.ascontiguousarray(strip[:, left : left + width + 2 * reach + 1]), (reach, 1))
    shift = np.array([[1.0, 0.0, width // 2 + at - left], [0.0, 1.0, 0.0]])
    seen = cv2.warpAffine(
        part,
        shift,
        (width, going.shape[0]),
        flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
        borderMode=cv2.BORDER_REPLICATE,
    )
    return np.asarray(seen, np.float32)


@kernel("void(u1[:,::1], u1[:,::1], f4, f4[:,::1])")
def _mix(a: NDArray[np.uint8], b: NDArray[np.uint8], share: f, mixed: NDArray[np.float32]) -> None:
    scale = f(1.0 / 255.0)
    second = share * scale
    first = scale - second
    for y in range(a.shape[0]):
        one, other, out = a[y], b[y], mixed[y]
        for x in range(one.shape[0]):
            out[x] = first * f(one[x]) + second * f(other[x])
