import numpy as np
import pytest

from avwalk.arrays.oklab import into_gamut, oklch_to_linear
from avwalk.errors import OptionError
from avwalk.generators.named_palettes import PALETTES, find_palette
from avwalk.generators.palette import (
    LUMINANCE,
    accent_colour,
    pchip,
    ramp_table,
)


@pytest.mark.parametrize("name", PALETTES)
def test_tables_are_monotone_from_near_black_to_near_white(name: str) -> None:
    for shore in (PALETTES[name].base, PALETTES[name].companion):
        table = ramp_table(shore)
        y = table.astype(np.float64) @ LUMINANCE
        assert table.min() >= 0 and table.max() <= 1
        assert (np.diff(y) > -1e-6).all()
        assert y[0] < 1e-4 and 0.9 < y[-1] < 1
        assert np.abs(np.diff(table, axis=0)).max() < 0.03, "steps would show as bands"


@pytest.mark.parametrize("name", PALETTES)
def test_hue_drifts_but_does_not_sweep(name: str) -> None:
    for shore in (PALETTES[name].base, PALETTES[name].companion):
        assert max(shore.hues) - min(shore.hues) <= 62
    assert accent_colour(PALETTES[name]).max() <= 1


def test_oklch_of_white_and_of_pure_red() -> None:
    white = oklch_to_linear(np.array([1.0]), np.array([0.0]), np.array([0.0]))
    np.testing.assert_allclose(white, 1, atol=1e-4)
    red = oklch_to_linear(np.array([0.62796]), np.array([0.25768]), np.array([29.234]))
    np.testing.assert_allclose(red[0], [1, 0, 0], atol=2e-3)


def test_gamut_mapping_lowers_chroma_only() -> None:
    lightness, hue = np.linspace(0.05, 0.95, 50), np.linspace(0, 360, 50)
    chroma = into_gamut(lightness, np.full(50, 0.4), hue)
    rgb = oklch_to_linear(lightness, chroma, hue)
    assert rgb.min() > -1e-9 and rgb.max() < 1 + 1e-9
    assert (chroma > 0.005).all()


def test_pchip_passes_its_knots_without_overshoot() -> None:
    x, y = np.array([0.0, 0.3, 0.5, 1.0]), np.array([0.0, 0.9, 0.9, 1.0])
    np.testing.assert_allclose(pchip(x, y, x), y)
    curve = pchip(x, y, np.linspace(0, 1, 500))
    assert (np.diff(curve) > -1e-12).all() and curve.max() <= 1


def test_unknown_palette_has_a_hint() -> None:
    with pytest.raises(OptionError, match="did you mean 'ember'"):
        find_palette("embre")
