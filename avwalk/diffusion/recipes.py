"""Recipes: scheduler, steps and guidance scale that a model was made for.

    recipe = of("sd-turbo")                              # a named bundle
    check(recipe, strength=0.5, size=(512, 512))         # contradictions, before anything is loaded

Steps, spacing and guidance are those of the model cards: SD-Turbo and SDXL-Turbo 1 to 4 steps, trailing, no guidance
(Sauer et al. 2023, arXiv:2311.17042); LCM-LoRA 4 to 8 steps, guidance 1 to 2 (Luo et al. 2023, arXiv:2311.05556);
Hyper-SD's LoRA of 4 steps, DDIM with trailing spacing, no guidance (Ren et al. 2024, arXiv:2404.13686).
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from avwalk.errors import OptionError, did_you_mean

BASES = ("sd1", "sd2", "sdxl")
"""Families by their text encoders: SD 1.x, SD 2.x (and SD-Turbo), SDXL (and SDXL-Turbo)."""

SCHEDULERS: dict[str, tuple[str, dict[str, Any]]] = {
    "ddim": ("DDIMScheduler", {"clip_sample": False}),
    "ddim-trailing": ("DDIMScheduler", {"clip_sample": False, "timestep_spacing": "trailing"}),
    "euler": ("EulerDiscreteScheduler", {}),
    "euler-trailing": ("EulerDiscreteScheduler", {"timestep_spacing": "trailing"}),
    "euler-a": ("EulerAncestralDiscreteScheduler", {}),
    "euler-a-trailing": ("EulerAncestralDiscreteScheduler", {"timestep_spacing": "trailing"}),
    "dpm": ("DPMSolverMultistepScheduler", {}),
    "dpm-karras": ("DPMSolverMultistepScheduler", {"use_karras_sigmas": True}),
    "unipc": ("UniPCMultistepScheduler", {}),
    "lcm": ("LCMScheduler", {}),
    "tcd": ("TCDScheduler", {}),
}
"""Names of schedulers: class of diffusers, and what is set beside the model's own config. TCD is run with eta = 0."""

LEAST_SIDE, MOST_SIDE = 64, 2048  # pixels
MOST_STEPS = 200
_ROUNDING = 1e-4  # of a step: 0.7 in float32 times 10 steps are 7


@dataclass(frozen=True)
class Recipe:
    """How to draw with a model.

    Attributes:
        name: of the bundle, or ``"own"``.
        base: one of `BASES`.
        scheduler: one of `SCHEDULERS`.
        steps: from noise to a picture.
        guidance: scale of classifier-free guidance; 1 or less: none, one pass of the network a step.
        size: native side of pictures, pixels.
        loras: names, sha256 or paths of LoRAs, each with its weight; fused into the network.
        vae: ``""`` for the model's own, ``"tiny"`` for the tiny one of this base, or a name, sha256 or path of one.
        most_guidance: pictures oversaturate beyond it.
    """

    name: str
    base: str
    scheduler: str
    steps: int
    guidance: float
    size: int
    loras: tuple[tuple[str, float], ...] = ()
    vae: str = ""
    most_guidance: float = 30.0

    def as_dict(self) -> dict[str, Any]:
        """Plain values, for a plan."""
        return {**dataclasses.asdict(self), "loras": [list(lora) for lora in self.loras]}


RECIPES = {
    "sd-turbo": Recipe("sd-turbo", "sd2", "euler-trailing", 1, 0.0, 512, vae="tiny", most_guidance=1.0),
    "sd15-lcm": Recipe(
        "sd15-lcm", "sd1", "lcm", 4, 1.5, 512, loras=(("lcm-lora-sd15", 1.0),), vae="tiny", most_guidance=3.0
    ),
    "sd15-hyper": Recipe(
        "sd15-hyper",
        "sd1",
        "ddim-trailing",
        4,
        0.0,
        512,
        loras=(("hyper-lora-sd15", 1.0),),
        vae="tiny",
        most_guidance=1.0,
    ),
    "sd15": Recipe("sd15", "sd1", "ddim", 30, 7.5, 512),
    "sdxl-turbo": Recipe("sdxl-turbo", "sdxl", "euler-a-trailing", 1, 0.0, 512, vae="tiny", most_guidance=1.0),
}
"""The named bundles."""

PLAIN = {
    "sd1": RECIPES["sd15"],
    "sd2": Recipe("sd2", "sd2", "ddim", 30, 7.5, 768),
    "sdxl": Recipe("sdxl", "sdxl", "euler", 30, 5.0, 1024),
}
"""Default recipe of an unnamed model, by base."""

TINY = {"sd1": "taesd", "sd2": "taesd", "sdxl": "taesdxl"}
"""The tiny autoencoder of a base: their latents are the same for SD 1.x and 2.x."""


def of(name: str) -> Recipe:
    """The bundle of a name.

    Raises:
        OptionError: there is none.
    """
    known = {**RECIPES, **{recipe.name: recipe for recipe in PLAIN.values()}}
    if name not in known:
        raise OptionError(f"recipe '{name}' is unknown{did_you_mean(name, known)}; use one of: {', '.join(known)}")
    return known[name]


def from_dict(stored: Mapping[str, Any]) -> Recipe:
    """The inverse of `Recipe.as_dict`."""
    loras = tuple((str(name), float(weight)) for name, weight in stored["loras"])
    return Recipe(**{**stored, "loras": loras})


def img2img_steps(steps: int, strength: float) -> int:
    """Steps of image-to-image: ⌊steps × strength⌋, as in diffusers."""
    return min(steps, int(steps * strength + _ROUNDING))


def check(
    recipe: Recipe,
    *,
    steps: int | None = None,
    strength: float | None = None,
    guidance: float | None = None,
    size: tuple[int, int] | None = None,
    scheduler: str | None = None,
) -> Recipe:
    """The recipe with a user's overrides, checked for contradictions.

    Args:
        recipe: the base.
        steps: 1 to 200.
        strength: smallest img2img strength used, 0 to 1; None: text-to-image.
        guidance: largest guidance scale used.
        size: width and height, pixels.
        scheduler: name of another scheduler.

    Raises:
        OptionError: contradictions, one line for each.
    """
    steps = recipe.steps if steps is None else steps
    guidance = recipe.guidance if guidance is None else guidance
    scheduler = recipe.scheduler if scheduler is None else scheduler
    problems = [*_steps_problems(recipe, steps, strength), *_guidance_problems(recipe, guidance, steps)]
    if scheduler not in SCHEDULERS:
        problems.append(
            f"scheduler '{scheduler}' is unknown{did_you_mean(scheduler, SCHEDULERS)}; use one of: "
            f"{', '.join(SCHEDULERS)}"
        )
    if size is not None:
        problems += _size_problems(size)
    if recipe.base not in BASES:
        problems.append(f"base '{recipe.base}' is unknown{did_you_mean(recipe.base, BASES)}; use {', '.join(BASES)}")
    if problems:
        raise OptionError("\n".join(problems))
    return dataclasses.replace(recipe, steps=steps, guidance=guidance, scheduler=scheduler)


def _steps_problems(recipe: Recipe, steps: int, strength: float | None) -> list[str]:
    if not 1 <= steps <= MOST_STEPS:
        return [f"steps {steps} are out of range; use 1 to {MOST_STEPS} ({recipe.name}: {recipe.steps})"]
    if strength is None:
        return []
    if not 0 < strength <= 1:
        return [f"strength {strength:g} is out of range; use more than 0, at most 1"]
    if img2img_steps(steps, strength) >= 1:
        return []
    enough = -(-1 // strength)
    return [
        f"steps {steps} × strength {strength:g} = {steps * strength:.2g} is less than one step: nothing would be "
        f"drawn; use steps {enough:.0f} or more, or strength {1 / steps:.2g} or more"
    ]


def _guidance_problems(recipe: Recipe, guidance: float, steps: int) -> list[str]:
    if guidance < 0:
        return [f"guidance {guidance:g} is less than 0; use 0 for none"]
    if guidance <= recipe.most_guidance:
        return []
    if recipe.most_guidance <= 1:
        return [
            f"guidance {guidance:g} contradicts {recipe.name}, which was made to draw without it; use guidance 0, "
            f"or a model that is no turbo"
        ]
    return [f"guidance {guidance:g} is too much for {recipe.name}; use {recipe.most_guidance:g} at most"]


def _size_problems(size: tuple[int, int]) -> list[str]:
    width, height = size
    if width % 8 or height % 8:
        near = tuple(max(LEAST_SIDE, round(side / 8) * 8) for side in size)
        return [f"size {width}x{height} is not in steps of 8 pixels; use {near[0]}x{near[1]}"]
    if min(size) < LEAST_SIDE or max(size) > MOST_SIDE:
        return [f"size {width}x{height} is out of range; use sides of {LEAST_SIDE} to {MOST_SIDE} pixels"]
    return []
