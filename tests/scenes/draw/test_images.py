"""The pictures of a project."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from avwalk.errors import ScenesError
from avwalk.files.image_meta import avwalk_metadata, image_info
from avwalk.files.infotext import parsed
from avwalk.files.png_text import read_text
from avwalk.scenes.draw.choose import artist_of
from avwalk.scenes.draw.images import draw
from tests.scenes.a_project import PROMPTS, SIZE, a_project, pixels

NAMES = ["fox_21.png", "fox_22.png", "reef_11.png", "reef_1234567.png"]


def test_every_prompt_is_drawn_with_every_seed_once(tmp_path: Path) -> None:
    project, events = a_project(tmp_path), list[Mapping[str, Any]]()
    assert draw(project, on_event=events.append) == 4
    there = sorted(project.prompt_images.iterdir())
    assert [path.name for path in there] == NAMES
    assert all(found and found.size == SIZE for found in map(image_info, there))
    assert [event["done"] for event in events] == [1, 2, 3, 4] and events[0]["eta_s"] >= 0
    before = [path.stat().st_mtime_ns for path in there]
    assert draw(project) == 0 and [path.stat().st_mtime_ns for path in there] == before


def test_pictures_say_how_they_were_made(tmp_path: Path) -> None:
    project = a_project(tmp_path)
    draw(project, ["fox"])
    path = project.prompt_images / "fox_21.png"
    said = parsed(read_text(path)["parameters"])
    assert (said["Prompt"], said["Seed"], said["Model"], said["Size"]) == ("a fox in the snow", "21", "cppn", "64x36")
    assert avwalk_metadata(path)["generator"] == "cppn" and avwalk_metadata(path)["node"] == "fox-21"
    assert [path.name for path in sorted(project.prompt_images.iterdir())] == NAMES[:2]


def test_what_is_damaged_or_of_another_size_is_drawn_again(tmp_path: Path) -> None:
    project = a_project(tmp_path)
    draw(project)
    path = project.prompt_images / "reef_11.png"
    whole = pixels(path)
    path.write_bytes(path.read_bytes()[:900])
    assert draw(project) == 1 and np.array_equal(pixels(path), whole)
    assert draw(a_project(tmp_path, size=(48, 48))) == 4


def test_pictures_of_other_words_stay_and_are_told_of(tmp_path: Path) -> None:
    project, events = a_project(tmp_path), list[Mapping[str, Any]]()
    draw(project)
    changed = a_project(tmp_path, prompts=PROMPTS.replace("snow", "rain"))
    assert draw(changed, on_event=events.append) == 0
    assert "2 pictures were drawn with other words" in events[0]["message"]
    assert draw(changed, fresh=True) == 4 and draw(changed, on_event=events.append) == 0 and len(events) == 1


def test_what_cannot_be_drawn_is_said(tmp_path: Path) -> None:
    project = a_project(tmp_path)
    with pytest.raises(ScenesError, match=r"no prompt 'rief' .*reef"):
        draw(project, ["rief"])
    with pytest.raises(ScenesError, match="generator 'sd' cannot run here"):
        draw(project, artist=artist_of(project, generator="sd"))
    profile = project.profile.model_copy(update={"generator": "cppm"})
    with pytest.raises(ScenesError, match=r"'cppm' is unknown.*cppn"):
        draw(dataclasses.replace(project, profile=profile))
