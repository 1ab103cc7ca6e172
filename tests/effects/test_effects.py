from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from avwalk.arrays.colour import to_linear, to_srgb
from avwalk.contracts import Drive
from avwalk.effects.aberration import Aberration
from avwalk.effects.bloom import Bloom
from avwalk.effects.grain import MAX_SIGMA, Grain
from avwalk.effects.light import Light
from avwalk.effects.vignette import Vignette

EFFECTS = [Light, Bloom, Vignette, Grain, Aberration]
NAMES = ("light.gain", "bloom.amount", "vignette.amount", "grain.amount", "aberration.amount")


def drive(n: int, i0: int = 0, **values: float) -> Drive:
    params = {name: np.full(n, values.get(name.replace(".", "_"), 1.0), np.float32) for name in NAMES}
    return Drive(i0=i0, latents=np.zeros((n, 2), np.float32), params=params, fps=Fraction(30), seed=7)


def pictures(n: int = 3, height: int = 45, width: int = 80) -> np.ndarray:
    return np.random.default_rng(3).random((n, height, width, 3), dtype=np.float32)


@pytest.mark.parametrize("effect", EFFECTS)
def test_frames_do_not_depend_on_the_batch(effect: type[Any]) -> None:
    whole = effect().apply(pictures(), drive(3, i0=10, light_gain=1.4))
    alone = [effect().apply(pictures()[k : k + 1], drive(1, i0=10 + k, light_gain=1.4)) for k in range(3)]
    np.testing.assert_array_equal(whole, np.concatenate(alone))
    assert whole.dtype == np.float32 and whole.shape == (3, 45, 80, 3)
    assert whole.min() >= 0 and whole.max() <= 1 and effect.needs == (0, 0)


@pytest.mark.parametrize("effect", EFFECTS)
@pytest.mark.parametrize("size", [(1, 1), (2, 3), (33, 17)])
def test_any_size(effect: type[Any], size: tuple[int, int]) -> None:
    out = effect().apply(pictures(1, *size), drive(1, light_gain=2))
    assert out.shape == (1, *size, 3) and np.isfinite(out).all()


@pytest.mark.parametrize("effect", [Bloom, Vignette, Grain])
def test_amount_zero_changes_nothing(effect: type[Any]) -> None:
    np.testing.assert_array_equal(effect(amount=0).apply(pictures(), drive(3)), pictures())


def test_light_gain_one_changes_nothing_and_more_never_burns() -> None:
    np.testing.assert_array_equal(Light().apply(pictures(), drive(3)), pictures())
    ramp = np.repeat(np.linspace(0, 1, 256, dtype=np.float32)[None, None, :, None], 3, axis=3)
    out = Light().apply(ramp.copy(), drive(1, light_gain=2))[0, 0, :, 0]
    assert (np.diff(out) > 0).all(), "a clip would make equal neighbours"
    assert out[128] > ramp[0, 0, 128, 0] and out[-1] == pytest.approx(1, abs=1e-4)


def test_bloom_spreads_a_few_per_cent_of_the_light() -> None:
    frame = np.full((1, 180, 320, 3), 0.05, np.float32)
    frame[0, 70:110, 140:180] = 0.95
    before = to_linear(frame).sum()
    out = Bloom().apply(frame.copy(), drive(1))
    assert 1.03 < to_linear(out).sum() / before < 1.16
    assert out[0, 60, 160, 0] > frame[0, 60, 160, 0] + 0.02


def test_vignette_darkens_corners_most() -> None:
    out = Vignette().apply(np.ones((1, 90, 160, 3), np.float32), drive(1))[0, :, :, 0]
    assert out[45, 80] > 0.999 and out[0, 0] < 0.75 and (np.diff(out[45, 80:]) <= 0).all()


def test_grain_is_faint_and_changes_with_the_frame() -> None:
    grey = np.full((2, 90, 160, 3), 0.5, np.float32)
    out = Grain(amount=2).apply(grey.copy(), drive(2, grain_amount=3)) - grey
    assert 0.5 / 255 < out.std() <= 1.02 * MAX_SIGMA and abs(out.mean()) < 1e-4
    assert not np.array_equal(out[0], out[1])


def test_aberration_leaves_the_middle_and_green_alone() -> None:
    frame = pictures(1, 45, 81)
    out = Aberration(amount=10).apply(frame.copy(), drive(1))
    np.testing.assert_array_equal(out[..., 1], frame[..., 1])
    np.testing.assert_allclose(out[0, 22, 40], frame[0, 22, 40], atol=1e-5)
    assert np.abs(out[0, 0, :, 0] - frame[0, 0, :, 0]).max() > 0.05


def test_srgb_round_trip() -> None:
    x = np.linspace(0, 1, 1001, dtype=np.float32)
    np.testing.assert_allclose(to_srgb(to_linear(x)), x, atol=3e-4)
