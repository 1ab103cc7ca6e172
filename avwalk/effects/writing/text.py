"""Text overlay: title card, credit line, and text cues."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from avwalk.arrays.interpolation import smoothstep
from avwalk.config.text import Text as Style
from avwalk.contracts import Caption, Drive, Frames
from avwalk.effects.safe_area import safe_area
from avwalk.effects.writing.lettering import Coverage, composed, face

LINE_HEIGHT = 1.24  # ems
CREDIT, SECOND, WORDS = 0.42, 0.5, 0.62  # sizes beside the title's
WHITE = 0.965
TINT = 0.20  # how much of the picture's colour the letters take


class Row(NamedTuple):
    """A line of a caption: its letters, and where its baseline and its left end are in the block, pixels."""

    ink: Coverage
    x: float
    baseline: float


@dataclass(frozen=True)
class Block:
    """A caption, drawn and placed.

    Attributes:
        caption: its text and time span.
        x: left edge in the picture, pixels.
        y: upper edge.
        ink: coverage of the letters, (h, w).
        shade: opacity of their shadow, (h, w).
    """

    caption: Caption
    x: int
    y: int
    ink: Coverage
    shade: Coverage


class Area(NamedTuple):
    """A part of the picture that is taken in frames [i0, i1): its edges, pixels."""

    i0: int
    i1: int
    left: int
    top: int
    right: int
    bottom: int


class Text:
    """Writes captions over the frames: letters in the colour of the light, a soft shadow under them.

    Simultaneous captions never overlap: the later one moves up, or down in the
    upper half.

    Args:
        captions: all of the film.
        size: width and height of the picture, pixels.
        style: the preset's ``[text]``.
    """

    needs = (0, 0)

    def __init__(self, captions: Sequence[Caption], size: tuple[int, int], style: Style) -> None:
        self._style, self._size = style, size
        self._unit = min(size) * float(style.size) / 100  # the title's em, pixels
        self._colour = colour_of(style.colour)
        self._blocks: list[Block] = []
        for caption in captions:
            if (block := self._placed(caption)) is not None:
                self._blocks.append(block)

    def apply(self, frames: Frames, drive: Drive) -> Frames:
        """Frames (n, H, W, 3), written in place."""
        for k in range(len(frames)):
            for block in self._blocks:
                if share := visible(block.caption, drive.i0 + k):
                    self._write(frames[k], block, np.float32(share))
        return frames

    @property
    def areas(self) -> tuple[Area, ...]:
        """Where its captions stand, and when."""
        found = []
        for block in self._blocks:
            inked = np.argwhere(block.ink > 0)
            if len(inked):
                (top, left), (bottom, right) = inked.min(axis=0), inked.max(axis=0) + 1
                edges = (block.x + int(left), block.y + int(top), block.x + int(right), block.y + int(bottom))
                found.append(Area(block.caption.i0, block.caption.i1, *edges))
        return tuple(found)

    def _write(self, frame: NDArray[np.float32], block: Block, share: np.float32) -> None:
        h, w = block.ink.shape
        part = frame[block.y : block.y + h, block.x : block.x + w]
        colour = self._colour if self._colour is not None else light_of(frame)
        part *= (1 - share * block.shade)[..., None]
        part += (share * block.ink)[..., None] * (colour - part)

    def _placed(self, caption: Caption) -> Block | None:
        upright = self._size[1] > self._size[0]
        left, top, right, bottom = safe_area(self._size)
        position = {"credit": "lower-left", "words": "lower-third"}.get(caption.kind, self._style.position)
        centred = position != "lower-left"
        rows, tall = self._rows(caption, (right - left) * (0.86 if centred or upright else 0.7))
        if not rows:
            return None
        wide = max(row.ink.shape[1] for row in rows)
        x = (left + right - wide) / 2 if centred else left
        middle = {"upper-third": 1 / 3, "centre": 0.5, "lower-third": 0.8}.get(position)
        y = bottom - tall if middle is None else top + (bottom - top) * middle - tall / 2
        y = min(max(y, top), bottom - tall)
        y = self._free(caption, y, tall, up=position != "upper-third")
        rows = [row._replace(x=(wide - row.ink.shape[1]) / 2 if centred else row.x) for row in rows]
        return self._rendered(caption, rows, x, y)

    def _rows(self, caption: Caption, room: float) -> tuple[list[Row], float]:
        """The lines of a caption, left-aligned, and how tall they are together."""
        unit = self._unit
        first = {"credit": CREDIT, "words": WORDS}.get(caption.kind, 1.0) * unit
        letters = face(self._style.font)
        rows: list[Row] = []
        y = 0.0
        for k, line in enumerate(caption.lines):
            text = "".join(letter for letter in composed(line) if letters.has(letter)).strip()
            if not text:
                continue
            minor = caption.kind == "card" and k > 0
            spacing = self._style.spacing / 100 + (0.06 if minor or caption.kind == "credit" else 0.0)
            size = max(8.0, SECOND * unit if minor else first)
            lines, size = letters.wrap(text, size, spacing, room, 3)
            y += 0.35 * size if rows and minor else 0.0
            for part in lines:
                ink = letters.line(part, size, spacing)
                rows.append(Row(ink, 0.0, y + size))
                y += LINE_HEIGHT * size
        return rows, y

    def _free(self, caption: Caption, y: float, tall: float, *, up: bool) -> float:
        """The nearest y that no simultaneous caption occupies."""
        for other in self._blocks:
            pad = self._pad
            above, below = other.y + pad, other.y + other.ink.shape[0] - pad
            if caption.i0 < other.caption.i1 and other.caption.i0 < caption.i1 and y < below and y + tall > above:
                y = above - tall - 0.3 * tall if up else below + 0.3 * tall
        return y

    @property
    def _pad(self) -> int:
        """Room for the shadow around the letters, pixels."""
        return round(0.9 * self._unit) + 2

    def _rendered(self, caption: Caption, rows: Sequence[Row], x: float, y: float) -> Block | None:
        """Letters and shadow, clipped to the picture."""
        pad = self._pad
        wide, tall = (max(round(r.x) + r.ink.shape[1] for r in rows), max(round(r.baseline) for r in rows))
        ink = np.zeros((tall + rows[-1].ink.shape[0] + 2 * pad, wide + 2 * pad), np.float32)
        for row in rows:
            h, w = row.ink.shape
            upper = pad + round(row.baseline) - round(h / 1.3)
            part = ink[max(0, upper) : upper + h, pad + round(row.x) : pad + round(row.x) + w]
            np.maximum(part, row.ink[-part.shape[0] :], out=part)
        shade = shade_of(ink, self._unit * (CREDIT if caption.kind == "credit" else 1.0), self._style.shadow)
        left, top = round(x) - pad, round(y) - pad
        a, b = max(0, -top), max(0, -left)
        ink = ink[a : max(a, self._size[1] - top), b : max(b, self._size[0] - left)]
        shade = shade[a : a + ink.shape[0], b : b + ink.shape[1]]
        return Block(caption, left + b, top + a, ink, shade) if ink.size else None


def visible(caption: Caption, i: int) -> float:
    """Opacity of a caption at a frame, 0 to 1, with eased fades."""
    if not caption.i0 <= i < caption.i1:
        return 0.0
    ease = min(caption.ease, (caption.i1 - caption.i0) / 2)
    if ease < 1:
        return 1.0
    share = min(1.0, (i - caption.i0 + 1) / ease, (caption.i1 - i) / ease)
    return smoothstep(share)


def shade_of(ink: Coverage, unit: float, strength: float) -> Coverage:
    """Opacity of the shadow: a tight one for contrast at the edges, and a wide one behind the block."""
    tight = cv2.GaussianBlur(ink, (0, 0), max(0.8, 0.05 * unit))
    small = cv2.resize(ink, None, fx=0.25, fy=0.25, interpolation=cv2.INTER_AREA)
    wide = cv2.resize(cv2.GaussianBlur(small, (0, 0), max(0.6, 0.24 * unit / 4)), ink.shape[::-1])
    drop = max(1, round(0.03 * unit))
    tight = np.roll(tight, drop, axis=0)
    light = (1 - 0.7 * strength * np.clip(2.0 * tight, 0, 1)) * (1 - 0.8 * strength * np.clip(2.6 * wide, 0, 1))
    # nothing at the edges of the block, where it would show as one
    fade = np.minimum(*np.meshgrid(*(np.minimum(np.arange(n), np.arange(n)[::-1]) for n in ink.shape[::-1])))
    shade: Coverage = ((1 - light) * np.clip(fade / max(1.0, 0.5 * unit), 0, 1)).astype(np.float32)
    return shade


def light_of(frame: NDArray[np.float32]) -> NDArray[np.float32]:
    """Text colour (3,): nearly white, tinted by the picture's highlights."""
    step = max(1, min(frame.shape[:2]) // 48)
    small = frame[::step, ::step].reshape(-1, 3)
    mean = (small * small.max(axis=1, keepdims=True)).mean(axis=0)
    tint = (mean + np.float32(1e-3)) / (mean.max() + np.float32(1e-3))
    colour: NDArray[np.float32] = (WHITE * (1 - TINT * (1 - tint))).astype(np.float32)
    return colour


def colour_of(text: str) -> NDArray[np.float32] | None:
    """``#rrggbb`` as (3,); None for the colour of the light."""
    if text == "light":
        return None
    return np.array([int(text[k : k + 2], 16) for k in (1, 3, 5)], np.float32) / np.float32(255)
