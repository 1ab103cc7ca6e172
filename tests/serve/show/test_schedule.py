"""Screens that ask at different times show the same; what is new comes first."""

from __future__ import annotations

from avwalk.serve.show.schedule import LEAD_S, Schedule

NAMES = [f"{k}.png" for k in range(7)]


def shown(schedule: Schedule, step: int, names: list[str], late: float = 0.0) -> tuple[str, ...]:
    return schedule.steps(step * schedule.seconds + late, names)[step]


def test_screens_go_through_the_same_order_side_by_side() -> None:
    schedule = Schedule(3, 5.0)
    rows = [shown(schedule, 100 + k, NAMES) for k in range(3)]
    assert rows == [("0.png", "1.png", "2.png"), ("3.png", "4.png", "5.png"), ("6.png", "0.png", "1.png")]


def test_what_was_decided_stays_whoever_asks_and_when() -> None:
    schedule = Schedule(2, 5.0)
    early = shown(schedule, 7, NAMES, 0.1)
    assert shown(schedule, 7, [*NAMES, "new.png"], 3.0) == early
    assert shown(schedule, 7, NAMES[3:], 3.5) == early


def test_the_next_step_is_known_a_moment_before_it_comes() -> None:
    schedule = Schedule(1, 5.0)
    assert set(schedule.steps(5 * 5.0 + 0.1, NAMES)) == {5}
    assert set(schedule.steps(6 * 5.0 - LEAD_S, NAMES)) == {5, 6}
    assert schedule.steps(6 * 5.0 + 1, NAMES)[6] == ("1.png",)


def test_new_pictures_are_next_on_all_screens_in_turn() -> None:
    schedule = Schedule(2, 5.0)
    shown(schedule, 0, NAMES)
    names = sorted([*NAMES, "a.png", "b.png", "c.png"])
    assert shown(schedule, 1, names) == ("a.png", "b.png")
    assert shown(schedule, 2, names) == ("c.png", "0.png")
    assert shown(schedule, 3, names) == ("1.png", "2.png")


def test_pictures_that_go_and_folders_that_are_empty() -> None:
    schedule = Schedule(2, 5.0)
    assert schedule.steps(0.0, []) == {}
    assert shown(schedule, 1, ["a.png"]) == ("a.png", "a.png")
    assert shown(schedule, 2, ["a.png", "b.png"]) == ("b.png", "a.png")
    assert schedule.steps(3 * 5.0, []).get(3) is None


def test_it_remembers_little() -> None:
    schedule = Schedule(1, 1.0)
    for step in range(50):
        found = schedule.steps(step + 0.0, NAMES)
    assert len(found) <= 4
