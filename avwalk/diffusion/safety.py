"""The optional safety checker of SD 1.x: flags pictures that it would black out."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from avwalk.errors import ModelError

if TYPE_CHECKING:
    from torch import Tensor

_CLIP_MEAN = (0.48145466, 0.4578275, 0.40821073)
_CLIP_SPREAD = (0.26862954, 0.26130258, 0.27577711)


class Checker:
    """Runs the CLIP-based safety checker.

    Args:
        network: a StableDiffusionSafetyChecker in eval mode.
    """

    def __init__(self, network: Any) -> None:
        import torch

        self._network = network
        self._side = int(network.config.vision_config.image_size)
        device, dtype = network.device, network.dtype
        self._mean, self._spread = (
            torch.tensor(each, device=device, dtype=dtype).view(1, 3, 1, 1) for each in (_CLIP_MEAN, _CLIP_SPREAD)
        )

    def blocked(self, pictures: Tensor) -> list[bool]:
        """Whether each picture (b, 3, H, W) in [0, 1] is one that the checker blocks; the pictures are not changed."""
        import torch

        seen = torch.nn.functional.interpolate(
            pictures.float(), size=_cover(pictures.shape, self._side), mode="bicubic", antialias=True
        ).clamp(0, 1)
        top, left = (seen.shape[2] - self._side) // 2, (seen.shape[3] - self._side) // 2
        seen = seen[:, :, top : top + self._side, left : left + self._side].to(self._mean.dtype)
        dummies = torch.zeros((len(pictures), 1))  # it would black them out
        _, found = self._network(clip_input=(seen - self._mean) / self._spread, images=dummies)
        return [bool(each) for each in found]


def _cover(shape: Any, side: int) -> tuple[int, int]:
    """Height and width whose shorter one is ``side``."""
    height, width = shape[2], shape[3]
    scale = side / min(height, width)
    return max(side, round(height * scale)), max(side, round(width * scale))


def load(folder: Path, device: str, dtype: Any) -> Checker:
    """The checker of a model's folder; to be called offline and quietly.

    Raises:
        ModelError: the model has none.
    """
    if not list((folder / "safety_checker").glob("*.safetensors")):
        raise ModelError(f"{folder} has no safety checker; leave it off, or use a model that has one (SD 1.5)")
    from diffusers.pipelines.stable_diffusion.safety_checker import StableDiffusionSafetyChecker

    try:
        network = StableDiffusionSafetyChecker.from_pretrained(
            folder / "safety_checker", torch_dtype=dtype, use_safetensors=True, local_files_only=True
        )
    except Exception as error:
        raise ModelError(
            f"{folder / 'safety_checker'} cannot be loaded ({type(error).__name__}); get it again"
        ) from None
    return Checker(network.eval().requires_grad_(False).to(device))
