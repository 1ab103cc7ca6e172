"""The measures of the look benchmark on pictures with known answers."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest

from tests.benchmarks.look.film import planes, terraces
from tests.benchmarks.look.grey import FEATURES, distances, mistaken, statistics
from tests.benchmarks.look.worlds import reason
from tests.conftest import ROOT


def slope(width: int = 640) -> np.ndarray:
    """A dark gradient, eleven luma codes from left to right."""
    return np.broadcast_to(np.linspace(0.05, 0.10, width, dtype=np.float32)[None, :, None], (64, width, 3)).copy()


def test_a_rounded_gradient_is_all_terraces_and_a_dithered_one_has_none() -> None:
    dithered, bare = planes(slope(), seed=1, i=0)
    assert terraces(bare) > 0.95 and terraces(dithered) < 0.01
    assert terraces(np.full((64, 64), 30, np.uint8)) == 0, "a flat ground has no steps"
    steep = np.broadcast_to((20 + np.arange(40) // 4).astype(np.uint8), (40, 40))
    assert terraces(np.ascontiguousarray(steep)) == 0, "nor has a slope that is steep"
    checks = (30 + np.indices((64, 64)).sum(axis=0) % 2).astype(np.uint8)
    assert terraces(checks) == 0
    assert terraces(np.full((64, 64), 200, np.uint8)) == 0, "only what is dark counts"


def test_grey_statistics_know_stripes_from_a_disc() -> None:
    x = np.linspace(0, 40, 320, dtype=np.float32)
    stripes = np.broadcast_to(0.5 + 0.4 * np.sin(x), (180, 320)).astype(np.float32)
    yy, xx = np.mgrid[:180, :320]
    disc = (np.hypot(xx - 160, yy - 90) < 40).astype(np.float32)
    a, b = (dict(zip(FEATURES, statistics(grey), strict=True)) for grey in (stripes, disc))
    assert a["direction 0°"] > 0.99 and b["direction 0°"] < 0.5
    assert a["Gini of the gradients"] < 0.2 < b["Gini of the gradients"]
    assert b["sparseness"] > 0.95 > a["sparseness"] and a["tone 50"] == pytest.approx(0.5, abs=0.05)


def test_distance_and_mistakes() -> None:
    rng = np.random.default_rng(1)
    a, b = (rng.standard_normal((60, 4)) for _ in range(2))
    far, clear = distances([a, b, a + 5.0])
    assert far[0, 1] < 0.3 and clear[0, 1] < 1 and far[0, 2] == pytest.approx(5.0) and clear[0, 2] > 5
    taken = mistaken([a, b, a + 50.0], np.repeat([0, 1, 2], 20))
    assert taken.sum(axis=1) == pytest.approx(np.ones(3)) and taken[2, 2] == pytest.approx(1.0) and taken[0, 1] > 0.2


def test_reasons() -> None:
    assert reason("world 1.2: no subject: Gini 0.31 < 0.37") == "no subject"
    assert reason("world 1.2: dark share 61% outside 20% to 50%") == "too dark"
    assert reason("world 1.2: dark share 3% outside 20% to 50%") == "too light"
    assert reason("world 1.2: burnt slab: 3.0% above Y 0.86") == "burnt"


def test_parts_and_presets_are_checked() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tests.benchmarks", "look", "tune"], cwd=ROOT, capture_output=True, text=True
    )
    assert done.returncode == 1 and "'tune' is neither a part (film, speed, tone, grey, worlds)" in done.stderr
