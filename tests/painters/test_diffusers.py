"""The painter `sd` on a small model of the real classes."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch")
pytest.importorskip("diffusers")

from avwalk.diffusion import embeddings, load
from avwalk.errors import OptionError, PainterError
from avwalk.models import store
from avwalk.painters.registry import open_painter, prompt_limit
from avwalk.screenplay.prompting import Style
from avwalk.screenplay.screenplay import ScreenplayOptions, screenplay_of
from tests.small_diffusion import save_diffusion, save_ip_adapter


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


def test_a_reference_picture_goes_through_the_ip_adapter_of_the_model(tmp_path: Path) -> None:
    folder = save_diffusion(tmp_path / "model")
    with pytest.raises(PainterError, match=r"needs the model's IP-Adapter, and none is there: put one file"):
        open_painter(f"sd@{folder}?reference=ip-adapter")
    with pytest.raises(OptionError, match="reference=photo is no way; it is ip-adapter"):
        open_painter(f"sd@{folder}?reference=photo")
    save_ip_adapter(folder)
    painter = open_painter(f"sd@{folder}?steps=2&cfg=2&device=cpu&reference=ip-adapter")
    plain = open_painter(f"sd@{folder}?steps=2&cfg=2&device=cpu")
    assert painter.identity != plain.identity
    rng = np.random.default_rng(1)
    noise, red = rng.random((48, 64, 3), np.float32), np.full((48, 64, 3), (1, 0, 0), np.float32)
    free = plain.paint("a red sea", "blue", 3, (64, 48)).picture
    a, b, faint, none = (
        painter.paint("a red sea", "blue", 3, (64, 48), seen, strength)
        for seen, strength in ((noise, 0.2), (red, 0.2), (noise, 0.9), (noise, 1.0))
    )
    assert a.used["Reference"] == "IP-Adapter, 0.80" and np.isfinite(a.picture).all()
    assert np.abs(a.picture - b.picture).max() > 1e-3, "another reference, another picture"
    assert np.abs(none.picture - free).max() < 1e-3, "without its share nothing changes"
    assert np.abs(faint.picture - free).mean() < np.abs(a.picture - free).mean()
    assert np.abs(painter.paint("a red sea", "blue", 3, (64, 48)).picture - free).max() < 1e-3


def test_a_broken_ip_adapter_is_said(tmp_path: Path) -> None:
    folder = save_diffusion(tmp_path / "model")
    adapter = save_ip_adapter(folder)
    painter = open_painter(f"sd@{folder}?steps=1&device=cpu&reference=ip-adapter")
    (adapter / "ip-adapter_small.safetensors").write_bytes(b"x" * 64)
    with pytest.raises(PainterError, match="cannot be used with this model"):
        painter.paint("a red sea", size=(64, 48), init_image=np.zeros((48, 64, 3), np.float32))
