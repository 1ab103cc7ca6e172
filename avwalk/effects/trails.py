"""Trails: bright pixels decay over a fixed number of frames."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np

from avwalk.arrays.colour import Picture, curve_at, rows
from avwalk.contracts import Drive, Frames, Memory

TOE = 1 / 16  # how much faster than an exponential a trail ends: it reaches black, and does so on time


class Trails:
    """Running maximum of every pixel that decays to 0 within ``seconds``.

    A trail of brightness x goes to keep · x − loss with each frame. Brightness and maximum are monotone in every
    rounding, and white is gone after ``needs[0]`` frames; so earlier frames have no influence, and a frame
    has the same bits whatever was drawn before.

    Args:
        amount: strength, multiplied by the curve ``trails.amount``, 0 to 1.
        seconds: until white is gone, above 0.
        fps: frames per second, ``"30/1"``.
    """

    def __init__(self, *, amount: float = 1.0, seconds: float = 0.4, fps: str = "30") -> None:
        self._amount = amount
        frames = max(1, round(seconds * float(Fraction(fps))))
        self.needs = (frames, 0)
        # a hundredth of a frame early, so that rounding cannot leave a rest
        self._keep = math.exp(math.log(TOE / (1 + TOE)) / (frames - 0.01))
        self._loss = TOE * (1 - self._keep)

    def apply(self, frames: Frames, drive: Drive) -> Frames:
        """Frames (n, H, W, 3), written in place; the trails begin with the first of them."""
        return self.follow(frames, drive, None)[0]

    def follow(self, frames: Frames, drive: Drive, memory: Memory | None) -> tuple[Frames, Memory]:
        """Frames (n, H, W, 3), written in place, and the trails after the last, (H, W, 3)."""
        from avwalk.effects.kernels import decay_max, lighten

        frames, flat = rows(frames)
        height, width = frames.shape[1:3]
        left = np.zeros((height, width * 3), np.float32) if memory is None else memory.reshape(height, width * 3)
        keep, loss = np.float32(self._keep), np.float32(self._loss)
        for k in range(len(frames)):
            amount = min(1.0, self._amount * max(0.0, curve_at(drive.params, "trails.amount", k, 1.0)))
            decay_max(flat[k], left, keep, loss)
            if amount > 0:
                lighten(flat[k], _soft(left.reshape(height, width, 3)).reshape(left.shape), np.float32(amount))
        return frames, left.reshape(height, width, 3)


def _soft(picture: Picture) -> Picture:
    """A little out of focus, so that what moves fast leaves a glow and not a row of copies."""
    import cv2

    height, width = picture.shape[:2]
    half = (max(1, width // 2), max(1, height // 2))
    small = cv2.GaussianBlur(cv2.resize(picture, half, interpolation=cv2.INTER_AREA), (9, 9), min(height, width) / 480)
    return np.asarray(cv2.resize(small, (width, height), interpolation=cv2.INTER_LINEAR), np.float32)
