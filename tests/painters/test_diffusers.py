"""The painter `sd` on a small model of the real classes."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch")
pytest.importorskip("diffusers")

from avwalk.painters.registry import open_painter
from tests.small_diffusion import save_diffusion


def test_pictures_from_prompts_and_from_pictures(tmp_path: Path) -> None:
    folder = save_diffusion(tmp_path / "model")
    painter = open_painter(f"sd@{folder}?steps=2&cfg=2&device=cpu")
    a, b = (painter.paint("a red sea", "blue", 3, (64, 48)) for _ in range(2))
    assert a.picture.shape == (48, 64, 3) and np.isfinite(a.picture).all()
    assert np.abs(a.picture - b.picture).max() < 1e-3
    assert a.used["Steps"] == 2 and a.used["Seed"] == 3 and a.used["CFG scale"] == 2
    start = np.random.default_rng(1).random((48, 64, 3), np.float32)
    over = painter.paint("a red sea", seed=3, size=(64, 48), init_image=start, strength=0.5)
    assert over.picture.shape == (48, 64, 3) and np.isfinite(over.picture).all()
    assert np.abs(painter.paint("a red sea", "blue", 4, (64, 48)).picture - a.picture).max() > 1e-3
