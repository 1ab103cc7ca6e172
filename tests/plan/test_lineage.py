"""Films of children: the same way and movement as their parents', other worlds; exactly again from what is stored."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

import avwalk
from avwalk.pipeline import options_of, plan_of, source_of
from avwalk.plan.plan import Plan
from avwalk.request.resolve import resolve

SMALL: dict[str, Any] = {"preset": "lsd", "generator": "cppn", "size": "96x54"}
GRAINLESS = "effects=['bloom', 'vignette']"


def plan(song: Path, seed: int, *set_: str) -> Plan:
    return plan_of(resolve(song, {**SMALL, "seed": seed, "set": (GRAINLESS, *set_)}))[0]


def test_a_child_that_is_not_varied_is_its_parents_film(click_song: Path) -> None:
    parent = plan(click_song, 7)
    child = plan(click_song, 2, "cppn.parents=[7]", "cppn.variation=0")
    assert np.array_equal(child.latents, parent.latents)
    assert all(np.array_equal(child.params[name], parent.params[name]) for name in parent.params)
    assert np.array_equal(source_of(child).frames(60, 62), source_of(parent).frames(60, 62))


def test_children_move_as_their_parent_and_look_alike(click_song: Path) -> None:
    parent, child = plan(click_song, 7), plan(click_song, 3, "cppn.parents=[7]", "cppn.variation=0.3")
    assert np.array_equal(child.latents, parent.latents)
    films = [parent, child, *(plan(click_song, seed) for seed in (5, 6, 8))]
    own, near, *far = (np.concatenate([source_of(p).frames(i, i + 1) for i in (20, 60, 100)]) for p in films)
    usual = np.mean([np.abs(own - pictures).mean() for pictures in far])
    assert 0.02 < np.abs(own - near).mean() < 0.5 * usual


def test_a_bred_film_is_stored_and_rendered_again(click_song: Path, tmp_path: Path) -> None:
    lines = ("cppn.parents=[{seed=1, parents=[4, 5]}, 9]", "cppn.variation=0.2")
    film = tmp_path / "a.mp4"
    avwalk.render(click_song, **SMALL, seed=3, set=lines, duration=1.0, out=film)
    again = options_of(film)
    avwalk.render(click_song, **again, out=tmp_path / "b.mp4")
    assert film.read_bytes() == (tmp_path / "b.mp4").read_bytes()
    made = plan(click_song, 3, *lines)
    made.save(tmp_path / "plan")
    assert Plan.load(tmp_path / "plan").shots == made.shots
    assert len(made.shots[0].lineage.parents) == 2 and made.shots[0].lineage.parents[0].parents
