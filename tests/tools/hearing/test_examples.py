"""Examples have their targets where the truth says."""

from dataclasses import replace

import numpy as np
import pytest

from tools.hearing.examples import Song, audible, example
from tools.hearing.heads import FAST, SLOW

SECONDS = 20
KICKS = np.array([[2.0, 1.0], [4.0, 0.5], [6.0, 0.25]])


def song(rest: float = 0.1) -> Song:
    """Kicks in band 3 that last 60 ms, over a tone in band 40 and ``rest`` in band 3."""
    drums, other = (np.zeros((100 * SECONDS, 64), np.float16) for _ in range(2))
    for time, velocity in KICKS:
        drums[round(time * 100) : round(time * 100) + 6, 3] = np.sqrt(velocity)
    other[:, 40], other[:, 3] = np.sqrt(0.2), np.sqrt(rest)
    mix = np.sqrt(np.sqrt(drums.astype(np.float32) ** 4 + other.astype(np.float32) ** 4)).astype(np.float16)
    times = {
        "beats": np.arange(1.0, 19.0),
        "downbeats": np.arange(1.0, 19.0, 4.0),
        "sections": np.array([0.0, 10.0]),
        "voice": np.array([[12.0, 14.0]]),
        "kick": KICKS,
        "snare": np.zeros((0, 2)),
        "hat": np.zeros((0, 2)),
    }
    return Song(mix, drums, other, times, {})


def test_targets_lie_where_the_truth_says() -> None:
    whole = example(song(), None)
    assert whole.levels.shape == (2000, 64) and whole.slow.shape == (len(SLOW), 1000)
    assert whole.fast.shape == whole.weight.shape == whole.loud.shape == (len(FAST), 2000)
    slow = dict(zip(SLOW, whole.slow, strict=True))
    assert np.flatnonzero(slow["beat"]).tolist() == [50 * k for k in range(1, 19)]
    assert np.flatnonzero(slow["downbeat"]).tolist() == [50, 250, 450, 650, 850]
    assert slow["boundary"].argmax() == 500 and np.flatnonzero(slow["boundary"]).tolist() == list(range(488, 513))
    assert np.flatnonzero(slow["voice"]).tolist() == list(range(600, 700))
    assert np.flatnonzero(whole.fast[0]).tolist() == [200, 400, 600] and not whole.fast[1:].any()
    assert whole.loud[0, [200, 400, 600]].tolist() == [1.0, 0.5, 0.25]
    assert slow["drums"][50:350].all() and not slow["drums"][:49].any() and not slow["drums"][352:].any()
    assert (whole.weight[1:] == 1).all() and whole.weight[0, 200] == pytest.approx(1)


def test_what_nobody_knows_is_neither_asked_for_nor_forbidden() -> None:
    known = song()
    times = {key: value for key, value in known.times.items() if key not in ("downbeats", "sections")}
    slow = dict(zip(SLOW, example(replace(known, times=times), None).slow, strict=True))
    assert (slow["downbeat"] == -1).all() and (slow["boundary"] == -1).all()
    assert np.flatnonzero(slow["beat"]).tolist() == [50 * k for k in range(1, 19)] and not (slow["beat"] < 0).any()


def test_a_hit_that_nobody_hears_is_neither_asked_for_nor_forbidden() -> None:
    whole = example(song(rest=10.0), None)
    assert not whole.fast.any() and not whole.loud.any()
    assert np.flatnonzero(whole.weight[0] == 0).tolist() == [k + d for k in (200, 400, 600) for d in range(-3, 4)]


def test_the_share_of_the_drums_is_that_of_powers() -> None:
    drums, rest = np.zeros((100, 64), np.float32), np.ones((100, 64), np.float32)
    drums[50:60, 7] = 3.0
    assert audible(np.array([0.5, 0.2, 5.0]), drums, rest).tolist() == pytest.approx([0.9, 0.0, 0.0], abs=1e-6)


def test_a_crop_keeps_beats_and_kicks_together() -> None:
    """Whatever its tempo, each kick lies on a beat, and its level rises there."""
    rng, seen = np.random.default_rng(0), 0
    for _ in range(40):
        crop = example(song(), rng, 1000)
        assert crop.levels.shape == (1000, 64) and crop.slow.shape == (5, 500)
        beats = np.flatnonzero(crop.slow[0])
        for k in np.flatnonzero(crop.fast[0]):
            seen += 1
            assert np.abs(2 * beats - k).min() <= 2
    assert seen > 20


def test_the_same_seed_gives_the_same_example() -> None:
    a, b = (example(song(), np.random.default_rng(3), 400) for _ in range(2))
    assert all((getattr(a, key) == getattr(b, key)).all() for key in ("levels", "slow", "fast", "weight", "loud"))
