"""Flash detection after WCAG 2.3.1: counts harmful flashes per second.

WCAG 2.2, success criterion 2.3.1: a flash is a pair of opposing changes in relative luminance of 10 % or more
where the darker one is below 0.80, or a pair of opposing transitions involving a saturated red
(R / (R + G + B) ≥ 0.8, change of (R − G − B) · 320 above 20); it counts where a quarter of any 10° of the view
flashes at once, which is a third of the picture's width and height. Three in any second are the limit.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from avwalk.contracts import Frames
from avwalk.video.flash_kernels import measured, reversals

LIMIT = 3
"""Flashes in any second."""

_CHANGE, _DARKER = 0.10, 0.80  # relative luminance
_RED_SHARE, _RED_CHANGE = 0.8, 20.0
_AREA = 0.25  # of a field
_AT_ONCE = 0.1  # seconds within which pixels flash together
_COHERENCE = 0.6  # net of all that turns, over its sum: below it light wanders, it does not flash
SIZE = (60, 34)
"""Width and height at which flashes are counted."""
_LEVELS = np.arange(4096) / 4095
_LINEAR = np.where(_LEVELS <= 0.04045, _LEVELS / 12.92, ((_LEVELS + 0.055) / 1.055) ** 2.4).astype(np.float32)

Map = NDArray[np.float32]


class FlashMeter:
    """Counts the flashes of a film, frame by frame.

    Args:
        fps: frames per second.
    """

    def __init__(self, fps: Fraction) -> None:
        self._second = max(1, round(fps))
        self._light, self._red = _Reversals(_CHANGE, _DARKER, fps), _Reversals(_RED_CHANGE, np.inf, fps)
        self._counts: list[int] = []

    def push(self, frames: Frames) -> Map:
        """The next frames, (n, H, W, 3) sRGB in [0, 1], of any size; gives their relative luminance, (n, 34, 60)."""
        small = frames
        if frames.shape[2:0:-1] != SIZE:
            small = np.stack([cv2.resize(frame, SIZE, interpolation=cv2.INTER_AREA) for frame in frames])
        light: Map
        light, saturated = np.empty((2, *small.shape[:3]), np.float32)
        measured(
            np.ascontiguousarray(small, np.float32), _LINEAR, np.float32(_RED_SHARE), np.float32(320), light, saturated
        )
        for bright, glowing in zip(light, saturated, strict=True):
            self._counts.append(self._light.push(bright) + 2 * self._red.push(glowing))
        return light

    @property
    def marks(self) -> NDArray[np.int64]:
        """What was counted in each frame: 1 of light, 2 of red, 3 both."""
        return np.array(self._counts, np.int64)

    def state(self) -> dict[str, NDArray[Any]]:
        """All that the next frames are measured by; a copy."""
        both = {"light": self._light, "red": self._red}
        return {f"{name}_{part}": array for name, each in both.items() for part, array in each.state().items()}

    def go_on(self, marks: NDArray[np.int64], state: Mapping[str, NDArray[Any]]) -> None:
        """Goes on behind frames that were metered before, as if it had seen them.

        Args:
            marks: of these frames.
            state: behind them, of a meter that had the same state before them.
        """
        self._counts += marks.tolist()
        for name, each in (("light", self._light), ("red", self._red)):
            own = {part.partition("_")[2]: array for part, array in state.items() if part.startswith(f"{name}_")}
            each.restore(own)

    def per_second(self) -> NDArray[np.float64]:
        """Flashes in the second that ends with each frame, general or red, whichever are more, (n,) float64."""
        marks = np.array(self._counts, np.int64)
        found = []
        for bit in (1, 2):
            total = np.cumsum((marks & bit) > 0)
            before = np.concatenate([np.zeros(self._second, np.int64), total[: -self._second]])[: len(total)]
            found.append((total - before) / 2)
        return np.maximum(*found) if len(marks) else np.zeros(0)


class _Reversals:
    """Detects reversals of a value: opposing changes of at least ``change``, per pixel, then per field.

    A change counts when it takes no longer than half a period of the slowest harmful flashing; drift is no flash.
    """

    def __init__(self, change: float, darker: float, fps: Fraction) -> None:
        self._change, self._darker = change, darker
        self._together = max(1, round(_AT_ONCE * fps))
        self._quick = max(1, round(fps / (2 * LIMIT)))
        self._before = np.zeros((0, *SIZE[::-1]), np.float32)  # what the value was, in no order
        self._at = 0  # frames that went by
        self._way = np.zeros(SIZE[::-1], np.int8)  # direction of each pixel's last change: +1 up, −1 down
        self._recent = np.zeros((self._together, *SIZE[::-1]), np.int8)  # turns, in no order
        self._net = np.zeros(SIZE[::-1], np.float32)
        self._counted = 0  # direction of the last turn that counted

    def state(self) -> dict[str, NDArray[Any]]:
        """All that the next value is judged by; a copy."""
        arrays = {"before": self._before, "way": self._way, "recent": self._recent, "net": self._net}
        # the place in rings counts, not how long it took to get there
        place = np.array([self._at % (self._quick * self._together), self._counted])
        return {**{name: array.copy() for name, array in arrays.items()}, "place": place}

    def restore(self, state: Mapping[str, NDArray[Any]]) -> None:
        """The inverse."""
        self._before, self._way, self._recent, self._net = (
            np.array(state[name]) for name in ("before", "way", "recent", "net")
        )
        self._at, self._counted = (int(each) for each in state["place"])

    def push(self, value: Map) -> int:
        """1 if a quarter of some field reverses in this frame, else 0."""
        if not len(self._before):
            self._before = np.repeat(value[None], self._quick, axis=0)
            return 0
        # what turns the other way at the same time is a texture that moves, no flash: it counts against
        net = self._net
        count = reversals(
            value,
            self._before,
            self._at % self._quick,
            self._way,
            self._recent,
            self._at % self._together,
            net,
            np.float32(self._change),
            np.float32(self._darker),
        )
        self._at += 1
        across, down = SIZE[0] // 3, SIZE[1] // 3
        if count < _AREA * across * down:
            return 0  # not enough for any field
        fields = cv2.blur(net, (across, down))[down // 2 : -(down // 2), across // 2 : -(across // 2)]
        gross, sum_ = float(np.abs(net).sum()), float(net.sum())
        for way in (1, -1):
            if way != self._counted and float((way * fields).max()) >= _AREA and way * sum_ >= _COHERENCE * gross:
                self._counted = way
                self._recent[:] = 0
                return 1
        return 0
