"""Small Stable Diffusion models of the real classes, for tests: seeded, a few tens of thousand numbers, real formats.

    folder = save_diffusion(tmp_path / "small")               # SD 1.5-like: save_pretrained, safetensors
    folder = save_diffusion(tmp_path / "xl", "sdxl")          # kinds: sd1, sd2, sdxl, turbo, sdxl-turbo, lcm
    folder = save_diffusion(tmp_path / "s", vae="tiny")       # AutoencoderTiny instead of AutoencoderKL
    tiny = save_tiny_vae(tmp_path / "taesd")                  # AutoencoderTiny in a folder of its own
    depth = save_controlnet(tmp_path / "depth", "sd1")        # ControlNetModel
    style = save_lora(tmp_path / "style.safetensors", "sd1")  # written by peft and save_lora_weights
    adapter = save_ip_adapter(folder)                         # in its own folder: IP-Adapter and image encoder
    single = save_single_file(tmp_path / "one.safetensors")   # one file under the original names; its configs in one/

Pictures are 64 × 64 (native size), latents 8 × 8. The autoencoders pass a picture through as a mosaic of 8 × 8 pixels
(the tiny one keeps its colours, the other one its contrasts), so that a restyled picture resembles its source; prompts,
noise and control change pictures visibly.

Import it after ``pytest.importorskip("torch")`` and ``pytest.importorskip("diffusers")``.
"""

from __future__ import annotations

import re
from itertools import pairwise
from pathlib import Path
from typing import Any

import torch
from diffusers import (
    AutoencoderKL,
    AutoencoderTiny,
    ControlNetModel,
    DDIMScheduler,
    EulerDiscreteScheduler,
    LCMScheduler,
    StableDiffusionPipeline,
    StableDiffusionXLPipeline,
    UNet2DConditionModel,
)
from transformers import CLIPTextConfig, CLIPTextModel, CLIPTextModelWithProjection, CLIPTokenizer

KINDS = ("sd1", "sd2", "sdxl", "turbo", "sdxl-turbo", "lcm")
SIZE = 64
LATENT = SIZE // 8
WIDTH = 16
"""Of the text embeddings; SDXL has two encoders, so 32."""
POOLED = 16
CHANNELS = (8, 16)
_WORDS = """
a an the of in on and at with by red blue green gold black white cat dog bird tree flower mushroom sea sky moon sun star
night day light shadow city house forest mountain river fire ice glass stone metal silk paint painting photo oil ink
epic sharp blurry ugly bad soft bright dark old new big small four five long very beautiful
"""
WORDS = tuple(_WORDS.split())
"""Each one token, whole; other words fall into letters."""


def tokenizer() -> CLIPTokenizer:
    """A CLIP tokenizer of 77 places: bytes, and the merges that make the `WORDS`."""
    letters = [chr(n) for n in [*range(33, 127), *range(161, 173), *range(174, 256), *range(256, 324)]]
    merges: list[tuple[str, str]] = []
    for word in sorted(WORDS, key=len):
        parts = [*word[:-1], word[-1] + "</w>"]
        while len(parts) > 1:
            known = [merges.index(pair) for pair in pairwise(parts) if pair in merges]
            if not known:
                merges.append((parts[0], parts[1]))
            k = list(pairwise(parts)).index(merges[min(known, default=-1)])
            parts[k : k + 2] = [parts[k] + parts[k + 1]]
    pieces = [
        "<|startoftext|>",
        "<|endoftext|>",
        *letters,
        *(x + "</w>" for x in letters),
        *("".join(m) for m in merges),
    ]
    vocab = {piece: k for k, piece in enumerate(dict.fromkeys(pieces))}
    return CLIPTokenizer(vocab=vocab, merges=merges, model_max_length=77)


def _seeded(module: Any, seed: int, gain: float = 1.0) -> Any:
    """Random numbers of our own instead of those of torch's constructors: the same in every version."""
    random = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for name, parameter in sorted(module.named_parameters()):
            if parameter.ndim > 1:
                fan = parameter[0].numel()
                parameter.copy_(torch.randn(parameter.shape, generator=random) * gain / fan**0.5)
            elif "norm" in name and name.endswith("weight"):
                parameter.fill_(1)
            else:
                parameter.copy_(torch.randn(parameter.shape, generator=random) * 0.1)
    return module.eval()


def text_encoder(seed: int = 1, projected: bool = False) -> Any:
    config = CLIPTextConfig(
        hidden_size=WIDTH,
        intermediate_size=2 * WIDTH,
        num_hidden_layers=2,
        num_attention_heads=2,
        vocab_size=len(tokenizer()),
        max_position_embeddings=77,
        projection_dim=POOLED,
        bos_token_id=0,
        eos_token_id=1,
        pad_token_id=1,
    )
    return _seeded(CLIPTextModelWithProjection(config) if projected else CLIPTextModel(config), seed)


def _unet_layout(kind: str) -> dict[str, Any]:
    """What UNet and ControlNet have in common."""
    layout: dict[str, Any] = {
        "block_out_channels": CHANNELS,
        "layers_per_block": 1,
        "norm_num_groups": 2,
        "down_block_types": ("CrossAttnDownBlock2D", "DownBlock2D"),
        "attention_head_dim": 2,
        "cross_attention_dim": WIDTH,
    }
    if "sdxl" in kind:
        layout |= {
            "down_block_types": ("DownBlock2D", "CrossAttnDownBlock2D"),
            "cross_attention_dim": 2 * WIDTH,
            "attention_head_dim": (2, 4),
            "transformer_layers_per_block": (1, 2),
            "use_linear_projection": True,
            "addition_embed_type": "text_time",
            "addition_time_embed_dim": 8,
            "projection_class_embeddings_input_dim": 6 * 8 + POOLED,
        }
    elif kind == "sd2":
        layout |= {"use_linear_projection": True, "attention_head_dim": (2, 4)}
    return layout


def unet(kind: str = "sd1", seed: int = 2) -> UNet2DConditionModel:
    layout = _unet_layout(kind)
    up = ("CrossAttnUpBlock2D", "UpBlock2D") if "sdxl" in kind else ("UpBlock2D", "CrossAttnUpBlock2D")
    net = UNet2DConditionModel(sample_size=LATENT, in_channels=4, out_channels=4, up_block_types=up, **layout)
    _seeded(net, seed, 0.5)
    with torch.no_grad():
        for name, parameter in net.named_parameters():
            if name.endswith(("attn2.to_v.weight", "attn2.to_out.0.weight")):
                parameter.mul_(8 if "sdxl" in kind else 4)  # prompts count
        _denoising(net)
    return net


def _denoising(net: UNet2DConditionModel) -> None:
    """What comes in goes past all blocks, and out of it what is rough: white noise over something smooth is removed.

    The first layer gives x and −x, the last shortcut lets them by, silu(x) − silu(−x) is x again.
    """
    eye = torch.eye(4)
    net.conv_in.weight.mul_(0.1)
    net.conv_in.bias.mul_(0.1)
    net.conv_in.weight[:, :, 1, 1].add_(torch.cat([eye, -eye]))
    shortcut = net.up_blocks[-1].resnets[-1].conv_shortcut
    shortcut.weight.mul_(0.3)
    shortcut.weight[:, -8:, 0, 0].add_(torch.eye(8))
    rough = torch.full((3, 3), -1 / 9)
    rough[1, 1] += 1
    net.conv_out.weight.mul_(0.2)
    net.conv_out.weight.add_(torch.cat([eye, -eye], dim=1)[:, :, None, None] * rough)
    net.conv_out.bias.zero_()


def vae(seed: int = 3) -> AutoencoderKL:
    """An AutoencoderKL that passes contrasts through; its blocks add a little of their own."""
    net = AutoencoderKL(
        block_out_channels=(4, 4, 8, 8),
        down_block_types=("DownEncoderBlock2D",) * 4,
        up_block_types=("UpDecoderBlock2D",) * 4,
        latent_channels=4,
        norm_num_groups=2,
        sample_size=SIZE,
        scaling_factor=0.18215,
    )
    _seeded(net, seed, 0.2)
    with torch.no_grad():
        for name, module in net.named_modules():
            if isinstance(module, torch.nn.Conv2d) and not name.endswith(("conv1", "conv2")):
                _passing(module)
        net.quant_conv.weight.mul_(12)  # latents times the scaling factor vary by about 1, as those of real models
        net.post_quant_conv.weight.div_(12)
        net.quant_conv.weight[4:].zero_()  # the spread of what it encodes
        net.quant_conv.bias[4:].fill_(-12)
    return net


def tiny_vae(seed: int = 4) -> AutoencoderTiny:
    """An AutoencoderTiny (TAESD's class) that passes colours through in blocks of 8 × 8 pixels."""
    net = AutoencoderTiny(
        encoder_block_out_channels=(8, 8, 8, 8),
        decoder_block_out_channels=(8, 8, 8, 8),
        num_encoder_blocks=(1, 1, 1, 1),
        num_decoder_blocks=(1, 1, 1, 1),
    )
    _seeded(net, seed, 0.1)
    with torch.no_grad():
        for name, parameter in net.named_parameters():
            if name.endswith("bias"):
                parameter.mul_(0.2)  # colours stay
        for module in net.modules():
            if isinstance(module, torch.nn.Conv2d) and (
                module.bias is None or module.in_channels != module.out_channels
            ):
                _passing(module)
        first, last = net.decoder.layers[0], net.encoder.layers[-1]
        last.weight.mul_(4)  # colours of 0 to 1 become latents of -2 to 2, and back
        last.bias.fill_(-2)
        first.weight.div_(4)
        first.bias[:4].fill_(0.5)
    return net


def _passing(conv: torch.nn.Conv2d) -> None:
    """Mostly the identity on the first channels, averaged where it goes in steps."""
    kernel = torch.zeros_like(conv.weight)
    side = kernel.shape[-1]
    for k in range(min(kernel.shape[:2])):
        if conv.stride[0] > 1:
            kernel[k, k] = 1 / side**2
        else:
            kernel[k, k, side // 2, side // 2] = 1
    conv.weight.mul_(0.1).add_(kernel)
    if conv.bias is not None:
        conv.bias.mul_(0.1)


def scheduler(kind: str = "sd1") -> Any:
    betas: dict[str, Any] = {"beta_start": 0.00085, "beta_end": 0.012, "beta_schedule": "scaled_linear"}
    if "turbo" in kind:
        return EulerDiscreteScheduler(timestep_spacing="trailing", steps_offset=1, **betas)
    if kind == "lcm":
        return LCMScheduler(steps_offset=1, **betas)
    if kind == "sdxl":
        return EulerDiscreteScheduler(steps_offset=1, **betas)
    prediction = "v_prediction" if kind == "sd2" else "epsilon"
    return DDIMScheduler(clip_sample=False, set_alpha_to_one=False, steps_offset=1, prediction_type=prediction, **betas)


def diffusion(kind: str = "sd1", *, vae_kind: str = "kl", seed: int = 0) -> Any:
    """A pipeline of diffusers in float32: ``StableDiffusionPipeline``, or the XL one."""
    if kind not in KINDS:
        raise ValueError(kind)
    autoencoder: Any = tiny_vae(seed + 4) if vae_kind == "tiny" else vae(seed + 3)
    parts: dict[str, Any] = {"vae": autoencoder, "unet": unet(kind, seed + 2), "scheduler": scheduler(kind)}
    parts |= {"tokenizer": tokenizer(), "text_encoder": text_encoder(seed + 1)}
    if "sdxl" in kind:
        parts |= {"tokenizer_2": tokenizer(), "text_encoder_2": text_encoder(seed + 5, projected=True)}
        if vae_kind == "kl":
            autoencoder.register_to_config(scaling_factor=0.13025)
        pipe: Any = StableDiffusionXLPipeline(
            **parts, force_zeros_for_empty_prompt=kind == "sdxl", add_watermarker=False
        )
    else:
        none = dict.fromkeys(("safety_checker", "feature_extractor", "image_encoder"))
        pipe = StableDiffusionPipeline(**parts, **none, requires_safety_checker=False)
    pipe.set_progress_bar_config(disable=True)
    return pipe


def save_diffusion(folder: Path, kind: str = "sd1", *, vae: str = "kl", seed: int = 0) -> Path:
    """Writes a model as it is found in the wild: a folder by ``save_pretrained``, weights as safetensors."""
    diffusion(kind, vae_kind=vae, seed=seed).save_pretrained(folder, safe_serialization=True)
    return folder


def save_tiny_vae(folder: Path, seed: int = 4) -> Path:
    tiny_vae(seed).save_pretrained(folder, safe_serialization=True)
    return folder


def save_controlnet(folder: Path, kind: str = "sd1", seed: int = 6) -> Path:
    """A ControlNet for the UNet of this kind; its last layers are not zero, so that it does something."""
    net = ControlNetModel(in_channels=4, conditioning_embedding_out_channels=(4, 8, 8, 16), **_unet_layout(kind))
    _seeded(net, seed).save_pretrained(folder, safe_serialization=True)
    return folder


def save_lora(path: Path, kind: str = "sd1", *, rank: int = 2, seed: int = 7, gain: float = 1.0) -> Path:
    """A LoRA on the UNet's attention, by peft and diffusers' ``save_lora_weights``: one file of safetensors."""
    from diffusers.utils import convert_state_dict_to_diffusers
    from peft import LoraConfig, get_peft_model_state_dict

    net = unet(kind)
    net.add_adapter(LoraConfig(r=rank, lora_alpha=rank, target_modules=["to_q", "to_k", "to_v", "to_out.0"]))
    random = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for name, parameter in sorted(net.named_parameters()):
            if "lora" in name:
                parameter.copy_(torch.randn(parameter.shape, generator=random) * gain / 2)
    layers = convert_state_dict_to_diffusers(get_peft_model_state_dict(net))
    pipeline: Any = StableDiffusionXLPipeline if "sdxl" in kind else StableDiffusionPipeline
    pipeline.save_lora_weights(path.parent, unet_lora_layers=layers, weight_name=path.name, safe_serialization=True)
    return path


def save_single_file(path: Path, *, seed: int = 0) -> Path:
    """An SD 1.5-like model as one file under its original names; its configs are in the folder beside it."""
    from safetensors.torch import save_file

    pipe = diffusion("sd1", seed=seed)
    state = {f"model.diffusion_model.{_original_unet(name)}": t for name, t in pipe.unet.state_dict().items()}
    for name, tensor in pipe.vae.state_dict().items():
        plain = _original_vae(name)
        is_matrix = ".attn_1." in plain and tensor.ndim == 2
        state[f"first_stage_model.{plain}"] = tensor[:, :, None, None] if is_matrix else tensor
    for name, tensor in pipe.text_encoder.state_dict().items():
        state[f"cond_stage_model.transformer.text_model.{name.removeprefix('text_model.')}"] = tensor
    save_file({name: tensor.contiguous().clone() for name, tensor in state.items()}, path)
    folder = save_diffusion(path.with_suffix(""), seed=seed)
    for weights in folder.rglob("*.safetensors"):
        weights.unlink()
    return path


_UNET_NAMES = {
    "time_embedding.linear_1.": "time_embed.0.",
    "time_embedding.linear_2.": "time_embed.2.",
    "conv_norm_out.": "out.0.",
    "conv_out.": "out.2.",
    "conv_in.": "input_blocks.0.0.",
}
_RESNET_NAMES = {
    "norm1": "in_layers.0",
    "conv1": "in_layers.2",
    "norm2": "out_layers.0",
    "conv2": "out_layers.3",
    "time_emb_proj": "emb_layers.1",
    "conv_shortcut": "skip_connection",
}
_VAE_NAMES = {
    "conv_norm_out": "norm_out",
    "conv_shortcut": "nin_shortcut",
    "group_norm": "norm",
    "to_q": "q",
    "to_k": "k",
    "to_v": "v",
    "to_out.0": "proj_out",
    "mid_block.resnets.0": "mid.block_1",
    "mid_block.resnets.1": "mid.block_2",
    "mid_block.attentions.0": "mid.attn_1",
}


def _original_unet(name: str) -> str:
    """The name that CompVis gave to a tensor of a UNet of one layer a block."""
    for ours, theirs in _UNET_NAMES.items():
        if name.startswith(ours):
            return name.replace(ours, theirs, 1)
    for ours, theirs in _RESNET_NAMES.items():
        name = re.sub(rf"(resnets\.\d+)\.{ours}\.", rf"\1.{theirs}.", name)
    name = re.sub(r"mid_block\.resnets\.(\d)", lambda m: f"middle_block.{2 * int(m[1])}", name)
    name = name.replace("mid_block.attentions.0", "middle_block.1")
    part = {"resnets": 0, "attentions": 1}
    inside = r"_blocks\.(\d)\.(resnets|attentions)\.(\d)"
    name = re.sub("down" + inside, lambda m: f"input_blocks.{2 * int(m[1]) + int(m[3]) + 1}.{part[m[2]]}", name)
    name = re.sub("up" + inside, lambda m: f"output_blocks.{2 * int(m[1]) + int(m[3])}.{part[m[2]]}", name)
    name = re.sub(r"down_blocks\.(\d)\.downsamplers\.0\.conv", lambda m: f"input_blocks.{2 * int(m[1]) + 2}.0.op", name)
    return re.sub(r"up_blocks\.(\d)\.upsamplers\.0", lambda m: f"output_blocks.{2 * int(m[1]) + 1}.1", name)


def _original_vae(name: str) -> str:
    """The same for the autoencoder of four levels."""
    name = re.sub(r"down_blocks\.(\d)\.resnets", r"down.\1.block", name)
    name = re.sub(r"down_blocks\.(\d)\.downsamplers\.0", r"down.\1.downsample", name)
    name = re.sub(r"up_blocks\.(\d)\.resnets", lambda m: f"up.{3 - int(m[1])}.block", name)
    name = re.sub(r"up_blocks\.(\d)\.upsamplers\.0", lambda m: f"up.{3 - int(m[1])}.upsample", name)
    for ours, theirs in _VAE_NAMES.items():
        name = name.replace(ours, theirs)
    return name


def save_safety_checker(folder: Path, threshold: float, seed: int = 8) -> Path:
    """Adds a safety checker to a saved model: it blocks what is more like a concept than ``threshold``, −1 to 1."""
    from diffusers.pipelines.stable_diffusion.safety_checker import StableDiffusionSafetyChecker
    from transformers import CLIPConfig

    small = {"hidden_size": 8, "intermediate_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2}
    vision = small | {"image_size": 32, "patch_size": 8, "projection_dim": 8}
    config = CLIPConfig(text_config=small | {"projection_dim": 8}, vision_config=vision, projection_dim=8)
    net = _seeded(StableDiffusionSafetyChecker(config), seed)
    with torch.no_grad():
        net.concept_embeds_weights.fill_(threshold)
        net.special_care_embeds_weights.fill_(2)
    net.save_pretrained(folder / "safety_checker", safe_serialization=True)
    return folder


def save_ip_adapter(model: Path) -> Path:
    """An IP-Adapter of a saved SD 1.x model and its image encoder, of four tokens a picture, in the model's folder."""
    from safetensors.torch import save_file
    from transformers import CLIPVisionConfig, CLIPVisionModelWithProjection

    folder, seen = model / "ip_adapter", 12
    config = CLIPVisionConfig(
        hidden_size=16, intermediate_size=32, num_hidden_layers=1, num_attention_heads=2, image_size=32, patch_size=8,
        projection_dim=seen,
    )  # fmt: skip
    _seeded(CLIPVisionModelWithProjection(config), 11, 3.0).save_pretrained(folder / "image_encoder")
    unet = UNet2DConditionModel.from_pretrained(model / "unet")
    width = int(unet.config.cross_attention_dim)
    random = torch.Generator().manual_seed(12)
    weights = {
        "image_proj.proj.weight": torch.randn(4 * width, seen, generator=random),
        "image_proj.proj.bias": torch.zeros(4 * width),
        "image_proj.norm.weight": torch.ones(width),
        "image_proj.norm.bias": torch.zeros(width),
    }
    layers = [name for name in unet.attn_processors if name.endswith("attn2.processor")]
    for k, name in enumerate(layers):
        high = unet.get_submodule(name.rpartition(".")[0]).to_k.weight.shape[0]
        for part in ("to_k_ip", "to_v_ip"):
            weights[f"ip_adapter.{2 * k + 1}.{part}.weight"] = torch.randn(high, width, generator=random)
    save_file(weights, folder / "ip-adapter_small.safetensors")
    return folder
