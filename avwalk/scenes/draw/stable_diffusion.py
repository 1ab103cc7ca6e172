"""Pictures and ways of Stable Diffusion: embeddings go straight, noise along an arc, guidance and control are blended.

The way between two pictures is AI-Art's (aspitarl/AI-Art): E = (1 − t) E_a + t E_b, z = slerp(z_a, z_b, t), guidance
and ControlNet strength straight, masks faded. Noise is made on the processor: a seed is the same on every device.
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
from avwalk.errors import OptionError
from avwalk.files.image_meta import read
from avwalk.generators.stable_diffusion import opened
from avwalk.scenes.draw.seeds import mixed
from avwalk.scenes.nodes import Node

Array = NDArray[np.float32]


class Wanted(NamedTuple):
    """What is wanted of a prompt.

    Attributes:
        text: what is to be seen.
        negative: what is not; empty: nothing.
        guidance: pull of the text.
        mask: picture that the ControlNet sees; None: none.
        control: strength of it.
    """

    text: str
    negative: str
    guidance: float
    mask: Path | None = None
    control: float = 0.0


@dataclass(frozen=True)
class Drawing:
    """How all of them are drawn.

    Attributes:
        model: sha256 of weights in the model cache.
        recipe: of `avwalk.diffusion.recipes.Recipe.as_dict`, with the steps that are wanted.
        controlnet: sha256 of a ControlNet; empty: none.
        control_span: shares of the steps between which it leads.
        safety: look at pictures with the safety checker.
    """

    model: str
    recipe: Mapping[str, Any] = field(default_factory=dict)
    controlnet: str = ""
    control_span: tuple[float, float] = (0.0, 1.0)
    safety: bool = False


class SdArtist:
    """Draws prompts with a Stable Diffusion model.

    Args:
        size: width and height of the pictures; they are drawn in the next multiples of 8, and cut.
        prompts: name → what is wanted.
        drawing: how.
        device: ``"cpu"``, ``"cuda"`` or ``"mps"``.

    Raises:
        ModelError: the weights are not here.
        VideoError: a mask cannot be read.
    """

    def __init__(
        self, size: tuple[int, int], prompts: Mapping[str, Wanted], drawing: Drawing, device: str = "cpu"
    ) -> None:
        self.size, self._prompts, self._drawing = size, dict(prompts), drawing
        wanted = prompts.values()
        self._negative = any(each.negative for each in wanted)
        texts = dict.fromkeys([*(w.text for w in wanted), *((w.negative for w in wanted) if self._negative else ())])
        opener: Any = opened  # gives a painter that knows control, too
        self._painter, self._words = opener(
            drawing.model,
            json.dumps(dict(drawing.recipe), sort_keys=True),
            tuple(texts),
            True,
            drawing.safety,
            device,
            False,
            drawing.controlnet,
        )
        self._painter.control_span = drawing.control_span
        self._inner = (-(-size[0] // 8) * 8, -(-size[1] // 8) * 8)
        self._fit = Fit(size)
        self._masks: dict[Path, Frames] = {}

    def frames(self, a: Node, b: Node, places: Sequence[float]) -> Iterator[Frames]:
        """See `avwalk.scenes.draw.studio.Artist`."""
        assert a.seed is not None and b.seed is not None, "pictures put there by hand are not drawn here"
        one, other = self._prompts[a.name], self._prompts[b.name]
        steps = int(self._drawing.recipe["steps"])
        guided = max(one.guidance, other.guidance) > 1
        batch = self._painter.settled(self._inner, steps, guided=guided)
        ends = self._noise(a.seed), self._noise(b.seed)
        done = 0
        while done < len(places):
            some = places[done : done + batch]
            self._painter.batch = len(some)  # a batch is filled up: a still picture would cost as much as many
            pictures = self._painted(one, other, ends, some, steps)
            if self._painter.batch < len(some):  # memory ran out
                batch = self._painter.batch
            self._painter.batch = batch
            done += len(some)
            yield from self._fit.apply(pictures)

    def drawn(self, a: Node, b: Node) -> str:
        """See `avwalk.scenes.draw.studio.Artist`."""
        drawing = self._drawing
        told: list[Any] = [drawing.model, dict(drawing.recipe), drawing.controlnet, drawing.control_span, self.size]
        for node in (a, b):
            wanted = self._prompts[node.name]
            told.append([node.id, *wanted._replace(mask=None), _digest(wanted.mask)])
        return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()[:16]

    def said(self, node: Node) -> tuple[str, str, dict[str, object]]:
        """See `avwalk.scenes.draw.studio.Artist`."""
        wanted, recipe = self._prompts[node.name], self._drawing.recipe
        values: dict[str, object] = {
            "Steps": recipe["steps"],
            "Sampler": recipe["scheduler"],
            "CFG scale": float(wanted.guidance),
            "Seed": node.seed,
            "Size": f"{self.size[0]}x{self.size[1]}",
            "Model": "sd",
            "Model hash": self._drawing.model[:10],
        }
        return wanted.text, wanted.negative, values

    def _painted(
        self, one: Wanted, other: Wanted, ends: tuple[Array, Array], places: Sequence[float], steps: int
    ) -> Frames:
        """Pictures (n, h, w, 3) in multiples of 8."""
        words = self._words

        def said(rows: Array | None, a: str, b: str) -> Array | None:
            if rows is None:
                return None
            return np.stack([lerp(rows[words.rows[a]], rows[words.rows[b]], t) for t in places])

        negative = (one.negative, other.negative) if self._negative else None
        share = np.asarray(places, np.float32)
        control = scale = None
        if self._drawing.controlnet:
            masks = self._mask(one), self._mask(other)
            control = np.stack([lerp(*masks, t) for t in places])
            scale = (1 - share) * self._strength(one) + share * self._strength(other)
        noise = np.stack([slerp_float32(ends[0].ravel(), ends[1].ravel(), t).reshape(ends[0].shape) for t in places])
        pictures: Frames = self._painter.paint(
            said(words.tokens, one.text, other.text),
            said(words.pooled, one.text, other.text),
            said(words.tokens, *negative) if negative else None,
            noise,
            (1 - share) * np.float32(one.guidance) + share * np.float32(other.guidance),
            steps,
            negative_pooled=said(words.pooled, *negative) if negative else None,
            control=control,
            control_scale=scale,
        )
        return pictures

    def _noise(self, seed: int) -> Array:
        return np.asarray(mixed(seed, lambda plain: self._painter.noise([plain], self._inner)[0]), np.float32)

    def _strength(self, wanted: Wanted) -> float:
        return wanted.control if wanted.mask else 0.0

    def _mask(self, wanted: Wanted) -> Frames:
        """What the ControlNet sees of a prompt, (h, w, 3); black where it has no mask."""
        if wanted.mask is None:
            return np.zeros((self._inner[1], self._inner[0], 3), np.float32)
        if wanted.mask not in self._masks:
            self._masks[wanted.mask] = Fit(self._inner).apply(read(wanted.mask)[None])[0]
        return self._masks[wanted.mask]


def drawing_of(
    model: str, settings: Mapping[str, Any], size: tuple[int, int], controlnet: str = ""
) -> tuple[Drawing, list[str]]:
    """How a model draws with the settings of a profile.

    Args:
        model: name, address or folder of the model.
        settings: keywords of a pipeline of diffusers, as profiles have them: ``num_inference_steps``,
            ``guidance_scale``, ``control_guidance_start``, ``control_guidance_end``, ``scheduler``, ``recipe``; others
            are left out.
        size: width and height of the pictures.
        controlnet: name, address or folder of a ControlNet; empty: none.

    Returns:
        How, and lines about what is otherwise than asked.

    Raises:
        ModelError: weights are not here.
        OptionError: settings contradict each other.
    """
    from avwalk.diffusion import load, recipes
    from avwalk.models import diffusers_folder, store

    found, recipe, _ = load.found(model, str(settings.get("recipe", "")))
    steps, guidance = settings.get("num_inference_steps"), settings.get("guidance_scale")
    wanted = recipes.check(
        recipe,
        steps=None if steps is None else int(steps),
        guidance=None if guidance is None else float(guidance),
        scheduler=settings.get("scheduler"),
    )
    settled, lines = load.settled(found, wanted)
    span = tuple(float(settings.get(f"control_guidance_{end}", k)) for k, end in enumerate(("start", "end")))
    if not 0 <= span[0] < span[1] <= 1:
        raise OptionError(f"control_guidance_start {span[0]:g} and _end {span[1]:g} are no span within 0 and 1")
    net = store.find(controlnet, diffusers_folder.KIND).sha256 if controlnet else ""
    return Drawing(found.sha256, settled.as_dict(), net, (span[0], span[1]), bool(settings.get("safety", False))), lines


def _digest(mask: Path | None) -> str:
    """Of a mask's bytes; empty for none."""
    return hashlib.sha256(mask.read_bytes()).hexdigest()[:16] if mask and mask.is_file() else ""
