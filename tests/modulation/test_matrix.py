"""The matrix at work: known answers, and the same look at any fps."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from avwalk.config.preset import targets
from avwalk.contracts import Analysis, Score, Section
from avwalk.features.signals import KINDS, Grid, impulses, musical_time
from avwalk.modulation.curve_file import BreakpointCurve
from avwalk.modulation.envelopes import LEAD, decaying_sum, envelope_follower, impulse_envelope, spring
from avwalk.modulation.matrix import apply_curve, modulate, quiet_gain, route_input, shifted
from avwalk.modulation.routes import Route, parse_route
from avwalk.modulation.sources import Inputs, curve_of, kind_of
from tests.modulation.test_routes import routes

BASE = {name: target.default for name, target in targets().items()}
SECONDS = 12.0
KICKS = np.arange(0.5, SECONDS, 0.5)  # 120 BPM from 0.5 s; bars from 0.5 s


def song(fps: int = 30, every: float = 0.5, tempo: bool = True, **signals: np.ndarray) -> Analysis:
    """Twelve seconds: beats and kicks every half second, two sections, a drop; slow levels; given signals."""
    n = round(SECONDS * fps)
    grid = Grid(Fraction(fps), n)
    kicks = np.arange(every, SECONDS, every)
    beats = kicks if tempo else np.zeros(0)
    sections = (Section(0, 6.5, "A"), Section(6.5, SECONDS, "B"))
    score = Score(60 / every if tempo else 0.0, beats, beats[::4], np.array([6.5]), ((4.5, 6.5),), sections)
    curves: dict[str, np.ndarray] = {
        name: 0.5 - 0.5 * np.cos(grid.times * (1 + k / 9)) for k, name in enumerate(sorted(KINDS))
    }
    heights = (0.5 + 0.5 * np.cos(np.arange(len(kicks)))).astype(np.float32)
    for name in ("onset", "kick", "snare", "hat"):
        curves[name] = impulses(kicks, heights if name != "kick" else np.ones(len(kicks), np.float32), grid)
    curves |= musical_time(score, grid) | {"key": np.full(n, 21.0)} | signals
    curves |= {f"drums.{name}": curve for name, curve in curves.items()}
    return Analysis(
        Fraction(fps),
        n,
        SECONDS,
        score,
        {k: np.asarray(c, np.float32) for k, c in curves.items()},
        np.zeros((n, 1), np.float32),
    )


DRAWN = {"a b.csv": BreakpointCurve(np.array([0.0, 6.0, 9.0]), np.array([0.0, 1.0, -2.0]), "0")}


def inputs(analysis: Analysis, seed: int = 1) -> Inputs:
    return Inputs(analysis, KINDS, seed, DRAWN)


def run(*lines: str, fps: int = 30, every: float = 0.5, seed: int = 1, **signals: np.ndarray) -> dict[str, np.ndarray]:
    return modulate([parse_route(line, KINDS) for line in lines], BASE, inputs(song(fps, every, True, **signals), seed))


def one(frame: int, height: float = 1.0, n: int = 360) -> np.ndarray:
    x = np.zeros(n)
    x[frame] = height
    return x


# Songs without drums


@pytest.mark.parametrize("stem", ["", "drums."])
def test_without_drums_bass_notes_are_kicks_and_other_onsets_snares(stem: str) -> None:
    none, accent, onset = np.zeros(360), one(100) + one(200), one(102, 0.7) + one(150, 0.4) + one(197, 0.5)
    heard = inputs(song(kick=none, snare=none, accent=accent, onset=onset))
    assert np.flatnonzero(curve_of(f"{stem}kick", heard)).tolist() == [100, 200]
    snare = curve_of(f"{stem}snare", heard)
    assert np.flatnonzero(snare).tolist() == [150, 197]  # what is two frames from a bass note is that note
    assert snare[150] == np.float32(0.4)


def test_without_a_snare_drum_there_are_no_snares_where_there_are_kicks() -> None:
    heard = inputs(song(snare=np.zeros(360), kick=one(100), accent=one(100), onset=one(150)))
    assert not curve_of("snare", heard).any()


# Envelopes


def test_a_kick_zooms_on_its_frame_and_not_before() -> None:
    zoom = run("kick -> camera.zoom +6% r180", kick=one(100))["camera.zoom"]
    assert (zoom[:100] == 1).all() and zoom[100] == pytest.approx(1.06)
    assert zoom[100 + 5] - 1 == pytest.approx(0.06 * 10 ** (-5 / 30 / 0.18), rel=1e-4)  # 90 % gone after 180 ms


def test_an_attack_ends_at_the_height_of_the_hit_and_the_release_begins_there() -> None:
    y = impulse_envelope(one(30, 0.8), Fraction(30), 0.3, 0.3)
    assert (y[:30] == 0).all()
    assert y[30] == pytest.approx(0.8 * (1 - 10 ** (-LEAD / 0.3)) / 0.9)
    assert y.max() == pytest.approx(0.8) and abs(y.argmax() - (30 + (0.3 - LEAD) * 30)) < 1
    top = int(y.argmax())
    assert y[top + 9] / y[top] == pytest.approx(0.1)


def test_of_overlapping_hits_the_stronger_counts() -> None:
    x = one(10) + one(13, 0.2) + one(16, 0.9)
    y = impulse_envelope(x, Fraction(30), 0, 0.5)
    alone = [impulse_envelope(one(at, h), Fraction(30), 0, 0.5) for at, h in ((10, 1), (13, 0.2), (16, 0.9))]
    assert np.allclose(y, np.max(alone, axis=0), atol=1e-6)


@pytest.mark.parametrize(("attack", "release"), [(0, 0.2), (0.1, 0.1), (0.3, 0.05)])
def test_a_follower_takes_its_time_to_90_per_cent(attack: float, release: float) -> None:
    x = np.zeros(600)
    x[100:400] = 1
    y = envelope_follower(x, Fraction(100), attack, release)
    risen, fallen = int(np.flatnonzero(y >= 0.9 - 1e-6)[0]), 400 + int(np.flatnonzero(y[400:] <= 0.1 + 1e-6)[0])
    assert abs((risen - 99) / 100 - attack) <= 0.011 and abs((fallen - 399) / 100 - release) <= 0.011
    assert y[:100].max() == 0 and y.max() <= 1 + 1e-9


@given(st.integers(1, 300), st.integers(3, 64), st.floats(0, 0.999), st.integers(0, 1000))
def test_a_sum_in_blocks_equals_the_whole(n: int, block: int, size: float, seed: int) -> None:
    rng = np.random.default_rng(seed)
    x, pole = rng.standard_normal(n), size * np.exp(1j * rng.random() * 6)
    y, plain = 0j, []
    for value in x:
        y = y * pole + value
        plain.append(y)
    assert np.allclose(decaying_sum(x, pole), plain, atol=1e-9)
    assert np.allclose(decaying_sum(x, pole, block), plain, atol=1e-9)


@pytest.mark.parametrize(("frequency", "damping"), [(1.0, 0.1), (3.0, 0.5), (6.0, 0.8)])
def test_a_springs_peak_and_frequency(frequency: float, damping: float) -> None:
    fps = 1000
    y = spring(one(100, 0.7, 4000), Fraction(fps), frequency, damping)
    assert (y[:101] == 0).all() and y.max() == pytest.approx(0.7, rel=1e-3)
    crossings = np.flatnonzero((y[101:-1] > 0) & (y[102:] <= 0))
    period = fps / (frequency * np.sqrt(1 - damping**2))
    assert crossings[0] == pytest.approx(period / 2, abs=2)
    if len(crossings) > 1:
        assert np.diff(crossings)[0] == pytest.approx(period, abs=2)
    assert np.abs(y[-1]) < 0.7 * np.exp(-damping * 2 * np.pi * frequency * 2.5) * 3


def test_a_level_strikes_a_spring_by_its_changes() -> None:
    low = np.where(np.arange(360) < 100, 0.2, 0.7)
    zoom = run("low -> camera.zoom +1 s2:0.5", low=low)["camera.zoom"] - 1
    assert np.allclose(zoom[:101], 0, atol=1e-6)
    assert zoom.max() == pytest.approx(0.5, rel=0.02) and zoom.min() < -0.05
    assert abs(zoom[-1]) < 1e-3, "a level that stands still strikes nothing"


# What a route does with its signal before it moves anything


@pytest.mark.parametrize(("word", "frames"), [("d200", 6), ("d-200", -6), ("d0.5b", 8), ("d-1b", -15), ("d9b", 135)])
def test_a_delay_is_so_many_frames(word: str, frames: int) -> None:
    zoom = run(f"kick -> camera.zoom +1 r0 {word}", kick=one(100))["camera.zoom"]
    assert np.flatnonzero(zoom > 1).tolist() == [100 + frames]
    level = np.linspace(0, 1, 360)
    moved = run(f"low -> camera.zoom +1 {word}", low=level)["camera.zoom"] - 1
    assert np.allclose(moved, level[np.clip(np.arange(360) - frames, 0, 359)], atol=1e-6)


def test_a_delay_beyond_the_song_is_silence() -> None:
    assert (shifted(np.arange(1.0, 4), 99, edge=False) == 0).all()
    assert (shifted(np.arange(1.0, 4), -99, edge=True) == 3).all()


def test_probability() -> None:
    def frames(p: str, seed: int = 1, index: int = 0) -> list[int]:
        before = ["const -> camera.x +0"] * index
        zoom = run(*before, f"kick -> camera.zoom +1 r0 {p}", seed=seed)["camera.zoom"]
        return np.flatnonzero(zoom > 1).tolist()

    every = frames("")
    assert len(every) == len(KICKS) and frames("p1") == every and frames("p0") == []
    half = frames("p0.5")
    assert set(half) < set(every) and 5 <= len(half) <= 18 and half == frames("p0.5")
    assert half != frames("p0.5", seed=2) and half != frames("p0.5", index=1)
    assert set(frames("p0.3")) <= set(half), "the same dice"


def test_probability_of_a_level_is_that_of_its_cells() -> None:
    zoom = run("const -> camera.zoom +1 q1b p0.5")["camera.zoom"] - 1
    cells = zoom[15:].reshape(-1, 15)
    assert (cells == cells[:, :1]).all() and 4 <= cells[:, 0].sum() <= 19


def test_events_wait_for_the_grid_and_never_come_early() -> None:
    beat = 15  # frames; lines at 15, 30, 45, …
    for at, to in [(30, 30), (31, 31), (33, 45), (44, 45), (45, 45)]:
        zoom = run("kick -> camera.zoom +1 r0 q1b", kick=one(at))["camera.zoom"]
        assert np.flatnonzero(zoom > 1).tolist() == [to], (at, beat)
    bars = run("kick -> camera.zoom +1 r0 q1bar", kick=one(40))["camera.zoom"]
    assert np.flatnonzero(bars > 1).tolist() == [75]
    halves = run("kick -> camera.zoom +1 r0 q0.5b", kick=one(33))["camera.zoom"]
    assert np.flatnonzero(halves > 1).tolist() == [38]  # 37.5, and not before
    assert (run("kick -> camera.zoom +1 r0 q1b", kick=one(357))["camera.zoom"] == 1).all()


def test_levels_are_held_from_line_to_line() -> None:
    level = np.linspace(0, 1, 360)
    zoom = run("low -> camera.zoom +1 q1b", low=level)["camera.zoom"] - 1
    assert np.allclose(zoom, level[np.arange(360) // 15 * 15], atol=1e-6)


def test_threshold_and_gate() -> None:
    level = np.linspace(0, 1, 360)
    assert np.allclose(
        run("low -> camera.zoom +1 t0.5", low=level)["camera.zoom"] - 1, np.maximum(0, level - 0.5) * 2, atol=1e-6
    )
    assert np.allclose(run("low -> camera.zoom +1 g0.5", low=level)["camera.zoom"] - 1, level >= 0.5)


@pytest.mark.parametrize("curve", ["linear", "exp", "log", "smoothstep", "square", "sqrt", "steps:5"])
def test_curves_keep_their_ends_and_rise(curve: str) -> None:
    x = np.linspace(0, 1, 101)
    y = apply_curve(x, curve)
    assert y[0] == pytest.approx(0) and y[-1] == pytest.approx(1) and (np.diff(y) >= -1e-12).all()
    assert np.allclose(apply_curve(-x, curve), -y)
    if curve == "steps:5":
        assert np.allclose(np.unique(y), [0, 0.25, 0.5, 0.75, 1])
    if curve == "exp":
        assert np.allclose(apply_curve(y, "log"), x)


# Signals


def test_generated_signals() -> None:
    h = inputs(song())
    t = h.times
    sine = curve_of("lfo.2beats.sine", h)
    assert np.allclose(sine, 0.5 - 0.5 * np.cos(2 * np.pi * (t - 0.5)), atol=1e-9)
    assert np.allclose(curve_of("lfo.bar.saw", h), np.mod((t - 0.5) / 2, 1), atol=1e-9)
    assert np.allclose(curve_of("lfo.2bars.tri", h), 1 - np.abs(2 * np.mod((t - 0.5) / 4, 1) - 1), atol=1e-9)
    assert set(curve_of("lfo.0.5beats.square", h)) == {0.0, 1.0}
    assert (curve_of("const", h) == 1).all()
    for name, frames in (("random.beat", 15), ("random.bar", 60), ("random.2bars", 120)):
        x = curve_of(name, h)
        changes = np.flatnonzero(np.diff(x)) + 1
        assert (np.diff(changes) == frames).all() and (changes % 15 == 0).all() and 0 <= x.min() < x.max() < 1
        assert np.array_equal(x, curve_of(name, h)) and not np.array_equal(x, curve_of(name, inputs(song(), 2)))
    without = inputs(song(tempo=False))
    assert np.allclose(curve_of("lfo.bar.saw", without), np.mod(t / 2, 1), atol=1e-9), "as at 120 BPM"


def test_times_labels_and_drawn_curves() -> None:
    h = inputs(song())
    drop = curve_of("time_to_drop", h, 2.0)
    assert (drop[: round(4.5 * 30)] == 0).all()
    assert drop[round(5.5 * 30)] == pytest.approx(0.5, abs=1e-5) and drop[round(6.5 * 30)] == 1
    beat = curve_of("since_beat", h)
    assert beat[15] == pytest.approx(1) and beat[22] == pytest.approx(1 - 7 / 15, abs=1e-5)
    assert curve_of("drums.time_to_beat", h)[29] == pytest.approx(14 / 15, abs=1e-5)
    bars = curve_of("bar_index", h, modulus=3)
    assert set(np.round(bars, 6)) == {0.0, 0.5, 1.0}
    assert curve_of("bar_index", h).max() == 1 and curve_of("key", h)[0] == pytest.approx(21 / 23)
    drawn = curve_of("curve:a b.csv", h)
    assert drawn[90] == pytest.approx(0.5) and drawn[-1] == -2


# Parameters


def test_integrated_pushes_are_never_taken_back() -> None:
    low = np.zeros(360)
    low[100:130] = 1
    phase = run("low ~> walk.speed +2", low=low)["walk.phase"]
    speed = np.diff(phase) * 30
    assert speed[:90].mean() == pytest.approx(1, abs=1e-3)
    assert speed[105:125].mean() == pytest.approx(3, abs=1e-3)
    assert speed[140:].mean() == pytest.approx(1, abs=1e-3)


def test_a_push_is_as_long_at_any_fps() -> None:
    """∫ h 10^(−τ/r) dτ = h r / ln 10, though the hit jumps up within a frame."""
    for fps in (24, 30, 60, 120):
        phase = run("kick ~> cppn.flow +1 r200", fps=fps, kick=one(2 * fps, 1, round(SECONDS * fps)))["cppn.phase"]
        pushed = phase[-1] - 0.12 * (SECONDS - 1 / fps)
        assert pushed == pytest.approx(0.2 / np.log(10), rel=0.03), fps


def test_speeds_move_what_they_are_the_speed_of() -> None:
    values = run("const -> camera.spin +90", "const -> camera.angle +10")
    assert values["camera.angle"][30] == pytest.approx(100) and values["camera.angle"][150] == pytest.approx(100)


def test_values_stay_in_their_range() -> None:
    assert run("const -> camera.zoom +900")["camera.zoom"].max() == targets()["camera.zoom"].high


def test_amounts() -> None:
    assert run("const -> cppn.warp -15%")["cppn.warp"][0] == pytest.approx(0.85)
    assert run("const -> camera.x +10%")["camera.x"][0] == pytest.approx(0.4), "of the range where the value is 0"
    moving: dict[str, Any] = {**BASE, "camera.zoom": np.linspace(1, 2, 360)}
    route = parse_route("const -> camera.zoom +10%", KINDS)
    assert np.allclose(modulate([route], moving, inputs(song()))["camera.zoom"], 1.1 * np.linspace(1, 2, 360))


@pytest.mark.parametrize(
    ("lines", "zoom"),
    [
        (["const -> camera.zoom +0.5", "const -> camera.zoom +0.2"], 1.7),
        (["const -> camera.zoom +0.5", "const -> camera.zoom +20% *"], 1.8),
        (["const -> camera.zoom +0.5", "const -> camera.zoom +0.2 *"], 1.8),
        (["const -> camera.zoom +0.5", "const -> camera.zoom +0.2 max"], 1.5),
        (["const -> camera.zoom +0.5", "const -> camera.zoom -0.6 max"], 0.4),
        (["const -> camera.zoom +0.5", "const -> camera.zoom +0.2 ="], 1.2),
        (["const -> camera.zoom +0.2 =", "const -> camera.zoom +0.5"], 1.7),
    ],
)
def test_how_routes_combine(lines: list[str], zoom: float) -> None:
    assert run(*lines)["camera.zoom"] == pytest.approx(zoom)


@given(routes(), st.integers(0, 2**32 - 1))
def test_every_route_gives_finite_curves_in_their_range(route: Route, seed: int) -> None:
    values = modulate([route], BASE, inputs(song(), seed))
    assert set(values) == {*targets(), "walk.phase"}
    for name, target in targets().items():
        assert np.isfinite(values[name]).all() and values[name].dtype == np.float32
        if not target.wraps:
            assert values[name].min() >= target.low - 1e-6 and values[name].max() <= target.high + 1e-6


@given(routes(), st.integers(0, 359))
def test_nothing_moves_before_its_sound(route: Route, first: int) -> None:
    if kind_of(route.signal, KINDS) != "impulse" or (route.delay is not None and route.delay.value < 0):
        route = route.model_copy(update={"signal": "kick", "delay": None, "window": None, "modulus": None})
    curve = {"kick": one(first), "drums.kick": one(first), route.signal: one(first)}
    analysis = song()
    signals: dict[str, Any] = {**analysis.signals, **{k: c.astype(np.float32) for k, c in curve.items()}}
    whole = Analysis(Fraction(30), 360, SECONDS, analysis.score, signals, analysis.bands)
    assert not route_input(route, 0, inputs(whole))[0][:first].any()


@pytest.mark.parametrize(
    "line",
    [
        "kick -> camera.zoom +1",
        "kick -> camera.zoom +1 a120 r300",
        "kick -> camera.zoom +1 s2:0.4",
        "snare -> camera.zoom +1 r0.5b d200",
        "kick -> camera.zoom +1 p0.5 q1bar r400",
        "low -> camera.zoom +1 a200 r400 smoothstep",
        "low -> camera.zoom +1 a300 r300",
        "low -> camera.zoom +1 s1:0.5",
        "low ~> walk.speed +2",
        "kick ~> cppn.flow +1.2 r120",
        "kick ~> camera.zoom +0.1 r300",
        "time_to_drop -> camera.zoom +1 square",
        "random.bar -> camera.zoom +1",
        "lfo.4bars.sine -> camera.zoom +1",
        "curve:a b.csv -> camera.zoom +1",
    ],
)
def test_the_same_look_at_any_fps(line: str) -> None:
    """At common times (every 0.2 s) values agree. Beats are 0.4 s apart, where all three have a frame."""
    looks = {fps: run(line, fps=fps, every=0.4) for fps in (25, 30, 60)}
    for name in ("camera.zoom", "walk.phase", "cppn.phase"):
        seen = {fps: values[name][:: fps // 5] for fps, values in looks.items()}
        scale = max(np.ptp(seen[60]), 1e-3)
        for fps in (25, 30):
            assert np.abs(seen[fps] - seen[60]).max() <= 0.06 * scale, (name, fps)


def test_rest_holds_back_what_moves_where_the_song_is_quiet() -> None:
    loud = np.repeat([0.1, 0.9], 180)  # six quiet seconds, six loud ones; the bar around their border is between
    heard_so = inputs(song(rms=loud))
    routes_ = [parse_route(line, KINDS) for line in ("kick -> camera.zoom +0.5 r100", "beat -> cppn.warp +0.2 r100")]
    full, resting = (modulate(routes_, {**BASE, "walk.speed": 1.0}, heard_so, rest) for rest in (0.0, 0.8))
    quiet, lively = slice(0, 90), slice(285, 360)
    for name in ("camera.zoom", "cppn.warp"):
        before, after = full[name] - BASE[name], resting[name] - BASE[name]
        assert after[quiet].max() == pytest.approx(0.2 * before[quiet].max(), rel=1e-3)
        assert np.allclose(after[lively], before[lively], atol=1e-6)
    assert np.diff(resting["walk.phase"])[quiet] == pytest.approx(np.diff(full["walk.phase"])[quiet] * 0.2, rel=1e-2)
    assert np.diff(resting["walk.phase"])[lively] == pytest.approx(np.diff(full["walk.phase"])[lively], rel=1e-2)


@pytest.mark.parametrize("level", [np.zeros(360), np.full(360, 0.5)])
def test_a_song_of_one_loudness_has_no_quiet_passage_to_hurt(level: np.ndarray) -> None:
    share = quiet_gain(song(rms=level), 0.8)
    assert np.array_equal(share, np.ones(360))
