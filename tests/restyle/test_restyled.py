from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
import pytest

from avwalk.errors import OptionError
from avwalk.restyle.restyled import Coherence, Footage, Restyled
from avwalk.restyle.schedule import Schedule
from tests.restyle.moving import MOVES, Grainy, Moving, Painter, repainted

N = 17


def restyled(shot: Moving, painter: Any, every: int = 4, n: int = N, **options: Any) -> Restyled:
    schedule = Schedule(0, n, every, options.pop("cuts", ()))
    return repainted(shot, painter, schedule, **options)


def error(shot: Moving, **options: Any) -> float:
    """Mean distance from every frame painted."""
    painter = Painter(shot)
    got = restyled(shot, painter, **options).frames(0, N)
    want = [painter.painted(frame, i) for i, frame in enumerate(shot.frames(0, N))]
    return float(np.mean([np.abs(g - w).mean() for g, w in zip(got, want, strict=True)]))


@pytest.mark.parametrize("move", MOVES)
def test_carrying_is_nearer_the_truth_than_fading_and_fading_than_holding(move: str) -> None:
    shot = Moving(**MOVES[move])
    exact = error(shot, flows=shot.flows)
    optical, fade, hold = error(shot), error(shot, between="fade"), error(shot, between="hold")
    print(f"{move}: exact {exact:.4f} optical {optical:.4f} fade {fade:.4f} hold {hold:.4f}")
    assert exact < 0.25 * fade
    assert optical < 0.6 * fade
    assert fade < 0.9 * hold


def test_keys_are_as_painted() -> None:
    shot = Moving(**MOVES["all"])
    painter = Painter(shot)
    got = restyled(shot, painter).frames(0, 9)
    for key in (0, 4, 8):
        assert np.abs(got[key] - painter.painted(shot.frames(key, key + 1)[0], key)).max() < 1 / 255


@pytest.mark.parametrize("between", ["carry", "fade", "hold"])
@pytest.mark.parametrize("exact", [True, False, None])
def test_frames_are_the_same_bits_whatever_range_is_asked(between: str, exact: bool) -> None:
    shot = Moving((96, 54), **MOVES["all"])
    flows = None if exact is False else shot.flows
    options: dict[str, Any] = {
        "between": between,
        "flows": flows,
        "refine": exact is None,
        "window": 1,
        "batch": 3,
    }
    whole = restyled(shot, Painter(shot), **options).frames(0, N)
    one = restyled(shot, Painter(shot), **options)
    single = np.concatenate([one.frames(i, i + 1) for i in reversed(range(N))])[::-1]
    assert np.array_equal(whole, single)
    other = restyled(shot, Painter(shot), **{**options, "batch": 1})
    assert np.array_equal(whole[5:12], other.frames(5, 12))


def test_nothing_is_carried_over_a_cut() -> None:
    for known in (True, False):  # one that the plan knows, one that the motion finds
        shot = Moving(**MOVES["shift"], cut=6)
        painter = Painter(shot)
        got = restyled(shot, painter, cuts=[6] if known else (), flows=shot.flows if known else None).frames(0, N)
        for i in range(1, 8):
            want = painter.painted(shot.frames(i, i + 1)[0], i)
            inner = np.s_[20:-20, 20:-20]
            assert np.abs(got[i] - want)[inner].mean() < 0.02, i


def test_exact_flow_leaves_the_frames_between_undrawn() -> None:
    shot = Moving(**MOVES["all"])
    restyled(shot, Painter(shot), flows=shot.flows).frames(0, N)
    assert sorted(shot.asked) == [0, 4, 8, 12, 16]


def test_failed_keys_are_held_and_counted_and_never_black() -> None:
    shot = Moving(**MOVES["all"])
    painter = Painter(shot, fails=[4, 16])
    source = restyled(shot, painter, flows=shot.flows)
    got = source.frames(0, N)
    assert source.failed_frames == (4, 16)
    for i in range(N):
        want = painter.painted(shot.frames(i, i + 1)[0], i)
        assert np.abs(got[i] - want).mean() < 0.02, i
    assert sum(call.count(4) for call in painter.calls) == 1


def test_where_all_keys_fail_the_source_is_seen() -> None:
    shot = Moving(**MOVES["all"])
    got = restyled(shot, Painter(shot, fails=range(N)), flows=shot.flows).frames(0, 6)
    assert np.abs(got - shot.frames(0, 6)).max() < 1 / 255


def test_keys_are_painted_in_blocks_and_once() -> None:
    shot = Moving(**MOVES["all"])
    painter = Painter(shot)
    source = restyled(shot, painter, flows=shot.flows, batch=3)
    for i in range(0, N, 2):
        source.frames(i, min(N, i + 2))
    assert painter.calls == [(0, 4, 8), (12, 16)]


def test_strength_and_guidance_are_those_of_the_key() -> None:
    shot = Moving(**MOVES["all"])
    painter = Painter(shot)
    ramp = np.linspace(0, 1, N).astype(np.float32)

    def drive(i0: int, i1: int) -> Any:
        found = shot.drive(i0, i1)
        params = {**found.params, "restyle.input_image_strength": ramp[i0:i1], "restyle.prompt": 2 * ramp[i0:i1]}
        return dataclasses.replace(found, params=params)

    schedule = Schedule(0, N, 4)
    Restyled(Footage(shot, shot.size, drive), painter, schedule, Coherence(1), batch=5).frames(0, N)
    (wish,) = painter.wishes
    assert wish.strength.tolist() == ramp[::4].tolist()
    assert wish.prompt.tolist() == (2 * ramp[::4]).tolist()
    assert set(wish.guidance) == {7.5}
    assert wish.noise.shape == (5, *painter.noise_shape)


def test_painted_at_another_size_frames_are_as_large_as_the_film() -> None:
    shot = Moving(**MOVES["all"])
    small = Moving((96, 54), **MOVES["all"])
    got = restyled(shot, Painter(small), flows=shot.flows).frames(0, 5)
    assert got.shape == (5, 108, 192, 3) and got.dtype == np.float32
    assert got.min() >= 0 and got.max() <= 1


def test_a_window_takes_noise_away_and_leaves_what_moves() -> None:
    shot = Moving(**MOVES["all"])
    grainy = Grainy(shot.size)
    plain, wide = (
        restyled(shot, grainy, every=1, noise="fresh", window=w, flows=shot.flows).frames(0, 9) for w in (0, 2)
    )
    change = [float(np.abs(np.diff(f, axis=0)).mean()) for f in (plain, wide)]
    assert change[1] < 0.6 * change[0]


@pytest.mark.parametrize(("option", "message"), [("between", "morph"), ("noise", "loud")])
def test_unknown_ways_are_refused(option: str, message: str) -> None:
    shot, wrong = Moving((32, 32)), dict[str, Any]({option: message})
    with pytest.raises(OptionError, match=f"'{message}' is unknown; use"):
        restyled(shot, Painter(shot), **wrong)
