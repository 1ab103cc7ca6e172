from __future__ import annotations

import dataclasses
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from avwalk.contracts import Analysis, Score
from avwalk.score.correction import correct
from avwalk.score.cues import Cues, read_cues
from avwalk.score.findings import findings
from tests.score.songs import analysis, without_beats

SONG = analysis()
FOUND = SONG.score
BAR = 2.0


def cues_of(*rows: str) -> Cues:
    """Rows ``at,until,what,value``."""
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "c.csv"
        file.write_text("at,until,what,value\n" + "\n".join(rows) + "\n", encoding="utf-8")
        return read_cues(file, {})


def corrected(*rows: str, song: Analysis = SONG) -> Score:
    score, problems = correct(song, cues_of(*rows))
    assert problems == []
    return score


def labels(score: Score) -> list[tuple[float, str]]:
    return [(round(section.start, 3), section.label) for section in score.sections]


def whole(score: Score, duration: float = SONG.duration) -> bool:
    """What every score must be."""
    sections = score.sections
    return (
        bool((np.diff(score.beats) > 0).all())
        and set(score.bars) <= set(score.beats)
        and bool((np.diff(score.bars) > 0).all())
        and sections[0].start == 0
        and sections[-1].end == duration
        and all(a.end == b.start for a, b in pairwise(sections))
        and all(section.end > section.start for section in sections)
        and all(0 <= start < end <= duration for start, end in score.builds)
        and bool((np.diff(score.drops) > 0).all())
    )


def test_nothing_asked_nothing_changed() -> None:
    score, problems = correct(SONG, Cues())
    assert score.beats is FOUND.beats and score.sections == FOUND.sections and problems == []


def test_a_tempo_from_the_start_keeps_the_phase_that_was_found() -> None:
    score = corrected("0,,tempo,120.5")
    assert score.tempo_bpm == 120.5
    assert np.allclose(np.diff(score.beats), 60 / 120.5)
    assert np.allclose(np.diff(score.bars), 240 / 120.5)
    assert whole(score)
    again = corrected("0,,tempo,120")
    assert np.allclose(again.beats[: len(FOUND.beats)], FOUND.beats) and np.allclose(again.bars, FOUND.bars)


def test_tempo_and_downbeat_fix_the_grid() -> None:
    score = corrected("0,,tempo,100", "3.1,,downbeat,")
    assert np.abs(score.bars - 3.1).min() == 0
    assert np.allclose((score.beats - 3.1) / 0.6, np.rint((score.beats - 3.1) / 0.6))
    assert score.bars[0] == pytest.approx(0.7) and score.beats[0] == pytest.approx(0.1)
    score = corrected("0,,tempo,100", "3.1,,beat,")
    assert np.abs(score.beats - 3.1).min() == pytest.approx(0, abs=1e-12)


def test_a_tempo_later_on_begins_there() -> None:
    score = corrected("32.25,,tempo,150")
    assert (score.beats[score.beats < 32.0] == FOUND.beats[FOUND.beats < 32.0]).all()
    later = score.beats[score.beats >= 32.25 - 1e-9]
    assert later[0] == pytest.approx(32.25) and np.allclose(np.diff(later), 0.4) and later[-1] > 63
    assert whole(score)
    two = corrected("0,,tempo,100", "30,,tempo,200", "50,52,tempo,60")
    gaps = np.round(np.diff(two.beats), 6)
    assert {0.6, 0.3, 1.0} <= set(gaps) and whole(two)


def test_a_song_without_beats_gets_them() -> None:
    song = without_beats()
    score = corrected("0.4,,tempo,120", song=song)
    assert score.beats[0] == pytest.approx(0.4) and len(score.beats) == 40 and len(score.bars) == 10
    tapped = corrected("1,,downbeat,", "1.5,,beat,", "2.1,,beat,", song=song)
    assert tapped.beats.tolist() == [1, 1.5, 2.1] and tapped.bars.tolist() == [1]


def test_a_beat_is_exactly_there_and_its_neighbours_follow() -> None:
    score = corrected("10.4,,beat,")
    k = int(np.argmin(np.abs(FOUND.beats - 10.4)))
    moved = score.beats - FOUND.beats
    assert score.beats[k] == 10.4
    assert moved[k - 4] == moved[k + 4] == 0 and moved[k - 2] == pytest.approx(moved[k] / 2)
    assert len(score.beats) == len(FOUND.beats) and whole(score)
    both = corrected("10.4,,beat,", "20.4,,beat,")
    assert np.allclose((both.beats - FOUND.beats)[k : k + 20], moved[k])  # all beats between two


def test_a_beat_where_there_was_none_is_added() -> None:
    score = corrected("0.02,,beat,")  # half a beat before the first
    assert score.beats[0] == 0.02 and whole(score)


def test_bars_count_from_a_downbeat_on() -> None:
    at = float(FOUND.beats[42])
    score = corrected(f"{at},,downbeat,")
    assert (score.bars[score.bars < at] == FOUND.bars[FOUND.bars < at]).all()
    assert (score.bars[score.bars >= at] == FOUND.beats[42::4]).all()
    three = corrected(f"{at},,downbeat,3")
    assert (three.bars[three.bars >= at] == FOUND.beats[42::3]).all() and whole(three)


def test_a_section_replaces_the_borders_it_overlaps() -> None:
    quarter = [s.start for s in FOUND.sections]
    score = corrected("bar:1,bar:17,section,verse")
    assert labels(score) == [(0, "verse"), (32.25, "A"), (quarter[3], "C")]  # a scrap before bar 1 belongs to it
    score = corrected("bar:5,,section,verse")
    assert labels(score) == [(0, "A"), (8.25, "verse"), (quarter[1], "B"), (quarter[2], "A"), (quarter[3], "C")]
    score = corrected("bar:3,bar:5,section,break")
    assert labels(score)[:3] == [(0, "A"), (4.25, "break"), (8.25, "A")]
    chained = corrected("start,,section,intro", "0:10,,section,verse", "0:40,,section,end")
    assert labels(chained) == [(0, "intro"), (10, "verse"), (40, "end"), (quarter[3], "C")]


def test_a_border_moved_a_little_leaves_no_scrap() -> None:
    start = FOUND.sections[1].start
    score = corrected(f"{start + 0.3},,section,chorus")
    assert labels(score)[:3] == [(0, "A"), (round(start + 0.3, 3), "chorus"), (FOUND.sections[2].start, "A")]
    score = corrected(f"{start - 0.3},,section,chorus")
    assert labels(score)[:3] == [(0, "A"), (round(start - 0.3, 3), "chorus"), (FOUND.sections[2].start, "A")]
    score = corrected(f"{start},{FOUND.sections[2].start - 0.4},section,chorus")
    assert labels(score)[2] == (round(FOUND.sections[2].start - 0.4, 3), "A")
    score = corrected("60,63.5,section,outro")
    assert score.sections[-1].end == 64 and score.sections[-1].label == "outro"


def test_rows_may_speak_of_what_was_found() -> None:
    score = corrected("section:B,,section,chorus", "section:A#2,,section,chorus")
    assert [label for _, label in labels(score)] == ["A", "chorus", "chorus", "C"]


def test_drops_move_come_and_go() -> None:
    drop = float(FOUND.drops[0])
    moved = corrected(f"{drop + 0.5},,drop,")
    assert moved.drops.tolist() == [drop + 0.5] and moved.builds == ((FOUND.builds[0][0] + 0.5, drop + 0.5),)
    more = corrected("bar:5,,drop,")
    assert more.drops.tolist() == [8.25, drop] and more.builds == FOUND.builds
    none = corrected(f"{drop},,drop,no")
    assert none.drops.tolist() == [] and none.builds == ()


def test_builds_come_and_go() -> None:
    drop = float(FOUND.drops[0])
    assert corrected("bar:13,,build,").builds == ((24.25, drop),)
    assert corrected("bar:2,bar:4,build,").builds == ((2.25, 6.25), *FOUND.builds)
    assert corrected(f"{FOUND.builds[0][0] + 1},,build,no").builds == ()
    _, problems = correct(SONG, cues_of("1:00,,build,"))
    assert problems == ["c.csv:2:6: a build at '1:00' has no drop behind it; give its end in the column 'until'"]


def test_times_of_later_rows_follow_the_corrected_ones() -> None:
    score = corrected("0,,tempo,60", "0,,downbeat,", "bar:5,,drop,", "section:3-1bar,,section,x")
    assert score.drops[0] == pytest.approx(16)


def test_rows_changed_or_taken_out_stand_in_for_what_was_found() -> None:
    marks = {(f.what, f.index): f.mark for f in findings(FOUND)}

    def without(*keys: tuple[str, int]) -> Score:
        return correct(SONG, Cues(removed=frozenset(marks[key] for key in keys)))[0]

    assert without(("drop", 0)).drops.tolist() == [] and without(("build", 0)).builds == ()
    assert [s.label for s in without(("section", 1)).sections] == ["A", "A", "C"]
    first = without(("section", 0))
    assert first.sections[0].start == 0 and [s.label for s in first.sections] == ["B", "A", "C"]
    nothing = without(*[("section", k) for k in range(4)])
    assert len(nothing.sections) == 1 and whole(nothing)
    assert without(("tempo", 0), ("downbeat", 0)).beats is FOUND.beats


def test_every_wrong_time_is_said_at_once() -> None:
    _, problems = correct(
        SONG, cues_of("bar:900,,drop,", "section:chorus,,camera.zoom,1", "bar:9,bar:5,camera.zoom,1", "9:00,,beat,")
    )
    assert [line.split(": ")[0] for line in sorted(problems)] == ["c.csv:2:1", "c.csv:3:1", "c.csv:4:7", "c.csv:5:1"]


rows = st.one_of(
    st.builds(lambda at, bpm: f"{at},,tempo,{bpm}", st.integers(0, 63), st.integers(40, 240)),
    st.builds(
        lambda at, what: f"{at / 8},,{what},", st.integers(0, 500), st.sampled_from(["beat", "downbeat", "drop"])
    ),
    st.builds(
        lambda at, n, label: f"{at / 8},{(at + n) / 8},section,{label}",
        st.integers(0, 500),
        st.integers(1, 300),
        st.sampled_from("ABX"),
    ),
    st.builds(lambda at, label: f"{at / 8},,section,{label}", st.integers(0, 500), st.sampled_from("ABX")),
    st.builds(lambda at: f"{at / 8},,drop,no", st.integers(0, 500)),
    st.builds(lambda at, n: f"{at / 8},{(at + n) / 8},build,", st.integers(0, 500), st.integers(1, 100)),
)


@given(st.lists(rows, max_size=8))
def test_any_cues_give_a_score_that_holds_together(lines: list[str]) -> None:
    score, problems = correct(SONG, cues_of(*lines))
    assert problems == [] and whole(score)
    for line in lines:  # what the artist has put somewhere is there
        at, _, what, value = line.split(",")
        if what == "beat" and "tempo" not in str(lines):
            assert float(at) in score.beats
        if what == "downbeat" and "tempo" not in str(lines):
            assert float(at) in score.bars
        if what == "drop" and not value and "no" not in str(lines):
            assert float(at) in score.drops


def test_a_bar_goes_with_its_beat_where_tempos_meet() -> None:
    score = corrected("1,,tempo,184", "48,,tempo,40")
    assert whole(score) and 48.0 in score.beats and 47.95652173913044 not in score.bars


def test_loud_and_quiet_are_known_to_cues() -> None:
    loud = dataclasses.replace(SONG, signals={"rms": SONG.signals["rms"][::-1].copy()})
    assert corrected("loudest,,drop,", song=loud).drops[0] == 0.0


def test_a_drop_that_moves_takes_its_build_up_and_section_along() -> None:
    drop, build = float(FOUND.drops[0]), FOUND.builds[0][0]
    moved = corrected(f"{drop},,drop,no", f"{drop + 4},,drop,")
    assert moved.drops.tolist() == [drop + 4] and moved.builds == ((build + 4, drop + 4),)
    assert [s.start for s in moved.sections][2] == drop + 4 and whole(moved)
    marks = {f.what: f.mark for f in findings(FOUND) if f.what == "drop"}
    cues = dataclasses.replace(cues_of(f"{drop - 2},,drop,"), removed=frozenset({marks["drop"]}))
    assert correct(SONG, cues)[0].builds == ((build, drop - 2),)  # no earlier than its section
    early = corrected(f"{drop},,drop,no", "9,,drop,")
    assert early.builds == ((0.0, 9.0),)
    far = corrected(f"{drop},,drop,no", "2,,drop,")
    assert far.builds == () and far.drops.tolist() == [2.0]
    kept = corrected(f"{drop},,section,mine", f"{drop},,drop,no", f"{drop + 4},,drop,")
    assert drop in [s.start for s in kept.sections]  # the artist's boundaries stay


def test_rows_may_name_sections_by_their_letters() -> None:
    names = {"A": "verse", "B": "chorus", "C": "outro"}
    sections = tuple(dataclasses.replace(s, label=names[s.label]) for s in FOUND.sections)
    song = dataclasses.replace(SONG, score=dataclasses.replace(FOUND, sections=sections))
    score = corrected("section:B,section:A#2,section,A", "section:C,,section,X", song=song)
    assert [s.label for s in score.sections] == ["verse", "verse", "verse", "X"]
