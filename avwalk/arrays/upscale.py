"""Upscaling from a generator's native size to the film's: Lanczos, or a network through spandrel."""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import Any

import numpy as np

from avwalk.arrays.colour import Picture
from avwalk.contracts import Frames
from avwalk.errors import OptionError


class Upscale:
    """Resizes frames; frames are independent of each other.

    Args:
        model: file of a network that spandrel knows (Real-ESRGAN, Compact, SPAN, …), in safetensors; it is applied once
            to frames that are enlarged, then they are resized to fit. Empty: none.
        device: where the network runs: ``"cpu"``, ``"cuda"`` or ``"mps"``.

    Raises:
        OptionError: the model cannot be used.
    """

    def __init__(self, model: str = "", device: str = "cpu") -> None:
        self._device = device
        self._model = _loaded(Path(model), device) if model else None

    def apply(self, frames: Frames, size: tuple[int, int]) -> Frames:
        """Frames (n, h, w, 3) as (n, H, W, 3) of ``size`` (W, H), in [0, 1]; those that have it already untouched."""
        (height, width), (wanted_width, wanted_height) = frames.shape[1:3], size
        if (width, height) == size:
            return frames
        out = np.empty((len(frames), wanted_height, wanted_width, 3), np.float32)
        enlarged = width < wanted_width or height < wanted_height
        for k, picture in enumerate(frames):
            seen = self._enlarged(picture) if self._model is not None and enlarged else picture
            np.clip(resized(seen, size), 0, 1, out=out[k])
        return out

    def _enlarged(self, picture: Picture) -> Picture:
        import torch

        with torch.inference_mode():
            x = torch.from_numpy(np.ascontiguousarray(picture.transpose(2, 0, 1)))[None].to(self._device)
            assert self._model is not None
            enlarged: Picture = self._model(x)[0].float().permute(1, 2, 0).cpu().numpy()
        return enlarged


def resized(picture: Picture, size: tuple[int, int]) -> Picture:
    """A picture (h, w, 3) in another size: an axis that shrinks is averaged, one that grows is Lanczos of eight taps.

    Lanczos overshoots beside edges: the values may leave [0, 1].
    """
    import cv2

    height, width = picture.shape[:2]
    shrunk = min(width, size[0]), min(height, size[1])
    if shrunk != (width, height):
        picture = np.asarray(cv2.resize(picture, shrunk, interpolation=cv2.INTER_AREA), np.float32)
    if shrunk != size:
        picture = np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_LANCZOS4), np.float32)
    return picture


def _loaded(path: Path, device: str) -> Any:
    """A network that enlarges, through spandrel; a pickle is never opened."""
    if path.suffix != ".safetensors":
        raise OptionError(f"upscale model '{path}' is not a .safetensors file; convert it, other formats can run code")
    if not path.is_file():
        raise OptionError(f"upscale model '{path}' is not there; give the path of a .safetensors file")
    try:
        spandrel = importlib.import_module("spandrel")
    except ImportError:
        raise OptionError(f"upscale model '{path}' needs spandrel; pip install 'avwalk[upscale]'") from None
    try:
        model = spandrel.ModelLoader(device=device).load_from_file(path)
    except Exception as error:  # what is wrong with a file is told in many ways
        why = str(error).partition("\n")[0].rstrip(".") or type(error).__name__
        raise OptionError(f"upscale model '{path}' cannot be read ({why}); use one that spandrel knows") from None
    if not isinstance(model, spandrel.ImageModelDescriptor) or (model.input_channels, model.output_channels) != (3, 3):
        raise OptionError(f"upscale model '{path}' does not turn colour pictures into such; use another")
    return model.eval()
