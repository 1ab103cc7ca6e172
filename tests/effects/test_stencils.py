"""Mosaic, overprint, engrave: known answers."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest

from avwalk.arrays.colour import to_linear, to_srgb
from avwalk.contracts import Drive
from avwalk.effects.engrave import Engrave
from avwalk.effects.mosaic import Mosaic
from avwalk.effects.overprint import INKS, Overprint, linear_inks

SIZE = (180, 320)


def drive(**params: float) -> Drive:
    curves = {name.replace("_", "."): np.full(1, value, np.float32) for name, value in params.items()}
    return Drive(0, np.zeros((1, 2), np.float32), curves, Fraction(30), 0)


def plain(*colour: float) -> np.ndarray:
    """A picture of one colour, given in linear light."""
    rgb = to_srgb(np.array(colour, np.float32))
    return np.broadcast_to(rgb, (1, *SIZE, 3)).astype(np.float32).copy()


def noise(seed: int = 1) -> np.ndarray:
    return np.random.default_rng(seed).random((1, *SIZE, 3)).astype(np.float32)


def test_large_pixels_are_flat_square_and_of_colours_of_the_picture() -> None:
    picture = noise()
    out = Mosaic(pitch=50).apply(picture.copy(), drive())[0]
    blocks = out.reshape(20, 9, -1, 3)
    assert (blocks == blocks[:, :1]).all(), "nine rows of the same"
    edges = np.flatnonzero((np.diff(out, axis=1) != 0).any(axis=(0, 2))) + 1
    assert set(np.diff(edges)) == {9} and 160 in edges, "the middle is a border: mirrors stay mirrors"
    known = {tuple(colour) for colour in picture[0].reshape(-1, 3).tolist()}
    assert {tuple(colour) for colour in out.reshape(-1, 3).tolist()} <= known


@pytest.mark.parametrize("effect", [Mosaic, Overprint, Engrave])
def test_half_of_an_effect_is_half_way_and_none_is_the_picture(effect: type) -> None:
    picture = noise()
    whole, half = (effect(amount=a).apply(picture.copy(), drive()) for a in (1.0, 0.5))
    np.testing.assert_allclose(half, (whole + picture) / 2, atol=2e-6)
    np.testing.assert_array_equal(effect(amount=0.0).apply(picture.copy(), drive()), picture)
    assert whole.min() >= 0 and whole.max() <= 1


@pytest.mark.parametrize("pair", range(len(INKS)))
def test_paper_is_paper_one_ink_is_that_ink_and_two_multiply(pair: int) -> None:
    inks = linear_inks(pair).reshape(3, 3)
    colours = {"paper": (1, 1, 1), "first": (0, 1, 1), "second": (1, 1, 0), "both": (0, 0, 0)}
    seen = {
        name: to_linear(Overprint().apply(plain(*colour), drive(overprint_pair=pair)))[0, 40:-40, 40:-40]
        for name, colour in colours.items()
    }
    wanted = {"paper": inks[0], "first": inks[0] * inks[1], "second": inks[0] * inks[2], "both": inks.prod(axis=0)}
    for name, light in wanted.items():
        np.testing.assert_allclose(np.median(seen[name], axis=(0, 1)), light, atol=0.012, err_msg=name)
    assert seen["both"].mean() < min(seen["first"].mean(), seen["second"].mean())


def test_there_is_no_colour_beyond_two_inks_and_paper() -> None:
    """In light, whatever is printed lies between paper, either ink, and both: mixtures of four colours."""
    out = to_linear(Overprint(pitch=40).apply(noise(), drive()))[0].reshape(-1, 3)
    inks = linear_inks(0).reshape(3, 3)
    low, high = inks.prod(axis=0), inks[0]
    assert (out >= low - 0.01).all() and (out <= high + 0.01).all()


def test_the_second_ink_is_out_of_register_by_as_much_as_it_says() -> None:
    picture = plain(1, 1, 1)
    picture[:, :, :160, 2] = 0  # the second ink on the left half
    here, moved = (
        Overprint().apply(picture.copy(), drive(overprint_shift=shift))[0].mean(axis=(0, 2)) for shift in (0, 40)
    )
    edge = [int(np.argmax(np.diff(row))) for row in (here, moved)]
    assert edge[1] - edge[0] == pytest.approx(0.8 * 0.04 * 180, abs=1.5)


def test_of_a_negative_what_is_dark_stays_paper() -> None:
    paper = to_srgb(linear_inks(0)[:3])
    out = Overprint(negative=True).apply(plain(0, 0, 0), drive())[0, 40:-40, 40:-40]
    np.testing.assert_allclose(np.median(out, axis=(0, 1)), paper, atol=0.01)


def test_engraved_lines_are_as_many_as_the_pitch_says_and_thicker_where_it_is_darker() -> None:
    dark, light = (Engrave(pitch=60, angle=0).apply(plain(v, v, v), drive())[0, :, 160, 1] for v in (0.25, 0.6))
    ink = dark < 0.5 * dark.max()
    assert np.count_nonzero(np.diff(ink.astype(int)) == 1) == pytest.approx(180 / (0.06 * 180), abs=2)
    assert dark.mean() < light.mean() - 0.02


def test_white_is_paper_and_lines_are_bent_by_the_form() -> None:
    white = Engrave().apply(plain(1, 1, 1), drive())[0]
    assert white.std(axis=(0, 1)).max() < 0.02
    ramp = np.broadcast_to(np.linspace(0.2, 0.8, 320, dtype=np.float32)[None, None, :, None], (1, *SIZE, 3))
    straight, bent = (
        Engrave(pitch=60, angle=0).apply(ramp.copy(), drive(engrave_bend=bend))[0, :, :, 1] for bend in (0, 8)
    )
    along = [np.abs(np.diff(picture[60:120, 100:220], axis=1)).mean() for picture in (straight, bent)]
    assert along[1] > 2 * along[0]
