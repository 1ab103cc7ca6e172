"""A taste for worlds: learnt from few marks, kept in a file that is checked when it is read."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from avwalk.errors import OptionError
from avwalk.explore.proposals import WorldRow, candidates, propose
from avwalk.explore.taste import MAX_BYTES, MAX_MARKS, Taste, WorldMark, read_taste, write_taste

STATISTICS = ("contrast", "warmth", "motion", "edges", "lightness", "colour", "symmetry")
TOPOLOGIES = ("relief", "void", "ink", "nave")


def worlds(n: int, rng: np.random.Generator) -> list[WorldRow]:
    """Worlds of four presets, each with its topology, and statistics that go with it a little."""
    found = []
    for k in range(n):
        kind = k % 4
        values = rng.standard_normal(len(STATISTICS)) + 0.5 * (kind - 1.5) * np.array([1, -1, 0, 0, 1, 0, 0])
        features = {name: round(float(value) / 20, 5) for name, value in zip(STATISTICS, values, strict=True)}
        found.append(WorldRow(f"p{kind}", k // 4, {**features, f"topology:{TOPOLOGIES[kind]}": 1.0}))
    return found


def liking(world: WorldRow) -> float:
    """Somebody likes it warm and of high contrast."""
    return 14 * (world.features["warmth"] + world.features["contrast"])


def marked(chosen: list[WorldRow], rng: np.random.Generator) -> Taste:
    return Taste(
        tuple(
            WorldMark(world=w.name, good=bool(rng.random() < 1 / (1 + np.exp(-3 * liking(w)))), features=w.features)
            for w in chosen
        )
    )


def test_forty_marks_are_enough_to_propose_better_worlds_than_chance() -> None:
    rng, gained, knows = np.random.default_rng(0), [], 0
    for _ in range(20):
        every = worlds(88, rng)
        rng.shuffle(every)
        taste, rest = marked(every[:40], rng), every[40:]
        proposals = [each for each in propose(rest, taste, 12) if not each.outside]
        gained.append(np.mean([liking(each.world) for each in proposals]) - np.mean([liking(w) for w in rest]))
        knows += taste.caveat is None
    spread = np.std([liking(world) for world in worlds(400, rng)])
    assert min(gained) > 0 and np.mean(gained) > 0.8 * spread and knows >= 16


def test_one_in_four_is_outside_and_none_is_there_twice() -> None:
    rng = np.random.default_rng(1)
    every = worlds(60, rng)
    proposals = propose(every[20:], marked(every[:20], rng), 12)
    assert [each.outside for each in proposals] == [False] * 9 + [True] * 3
    assert len({each.world.name for each in proposals}) == 12
    chosen = [each.score for each in proposals if not each.outside]
    assert chosen == sorted(chosen, reverse=True) and all(0 <= each.score <= 1 for each in proposals)


def test_of_several_presets_none_takes_more_than_a_third() -> None:
    rng = np.random.default_rng(2)
    every = worlds(80, rng)
    marks = [WorldMark(world=w.name, good=w.preset == "p3", features=w.features) for w in every[:40]]
    chosen = [each.world.preset for each in propose(every[40:], Taste(tuple(marks)), 12) if not each.outside]
    assert chosen.count("p3") == 4


def test_candidates_are_worlds_that_were_not_marked() -> None:
    taste = Taste((WorldMark(world="a-0", good=True, features={"warmth": 1.0}),))
    found = candidates(("a", "b"), 2, 0, taste, lambda preset, seed: {"warmth": float(seed)})
    assert [each.name for each in found] == ["b-0", "a-1", "b-1", "a-2", "b-2", "a-3", "b-3", "a-4"]


def test_what_was_not_measured_counts_for_nothing() -> None:
    marks = [WorldMark(world=f"w{k}", good=k % 2 > 0, features={"warmth": k % 2, "motion": k / 9}) for k in range(10)]
    taste = Taste(tuple(marks))
    without, average = taste.scores([{"warmth": 1.0}, {"warmth": 1.0, "motion": 0.5}])
    assert without == pytest.approx(average) and without > 0.5
    assert taste.likings()[0][0] == "warmth"


def test_marks_of_one_kind_say_nothing_and_it_is_said() -> None:
    taste = Taste((WorldMark(world="a-0", good=True, features={"warmth": 1.0}),))
    assert taste.scores([{"warmth": 9.0}]).tolist() == [0.5]
    assert taste.caveat and "some of both" in taste.caveat


def test_random_marks_are_said_to_be_guesses() -> None:
    rng, guesses = np.random.default_rng(3), 0
    for _ in range(30):
        marks = [WorldMark(world=w.name, good=bool(rng.random() < 0.5), features=w.features) for w in worlds(40, rng)]
        guesses += Taste(tuple(marks)).caveat is not None
    assert guesses >= 25  # of 30 at 95 %


def test_a_taste_is_read_as_it_was_written_and_a_new_mark_replaces_an_old_one(tmp_path: Path) -> None:
    rng = np.random.default_rng(4)
    taste, file = marked(worlds(8, rng), rng), tmp_path / "taste.json"
    write_taste(file, taste)
    assert read_taste(file) == taste
    other = WorldMark(world="p0-0", good=not taste.marks[0].good, features={"warmth": 0.5})
    assert len(taste.with_marks([other]).marks) == 8 and other in taste.with_marks([other]).marks


@pytest.mark.parametrize(
    ("tree", "said"),
    [
        ([], "no taste"),
        ({"avwalk_taste": 2, "marks": []}, "avwalk_taste"),
        ({"avwalk_taste": 1, "marks": [{"world": "a", "good": "yes", "features": {"w": 1.0}}]}, "marks.0.good"),
        ({"avwalk_taste": 1, "marks": [{"world": "a", "good": True, "features": {"w": 1e9}}]}, "marks.0.features"),
        ({"avwalk_taste": 1, "marks": [{"world": "a\n", "good": True, "features": {"w": 1.0}}]}, "marks.0.world"),
        ({"avwalk_taste": 1, "marks": [{"world": "a", "good": True, "features": {"<b>": 1.0}}]}, "features"),
        ({"avwalk_taste": 1, "marks": [{"world": "a", "good": True, "features": {}}]}, "features"),
        ({"avwalk_taste": 1, "marks": [], "run": "x"}, "run"),
        (
            {
                "avwalk_taste": 1,
                "marks": [
                    {"world": f"w{k}", "good": True, "features": {f"f{k}-{j}": 1.0 for j in range(60)}}
                    for k in range(6)
                ],
            },
            "names 360 features",
        ),
        (
            {
                "avwalk_taste": 1,
                "marks": [
                    {"world": f"w{k}", "good": True, "features": {"w": 1.0}} for k in range(MAX_MARKS + 1)
                ],
            },
            "marks",
        ),
    ],
)  # fmt: skip
def test_a_file_that_is_no_taste_is_refused(tmp_path: Path, tree: object, said: str) -> None:
    file = tmp_path / "taste.json"
    file.write_text(json.dumps(tree), encoding="utf-8")
    with pytest.raises(OptionError, match=said):
        read_taste(file)


@pytest.mark.parametrize("data", [b"", b"\xff\xfe", b"{", b"NaN", b"[" * 5000])
def test_bytes_that_are_no_json_are_refused(tmp_path: Path, data: bytes) -> None:
    file = tmp_path / "taste.json"
    file.write_bytes(data)
    with pytest.raises(OptionError, match="is no taste"):
        read_taste(file)


def test_a_taste_that_is_not_there_or_far_too_large_is_refused(tmp_path: Path) -> None:
    with pytest.raises(OptionError, match="cannot be opened"):
        read_taste(tmp_path / "none.json")
    with (tmp_path / "large.json").open("wb") as file:
        file.truncate(MAX_BYTES + 1)
    with pytest.raises(OptionError, match="larger than"):
        read_taste(tmp_path / "large.json")
