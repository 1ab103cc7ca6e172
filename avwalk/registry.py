"""What there is: names of generators and effects, where their code is, what options they take.

Classes are named by strings, so that listing imports nothing heavy.
"""

from __future__ import annotations

import importlib
from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

from avwalk.config import Preset
from avwalk.contracts import Effect, Generator
from avwalk.device import resolve
from avwalk.errors import GeneratorError, ModelError

GENERATORS = {
    "biggan": "avwalk.generators.biggan:BigGan",
    "cppn": "avwalk.generators.cppn:Cppn",
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


def generator_options(name: str, preset: Preset, model: str = "", cast: Sequence[int] = ()) -> dict[str, Any]:
    """The values that build a generator, flat and JSON.

    Args:
        name: of the generator.
        preset: most are its own.
        model: sha256 of the weights, where it needs some.
        cast: the classes to be seen, where it knows any.
    """
    if name == "cppn":
        look, own = preset.cppn, preset.palette.own
        colours = own.model_dump(mode="json") if own else preset.palette.name
        return {
            "topology": look.topology, "palette": colours, "accent": look.accent,
            "parents": [],
            "symmetry": preset.camera.symmetry, "map": preset.camera.map,
        }  # fmt: skip
    if name == "biggan":
        classic = preset.walk.classic
        return {"model": model, "classes": list(cast), "mixing": preset.classes.mixing, "classic": classic}
    if name == "testcard":
        return {"camera": preset.testcard.camera}
    return {}


def effect_options(name: str, preset: Preset, fps: Fraction) -> dict[str, Any]:
    """The preset's values that build an effect, flat and JSON. Amounts come with every frame, from the routes."""
    if name == "aberration":
        return {"amount": 0.0}  # its curve adds to this
    if name == "trails":
        return {"seconds": preset.trails.seconds, "fps": f"{fps.numerator}/{fps.denominator}"}
    if name == "halftone":
        return {"pitch": preset.halftone.pitch, "angle": preset.halftone.angle}
    if name == "scanlines":
        return {"pitch": preset.scanlines.pitch}
    return {}


def unusable(name: str, weights: str = "") -> str | None:
    """Why a generator cannot run here, or None.

    Args:
        name: of the generator.
        weights: what it would draw with: a name, a folder or a file.
    """
    if name not in WEIGHTS:
        return None
    from avwalk.models import extra, store

    try:
        if why := extra.diffusion_problem() if name == "sd" else extra.problem():
            return why
        store.find(weights, name)
    except ModelError as error:
        return str(error)
    return None


def choose_generator(asked: str, preset: Preset, model: str | None = None) -> str:
    """The generator for a preset: the one asked for, or for ``auto`` the first of its list that can run here.

    Args:
        asked: a name, or ``auto``.
        preset: its list, and the weights that it wants.
        model: the weights asked for instead.

    Raises:
        GeneratorError: the one asked for cannot run here, or none of the list can.
    """
    if asked != "auto":
        if why := unusable(asked, wanted_model(asked, preset, model)):
            raise GeneratorError(f"generator '{asked}' cannot run here: {why}; or use --generator cppn")
        return asked
    for name in preset.generators:
        if not unusable(name, wanted_model(name, preset, model)):
            return name
    raise GeneratorError(
        f"none of the preset's generators can run here ({', '.join(preset.generators)}); use --generator cppn"
    )


def wanted_model(name: str, preset: Preset, model: str | None = None) -> str:
    """The weights that a generator is to draw with: those asked for, else the preset's; empty where it needs none."""
    if name not in WEIGHTS:
        return ""
    return model or str(getattr(preset, name).model)


def model_sha(name: str, preset: Preset, model: str | None = None) -> str:
    """sha256 of the weights that a generator draws with; empty where it needs none.

    Raises:
        ModelError: they are not here, or not whole.
    """
    if name not in WEIGHTS:
        return ""
    from avwalk.models import store

    return store.find(wanted_model(name, preset, model), name).sha256


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


def is_charted(name: str) -> bool:
    """Whether a generator knows passes: depth, normals, mask, flow."""
    return hasattr(_load(GENERATORS[name]), "passes")


def make_generator(
    name: str, size: tuple[int, int], seed: int, options: Mapping[str, Any], device: str = "cpu",
    compile: bool = False,
) -> Generator:  # fmt: skip
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
