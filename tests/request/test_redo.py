"""``--redo``: one part is rolled again, the rest of the film stays to the bit, and the film keeps it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import avwalk
from avwalk.errors import OptionError
from avwalk.pipeline import options_of, plan_of, source_of
from avwalk.request.metadata import metadata, stored_options
from avwalk.request.resolve import Request, resolve

SMALL: dict[str, Any] = {"fps": 12, "size": "48x28", "generator": "cppn", "preset": "lsd", "set": ("seed=0",)}


def frames_of(request: Request) -> Any:
    plan, worlds, _ = plan_of(request)
    return source_of(plan, worlds).frames(plan.i0, plan.i1)


def test_the_rest_of_the_film_stays_to_the_bit(click_song: Path) -> None:
    before = frames_of(resolve(click_song, SMALL))
    request = resolve(click_song, {**SMALL, "redo": ("beat:3-beat:5",), "seed": 9})
    assert request.film.seed == 0 and request.options.seed == 0
    after = frames_of(request)
    differ = np.flatnonzero((before != after).any(axis=(1, 2, 3)))
    begin, end = request.analysis().score.beats[[2, 4]]
    # what hits made in the part, and its wake, are not seen behind it: there the film is as before when they are over
    assert abs(differ[0] / 12 - begin) < 0.2 and -0.2 < (differ[-1] + 1) / 12 - end < 2.1
    assert len(differ) == differ[-1] - differ[0] + 1


def test_a_film_that_is_made_again_keeps_it_and_may_be_redone_once_more(click_song: Path) -> None:
    first = resolve(click_song, {**SMALL, "seed": 3, "redo": ("1-2",)})
    assert first.film.seed == 0  # the preset's: --seed is that of the part
    stored = stored_options(metadata(first), "a.mp4")
    again = resolve(click_song, stored)
    assert again.film.cues == first.film.cues and again.film.hash == first.film.hash
    more = resolve(click_song, {**stored, "redo": ("1-2", "3-3.5")})
    assert [row[2:4] for row in more.film.cues.rows] == [("seed", "4"), ("seed", "1")]
    assert [note for note in more.notes if "redo" in note] == [
        "--redo 1-2: seed 4, it was 3; --seed N takes another",
        "--redo 3-3.5: seed 1, it was 0; --seed N takes another",
    ]


def test_the_seed_of_the_film_stays(click_song: Path, tmp_path: Path) -> None:
    avwalk.render(click_song, out=tmp_path / "a.mp4", **{**SMALL, "seed": 21})
    request = resolve(click_song, {**options_of(tmp_path / "a.mp4"), "redo": ("1-2",), "seed": 9})
    assert request.film.seed == 21 and request.film.cues.rows == (("1", "2", "seed", "9", ""),)


def test_a_bar_that_is_not_there_is_one_clear_error(click_song: Path) -> None:
    with pytest.raises(OptionError, match=r"redo bar:33-bar:40: .*outside the song"):
        resolve(click_song, {**SMALL, "redo": ("bar:33-bar:40",)})
