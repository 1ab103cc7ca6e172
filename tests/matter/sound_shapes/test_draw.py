from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from avwalk.contracts import Drive, Perspective
from avwalk.generators.named_palettes import find_palette
from avwalk.generators.palette import TABLE_SIZE, accent_colour, ramp_table
from avwalk.matter.colours import Colours
from avwalk.matter.sound_shapes.draw import draw_sound

SHAPES = {"ridge": 256, "ring": 256, "ribbon": 256, "lissajous": 512, "chroma": 12}
PLACES = (
    Perspective("plane", (0.3, -0.1)),
    Perspective("bore", (-0.2, 0.1)),
    Perspective("ground", (0.4, -0.4), 0.1),
    Perspective("plane", (0.0, 0.1), mirrors=1),
    Perspective("plane", (0.0, 0.0), mirrors=6),
    Perspective("bore", (0.0, 0.0), mirrors=3),
)
PAST = 210


def colours() -> Colours:
    palette = find_palette("dusk")
    base, companion = ramp_table(palette.base, TABLE_SIZE), ramp_table(palette.companion, TABLE_SIZE)
    return Colours(base, companion, np.asarray(accent_colour(palette), np.float32))


def drive(shape: str, n: int = 1, *, loud: float = 1.0, past: int = PAST, columns: int = 0, **params: float) -> Drive:
    rng = np.random.default_rng(3)
    columns = columns or SHAPES[shape]
    waves = np.arange(1, 7)[:, None] * np.linspace(0, 2 * np.pi, columns, endpoint=False)
    rows = rng.standard_normal((past + n, 6)) @ np.sin(waves) + 0.3 * rng.standard_normal((past + n, 6)) @ np.cos(waves)
    rows = np.abs(rows) if columns < 128 else rows
    rows = (loud * rows / np.abs(rows).max()).astype(np.float16)
    curves = {name.replace("_", "."): np.full(n, value, np.float32) for name, value in params.items()}
    return Drive(100, np.zeros((n, 12), np.float32), curves, Fraction(30), 1, trace=rows)


def drawn(shape: str, place: Perspective, size: tuple[int, int] = (96, 54), n: int = 1, **options: Any) -> np.ndarray:
    width, height = size
    frames = np.full((n, height, width, 3), 0.3, np.float32)
    return draw_sound(frames, drive(shape, n, **options), place, colours(), shape)


@pytest.mark.parametrize("size", [(96, 54), (54, 96), (64, 64), (3, 2), (200, 20)])
@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("shape", list(SHAPES))
def test_every_shape_stands_in_every_world(shape: str, place: Perspective, size: tuple[int, int]) -> None:
    frames = drawn(shape, place, size)
    assert np.isfinite(frames).all() and frames.min() >= 0 and frames.max() <= 1
    if min(size) > 20:
        assert np.abs(frames - 0.3).max() > 0.1


@pytest.mark.parametrize("shape", list(SHAPES))
def test_a_spectrum_does_too(shape: str) -> None:
    columns = {"lissajous": 512, "chroma": 12}.get(shape, 64)
    for place in PLACES:
        frames = drawn(shape, place, columns=columns)
        assert np.isfinite(frames).all() and frames.min() >= 0 and frames.max() <= 1


@pytest.mark.parametrize("shape", list(SHAPES))
def test_a_frame_is_drawn_alone_as_among_others(shape: str) -> None:
    whole = drive(shape, 5)
    together = draw_sound(np.full((5, 54, 96, 3), 0.3, np.float32), whole, PLACES[0], colours(), shape)
    for k in range(5):
        one = Drive(whole.i0 + k, whole.latents[:1], {}, whole.fps, 1, trace=whole.trace[k : k + PAST + 1])
        alone = draw_sound(np.full((1, 54, 96, 3), 0.3, np.float32), one, PLACES[0], colours(), shape)
        np.testing.assert_array_equal(alone[0], together[k])


@pytest.mark.parametrize("size", [(96, 54), (97, 55)])
@pytest.mark.parametrize("shape", list(SHAPES))
def test_a_mirrored_world_is_symmetric(shape: str, size: tuple[int, int]) -> None:
    plane, ground = Perspective("plane", (0.0, 0.1), mirrors=1), Perspective("ground", (0.0, -0.3), 0.1, mirrors=1)
    for place in (
        plane,
        ground,
        Perspective("plane", (0.0, 0.0), mirrors=3),
        Perspective("bore", (0.0, 0.0), mirrors=1),
    ):
        frame = drawn(shape, place, size, light_azimuth=90)[0]
        assert np.abs(frame - frame[:, ::-1]).max() < 0.06
        assert np.abs(frame - frame[:, ::-1]).mean() < 0.002


@pytest.mark.parametrize("quarter", [1, 2, 3])
def test_a_ridge_turns_with_the_camera(quarter: int) -> None:
    straight = drawn("ridge", Perspective("ground", (0.0, -0.3), 0.1), (64, 64), light_gain=1, light_azimuth=90)[0]
    turned = drawn("ridge", Perspective("ground", (0.0, -0.3), 0.1), (64, 64), camera_angle=90 * quarter)[0]
    assert np.abs(np.rot90(turned, -quarter) - straight).mean() < np.abs(turned - straight).mean() / 3


def test_nothing_is_drawn_of_no_shape_or_without_opacity() -> None:
    frames = np.full((1, 54, 96, 3), 0.3, np.float32)
    assert (draw_sound(frames.copy(), drive("ring"), PLACES[0], colours(), "none") == frames).all()
    for shape in SHAPES:
        assert (drawn(shape, PLACES[0], sound_opacity=0) == frames).all()


def test_silence_is_flat_land() -> None:
    still = drawn("ridge", PLACES[2], loud=0.0, light_azimuth=90)[0]
    land = still[34:]
    assert np.abs(land - land[:, :1]).max() < 0.25  # but for the way of light on it
    loud = drawn("ridge", PLACES[2], loud=1.0, light_azimuth=90)[0]
    assert np.abs(loud - still).mean() > 0.01


@pytest.mark.parametrize("shape", list(SHAPES))
def test_reach_says_how_far_the_sound_moves_it(shape: str) -> None:
    flat, some, much = (drawn(shape, PLACES[0], (192, 108), sound_reach=reach)[0] for reach in (0, 0.2, 2))
    assert np.abs(much - flat).mean() > np.abs(some - flat).mean() > 0


def test_rows_may_be_fewer_than_a_shape_looks_back() -> None:
    for shape in SHAPES:
        for past in (0, 1, 7):
            assert np.isfinite(drawn(shape, PLACES[0], past=past)).all()
