"""The film's frames as its encoder takes them: eight bits, rounded once, with what is written over them.

Most frames are two pictures mixed, or one: these never become float, but are mixed as `avwalk.video.yuv_planes`. Where
scenes melt or are whipped, and where something is written, frames are drawn as all others in avwalk are.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np

from avwalk.config.text import Text as Style
from avwalk.contracts import Caption, Drive, Frames
from avwalk.files.checksums import sha256_of, write_record
from avwalk.scenes.film.frames import FileImage, Pictures, Reel
from avwalk.scenes.film.timing import Timing
from avwalk.video.encode import SegmentEncoder
from avwalk.video.pixel_formats import video_frame
from avwalk.video.yuv_planes import mixed_frame

if TYPE_CHECKING:
    from av.video.frame import VideoFrame

AHEAD = 24  # film frames whose pictures are asked for together, at least as many before they are needed
DITHER_SEED = 0


class Ready:
    """Frames for the encoder, a function of the film and the frame's number.

    Args:
        reel: the film's pictures.
        pictures: those that it reads.
        timing: where each frame lies.
        captions: what is written over it.
        style: of the letters.
        fps: frames per second.
    """

    def __init__(
        self,
        reel: Reel,
        pictures: Pictures,
        timing: Timing,
        captions: Sequence[Caption],
        style: Style,
        fps: Fraction,
    ) -> None:
        self._reel, self._pictures, self._timing, self._captions = reel, pictures, timing, captions
        self._text, self._fps = None, fps
        self._asked = set[int]()
        if captions:
            from avwalk.effects.writing.text import Text

            self._text = Text(captions, pictures.size, style)

    def frames(self, i0: int, i1: int) -> list[VideoFrame]:
        """Frames [i0, i1), counted from the start of the song."""
        self._read_ahead(i0 // AHEAD, i1 // AHEAD + 2)
        return [self._frame(i) for i in range(i0, i1)]

    def plain(self, i: int) -> bool:
        """Whether frame ``i`` is pictures mixed and nothing else."""
        written = any(caption.i0 <= i < caption.i1 for caption in self._captions)
        return not written and self._timing.entering(i) is None

    def _read_ahead(self, first: int, last: int) -> None:
        for block in range(first, last):
            i0, i1 = block * AHEAD, min(self._timing.n_frames, (block + 1) * AHEAD)
            if block in self._asked or i0 >= i1:
                continue
            self._asked.add(block)
            upcoming = (FileImage(path, self.plain(i)) for i in range(i0, i1) for path in self._reel.files(i, i + 1))
            self._pictures.ahead(list(dict.fromkeys(upcoming))[: self._pictures.room])

    def _frame(self, i: int) -> VideoFrame:
        if not self.plain(i):
            return video_frame(self._drawn(i), DITHER_SEED, i)
        a, b, share = self._reel.between(i)
        first = self._pictures.planes(a)
        second = self._pictures.planes(b) if share else first
        return mixed_frame(first, second, share, self._pictures.size, DITHER_SEED, i)

    def _drawn(self, i: int) -> Frames:
        frames = self._reel.frames(i, i + 1)
        if self._text:
            frames = self._text.apply(frames, Drive(i, np.zeros((0, 0), np.float32), {}, self._fps, DITHER_SEED))
        frame: Frames = frames[0]
        return frame


class ReadyEncoder:
    """Takes ready frames into a segment; see `avwalk.runners.threads.SegmentWriter`.

    Args:
        encoder: of the segment.
        label: of the film, kept in the segment's record.
    """

    n_done = 0

    def __init__(self, encoder: SegmentEncoder, label: str) -> None:
        self.path, self._label, self._encoder = encoder.path, label, encoder
        self.write, self.cut, self.abort = encoder.feed, encoder.cut, encoder.abort

    def close(self) -> None:
        """Completes the segment, and its record."""
        self._encoder.close(lambda part: write_record(self.path, self._label, {self.path: sha256_of(part)}))
