"""What there is: generators and effects, where their code is, and what generators are capable of.

Classes are named by strings, so that listing imports nothing heavy. A new generator is a folder of its own and an
entry here; nothing else compares names.
"""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from avwalk.contracts import Effect, Generator, RendersPasses
from avwalk.device import resolve


@dataclass(frozen=True)
class GeneratorEntry:
    """A generator and its capabilities.

    Attributes:
        place: ``"module:Class"``, see `avwalk.contracts.Generator`.
        options: ``"module:function"``, which takes (preset, sha256 of the weights, classes) and gives the keywords
            that build the class, as JSON values; empty where they need the song too (`avwalk.request.diffusion`).
        needs_weights: whether it draws with weights; its name is also the kind of these models.
        on_device: whether it draws on a graphics card too; others draw on the processor, whatever was asked for.
        one_world: whether all its images lie in one latent space: sections are regions of it, and latents are
            interpolated where images of others are cross-faded.
        conditioning: what picks what it shows beside the latents: prompts, classes of ImageNet, or nothing.
        any_preset: whether it may draw presets that do not list it.
    """

    place: str
    options: str = ""
    needs_weights: bool = False
    on_device: bool = False
    one_world: bool = False
    conditioning: Literal["none", "prompts", "classes"] = "none"
    any_preset: bool = False

    @property
    def takes_prompts(self) -> bool:
        """Whether prompts say what it shows."""
        return self.conditioning == "prompts"

    @property
    def takes_classes(self) -> bool:
        """Whether classes say what it shows."""
        return self.conditioning == "classes"

    def load(self) -> Any:
        """The class."""
        return _load(self.place)

    def load_options(self) -> Any:
        """The function that gives the keywords."""
        return _load(self.options)


GENERATORS = {
    "biggan": GeneratorEntry(
        "avwalk.generators.biggan.generator:BigGan", "avwalk.generators.biggan.options:options",
        needs_weights=True, on_device=True, one_world=True, conditioning="classes",
    ),
    "sd": GeneratorEntry(
        "avwalk.generators.stable_diffusion:StableDiffusion",
        needs_weights=True, on_device=True, one_world=True, conditioning="prompts",
    ),
    "cppn": GeneratorEntry(
        "avwalk.generators.cppn.generator:Cppn", "avwalk.generators.cppn.options:options", on_device=True
    ),
    "testcard": GeneratorEntry(
        "avwalk.generators.testcard:Testcard", "avwalk.generators.testcard:options", any_preset=True
    ),
}  # fmt: skip
EFFECTS = {
    "light": "avwalk.effects.light:Light",
    "bloom": "avwalk.effects.bloom:Bloom",
    "aberration": "avwalk.effects.aberration:Aberration",
    "vignette": "avwalk.effects.vignette:Vignette",
    "grain": "avwalk.effects.grain:Grain",
    "trails": "avwalk.effects.trails:Trails",
    "halftone": "avwalk.effects.halftone:Halftone",
    "posterise": "avwalk.effects.posterise:Posterise",
    "scanlines": "avwalk.effects.scanlines:Scanlines",
    "mosaic": "avwalk.effects.mosaic:Mosaic",
    "overprint": "avwalk.effects.overprint:Overprint",
    "engrave": "avwalk.effects.engrave:Engrave",
}


def choose_device(device: str, generator: str) -> str:
    """What a generator draws on: ``"cpu"``, ``"cuda"`` or ``"mps"``.

    Raises:
        GeneratorError: the device named is not here.
    """
    if GENERATORS[generator].on_device:
        return resolve(device)
    if device != "auto":
        resolve(device)
    return "cpu"


def renders_passes(name: str) -> bool:
    """Whether a generator renders passes: depth, normals, mask, flow."""
    return issubclass(GENERATORS[name].load(), RendersPasses)


def make_generator(
    name: str,
    size: tuple[int, int],
    seed: int,
    options: Mapping[str, Any],
    device: str = "cpu",
    compile: bool = False,
) -> Generator:
    """Builds a generator by name, to draw on a device of `choose_device`; torch compiles a network if it has one."""
    entry = GENERATORS[name]
    device_options: dict[str, Any] = {"device": device} if entry.on_device else {}
    device_options |= {"compile": compile} if entry.needs_weights else {}
    made: Generator = entry.load()(size, seed, **options, **device_options)
    return made


def make_effect(name: str, options: Mapping[str, Any]) -> Effect:
    """Builds an effect by name."""
    made: Effect = _load(EFFECTS[name])(**options)
    return made


def _load(place: str) -> Any:
    module, _, name = place.partition(":")
    return getattr(importlib.import_module(module), name)
