from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from avwalk.config.film_options import Arrive, Pace
from avwalk.contracts import Analysis, Score, Section
from avwalk.errors import ScenesError
from avwalk.scenes.film.timing import Timing, legs_of, snapped, timing
from avwalk.scenes.graph.path_csv import Hop
from avwalk.scenes.nodes import Edge, Node
from avwalk.scenes.project.sequence_csv import SceneRow
from avwalk.score.musical_time import parse_moment


def song(seconds: float = 16.0, bpm: float = 120.0, fps: int = 30, sections: tuple[float, ...] = (0.0,)) -> Analysis:
    beats = np.arange(0, seconds, 60 / bpm) if bpm else np.zeros(0)
    ends = (*sections[1:], seconds)
    parts = tuple(Section(a, b, "A") for a, b in zip(sections, ends, strict=True))
    score = Score(bpm, beats, beats[::4], np.zeros(0), (), parts)
    return Analysis(Fraction(fps), round(seconds * fps), seconds, score, {}, np.zeros((0, 0), np.float32))


def path(*counts: int, transitions: dict[int, str] | None = None, sections: tuple[int, ...] = ()) -> list[Hop]:
    """Hops of rows: of each row how many begin in it. ``transitions``: row → how the next one is entered."""
    hops, k = [], 0
    for row, count in enumerate(counts):
        for j in range(count):
            edge = Edge(Node(f"r{row}", str(1000 + k)), Node(f"r{row + (j == count - 1)}", str(1001 + k)))
            how = (transitions or {}).get(row, "") if j == count - 1 else ""
            section = sections[row] if sections else 1
            hops.append(Hop(edge, f"r{row}", section, False, "" if how else edge.folder, row, how))
            k += 1
    return hops


def rows(n: int, **more: dict[int, str]) -> list[SceneRow]:
    """Rows with a duration; ``at`` and ``until``: row → time; ``uncounted``: rows without a duration."""
    return [
        SceneRow(
            f"r{k}",
            at=parse_moment(more["at"][k]) if k in more.get("at", {}) else None,
            until=parse_moment(more["until"][k]) if k in more.get("until", {}) else None,
            counted=k not in more.get("uncounted", {}),
            locations={"scene": f"scene_sequence.csv:{k + 2}:1", "at": f"scene_sequence.csv:{k + 2}:9"},
        )
        for k in range(n)
    ]


def seconds(made: Timing, fps: int = 30) -> list[float]:
    return [round(frame / fps, 3) for frame in made.arrivals]


def test_hops_share_the_song_evenly() -> None:
    assert seconds(timing(path(4, 4), rows(2), song(), arrive="given")) == [0, 2, 4, 6, 8, 10, 12, 14, 16]


def test_at_fixes_the_arrival_of_a_scenes_first_picture_and_until_of_its_last() -> None:
    made = timing(path(3, 3, 2), rows(3, at={1: "bar:2", 2: "12"}, until={1: "8"}), song(), arrive="given")
    # row 1 begins with hop 3 and its last picture is where its third hop, which leaves it, begins
    assert seconds(made) == [0, 0.667, 1.333, 2, 5, 8, 12, 14, 16]


def test_at_comes_before_duration_and_duration_before_even_sharing() -> None:
    hops = path(1, 4, 3)
    # no durations: each scene takes a third, whatever its hops
    assert seconds(timing(hops, rows(3, uncounted={0: "", 1: "", 2: ""}), song(12), arrive="given")) == [
        0,
        4,
        5,
        6,
        7,
        8,
        9.333,
        10.667,
        12,
    ]
    # durations: each hop takes the same
    assert np.allclose(np.diff(seconds(timing(hops, rows(3), song(12), arrive="given"))), 1.5)
    # a time given overrules both
    fixed = timing(hops, rows(3, at={1: "6"}, uncounted={0: "", 1: "", 2: ""}), song(12), arrive="given")
    assert seconds(fixed)[1] == 6


def test_a_last_scene_without_hops_arrives_when_it_is_told_and_stays() -> None:
    made = timing(path(2), rows(2, at={1: "4"}), song(), arrive="given")
    assert seconds(made) == [0, 2, 4]
    assert made.place(4 * 30) == (1, 1.0) == made.place(479)


def test_a_first_scene_that_comes_later_stands_until_then() -> None:
    made = timing(path(2, 1), rows(3, at={0: "4"}), song(), arrive="given")
    assert made.place(0) == (0, 0.0) == made.place(119) and made.place(121)[1] > 0


def test_arrivals_are_on_bars_or_beats_or_finer() -> None:
    analysis = song(16.3)
    bars = timing(path(4), rows(1), analysis)
    assert all(second % 2 == 0 for second in seconds(bars)[:-1])
    assert 1.5 in seconds(timing(path(10), rows(1), analysis))  # bars would make it uneven
    beats = timing(path(15), rows(1), analysis)
    assert all(round(second * 2, 6).is_integer() for second in seconds(beats)[:-1])
    half = timing(path(50), rows(1), analysis)
    assert all(abs(second * 4 - round(second * 4)) <= 0.07 for second in seconds(half)[:-1])
    assert bars.arrivals[-1] == analysis.n_frames


def test_asked_for_bars_or_beats() -> None:
    assert all(s % 2 == 0 for s in seconds(timing(path(7), rows(1), song(), arrive="bars")))
    assert 0.5 in np.diff(seconds(timing(path(9), rows(1), song(), arrive="beats"))) % 1
    assert np.allclose(np.diff(seconds(timing(path(5), rows(1), song(bpm=0)))), 3.2)


def test_sections_of_the_song_are_those_of_the_film_where_there_are_as_many() -> None:
    hops = path(2, 2, 2, sections=(1, 1, 2))
    made = timing(hops, rows(3), song(sections=(0.0, 6.0)))
    assert made.sections == [(1, 0, 180), (2, 180, 480)]
    assert timing(hops, rows(3), song(sections=(0.0, 2.0, 4.0))).sections[1][1] != 180
    told = timing(hops, rows(3, at={2: "9"}), song(sections=(0.0, 6.0)), arrive="given")
    assert told.sections[1][1] == 270  # what is given comes first


def test_a_cut_takes_no_time_and_a_melt_is_over_at_the_arrival() -> None:
    made = timing(path(3, 3, transitions={0: "melt"}), rows(2, at={1: "6"}), song(), arrive="given")
    assert [leg.enter for leg in made.legs] == ["", "", "melt", "", ""]
    assert seconds(made) == [0, 3, 6, 9.333, 12.667, 16]
    assert made.leads[2] == 15  # a beat
    assert made.entering(180) is None and made.entering(164) is None
    shares = [made.entering(i) for i in range(165, 180)]
    assert all(leg_frames and leg_frames[0] == 2 for leg_frames in shares)
    spread = [leg_frames[1] for leg_frames in shares if leg_frames]
    assert np.all(np.diff(spread) > 0) and spread[-1] < 1
    cut = timing(path(3, 3, transitions={0: "cut"}), rows(2), song())
    assert all(cut.entering(i) is None for i in range(480))


def test_a_picture_stays_where_there_is_no_way_to_walk() -> None:
    hops = path(1, 1, 1, transitions={0: "cut", 1: "whip", 2: "melt"})
    legs = legs_of(hops, rows(4))
    assert [leg.hop for leg in legs] == [None] * 4 and [leg.enter for leg in legs] == ["", "cut", "whip", "melt"]
    assert [leg.node.key for leg in legs] == ["1000", "1001", "1002", "1003"] and legs[-1].row == 3


def test_stories_that_do_not_meet_melt_into_each_other() -> None:
    one, other = path(2), path(2)
    apart = [*one, *[Hop(Edge(Node("x", "1"), Node("x", "2")), "x", 2, False, "", 5)]]
    assert [leg.enter for leg in legs_of(apart)] == ["", "", "melt"]
    back = Hop(one[-1].edge.back, "r0", 1, True, one[-1].folder, 0)
    assert [leg.enter for leg in legs_of([*one, back])] == ["", "", ""] and other


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"at": {1: "99"}}, "outside the song"),
        ({"at": {1: "8", 2: "4"}}, "leaves no time"),
        ({"at": {1: "drop:2", 2: "section:nowhere"}}, "no section"),
        ({"at": {1: "8"}, "until": {1: "7"}}, "leaves no time"),
    ],
)
def test_times_that_cannot_be_are_told_with_their_place(more: dict[str, dict[int, str]], said: str) -> None:
    with pytest.raises(ScenesError, match=said) as raised:
        timing(path(3, 3, 3), rows(3, **more), song())
    assert "scene_sequence.csv:" in str(raised.value)


def test_all_wrong_times_are_told_at_once() -> None:
    with pytest.raises(ScenesError) as raised:
        timing(path(3, 3, 3), rows(3, at={1: "99"}, until={1: "98"}), song())
    assert len(str(raised.value).splitlines()) == 2


def test_more_ways_than_frames() -> None:
    with pytest.raises(ScenesError, match="leaves no time for 600 hops"):
        timing(path(600), rows(1), song(16))
    with pytest.raises(ScenesError, match="fewer hops"):
        timing(path(1, 400), rows(2, uncounted={0: "", 1: ""}), song(16), arrive="given")


@given(
    counts=st.lists(st.integers(1, 5), min_size=1, max_size=6),
    pace=st.sampled_from(["flow", "even", "rest"]),
    arrive=st.sampled_from(["auto", "bars", "beats", "given"]),
    bpm=st.sampled_from([0.0, 97.3, 120.0, 174.0]),
    transitions=st.dictionaries(st.integers(0, 5), st.sampled_from(["melt", "cut", "whip"])),
)
def test_every_frame_has_its_place_and_nothing_jumps(
    counts: list[int], pace: Pace, arrive: Arrive, bpm: float, transitions: dict[int, str]
) -> None:
    hops = path(*counts, transitions=transitions)
    analysis = song(20.0, bpm)
    made = timing(hops, rows(len(counts)), analysis, arrive=arrive, pace=pace)
    assert made.arrivals[0] == 0 and made.arrivals[-1] == 600 and np.all(np.diff(made.arrivals) > 0)
    places = [made.place(i) for i in range(600)]
    assert places == [made.place(i) for i in reversed(range(600))][::-1]
    position = np.array([leg + share for leg, share in places])
    assert all(0 <= share <= 1 for _, share in places)
    steps = np.diff(position)
    assert steps.min() > 0  # never still, never back: not even at rest does a whole frame stand
    shortest = np.diff(made.arrivals).min()
    assert steps.max() <= 2.2 / shortest
    for k, frame in enumerate(made.arrivals[:-1]):
        assert made.place(frame) == (k, 0.0)
    starts = [i0 for _, i0, _ in made.sections]
    assert starts[0] == 0 and made.sections[-1][2] == 600


def test_speed_goes_over_nodes_without_a_stop_and_without_a_jump() -> None:
    made = timing(path(3, 3), rows(2, at={1: "2"}), song(), arrive="given")  # first fast, then slow
    position = np.array([sum(made.place(i)) for i in range(480)])
    speed = np.diff(position)
    node = made.arrivals[3]
    slow, fast = sorted((speed[: node - 10].mean(), speed[node + 20 :].mean()))
    assert slow * 0.5 < speed[node] < fast and speed.min() > 0.3 * slow
    assert np.abs(np.diff(speed)).max() < 0.2 * fast
    rest = timing(path(3, 3), rows(2), song(), arrive="given", pace="rest")
    still = np.diff([sum(rest.place(i)) for i in range(480)])
    assert still[rest.arrivals[2]] < 0.05 * still.max()


@given(
    n=st.integers(0, 20),
    start=st.floats(0, 3),
    length=st.floats(2, 13),
    arrive=st.sampled_from(["auto", "bars", "beats"]),
)
def test_snapped_times_are_ascending_and_between(n: int, start: float, length: float, arrive: Arrive) -> None:
    ideal = start + length * np.arange(1, n + 1) / (n + 1)
    leg_frames = snapped(ideal, start, start + length, song(), arrive)
    assert len(leg_frames) == n and np.all(np.diff([start, *leg_frames, start + length]) > 0)


def test_snapping_finds_the_nearest_marks() -> None:
    assert snapped(np.array([0.8, 2.1, 2.2]), 0.0, 4.0, song(), "beats").tolist() == [1.0, 2.0, 2.5]
