from __future__ import annotations

import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import cv2
import numpy as np
import pytest

from avwalk.arrays.upscale import Upscale, resized
from avwalk.errors import OptionError


def waves(height: int, width: int, cycles: float = 3.0) -> np.ndarray:
    """A picture that is the same at any size: smooth waves in both directions, (1, h, w, 3)."""
    x, y = (np.arange(width) + 0.5) / width, (np.arange(height) + 0.5) / height
    plane = 0.5 + 0.2 * np.sin(2 * np.pi * cycles * x)[None] + 0.2 * np.cos(2 * np.pi * cycles * y)[:, None]
    return np.stack([plane, plane**2, 1 - plane], -1).astype(np.float32)[None]


@pytest.mark.parametrize(
    ("before", "after"), [((128, 128), (720, 720)), ((96, 160), (240, 400)), ((400, 300), (90, 60))]
)
def test_a_smooth_picture_keeps_its_shape(before: tuple[int, int], after: tuple[int, int]) -> None:
    seen = Upscale().apply(waves(*before), (after[1], after[0]))
    inner = (slice(None), *(slice(size // 20, -size // 20) for size in after))  # beyond the edges nothing is known
    assert seen.shape == (1, *after, 3) and seen.dtype == np.float32
    np.testing.assert_allclose(seen[inner], waves(*after)[inner], atol=5e-3)


def test_lanczos_is_sharper_than_cubic_and_linear() -> None:
    small, large = waves(64, 64, 14.0)[0], waves(512, 512, 14.0)[0]

    def error(picture: np.ndarray) -> float:
        return float(np.abs(picture - large)[32:-32, 32:-32].mean())

    others = [cv2.resize(small, (512, 512), interpolation=kind) for kind in (cv2.INTER_CUBIC, cv2.INTER_LINEAR)]
    assert error(resized(small, (512, 512))) < min(map(error, others)) * 0.7


def test_what_is_made_smaller_is_averaged() -> None:
    board = np.indices((64, 64)).sum(0) % 2 * np.ones((3, 1, 1))
    board = board.transpose(1, 2, 0).astype(np.float32)[None]
    np.testing.assert_allclose(Upscale().apply(board, (16, 16)), 0.5, atol=1e-6)
    tall = Upscale().apply(board, (16, 128))  # narrower and higher at once
    np.testing.assert_allclose(tall[:, 8:-8], 0.5, atol=1e-6)


def test_flat_and_hard_pictures_stay_in_range() -> None:
    np.testing.assert_allclose(Upscale().apply(np.full((1, 40, 40, 3), 0.3, np.float32), (300, 200)), 0.3, atol=1e-6)
    step = np.zeros((1, 16, 16, 3), np.float32)
    step[:, :, 8:] = 1
    seen = Upscale().apply(step, (128, 128))
    assert seen.min() == 0 and seen.max() == 1 and resized(step[0], (128, 128)).max() > 1.01


def test_the_same_size_is_left_alone_and_frames_stand_alone() -> None:
    frames = np.concatenate([waves(32, 32), waves(32, 32, 5)])
    assert Upscale().apply(frames, (32, 32)) is frames
    both = Upscale().apply(frames, (90, 70))
    np.testing.assert_array_equal(both[1:], Upscale().apply(frames[1:], (90, 70)))


# ---- networks


def test_models_that_cannot_be_used_are_told_apart(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    weights = tmp_path / "x.safetensors"
    with pytest.raises(OptionError, match=r"x\.pth' is not a \.safetensors file"):
        Upscale(str(tmp_path / "x.pth"))
    with pytest.raises(OptionError, match="is not there"):
        Upscale(str(weights))
    weights.write_bytes(b"")
    monkeypatch.setitem(sys.modules, "spandrel", None)
    with pytest.raises(OptionError, match=r"pip install 'avwalk\[upscale\]'"):
        Upscale(str(weights))
    fake_spandrel(monkeypatch, OSError("header too small\nmore"))
    with pytest.raises(OptionError, match=r"cannot be read \(header too small\)"):
        Upscale(str(weights))
    fake_spandrel(monkeypatch, Model(channels=1))
    with pytest.raises(OptionError, match="does not turn colour pictures"):
        Upscale(str(weights))


class Model:
    """Repeats pixels twice and darkens them, as a network of spandrel."""

    def __init__(self, channels: int = 3) -> None:
        self.input_channels = self.output_channels = channels
        self.seen: list[tuple[int, ...]] = []

    def eval(self) -> Model:
        return self

    def __call__(self, x: Any) -> Any:
        self.seen.append(tuple(x.shape))
        return x.repeat_interleave(2, 2).repeat_interleave(2, 3) * 0.5


def fake_spandrel(monkeypatch: pytest.MonkeyPatch, found: Model | Exception) -> None:
    class ModelLoader:
        def __init__(self, device: str) -> None:
            assert device == "cpu"

        def load_from_file(self, path: str) -> Model:
            if isinstance(found, Exception):
                raise found
            return found

    monkeypatch.setitem(sys.modules, "spandrel", SimpleNamespace(ModelLoader=ModelLoader, ImageModelDescriptor=Model))


def test_a_model_enlarges_and_the_rest_is_resized(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("torch")
    model, weights = Model(), tmp_path / "x.safetensors"
    weights.write_bytes(b"")
    fake_spandrel(monkeypatch, model)
    frames = np.concatenate([waves(32, 32), waves(32, 32, 5)])
    seen = Upscale(str(weights)).apply(frames, (96, 96))
    assert model.seen == [(1, 3, 32, 32)] * 2
    twice = frames.repeat(2, 1).repeat(2, 2) * np.float32(0.5)
    np.testing.assert_allclose(seen, Upscale().apply(twice, (96, 96)), atol=1e-6)
    model.seen.clear()
    np.testing.assert_array_equal(Upscale(str(weights)).apply(frames, (16, 16)), Upscale().apply(frames, (16, 16)))
    assert not model.seen
