"""The test card: readable numbers, every row on its own, any size."""

from fractions import Fraction

import numpy as np
import pytest

from avwalk.contracts import Drive
from avwalk.errors import OptionError
from avwalk.generators.testcard import ADVANCE, FONT, GLYPH_HEIGHT, Testcard, clock_text, write

SIZES = [(16, 16), (31, 17), (17, 400), (101, 61), (321, 181), (180, 320), (640, 360)]


def drive(n: int, i0: int = 0, seed: int = 7, **signals: list[float]) -> Drive:
    rng = np.random.default_rng(1)
    latents = rng.standard_normal((50, 8)).astype(np.float32)[i0 % 40 : i0 % 40 + n]
    params = {"camera.zoom": np.linspace(1, 1.2, 50, dtype=np.float32)[i0 % 40 : i0 % 40 + n]}
    curves = {name: np.array(values, np.float32) for name, values in signals.items()}
    return Drive(i0, latents, params, Fraction(30), seed, curves)


def rows(whole: Drive, a: int, b: int) -> Drive:
    params = {name: curve[a:b] for name, curve in whole.params.items()}
    signals = {name: curve[a:b] for name, curve in whole.signals.items()}
    return Drive(whole.i0 + a, whole.latents[a:b], params, whole.fps, whole.seed, signals)


def read_text(picture: np.ndarray, x: int, y: int, n: int, scale: int) -> str:
    """Reads glyphs back: the letter whose dots are bright exactly where the picture is."""
    glyphs = {}
    for letter in FONT:
        blank = np.zeros((GLYPH_HEIGHT, ADVANCE, 3), np.float32)
        write(blank, 0, 0, letter, 1, np.ones(3, np.float32))
        glyphs[blank[..., 0].astype(bool).tobytes()] = letter
    out = ""
    for k in range(n):
        left = x + k * ADVANCE * scale
        cell = picture[y : y + GLYPH_HEIGHT * scale : scale, left : left + ADVANCE * scale : scale]
        out += glyphs.get((cell.max(-1) > 0.5).tobytes(), "*")
    return out


@pytest.mark.parametrize("size", SIZES, ids=str)
def test_any_size(size: tuple[int, int]) -> None:
    frames = Testcard(size, 7).draw(drive(2))
    assert frames.shape == (2, size[1], size[0], 3)
    assert frames.dtype == np.float32
    assert frames.min() >= 0 and frames.max() <= 1
    assert np.abs(frames[0] - frames[1]).max() > 0.3, "two frames can be told apart"


def test_frame_number_and_time_can_be_read() -> None:
    card = Testcard((320, 180), 7)
    picture = card.draw(drive(1, i0=4711))[0]
    assert read_text(picture, 6, 33, 6, 3) == "004711"
    assert read_text(picture, 6, 57, 8, 2) == "2:37.033"


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (Fraction(0), "0:00.000"),
        (Fraction(1001, 30000), "0:00.033"),
        (Fraction(59999, 1000), "0:59.999"),
        (Fraction(3661), "61:01.000"),
        (Fraction(2, 3), "0:00.666"),
    ],
)
def test_clock_text(seconds: Fraction, text: str) -> None:
    assert clock_text(seconds) == text


def test_a_row_does_not_depend_on_its_neighbours() -> None:
    card = Testcard((160, 90), 7)
    whole = drive(6, i0=12, kick=[0, 1, 0, 0, 1, 0])
    together = card.draw(whole)
    for k in range(6):
        assert np.array_equal(card.draw(rows(whole, k, k + 1))[0], together[k])
    assert np.array_equal(Testcard((160, 90), 7).draw(rows(whole, 2, 5)), together[2:5])


def test_latent_and_hit_are_seen() -> None:
    card = Testcard((320, 180), 7)
    still = drive(1, kick=[0.0])
    moved = Drive(0, still.latents + np.float32(0.5), still.params, still.fps, 7, still.signals)
    hit = drive(1, kick=[1.0])
    a, b, c = (card.draw(d)[0] for d in (still, moved, hit))
    bars = np.s_[140:172, 6:70]
    assert np.abs(a[bars] - b[bars]).mean() > 0.05
    assert np.array_equal(a[bars], c[bars])
    ring = np.s_[140:172, 80:112]
    assert np.abs(a[ring] - c[ring]).mean() > 0.1


def test_values_that_are_not_numbers_do_no_harm() -> None:
    odd = Drive(
        0,
        np.full((1, 8), np.nan, np.float32),
        {"camera.zoom": np.array([np.nan], np.float32)},
        Fraction(30),
        0,
        {"beat_phase": np.array([np.inf], np.float32)},
    )
    assert np.isfinite(Testcard((320, 180), 0).draw(odd)).all()


def test_checker_is_of_single_pixels_and_colours_are_primaries() -> None:
    picture = Testcard((320, 180), 7).draw(drive(1))[0]
    corner = picture[-8:, -8:, 0]
    assert np.array_equal(corner[:, 1:], 1 - corner[:, :-1]) and np.array_equal(corner[1:], 1 - corner[:-1])
    assert np.allclose(picture[2, [10, 160, 310]], [[0.75] * 3, [0, 0.75, 0], [0, 0, 0.75]])


def test_what_cannot_be_drawn_is_refused() -> None:
    with pytest.raises(OptionError, match="15x16"):
        Testcard((15, 16), 0)
    with pytest.raises(OptionError, match="palette"):
        Testcard((320, 180), 0, palette="ember")
