"""Sample formats of FFmpeg as float."""

from __future__ import annotations

import av
import numpy as np
import pytest

from avwalk.audio.pyav_reader import as_float


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("u8", np.array([0, 128, 192, 128], np.uint8)),
        ("s16", np.array([-32768, 0, 16384, 0], np.int16)),
        ("s32", np.array([-(2**31), 0, 2**30, 0], np.int32)),
        ("flt", np.array([-1, 0, 0.5, 0], np.float32)),
        ("dbl", np.array([-1, 0, 0.5, 0], np.float64)),
    ],
)
@pytest.mark.parametrize("planar", [False, True])
def test_full_scale_is_one(name: str, values: np.ndarray, planar: bool) -> None:
    packed = values.reshape(2, 2)
    data = np.ascontiguousarray(packed.T) if planar else packed.reshape(1, -1)
    frame = av.AudioFrame.from_ndarray(data, format=name + "p" * planar, layout="stereo")
    np.testing.assert_array_equal(as_float(frame), np.array([[-1, 0], [0.5, 0]], np.float32))
