from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from avwalk.errors import AvwalkError, OptionError
from avwalk.score.musical_time import (
    bar_seconds,
    clock,
    length_after,
    parse_length,
    parse_moment,
    position,
    resolve,
    stretch,
    time_of,
)
from tests.score.songs import analysis, without_beats

SONG = analysis()
SCORE = SONG.score
BAR = 2.0


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("83.5s", 83.5),
        ("0:30.25", 30.25),
        ("1:02:03", 3723),
        ("beat:1", 0.25),
        ("beat:64", 0.25 + 63 * 0.5),
        ("beat:64.5", 0.25 + 63.5 * 0.5),
        ("beat:64+0.5", 0.25 + 63.5 * 0.5),
        ("Bar:17", 0.25 + 16 * BAR),
        ("bar:17 + 1", 0.25 + 17 * BAR),
        ("bar:2.25", 0.25 + 1.25 * BAR),
        ("bar:17+2beats-1bar", 0.25 + 15.5 * BAR),
        ("section:2", SCORE.sections[1].start),
        ("section:b", SCORE.sections[1].start),
        ("section:A#2", SCORE.sections[2].start),
        ("section:A#2-1bar", SCORE.sections[2].start - BAR),
        ("drop", SCORE.drops[0]),
        ("drop:1", SCORE.drops[0]),
        ("drop:1-2bars", SCORE.drops[0] - 2 * BAR),
        ("drop:1+1.5s", SCORE.drops[0] + 1.5),
        ("drop:1-250ms", SCORE.drops[0] - 0.25),
        ("10+2beats", 11.0),
        ("start", 0.0),
        ("start+8bars", 8 * BAR),
        ("end", 64.0),
        ("end-8bars", 64 - 8 * BAR),
        ("loudest", np.ceil(SCORE.drops[0] * 30) / 30),
        ("quietest", 0.0),
    ],
)
def test_every_form(text: str, seconds: float) -> None:
    assert resolve(text, SONG, beyond=True) == pytest.approx(seconds, abs=1e-9)
    assert resolve(parse_moment(text).canonical, SONG, beyond=True) == pytest.approx(seconds, abs=1e-9)


@given(st.integers(1, len(SCORE.bars)), st.integers(1, len(SCORE.beats)))
def test_bars_and_beats_are_exactly_those_of_the_score(bar: int, beat: int) -> None:
    rng = np.random.default_rng(bar)
    uneven = np.sort(rng.uniform(0, 60, len(SCORE.beats)))
    song = dataclasses.replace(SONG, score=dataclasses.replace(SCORE, beats=uneven, bars=uneven[::4].copy()))
    assert resolve(f"beat:{beat}", song) == uneven[beat - 1]
    bar = min(bar, len(song.score.bars))
    assert resolve(f"bar:{bar}", song) == song.score.bars[bar - 1]
    assert resolve(f"bar:{bar}+0beats", song) == song.score.bars[bar - 1]


@given(st.floats(-50, 200), st.integers(0, 1000))
def test_position_and_time_are_inverse(number: float, seed: int) -> None:
    marks = np.cumsum(np.random.default_rng(seed).uniform(0.2, 1.0, 20))
    assert position(marks, time_of(marks, number)) == pytest.approx(number, abs=1e-6)


moments = st.builds(
    lambda head, offsets: head + "".join(offsets),
    st.sampled_from(["0:10", "12.5", "beat:8", "bar:3", "section:B", "section:3", "drop:1", "start", "end", "loudest"]),
    st.lists(
        st.builds(
            lambda sign, k, unit: f"{sign}{k / 8:g}{unit}",
            st.sampled_from("+-"),
            st.integers(0, 80),
            st.sampled_from(["beats", "bar", "s", "ms", " bars"]),
        ),
        max_size=3,
    ),
)


@given(moments)
def test_the_canonical_spelling_is_the_same_time(text: str) -> None:
    moment = parse_moment(text)
    again = parse_moment(moment.canonical)
    assert again.canonical == moment.canonical
    assert resolve(again, SONG, beyond=True) == resolve(moment, SONG, beyond=True)


@given(st.text(max_size=20))
def test_no_text_breaks_it(text: str) -> None:
    try:
        assert np.isfinite(resolve(text, SONG, beyond=True))
    except AvwalkError as error:
        assert len(str(error)) < 400


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("bar:0", "count from 1"),
        ("bar:-1", "count from 1"),
        ("beat:", "count from 1"),
        ("bar:17x", "'17x' is no number; write for example bar:1"),
        ("drop:1.5", "count from 1"),
        ("drop:0", "count from 1"),
        ("section:0", "count from 1"),
        ("section:", "not understood"),
        ("section:A#0", "which one, from 1"),
        ("baar:4", "did you mean 'bar'"),
        ("loudes", "did you mean 'loudest'"),
        ("1:75:99:3", "not understood"),
        ("", "not understood"),
        ("bar:900", r"outside the song, which ends at 1:04.000 \(its last bar is bar 32\)"),
        ("bar:1-2bars", "at -0:03.750, outside"),
        ("drop:2", "this song has 1 drop;"),
        ("section:9", "has 4 sections"),
        ("section:chorus", "no section 'chorus'.*there are A, B, C"),
        ("section:A#3", "comes 2 times"),
        ("01:01:00", "if 01:01 was meant, write it as 01:01s"),
    ],
)
def test_what_is_wrong_is_said(text: str, hint: str) -> None:
    with pytest.raises(OptionError, match=hint) as caught:
        resolve(text, SONG)
    assert "\n" not in str(caught.value)


def test_labels_are_guessed() -> None:
    first, *rest = SCORE.sections
    named = dataclasses.replace(SCORE, sections=(dataclasses.replace(first, label="Pre-Chorus-2"), *rest))
    song = dataclasses.replace(SONG, score=named)
    with pytest.raises(OptionError, match="did you mean 'pre-chorus-2'"):
        resolve("section:prechorus", song)
    assert resolve("section:pre-chorus-2", song) == 0.0
    assert resolve("section:pre-chorus-2+2beats", song) == pytest.approx(1.0)


def test_a_song_without_beats_says_so_and_takes_seconds() -> None:
    song = without_beats()
    with pytest.raises(OptionError, match="no steady beat; give seconds"):
        resolve("bar:2", song)
    with pytest.raises(OptionError, match="has no drop"):
        resolve("drop:1", song)
    assert resolve("end-2.5s", song) == 17.5


@pytest.mark.parametrize(
    ("text", "seconds"), [("8bars", 16), ("1 bar", 2), ("16beats", 8), ("500ms", 0.5), ("2.5", 2.5), ("0:04", 4)]
)
def test_lengths(text: str, seconds: float) -> None:
    assert length_after(parse_length(text), 4.25, SONG) == pytest.approx(seconds)


def test_lengths_follow_the_tempo_where_they_are() -> None:
    beats = np.concatenate([np.arange(0, 10, 0.5), np.arange(10, 30, 1.0)])
    song = dataclasses.replace(SONG, score=dataclasses.replace(SCORE, beats=beats))
    assert length_after(parse_length("4beats"), 2.0, song) == pytest.approx(2)
    assert length_after(parse_length("4beats"), 20.0, song) == pytest.approx(4)
    with pytest.raises(OptionError, match="length 'long'"):
        parse_length("long")


def test_stretches_and_clock() -> None:
    assert stretch(SONG, 200, loudest=True) == 0.0  # longer than the song
    assert (clock(83.5), clock(-0.25), clock(3723.0)) == ("1:23.500", "-0:00.250", "1:02:03.000")


def test_a_letter_is_a_kind_of_section_where_none_has_it_as_its_name() -> None:
    labels = {"A": "verse", "B": "chorus", "C": "C"}
    sections = tuple(dataclasses.replace(s, label=labels[s.label]) for s in SCORE.sections)
    song = dataclasses.replace(SONG, score=dataclasses.replace(SCORE, sections=sections))
    for letters, names in (("A#2", "verse#2"), ("b", "Chorus"), ("C", "c")):
        assert resolve(f"section:{letters}", song) == resolve(f"section:{names}", song)
    with pytest.raises(OptionError, match="no section 'D'.*verse, chorus, C"):
        resolve("section:D", song)


def test_a_bar_is_as_long_as_the_bars_are_there() -> None:
    beats = np.arange(0, 60, 0.5)
    bars = np.concatenate([beats[:60:3], beats[60::4]])
    score = dataclasses.replace(SCORE, beats=beats, bars=bars)
    assert [bar_seconds(score, at) for at in (-1.0, 0.0, 15.0, 45.0, 99.0)] == [1.5, 1.5, 1.5, 2.0, 2.0]
    assert bar_seconds(dataclasses.replace(SCORE, bars=beats[::7])) == 3.5
    assert bar_seconds(dataclasses.replace(SCORE, beats=beats[::3], bars=bars[:1])) == 6.0
    assert bar_seconds(without_beats().score) == bar_seconds(without_beats().score, 3.0) == 2.0
