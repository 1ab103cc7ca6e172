"""A pen that draws the outlines of one subject, with smooth edges."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import cv2
import numpy as np
from numpy.typing import NDArray

from avwalk.painters.worlds.canvas import Canvas
from avwalk.painters.worlds.noise import Field

Points = Sequence[tuple[float, float]]


class Pen:
    """Draws outlines of one subject.

    Args:
        canvas: where.
        at: foot of the subject: heights from the middle, share from the top.
        size: of the subject, share of the picture's height.

    Attributes:
        size: of the subject.
        mask: what is of the subject's colour.
        dark: what of it is dark whatever its colour: hair, shoes.
        glow: what gives light.
        pale: what is white: spray, foam.
    """

    def __init__(self, canvas: Canvas, at: tuple[float, float], size: float) -> None:
        self.mask: Field = np.zeros((canvas.height, canvas.width), np.float32)
        self.dark: Field = np.zeros_like(self.mask)
        self.glow: Field = np.zeros_like(self.mask)
        self.pale: Field = np.zeros_like(self.mask)
        self._canvas, self._at, self.size = canvas, at, size

    def place(self, point: tuple[float, float]) -> tuple[float, float]:
        """Where a point of the subject is: heights of the picture from its middle, share from the top."""
        return self._at[0] + self.size * point[0], self._at[1] - self.size * point[1]

    def mirror(self) -> None:
        """Turns the subject about its foot, left to right."""
        middle = (self._at[0] + 0.5 * self._canvas.aspect) * self._canvas.height
        across = np.array([[-1, 0, 2 * middle], [0, 1, 0]], np.float32)
        for field in (self.mask, self.dark, self.glow, self.pale):
            field[:] = cv2.warpAffine(field, across, (self._canvas.width, self._canvas.height))

    def _pixels(self, points: Points) -> np.ndarray[tuple[int, ...], np.dtype[np.int32]]:
        c = self._canvas
        x = (self._at[0] + self.size * np.array([p[0] for p in points]) + 0.5 * c.aspect) * c.height
        y = (self._at[1] - self.size * np.array([p[1] for p in points])) * c.height
        return np.stack([x * 16, y * 16], axis=-1).astype(np.int32)

    def fill(self, points: Points, lit: bool = False, dark: bool = False) -> None:
        """A filled outline; heights up from the foot, in units of the size."""
        with self._over(self.glow if lit else self.dark if dark else self.mask) as mask:
            cv2.fillPoly(mask, [self._pixels(points)], 255, cv2.LINE_AA, 4)

    def line(self, points: Points, width: float, dark: bool = False) -> None:
        """A stroke of a width in units of the size."""
        thick = max(1, round(width * self.size * self._canvas.height))
        with self._over(self.dark if dark else self.mask) as mask:
            cv2.polylines(mask, [self._pixels(points)], False, 255, thick, cv2.LINE_AA, 4)

    def disc(
        self, x: float, y: float, radius: float, *, lit: bool = False, dark: bool = False, pale: bool = False
    ) -> None:
        """A disc."""
        centre = self._pixels([(x, y)])[0]
        radius_16 = int(max(0.7, radius * self.size * self._canvas.height) * 16)
        with self._over(self.glow if lit else self.dark if dark else self.pale if pale else self.mask) as mask:
            cv2.circle(mask, (int(centre[0]), int(centre[1])), radius_16, 255, -1, cv2.LINE_AA, 4)

    @contextmanager
    def _over(self, field: Field) -> Iterator[NDArray[np.uint8]]:
        """A mask to draw into, laid over a field: OpenCV smooths edges in eight bits only."""
        mask = np.zeros(field.shape, np.uint8)
        yield mask
        np.maximum(field, mask * np.float32(1 / 255), out=field)
