"""Trial picture of a diffusion model, to verify that it loads and draws."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from avwalk.diffusion import embeddings, load
from avwalk.diffusion.conditioning import Conditioning
from avwalk.diffusion.offline import diffusers, offline, quiet
from avwalk.diffusion.painter import Painter
from avwalk.diffusion.tiers import Placement
from avwalk.errors import FailedPicture, ModelError
from avwalk.models import diffusers_folder
from avwalk.models.store import Model

PROMPT = "a painting of a garden with flowers, light, colour"
SIDE = 256
STEPS = 8


class Trial(NamedTuple):
    """Result of a trial.

    Attributes:
        picture: (S, S, 3) float32 RGB in [0, 1], or None for what draws none on its own.
        recipe: that it was drawn with, or empty.
        steps: of it.
        tensors: of all networks.
        numbers: in them.
    """

    picture: NDArray[np.float32] | None
    recipe: str
    steps: int
    tensors: int
    numbers: int


def draw(model: Model, seed: int = 0, device: str = "cpu") -> Trial:
    """Loads a model, checks all its numbers, and draws one small picture in few steps.

    Raises:
        ModelError: it cannot be loaded, has numbers that are not finite, or draws nothing.
    """
    part = diffusers_folder.part_of(model.folder)
    if part not in ("pipeline", "single"):
        return Trial(None, "", 0, *_finite(_alone(model, part), model))
    recipe, _ = load.complete_recipe(model, load.guess_recipe(model))
    loaded = load.load(model, recipe, Placement(device))
    networks = [loaded.unet, loaded.vae, *loaded.text_encoders]
    tensors = [tensor for network in networks for tensor in network.state_dict().values()]
    counted = _finite(tensors, model)
    side, steps = min(recipe.size, SIDE), min(recipe.steps, STEPS)
    painter = Painter(loaded, batch=1)
    seen = embeddings.encode(loaded, [PROMPT])
    guidance = np.array([recipe.guidance], np.float32)
    try:
        noise = painter.noise([seed], (side, side))
        picture = painter.paint(Conditioning(seen.tokens, guidance, seen.pooled), noise, steps)[0]
    except FailedPicture as error:
        raise ModelError(
            f"the picture of {model.folder} {error.fault}; these weights do not draw, get others"
        ) from None
    return Trial(picture, recipe.name, steps, *counted)


def _alone(model: Model, part: str) -> list[Any]:
    """The tensors of an autoencoder, a ControlNet or a LoRA."""
    if part == "lora":
        from safetensors.torch import load_file

        file = model.folder / diffusers_folder.LORA if model.folder.is_dir() else model.folder
        return list(load_file(file).values())
    package = diffusers()
    with offline(), quiet():
        return list(load.network(package, model).state_dict().values())


def _finite(tensors: list[Any], model: Model) -> tuple[int, int]:
    """How many tensors, and how many numbers in them."""
    for tensor in tensors:
        if not bool(tensor.isfinite().all()):
            raise ModelError(f"{model.folder} holds numbers that are not finite; get it again")
    return len(tensors), sum(tensor.numel() for tensor in tensors)
