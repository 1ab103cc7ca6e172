"""Pictures and ways of Stable Diffusion."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from avwalk.scenes.project.project import Project
from tests.spies import noting

pytest.importorskip("torch")
pytest.importorskip("diffusers")

import torch

from avwalk.errors import ScenesError
from avwalk.files.infotext import parsed
from avwalk.files.png_text import read_text
from avwalk.scenes.draw import images
from avwalk.scenes.draw.choose import artist_of, choose_generators
from avwalk.scenes.draw.transitions import complete, draw
from avwalk.scenes.nodes import Edge, Node
from tests.scenes.a_project import a_project
from tests.small_diffusion import save_controlnet, save_diffusion

A, B = Node("sea", "11"), Node("city", "21")
HEAD = "name,prompt,seeds,guidance_scale,negative_prompt,mask,cnet_scale\n"
PROMPTS = HEAD + 'sea,"a sea at night",11 12,3,,,\ncity,"a city of glass",21,5,"bad, ugly",,\n'
MASKED = HEAD + 'sea,"a sea at night",11,3,,shapes/disc,1.0\ncity,"a city of glass",21,3,,shapes/bar,0.2\n'
SIZE = (64, 64)


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> str:
    return str(save_diffusion(tmp_path_factory.mktemp("weights") / "sd1", "sd1"))


@pytest.fixture(scope="module")
def controlnet(tmp_path_factory: pytest.TempPathFactory) -> str:
    return str(save_controlnet(tmp_path_factory.mktemp("weights") / "scribble", "sd1"))


def sd(tmp_path: Path, model: str, prompts: str = PROMPTS, size: tuple[int, int] = SIZE, **pipeline: object) -> Project:
    profile = {"generator": "auto", "model_string": model, "pipe_kwargs": {"num_inference_steps": 2, **pipeline}}
    return a_project(tmp_path, profile, prompts, size)


def still(artist: Any, node: Node) -> np.ndarray:
    return next(artist.frames(node, node, [0.0]))


def test_auto_is_stable_diffusion_where_its_model_is(tmp_path: Path, model: str) -> None:
    assert choose_generators(sd(tmp_path, model)) == {"sea": "sd", "city": "sd"}


def test_pictures_and_ways(tmp_path: Path, model: str) -> None:
    project = sd(tmp_path, model)
    artist = artist_of(project, device="cpu")
    frames = list(artist.frames(A, B, [k / 8 for k in range(9)]))
    assert np.abs(still(artist, A) - frames[0]).max() < 1e-5 > np.abs(still(artist, B) - frames[-1]).max()
    steps = [np.abs(a - b).mean() for a, b in pairwise(frames)]
    assert min(steps) > 0 and max(steps) < 5 * np.median(steps)
    assert np.abs(next(artist.frames(A, B, [0.5])) - frames[4]).max() < 1e-5


def test_numbers_are_those_of_diffusers_for_a_seed_on_the_processor(tmp_path: Path, model: str) -> None:
    """What is blended: E straight, noise on an arc, guidance straight; ends as a pipeline draws them."""
    asked: list[dict[str, Any]] = []
    drawer: Any = artist_of(sd(tmp_path, model), device="cpu").drawer(A)
    paint = drawer._painter.paint
    drawer._painter.paint = noting(lambda towards, noise, steps: asked.append({**vars(towards), "noise": noise}), paint)
    list(drawer.frames(A, B, [0.0, 0.5, 1.0]))
    tokens = np.concatenate([each["tokens"] for each in asked])
    negative = np.concatenate([each["negative"] for each in asked])
    noise = np.concatenate([each["noise"] for each in asked])
    guidance = np.concatenate([each["guidance"] for each in asked])
    assert np.allclose(tokens[1], (tokens[0] + tokens[2]) / 2) and not np.allclose(tokens[0], tokens[2])
    assert np.allclose(negative[1], (negative[0] + negative[2]) / 2) and not np.allclose(negative[0], negative[2])
    assert guidance.tolist() == [3, 4, 5]
    wanted = torch.randn((1, 4, 8, 8), generator=torch.Generator("cpu").manual_seed(11)).numpy()[0]
    assert np.array_equal(noise[0], wanted)
    lengths = np.linalg.norm(noise.reshape(3, -1), axis=1)
    assert np.isclose(lengths[1], (lengths[0] + lengths[2]) / 2, rtol=1e-5)


def test_masks_are_faded_and_their_strength_blended(tmp_path: Path, model: str, controlnet: str) -> None:
    project = sd(tmp_path, model, MASKED)
    folder = project.masks / "shapes"
    folder.mkdir(parents=True)
    disc, bar = np.zeros((64, 64, 3), np.uint8), np.zeros((64, 64, 3), np.uint8)
    cv2.circle(disc, (32, 32), 20, (255, 255, 255), -1)
    bar[20:44] = 255
    cv2.imwrite(str(folder / "disc.png"), disc)
    cv2.imwrite(str(folder / "bar.png"), bar)
    profile = project.profile.model_copy(update={"control_model": controlnet})
    project = type(project)(**{**vars(project), "profile": profile})
    artist = artist_of(project, device="cpu")
    asked: list[dict[str, Any]] = []
    drawer: Any = artist.drawer(A)
    paint = drawer._painter.paint
    drawer._painter.paint = noting(lambda towards, noise, steps: asked.append({**vars(towards)}), paint)
    frames = list(drawer.frames(A, B, [0.0, 0.25, 1.0]))
    control = np.concatenate([each["control"] for each in asked])
    scale = np.concatenate([each["control_scale"] for each in asked])
    assert np.allclose(control[0], disc / 255) and np.allclose(
        control[1], 0.75 * disc / 255 + 0.25 * bar / 255, atol=1e-6
    )
    assert np.allclose(scale, [1.0, 0.8, 0.2])
    without = artist_of(sd(tmp_path, model, MASKED), device="cpu")
    assert np.abs(still(without, A) - frames[0]).mean() > 0.001
    late = artist_of(project, device="cpu", settings={"control_guidance_start": 0.5})
    never = artist_of(project, device="cpu", settings={"control_guidance_start": 0.1, "control_guidance_end": 0.2})
    assert np.abs(still(late, A) - frames[0]).mean() > 0
    assert np.abs(still(never, A) - still(without, A)).max() < 1e-5  # no step lies within it
    with pytest.raises(ScenesError, match="no span"):
        still(artist_of(project, settings={"control_guidance_start": 0.9, "control_guidance_end": 0.2}), A)
    (folder / "bar.png").unlink()
    with pytest.raises(ScenesError, match=r"mask 'shapes/bar' is not there"):
        artist_of(project, device="cpu").drawer(A)


def test_files_say_how_they_were_made_and_are_whole(tmp_path: Path, model: str) -> None:
    project = sd(tmp_path, model, negative_prompt="blurry")
    artist = artist_of(project, device="cpu")
    assert images.draw(project, artist=artist) == 3
    said = parsed(read_text(project.prompt_images / "sea_11.png")["parameters"])
    assert {k: said[k] for k in ("Prompt", "Negative prompt", "Steps", "CFG scale", "Seed", "Size", "Model")} == {
        "Prompt": "a sea at night",
        "Negative prompt": "blurry",
        "Steps": "2",
        "CFG scale": "3",
        "Seed": "11",
        "Size": "64x64",
        "Model": "sd",
    }
    draw(project, [Edge(A, B)], 5, artist=artist)
    assert complete(project.transition_images / "sea-11 to city-21", 5, SIZE)


def test_sizes_that_are_no_multiples_of_8_are_cut(tmp_path: Path, model: str) -> None:
    artist = artist_of(sd(tmp_path, model, size=(70, 45)), device="cpu")
    assert still(artist, A).shape == (45, 70, 3)


def test_settings_of_the_command_are_over_those_of_the_project(tmp_path: Path, model: str) -> None:
    project = sd(tmp_path, model)
    artist = artist_of(project, settings={"num_inference_steps": 3, "guidance_scale": 2.0}, device="cpu")
    drawer: Any = artist.drawer(B)
    values = drawer.metadata(B)[2]
    assert values["Steps"] == 3 and values["CFG scale"] == 2.0
    with pytest.raises(ScenesError, match="steps 999 are out of range"):
        artist_of(project, settings={"num_inference_steps": 999}).drawer(A)
