"""The generator `sd` with small models of the real classes, loaded by the code that films use."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Any, cast

import numpy as np
import pytest

from avwalk.diffusion.painter import Painter

pytest.importorskip("torch")
pytest.importorskip("diffusers")
pytest.importorskip("transformers")

from avwalk.contracts import Drive
from avwalk.diffusion import recipes
from avwalk.diffusion.load import complete_recipe
from avwalk.errors import OptionError
from avwalk.generators.stable_diffusion import StableDiffusion, open_painter
from avwalk.models import store
from avwalk.walk.prompts import latents, respaced
from avwalk.walk.spacing import colour_distance, measured
from tests.small_diffusion import save_diffusion

pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")  # of diffusers

PROMPTS = ("a red cat in the sea", "blue forest at night", "gold city")


@pytest.fixture(scope="module", params=["sd1", "sd2", "sdxl", "turbo"])
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def made(tmp_path: Path, kind: str, **more: object) -> StableDiffusion:
    model = store.find(str(save_diffusion(tmp_path / kind, kind)), "sd")
    recipe = recipes.of({"sd1": "sd15", "turbo": "sd-turbo"}.get(kind, kind))
    recipe, _ = complete_recipe(model, recipes.check(recipe, steps=min(recipe.steps, 4)))
    options: dict[str, Any] = {
        "model": model.sha256,
        "recipe": recipe.as_dict(),
        "prompts": PROMPTS,
        "negatives": ("", "blurry", ""),
        "seeds": (1, 2, 3),
        **more,
    }
    return StableDiffusion((64, 64), 5, **options)


def drive(z: np.ndarray) -> Drive:
    return Drive(0, z.astype(np.float32), {}, Fraction(30), 0)


def test_a_walk_goes_from_prompt_to_prompt_in_steps(tmp_path: Path, kind: str) -> None:
    generator = made(tmp_path, kind)
    assert generator.set_batch() >= 1
    at = np.linspace(0, 2, 17)
    frames = generator.draw(drive(latents(at, 0 * at, 0 * at)))
    assert frames.shape == (17, 64, 64, 3) and frames.dtype == np.float32
    assert 0 <= frames.min() < frames.max() <= 1
    steps = np.abs(np.diff(frames, axis=0)).mean(axis=(1, 2, 3))
    assert (steps > 0).all()  # no picture twice
    ends = np.abs(frames[8] - frames[0]).mean(), np.abs(frames[16] - frames[8]).mean()
    assert steps.max() < max(ends)  # no jump


def test_rows_do_not_depend_on_their_company_and_pushes_are_seen(tmp_path: Path) -> None:
    generator = made(tmp_path, "sd1")
    generator.set_batch(2)
    z = np.array([[0.3, 0.3, 0, 0], [0.3, 0.3, 1, 0], [0.3, 0.3, 0, 1], [1.7, 0.2, 0.5, 0.5]])
    together = generator.draw(drive(z))
    for k in range(4):
        assert np.array_equal(generator.draw(drive(z[k : k + 1]))[0], together[k])
    assert np.abs(together[1:3] - together[0]).mean(axis=(1, 2, 3)).min() > 1e-3
    cast(Any, open_painter).cache_clear()
    again = made(tmp_path, "sd1")
    again.set_batch(2)
    assert again._painter is not generator._painter and np.array_equal(again.draw(drive(z[:1]))[0], together[0])


def test_text_encoders_are_freed_and_models_are_shared(tmp_path: Path) -> None:
    a, b = made(tmp_path, "sd1"), made(tmp_path, "sd1")
    assert a._painter is b._painter
    assert not cast(Painter, a._painter).pipeline.text_encoders


def test_long_prompts_are_refused_or_read_in_chunks(tmp_path: Path) -> None:
    long = ("cat dog " * 50, "sea", "sky")
    with pytest.raises(OptionError, match="tokens"):
        made(tmp_path, "sd1", prompts=long)
    frames = made(tmp_path, "sd1", prompts=long, chunks=True).draw(drive(np.zeros((1, 4))))
    assert frames.shape == (1, 64, 64, 3)


def test_respacing_evens_out_what_is_seen(tmp_path: Path) -> None:
    generator = made(tmp_path, "sd1")
    at = np.linspace(0, 2, 33)
    spacings = measured(generator.sketch, [0, 1], 8, colour_distance)

    def unevenness(positions: np.ndarray) -> float:
        frames = generator.draw(drive(latents(positions, 0 * at, 0 * at)))
        steps = np.sqrt((np.diff(frames, axis=0) ** 2).mean(axis=(1, 2, 3))).reshape(2, 16)
        return float((steps.std(axis=1) / steps.mean(axis=1)).max())

    before, after = unevenness(at), unevenness(respaced(at, spacings))
    assert after < before
