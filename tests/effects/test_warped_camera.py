"""The warp of pictures, against closed formulas and against the generator that takes the camera as coordinates."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any

import cv2
import numpy as np
import pytest

from avwalk.contracts import Drive
from avwalk.effects.camera import Camera
from avwalk.generators.cppn.generator import TARGETS, Cppn

SIZES = [(160, 90), (90, 160), (121, 80)]


def drive(n: int = 1, latents: np.ndarray | None = None, **values: float) -> Drive:
    params = {name: np.full(n, target.default, np.float32) for name, target in TARGETS.items()}
    params |= {name.replace("_", ".", 1): np.full(n, value, np.float32) for name, value in values.items()}
    return Drive(0, np.zeros((n, 12), np.float32) if latents is None else latents, params, Fraction(30), 0)


def seen(picture: np.ndarray, options: dict[str, str] | None = None, **values: float) -> np.ndarray:
    return np.asarray(Camera(**(options or {})).apply(picture[None].copy(), drive(1, None, **values))[0])


def units(size: tuple[int, int]) -> float:
    """Size of a pixel, half-heights of the 16:9 picture of equal area."""
    return 2 / math.sqrt(size[0] * size[1] * 9 / 16)


def noise(size: tuple[int, int], seed: int = 0, sigma: float = 3.0) -> np.ndarray:
    raw = np.random.default_rng(seed).random((size[1], size[0], 3)).astype(np.float32)
    smooth = cv2.GaussianBlur(raw, (0, 0), sigma) - 0.5
    return np.asarray(np.clip(0.5 + smooth / (4 * smooth.std()), 0, 1).astype(np.float32))


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("rest", [{}, {"camera_depth": 3.0}, {"camera_angle": 360.0}, {"camera_zoom": math.nan}])
def test_at_rest_every_bit_passes(size: tuple[int, int], rest: dict[str, float]) -> None:
    picture = np.random.default_rng(1).random((size[1], size[0], 3)).astype(np.float32)
    assert np.array_equal(seen(picture, None, **rest), picture)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize(("zoom", "x", "y", "angle"), [(1.4, 0.2, 0.1, 0), (0.8, -0.3, 0.2, 30), (2.0, 0.1, -0.2, 250)])
def test_a_dot_is_where_the_formula_says(size: tuple[int, int], zoom: float, x: float, y: float, angle: float) -> None:
    px, middle = units(size), np.array(size) / 2 - 0.5
    at = np.array([x + 0.15, y - 0.1])  # in the picture, half-heights
    grid = (np.indices((size[1], size[0]))[::-1].transpose(1, 2, 0) - middle) * px
    dot = np.exp(-((grid - at) ** 2).sum(axis=2) / (2 * (2.5 * px) ** 2))
    picture = np.repeat(dot[..., None], 3, axis=2).astype(np.float32)
    moved = seen(picture, camera_zoom=zoom, camera_x=x, camera_y=y, camera_angle=angle)[..., 0].astype(np.float64)
    turn = math.radians(angle)
    back = np.array([[math.cos(turn), math.sin(turn)], [-math.sin(turn), math.cos(turn)]])
    expected = zoom * back @ (at - (x, y)) / px + middle
    near = np.hypot(*(np.indices(moved.shape) - expected[::-1, None, None])) < 12 * zoom
    weight = np.where(near, moved, 0)
    found = (np.indices(moved.shape) * weight).sum(axis=(1, 2))[::-1] / weight.sum()
    assert np.abs(found - expected).max() < 0.05


@pytest.mark.parametrize("size", [(192, 108), (108, 192)])
def test_it_moves_pictures_as_the_generator_moves_its_world(size: tuple[int, int]) -> None:
    generator = Cppn(size, 3, topology="void", accent=0.0)
    z = np.random.default_rng(0).normal(0, 0.7, (1, 12)).astype(np.float32)
    plain: dict[str, Any] = {"grain_amount": 0.0, "bloom_amount": 0.0, "vignette_amount": 0.0, "cppn_detail": 0.0}
    rest = generator.draw(drive(latents=z, **plain))[0]
    where: dict[str, Any] = {"camera_zoom": 1.25, "camera_x": 0.12, "camera_y": 0.2, "camera_angle": 25.0}
    # the light stays with the world
    turned = generator.draw(drive(latents=z, **plain, **where, light_azimuth=TARGETS["light.azimuth"].default + 25))[0]
    inner = (slice(12, -12), slice(12, -12))

    def apart(**changed: float) -> float:
        return float(np.abs(seen(rest, **{**where, **changed}) - turned)[inner].mean())

    assert apart() < 0.025
    for name in ("camera_x", "camera_y", "camera_angle"):
        assert apart(**{name: -where[name]}) > 3 * apart(), name


def test_beyond_its_edges_is_its_mirror_image() -> None:
    picture = noise((160, 90))
    left = seen(picture, camera_x=-units((160, 90)) * 40)
    assert np.abs(left[:, 40:] - picture[:, :120]).max() < 1e-3
    assert np.abs(left[:, :40] - picture[:, 40:0:-1]).max() < 1e-3


@pytest.mark.parametrize(("symmetry", "turn"), [("mirror", 360), ("kaleidoscope", 120), ("kaleidoscope6", 60)])
def test_mirrors(symmetry: str, turn: int) -> None:
    frame = seen(noise((121, 121)), {"symmetry": symmetry})
    assert np.abs(frame - frame[:, ::-1]).max() < 0.02
    turned = cv2.warpAffine(frame, cv2.getRotationMatrix2D((60, 60), turn, 1), (121, 121), flags=cv2.INTER_CUBIC)
    away = np.hypot(*(np.indices((121, 121)) - 60))
    assert np.abs(turned - frame)[away < 58].mean() < 0.01


@pytest.mark.parametrize("size", [(160, 90), (90, 160)])
def test_a_polar_map_has_no_seam_and_no_pinch(size: tuple[int, int]) -> None:
    # a ramp from left to right goes up and down once around: its step from pixel to pixel is 1 / (π r) pixels
    ramp = np.broadcast_to(np.linspace(0, 1, size[0], dtype=np.float32)[None, :, None], (size[1], size[0], 3)).copy()
    half, px = size[0] // 2, units(size)
    below = slice(size[1] // 2 + 12, size[1])
    column = seen(ramp, {"map": "polar"})[below, half - 2 : half + 2, 0]
    away = (np.arange(size[1])[below] + 0.5 - size[1] / 2) * px
    assert np.abs(np.abs(np.diff(column, axis=1)) / (px / (np.pi * away))[:, None] - 1).max() < 0.3
    frame = seen(noise(size), {"map": "polar"})
    slopes = np.hypot(*np.gradient(frame.mean(axis=2)))
    middle = slopes[size[1] // 2 - 3 : size[1] // 2 + 3, half - 3 : half + 3]
    assert middle.max() < 1.5 * np.percentile(slopes, 99)
    low, high = (seen(noise(size), {"map": "polar"}, camera_depth=depth) for depth in (0.998, 1.002))
    assert np.abs(low - high).mean() < 0.01


def test_a_dive_begins_again_without_a_jump() -> None:
    picture = noise((160, 90))
    assert np.abs(seen(picture, camera_depth=0.999) - picture).mean() < 0.005
    assert np.abs(seen(picture, camera_depth=0.001) - picture).mean() < 0.005
    assert np.abs(seen(picture, camera_depth=0.5) - picture).mean() > 0.03
    nearly = seen(picture, camera_depth=0.05)
    assert np.abs(nearly - seen(picture, camera_zoom=2**0.05)).mean() < 0.3 * np.abs(nearly - picture).mean()


def test_what_is_made_small_does_not_glitter() -> None:
    checker = np.repeat((np.indices((90, 160)).sum(axis=0) % 2)[..., None], 3, axis=2).astype(np.float32)
    assert np.abs(seen(checker, camera_zoom=0.3)[20:-20, 20:-20] - 0.5).max() < 0.1


def test_batches_do_not_matter() -> None:
    pictures = np.stack([noise((64, 36), seed) for seed in range(3)])
    zoom = np.array([1.0, 1.3, 0.7], np.float32)
    whole = drive(3)
    whole = Drive(0, whole.latents, {**whole.params, "camera.zoom": zoom}, whole.fps, 0)
    together = Camera().apply(pictures.copy(), whole)
    for k in range(3):
        assert np.array_equal(together[k], seen(pictures[k], camera_zoom=float(zoom[k])))
    assert np.array_equal(together[0], pictures[0]) and together.min() >= 0 and together.max() <= 1
