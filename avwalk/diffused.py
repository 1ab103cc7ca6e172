"""What a film has of diffusion, resolved: weights by their sha256, the recipe, the prompts on their frames."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from avwalk.config import Preset
from avwalk.config_models import Restyle
from avwalk.contracts import Analysis
from avwalk.errors import GeneratorError, ModelError
from avwalk.score.cues import Cues
from avwalk.timeline import keyframes

NOTHING = "a picture"  # what frames are painted as where a preset says nothing


@dataclass(frozen=True)
class Asked:
    """What the command line says about drawing with weights, and the song, which is heard only if need be.

    Attributes:
        hearing: gives the analysis.
        prompts: in turn; none: the preset's.
        restyle: whether frames are painted anew; None: the preset says.
        model: weights of the generator; None: the preset's.
        restyle_model: weights of the restyle; None: the preset's.
        notes: takes a line for each thing that is otherwise than asked.
    """

    hearing: Callable[[], Analysis]
    prompts: tuple[str, ...] = ()
    restyle: bool | None = None
    model: str | None = None
    restyle_model: str | None = None
    notes: list[str] = field(default_factory=list)


def sd_options(preset: Preset, model: str, seed: int, cues: Cues, asked: Asked) -> dict[str, Any]:
    """The values that build the generator `sd`, and ``frames`` on which its prompts arrive.

    Raises:
        OptionError: contradictions; no prompt.
        ModelError: weights, or parts of the recipe, are not here.
    """
    own = preset.sd
    recipe = _recipe(
        model, own.recipe, asked, steps=own.steps or None, guidance=own.guidance or None,
        scheduler=own.scheduler or None, size=own.size,
    )  # fmt: skip
    found = keyframes(
        asked.prompts or own.prompts, asked.hearing(), cues, seed=seed, arrive=own.arrive, every=own.every,
        negative=own.negative_prompt, file="" if asked.prompts else own.file,
    )  # fmt: skip
    usual = own.guidance or float(recipe["guidance"])
    return {
        "model": model, "recipe": recipe, "prompts": [key.prompt for key in found],
        "negatives": [key.negative for key in found], "seeds": [key.seed for key in found],
        "guidance": [usual if key.guidance is None else key.guidance for key in found],
        "interpolation": own.interpolation, "chunks": own.long_prompts, "safety": own.safety,
        "frames": [key.frame for key in found],
    }  # fmt: skip


def restyle_inputs(preset: Preset, generator: str, cues: Cues, asked: Asked) -> dict[str, Any] | None:
    """What paints the frames anew; None: nothing does.

    Raises:
        OptionError: contradictions.
        GeneratorError: it is wanted, and cannot be done here.
    """
    own = preset.restyle
    if asked.restyle is False or (asked.restyle is None and own.when == "never"):
        return None
    from avwalk.diffusion import offline
    from avwalk.models import store

    try:
        if why := offline.problem():
            raise ModelError(why)
        model = store.find(asked.restyle_model or own.model, "sd").sha256
    except ModelError as error:
        if asked.restyle is None and own.when == "available":
            asked.notes.append(f"frames are not restyled: {error}")
            return None
        raise GeneratorError(f"frames cannot be restyled: {error}; or use --no-restyle") from None
    recipe = _recipe(
        model, own.recipe, asked, steps=own.num_steps, guidance=own.unconditional_guidance_scale,
        scheduler=own.scheduler or None, size=own.size, strength=own.input_image_strength,
    )  # fmt: skip
    prompts = (asked.prompts if generator != "sd" else ()) or (own.prompt or NOTHING,)
    several = len(prompts) > 1 or bool(cues.of("prompt") and generator != "sd")
    told = cues if generator != "sd" else Cues()
    found: Sequence[Any] = ()
    if several:
        found = keyframes(prompts, asked.hearing(), told, seed=own.seed, negative=own.negative_prompt)
    return {
        "model": model, "recipe": recipe, **_settings(own),
        "prompts": [key.prompt for key in found] or [prompts[0]],
        "frames": [key.frame for key in found] or [0],
    }  # fmt: skip


def _settings(own: Restyle) -> dict[str, Any]:
    return {
        "negative": own.negative_prompt, "every": own.interpolation_steps + 1, "between": own.between,
        "noise": own.noise, "window": own.window, "seed": own.seed, "safety": own.safety, "chunks": own.long_prompts,
    }  # fmt: skip


def _recipe(
    model: str, name: str, asked: Asked, *, size: int, steps: int | None, guidance: float | None,
    scheduler: str | None, strength: float | None = None,
) -> dict[str, Any]:  # fmt: skip
    """The recipe of a model, with what is wanted otherwise."""
    from avwalk.diffusion import pipeline, recipes
    from avwalk.models import store

    weights = store.by_sha(model)
    wanted = recipes.of(name) if name else pipeline.guessed(weights)
    wanted = recipes.check(wanted, steps=steps, guidance=guidance, scheduler=scheduler, strength=strength)
    settled, lines = pipeline.settled(weights, wanted, size=size or None)
    asked.notes.extend(line for line in lines if line not in asked.notes)
    return settled.as_dict()
