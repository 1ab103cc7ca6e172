from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch")
diffusers = pytest.importorskip("diffusers")

from avwalk.diffusion import embeddings, load, safety  # noqa: E402
from avwalk.diffusion.conditioning import Conditioning  # noqa: E402
from avwalk.diffusion.painter import Painter  # noqa: E402
from avwalk.errors import FailedPicture, ModelError  # noqa: E402
from avwalk.models import store  # noqa: E402
from tests import small_diffusion as small  # noqa: E402


def painter(folder: Path, threshold: float | None = None) -> Painter:
    if threshold is not None:
        small.save_safety_checker(folder, threshold)
    model = store.find(str(folder), "sd")
    return Painter(load.load(model, load.guess_recipe(model), safety=threshold is not None), batch=2)


def painted(ours: Painter, **options: Any) -> np.ndarray:
    text = embeddings.encode(ours.pipeline, ["a red cat", "the sea", "a tree"])
    return ours.paint(Conditioning(text.tokens, np.zeros(3, np.float32)), ours.noise([1, 2, 3], (64, 64)), 2, **options)


def test_it_is_off_unless_asked_for(saved: Callable[..., Path], tmp_path: Path) -> None:
    folder = shutil.copytree(saved("sd1"), tmp_path / "checked")
    before = store.find(str(folder), "sd")
    small.save_safety_checker(folder, -1)
    assert store.find(str(folder), "sd").sha256 == before.sha256  # it changes no picture
    ours = painter(folder)
    assert ours.pipeline.safety is None
    painted(ours)
    with pytest.raises(ModelError, match="has no safety checker"):
        load.load(store.find(str(saved("sd1")), "sd"), ours.pipeline.recipe, safety=True)


def test_blocked_pictures_are_reported_by_row_and_the_others_kept(
    saved: Callable[..., Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = shutil.copytree(saved("sd1"), tmp_path / "checked")
    expected = painted(painter(folder))
    all_pass = painter(folder, 2.0)
    assert np.array_equal(painted(all_pass), expected)
    none_passes = painter(folder, -2.0)
    failed_frames: list[int] = []
    assert not painted(none_passes, failed_frames=failed_frames).any() and failed_frames == [0, 1, 2]
    with pytest.raises(FailedPicture, match="picture 0 was blocked by the safety checker"):
        painted(none_passes)
    answers = iter([[False, True], [True, False]])  # batches of two
    monkeypatch.setattr(all_pass.pipeline.safety, "blocked", lambda pictures: next(answers))
    failed_frames = []
    drawn = painted(all_pass, failed_frames=failed_frames)
    assert failed_frames == [1, 2] and np.array_equal(drawn[0], expected[0]) and not drawn[1:].any()


def test_it_sees_what_the_checker_of_diffusers_sees(saved: Callable[..., Path], tmp_path: Path) -> None:
    from transformers import CLIPImageProcessor

    folder = small.save_safety_checker(shutil.copytree(saved("sd1"), tmp_path / "checked"), 0.1)
    ours = safety.load(folder, "cpu", torch.float32)
    seen = []
    ours._network.register_forward_pre_hook(
        lambda net, args, kwargs: seen.append(kwargs["clip_input"]), with_kwargs=True
    )
    y, x = np.mgrid[0:64, 0:96] / 96
    picture = np.stack([x, y, (x + y) / 2], -1).astype(np.float32)
    ours.blocked(torch.from_numpy(picture).permute(2, 0, 1)[None])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("warnings.warn", lambda *a, **k: None)
        reader = CLIPImageProcessor(size={"shortest_edge": 32}, crop_size={"height": 32, "width": 32})
        theirs = reader(np.rint(picture * 255).astype(np.uint8), return_tensors="np").pixel_values
    assert seen[0].shape == (1, 3, 32, 32)
    assert np.abs(seen[0].numpy() - theirs).max() < 0.05  # of a range of 4: it rounds to eight bits
