"""Loads a Stable Diffusion model: networks, scheduler, tokenizers, LoRAs, ControlNet, on a device."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from avwalk.diffusion import embeddings, offload, recipes
from avwalk.diffusion.loaded import Pipeline, _both
from avwalk.diffusion.offline import diffusers, offline, quiet
from avwalk.diffusion.recipes import Recipe
from avwalk.diffusion.safety import load as load_checker
from avwalk.diffusion.tiers import ON_PROCESSOR, Placement, Tier, chosen
from avwalk.errors import ModelError, OptionError
from avwalk.models import diffusers_folder, store
from avwalk.models.store import Model

_CLASSES = {"sd1": "StableDiffusionPipeline", "sd2": "StableDiffusionPipeline", "sdxl": "StableDiffusionXLPipeline"}


def find_model(name: str, recipe: str = "") -> tuple[Model, Recipe, list[str]]:
    """Finds a model and its recipe; no weights are loaded.

    Args:
        name: name of the catalogue or of a bundle, sha256, folder or file.
        recipe: name of one; empty: that of the model's name, or a guess.

    Returns:
        Model, completed recipe, and one line for each deviation from the recipe.

    Raises:
        ModelError: it is missing, or does not fit the recipe.
        OptionError: there is no such recipe.
    """
    model = store.find(name, diffusers_folder.KIND)
    plain = recipes.of(recipe or name) if recipe or name in recipes.RECIPES else guess_recipe(model)
    return model, *complete_recipe(model, plain)


def guess_recipe(model: Model) -> Recipe:
    """A recipe guessed from a model's name, else the default of its base.

    Raises:
        ModelError: it is of a family that avwalk does not draw with.
    """
    if model.name in recipes.RECIPES:
        return recipes.RECIPES[model.name]
    base = diffusers_folder.base_of(model.folder)
    if "turbo" in model.name.lower():
        return recipes.RECIPES["sdxl-turbo" if base == "sdxl" else "sd-turbo"]
    return recipes.PLAIN[base]


def complete_recipe(model: Model, recipe: Recipe, *, size: int | None = None) -> tuple[Recipe, list[str]]:
    """The recipe completed from the model: parts by sha256, base, native size.

    Returns:
        The recipe, and one line for each deviation from the given one.

    Raises:
        ModelError: a LoRA or an autoencoder is not here; the model is of another base than the recipe.
    """
    lines = []
    base = diffusers_folder.base_of(model.folder)
    if (base == "sdxl") != (recipe.base == "sdxl"):
        raise ModelError(
            f"recipe '{recipe.name}' is for {recipe.base}, {model.folder} is {base}; "
            f"use recipe {recipes.PLAIN[base].name}, or another model"
        )
    vae = recipe.vae
    if vae == "tiny":
        name = recipes.TINY[base]
        try:
            vae = store.find(name, diffusers_folder.KIND).sha256
        except ModelError:
            vae = ""
            lines.append(
                f"'{name}' is not here: the model's own autoencoder is used, which takes longer; "
                f"get it with: avwalk models pull {name}"
            )
    elif vae:
        vae = store.find(vae, diffusers_folder.KIND).sha256
    loras = tuple((store.find(name, diffusers_folder.KIND).sha256, weight) for name, weight in recipe.loras)
    native = size or diffusers_folder.resolution(_configs(model)) or recipe.size
    return dataclasses.replace(recipe, base=base, vae=vae, loras=loras, size=native), lines


def tokenizer(model: Model) -> Any:
    """The tokenizer of a model alone, to check prompts before weights are loaded.

    Raises:
        ModelError: it is not there.
    """
    return embeddings.tokenizer(_configs(model))


def load(
    model: Model,
    recipe: Recipe,
    placement: Placement = ON_PROCESSOR,
    *,
    img2img: bool = True,
    controlnet: Model | None = None,
    safety: bool = False,
) -> Pipeline:
    """Loads a model, offline.

    Args:
        model: of `store.find(…, "sd")`: a folder of save_pretrained, or one file of safetensors with configs.
        recipe: how to draw with it.
        placement: device, dtype, memory tier, and whether torch compiles it.
        img2img: keep the VAE encoder, for image-to-image.
        controlnet: a ControlNet of the same base.
        safety: run the model's safety checker on every picture (SD 1.x has one).

    Raises:
        ModelError: a part is not here, is a pickle, is broken, or does not fit.
        OptionError: the recipe contradicts itself.
        GeneratorError: the device's memory is too little for it.
    """
    import torch

    recipes.check(recipe)
    package = diffusers()
    device = placement.device
    dtype = placement.dtype or (torch.float16 if device == "cuda" else torch.float32)
    with offline(), quiet(), torch.random.fork_rng(devices=[]):
        pipe = _pipe(package, model, recipe, dtype)
        vae = _vae(package, recipe, dtype) or pipe.vae
        net = _controlnet(package, controlnet, dtype) if controlnet else None
        _add_loras(pipe, recipe.loras)
        scheduler = _scheduler(package, pipe.scheduler.config, recipe.scheduler)
        checker = load_checker(_configs(model), device, dtype) if safety else None
        pipe.register_modules(vae=vae, scheduler=scheduler)
        pipe.set_progress_bar_config(disable=True)
        for each in (pipe.unet, vae, net, *_both(pipe, "text_encoder")):
            if each is not None:
                each.requires_grad_(False).eval()
        if not img2img:
            vae.encoder = None
        loaded = Pipeline(recipe, device, dtype, pipe, pipe.unet, vae, scheduler, net, checker)
        _place(loaded, placement.tier or chosen(device, recipe.base))
        loaded.compile = placement.compile
        loaded.unconditional = embeddings.unconditional(loaded)
    return loaded


def _place(loaded: Pipeline, tier: Tier) -> None:
    """Moves networks to the device, in its fastest memory layout."""
    import torch

    networks = [loaded.unet, loaded.vae, loaded.controlnet, *loaded.text_encoders]
    if loaded.device == "cuda":
        for network in networks[:3]:
            if network is not None:
                network.to(memory_format=torch.channels_last)
        if loaded.dtype == torch.float16 and getattr(loaded.vae.config, "force_upcast", False):
            loaded.vae.to(torch.float32)  # it overflows in float16
    offload.apply(loaded, tier)

    def moved() -> None:
        for network in networks:
            if network is not None and not loaded.tier.offload:
                network.to(loaded.device)

    offload.with_less_memory(loaded, moved)


def _configs(model: Model) -> Path:
    """The folder with the configs of a pipeline or of a single file."""
    if model.folder.is_dir():
        return model.folder
    config = store.card(model).get("config")
    if config:
        return Path(config)
    base = diffusers_folder.base_of(model.folder)
    raise ModelError(
        f"{model.folder} is one file, and no configs are beside it; put those of a {base} model (model_index.json, "
        f"scheduler, tokenizer, unet/config.json, …) into {model.folder.with_suffix('')}"
    )


def _pipe(package: Any, model: Model, recipe: Recipe, dtype: Any) -> Any:
    """The pipeline of diffusers, on the processor."""
    kind = getattr(package, _CLASSES[recipe.base])
    options: dict[str, Any] = {"torch_dtype": dtype, "local_files_only": True}
    if recipe.base != "sdxl":
        options |= {"safety_checker": None, "feature_extractor": None, "requires_safety_checker": False}
    configs = _configs(model)
    try:
        if model.folder.is_dir():
            diffusers_folder.loaded_files(model.folder)  # says what is missing or a pickle
            variant = diffusers_folder.variant(model.folder)
            return kind.from_pretrained(model.folder, use_safetensors=True, variant=variant, **options)
        return kind.from_single_file(str(model.folder), config=str(configs), **options)
    except ModelError:
        raise
    except Exception as error:  # broken files raise anything: OSError, ValueError, SafetensorError, KeyError, …
        raise ModelError(f"{model.folder} cannot be loaded ({_line(error)}); get it again") from None


def _vae(package: Any, recipe: Recipe, dtype: Any) -> Any:
    """Another autoencoder than the model's own, or None."""
    if not recipe.vae:
        return None
    model = store.find(recipes.TINY[recipe.base] if recipe.vae == "tiny" else recipe.vae, diffusers_folder.KIND)
    if diffusers_folder.part_of(model.folder) != "vae":
        raise ModelError(f"{model.folder} is no autoencoder; use an AutoencoderTiny or AutoencoderKL")
    return network(package, model, dtype)


def _controlnet(package: Any, model: Model, dtype: Any) -> Any:
    if diffusers_folder.part_of(model.folder) != "controlnet":
        raise ModelError(f"{model.folder} is no ControlNet; name a folder with a ControlNetModel")
    return network(package, model, dtype)


def network(package: Any, model: Model, dtype: Any = None) -> Any:
    """One network of diffusers in a folder of its own; to be called offline and quietly.

    Raises:
        ModelError: it cannot be loaded.
    """
    kind = diffusers_folder.read_json(model.folder / "config.json")["_class_name"]  # one of those that part_of knows
    diffusers_folder.loaded_files(model.folder)  # says what is missing or a pickle
    options = {"torch_dtype": dtype, "use_safetensors": True, "local_files_only": True}
    try:
        return getattr(package, kind).from_pretrained(
            model.folder, variant=diffusers_folder.variant(model.folder), **options
        )
    except Exception as error:
        raise ModelError(f"{model.folder} cannot be loaded ({_line(error)}); get it again") from None


def _add_loras(pipe: Any, loras: Sequence[tuple[str, float]]) -> None:
    """Fuses LoRAs into the weights: no cost when sampling."""
    if not loras:
        return
    for name, weight in loras:
        model = store.find(name, diffusers_folder.KIND)
        if diffusers_folder.part_of(model.folder) != "lora":
            raise ModelError(f"{model.folder} is no LoRA; name a file of safetensors with one")
        file = model.folder / diffusers_folder.LORA if model.folder.is_dir() else model.folder
        try:
            pipe.load_lora_weights(str(file.parent), weight_name=file.name, local_files_only=True, adapter_name="one")
            pipe.fuse_lora(lora_scale=weight)
            pipe.unload_lora_weights()
        except Exception as error:
            raise ModelError(f"LoRA {file} does not fit this model ({_line(error)}); use one for it") from None


def _scheduler(package: Any, config: Any, name: str) -> Any:
    """A scheduler by its name, with the noise schedule that the model was trained with."""
    if name not in recipes.SCHEDULERS:
        raise OptionError(f"scheduler '{name}' is unknown; use one of: {', '.join(recipes.SCHEDULERS)}")
    kind, options = recipes.SCHEDULERS[name]
    own = {key: config[key] for key in _TRAINED if key in config}
    return getattr(package, kind).from_config(own, **options)


_TRAINED = (
    "num_train_timesteps",
    "beta_start",
    "beta_end",
    "beta_schedule",
    "trained_betas",
    "prediction_type",
    "steps_offset",
    "set_alpha_to_one",
    "rescale_betas_zero_snr",
    "original_inference_steps",
    "timestep_scaling",
)
"""Scheduler settings taken from the model's config; the others are the scheduler's own."""


def _line(error: Exception) -> str:
    text = " ".join(str(error).split()) or type(error).__name__
    return text if len(text) <= 160 else text[:159] + "…"
