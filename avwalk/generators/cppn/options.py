"""The keywords that build the built-in generator, from a preset; apart from it, since it compiles kernels."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from avwalk.config.preset import Preset

PROCESSOR_ONLY = frozenset({"coral", "nave"})
"""Topologies that have no drawing in torch."""


def options(preset: Preset, model: str = "", classes: Sequence[int] = ()) -> dict[str, Any]:
    """Keywords of `avwalk.generators.cppn.generator.Cppn`, as JSON values; neither weights nor classes matter."""
    colours = preset.palette.own.model_dump(mode="json") if preset.palette.own else preset.palette.name
    return {
        "topology": preset.cppn.topology,
        "palette": colours,
        "accent": preset.cppn.accent,
        "parents": [],
        "symmetry": preset.camera.symmetry,
        "map": preset.camera.map,
        "salt": preset.cppn.salt,
        "structure": preset.material.structure,
        "structure_size": preset.material.size,
    }
