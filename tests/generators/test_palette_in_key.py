"""Palettes in the hues of a key keep the rules of the house: monotone, in gamut, no sweep over the wheel."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from avwalk.arrays.oklab import linear_to_oklab
from avwalk.errors import OptionError
from avwalk.generators.named_palettes import PALETTES, find_palette
from avwalk.generators.palette import LUMINANCE, accent_colour, ramp_table
from avwalk.generators.palette_in_key import (
    CONTRAST,
    FIFTHS,
    KEYS,
    SICKLY,
    contrast,
    in_key,
    name_in_key,
    near_key,
    neighbour,
    parallel,
    parts_of,
    relative,
)


def apart(one: float, other: float) -> float:
    return abs((one - other + 180) % 360 - 180)


@pytest.mark.parametrize("key", KEYS)
def test_tables_are_monotone_and_hues_drift_without_a_sweep(key: str) -> None:
    for name in ("ember", "gilt", "sumi"):
        palette = in_key(PALETTES[name], key, 1.0)
        for ramp in (palette.base, palette.companion):
            assert max(ramp.hues) - min(ramp.hues) <= 66
            assert len(set(np.sign(np.diff(ramp.hues)))) == 1
            table = ramp_table(ramp)
            y = table.astype(np.float64) @ LUMINANCE
            assert table.min() >= 0 and table.max() <= 1 and (np.diff(y) > -1e-6).all()
            assert y[0] < 1e-4 and 0.9 < y[-1] < 1
            assert np.abs(np.diff(table, axis=0)).max() < 0.03, "steps would show as bands"
        assert accent_colour(palette).max() <= 1 and not SICKLY[0] < palette.accent[2] < SICKLY[1]


def test_neighbours_on_the_circle_of_fifths_are_neighbours_in_hue() -> None:
    for mode in ("major", "minor"):
        steps = [
            apart(KEYS[f"{a} {mode}"].middle, KEYS[f"{b} {mode}"].middle) for a, b in pairwise((*FIFTHS, FIFTHS[0]))
        ]
        assert min(steps) > 15 and max(steps) < 80 and float(np.median(steps)) < 35
    assert len({hues.middle for hues in KEYS.values()}) == len(KEYS) == 24


def test_keys_that_belong_together() -> None:
    assert relative("C major") == "A minor" and relative("D# minor") == "F# major"
    assert neighbour("C major", 1) == "G major" and neighbour("C major", -1) == "F major"
    assert parallel("A minor") == "A major"
    assert all(relative(relative(key)) == key for key in KEYS)


def test_a_key_near_by_is_near_in_hue_and_not_nearer_to_olive() -> None:
    assert near_key("C major") == "F major" and near_key("D major") == "G major" and near_key("A major") == "E major"
    for key, hues in KEYS.items():
        other = KEYS[near_key(key)].middle
        assert 15 < apart(hues.middle, other) <= 50, key
        assert apart(other, 136) > min(apart(hues.middle, 136), 40), key


def test_a_palette_keeps_its_character() -> None:
    for key in KEYS:
        muted, strong = in_key(PALETTES["graphite"], key, 0.5), in_key(PALETTES["ember"], key, 0.5)
        assert muted.base.chroma < 0.03 < 0.08 < strong.base.chroma
        assert apart(strong.base.hues[1], strong.companion.hues[1]) < CONTRAST, "ember's ramps are neighbours"
        contrast = in_key(PALETTES["poster"], key, 0.5)
        assert apart(contrast.base.hues[1], contrast.companion.hues[1]) > CONTRAST


def test_bright_songs_are_more_colourful_and_minor_keys_cooler_and_deeper() -> None:
    dark, bright = (in_key(PALETTES["moss"], "C major", b) for b in (0.0, 1.0))
    assert dark.base.chroma < bright.base.chroma
    major, minor = (in_key(PALETTES["ember"], f"A {mode}", 0.5).base for mode in ("major", "minor"))
    assert minor.gamma < major.gamma
    cool = [
        apart(KEYS[f"{tonic} minor"].middle, 250) < apart(KEYS[f"{tonic} major"].middle, 250) for tonic in FIFTHS[:6]
    ]
    assert all(cool[2:]), "of D, A, E and B, where there is a cooler side"


def test_names() -> None:
    name = name_in_key("ember", "F# minor", 0.421, 0.3)
    assert name == "ember in F# minor 0.42 0.30" and parts_of(name) == ("ember", "F# minor", 0.42, 0.3)
    assert find_palette(name) == in_key(PALETTES["ember"], "F# minor", 0.42, 0.3)
    assert parts_of("ember in F# minor 0.42") == ("ember", "F# minor", 0.42, 1.0), "as films of before have it"
    for wrong in ("ember in H minor 0.4", "ember in C major 1.4", "embre in C major 0.4", "ember in C major"):
        with pytest.raises(OptionError, match="unknown"):
            find_palette(wrong)


def test_calm_songs_are_nearly_of_one_colour() -> None:
    for key in KEYS:
        for name in ("ember", "ultraviolet", "orchid"):
            calm, dense = (in_key(PALETTES[name], key, 0.5, density) for density in (0.0, 1.0))
            ways = [apart(each.base.hues[1], each.companion.hues[1]) for each in (calm, dense)]
            assert calm.base == dense.base and ways[0] < 0.4 * ways[1], key
        calm, dense = (in_key(PALETTES["petrol"], key, 0.5, density) for density in (0.0, 1.0))
        assert calm.companion.hues == dense.companion.hues and calm.companion.chroma < 0.8 * dense.companion.chroma


@pytest.mark.parametrize("density", [0.0, 0.5, 1.0])
@pytest.mark.parametrize("key", KEYS)
def test_ramps_never_meet_in_olive(key: str, density: float) -> None:
    """Between its two ramps a palette has no middle tone of a dull yellow-green."""
    for character in PALETTES.values():
        palette = in_key(character, key, 0.6, density)
        base, companion = (ramp_table(ramp).astype(np.float64) for ramp in (palette.base, palette.companion))
        for share in (0, 0.25, 0.5, 0.75, 1):
            lab = linear_to_oklab(base + share * (companion - base))
            chroma, hue = np.hypot(lab[:, 1], lab[:, 2]), np.degrees(np.arctan2(lab[:, 2], lab[:, 1])) % 360
            assert not ((lab[:, 0] > 0.3) & (lab[:, 0] < 0.7) & (chroma > 0.035) & (hue > 95) & (hue < 142)).any()


def test_green_never_stands_beside_rose() -> None:
    for key, hues in KEYS.items():
        pair = [hues.middle % 360, contrast(key).middle % 360]
        assert not (any(100 < h < 188 for h in pair) and any(h > 320 or h < 40 for h in pair)), key
