"""Float pictures to eight bits: against plain numpy, against colour patches, and without bands."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from avwalk.video.dither import to_bgr8, to_yuv420
from avwalk.video.encode import SegmentEncoder, write_png_sequence
from avwalk.video.profiles import profile
from tests.pictures import read

M = np.array(
    [
        [219 * 0.2126, 219 * 0.7152, 219 * 0.0722],
        [-224 * 0.2126 / 1.8556, -224 * 0.7152 / 1.8556, 112],
        [112, -224 * 0.7152 / 1.5748, -224 * 0.0722 / 1.5748],
    ]
)


def yuv(rgb: np.ndarray, seed: int = 0, index: int = 0) -> list[np.ndarray]:
    h, w = rgb.shape[:2]
    y, u, v = (np.zeros(s, np.uint8) for s in ((h, w), (h // 2, w // 2), (h // 2, w // 2)))
    to_yuv420(rgb, y, u, v, seed, index)
    return [y, u, v]


def test_planes_are_bt709_of_the_filtered_picture_plus_dither() -> None:
    rgb = np.random.default_rng(0).random((48, 64, 3), dtype=np.float32)
    planes = rgb.astype(np.float64) @ M.T
    rows = (planes[0::2] + planes[1::2]) / 2
    left = np.concatenate([rows[:, :1], rows[:, 1:-1:2]], axis=1)
    chroma = (left + 2 * rows[:, 0::2] + rows[:, 1::2]) / 4  # sited on the left column of each pair
    expected = [16 + planes[..., 0], 128 + chroma[..., 1], 128 + chroma[..., 2]]
    mean = [np.mean([yuv(rgb, 0, i)[k] for i in range(300)], axis=0) for k in range(3)]
    for k in range(3):
        assert np.abs(yuv(rgb)[k] - expected[k]).max() <= 1.51
        # dither averages out: what is left is the noise of 300 draws
        assert np.abs(mean[k] - expected[k]).max() < 0.2


def test_bits_depend_on_seed_and_index_only() -> None:
    rgb = np.full((32, 32, 3), 0.1234, np.float32)
    assert all(np.array_equal(a, b) for a, b in zip(yuv(rgb, 3, 4), yuv(rgb.copy(), 3, 4), strict=True))
    assert not np.array_equal(yuv(rgb, 3, 4)[0], yuv(rgb, 3, 5)[0])
    assert not np.array_equal(yuv(rgb, 3, 4)[0], yuv(rgb, 4, 4)[0])


def test_extremes_and_nan_stay_in_range() -> None:
    rgb = np.zeros((4, 4, 3), np.float32)
    rgb[0], rgb[1], rgb[2] = np.nan, np.inf, -np.inf
    luma = yuv(rgb)[0]
    assert luma[1].min() >= 234
    assert np.delete(luma, 1, axis=0).max() <= 17


@pytest.mark.parametrize("index", [0, 9])
def test_a_slow_dark_gradient_has_no_bands(index: int) -> None:
    ramp = np.linspace(0.02, 0.05, 1280, dtype=np.float32)
    rgb = np.repeat(np.broadcast_to(ramp, (256, 1280))[..., None], 3, axis=2)
    columns = yuv(rgb, 0, index)[0].astype(np.float64).reshape(256, 80, 16).mean(axis=(0, 2))
    assert np.abs(columns - (16 + 219 * ramp.astype(np.float64)).reshape(80, 16).mean(axis=1)).max() < 0.1
    pixels = to_bgr8(rgb, 0, index)[..., 0].astype(np.float64).reshape(256, 80, 16).mean(axis=(0, 2))
    assert np.abs(pixels - 255 * ramp.astype(np.float64).reshape(80, 16).mean(axis=1)).max() < 0.1


@pytest.mark.parametrize("name", ["youtube", "master"])
def test_colour_patches_come_back(name: str, tmp_path: Path) -> None:
    patches = np.array(
        [[0.78, 0.12, 0], [0, 0.6, 0.1], [0.1, 0.2, 0.9], [0.5, 0.5, 0.5], [0.05, 0.04, 0.06], [1, 1, 1]],
        np.float32,
    )
    rgb = np.repeat(np.repeat(patches[None], 64, axis=0), 32, axis=1)
    path = tmp_path / "patch.mp4"
    with SegmentEncoder(path, (192, 64), Fraction(30), profile(name), 0, 0) as segment:
        segment.write(np.repeat(rgb[None], 4, axis=0))
    with av.open(str(path)) as container:
        context = container.streams.video[0].codec_context
        assert (context.color_primaries, context.color_trc, context.colorspace, context.color_range) == (
            1,
            1,
            1,
            1,
        )
        assert context.profile == "High"
        for frame in container.decode(video=0):
            planes = [
                np.frombuffer(bytes(p), np.uint8).reshape(-1, p.line_size).astype(np.float64) for p in frame.planes
            ]
            for k, colour in enumerate(patches):
                y = planes[0][16:48, 32 * k + 12 : 32 * k + 20].mean()
                u, v = (p[8:24, 16 * k + 6 : 16 * k + 10].mean() for p in planes[1:3])
                back = np.linalg.solve(M, [y - 16, u - 128, v - 128]) * 255
                assert np.abs(back - colour * 255).max() <= 2.5, k


def test_pictures_are_numbered_by_their_frame(tmp_path: Path) -> None:
    rgb = np.random.default_rng(0).random((2, 9, 16, 3), dtype=np.float32)
    paths = list(write_png_sequence(tmp_path / "ä b", rgb, 5, 41))
    assert [p.name for p in paths] == ["000041.png", "000042.png"]
    back = read(paths[1])[..., ::-1]
    assert np.abs(back / 255 - rgb[1]).max() < 1.51 / 255
