from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from avwalk.config import targets
from avwalk.errors import PresetError
from avwalk.features.signals import SIGNALS
from avwalk.score.routes import Route, follow, modulate, parse_route

FPS = Fraction(30)
KINDS = {name: kind for name, (kind, _) in SIGNALS.items()}
BASE = {name: target.default for name, target in targets().items()}


def run(route: str, n: int = 300, fps: Fraction = FPS, **signals: np.ndarray) -> dict[str, np.ndarray]:
    curves = {"rms": np.zeros(n, np.float32), **signals}
    return modulate([parse_route(route, SIGNALS)], BASE, curves, KINDS, fps, 120.0)


def test_the_examples_of_the_docs() -> None:
    kick = parse_route("kick -> camera.zoom +6% r180", SIGNALS)
    assert kick == Route("kick", "camera.zoom", False, 0.06, percent=True, release_ms=180.0)
    low = parse_route("low ~> walk.speed +0.8", SIGNALS)
    assert low.integrate and low.amount == 0.8
    build = parse_route("build -> cppn.warp -15% smoothstep", SIGNALS)
    assert build.amount == -0.15 and build.curve == "smoothstep"


@pytest.mark.parametrize(
    ("line", "hint"),
    [
        ("kik -> camera.zoom +6%", "did you mean 'kick'"),
        ("kick -> camera.zom +6%", "did you mean 'camera.zoom'"),
        ("kick -> camera.zoom lots", "not a number"),
        ("kick -> camera.zoom +6% quickly", "not understood"),
        ("kick camera.zoom", "write it as"),
        ("kick -> camera.zoom", "write it as"),
    ],
)
def test_bad_routes_say_what_to_do(line: str, hint: str) -> None:
    with pytest.raises(PresetError, match=hint):
        parse_route(line, SIGNALS)


routes = st.builds(
    Route,
    signal=st.sampled_from(sorted(SIGNALS)),
    target=st.sampled_from(sorted(targets())),
    integrate=st.booleans(),
    amount=st.integers(-400, 400).map(lambda k: k / 100),
    percent=st.booleans(),
    curve=st.sampled_from(["linear", "smoothstep", "square", "sqrt"]),
    attack_ms=st.integers(0, 500).map(float),
    release_ms=st.none() | st.integers(0, 500).map(float),
)


@given(routes)
def test_short_form_round_trips(route: Route) -> None:
    again = parse_route(str(route), SIGNALS)
    assert again.amount == pytest.approx(route.amount)
    assert str(again) == str(route)


def test_a_kick_zooms_on_its_frame_and_not_before() -> None:
    kick = np.zeros(300, np.float32)
    kick[100] = 1
    zoom = run("kick -> camera.zoom +6% r180", kick=kick)["camera.zoom"]
    assert (zoom[:100] == 1).all() and zoom[100] == pytest.approx(1.06)
    assert zoom[100 + 5] - 1 == pytest.approx(0.06 * 10 ** (-5 / 30 / 0.18), rel=1e-4)  # 90 % gone after 180 ms


def test_releases_look_the_same_at_any_fps() -> None:
    slow, fast = np.zeros(300, np.float32), np.zeros(600, np.float32)
    slow[30] = fast[60] = 1
    a = follow(slow, Fraction(30), 0, 200)
    b = follow(fast, Fraction(60), 0, 200)
    assert np.allclose(a, b[::2], atol=1e-6)


def test_integrated_pushes_are_never_taken_back() -> None:
    low = np.zeros(300, np.float32)
    low[100:130] = 1
    phase = run("low ~> walk.speed +2", low=low)["walk.phase"]
    speed = np.diff(phase) * 30
    assert speed[:90].mean() == pytest.approx(1, abs=1e-3)
    assert speed[105:125].mean() == pytest.approx(3, abs=1e-3)
    assert speed[140:].mean() == pytest.approx(1, abs=1e-3)


def test_values_stay_in_their_range() -> None:
    values = run("rms -> camera.zoom +900", rms=np.ones(50, np.float32))
    assert values["camera.zoom"].max() == targets()["camera.zoom"].high


@given(routes, st.integers(0, 2**32 - 1))
def test_every_route_gives_finite_curves(route: Route, seed: int) -> None:
    rng = np.random.default_rng(seed)
    signals = {"rms": rng.random(64).astype(np.float32), route.signal: rng.random(64).astype(np.float32)}
    values = modulate([route], BASE, signals, KINDS, FPS, 0.0)
    for name, target in targets().items():
        assert np.isfinite(values[name]).all() and values[name].dtype == np.float32
        if not target.wraps:
            assert values[name].min() >= target.low - 1e-6 and values[name].max() <= target.high + 1e-6
