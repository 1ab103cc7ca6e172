from __future__ import annotations

from fractions import Fraction
from itertools import pairwise
from typing import Any

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from avwalk.contracts import Lineage, Score, Section, Shot
from avwalk.plan.shots import make_shots, with_cued_worlds
from avwalk.score.automation import Automation

FPS = Fraction(30)


def score_of(*parts: tuple[float, str]) -> Score:
    """Sections of so many seconds each, at 120 BPM."""
    ends = np.cumsum([seconds for seconds, _ in parts])
    sections = [Section(float(end - s), float(end), label) for end, (s, label) in zip(ends, parts, strict=True)]
    none = np.zeros(0)
    return Score(120.0, none, none, none, (), tuple(sections))


def scenes_of(score: Score, n_frames: int, **options: object) -> tuple[Shot, ...]:
    usual: dict[str, Any] = {"lineage": Lineage(5), "worlds": "sections", "transition": "cut", "transition_bars": 1.0}
    return make_shots(score, FPS, n_frames, **usual | options)


def test_what_repeats_gets_the_same_world_and_counts_its_returns() -> None:
    shots = scenes_of(score_of((8, "A"), (8, "B"), (8, "A"), (8, "C"), (4, "A")), 36 * 30)
    assert [s.label for s in shots] == [0, 1, 0, 2, 0]
    assert [s.occurrence for s in shots] == [0, 0, 1, 0, 2]
    assert shots[0].lineage == shots[2].lineage == shots[4].lineage == Lineage(5)
    assert len({s.lineage for s in shots}) == 3


def test_one_world_is_one_scene() -> None:
    (shot,) = scenes_of(score_of((8, "A"), (8, "B")), 480, worlds="one")
    assert (shot.i0, shot.i1, shot.lineage) == (0, 480, Lineage(5))


def test_a_melt_ends_on_the_downbeat_and_stays_within_the_scene_before() -> None:
    shots = scenes_of(score_of((8, "A"), (1, "B"), (8, "C")), 510, transition="melt")
    assert [s.i0 for s in shots] == [0, 240, 270]
    assert [s.lead for s in shots] == [0, 60, 15]


def test_palettes_go_by_label() -> None:
    shots = scenes_of(score_of((8, "A"), (8, "B"), (8, "A")), 720, palettes=("ember", "ash"))
    assert [s.palette for s in shots] == ["ember", "ash", "ember"]


@given(
    st.lists(st.tuples(st.floats(0.02, 40), st.sampled_from("ABC")), min_size=1, max_size=12),
    st.sampled_from(["cut", "whip", "melt"]),
    st.floats(0.1, 8),
)
def test_scenes_cover_the_song_without_gaps(parts: list[tuple[float, str]], transition: str, bars: float) -> None:
    score = score_of(*parts)
    n = max(1, round(score.sections[-1].end * 30))
    shots = scenes_of(score, n, transition=transition, transition_bars=bars)
    assert shots[0].i0 == 0 and shots[-1].i1 == n and shots[0].lead == 0
    assert all(a.i1 == b.i0 for a, b in pairwise(shots))
    assert all(b.lead <= a.i1 - a.i0 for a, b in pairwise(shots))


def test_each_label_of_a_child_comes_from_that_label_of_its_parents() -> None:
    song = score_of((8, "A"), (8, "B"), (8, "A"))
    parents = [scenes_of(song, 720, lineage=Lineage(seed)) for seed in (3, 7)]
    children = scenes_of(song, 720, lineage=Lineage(2, (Lineage(3), Lineage(7)), 0.3))
    for k, shot in enumerate(children):
        assert shot.lineage.parents == (parents[0][k].lineage, parents[1][k].lineage)
        assert shot.lineage.path_seed in (parents[0][k].lineage.seed, parents[1][k].lineage.seed)
    assert children[0].lineage == children[2].lineage and children[0].lineage.seed == 2 != children[1].lineage.seed


def test_a_seed_that_is_wished_for_picks_another_child() -> None:
    lineage = Lineage(2, (Lineage(3), Lineage(7)), 0.3)
    song = scenes_of(score_of((8, "A"), (8, "B")), 480, lineage=lineage)
    found = with_cued_worlds(
        song, lineage, [Automation(300, 360, "5", 0.0, "cut")], [Automation(330, 480, "ash", 0.0, "cut")], FPS
    )
    assert [(s.i0, s.lineage.seed, s.palette) for s in found[2:4]] == [(300, 5, None), (330, 5, "ash")]
    assert found[2].lineage == lineage._replace(seed=5) and found[1].lineage == found[4].lineage == song[1].lineage
