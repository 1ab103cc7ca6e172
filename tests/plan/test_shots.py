from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from itertools import pairwise
from typing import Any

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from avwalk.config.preset import Structure
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
    usual: dict[str, Any] = {"worlds": "sections", "transition": "cut", "transition_bars": 1.0}
    own: dict[str, Any] = {name: options.pop(name) for name in ("lineage", "novelty") if name in options}
    own.setdefault("lineage", Lineage(5))
    return make_shots(score, FPS, n_frames, form=Structure(**usual | options), **own)


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


def test_a_melt_is_as_long_as_the_bars_around_it() -> None:
    beats = np.arange(0, 48, 0.5)
    waltz, march = beats[beats < 24][::3], beats[beats >= 24][::4]
    score = replace(score_of((24, "A"), (12, "B"), (12, "C")), beats=beats, bars=np.concatenate([waltz, march]))
    assert [s.lead for s in scenes_of(replace(score, bars=beats[::3]), 48 * 30, transition="melt")] == [0, 45, 45]
    assert [s.lead for s in scenes_of(score, 48 * 30, transition="melt")][2] == 60


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


def song_of(*parts: tuple[int, str], drops: tuple[float, ...] = ()) -> Score:
    """Sections of so many bars each, two seconds to a bar."""
    score = score_of(*((2.0 * bars, label) for bars, label in parts))
    bars = np.arange(0.0, score.sections[-1].end, 2.0)
    return replace(score, bars=bars, beats=np.arange(0.0, score.sections[-1].end, 0.5), drops=np.array(drops))


def frames_of(score: Score) -> int:
    return round(score.sections[-1].end * 30)


def test_a_long_section_changes_worlds_where_the_music_changes_most_at_a_phrases_edge() -> None:
    score = song_of((8, "A"), (48, "B"))
    novelty = np.zeros(frames_of(score), np.float32)
    novelty[[(8 + 24) * 60, (8 + 17) * 60]] = 0.5, 0.6  # the second is no phrase's edge
    shots = scenes_of(score, frames_of(score), novelty=novelty, palettes=("ember", "ash"))
    assert [s.i0 // 60 for s in shots] == [0, 8, 32]
    assert [s.label for s in shots] == [0, 1, 2] and len({s.lineage for s in shots}) == 3
    assert [s.palette for s in shots] == ["ember", "ash", "ember"]
    assert shots[1].occurrence == shots[2].occurrence == 0


def test_no_shot_is_longer_than_the_preset_says() -> None:
    score = song_of(
        (301, "A"),
    )
    for longest in (8, 16, 32):
        shots = scenes_of(score, frames_of(score), longest_shot=longest)
        lengths = [(s.i1 - s.i0) / 60 for s in shots]
        assert max(lengths) <= longest and min(lengths) >= min(8, longest - 1) and len(shots) == -(-301 // longest)
        assert len({s.lineage for s in shots}) == len(shots)
    (one,) = scenes_of(score, frames_of(score), worlds="one")
    assert one.i1 == frames_of(score)


def test_sections_that_are_short_enough_are_a_shot_each() -> None:
    score = song_of((32, "A"), (8, "B"), (32, "A"), (4, "C"))
    shots = scenes_of(score, frames_of(score), palettes=("ember", "ash", "neon"))
    assert [(s.i0 // 60, s.label, s.occurrence) for s in shots] == [(0, 0, 0), (32, 1, 0), (40, 0, 1), (72, 2, 0)]


def test_the_worlds_of_a_long_section_come_back_with_it() -> None:
    score = song_of((40, "A"), (8, "B"), (48, "A"))
    shots = scenes_of(score, frames_of(score))
    assert [s.label for s in shots] == [0, 2, 1, 0, 2] and [s.occurrence for s in shots] == [0, 0, 0, 1, 1]
    assert shots[0].lineage == shots[3].lineage and shots[1].lineage == shots[4].lineage != shots[0].lineage


def test_neighbours_of_one_label_count_together_and_part_where_one_begins() -> None:
    score = song_of((11, "A"), (12, "A"), (11, "A"))
    shots = scenes_of(score, frames_of(score))
    assert [s.i0 // 60 for s in shots] == [0, 11, 23]
    assert len({s.lineage for s in shots}) == 3
    short = scenes_of(song_of((8, "A"), (8, "A")), 16 * 60)
    assert [(s.label, s.occurrence) for s in short] == [(0, 0), (0, 1)]


def test_a_drop_inside_a_section_begins_a_shot() -> None:
    score = song_of((8, "A"), (16, "B"), drops=(16.0, 32.0))
    shots = scenes_of(score, frames_of(score))
    assert [s.i0 for s in shots] == [0, 480, 960] and shots[2].lineage != shots[1].lineage


def test_a_song_without_bars_changes_too() -> None:
    shots = scenes_of(score_of((150, "A")), 4500)
    assert len(shots) == 3 and max(s.i1 - s.i0 for s in shots) <= 64 * 30
