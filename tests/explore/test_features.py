"""Statistics of thumbnails say what they are called."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from avwalk import presets
from avwalk.explore.features import STATISTICS, preset_features, statistics, world_features

GREY = np.full((1, 36, 64, 3), 0.5, np.float32)


def of(*colours: tuple[float, float, float]) -> np.ndarray:
    """A picture with upright stripes of colours."""
    rows = np.repeat(np.array(colours, np.float32), 64 // len(colours), axis=0)
    return np.broadcast_to(rows, (1, 36, *rows.shape)).copy()


def test_orange_is_warm_and_blue_is_cold() -> None:
    warm, cold = (statistics(of(colour))["warmth"] for colour in ((0.9, 0.5, 0.1), (0.1, 0.3, 0.9)))
    assert warm > 0.05 and cold < -0.05 and abs(statistics(GREY)["warmth"]) < 1e-3


def test_black_beside_white_is_contrast_and_an_edge() -> None:
    found = statistics(of((0, 0, 0), (1, 1, 1)))
    assert found["contrast"] > 0.45 and found["darkness"] == 0.5 and found["edges"] == pytest.approx(1 / 63, abs=1e-3)
    assert statistics(GREY)["contrast"] < 1e-6 and statistics(GREY)["edges"] == 0


def test_symmetry_is_of_left_and_right() -> None:
    mirrored, turned = of((0, 0, 0), (1, 1, 1), (1, 1, 1), (0, 0, 0)), of((0, 0, 0), (1, 1, 1))
    assert statistics(mirrored)["symmetry"] == pytest.approx(1) and statistics(turned)["symmetry"] == pytest.approx(-1)


def test_hues_that_are_opposite_are_variety() -> None:
    assert statistics(of((0.9, 0.2, 0.2), (0.1, 0.6, 0.6)))["variety"] > 0.5
    assert statistics(of((0.9, 0.2, 0.2)))["variety"] == pytest.approx(0, abs=1e-3)


def test_motion_is_measured_where_there_is_a_later_picture() -> None:
    assert "motion" not in statistics(GREY)
    assert statistics(GREY, GREY)["motion"] == 0 and statistics(GREY, GREY + 0.1)["motion"] == pytest.approx(0.1)


def test_a_preset_says_its_topology_and_palettes() -> None:
    found = preset_features(presets.load("basilica").values)
    assert found["topology:nave"] == 1
    assert sum(value for name, value in found.items() if name.startswith("palette:")) == pytest.approx(1)


def test_a_world_has_all_features_and_the_same_ones_again(click_song: Path) -> None:
    options = {"preset": "idol", "seed": 3, "generator": "cppn", "no_cues": True}
    found = world_features(click_song, options)
    assert (set(STATISTICS) < set(found) and "topology:relief" in found) or "topology:void" in found
    assert found == world_features(click_song, {**options, "size": "640x360"})
    assert found != world_features(click_song, {**options, "seed": 4})
