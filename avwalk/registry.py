"""What there is: names of generators and effects, where their code is, what options they take.

Classes are named by strings, so that listing imports nothing heavy.
"""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from typing import Any

from avwalk.contracts import Effect, Generator
from avwalk.device import resolve

GENERATORS = {
    "biggan": "avwalk.generators.biggan.generator:BigGan",
    "cppn": "avwalk.generators.cppn.generator:Cppn",
    "sd": "avwalk.generators.stable_diffusion:StableDiffusion",
    "testcard": "avwalk.generators.testcard:Testcard",
}
ON_DEVICE = {"biggan", "cppn", "sd"}
"""Generators that draw on a graphics card too; the others do so on the processor, whatever was asked for."""
ONE_WORLD = {"biggan", "sd"}
"""Generators whose pictures all lie in one latent space: sections are places there, and what melts are latents."""
WEIGHTS = {"biggan", "sd"}
"""Generators that need weights; their names are also the kinds of models."""
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
}


def choose_device(asked: str, generator: str) -> str:
    """What a generator draws on: ``"cpu"``, ``"cuda"`` or ``"mps"``.

    Raises:
        GeneratorError: the device asked for is not here.
    """
    if generator in ON_DEVICE:
        return resolve(asked)
    if asked != "auto":
        resolve(asked)
    return "cpu"


def renders_passes(name: str) -> bool:
    """Whether a generator knows passes: depth, normals, mask, flow."""
    return hasattr(_load(GENERATORS[name]), "passes")


def make_generator(
    name: str,
    size: tuple[int, int],
    seed: int,
    options: Mapping[str, Any],
    device: str = "cpu",
    compile: bool = False,
) -> Generator:
    """Builds a generator by name, to draw on a device of `choose_device`; torch compiles a network if it has one."""
    own: dict[str, Any] = {"device": device} if name in ON_DEVICE else {}
    own |= {"compile": compile} if name in WEIGHTS else {}
    made: Generator = _load(GENERATORS[name])(size, seed, **options, **own)
    return made


def make_effect(name: str, options: Mapping[str, Any]) -> Effect:
    """Builds an effect by name."""
    made: Effect = _load(EFFECTS[name])(**options)
    return made


def _load(place: str) -> Any:
    module, _, name = place.partition(":")
    return getattr(importlib.import_module(module), name)
