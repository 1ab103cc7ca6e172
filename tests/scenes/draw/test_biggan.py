"""Pictures and ways of BigGAN."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from avwalk.scenes.project.project import Project

pytest.importorskip("torch")
pytest.importorskip("pytorch_pretrained_biggan")

from avwalk.errors import OptionError, ScenesError
from avwalk.models.imagenet import index_of, name_of
from avwalk.scenes.draw import images
from avwalk.scenes.draw.biggan import class_of
from avwalk.scenes.draw.choose import artist_of
from avwalk.scenes.draw.seeds import variation
from avwalk.scenes.draw.transitions import complete, draw
from avwalk.scenes.nodes import Edge, Node
from tests.scenes.a_project import a_project
from tests.small_biggan import save_biggan

FOX, BUBBLE = Node("fox", "21"), Node("bubble", "1234567890123456")
PROMPTS = 'name,prompt,seeds\nfox,"a red fox in the snow",21 22\nbubble,soap bubble,1234567890123456\n'


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> str:
    return str(save_biggan(tmp_path_factory.mktemp("weights") / "small"))


@pytest.fixture
def project(tmp_path: Path, model: str) -> Project:
    return a_project(tmp_path, {"generator": "biggan", "model_string": model}, PROMPTS)


def test_a_prompt_means_the_class_that_it_names() -> None:
    assert class_of("x", "a red fox in the snow") == index_of("red fox")
    assert class_of("x", "Soap bubbles, macro") == index_of("soap bubble")
    assert class_of("teapot", "nothing of it") == index_of("teapot")
    assert class_of("x", "947") == 947
    dogs = {class_of(f"n{k}", "a dog in the rain") for k in range(40)}
    assert len(dogs) > 5 and class_of("n1", "a dog in the rain") in dogs
    with pytest.raises(OptionError, match=r"prompt 'x' names nothing.*mushroom"):
        class_of("x", "mushrom")


def test_pictures_and_ways(project: Project) -> None:
    artist = artist_of(project)
    assert images.draw(project, artist=artist) == 3
    frames = list(artist.frames(FOX, BUBBLE, [k / 16 for k in range(17)]))
    assert all(frame.shape == (36, 64, 3) for frame in frames)
    for node, frame in ((FOX, frames[0]), (BUBBLE, frames[-1])):
        assert np.abs(next(artist.frames(node, node, [0.0])) - frame).max() < 1e-5
    steps = [np.abs(a - b).mean() for a, b in pairwise(frames)]
    assert min(steps) > 0 and max(steps) < 4 * np.median(steps)
    assert np.abs(next(artist.frames(FOX, BUBBLE, [0.25])) - frames[4]).max() < 1e-5


def test_latents_go_along_an_arc_and_classes_straight(project: Project) -> None:
    drawer: Any = artist_of(project).drawer(FOX)
    rows = np.stack([drawer._latent(FOX, BUBBLE, t) for t in (0, 0.5, 1)])
    z, weights = rows[:, :-2], rows[:, -2:]
    assert np.array_equal(weights, np.array([[1, 0], [0.5, 0.5], [0, 1]]))
    lengths = np.linalg.norm(z, axis=1)
    assert np.isclose(lengths[1], (lengths[0] + lengths[2]) / 2) and np.abs(z).max() <= 2 * 0.7
    assert np.array_equal(drawer._latent(FOX, Node("fox", "22"), 0.5)[-2:], [1, 0])


def test_a_variation_and_a_truncation_change_pictures(project: Project) -> None:
    artist, near = artist_of(project), Node("fox", str(variation(21, 0, 0.125)))
    here, other = next(artist.frames(FOX, FOX, [0.0])), Node("fox", "22")
    far = np.abs(next(artist.frames(other, other, [0.0])) - here).mean()
    assert 0 < np.abs(next(artist.frames(near, near, [0.0])) - here).mean() < far
    tight = artist_of(project, settings={"truncation": 0.2})
    assert np.abs(next(tight.frames(FOX, FOX, [0.0])) - here).mean() > 0.005
    assert tight.fingerprint(FOX, FOX) != artist.fingerprint(FOX, FOX)


def test_transitions_are_whole(project: Project) -> None:
    draw(project, [Edge(FOX, BUBBLE)], 9)
    assert complete(project.transition_images / "fox-21 to bubble-1234567890123456", 9, (64, 36))


def test_words_that_name_no_class_are_said_with_their_file(tmp_path: Path, model: str) -> None:
    project = a_project(tmp_path, {"generator": "biggan", "model_string": model}, "name,prompt,seeds\nx,mushrom,1\n")
    with pytest.raises(ScenesError, match=r"prompt_image_definitions\.csv.*did you mean 'mushroom'"):
        artist_of(project).drawer(Node("x", "1"))


def test_two_generators_meet_in_a_melt(tmp_path: Path, model: str) -> None:
    prompts = 'name,prompt,seeds,generator\nfox,"a red fox",21,biggan\nsea,"the deep sea",3,cppn\n'
    project = a_project(tmp_path, {"generator": "auto", "model_string": model}, prompts)
    artist, sea = artist_of(project), Node("sea", "3")
    assert artist.generators == {"fox": "biggan", "sea": "cppn"}
    frames = list(artist.frames(FOX, sea, [0, 0.5, 1]))
    assert np.array_equal(frames[0], next(artist.frames(FOX, FOX, [0.0])))
    assert np.array_equal(frames[2], next(artist.frames(sea, sea, [0.0])))
    drawer = artist.drawer(FOX)
    assert drawer is not None and name_of(index_of("red fox")) == drawer.metadata(FOX)[2]["Class"]
