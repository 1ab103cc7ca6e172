"""Optional packages of the extra ``models``: imported lazily, named when missing."""

from __future__ import annotations

import importlib
import importlib.util
from typing import Any

from avwalk.errors import ModelError

PACKAGES = ("torch", "safetensors", "pytorch_pretrained_biggan")
SPEECH = {"whisper": ("faster_whisper", "ctranslate2"), "kokoro": ("onnxruntime",)}
"""Kind of a model → the packages of the extra ``voice`` that run it."""
DIFFUSION = ("torch", "safetensors", "diffusers", "transformers", "accelerate", "peft")


def package() -> Any:
    """pytorch_pretrained_biggan, of which avwalk uses ``BigGAN`` and ``BigGANConfig`` alone.

    Its ``from_pretrained`` asks the network at every load and ignores keys that do not fit; its
    ``convert_to_images`` and ``one_hot_from_names`` need packages that it does not name.

    Raises:
        ModelError: the extra ``models`` is not installed.
    """
    if why := problem():
        raise ModelError(why)
    return importlib.import_module("pytorch_pretrained_biggan")


def problem() -> str | None:
    """Why no model can be used here, or None. Imports the packages."""
    for name in PACKAGES:
        try:
            importlib.import_module(name)
        except (ImportError, OSError) as error:
            missing = getattr(error, "name", None) or name
            return f"{missing.replace('_', '-')} is not installed; install it with: pip install 'avwalk[models]'"
    return None


def diffusion_problem() -> str | None:
    """Why Stable Diffusion cannot be used here, or None. Checks without importing, which takes many seconds."""
    for name in DIFFUSION:
        if importlib.util.find_spec(name) is None:
            return f"{name} is not installed; install it with: pip install 'avwalk[models]'"
    return None


def speech_problem(kind: str) -> str | None:
    """Why models of ``"whisper"`` or ``"kokoro"`` cannot be used here, or None. Checks without importing."""
    for name in SPEECH[kind]:
        if importlib.util.find_spec(name) is None:
            return f"{name.replace('_', '-')} is not installed; install it with: pip install 'avwalk[voice]'"
    return None


def problem_of(kind: str) -> str | None:
    """Why models of a kind of the catalogue cannot be used here, or None."""
    if kind in SPEECH:
        return speech_problem(kind)
    return diffusion_problem() if kind == "sd" else problem()
