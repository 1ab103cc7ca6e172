"""The painter `sd`: a diffusion model on this machine, through diffusers."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

import numpy as np

from avwalk.contracts import Frames
from avwalk.errors import FailedPicture, ModelError, PainterError
from avwalk.painters.address import PainterAddress
from avwalk.painters.answers import fitted
from avwalk.painters.contract import Painting
from avwalk.painters.service import check_request, worked_in

SETTINGS = {
    "steps": "denoising steps",
    "cfg": "guidance scale",
    "recipe": "name of a recipe",
    "device": "cpu, cuda or mps",
}
USUAL = "sd-turbo"


class DiffusersPainter:
    """Paints with weights of the model cache; the model stands where others have an address: ``sd@sdxl-turbo``.

    Args:
        address: as named.

    Raises:
        PainterError: the model cannot run here.
    """

    kind = "sd"
    remote = False
    jobs = 1
    price: float | None = 0.0

    def __init__(self, address: PainterAddress) -> None:
        address.check(SETTINGS)
        from avwalk.device import resolve
        from avwalk.models import requirements, store

        if why := requirements.diffusion_problem():
            raise PainterError(f"painter 'sd' cannot run here: {why}; or use worlds, or a service")
        from avwalk.diffusion import load, recipes

        try:
            self._model = store.find(address.url or USUAL, "sd")
        except ModelError as error:
            raise PainterError(f"painter 'sd' cannot run here: {error}") from None
        name = address.settings.get("recipe", "")
        recipe = recipes.of(name) if name else load.guess_recipe(self._model)
        steps = int(address.number("steps", 0, 0, 1000)) or None
        guidance = address.number("cfg", -1, -1, 50)
        checked = recipes.check(recipe, steps=steps, guidance=None if guidance < 0 else guidance)
        self._recipe, self._notes = load.complete_recipe(self._model, checked)
        self._device = resolve(address.settings.get("device", "auto"))
        self._painters: dict[bool, Any] = {}
        self._tokenizer: Any = None
        recipe_values = dataclasses.asdict(self._recipe)
        self.identity: Mapping[str, Any] = {"kind": "sd", "model": self._model.sha256, "recipe": str(recipe_values)}

    def fits(self, prompt: str) -> bool:
        """See `avwalk.painters.contract.CountsTokens`: within the 75 tokens of CLIP, by the model's own tokenizer."""
        from avwalk.diffusion import embeddings, load

        try:
            self._tokenizer = self._tokenizer or load.tokenizer(self._model)
        except ModelError as error:
            raise PainterError(str(error)) from None
        return embeddings.tokens(self._tokenizer, prompt) <= embeddings.MAX_TOKENS

    def paint(
        self,
        prompt: str,
        negative: str = "",
        seed: int = 0,
        size: tuple[int, int] = (512, 512),
        init_image: Frames | None = None,
        strength: float = 0.5,
    ) -> Painting:
        """See `avwalk.painters.contract.Painter`."""
        check_request(size, strength)
        from avwalk.diffusion import embeddings, load
        from avwalk.diffusion.conditioning import Conditioning
        from avwalk.diffusion.painter import Painter
        from avwalk.diffusion.tiers import Placement

        over = init_image is not None
        if over not in self._painters:
            loaded = load.load(self._model, self._recipe, Placement(self._device), img2img=over)
            self._painters = {over: Painter(loaded, batch=1)}
        painter = self._painters[over]
        found = embeddings.encode(painter.pipeline, (prompt, negative), chunks=True)
        pooled = found.pooled
        conditioning = Conditioning(
            found.tokens[:1],
            np.array([self._recipe.guidance], np.float32),
            None if pooled is None else pooled[:1],
            found.tokens[1:] if negative else None,
            None if pooled is None or not negative else pooled[1:],
        )
        inner = worked_in(size)
        noise = painter.noise([seed], inner)
        try:
            if init_image is None:
                made = painter.paint(conditioning, noise, self._recipe.steps)
            else:
                frames = fitted(init_image, inner)[None]
                shares = np.array([max(0.02, strength)], np.float32)
                made = painter.repaint(frames, conditioning, noise, shares, self._recipe.steps)
        except FailedPicture as error:
            raise PainterError(str(error)) from None
        used = {
            "Steps": self._recipe.steps,
            "Sampler": self._recipe.scheduler,
            "CFG scale": float(self._recipe.guidance),
            "Seed": seed,
            "Model hash": self._model.sha256[:10],
            "notes": list(self._notes),
        }
        return Painting(fitted(np.asarray(made[0], np.float32), size), used)
