"""CPU offloading, attention slicing and VAE tiling by memory tier, with fallback when memory runs out.

Other programs may occupy part of the card: when memory runs out at batch size 1, the next more frugal tier is applied
and the work is repeated.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

from avwalk.diffusion.tiers import OFFLOAD, Tier, empty_cache, tiers
from avwalk.errors import GeneratorError
from avwalk.models.batch_size import is_out_of_memory

if TYPE_CHECKING:
    from avwalk.diffusion.loaded import Pipeline


Made = TypeVar("Made")


def apply(loaded: Pipeline, which: Tier) -> None:
    """Applies a tier to a pipeline, which may have run with a less frugal one.

    `Pipeline.onto` moves networks when they are needed.
    """
    if type(loaded.vae).__name__ == "AutoencoderKL":  # the tiny one needs little
        if which.slicing:
            loaded.vae.enable_slicing()
        if which.tiling:
            loaded.vae.enable_tiling()
    if which.offload:
        loaded.plain()  # what is moved about is not compiled
    layered = loaded.tier.offload == "layers"
    loaded.tier = which
    if which.offload == "layers" and not layered and loaded.device != "cpu":
        import torch
        from diffusers.hooks import apply_group_offloading

        device = torch.device(loaded.device)
        loaded.unet.to("cpu")
        apply_group_offloading(loaded.unet, device, offload_type="leaf_level", use_stream=loaded.device == "cuda")


def with_less_memory(loaded: Pipeline, work: Callable[[], Made]) -> Made:
    """Runs work, and repeats it with the next tier whenever memory runs out.

    Args:
        loaded: the pipeline.
        work: a minimal unit, one picture or one prompt; restarted on failure.

    Raises:
        GeneratorError: memory runs out with the last tier too.
    """
    while True:
        try:
            return work()
        except Exception as error:
            if not is_out_of_memory(error):
                raise
        take_lower_tier(loaded)  # out here: the error held on to what the work had in memory


def take_lower_tier(loaded: Pipeline) -> None:
    """Switches to the next tier in which one picture needs less memory, with a warning.

    Raises:
        GeneratorError: there is none.
    """
    care = _care(loaded, loaded.tier)
    less = [each for each in tiers(loaded.device, loaded.recipe.base) if _care(loaded, each) > care]
    if not less:
        where = "the processor" if loaded.device == "cpu" else loaded.device
        raise GeneratorError(
            f"the memory of {where} is too little for one picture; close what else uses it, use a smaller --size"
            + (", the tiny autoencoder" if type(loaded.vae).__name__ == "AutoencoderKL" else "")
            + (" or --device cpu" if loaded.device != "cpu" else " or a smaller model")
        )
    apply(loaded, less[-1])
    empty_cache(loaded.device)
    logging.getLogger("avwalk").warning(
        "the memory of %s was too little for one picture; it goes on with %s: slower, and for large pictures "
        "different by a shade",
        loaded.device,
        less[-1].means,
    )


def _care(loaded: Pipeline, which: Tier) -> tuple[int, bool]:
    """Rank of a tier by memory at batch size 1: slicing has no effect there, and the tiny VAE has no tiles."""
    return list(OFFLOAD).index(which.offload), which.tiling and type(loaded.vae).__name__ == "AutoencoderKL"
