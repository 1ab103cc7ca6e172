from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from avwalk.errors import OptionError
from avwalk.restyle.schedule import Schedule


def test_keys_are_counted_from_the_start_of_the_song() -> None:
    assert Schedule(0, 12, 4).keys == (0, 4, 8)
    assert Schedule(6, 15, 4).keys == (8, 12)
    assert Schedule(0, 3, 1).keys == (0, 1, 2)


def test_frames_lie_between_two_keys_and_hold_one_at_the_ends() -> None:
    schedule = Schedule(6, 15, 4)
    assert schedule.around(6) == (None, 8)
    assert schedule.around(8) == (8, 8)
    assert schedule.around(9) == (8, 12)
    assert schedule.around(14) == (12, None)
    assert schedule.wanted(6, 8) == [8]
    assert schedule.wanted(9, 15) == [8, 12]


def test_nothing_comes_over_a_cut_and_a_short_run_has_a_key_of_its_own() -> None:
    schedule = Schedule(0, 20, 8, cuts=[5, 7, 30])
    assert schedule.keys == (0, 5, 8, 16)
    assert schedule.around(4) == (0, None)
    assert schedule.around(6) == (5, None)
    assert schedule.around(7) == (None, 8)


@given(st.integers(0, 40), st.integers(1, 40), st.integers(1, 9), st.lists(st.integers(0, 80), max_size=5))
def test_every_frame_comes_from_near_keys_of_its_own_run(i0: int, n: int, every: int, cuts: list[int]) -> None:
    schedule = Schedule(i0, i0 + n, every, cuts)
    for i in range(i0, i0 + n):
        a, b = schedule.run(i)
        near = [key for key in schedule.around(i) if key is not None]
        assert near
        assert all(a <= key < b and abs(key - i) <= every for key in near)
        assert all(key in schedule.keys for key in near)
        assert not any(a < cut < b for cut in cuts)


@pytest.mark.parametrize(("i1", "every"), [(0, 4), (9, 0)])
def test_no_frames_and_no_steps_are_refused(i1: int, every: int) -> None:
    with pytest.raises(OptionError, match=r"none; give|below 0; give"):
        Schedule(0, i1, every)
