"""The painter `sd`: a diffusion model on this machine, through diffusers."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

import numpy as np

from avwalk.contracts import Frames
from avwalk.errors import FailedPicture, ModelError, OptionError, PainterError, clipped
from avwalk.painters.address import PainterAddress
from avwalk.painters.answers import fitted
from avwalk.painters.contract import Painting
from avwalk.painters.service import check_request, worked_in

SETTINGS = {
    "steps": "denoising steps",
    "cfg": "guidance scale",
    "recipe": "name of a recipe",
    "device": "cpu, cuda or mps",
    "reference": "ip-adapter: what a picture begins from is a reference beside the prompt",
}
USUAL = "sd-turbo"
IP_ADAPTER = "ip-adapter"


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
        self._painters: dict[str, Any] = {}
        way = address.settings.get("reference", "")
        if way not in ("", IP_ADAPTER):
            raise OptionError(f"painter 'sd': reference={clipped(way)} is no way; it is {IP_ADAPTER}, or left out")
        self._tokenizer: Any = None
        recipe_values = dataclasses.asdict(self._recipe)
        identity = {"kind": "sd", "model": self._model.sha256, "recipe": str(recipe_values)}
        self._by_reference = bool(way)
        if way:
            from avwalk.diffusion.ip_adapter import adapter_sha

            try:
                identity["reference"] = adapter_sha(self._model.folder)
            except ModelError as error:
                raise PainterError(f"painter 'sd' cannot run here: {error}") from None
        self.identity: Mapping[str, Any] = identity

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
        """See `avwalk.painters.contract.Painter`. With ``reference=ip-adapter`` the picture to start from is one to
        look like instead, the more the less the strength."""
        check_request(size, strength)
        from avwalk.diffusion import embeddings
        from avwalk.diffusion.conditioning import Conditioning

        like = init_image is not None and self._by_reference
        over = init_image is not None and not like
        painter = self._painter("like" if like else "over" if over else "")
        seen = None
        if like and init_image is not None:
            from avwalk.diffusion.ip_adapter import reference

            seen = reference(painter.pipeline, init_image, 1 - strength)
        found = embeddings.encode(painter.pipeline, (prompt, negative), chunks=True)
        pooled = found.pooled
        conditioning = Conditioning(
            found.tokens[:1],
            np.array([self._recipe.guidance], np.float32),
            None if pooled is None else pooled[:1],
            found.tokens[1:] if negative else None,
            None if pooled is None or not negative else pooled[1:],
            reference=seen,
        )
        inner = worked_in(size)
        noise = painter.noise([seed], inner)
        try:
            if init_image is None or like:
                made = painter.paint(conditioning, noise, self._recipe.steps)
            else:
                frames = fitted(init_image, inner)[None]
                shares = np.array([max(0.02, strength)], np.float32)
                made = painter.repaint(frames, conditioning, noise, shares, self._recipe.steps)
        except FailedPicture as error:
            raise PainterError(str(error)) from None
        used = {
            **({"Reference": f"IP-Adapter, {1 - strength:.2f}"} if like else {}),
            "Steps": self._recipe.steps,
            "Sampler": self._recipe.scheduler,
            "CFG scale": float(self._recipe.guidance),
            "Seed": seed,
            "Model hash": self._model.sha256[:10],
            "notes": list(self._notes),
        }
        return Painting(fitted(np.asarray(made[0], np.float32), size), used)

    def _painter(self, way: str) -> Any:
        """What paints: ``""`` from the prompt alone, ``"over"`` from a picture, ``"like"`` beside a reference."""
        from avwalk.diffusion import load
        from avwalk.diffusion.ip_adapter import attach
        from avwalk.diffusion.painter import Painter
        from avwalk.diffusion.tiers import Placement

        if way not in self._painters:
            self._painters = {}  # one at a time is in memory
            loaded = load.load(self._model, self._recipe, Placement(self._device), img2img=way == "over")
            if way == "like":
                try:
                    attach(loaded, self._model.folder)
                except ModelError as error:
                    raise PainterError(str(error)) from None
            self._painters = {way: Painter(loaded, batch=1)}
        return self._painters[way]
