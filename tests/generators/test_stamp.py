"""A picture in the built-in generator's worlds."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from avwalk.contracts import Drive
from avwalk.errors import OptionError
from avwalk.generators.cppn.generator import Cppn
from avwalk.generators.cppn.kernels import field_slots as layout
from avwalk.generators.cppn.material import TOPOLOGIES
from avwalk.generators.cppn.stamp import Stamp

SIZE = (160, 90)


def disc(alpha: bool) -> np.ndarray:
    """A bright disc on black, or on nothing: (64, 64, 4)."""
    y, x = np.mgrid[:64, :64] - 31.5
    inside = np.hypot(x, y) < 24
    light = np.where(inside, 230, 10).astype(np.uint8)
    return np.dstack([light, light, light, np.where(inside | (not alpha), 255, 0).astype(np.uint8)])


def drawn(topology: str, picture: np.ndarray | None, **params: float) -> np.ndarray:
    generator = Cppn(SIZE, 3, topology=topology)
    if picture is not None:
        generator.press(picture)
    curves = {name: np.full(1, value, np.float32) for name, value in {"grain.amount": 0.0, **params}.items()}
    drive = Drive(0, np.full((1, Cppn.latent_dim), 0.4, np.float32), curves, Fraction(30), 1)
    return np.asarray(generator.draw(drive)[0])


@pytest.mark.parametrize("topology", sorted(set(TOPOLOGIES) - {"nave"}))
@pytest.mark.parametrize("alpha", [False, True])
def test_it_is_seen_in_every_world(topology: str, alpha: bool) -> None:
    plain, with_it = drawn(topology, None), drawn(topology, disc(alpha))
    change = np.abs(with_it - plain).max(axis=-1)
    assert np.isfinite(with_it).all() and 0.03 < (change > 0.04).mean() < 0.95
    assert np.array_equal(with_it, drawn(topology, disc(alpha)))


def test_a_nave_has_no_place_for_it() -> None:
    with pytest.raises(OptionError, match="choose another preset"):
        drawn("nave", disc(True))


def test_the_camera_moves_it() -> None:
    def middle(**params: float) -> np.ndarray:
        change = np.abs(drawn("relief", disc(True), **params) - drawn("relief", None, **params)).max(axis=-1) > 0.05
        return np.asarray(np.argwhere(change).mean(axis=0))

    assert middle(**{"camera.x": 0.3})[1] < middle()[1] - 8
    assert middle(**{"camera.y": 0.2})[0] < middle()[0] - 4


def test_what_is_clear_leaves_the_world_as_it_is() -> None:
    clear = disc(True)
    clear[..., 3] = 0
    assert np.array_equal(drawn("relief", clear), drawn("relief", None))


def test_the_subjects_mask_is_the_pictures() -> None:
    generator = Cppn(SIZE, 3, topology="void")
    generator.press(disc(True))
    drive = Drive(0, np.full((1, Cppn.latent_dim), 0.4, np.float32), {}, Fraction(30), 1)
    mask = generator.passes(drive, ("mask",))["mask"][0]
    # a disc of 0.75 of its picture, 1.4 half-heights wide
    assert (mask > 0.5).sum() == pytest.approx(np.pi * (0.75 * 0.7 * 45) ** 2, rel=0.45)


def test_grain_and_one_tone_are_no_relief() -> None:
    rng = np.random.default_rng(0)
    flat: Any = np.full((64, 64, 4), 128, np.uint8)
    flat[..., 3] = 255
    assert Stamp.of(flat, layout.RELIEF).planes[..., 0].min() == 1

    def smooth(picture: np.ndarray) -> np.ndarray:
        return Stamp.of(picture, layout.RELIEF).planes[..., 1]

    noisy = np.clip(disc(False) + rng.normal(0, 6, (64, 64, 4)), 0, 255).astype(np.uint8)
    noisy[..., 3] = 255
    assert np.abs(smooth(noisy) - smooth(disc(False))).mean() < 0.05
