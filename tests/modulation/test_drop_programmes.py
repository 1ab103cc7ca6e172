from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest

from avwalk.config.preset import targets
from avwalk.contracts import Analysis, Score, Section
from avwalk.features.signals import KINDS, SIGNALS, Grid, musical_time
from avwalk.modulation.drop_programmes import programmes
from avwalk.modulation.matrix import modulate
from avwalk.modulation.sources import Inputs

DROP = 10.0


def moved(anticipation: float, release: float, fps: int = 30, build: bool = True) -> dict[str, np.ndarray]:
    """Every parameter over twenty seconds with a drop in the middle, after a build-up of four seconds."""
    n = 20 * fps
    beats = np.arange(0, 20, 0.5)
    builds = ((6.0, DROP),) if build else ()
    score = Score(120.0, beats, beats[::4], np.array([DROP]), builds, (Section(0.0, 20.0, "A"),))
    signals = {name: np.zeros(n, np.float32) for name in SIGNALS} | musical_time(score, Grid(Fraction(fps), n))
    analysis = Analysis(Fraction(fps), n, 20.0, score, signals, np.zeros((n, 4), np.float32))
    base = {name: target.default for name, target in targets().items()}
    return modulate(programmes(anticipation, release, KINDS), base, Inputs(analysis, KINDS, 0, {}))


@pytest.mark.parametrize("fps", [25, 30, 60])
def test_before_a_drop_it_narrows_drains_and_slows(fps: int) -> None:
    curves = moved(1.0, 0.0, fps)
    at = round(DROP * fps)
    zoom, grey = curves["camera.zoom"], curves["palette.saturation"]
    assert zoom[at - 2] > 1.15 and grey[at - 2] < 0.3
    assert (np.diff(zoom[6 * fps : at - 1]) >= -1e-4).all()
    speed = np.diff(curves["walk.phase"]) * fps
    assert speed[: 5 * fps].mean() == pytest.approx(1.0, rel=0.02)
    assert speed[at - fps // 3 : at - 2].max() < 0.02  # a beat of near-stillness


@pytest.mark.parametrize("fps", [25, 30, 60])
def test_the_release_is_on_the_frame_of_the_drop(fps: int) -> None:
    curves = moved(1.0, 1.0, fps)
    at = round(DROP * fps)
    assert curves["palette.saturation"][at] == pytest.approx(1.0)
    assert curves["light.gain"][at] > 1.25 and curves["light.gain"][at - 2] < 0.8
    zoom = curves["camera.zoom"]
    assert zoom[at - 2] > 1.15 and zoom[at : at + fps // 3].min() < 0.87
    assert np.diff(curves["walk.phase"])[at : at + fps].mean() * fps > 2.0


def test_a_drop_without_a_build_up_is_awaited_as_well() -> None:
    zoom = moved(1.0, 0.0, build=False)["camera.zoom"]
    assert zoom[295] > 1.08 and zoom[:150].max() == pytest.approx(1.0)


def test_calm_presets_have_none() -> None:
    assert programmes(0.0, 0.0, KINDS) == ()
    half = programmes(0.5, 0.0, KINDS)
    assert half and all(abs(r.amount.value) <= 50 for r in half)
