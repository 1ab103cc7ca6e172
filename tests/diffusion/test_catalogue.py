"""Sizes of the catalogue, counted on networks of the published layouts that have no numbers in them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

torch = pytest.importorskip("torch")
diffusers = pytest.importorskip("diffusers")
transformers = pytest.importorskip("transformers")

from avwalk.models.catalogue import BUNDLES, CATALOGUE  # noqa: E402

_SD2 = {"attention_head_dim": (5, 10, 20, 20), "cross_attention_dim": 1024, "use_linear_projection": True}
_XL = {
    "block_out_channels": (320, 640, 1280),
    "down_block_types": ("DownBlock2D", *("CrossAttnDownBlock2D",) * 2),
    "up_block_types": (*("CrossAttnUpBlock2D",) * 2, "UpBlock2D"),
    "attention_head_dim": (5, 10, 20),
    "cross_attention_dim": 2048,
    "transformer_layers_per_block": (1, 2, 10),
    "use_linear_projection": True,
    "addition_embed_type": "text_time",
    "addition_time_embed_dim": 256,
    "projection_class_embeddings_input_dim": 2816,
}


def unet(**layout: Any) -> Any:
    return diffusers.UNet2DConditionModel(**{"cross_attention_dim": 768, "attention_head_dim": 8, **layout})


def text(hidden: int, inner: int, layers: int, heads: int, projection: int = 0) -> Any:
    config = transformers.CLIPTextConfig(
        hidden_size=hidden,
        intermediate_size=inner,
        num_hidden_layers=layers,
        num_attention_heads=heads,
        projection_dim=projection or hidden,
    )
    return (transformers.CLIPTextModelWithProjection if projection else transformers.CLIPTextModel)(config)


def vae() -> Any:
    return diffusers.AutoencoderKL(
        block_out_channels=(128, 256, 512, 512),
        layers_per_block=2,
        down_block_types=("DownEncoderBlock2D",) * 4,
        up_block_types=("UpDecoderBlock2D",) * 4,
    )


MODELS: dict[str, Callable[[], tuple[Any, ...]]] = {
    "sd15": lambda: (unet(), text(768, 3072, 12, 12), vae()),
    "sd-turbo": lambda: (unet(**_SD2), text(1024, 4096, 23, 16), vae()),
    "sdxl-turbo": lambda: (unet(**_XL), text(768, 3072, 12, 12), text(1280, 5120, 32, 20, 1280), vae()),
    "taesd": lambda: (diffusers.AutoencoderTiny(),),
    "taesdxl": lambda: (diffusers.AutoencoderTiny(),),
}


@pytest.mark.parametrize("name", MODELS)
def test_sizes_are_those_of_the_layouts(name: str) -> None:
    with torch.device("meta"):
        numbers = sum(p.numel() for network in MODELS[name]() for p in network.parameters())
    assert CATALOGUE[name].megabytes == pytest.approx(2 * numbers / 1e6, rel=0.01, abs=0.5)


def test_bundles_are_of_models_that_there_are() -> None:
    for name, parts in BUNDLES.items():
        assert all(CATALOGUE[part].kind == "sd" and CATALOGUE[part].hub for part in parts), name
