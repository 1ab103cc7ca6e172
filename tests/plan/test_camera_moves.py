from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest

from avwalk.contracts import Lineage, Shot
from avwalk.plan.camera_moves import moves

ALL = ("still", "drift", "orbit", "push", "pull")


def shot(label: int = 0, lead: int = 0, transition: str = "cut", i0: int = 300) -> Shot:
    return Shot(i0, i0 + 240, lead, label, 0, Lineage(40 + label), None, transition)


def test_a_label_is_always_seen_in_the_same_way() -> None:
    a = moves(shot(2), ALL, Fraction(30), whips_out=False)
    b = moves(shot(2, i0=900), ALL, Fraction(30), whips_out=False)
    assert all(np.array_equal(a[name], b[name]) for name in a)
    zooms = {tuple(moves(shot(k), ALL, Fraction(30), whips_out=False)["camera.zoom"][[0, -1]]) for k in range(20)}
    assert len(zooms) >= 3


@pytest.mark.parametrize("name", ALL)
def test_programmes_are_gentle_and_continuous_with_their_lead(name: str) -> None:
    found = moves(shot(lead=60), (name,), Fraction(30), whips_out=False)
    for target, limit in (("camera.x", 0.01), ("camera.y", 0.01), ("camera.angle", 0.2), ("camera.zoom", 0.01)):
        assert found[target].shape == (300,) and np.abs(np.diff(found[target])).max() <= limit
    still = all(np.ptp(curve) == 0 for curve in found.values())
    assert still == (name == "still")


def test_the_same_way_at_any_frame_rate() -> None:
    slow = moves(shot(), ("push",), Fraction(30), whips_out=False)["camera.zoom"]
    twice = Shot(600, 1080, 0, 0, 0, Lineage(40), None, "cut")
    assert np.allclose(moves(twice, ("push",), Fraction(60), whips_out=False)["camera.zoom"][::2], slow)


def test_a_whip_leaves_to_one_side_and_comes_to_rest() -> None:
    out = moves(shot(), ("still",), Fraction(30), whips_out=True)["camera.x"]
    into = moves(shot(transition="whip"), ("still",), Fraction(30), whips_out=False)["camera.x"]
    assert np.all(out[:230] == 0) and abs(out[-1]) > 0.8
    assert abs(into[0]) > 1.5 and np.all(into[10:] == 0)
