"""Scene pictures and transitions by Stable Diffusion: embeddings lerped, noise slerped, guidance and control blended.

Transitions follow AI-Art (aspitarl/AI-Art): E = (1 − t) E_a + t E_b, z = slerp(z_a, z_b, t), guidance
and ControlNet scale linear, masks cross-faded. Noise is generated on the CPU: a seed is the same on every device.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from avwalk.arrays.fit import Fit
from avwalk.arrays.interpolation import lerp, slerp_float32
from avwalk.contracts import Frames
from avwalk.diffusion.conditioning import Conditioning
from avwalk.diffusion.tiers import Placement
from avwalk.errors import OptionError
from avwalk.files.image_meta import read
from avwalk.generators.stable_diffusion import open_painter
from avwalk.scenes.draw.seeds import mixed
from avwalk.scenes.nodes import Node

Array = NDArray[np.float32]


class PromptSettings(NamedTuple):
    """Settings of a prompt.

    Attributes:
        text: the prompt.
        negative: negative prompt; empty: none.
        guidance: guidance scale.
        mask: the ControlNet's input picture; None: none.
        control: ControlNet conditioning scale.
    """

    text: str
    negative: str
    guidance: float
    mask: Path | None = None
    control: float = 0.0


@dataclass(frozen=True)
class ModelSettings:
    """Model settings common to all prompts.

    Attributes:
        model: sha256 of weights in the model cache.
        recipe: of `avwalk.diffusion.recipes.Recipe.as_dict`, with the requested steps.
        controlnet: sha256 of a ControlNet; empty: none.
        control_span: shares of the steps between which it acts.
        safety: run the safety checker.
    """

    model: str
    recipe: Mapping[str, Any] = field(default_factory=dict)
    controlnet: str = ""
    control_span: tuple[float, float] = (0.0, 1.0)
    safety: bool = False


class SdArtist:
    """Draws prompts with a Stable Diffusion model.

    Args:
        size: width and height; drawn in the next multiples of 8, then cropped.
        prompts: name → settings.
        drawing: model settings.
        device: ``"cpu"``, ``"cuda"`` or ``"mps"``.

    Raises:
        ModelError: the weights are not here.
        VideoError: a mask cannot be read.
    """

    def __init__(
        self, size: tuple[int, int], prompts: Mapping[str, PromptSettings], drawing: ModelSettings, device: str = "cpu"
    ) -> None:
        self.size, self._prompts, self._drawing = size, dict(prompts), drawing
        used = prompts.values()
        self._negative = any(each.negative for each in used)
        texts = dict.fromkeys([*(w.text for w in used), *((w.negative for w in used) if self._negative else ())])
        opener: Any = open_painter  # gives a painter that knows control, too
        self._painter, self._words = opener(
            drawing.model,
            json.dumps(dict(drawing.recipe), sort_keys=True),
            tuple(texts),
            True,
            drawing.safety,
            Placement(device),
            False,
            drawing.controlnet,
        )
        self._painter.control_span = drawing.control_span
        self._inner = (-(-size[0] // 8) * 8, -(-size[1] // 8) * 8)
        self._fit = Fit(size)
        self._masks: dict[Path, Frames] = {}

    def frames(self, a: Node, b: Node, positions: Sequence[float]) -> Iterator[Frames]:
        """See `avwalk.scenes.draw.studio.Artist`."""
        assert a.seed is not None and b.seed is not None, "pictures put there by hand are not drawn here"
        one, other = self._prompts[a.name], self._prompts[b.name]
        steps = int(self._drawing.recipe["steps"])
        guided = max(one.guidance, other.guidance) > 1
        batch = self._painter.choose_batch(self._inner, steps, guided=guided)
        ends = self._noise(a.seed), self._noise(b.seed)
        done = 0
        while done < len(positions):
            some = positions[done : done + batch]
            self._painter.batch = len(some)  # a batch is filled up: a still picture would cost as much as many
            pictures = self._paint(one, other, ends, some, steps)
            if self._painter.batch < len(some):  # memory ran out
                batch = self._painter.batch
            self._painter.batch = batch
            done += len(some)
            yield from self._fit.apply(pictures)

    def fingerprint(self, a: Node, b: Node) -> str:
        """See `avwalk.scenes.draw.studio.Artist`."""
        drawing = self._drawing
        inputs: list[Any] = [drawing.model, dict(drawing.recipe), drawing.controlnet, drawing.control_span, self.size]
        for node in (a, b):
            prompt = self._prompts[node.name]
            inputs.append([node.id, *prompt._replace(mask=None), _digest(prompt.mask)])
        return hashlib.sha256(json.dumps(inputs, sort_keys=True).encode()).hexdigest()[:16]

    def metadata(self, node: Node) -> tuple[str, str, dict[str, object]]:
        """See `avwalk.scenes.draw.studio.Artist`."""
        prompt, recipe = self._prompts[node.name], self._drawing.recipe
        values: dict[str, object] = {
            "Steps": recipe["steps"],
            "Sampler": recipe["scheduler"],
            "CFG scale": float(prompt.guidance),
            "Seed": node.seed,
            "Size": f"{self.size[0]}x{self.size[1]}",
            "Model": "sd",
            "Model hash": self._drawing.model[:10],
        }
        return prompt.text, prompt.negative, values

    def _paint(
        self,
        one: PromptSettings,
        other: PromptSettings,
        ends: tuple[Array, Array],
        positions: Sequence[float],
        steps: int,
    ) -> Frames:
        """Pictures (n, h, w, 3) in multiples of 8."""
        words = self._words

        def blended(rows: Array, a: str, b: str) -> Array:
            return np.stack([lerp(rows[words.rows[a]], rows[words.rows[b]], t) for t in positions])

        negative = (one.negative, other.negative) if self._negative else None
        share = np.asarray(positions, np.float32)
        control = scale = None
        if self._drawing.controlnet:
            masks = self._mask(one), self._mask(other)
            control = np.stack([lerp(*masks, t) for t in positions])
            scale = (1 - share) * self._strength(one) + share * self._strength(other)
        noise = np.stack([slerp_float32(ends[0].ravel(), ends[1].ravel(), t).reshape(ends[0].shape) for t in positions])
        towards = Conditioning(
            blended(words.tokens, one.text, other.text),
            (1 - share) * np.float32(one.guidance) + share * np.float32(other.guidance),
            None if words.pooled is None else blended(words.pooled, one.text, other.text),
            blended(words.tokens, *negative) if negative else None,
            None if words.pooled is None or not negative else blended(words.pooled, *negative),
            control,
            scale,
        )
        pictures: Frames = self._painter.paint(towards, noise, steps)
        return pictures

    def _noise(self, seed: int) -> Array:
        return np.asarray(mixed(seed, lambda plain: self._painter.noise([plain], self._inner)[0]), np.float32)

    def _strength(self, prompt: PromptSettings) -> float:
        return prompt.control if prompt.mask else 0.0

    def _mask(self, prompt: PromptSettings) -> Frames:
        """The ControlNet's input of a prompt, (h, w, 3); black without a mask."""
        if prompt.mask is None:
            return np.zeros((self._inner[1], self._inner[0], 3), np.float32)
        if prompt.mask not in self._masks:
            self._masks[prompt.mask] = Fit(self._inner).apply(read(prompt.mask)[None])[0]
        return self._masks[prompt.mask]


def model_settings(
    model: str, settings: Mapping[str, Any], size: tuple[int, int], controlnet: str = ""
) -> tuple[ModelSettings, list[str]]:
    """Model settings from the settings of a profile.

    Args:
        model: name, address or folder of the model.
        settings: keywords of a pipeline of diffusers, as profiles have them: ``num_inference_steps``,
            ``guidance_scale``, ``control_guidance_start``, ``control_guidance_end``, ``scheduler``, ``recipe``; others
            are ignored.
        size: width and height of the pictures.
        controlnet: name, address or folder of a ControlNet; empty: none.

    Returns:
        The settings, and one line for each deviation from the request.

    Raises:
        ModelError: weights are not here.
        OptionError: settings contradict each other.
    """
    from avwalk.diffusion import load, recipes
    from avwalk.models import diffusers_folder, store

    found, recipe, _ = load.find_model(model, str(settings.get("recipe", "")))
    steps, guidance = settings.get("num_inference_steps"), settings.get("guidance_scale")
    checked = recipes.check(
        recipe,
        steps=None if steps is None else int(steps),
        guidance=None if guidance is None else float(guidance),
        scheduler=settings.get("scheduler"),
    )
    settled, lines = load.complete_recipe(found, checked)
    span = tuple(float(settings.get(f"control_guidance_{end}", k)) for k, end in enumerate(("start", "end")))
    if not 0 <= span[0] < span[1] <= 1:
        raise OptionError(f"control_guidance_start {span[0]:g} and _end {span[1]:g} are no span within 0 and 1")
    net = store.find(controlnet, diffusers_folder.KIND).sha256 if controlnet else ""
    return ModelSettings(
        found.sha256, settled.as_dict(), net, (span[0], span[1]), bool(settings.get("safety", False))
    ), lines


def _digest(mask: Path | None) -> str:
    """Of a mask's bytes; empty for none."""
    return hashlib.sha256(mask.read_bytes()).hexdigest()[:16] if mask and mask.is_file() else ""
