"""`Pipeline`: the loaded networks of a diffusion model on one device; `Embeddings` of prompts."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from avwalk.diffusion import tiers
from avwalk.diffusion.recipes import Recipe
from avwalk.models.torch_compile import Compiled, compiler_options


@dataclass
class Pipeline:
    """Networks of one model on one device.

    Attributes:
        recipe: it was loaded for.
        device: ``"cpu"``, ``"cuda"`` or ``"mps"``.
        dtype: of the UNet, a torch.dtype.
        pipe: the pipeline of diffusers, with its config.
        unet, vae, scheduler: of it; the autoencoder may be another one.
        controlnet: a ControlNetModel, or None.
        safety: a `safety.Checker`, or None.
        unconditional: embeddings for classifier-free guidance.
        tier: memory tier.
        compile: whether torch is to compile the blocks of the UNet.
    """

    recipe: Recipe
    device: str
    dtype: Any
    pipe: Any
    unet: Any
    vae: Any
    scheduler: Any
    controlnet: Any = None
    safety: Any = None
    unconditional: Embeddings | None = field(default=None, repr=False)
    tier: tiers.Tier = tiers.PROCESSOR
    compile: bool = False
    _compiled: Compiled | None = field(default=None, repr=False)

    @property
    def is_xl(self) -> bool:
        """Whether it is SDXL, which needs pooled embeddings and sizes."""
        return self.recipe.base == "sdxl"

    @property
    def tokenizers(self) -> list[Any]:
        """One, or the two of SDXL."""
        return _both(self.pipe, "tokenizer")

    @property
    def text_encoders(self) -> list[Any]:
        """One, or the two of SDXL; none after they were freed."""
        return _both(self.pipe, "text_encoder")

    @property
    def network(self) -> Callable[..., Any]:
        """The UNet as it is called."""
        return self._compiled or self.unet

    def compile_blocks(self) -> None:
        """Compiles the UNet's blocks at their next call, if `compile` is set; idempotent."""
        if not self.compile or self._compiled is not None:
            return
        if self.tier.offload:
            self.plain()
            logging.getLogger("avwalk").warning(
                "--compile does nothing here: %s, and what is moved about is not compiled", self.tier.means
            )
            return
        self.unet.compile_repeated_blocks(**compiler_options())
        self._compiled = Compiled(self.unet, self.plain)

    def plain(self) -> Any:
        """The uncompiled UNet, from now on."""
        self.compile, self._compiled = False, None
        for module in self.unet.modules():
            module._compiled_call_impl = None
        return self.unet

    def onto(self, role: str) -> None:
        """Moves the networks of a role to the device, and others off it, as the tier requires.

        Args:
            role: next to run: ``"text"``, ``"unet"`` (with the ControlNet) or ``"vae"``.
        """
        if not self.tier.offload or self.device == "cpu":
            return
        networks = {"text": self.text_encoders, "unet": [self.unet, self.controlnet], "vae": [self.vae]}
        if self.tier.offload == "layers":
            networks["unet"] = [self.controlnet]  # the UNet sees to itself
        together = {"unet", "vae"} if self.tier.offload == "text" and role != "text" else {role}
        for each in sorted(networks, key=lambda each: each in together):  # first off, then onto
            for network in networks[each]:
                if network is not None:
                    network.to(self.device if each in together else "cpu")

    def free_text_encoders(self) -> None:
        """Frees the text encoders; prompts cannot be encoded afterwards."""
        for name in ("text_encoder", "text_encoder_2"):
            if getattr(self.pipe, name, None) is not None:
                setattr(self.pipe, name, None)
        tiers.empty_cache(self.device)


def _both(pipe: Any, name: str) -> list[Any]:
    found = (getattr(pipe, each, None) for each in (name, f"{name}_2"))
    return [each for each in found if each is not None]


class Embeddings(NamedTuple):
    """Of n prompts.

    Attributes:
        tokens: (n, T, D) float32; T is 77, or a multiple of it for chunks.
        pooled: (n, P) float32 for SDXL, else None.
    """

    tokens: NDArray[np.float32]
    pooled: NDArray[np.float32] | None
