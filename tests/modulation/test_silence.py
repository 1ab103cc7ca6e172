"""Silence: the picture rests and breathes, fades at the end, and is what it was where there is none."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
import soundfile

from avwalk.config.preset import targets
from avwalk.contracts import Analysis, Curve
from avwalk.modulation.silence import BREATH_SECONDS, DEEP, FADE, breathing, fade, silences
from avwalk.pipeline import plan_of, source_of
from avwalk.plan.plan import Plan
from avwalk.request.resolve import resolve
from tests.conftest import clicks
from tests.score.songs import analysis

FPS = 30


def heard(*parts: tuple[float, float], floor: float = 0.0) -> Analysis:
    """A song of parts (seconds, loudness)."""
    level = np.concatenate([np.full(round(seconds * FPS), loud, np.float32) for seconds, loud in parts])
    n = len(level)
    bands = np.maximum(level, floor)[:, None] * np.ones((1, 4), np.float32)
    known = analysis(n / FPS)
    return replace(known, n_frames=n, bands=bands, signals={"rms": level})


def still(n: int) -> dict[str, Curve]:
    return {name: np.full(n, target.default, np.float32) for name, target in targets().items()}


@pytest.mark.parametrize(
    ("song", "expected"),
    [
        (heard((10, 1), (8, 0)), [(300, 540)]),
        (heard((10, 1), (4, 0), (6, 0.8)), [(300, 420)]),
        (heard((3, 0), (10, 1)), [(0, 90)]),
        (heard((10, 1), (1.5, 0), (5, 1)), []),
        (heard((10, 1), (4, 0.1), (5, 1)), []),
        (heard((10, 1), (8, 0), floor=0.01), [(300, 540)]),
        (heard((10, 1), (8, 0), floor=0.05), []),
        (heard((5, 0)), [(0, 150)]),
    ],
    ids=["end", "break", "beginning", "a rest of the music", "quiet music", "hiss", "what is soft is heard", "nothing"],
)
def test_where_nothing_sounds(song: Analysis, expected: list[tuple[int, int]]) -> None:
    assert silences(song) == expected


def test_a_song_without_silence_is_left_alone() -> None:
    song = heard((10, 1), (4, 0.1), (5, 1))
    params = still(song.n_frames)
    breathed = breathing(params, song)
    assert all(breathed[name] is curve for name, curve in params.items()) and fade(song) is None


@pytest.mark.parametrize("seconds", [2.0, 4.0, 7.0, 20.0])
def test_breaths_are_whole_before_the_music_goes_on_and_none_is_faster(seconds: float) -> None:
    song = heard((5, 1), (seconds, 0), (5, 1))
    params = still(song.n_frames)
    breathed = breathing(params, song)
    a, b = 5 * FPS, 5 * FPS + round(seconds * FPS)
    for name, deep in DEEP.items():
        moved = breathed[name] - params[name]
        assert not moved[:a].any() and not moved[b:].any()
        most = np.pi * abs(deep) / BREATH_SECONDS / FPS
        assert 0 < np.abs(np.diff(moved)).max() <= 1.05 * most, "nor at its edges"
        assert np.abs(moved[b - 1]) < 0.01 * abs(deep)
    assert set(DEEP) == {name for name in params if not np.array_equal(breathed[name], params[name])}


def test_the_end_fades_and_a_break_does_not() -> None:
    curve = fade(heard((10, 1), (8, 0)))
    assert curve is not None and curve.dtype == np.float32
    assert not curve[: 14 * FPS].any() and curve[-1] == 1 and np.all(np.diff(curve[14 * FPS :]) > 0)
    assert np.diff(curve).max() < 1.6 / (4 * FPS), "gently"
    short = fade(heard((10, 1), (3, 0)))
    assert short is not None and not short[: round(11.5 * FPS)].any() and short[-1] == 1
    assert fade(heard((10, 1), (4, 0), (6, 1))) is None


@pytest.fixture(scope="module")
def song(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("song") / "song.wav"
    sound = [clicks(4.0, rate=22050), np.zeros(3 * 22050), clicks(3.0, rate=22050), np.zeros(8 * 22050)]
    soundfile.write(path, np.concatenate(sound), 22050)
    return path


def planned(song: Path, **more: object) -> tuple[Plan, np.ndarray]:
    options = {"generator": "cppn", "size": "64x36", "fps": "10", "set": ("grain.amount=0",), **more}
    plan, worlds, _ = plan_of(resolve(song, options))
    return plan, source_of(plan, worlds).frames(plan.i0, plan.i1)


@pytest.mark.parametrize("preset", ["lsd", "sumi", "nocturne"])
def test_no_picture_is_held(preset: str, song: Path) -> None:
    """Over any second of silence the picture changes by a share of a level each frame, by less than in the music."""
    plan, frames = planned(song, preset=preset)
    change = np.abs(np.diff(frames, axis=0)).mean(axis=(1, 2, 3)) * 255
    for a, b in ((50, 60), (110, 140)):
        seconds = change[a:b].reshape(-1, 10).mean(axis=1)
        assert seconds.min() > 0.1 and seconds.max() < 0.7 * change[5:40].mean(), seconds
    assert frames[-1].max() == 0 and frames[135].mean() > 0.9 * frames[115].mean()
    assert plan.params[FADE][-1] == 1


def test_an_excerpt_of_it_is_those_frames(song: Path) -> None:
    _, whole = planned(song)
    plan, part = planned(song, start=14.0, duration=2.0)
    assert plan.fps == Fraction(10) and np.array_equal(part, whole[140:160])


def test_words_and_pinned_presets_fade_once(song: Path, tmp_path: Path) -> None:
    cues = tmp_path / "cues.csv"
    cues.write_text("at,until,what,value\n12,18,preset,papercut\n13,18,text,hello\n", encoding="utf-8")
    plan, frames = planned(song, cues=cues, size="192x108")
    assert frames[-1].max() == 0
    pinned = plan.presets["papercut"]
    unfaded = replace(pinned, params={name: curve for name, curve in pinned.params.items() if name != FADE})
    own = source_of(unfaded).frames(165, 166)[0]
    share = 1 - plan.params[FADE][165]
    dark = frames[165][:60]  # above the words
    assert 0.2 < share < 0.8 and np.allclose(dark, own[:60] * share, atol=1e-6)


def test_what_a_cue_pins_does_not_breathe(song: Path, tmp_path: Path) -> None:
    cues = tmp_path / "cues.csv"
    cues.write_text("at,until,what,value\n0,18,camera.zoom,1.4\n", encoding="utf-8")
    plan, _ = planned(song, cues=cues)
    assert (plan.params["camera.zoom"][40:70] == np.float32(1.4)).all()
    assert (plan.params["camera.zoom"][110:] == np.float32(1.4)).all()
