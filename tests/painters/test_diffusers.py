"""The painter `sd` on a small model of the real classes."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch")
pytest.importorskip("diffusers")

from avwalk.diffusion import embeddings, load
from avwalk.models import store
from avwalk.painters.registry import open_painter, prompt_limit
from avwalk.screenplay.prompting import Style
from avwalk.screenplay.screenplay import ScreenplayOptions, screenplay_of
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


def test_prompts_are_kept_within_the_tokens_of_the_model(tmp_path: Path) -> None:
    folder = save_diffusion(tmp_path / "model")
    fits = prompt_limit(f"sd@{folder}?device=cpu")
    assert fits and fits("a red sea " * 25) and not fits("a red sea " * 26)
    text = "Wolfgang wandered along the crimson river to the crumbling monastery, where a purple dragonfly slumbered."
    (free,), (kept,) = (
        screenplay_of(text, ScreenplayOptions(style=Style(style="oil, epic", fits=each))) for each in (None, fits)
    )
    reader = load.tokenizer(store.find(str(folder), "sd"))
    assert embeddings.tokens(reader, free.prompt) > embeddings.MAX_TOKENS >= embeddings.tokens(reader, kept.prompt)
    assert kept.prompt.endswith("oil, epic") and len(kept.prompt) > 20
    assert prompt_limit("worlds") is None
