"""Something changes at a bar line every few bars, and returns when its section does."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import soundfile
from hypothesis import given
from hypothesis import strategies as st

from avwalk import presets
from avwalk.config.preset import Preset, targets
from avwalk.contracts import Analysis, Lineage, Score, Shot
from avwalk.pipeline import plan_of
from avwalk.plan.song.phrases import (
    CYCLE,
    LEAST_SECONDS,
    STEP_SECONDS,
    phrase_edges,
    phrase_lines,
    phrase_palettes,
    with_phrases,
)
from avwalk.request.resolve import resolve
from avwalk.score.automation import Automation
from tests import forms

FPS, BAR = 30, 2.0  # 120 BPM in four
NONE = np.zeros(0)


def song(bars: int) -> Analysis:
    marks = np.arange(0, bars * BAR, BAR)
    score = Score(120.0, np.arange(0, bars * BAR, BAR / 4), marks, NONE, (), ())
    n = round(bars * BAR * FPS)
    return Analysis(Fraction(FPS), n, n / FPS, score, {}, np.zeros((n, 1), np.float32))


def shot(first: int, last: int, label: int, occurrence: int = 0, lead: int = 0) -> Shot:
    """From bar to bar, counted from 0."""
    i0, i1 = (round(bar * BAR * FPS) for bar in (first, last))
    return Shot(i0, i1, lead, label, occurrence, Lineage(5), None, "melt" if lead else "cut")


def still(n: int) -> dict[str, np.ndarray]:
    return {name: np.full(n, target.default, np.float32) for name, target in targets().items()}


def preset(**structure: Any) -> Preset:
    return Preset.model_validate({"structure": {"phrase_bars": 4, **structure}})


def stepped(
    params: dict[str, np.ndarray], shots: list[Shot], values: Preset, analysis: Analysis
) -> dict[str, np.ndarray]:
    return with_phrases(params, phrase_edges(shots, values.structure.phrase_bars, analysis), values, analysis)


def changes(curves: dict[str, np.ndarray], name: str) -> np.ndarray:
    return np.flatnonzero(np.diff(curves[name])) + 1


def test_changes_arrive_on_bar_lines_and_are_short() -> None:
    analysis = song(16)
    found = stepped(still(analysis.n_frames), [shot(0, 16, 0)], preset(), analysis)
    lines = [round(bar * BAR * FPS) for bar in (4, 8, 12)]
    step = round(STEP_SECONDS * FPS)
    for name in ("light.azimuth", "camera.zoom", "cppn.warp", "palette.shift"):
        at = changes(found, name)
        assert all(any(line - step <= i <= line for line in lines) for i in at), name
        values = [float(found[name][line]) for line in (0, *lines)]
        assert len(set(values)) == CYCLE and values[0] == still(1)[name][0], "the first is as the preset has it"
        assert all(found[name][line] == found[name][line + 3 * FPS] for line in lines)


def test_no_twenty_seconds_are_as_the_last() -> None:
    analysis = song(64)
    found = stepped(still(analysis.n_frames), [shot(0, 64, 0)], preset(), analysis)
    every = np.sort(np.concatenate([changes(found, "light.azimuth"), [0, analysis.n_frames]]))
    assert np.diff(every).max() < 20 * FPS


def test_a_section_that_returns_does_the_same_again_and_others_do_not() -> None:
    analysis = song(36)
    shots = [shot(0, 12, 0), shot(12, 24, 1), shot(24, 36, 0, 1)]
    found = stepped(still(analysis.n_frames), shots, preset(), analysis)
    part = round(12 * BAR * FPS)
    for name in ("light.azimuth", "camera.zoom", "cppn.warp"):
        first, other, again = (found[name][k * part : (k + 1) * part] for k in range(3))
        assert np.array_equal(first, again) and not np.array_equal(first, other), name


def test_before_a_melt_all_is_as_the_coming_picture_begins() -> None:
    analysis = song(24)
    lead = round(BAR * FPS)
    shots = [shot(0, 12, 0), shot(12, 24, 1, lead=lead)]
    found, usual = stepped(still(analysis.n_frames), shots, preset(), analysis), still(analysis.n_frames)
    for name in found:
        assert np.array_equal(found[name][shots[1].i0 - lead : shots[1].i0 + 1], usual[name][: lead + 1]), name


def test_calm_presets_and_those_of_before_change_nothing() -> None:
    analysis = song(32)
    usual = still(analysis.n_frames)
    for each in (Preset(), presets.load("dream").values):
        found = stepped(usual, [shot(0, 32, 0)], each, analysis)
        assert all(np.array_equal(found[name], usual[name]) for name in usual)


def test_what_stands_in_the_middle_stays_there_and_mirrors_are_lit_from_above() -> None:
    analysis = song(32)
    usual = still(analysis.n_frames)
    mirrored = Preset.model_validate({"structure": {"phrase_bars": 4}, "camera": {"symmetry": "mirror"}})
    found = stepped(usual, [shot(0, 32, 0)], mirrored, analysis)
    for name in ("camera.x", "camera.angle"):
        assert np.array_equal(found[name], usual[name])
    assert 0 < np.abs(found["light.azimuth"] - usual["light.azimuth"]).max() <= 30


@given(st.floats(0.3, 6), st.floats(0, 20), st.floats(1, 120), st.integers(1, 16))
def test_phrases_are_no_shorter_than_that(bar: float, start: float, length: float, bars: int) -> None:
    marks = np.arange(0.1, 200, bar)
    lines = phrase_lines(Score(0.0, NONE, marks, NONE, (), ()), start, start + length, bars)
    assert all(np.abs(marks - line).min() < 1e-9 and start < line < start + length for line in lines)
    assert all(b - a >= LEAST_SECONDS - 1e-6 for a, b in pairwise(lines))
    assert not lines or lines[0] - start >= LEAST_SECONDS - 0.6 * bar


def test_a_cue_pins_a_value_against_them(tmp_path: Path) -> None:
    played = forms.perform(forms._pop(905))
    path = tmp_path / "song.wav"
    soundfile.write(path, played.sound[: 40 * forms.RATE], forms.RATE)
    asked = {"preset": "lsd", "generator": "cppn", "size": "64x36", "fps": 12, "seed": 3}
    free = plan_of(resolve(path, asked))[0].params["light.azimuth"]
    (tmp_path / "song.cues.csv").write_text("at,until,what,value\n0:10,0:20,light.azimuth,200\n", encoding="utf-8")
    held = plan_of(resolve(path, asked))[0].params["light.azimuth"]
    assert len(np.unique(free.round(3))) > 2
    assert np.allclose(held[130:230], 200) and np.array_equal(held[:110], free[:110])
    assert np.array_equal(held[250:], free[250:])


def in_hues(shots: list[Shot], bars: int, analysis: Analysis, *wishes: Automation) -> list[tuple[float, float, str]]:
    """When a shot is in other hues, bars, and in which."""
    found = phrase_palettes(phrase_edges(shots, bars, analysis), bars, analysis, wishes)
    return [(each.i0 / (BAR * FPS), each.i1 / (BAR * FPS), each.value) for each in found]


def test_hues_go_to_a_neighbouring_key_and_back_on_bar_lines() -> None:
    analysis = song(32)
    keyed = shot(0, 24, 0)._replace(palette="ember in C major 0.40 0.50"), shot(24, 32, 1)._replace(palette="ember")
    other = "ember in F major 0.40 0.50"
    assert in_hues([*keyed], 4, analysis) == [(8, 16, other)]
    assert in_hues([*keyed], 8, analysis) == [(8, 16, other)]
    again = [keyed[0]._replace(i1=960), keyed[0]._replace(i0=960, i1=1920, occurrence=1)]
    assert in_hues(again, 4, analysis) == [(8, 16, other), (24, 32, other)], "what returns does the same again"


def test_hues_that_the_artist_asked_for_stay() -> None:
    analysis = song(32)
    keyed = [shot(0, 32, 0)._replace(palette="ember in C major 0.40 0.50")]
    wish = Automation(30 * 60, 31 * 60, "moss", 0.0, "cut")
    assert [begin for begin, *_ in in_hues(keyed, 4, analysis)] == [8, 24]
    assert [begin for begin, *_ in in_hues(keyed, 4, analysis, wish)] == [8]
