from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest

from avwalk.contracts import Lineage, Shot
from avwalk.plan.camera_moves import STEP_SECONDS, moves

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


def test_each_phrase_has_a_programme_of_its_own_and_goes_over_to_it_before_its_bar_line() -> None:
    long = Shot(0, 960, 0, 0, 0, Lineage(40), None, "cut")
    plain = moves(long, ALL, Fraction(30), whips_out=False)
    found = moves(long, ALL, Fraction(30), whips_out=False, edges=(240, 480, 720))
    step = round(30 * STEP_SECONDS)
    one = moves(long._replace(i1=240), ALL, Fraction(30), whips_out=False)
    for name in found:
        assert np.array_equal(found[name][: 240 - step], one[name][: 240 - step]), "the first as a shot of that length"
        assert np.abs(np.diff(found[name])).max() < {"camera.zoom": 0.02, "camera.angle": 0.2}.get(name, 0.02)
    assert any(not np.array_equal(found[name], plain[name]) for name in found)
    zooms = [float(np.ptp(found["camera.zoom"][a : a + 240 - step])) for a in (0, 240, 480, 720)]
    assert len({round(zoom, 2) for zoom in zooms}) > 1


def test_what_an_orbit_has_turned_stays() -> None:
    long = Shot(0, 720, 0, 0, 0, Lineage(40), None, "cut")
    angle = moves(long, ("orbit", "still"), Fraction(30), whips_out=False, edges=(240, 480))["camera.angle"]
    turned = [abs(float(angle[b] - angle[a])) for a, b in ((0, 239), (241, 479), (481, 719))]
    assert sorted(round(each, 1) for each in turned) in ([0.0, 0.0, 17.5], [0.0, 17.5, 17.5])
    assert np.abs(np.diff(angle)).max() < 0.1
