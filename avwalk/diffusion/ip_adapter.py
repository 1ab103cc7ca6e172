"""A reference picture beside the prompt: the IP-Adapter of a model, where its folder has one.

    model/ip_adapter/ip-adapter_sd15.safetensors     any name; one file
    model/ip_adapter/image_encoder/                  config.json, model.safetensors: a CLIPVisionModelWithProjection

H. Ye et al., "IP-Adapter: Text Compatible Image Prompt Adapter for Text-to-Image Diffusion Models" (2023).
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from avwalk.arrays.colour import to_8bit
from avwalk.contracts import Frames
from avwalk.diffusion.offline import offline, quiet
from avwalk.errors import ModelError, clipped
from avwalk.files.checksums import sha256_of

if TYPE_CHECKING:
    from avwalk.diffusion.loaded import Pipeline

FOLDER, ENCODER = "ip_adapter", "image_encoder"


def adapter_of(model: Path) -> Path:
    """The file of a model's IP-Adapter.

    Args:
        model: folder of the model.

    Raises:
        ModelError: it has none, or several.
    """
    found = sorted((model / FOLDER).glob("*.safetensors")) if model.is_dir() else []
    if len(found) != 1:
        there = f"{len(found)} files are there" if found else "none is there"
        raise ModelError(
            f"a reference picture needs the model's IP-Adapter, and {there}: put one file of safetensors into "
            f"{model / FOLDER}, and its image encoder into {model / FOLDER / ENCODER}"
        )
    if not (model / FOLDER / ENCODER / "config.json").is_file():
        raise ModelError(f"the IP-Adapter's image encoder is not in {model / FOLDER / ENCODER}; put it there")
    return found[0]


def adapter_sha(model: Path) -> str:
    """sha256 of a model's IP-Adapter, 64 hex digits.

    Raises:
        ModelError: it has none.
    """
    return sha256_of(adapter_of(model))


def attach(loaded: Pipeline, model: Path) -> None:
    """Loads a model's IP-Adapter into its pipeline, offline; from then on every picture needs a reference.

    Raises:
        ModelError: it has none, or one that does not fit.
    """
    file = adapter_of(model)
    try:
        with offline(), quiet():
            loaded.pipe.load_ip_adapter(
                str(file.parent),
                subfolder="",
                weight_name=file.name,
                image_encoder_folder=ENCODER,
                local_files_only=True,
            )
    except Exception as error:  # files that are broken or of another base raise anything
        raise ModelError(f"{file} cannot be used with this model: {clipped(error, 160)}; get one of its base") from None
    encoder = loaded.pipe.image_encoder
    encoder.requires_grad_(False).eval()
    for module in (encoder, loaded.unet):
        module.to(loaded.device)


def reference(loaded: Pipeline, picture: Frames, scale: float) -> NDArray[np.float32]:
    """What a picture says to the network, after `attach`.

    Args:
        loaded: with its adapter.
        picture: (h, w, 3) sRGB in [0, 1].
        scale: how strongly, 0 to 1; of all pictures that follow.

    Returns:
        (1, 1, D) float32.
    """
    import torch
    from PIL import Image

    loaded.pipe.set_ip_adapter_scale(scale)
    image = Image.fromarray(to_8bit(picture))
    with torch.inference_mode(), quiet():
        (found,) = loaded.pipe.prepare_ip_adapter_image_embeds(image, None, loaded.device, 1, False)
    return np.asarray(found.float().cpu().numpy().reshape(1, 1, -1), np.float32)
