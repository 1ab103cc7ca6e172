"""The keywords that build BigGAN, from a preset; apart from it, since it imports torch."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from avwalk.config.preset import Preset


def options(preset: Preset, model: str = "", classes: Sequence[int] = ()) -> dict[str, Any]:
    """Keywords of `avwalk.generators.biggan.generator.BigGan`, as JSON values.

    Args:
        preset: how classes are mixed, and whether the walk is the classic one.
        model: sha256 of the weights.
        classes: indices of the classes that are seen.
    """
    return {
        "model": model,
        "classes": list(classes),
        "mixing": preset.classes.mixing,
        "classic": preset.walk.classic,
    }
