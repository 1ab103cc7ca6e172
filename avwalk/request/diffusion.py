"""The diffusion part of a spec: weights by sha256, recipe, prompts on their frames, the img2img restyle."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

from avwalk.config.generators import Restyle
from avwalk.config.preset import Preset
from avwalk.errors import GeneratorError, ModelError, OptionError
from avwalk.frames.files import open_source
from avwalk.painters.cached import identity_sha
from avwalk.plan.analysis import LazyAnalysis
from avwalk.plan.prompts import Prompts, options_of, timeline_of
from avwalk.registry import GENERATORS, renders_passes
from avwalk.score.cues import Cues
from avwalk.score.prompt_table import read_prompts
from avwalk.spec import ControlSpec, RestyleSpec
from avwalk.walk.prompts import Keyframe

PAINTED_SIZE = 512  # side of the squares that painters are taken to be best at
NOTHING = "a picture"  # what frames are painted as where a preset says nothing


@dataclass(frozen=True)
class Diffusion:
    """What is asked of networks, and the song, which is analysed only if prompts arrive with it.

    Attributes:
        analysis: of the song.
        prompts: in turn; none: the preset's.
        restyle: whether frames are restyled; None: the preset says.
        model: weights of the generator; None: the preset's.
        restyle_model: weights of the restyle; None: the preset's.
        beside: show the source beside the result.
        painter: of the restyle, instead of weights; None: the preset's, if any.
    """

    analysis: LazyAnalysis
    prompts: tuple[str, ...] = ()
    restyle: bool | None = None
    model: str | None = None
    restyle_model: str | None = None
    beside: bool = False
    painter: str | None = None


@dataclass(frozen=True)
class RecipeChanges:
    """What a preset wants of the recipe of a diffusion model; None and empty: what the recipe says.

    Attributes:
        recipe: name of another recipe.
        model: how the model was named, which may name a bundle of model and recipe.
        loras: ``"NAME or FILE"``, or the same with ``@0.8``, its weight.
        vae: another autoencoder.
        size: side of the images, pixels; 0: the model's own.
        steps: of the sampler.
        guidance: guidance scale.
        scheduler: name.
        strength: of img2img, 0 to 1.
    """

    recipe: str
    model: str
    loras: Sequence[str]
    vae: str
    size: int
    steps: int | None
    guidance: float | None
    scheduler: str | None
    strength: float | None = None


def sd_options(
    preset: Preset, model: str, seed: int, cues: Cues, diffusion: Diffusion
) -> tuple[dict[str, Any], list[str]]:
    """The keywords that build the generator `sd`, with the ``frames`` on which its prompts arrive; and notes.

    Raises:
        OptionError: contradictions; no prompt.
        ModelError: weights, or parts of the recipe, are not here.
    """
    from avwalk.diffusion import recipes

    own = preset.sd
    changes = RecipeChanges(
        own.recipe,
        diffusion.model or own.model,
        own.loras,
        own.vae,
        own.size,
        steps=own.steps or None,
        guidance=own.guidance or None,
        scheduler=own.scheduler or None,
    )
    recipe, notes = _recipe(model, changes)
    rows = tuple(read_prompts(Path(own.file))) if own.file and not diffusion.prompts else ()
    wanted = Prompts(diffusion.prompts or own.prompts, own.arrive, own.every, own.negative_prompt, rows)
    found = timeline_of(wanted, cues, diffusion.analysis(), seed)
    usual = own.guidance or float(recipe["guidance"])
    strongest = max(usual if key.guidance is None else key.guidance for key in found)
    recipes.check(recipes.from_dict(recipe), guidance=strongest)
    _read(model, [text for key in found for text in (key.prompt, key.negative)], own.long_prompts)
    options = {
        "model": model,
        "recipe": recipe,
        **options_of(found, usual),
        "interpolation": own.interpolation,
        "chunks": own.long_prompts,
        "safety": own.safety,
        "frames": [key.frame for key in found],
    }
    return options, notes


def restyle_spec(
    preset: Preset, generator: str, cues: Cues, diffusion: Diffusion
) -> tuple[RestyleSpec | None, list[str]]:
    """The img2img restyle of a film, None if there is none; and notes.

    Raises:
        OptionError: contradictions.
        GeneratorError: it is wanted, and cannot be done here.
    """
    own = preset.restyle
    if diffusion.restyle is False or (diffusion.restyle is None and own.when == "never"):
        if diffusion.painter:
            raise OptionError(f"--painter {diffusion.painter} restyles nothing by itself; add --restyle")
        return None, []
    if named := diffusion.painter or own.painter:
        return _painted_spec(own, named, generator, cues, diffusion)
    from avwalk.models import requirements, store

    try:
        if why := requirements.diffusion_problem():
            raise ModelError(why)
        model = store.find(diffusion.restyle_model or own.model, "sd").sha256
    except ModelError as error:
        if diffusion.restyle is None and own.when == "available":
            return None, [f"frames are not restyled: {error}"]
        raise GeneratorError(f"frames cannot be restyled: {error}; or use --no-restyle") from None
    notes = []
    if own.temperature:
        notes.append(f"restyle.temperature {own.temperature:g} has no effect, as with DDIM, which draws no noise")
    changes = RecipeChanges(
        own.recipe,
        diffusion.restyle_model or own.model,
        own.loras,
        own.vae,
        own.size,
        steps=own.num_steps,
        guidance=own.unconditional_guidance_scale,
        scheduler=own.scheduler or None,
        strength=own.input_image_strength,
    )
    recipe, more = _recipe(model, changes)
    prompts, found = _prompts(own, generator, cues, diffusion)
    _read(model, [*prompts, *(key.prompt for key in found), own.negative_prompt], own.long_prompts)
    spec = RestyleSpec(
        model=model,
        recipe=recipe,
        control=_control(own, generator),
        negative=own.negative_prompt,
        every=own.interpolation_steps + 1,
        between=own.between,
        noise=own.noise,
        motion=own.motion,
        window=own.window,
        seed=own.seed,
        safety=own.safety,
        chunks=own.long_prompts,
        prompts=tuple(key.prompt for key in found) or (prompts[0],),
        frames=tuple(key.frame for key in found) or (0,),
        beside=diffusion.beside,
    )
    return spec, [*notes, *more]


def _painted_spec(
    own: Restyle, painter: str, generator: str, cues: Cues, diffusion: Diffusion
) -> tuple[RestyleSpec, list[str]]:
    """The restyle of a film by a painter.

    Raises:
        OptionError: the painter's name is none.
        PainterError: it cannot run here.
    """
    from avwalk.painters.registry import open_painters

    chosen = open_painters(painter)
    if len(chosen) > 1:
        raise OptionError(
            f"restyle by '{painter}': frames follow from each other, so one painter paints them; name one"
        )
    if own.control != "none" or own.control_images:
        raise OptionError("a painter's ControlNet is in its own settings; leave restyle.control out")
    prompts, found = _prompts(own, generator, cues, diffusion)
    notes = ["frames between painted ones follow the source; ask for more of them with restyle.interpolation_steps = 0"]
    spec = RestyleSpec(
        model=identity_sha(chosen[0].identity),
        recipe={"size": own.size or PAINTED_SIZE},
        control=None,
        negative=own.negative_prompt,
        every=own.interpolation_steps + 1,
        between=own.between,
        noise="fixed",
        motion=own.motion,
        window=own.window,
        seed=own.seed,
        safety=False,
        chunks=own.long_prompts,
        prompts=tuple(key.prompt for key in found) or (prompts[0],),
        frames=tuple(key.frame for key in found) or (0,),
        beside=diffusion.beside,
        painter=painter,
    )
    return spec, notes if own.interpolation_steps else []


def _prompts(
    own: Restyle, generator: str, cues: Cues, diffusion: Diffusion
) -> tuple[Sequence[str], Sequence[Keyframe]]:
    """The restyle's prompts, and their timeline if there are several; a generator that takes prompts keeps its own."""
    free = not GENERATORS[generator].takes_prompts
    prompts = (diffusion.prompts if free else ()) or (own.prompt or NOTHING,)
    if len(prompts) > 1 or (free and cues.of("prompt")):
        wanted = Prompts(prompts, negative=own.negative_prompt)
        return prompts, timeline_of(wanted, cues if free else Cues(), diffusion.analysis(), own.seed)
    return prompts, ()


def _control(own: Restyle, generator: str) -> ControlSpec | None:
    """The ControlNet, and what it sees; None: there is none.

    Raises:
        OptionError: half of it is missing, or the generator does not know what it wants.
    """
    if own.control == "none" and not own.control_images:
        return None
    from avwalk.models import store

    if not own.control_model:
        raise OptionError(f"restyle.control = '{own.control}' needs a ControlNet; give restyle.control_model")
    if own.control in ("depth", "mask") and not own.control_images and not renders_passes(generator):
        raise OptionError(
            f"generator '{generator}' knows no {own.control}; use restyle.control = canny, or give "
            "restyle.control_images"
        )
    images = ""
    if own.control_images:
        images = open_source(Path(own.control_images), (64, 64), Fraction(30)).sha256
    return ControlSpec(own.control, store.find(own.control_model, "sd").sha256, images)


def _read(model: str, texts: Sequence[str], chunks: bool) -> None:
    """Looks at prompts before anything large is loaded.

    Raises:
        OptionError: a prompt is longer than is read.
    """
    from avwalk.diffusion import embeddings, load
    from avwalk.models import store

    if not chunks:
        embeddings.check(load.tokenizer(store.by_sha(model)), list(dict.fromkeys(filter(None, texts))))


def _lora(text: str) -> tuple[str, float]:
    """``"NAME or FILE"``, or the same with ``@0.8``, its weight.

    Raises:
        OptionError: the weight is no number.
    """
    name, at, weight = text.rpartition("@")
    try:
        return (name, float(weight)) if at else (text, 1.0)
    except ValueError:
        raise OptionError(f"LoRA '{text}': '{weight}' is no weight; write FILE@0.8") from None


def _recipe(model: str, changes: RecipeChanges) -> tuple[dict[str, Any], list[str]]:
    """The recipe of a model with the values of a preset, and notes; a bundle's name gives the model and its recipe.

    Raises:
        OptionError: values out of range.
    """
    from avwalk.diffusion import load, recipes
    from avwalk.models import store

    size = changes.size
    if size and not recipes.LEAST_SIDE <= size <= recipes.MOST_SIDE:
        raise OptionError(
            f"size {size} is out of range; use {recipes.LEAST_SIDE} to {recipes.MOST_SIDE} pixels, or 0 for the "
            "model's own"
        )
    weights = store.by_sha(model)
    bundle = changes.recipe or (changes.model if changes.model in recipes.RECIPES else "")
    wanted = recipes.of(bundle) if bundle else load.guess_recipe(weights)
    added = tuple(_lora(text) for text in changes.loras)
    wanted = dataclasses.replace(wanted, loras=(*wanted.loras, *added), vae=changes.vae or wanted.vae)
    wanted = recipes.check(
        wanted,
        steps=changes.steps,
        guidance=changes.guidance,
        scheduler=changes.scheduler,
        strength=changes.strength,
    )
    settled, lines = load.complete_recipe(weights, wanted, size=size or None)
    return settled.as_dict(), lines
