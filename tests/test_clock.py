from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from avwalk.clock import Clock, parse_fps, parse_time, round_half_up
from avwalk.errors import OptionError

RATES = [
    Fraction(24000, 1001),
    Fraction(24),
    Fraction(25),
    Fraction(30000, 1001),
    Fraction(30),
    Fraction(50),
    Fraction(60000, 1001),
    Fraction(60),
    Fraction(25, 2),
]


@pytest.mark.parametrize(
    ("text", "fps"),
    [
        ("23.976", Fraction(24000, 1001)),
        ("29.97", Fraction(30000, 1001)),
        ("59.94", Fraction(60000, 1001)),
        ("30", Fraction(30)),
        ("12.5", Fraction(25, 2)),
        ("30000/1001", Fraction(30000, 1001)),
        (25, Fraction(25)),
    ],
)
def test_fps_is_exact(text: str, fps: Fraction) -> None:
    assert parse_fps(text) == fps


@pytest.mark.parametrize("text", ["0", "-30", "241", "fast", "", "1/0", "nan", "inf"])
def test_bad_fps_is_refused_with_its_value(text: str) -> None:
    with pytest.raises(OptionError, match="fps"):
        parse_fps(text)


@pytest.mark.parametrize(
    ("text", "seconds"), [("83.5", 83.5), ("1:23.5", 83.5), ("1:02:03", 3723), (2, 2.0), ("-1", -1.0), ("5s", 5.0)]
)
def test_times(text: str, seconds: float) -> None:
    assert parse_time(text) == seconds


@pytest.mark.parametrize("text", ["", "soon", "1:2:3:4", "1:", "--3"])
def test_bad_times(text: str) -> None:
    with pytest.raises(OptionError, match="time"):
        parse_time(text)


def test_a_minute_at_every_rate_has_the_nearest_number_of_frames() -> None:
    counts = [Clock(fps, 44100, 60 * 44100).n_frames for fps in RATES]
    assert counts == [1439, 1440, 1500, 1798, 1800, 3000, 3596, 3600, 750]


def test_one_sample_is_one_frame() -> None:
    assert Clock(Fraction(30), 44100, 1).n_frames == 1


@given(st.sampled_from(RATES), st.integers(8000, 192000), st.integers(1, 10**9))
def test_length_differs_by_at_most_half_a_frame(fps: Fraction, rate: int, n: int) -> None:
    clock = Clock(fps, rate, n)
    assert abs(clock.time(clock.n_frames) - clock.duration) <= 1 / (2 * fps) or clock.n_frames == 1


@given(st.sampled_from(RATES), st.floats(0, 50), st.floats(0.2, 50), st.floats(0.2, 50))
def test_neighbouring_excerpts_share_a_boundary(fps: Fraction, start: float, first: float, second: float) -> None:
    clock = Clock(fps, 48000, 48000 * 200)
    start, first, second = (round(x, 3) for x in (start, first, second))
    a = clock.span(start, first)
    b = clock.span(round(start + first, 3), second)
    assert a[1] == b[0]


@given(st.sampled_from(RATES), st.integers(0, 100_000))
def test_a_frame_is_found_at_its_own_time(fps: Fraction, i: int) -> None:
    assert Clock(fps, 44100, 10**9).frame(i / fps) == i


@pytest.mark.parametrize(("start", "duration"), [(-1, None), (None, 0), (None, -2), (61, None), (60, None), (0, 0.001)])
def test_impossible_excerpts_are_refused(start: float | None, duration: float | None) -> None:
    with pytest.raises(OptionError):
        Clock(Fraction(30), 44100, 60 * 44100).span(start, duration)


def test_halves_go_up() -> None:
    assert [round_half_up(Fraction(k, 2)) for k in (0, 1, 2, 3, 5)] == [0, 1, 1, 2, 3]
