"""One knob for all that reacts: hits, and levels that move a value; the walk goes on."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from avwalk.features.signals import KINDS
from avwalk.modulation.intensity import reacts, with_intensity
from avwalk.modulation.routes import parse_route
from avwalk.pipeline import plan_of
from avwalk.plan.plan import Plan
from avwalk.request.resolve import resolve


@pytest.mark.parametrize(
    ("line", "reacting"),
    [
        ("kick -> camera.zoom +6% r180", True),
        ("onset ~> cppn.flow +0.5", True),
        ("drums.snare -> light.gain +10%", True),
        ("high -> light.gain +10%", True),
        ("drums.rms -> cppn.warp +10%", True),
        ("low ~> walk.speed +1.6", False),
        ("rms -> cppn.flow +0.4", False),
        ("lfo.4bars.sine -> camera.angle +4", False),
        ("const -> camera.zoom +2%", False),
        ("bar_phase -> camera.angle +4", False),
    ],
)
def test_what_reacts(line: str, reacting: bool) -> None:
    route = parse_route(line, KINDS)
    assert reacts(route, KINDS) is reacting
    (twice,) = with_intensity([route], 2.0, KINDS)
    assert twice.amount.value == route.amount.value * (2 if reacting else 1) and twice.target == route.target
    assert with_intensity([route], 1.0, KINDS) == (route,)


def plan(song: Path, intensity: float) -> Plan:
    small: dict[str, Any] = {"preset": "idol", "generator": "cppn", "size": "64x36", "seed": 3}
    small["set"] = ('routes=["onset -> cppn.warp +20%"]',)
    return plan_of(resolve(song, {**small, "intensity": intensity}))[0]


def test_a_film_of_none_usual_and_double(click_song: Path) -> None:
    none, usual, double = (plan(click_song, x) for x in (0.0, 1.0, 2.0))
    shake = [float(np.abs(np.diff(each.params["cppn.warp"])).max()) for each in (none, usual, double)]
    assert shake[0] < 1e-6 < shake[1] < shake[2]
    assert np.abs(np.diff(none.latents, axis=0)).max() > 0, "the world still walks"
    assert len({each.film.hash for each in (none, usual, double)}) == 3
    assert "intensity" not in usual.film.to_json() and none.film.to_json()["intensity"] == 0.0
