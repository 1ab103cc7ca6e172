from __future__ import annotations

from avwalk.arrays.sound_times import SoundTimes

RATE = 48000


def placed(times: list[int | None], begin: int | None = 0, n: int = 1024) -> list[int]:
    clock = SoundTimes(RATE, begin)
    return [clock.place(at, n) for at in times]


def test_times_without_gaps_are_kept() -> None:
    assert placed([0, 1024, 2048]) == [0, 1024, 2048] and placed([500, 1524], None) == [500, 1524]


def test_the_first_piece_lies_where_it_is_said() -> None:
    assert placed([-300, 724], 0) == [0, 1024]


def test_jitter_is_no_gap_and_does_not_add_up() -> None:
    assert placed([0, 1040, 2040, 3090]) == [0, 1024, 2048, 3072]
    drifting = placed([k * 1034 for k in range(2000)])
    assert all(abs(at - k * 1034) <= 4800 for k, at in enumerate(drifting))


def test_gaps_stay_open() -> None:
    assert placed([0, 1024, 50_000, 51_024]) == [0, 1024, 50_000, 51_024]


def test_a_clock_that_begins_anew_makes_no_gap() -> None:
    assert placed([0, 1024, 2048, 0, 1024]) == [0, 1024, 2048, 3072, 4096]
    assert placed([0, 1024, 10**12, 10**12 + 1024, 10**12 + 52_048]) == [0, 1024, 2048, 3072, 54_096]


def test_pieces_without_a_time_follow_each_other() -> None:
    assert placed([None, None, 2048, None]) == [0, 1024, 2048, 3072]
