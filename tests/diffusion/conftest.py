"""Small models, saved once for all tests of this folder."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import pytest


@pytest.fixture(scope="session")
def saved(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Path]:
    """``saved("sdxl")``, ``saved("sd1", vae="tiny")``, ``saved("controlnet", of="sd1")``, ``saved("lora", of="sd1")``,
    ``saved("single")``, ``saved("taesd")``: the path of one, written when it is first asked for."""
    small = pytest.importorskip("tests.small_diffusion")
    base = tmp_path_factory.mktemp("diffusion")

    @cache
    def get(kind: str, vae: str = "kl", of: str = "sd1") -> Any:
        folder = base / f"{kind}-{vae}-{of}"
        if kind == "controlnet":
            return small.save_controlnet(folder, of)
        if kind == "lora":
            folder.mkdir(exist_ok=True)
            return small.save_lora(folder / "style.safetensors", of)
        if kind == "taesd":
            return small.save_tiny_vae(folder)
        if kind == "single":
            folder.mkdir(exist_ok=True)
            return small.save_single_file(folder / "one.safetensors")
        return small.save_diffusion(folder, kind, vae=vae)

    return get
