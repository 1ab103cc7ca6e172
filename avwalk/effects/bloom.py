"""Bloom: blurred highlights over five octaves, screened over the frame in linear light."""

from __future__ import annotations

import numpy as np

from avwalk.arrays.colour import Picture, curve_at, rows, to_linear
from avwalk.contracts import Drive, Frames

LEVELS = 5
SHARES = (0.34, 0.26, 0.19, 0.13, 0.08)  # of the five octaves, from narrow to wide; Σ = 1


class Bloom:
    """Screens blurred highlights over the frame, in linear light.

    At ``bloom.amount`` = 1 it adds 4 to 8 % of the light of a frame that has highlights.

    Args:
        amount: strength, multiplied by the curve ``bloom.amount``, 0 to 4.
        threshold: sRGB luma at which light begins to spread, 0 to 0.95; it rises smoothly from there.
    """

    needs = (0, 0)

    def __init__(self, *, amount: float = 1.0, threshold: float = 0.35) -> None:
        self._amount, self._threshold = amount, threshold

    def apply(self, frames: Frames, drive: Drive) -> Frames:
        """Frames (n, H, W, 3), written in place."""
        from avwalk.effects.kernels import screen_light

        frames, flat = rows(frames)
        for k in range(len(frames)):
            amount = self._amount * max(0.0, curve_at(drive.params, "bloom.amount", k, 1.0))
            if amount > 0:
                screen_light(flat[k], self._glare(frames[k]).reshape(flat[k].shape), np.float32(0.16 * amount))
        return frames

    def _glare(self, picture: Picture) -> Picture:
        import cv2

        height, width = picture.shape[:2]
        # a quarter of the size is enough for what is blurred anyway
        size = (max(1, -(-width // 4)), max(1, -(-height // 4)))
        level = to_linear(np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), np.float32))
        peak = level.max(axis=2, keepdims=True)
        low = np.float32(self._threshold**2.2)
        level = level * np.clip((peak - low) / np.float32(max(1e-3, 0.7 - float(low))), 0, 1)
        pyramid = [level]
        for _ in range(LEVELS - 1):
            h, w = pyramid[-1].shape[:2]
            pyramid.append(
                cv2.resize(
                    cv2.GaussianBlur(pyramid[-1], (5, 5), 1.1),
                    (max(1, (w + 1) // 2), max(1, (h + 1) // 2)),
                    interpolation=cv2.INTER_AREA,
                )
            )
        total = pyramid[-1] * np.float32(SHARES[-1])
        for share, fine in zip(SHARES[-2::-1], pyramid[-2::-1], strict=True):
            up = cv2.resize(total, fine.shape[1::-1], interpolation=cv2.INTER_LINEAR)
            total = cv2.GaussianBlur(up, (5, 5), 1.1) + fine * np.float32(share)
        glare: Picture = cv2.resize(
            cv2.GaussianBlur(total, (5, 5), 1.1), (width, height), interpolation=cv2.INTER_LINEAR
        )
        return glare
