"""A wake is laid over a picture as if it had been made larger first."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from avwalk.matter.wake_kernels import lay_over


@pytest.mark.parametrize("small", [(40, 30), (53, 31), (120, 80), (1, 1), (2, 3)])
def test_light_is_read_between_its_pixels(small: tuple[int, int]) -> None:
    width, height = 120, 80
    rng = np.random.default_rng(3)
    picture = rng.random((height, width, 3), dtype=np.float32)
    over = rng.random((small[1], small[0], 3), dtype=np.float32)
    over[: small[1] // 3] = 0
    found = picture.copy()
    lay_over(found.reshape(height, -1), over.reshape(small[1], -1), 0.7)
    large = cv2.resize(over, (width, height), interpolation=cv2.INTER_LINEAR).reshape(picture.shape)
    assert found == pytest.approx(picture + 0.7 * large * (1 - picture), abs=3e-3)
    dark = large.reshape(height, -1).max(axis=1) == 0
    assert np.array_equal(found[dark], picture[dark])
