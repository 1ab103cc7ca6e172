from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from avwalk.errors import OptionError
from avwalk.restyle.schedule import Schedule


def test_keys_are_counted_from_the_start_of_the_song_and_the_film_ends_with_one() -> None:
    assert Schedule(0, 12, 4).keys == (0, 4, 8, 11)
    assert Schedule(6, 15, 4).keys == (6, 8, 12, 14)
    assert Schedule(0, 3, 1).keys == (0, 1, 2)
    assert Schedule(5, 6, 4).keys == (5,)


def test_frames_lie_between_two_keys() -> None:
    schedule = Schedule(6, 16, 4)
    assert schedule.around(6) == (6, 6)
    assert schedule.around(7) == (6, 8)
    assert schedule.around(9) == (8, 12)
    assert schedule.around(14) == (12, 15)
    assert schedule.index(12) == 2


def test_nothing_comes_over_a_cut() -> None:
    schedule = Schedule(0, 20, 8, cuts=[5, 7, 30])
    assert schedule.keys == (0, 4, 5, 6, 7, 8, 16, 19)
    assert schedule.around(3) == (0, 4)
    assert schedule.run(6) == (5, 7)


@given(st.integers(0, 40), st.integers(1, 40), st.integers(1, 9), st.lists(st.integers(0, 80), max_size=5))
def test_every_frame_comes_from_near_keys_of_its_own_run(i0: int, n: int, every: int, cuts: list[int]) -> None:
    schedule = Schedule(i0, i0 + n, every, cuts)
    for i in range(i0, i0 + n):
        a, b = schedule.run(i)
        before, after = schedule.around(i)
        assert a <= before <= i <= after < b
        assert after - before <= every
        assert {before, after} <= set(schedule.keys)
        assert not any(a < cut < b for cut in cuts)


@pytest.mark.parametrize(("i1", "every"), [(0, 4), (9, 0)])
def test_no_frames_and_no_steps_are_refused(i1: int, every: int) -> None:
    with pytest.raises(OptionError, match=r"none; give|below 0; give"):
        Schedule(0, i1, every)
