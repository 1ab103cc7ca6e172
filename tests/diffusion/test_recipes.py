from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest

from avwalk.diffusion import recipes
from avwalk.diffusion.recipes import RECIPES, check, img2img_steps, of
from avwalk.errors import OptionError


@pytest.mark.parametrize("name", RECIPES)
def test_bundles_do_not_contradict_themselves(name: str) -> None:
    recipe = of(name)
    assert recipe.name == name and check(recipe, strength=1.0, size=(recipe.size, recipe.size)) == recipe


def test_bundles_are_those_of_the_model_cards() -> None:
    for name in ("sd-turbo", "sdxl-turbo"):
        assert of(name).guidance == 0 and 1 <= of(name).steps <= 4 and of(name).scheduler.endswith("trailing")
        assert of(name).vae == "tiny"
    lcm = of("sd15-lcm")
    assert lcm.scheduler == "lcm" and 4 <= lcm.steps <= 8 and 1 <= lcm.guidance <= 2 and lcm.loras[0][1] == 1.0


def test_a_recipe_goes_through_json() -> None:
    for recipe in RECIPES.values():
        assert recipes.from_dict(json.loads(json.dumps(recipe.as_dict()))) == recipe


def test_steps_are_those_of_diffusers_in_float32_too() -> None:
    assert [img2img_steps(10, s) for s in (0.05, 0.1, 0.7, 0.75, 1.0)] == [0, 1, 7, 7, 10]
    assert img2img_steps(10, float(np.float32(0.7))) == 7  # it is 0.699999988
    assert img2img_steps(4, 0.5) == 2 and img2img_steps(1, 0.99) == 0


@pytest.mark.parametrize(
    ("name", "wanted", "said"),
    [
        ("sd-turbo", {"strength": 0.5}, "steps 1 × strength 0.5 = 0.5 is less than one step"),
        ("sd15", {"steps": 3, "strength": 0.3}, "use steps 4 or more, or strength 0.33 or more"),
        ("sd15", {"strength": 0.0}, "strength 0 is out of range"),
        ("sd15", {"strength": 1.5}, "strength 1.5 is out of range"),
        ("sd15", {"steps": 0}, "steps 0 are out of range"),
        ("sd-turbo", {"guidance": 7.5}, "guidance 7.5 contradicts sd-turbo"),
        ("sdxl-turbo", {"guidance": 2}, "use guidance 0"),
        ("sd15-lcm", {"guidance": 8}, "too much for sd15-lcm"),
        ("sd15", {"guidance": -1}, "less than 0"),
        ("sd15", {"size": (513, 512)}, "size 513x512 is not in steps of 8 pixels; use 512x512"),
        ("sd15", {"size": (32, 512)}, "out of range"),
        ("sd15", {"size": (4096, 512)}, "out of range"),
        ("sd15", {"scheduler": "eular"}, "did you mean 'euler'"),
    ],
)
def test_contradictions_are_refused_in_one_line(name: str, wanted: dict[str, Any], said: str) -> None:
    with pytest.raises(OptionError) as error:
        check(of(name), **wanted)
    assert said in str(error.value) and "\n" not in str(error.value)


def test_all_contradictions_are_said_at_once() -> None:
    with pytest.raises(OptionError) as error:
        check(of("sd-turbo"), strength=0.1, guidance=5, size=(100, 100), scheduler="plms")
    assert len(str(error.value).splitlines()) == 4


def test_what_is_wanted_otherwise_is_in_the_recipe() -> None:
    recipe = check(of("sd15"), steps=12, guidance=5, scheduler="dpm-karras", strength=0.5)
    assert (recipe.steps, recipe.guidance, recipe.scheduler) == (12, 5, "dpm-karras")


def test_an_unknown_recipe() -> None:
    with pytest.raises(OptionError, match="did you mean 'sd-turbo'"):
        of("sdturbo")
