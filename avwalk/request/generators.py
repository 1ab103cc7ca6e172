"""Which generator draws a film and with which options and weights; the options of its effects."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

from avwalk.config.preset import Preset
from avwalk.errors import GeneratorError, ModelError
from avwalk.registry import WEIGHTS


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
            "topology": look.topology,
            "palette": colours,
            "accent": look.accent,
            "parents": [],
            "symmetry": preset.camera.symmetry,
            "map": preset.camera.map,
        }
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
    from avwalk.models import requirements, store

    try:
        if why := requirements.diffusion_problem() if name == "sd" else requirements.problem():
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
