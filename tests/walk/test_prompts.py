from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from avwalk.errors import OptionError
from avwalk.walk import prompts
from avwalk.walk.prompts import Keyframe, Spacing, arrivals, checked, guidance, latents, positions, respaced, spread

shares = st.floats(0, 1)


def timeline(frames: list[int]) -> tuple[Keyframe, ...]:
    return checked(spread("abc", frames, 0), max(frames) + 1)


@st.composite
def walks(draw: st.DrawFn) -> tuple[tuple[Keyframe, ...], int, np.ndarray]:
    """A timeline somewhere in a song, and its energy: silence, noise, single hits."""
    n = draw(st.integers(2, 600))
    frames = sorted(draw(st.sets(st.integers(0, n - 1), min_size=1, max_size=min(8, n))))
    rng = np.random.default_rng(draw(st.integers(0, 2**32)))
    kind = draw(st.sampled_from(["silence", "noise", "hits", "half"]))
    energy = {
        "silence": np.zeros(n),
        "noise": rng.random(n),
        "hits": 1.0 * (rng.random(n) < 0.03),
        "half": rng.random(n) * (np.arange(n) > n / 2),
    }[kind]
    return checked(spread("abcd", frames, 1), n), n, energy


@given(walks(), shares, shares)
def test_positions_arrive_rise_and_keep_their_speed(walk: tuple[Any, ...], smooth: float, ease: float) -> None:
    keys, n, energy = walk
    at = positions(keys, n, energy, smooth, ease)
    frames = [key.frame for key in keys]
    assert (at[frames] == np.arange(len(keys))).all()  # exactly
    step = np.diff(at)
    assert (step >= 0).all()
    assert (step[frames[0] : frames[-1]] > 0).all()  # no picture is shown twice between keyframes
    assert (at[: frames[0]] == 0).all() and (at[frames[-1] :] == len(keys) - 1).all()
    for a, b in itertools.pairwise(frames):
        assert step[a:b].max() * (b - a) <= prompts.FASTEST * (1 + 0.5 * ease) + 1e-6


@given(walks(), shares)
def test_neighbours_differ_in_single_precision_too(walk: tuple[Any, ...], smooth: float) -> None:
    keys, n, energy = walk
    z = latents(positions(keys, n, energy, smooth), np.zeros(n), np.zeros(n))
    assert z.dtype == np.float32 and z.shape == (n, 4)
    between = slice(keys[0].frame, keys[-1].frame + 1)
    assert (np.diff(z[between, 0]) > 0).all() and (z[:, 0] == z[:, 1]).all()


@given(walks())
def test_smooth_1_is_even_whatever_is_heard(walk: tuple[Any, ...]) -> None:
    keys, n, energy = walk
    frames = [key.frame for key in keys]
    even = np.interp(np.arange(n), frames, np.arange(len(keys)))
    assert np.allclose(positions(keys, n, energy, 1.0), even, atol=1e-9)


def test_silence_is_walked_evenly() -> None:
    at = positions(timeline([0, 100]), 101, np.zeros(101), 0.0)
    assert np.allclose(at, np.arange(101) / 100)


def test_the_sound_drives_the_speed_and_a_hit_moves_its_own_frame() -> None:
    energy = np.full(101, 0.5)
    energy[40] = 1.5
    step = np.diff(positions(timeline([0, 100]), 101, energy, 0.0))
    assert step.argmax() == 39  # the step into frame 40
    assert step[39] / step[0] == pytest.approx((1.5 + 0.1 * energy.mean()) / (0.5 + 0.1 * energy.mean()))
    mixed = np.diff(positions(timeline([0, 100]), 101, energy, 0.5))
    assert 1 < mixed[39] / mixed[0] < step[39] / step[0]


def test_a_quiet_verse_is_walked_more_evenly_than_a_loud_one() -> None:
    wave = 1 + np.sin(np.arange(401))
    energy = np.where(np.arange(401) <= 200, 0.01, 1.0) * wave
    step = np.diff(positions(timeline([0, 200, 400]), 401, energy, 0.2))
    assert step[:200].std() < 0.2 * step[200:].std()


def test_speed_does_not_stop_at_keyframes_unless_asked() -> None:
    keys, energy = timeline([0, 50, 100]), np.ones(101)
    assert np.diff(positions(keys, 101, energy, 0.5)) == pytest.approx(1 / 50)
    eased = np.diff(positions(keys, 101, energy, 0.5, ease=1.0))
    assert eased[50] < 0.1 / 50 and eased[25] > 1.4 / 50


def test_guidance_goes_from_keyframe_to_keyframe() -> None:
    keys = [Keyframe(0, "a", 1, 2.0), Keyframe(10, "b", 2), Keyframe(20, "c", 3, 9.0)]
    found = guidance(keys, np.array([0, 0.5, 1, 1.5, 2]), 7.0)
    assert found.tolist() == [2, 4.5, 7, 8, 9]


def test_prompts_arrive_on_marks_from_the_first_again_behind_the_last() -> None:
    frames = arrivals([300, 0, 600, 605], 2, 901, gap=15)
    assert frames == [0, 300, 600, 900]
    keys = spread(["a", "b", "c"], frames, 5, "blur")
    assert [key.prompt for key in keys] == ["a", "b", "c", "a"] and {key.negative for key in keys} == {"blur"}
    assert len({key.seed for key in keys}) == 4 and all(0 <= key.seed < 2**32 for key in keys)
    assert spread(["a"], [0, 9], 5)[0].seed == keys[0].seed  # a longer timeline begins like a shorter one


def test_no_prompt_is_left_out_for_want_of_marks() -> None:
    assert arrivals([800], 5, 1001) == [0, 200, 400, 800, 1000]
    assert arrivals([], 3, 101) == [0, 50, 100]
    assert arrivals([], 1, 101) == [0, 100]  # one prompt walks from noise to noise
    assert arrivals([], 9, 3) == [0, 1, 2] and arrivals([], 2, 1) == [0]


@pytest.mark.parametrize(
    ("keys", "says"),
    [([], "empty"), ([(3, "a"), (3, "b")], "both on frame 3"), ([(9, "a")], "frame 9"), ([(-1, "a")], "frame -1")],
)
def test_timelines_that_are_none(keys: list[Any], says: str) -> None:
    with pytest.raises(OptionError, match=says):
        checked([Keyframe(frame, prompt, 0) for frame, prompt in keys], 9)


distances = st.lists(st.floats(0, 1e6), min_size=1, max_size=20)


@given(walks(), distances, shares)
def test_respaced_positions_rise_and_arrive(walk: tuple[Any, ...], d: list[float], smooth: float) -> None:
    keys, n, energy = walk
    at = positions(keys, n, energy, smooth)
    spacing = Spacing(np.linspace(0, 1, len(d) + 1), np.array(d))
    moved = respaced(at, dict.fromkeys(range(len(keys) - 1), spacing))
    frames = [key.frame for key in keys]
    assert (moved[frames] == np.arange(len(keys))).all()
    assert (np.diff(moved)[frames[0] : frames[-1]] > 0).all()
    assert (np.floor(moved) == np.floor(at)).all()


def test_even_distances_move_nothing_and_others_stay() -> None:
    at = np.linspace(0, 2, 41)
    even = Spacing(np.linspace(0, 1, 5), np.ones(4))
    assert np.allclose(respaced(at, {0: even}), at, atol=1e-12)
    steep = Spacing(np.array([0, 0.5, 1]), np.array([1.0, 3.0]))
    moved = respaced(at, {1: steep})
    assert (moved[:21] == at[:21]).all() and not np.allclose(moved[21:40], at[21:40], atol=0.01)
    assert (respaced(at, {0: Spacing(np.array([0.0, 1.0]), np.array([0.0]))}) == at).all()  # nothing changes: as it was
