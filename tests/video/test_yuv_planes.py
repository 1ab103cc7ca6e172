"""Pictures mixed as planes: against frames that were mixed as float."""

from __future__ import annotations

import numpy as np
import pytest

from avwalk.video.pixel_formats import video_frame
from avwalk.video.yuv_planes import mixed_frame, planes

SIZE = (70, 34)  # rows of frames are padded


def picture(seed: int) -> np.ndarray:
    made = np.random.default_rng(seed).integers(0, 256, (SIZE[1], SIZE[0], 3), dtype=np.uint8)
    made[:4], made[-4:] = 0, 255
    return made


@pytest.mark.parametrize("share", [0.0, 0.25, 0.7, 1.0])
def test_mixed_planes_are_the_frame_that_floats_give(share: float) -> None:
    a, b = picture(1), picture(2)
    floats = ((1 - share) * a + share * b).astype(np.float32) / np.float32(255)
    wanted = video_frame(floats, 3, 9).to_ndarray().astype(int)
    made = mixed_frame(planes(a), planes(b), share, SIZE, 3, 9).to_ndarray().astype(int)
    # the same noise is added to nearly the same level: where that lies on the edge of two, they may differ by one
    assert np.abs(made - wanted).max() <= 1 and (made != wanted).mean() < 0.01


def test_the_mean_of_many_frames_is_the_mixture() -> None:
    a, b = planes(picture(1)), planes(picture(2))
    mean = np.mean([mixed_frame(a, b, 0.3, SIZE, 0, k).to_ndarray() for k in range(400)], axis=0)
    luma = (0.7 * a + 0.3 * b)[: SIZE[0] * SIZE[1]].reshape(SIZE[::-1]) / 256
    assert np.abs(mean[: SIZE[1]] - luma).max() < 0.2


def test_bits_depend_on_seed_and_index() -> None:
    a = planes(picture(1))
    one, again, other, seeded = (
        mixed_frame(a, a, 0.0, SIZE, seed, index).to_ndarray() for seed, index in ((0, 1), (0, 1), (0, 2), (1, 1))
    )
    assert np.array_equal(one, again) and not np.array_equal(one, other) and not np.array_equal(one, seeded)
