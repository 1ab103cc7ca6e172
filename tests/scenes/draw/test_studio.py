"""Who draws what, and how what two of them drew melts."""

from __future__ import annotations

import json
from collections.abc import Mapping
from itertools import pairwise
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from avwalk.errors import ScenesError, VideoError
from avwalk.files.image_meta import read, write
from avwalk.scenes.draw.choose import artist_of, choose_generators
from avwalk.scenes.draw.images import draw
from avwalk.scenes.nodes import Node
from tests.scenes.a_project import PROMPTS, a_project, again, by_hand


def test_auto_is_the_built_in_generator_where_no_model_is(tmp_path: Path) -> None:
    project = a_project(tmp_path, {"generator": "auto", "model_string": "CompVis/stable-diffusion-v1-4"})
    assert choose_generators(project) == {"reef": "cppn", "fox": "cppn"}
    assert choose_generators(project, "cppn:burin") == {"reef": "cppn", "fox": "cppn"}
    events: list[Mapping[str, Any]] = []
    draw(project, ["fox"], events.append)
    assert "the project's model cannot run here" in events[0]["message"]
    assert artist_of(a_project(tmp_path)).notes == ()


def test_auto_stays_what_drew_the_pictures_that_are_there(tmp_path: Path) -> None:
    project = a_project(tmp_path, {"generator": "auto"})
    project.prompt_images.mkdir(parents=True)
    write(
        project.prompt_images / "fox_21.png",
        np.ones((9, 9, 3), np.float32),
        {"avwalk": json.dumps({"generator": "sd"})},
    )
    with pytest.raises(Exception, match="generator 'sd' cannot run here"):
        choose_generators(project)


def test_a_picture_put_there_by_hand_is_fitted(tmp_path: Path) -> None:
    by_hand(a_project(tmp_path, size=(64, 64)).scenes_dir / "holiday", size=(90, 60))
    project = again(tmp_path)
    node = Node("holiday", "photo")
    assert project.members("holiday") == (node,)
    picture = next(artist_of(project).frames(node, node, [0.0]))
    assert picture.shape == (64, 64, 3) and abs(picture[32, 32] - np.array([240, 60, 20]) / 255).max() < 0.05


@pytest.mark.parametrize("other", [Node("reef", "11"), Node("holiday", "b")])
def test_it_melts_into_its_neighbours(tmp_path: Path, other: Node) -> None:
    folder = a_project(tmp_path, size=(96, 54)).scenes_dir / "holiday"
    by_hand(folder, "a.png", (96, 54), 230)
    by_hand(folder, "b.webp", (200, 100), 30)
    project = again(tmp_path)
    artist, here = artist_of(project), Node("holiday", "a")
    frames = list(artist.frames(here, other, [k / 32 for k in range(33)]))
    first, last = (next(artist.frames(node, node, [0.0])) for node in (here, other))
    assert np.array_equal(frames[0], first) and np.array_equal(frames[-1], last)
    steps = np.array([np.abs(x - y).mean() for x, y in pairwise(frames)])
    assert steps.max() < 3 * np.median(steps) and steps.min() > 0.3 * np.median(steps)
    assert np.array_equal(next(artist.frames(here, other, [0.25])), frames[8])


def test_its_bytes_are_part_of_the_fingerprint(tmp_path: Path) -> None:
    folder = a_project(tmp_path).scenes_dir / "holiday"
    by_hand(folder, "a.png")
    by_hand(folder, "b.png")
    artist, a, b = artist_of(again(tmp_path)), Node("holiday", "a"), Node("holiday", "b")
    before = artist.fingerprint(a, b)
    assert before == artist_of(again(tmp_path)).fingerprint(a, b)
    by_hand(folder, "b.png", value=90)
    assert artist.fingerprint(a, b) != before


def test_one_that_cannot_be_read_is_said(tmp_path: Path) -> None:
    folder = a_project(tmp_path).scenes_dir / "holiday"
    by_hand(folder, "a.png").write_bytes(b"no picture")
    node = Node("holiday", "a")
    with pytest.raises(VideoError, match=r"a\.png' cannot be read"):
        next(artist_of(again(tmp_path)).frames(node, node, [0.0]))


def test_a_drawn_picture_in_a_scenes_folder_is_the_prompts(tmp_path: Path) -> None:
    project = a_project(tmp_path)
    draw(project)
    folder = project.scenes_dir / "animals"
    folder.mkdir(parents=True)
    (folder / "fox_21.png").write_bytes((project.prompt_images / "fox_21.png").read_bytes())
    project = again(tmp_path)
    assert project.members("animals") == (Node("fox", "21"),)
    artist = artist_of(project)
    assert artist.drawer(Node("fox", "21")) is artist.drawer(Node("reef", "11"))
    drawn = next(artist.frames(Node("fox", "21"), Node("fox", "21"), [0.0]))
    assert np.abs(drawn - read(project.prompt_images / "fox_21.png")).max() <= 0.51 / 255


def test_a_preset_can_be_asked_for(tmp_path: Path) -> None:
    head = "name,prompt,seeds,generator\n"
    project = a_project(tmp_path, {"generator": "cppn:sumi"}, head + "fox,a fox,21,cppn:burin\nsea,the sea,3,\n")
    drawer: Any = artist_of(project).drawer(Node("fox", "21"))
    assert [drawer.choice(name).preset for name in ("fox", "sea")] == ["burin", "sumi"]
    with pytest.raises(ScenesError, match=r"no preset 'burrin' .*'burin'"):
        a_project(tmp_path, {}, head + "fox,a fox,21,cppn:burrin\n")


def test_a_preset_of_the_profile_is_that_of_all_prompts(tmp_path: Path) -> None:
    project = a_project(tmp_path, {"pipe_kwargs": {"preset": "burin", "cppn.warp": 0.5}}, prompts=PROMPTS)
    drawer: Any = artist_of(project).drawer(Node("fox", "21"))
    assert drawer.metadata(Node("fox", "21"))[2]["Preset"] == "burin"


def test_pictures_with_transparency_are_read(tmp_path: Path) -> None:
    folder = a_project(tmp_path).scenes_dir / "holiday"
    folder.mkdir(parents=True)
    cv2.imwrite(str(folder / "a.png"), np.full((36, 64, 4), 128, np.uint8))
    node = Node("holiday", "a")
    assert next(artist_of(again(tmp_path)).frames(node, node, [0.0])).shape == (36, 64, 3)
