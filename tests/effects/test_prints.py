"""Trails, halftone, posterise, scanlines: known answers."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest

from avwalk.arrays.colour import to_linear, to_srgb
from avwalk.contracts import Drive
from avwalk.effects.halftone import Halftone
from avwalk.effects.kernels import expose
from avwalk.effects.posterise import Posterise
from avwalk.effects.scanlines import Scanlines
from avwalk.effects.trails import Trails


def drive(n: int = 1) -> Drive:
    return Drive(0, np.zeros((n, 2), np.float32), {}, Fraction(30), 0)


def grey(light: float, size: tuple[int, int] = (320, 180)) -> np.ndarray:
    return np.full((1, size[1], size[0], 3), to_srgb(np.array(light, np.float32)), np.float32)


@pytest.mark.parametrize("fps", ["24/1", "30000/1001", "60/1"])
def test_a_trail_is_gone_to_the_bit_when_it_says_and_looks_the_same_at_any_rate(fps: str) -> None:
    trails = Trails(seconds=0.4, fps=fps)
    before = trails.needs[0]
    assert before == round(0.4 * float(Fraction(fps)))
    frames = np.zeros((before + 2, 2, 2, 3), np.float32)
    frames[0] = 1
    left = trails.apply(frames, drive(before + 2))[:, 0, 0, 0]
    assert left[0] == 1 and (np.diff(left[: before + 1]) < 0).all()
    assert left[before - 1] > 0 and left[before] == 0 and left[before + 1] == 0
    times = np.arange(before + 1) / float(Fraction(fps))
    assert np.interp(0.1, times, left[: before + 1]) == pytest.approx(0.461, abs=0.02)


def test_trails_take_no_light_and_half_the_amount_is_half_the_trail() -> None:
    frames = np.random.default_rng(1).random((6, 5, 7, 3)).astype(np.float32)
    full, half = Trails().apply(frames.copy(), drive(6)), Trails(amount=0.5).apply(frames.copy(), drive(6))
    assert (full >= frames).all() and (full > frames + 0.1).any()
    np.testing.assert_allclose(half, (full + frames) / 2, atol=1e-6)


@pytest.mark.parametrize("light", [0.02, 0.2, 0.5, 0.8, 0.97])
@pytest.mark.parametrize("size", [(320, 180), (1280, 720), (270, 480)])
def test_dots_cover_as_much_as_there_is_light(light: float, size: tuple[int, int]) -> None:
    out = to_linear(Halftone(pitch=25).apply(grey(light, size), drive()))
    assert out.mean() == pytest.approx(light, rel=0.05, abs=0.004)
    assert out.std() > 0.03, "dots, not grey"


def test_dots_keep_the_hue() -> None:
    frame = np.broadcast_to(np.array([0.8, 0.4, 0.2], np.float32), (1, 90, 160, 3)).copy()
    out = to_linear(Halftone(pitch=40).apply(frame.copy(), drive())).reshape(-1, 3)
    lit = out[out[:, 0] > 0.2]
    wanted = to_linear(frame[0, 0, 0])
    np.testing.assert_allclose(lit / lit[:, :1], np.broadcast_to(wanted / wanted[0], lit.shape), atol=0.01)


@pytest.mark.parametrize("levels", [2, 3, 6])
def test_a_ramp_becomes_so_many_flat_tones(levels: int) -> None:
    ramp = np.broadcast_to(np.linspace(0, 1, 1200, dtype=np.float32)[None, None, :, None], (1, 24, 1200, 3)).copy()
    out = Posterise(levels=levels).apply(ramp, drive())[0, 12, :, 1]
    wanted = np.linspace(0.2 / levels, 1 - 0.2 / levels, levels)
    distance = np.abs(out[:, None] - wanted[None, :]).min(axis=1)
    assert (distance < 1e-3).mean() > 0.7 and (np.diff(out) > -1e-6).all()
    assert np.abs(np.diff(out)).max() < 0.3, "borders are smooth"


def test_flat_tones_keep_the_ratios_of_colours() -> None:
    frame = np.broadcast_to(np.array([0.6, 0.3, 0.15], np.float32), (1, 20, 20, 3)).copy()
    out = Posterise(levels=4).apply(frame.copy(), drive())[0, 10, 10]
    np.testing.assert_allclose(out / out[0], frame[0, 0, 0] / frame[0, 0, 0, 0], atol=1e-5)


@pytest.mark.parametrize("height", [270, 720, 1080, 2160])
def test_lines_are_as_far_apart_as_the_picture_is_large_and_as_strong_at_any_size(height: int) -> None:
    out = (
        Scanlines(pitch=12)
        .apply(np.full((1, height, 2 * height, 3), 0.5, np.float32), drive())[0, :, :, 1]
        .mean(axis=1)
    )
    spectrum = np.abs(np.fft.rfft(out - out.mean()))
    assert height / np.argmax(spectrum) == pytest.approx(max(3, 0.012 * height), rel=0.05)
    assert 0.1 < np.ptp(out) < 0.2 and out.mean() == pytest.approx(0.47, abs=0.03)


def test_exposure_is_multiplication_of_light_below_the_knee() -> None:
    ramp = np.linspace(0, 1, 1001, dtype=np.float32)
    out = ramp[None].copy()
    expose(out, np.float32(0.5), np.float32(0.6))
    np.testing.assert_allclose(out[0], to_srgb(to_linear(ramp) * np.float32(0.5)), atol=6e-4)
