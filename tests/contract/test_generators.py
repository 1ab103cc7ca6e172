"""Every generator of the registry keeps the contract."""

from __future__ import annotations

import tempfile
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from avwalk.config.preset import Preset, targets
from avwalk.contracts import Drive, Generator, RendersPasses
from avwalk.registry import GENERATORS, make_generator, renders_passes
from avwalk.request.generators import generator_options

SIZES = [(64, 36), (36, 64), (48, 48)]


def drive(n: int, dim: int, i0: int = 100, seed: int = 3) -> Drive:
    rng = np.random.default_rng(9)
    params = {name: np.full(n, t.default, np.float32) for name, t in targets().items()}
    latents = np.cumsum(0.1 * rng.standard_normal((n, dim)), axis=0).astype(np.float32)
    return Drive(i0, latents, params, Fraction(30), seed)


def part(whole: Drive, a: int, b: int) -> Drive:
    params = {name: curve[a:b] for name, curve in whole.params.items()}
    return Drive(whole.i0 + a, whole.latents[a:b], params, whole.fps, whole.seed)


@pytest.fixture(params=sorted(GENERATORS), scope="module")
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def made(name: str, size: tuple[int, int] = (64, 36), seed: int = 3) -> Generator:
    if name == "sd":
        return make_generator(name, size, seed, diffusion_options())
    return make_generator(name, size, seed, generator_options(name, Preset(), weights(name), [3, 5, 8]))


@cache
def diffusion_options() -> dict[str, Any]:
    """Of a walk between two prompts by a small model."""
    pytest.importorskip("torch")
    pytest.importorskip("diffusers")
    from avwalk.diffusion import load, recipes
    from avwalk.models import store
    from tests.small_diffusion import save_diffusion

    model = store.find(str(save_diffusion(Path(tempfile.mkdtemp()) / "sd")), "sd")
    recipe, _ = load.complete_recipe(model, recipes.check(load.guess_recipe(model), steps=1))
    rows = {"prompts": ["a sea", "a city"], "negatives": ["", ""], "seeds": [1, 2]}
    return {"model": model.sha256, "recipe": recipe.as_dict(), **rows}


@cache
def weights(name: str) -> str:
    """sha256 of small weights in the model cache of the tests, where the generator needs some."""
    if not GENERATORS[name].needs_weights:
        return ""
    pytest.importorskip("torch")
    pytest.importorskip("pytorch_pretrained_biggan")
    from avwalk.models import store
    from tests.small_biggan import save_biggan

    return store.find(str(save_biggan(Path(tempfile.mkdtemp()) / name)), name).sha256


@pytest.mark.parametrize("size", SIZES)
def test_frames_have_the_shape_type_and_range(name: str, size: tuple[int, int]) -> None:
    generator = made(name, size)
    frames = generator.draw(drive(3, generator.latent_dim))
    assert frames.shape == (3, *(frames.shape[1:3] if GENERATORS[name].needs_weights else (size[1], size[0])), 3)
    assert frames.dtype == np.float32
    assert np.isfinite(frames).all() and frames.min() >= 0 and frames.max() <= 1


def test_a_frame_does_not_depend_on_its_batch(name: str) -> None:
    generator = made(name)
    whole = drive(7, generator.latent_dim)
    together = generator.draw(whole)
    for a, b in ((0, 1), (1, 4), (4, 7)):
        assert np.array_equal(generator.draw(part(whole, a, b)), together[a:b])


def test_two_of_a_kind_draw_the_same(name: str) -> None:
    a, b = made(name), made(name)
    assert np.array_equal(a.draw(drive(2, a.latent_dim)), b.draw(drive(2, b.latent_dim)))


def test_it_moves_with_its_latents(name: str) -> None:
    generator = made(name)
    frames = generator.draw(drive(7, generator.latent_dim))
    assert np.abs(np.diff(frames, axis=0)).mean(axis=(1, 2, 3)).min() > 0


def test_drawing_leaves_its_input_alone(name: str) -> None:
    generator = made(name)
    given = drive(2, generator.latent_dim)
    before = given.latents.copy()
    generator.draw(given)
    assert np.array_equal(given.latents, before)


def test_it_says_what_it_sees_and_knows(name: str) -> None:
    generator = made(name)
    assert set(generator.handles) <= {"camera"}
    assert isinstance(generator, RendersPasses) == renders_passes(name)


@pytest.mark.parametrize("size", SIZES)
def test_passes_have_their_shapes_and_ranges(name: str, size: tuple[int, int]) -> None:
    generator = made(name, size)
    if not isinstance(generator, RendersPasses):
        pytest.skip("knows no passes")
    whole, names = drive(3, generator.latent_dim), ("depth", "normal", "mask", "flow")
    found = generator.passes(whole, names)
    assert set(found) == set(names) and set(generator.passes(whole, ("mask",))) == {"mask"}
    for pass_, last in (("depth", ()), ("normal", (3,)), ("mask", ()), ("flow", (2,))):
        picture = found[pass_]
        assert picture.shape == (3, size[1], size[0], *last) and picture.dtype == np.float32
        assert np.isfinite(picture).all()
        assert pass_ in ("normal", "flow") or (picture.min() >= 0 and picture.max() <= 1)
        alone = generator.passes(part(whole, 1, 3), names)[pass_][1]
        assert np.array_equal(alone, picture[2]), "the row before is enough"
    assert np.allclose(np.linalg.norm(found["normal"], axis=3), 1, atol=1e-5)
    assert not found["flow"][0].any()
