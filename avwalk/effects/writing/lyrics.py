"""Lyrics over the picture: a line at a time, its words lit as they are sung, or single words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray

from avwalk.arrays.interpolation import smoothstep
from avwalk.config.text import Text as Style
from avwalk.contracts import Drive, Frames, Lyric
from avwalk.effects.safe_area import safe_area
from avwalk.effects.writing.lettering import Coverage
from avwalk.effects.writing.lyric_kernels import write_letters
from avwalk.effects.writing.shaping import Row, ShapedFont, rows_of
from avwalk.effects.writing.text import Area, colour_of, light_of, shade_of

LEADING = 1.22
"""From baseline to baseline, ems."""
WORD_SIZE = 2.4
"""Size of single words beside that of lines."""
UNSUNG = 0.6
"""Opacity of letters that are not sung yet, in karaoke."""
SWEEP = 0.05
"""Seconds in which a letter lights up."""
RISE = 0.22
"""How far below its place a line comes in, ems."""
GROW = 0.10
"""How much smaller a single word comes in."""
OUTLINE = 0.07
"""How far the dark edge of the letters reaches, ems."""
LARGE = 1.8
"""How much narrower the dark edge of single words is, beside their size."""
CLEAR = 0.8
"""Room that is left between lyrics and other text, ems of a line."""
_KEPT = 8  # blocks that are drawn once for many frames
_GAP = 0.45  # ems between blocks


@dataclass(frozen=True)
class LyricBlock:
    """A lyric, drawn and placed.

    Attributes:
        x: left edge in the picture, pixels.
        y: upper edge.
        ink: coverage of the letters, (h, w).
        shade: opacity of what is dark around them, (h, w).
        sung: frame on which each pixel's letter is sung, (h, w) float32; (0, 0) where that does not matter.
    """

    x: int
    y: int
    ink: Coverage
    shade: Coverage
    sung: NDArray[np.float32]


class Lyrics:
    """Writes lyrics over the frames; what stands there already is kept clear.

    Args:
        lyrics: of the film, ascending by their first frame.
        size: width and height of the picture, pixels.
        style: the preset's ``[text]``.
        profile: what the film is for, see `safe_area`.
        taken: where other text stands, and when.
    """

    needs = (0, 0)

    def __init__(
        self,
        lyrics: Sequence[Lyric],
        size: tuple[int, int],
        style: Style,
        profile: str = "",
        taken: Sequence[Area] = (),
    ) -> None:
        self._lyrics, self._size, self._style, self._taken = lyrics, size, style, taken
        self._single = style.lyrics == "word"
        self._area = safe_area(size, profile)
        self._em = min(size) * float(style.lyrics_size) / 100 * (WORD_SIZE if self._single else 1.0)
        self._colour = colour_of(style.colour)
        self._first = np.array([lyric.i0 for lyric in lyrics])
        self._longest = max((lyric.i1 - lyric.i0 for lyric in lyrics), default=0)
        self._block = lru_cache(_KEPT)(self._drawn)

    def apply(self, frames: Frames, drive: Drive) -> Frames:
        """Frames (n, H, W, 3), written in place."""
        soft = max(1.0, SWEEP * float(drive.fps))
        for k in range(len(frames)):
            for n in self._visible(drive.i0 + k):
                self._write(frames[k], n, drive.i0 + k, soft)
        return frames

    def _visible(self, i: int) -> list[int]:
        """Which lyrics are seen on a frame."""
        a, b = np.searchsorted(self._first, [i - self._longest, i + 1])
        return [n for n in range(a, b) if self._lyrics[n].i0 <= i < self._lyrics[n].i1]

    def _write(self, frame: NDArray[np.float32], n: int, i: int, soft: float) -> None:
        lyric, block = self._lyrics[n], self._block(n)
        comes = min(1.0, (i - lyric.i0 + 1) / max(1.0, lyric.enter))
        share = smoothstep(min(comes, (lyric.i1 - i) / max(1.0, lyric.leave)))
        if block is None or share <= 0:
            return
        ink, shade, sung = block.ink, block.shade, block.sung
        if comes < 1:
            way = self._way(1 - smoothstep(comes), ink.shape)
            flat = {"flags": cv2.INTER_LINEAR, "borderMode": cv2.BORDER_REPLICATE}
            ink, shade = (cv2.warpAffine(each, way, ink.shape[::-1], **flat) for each in (ink, shade))  # type: ignore[call-overload]
        colour = self._colour if self._colour is not None else light_of(frame)
        how = np.array([share, *colour, i, soft, UNSUNG], np.float32)
        write_letters(frame, ink, shade, sung, how, block.x, block.y)

    def _way(self, left: float, shape: tuple[int, ...]) -> NDArray[np.float64]:
        """How a block that is still coming lies: below its place, or smaller; ``left`` of its way is 1 to 0."""
        if not self._single:
            return np.array([[1.0, 0.0, 0.0], [0.0, 1.0, RISE * self._em * left]])
        scale = 1 - GROW * left
        middle = np.array([shape[1] / 2, shape[0] / 2])
        return np.concatenate([np.eye(2) * scale, ((1 - scale) * middle)[:, None]], axis=1)

    def _rows(self, n: int) -> tuple[list[Row], ShapedFont, float] | None:
        """A lyric's rows, its font and size: smaller where it would not fit."""
        width, height = self._size
        side = min(width / 2 - self._area.left, self._area.right - width / 2)  # from the middle of the picture
        room = 2 * side * (0.86 if width > height else 1.0)
        most = 1 if self._single else 3 if height >= width else 2
        words = [word for word, _, _ in self._lyrics[n].words]
        if not "".join(words).strip():
            return None
        em = self._em
        for _ in range(24):
            font = ShapedFont(self._style.font, em)
            if (rows := rows_of(words, font, room, most)) is not None:
                return rows, font, em
            em *= 0.92
        return None

    def _tall(self, rows: Sequence[Row], em: float) -> float:
        return (1 + LEADING * (len(rows) - 1)) * em

    def _drawn(self, n: int) -> LyricBlock | None:
        """A lyric, drawn and placed."""
        found = self._rows(n)
        if found is None:
            return None
        rows, font, em = found
        pad = round(0.9 * em) + 2
        wide, tall = round(max(row.width for row in rows)) + 2 * pad, round(self._tall(rows, em)) + 2 * pad
        ink = np.zeros((tall, wide), np.float32)
        sung = np.zeros((tall, wide), np.float32) if self._style.lyrics == "karaoke" else np.zeros((0, 0), np.float32)
        lyric = self._lyrics[n]
        for k, row in enumerate(rows):
            left = (wide - row.width) / 2
            baseline = pad + (0.86 + LEADING * k) * em
            for placed in row.words:
                letters, x0, y0 = font.ink(lyric.words[placed.word][0].rstrip())
                _lay(ink, letters, round(left + placed.x) - x0, round(baseline) - y0)
            if sung.size:
                top = 0 if k == 0 else round(baseline - 0.98 * em)
                sung[top:] = _sung(row, lyric, left, wide)
        x, y = self._place(n, wide - 2 * pad, tall - 2 * pad, em)
        reach = em / LARGE if self._single else em  # large letters need no wide edge
        shade = _darkened(ink, reach, float(self._style.shadow))
        return _clipped(LyricBlock(x - pad, y - pad, ink, shade, sung), self._size)

    def _place(self, n: int, wide: int, tall: int, em: float) -> tuple[int, int]:
        """Left and upper edge: where the style wants it, above what is there at the same time."""
        area, lyric = self._area, self._lyrics[n]
        position = "centre" if self._single else self._style.lyrics_position
        x = (self._size[0] - wide) / 2
        height = area.bottom - area.top
        y = {
            "lower-third": area.bottom - 0.045 * height - tall,
            "centre": area.top + (height - tall) / 2,
            "upper-third": area.top + 0.06 * height,
        }[position]
        up = position != "upper-third"
        for other in self._below(n):
            found = self._rows(other)
            if found:
                step = self._tall(found[0], found[2]) + _GAP * em
                y += -step if up else step
        clear = CLEAR * min(self._size) * float(self._style.lyrics_size) / 100
        there = [each for each in self._taken if each.i0 < lyric.i1 and lyric.i0 < each.i1]
        there = [each for each in there if each.left < x + wide + clear and x - clear < each.right]
        for _ in range(len(there)):
            hit = [each for each in there if each.top < y + tall + clear and y - clear < each.bottom]
            if not hit:
                break
            above = min(each.top for each in hit) - tall - clear
            below = max(each.bottom for each in hit) + clear
            y, up = (above, True) if (up and above >= area.top) or below + tall > area.bottom else (below, False)
        return round(x), round(min(max(y, area.top), self._size[1] - tall))

    def _below(self, n: int) -> list[int]:
        """Lyrics that stand in the rows below, while this one is there."""
        lyric = self._lyrics[n]
        if not lyric.row:
            return []
        near = range(max(0, n - 32), min(len(self._lyrics), n + 32))
        there = {}
        for k in near:
            other = self._lyrics[k]
            if other.row < lyric.row and other.i0 < lyric.i1 and lyric.i0 < other.i1:
                there[other.row] = k
        return list(there.values())


def _lay(ink: Coverage, letters: Coverage, x: int, y: int) -> None:
    """Letters into a block, clipped to it."""
    a, b = max(0, -y), max(0, -x)
    part = ink[max(0, y) : y + letters.shape[0], max(0, x) : x + letters.shape[1]]
    np.maximum(part, letters[a : a + part.shape[0], b : b + part.shape[1]], out=part)


def _sung(row: Row, lyric: Lyric, left: float, wide: int) -> NDArray[np.float32]:
    """Frame on which each column of a row is sung, (wide,): evenly through each word, in its direction."""
    xs, frames = list[float](), list[float]()
    for placed in row.words:
        _, start, end = lyric.words[placed.word]
        xs += [left + placed.x, left + placed.x + max(placed.width, 1e-3)]
        frames += [end, start] if placed.backwards else [start, end]
    return np.asarray(np.interp(np.arange(wide) + 0.5, xs, frames), np.float32)


def _darkened(ink: Coverage, em: float, strength: float) -> Coverage:
    """Opacity of what is dark around letters: their shadow, and an edge that divides them from a picture as bright."""
    size = max(1, round(2 * OUTLINE * em)) | 1
    edge = cv2.dilate(ink, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (size, size)))
    edge = np.clip(1.5 * cv2.GaussianBlur(edge, (0, 0), max(0.6, 0.6 * OUTLINE * em)), 0, 1)
    halo = cv2.GaussianBlur(edge, (0, 0), 0.16 * em)
    shade = 1 - (1 - shade_of(ink, em, strength)) * (1 - strength * edge) * (1 - 0.5 * strength * halo)
    return np.asarray(shade, np.float32)


def _clipped(block: LyricBlock, size: tuple[int, int]) -> LyricBlock | None:
    """The part of a block that is inside the picture."""
    a, b = max(0, -block.y), max(0, -block.x)
    rows, columns = slice(a, max(a, size[1] - block.y)), slice(b, max(b, size[0] - block.x))
    ink, shade = (np.ascontiguousarray(each[rows, columns]) for each in (block.ink, block.shade))
    sung = np.ascontiguousarray(block.sung[rows, columns]) if block.sung.size else block.sung
    return LyricBlock(block.x + b, block.y + a, ink, shade, sung) if ink.size else None
