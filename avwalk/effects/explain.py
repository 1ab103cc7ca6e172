"""Debug overlay: the routed parameters as lanes with a playhead over the lower edge of the picture."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

import cv2
import numpy as np
from numpy.typing import NDArray

from avwalk.contracts import Curve, Drive, Frames

SECONDS = 4.0
"""Shown before and after the playhead."""

MAX_LANES = 10
_COLOURS = ((224, 122, 95), (230, 180, 80), (127, 183, 214), (185, 180, 199), (129, 178, 154), (214, 140, 170))
_INK, _FAINT = (228, 226, 220), (128, 131, 140)
_FONT = cv2.FONT_HERSHEY_SIMPLEX
_FINE = 4  # bits below a pixel, for lines
_VEIL = 0.16  # share of the picture that shows through the lanes


class Explain:
    """Draws a lane for each curve: its name, its value now, four seconds of it on both sides.

    A lane is scaled to what its curve does; one that never moves is a flat line. The strip takes at
    most 45 % of the picture; lanes that do not fit are omitted, the last ones first.

    Args:
        curves: name → (n,), over the whole film, and where there is more the seconds before and after it.
        units: name → unit, shown after the value.
        i0: the curves' first frame, counted from the start of the song.
        fps: frames per second.
        ranges: name → lowest and highest value of a curve of which a part is given.
    """

    needs = (0, 0)

    def __init__(
        self,
        curves: Mapping[str, Curve],
        units: Mapping[str, str],
        i0: int,
        fps: Fraction,
        ranges: Mapping[str, tuple[float, float]] | None = None,
    ) -> None:
        self._curves = dict(list(curves.items())[:MAX_LANES])
        self._units, self._i0, self._fps = units, i0, float(fps)
        own = {name: (float(np.min(curve)), float(np.max(curve))) for name, curve in self._curves.items()}
        self._spans = {name: _span(*span) for name, span in {**own, **(ranges or {})}.items()}
        self._grounds: dict[tuple[int, int], NDArray[np.uint8]] = {}

    def apply(self, frames: Frames, drive: Drive) -> Frames:
        """Frames (n, H, W, 3), written in place."""
        height, width = frames.shape[1:3]
        lane = max(13, round(height / 32))
        names = list(self._curves)[: max(1, int(0.45 * height) // lane - 1)]
        tall = lane * len(names) + lane // 2
        if not names or tall > height or width < 8 * lane:
            return frames
        ground = self._ground(names, lane, width)
        for k in range(len(frames)):
            strip = ground.copy()
            for row, name in enumerate(names):
                self._draw(strip, name, row, lane, drive.i0 + k)
            middle = _middle(width, lane)
            cv2.line(strip, (middle, lane // 4), (middle, tall - lane // 4), _INK, 1)
            part = frames[k, height - tall :]
            part[:] = cv2.addWeighted(part, _VEIL, strip, (1 - _VEIL) / 255, 0, dtype=cv2.CV_32F)
        return frames

    def _ground(self, names: list[str], lane: int, width: int) -> NDArray[np.uint8]:
        """The static background: names and base lines of the lanes."""
        key = (lane, width)
        if key not in self._grounds:
            ground = np.zeros((lane * len(names) + lane // 2, width, 3), np.uint8)
            left, right = _room(width, lane)
            for row, name in enumerate(names):
                low = lane // 4 + (row + 1) * lane - 2
                cv2.line(ground, (left, low), (right, low), (46, 48, 54), 1)
                _write(ground, name, (lane // 2, low - lane // 4), lane, _colour(row))
            self._grounds[key] = ground
        return self._grounds[key]

    def _draw(self, strip: NDArray[np.uint8], name: str, row: int, lane: int, i: int) -> None:
        """One lane at one frame."""
        curve, (low, high) = self._curves[name], self._spans[name]
        width = strip.shape[1]
        left, right = _room(width, lane)
        middle, step = _middle(width, lane), (right - left) / (2 * SECONDS * self._fps)
        now = i - self._i0
        reach = int(SECONDS * self._fps)
        a, b = max(0, now - reach), min(len(curve), now + reach + 1)
        stride = max(1, int(0.75 / step))  # no more points than pixels
        index = np.arange(a + -(a + self._i0) % stride, b, stride)  # the same ones, wherever the curves begin
        x = middle + (index - now) * step
        values = (np.asarray(curve[index], np.float64) - low) / (high - low)
        bottom, size = lane // 4 + (row + 1) * lane - 2, lane - 5
        points = np.stack([x, bottom - size * values], axis=1)[x >= left]
        if len(points) > 1:
            line = np.round(points * (1 << _FINE)).astype(np.int32)
            floor = np.array([[line[-1, 0], bottom << _FINE], [line[0, 0], bottom << _FINE]], np.int32)
            colour = _colour(row)
            cv2.fillPoly(strip, [np.concatenate([line, floor])], [c // 4 for c in colour], cv2.LINE_AA, _FINE)
            cv2.polylines(strip, [line], False, colour, 1, cv2.LINE_AA, _FINE)
        unit = self._units.get(name, "")
        _write(
            strip,
            f"{float(curve[min(max(now, 0), len(curve) - 1)]):.2f}{unit}",
            (left, bottom - lane // 4),
            lane,
            _INK,
            right=True,
        )


def _span(low: float, high: float) -> tuple[float, float]:
    """Lowest and highest value, at least a little apart."""
    least = max(1e-6, 1e-3 * max(abs(low), abs(high)))
    return (low, high) if high - low >= least else (low - least / 2, low + least / 2)


def _room(width: int, lane: int) -> tuple[int, int]:
    """Where lanes begin and end, in pixels: names and values stand before them."""
    return min(width // 2, round(10.5 * lane)), width - lane // 2


def _middle(width: int, lane: int) -> int:
    left, right = _room(width, lane)
    return (left + right) // 2


def _colour(row: int) -> tuple[int, int, int]:
    return _COLOURS[row % len(_COLOURS)]


def _write(
    picture: NDArray[np.uint8],
    text: str,
    at: tuple[int, int],
    lane: int,
    colour: tuple[int, ...],
    *,
    right: bool = False,
) -> None:
    """A word, left of ``at`` if ``right``; characters missing in the font are omitted."""
    scale = lane / (46 if lane < 18 else 50)  # small letters need a little more
    text = "".join(c for c in text if c.isascii())
    if right:
        (wide, _), _ = cv2.getTextSize(text, _FONT, scale, 1)
        at = (at[0] - wide - lane // 3, at[1])
    cv2.putText(picture, text, at, _FONT, scale, colour, 1, cv2.LINE_AA)
