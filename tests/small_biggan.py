"""A small BigGAN of the real classes, for tests: seeded, every number set, saved in the formats that there are.

    folder = save_biggan(tmp_path / "small")             # as the package's own: pytorch_model.bin and config.json
    gan = small_biggan(seed=3)                           # eval mode, 64 pixels, z_dim 16, 1000 classes, 51 rows

Import it after ``pytest.importorskip("torch")`` and ``pytest.importorskip("pytorch_pretrained_biggan")``.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from pytorch_pretrained_biggan import BigGAN, BigGANConfig

Z_DIM = 16
CLASSES = 1000
RESOLUTION = 64
LAYERS = [(False, 16, 16), (True, 16, 8), (True, 8, 4), (True, 4, 2), (False, 2, 2), (True, 2, 1)]


def small_config(
    classes: int = CLASSES, layers: Sequence[Sequence[object]] = LAYERS, attention: int = 4
) -> BigGANConfig:
    """Four doublings from 4 × 4, attention before the last but one; or other layers."""
    return BigGANConfig(
        output_dim=4 * 2 ** sum(bool(layer[0]) for layer in layers),
        z_dim=Z_DIM,
        class_embed_dim=Z_DIM,
        channel_width=8,
        num_classes=classes,
        layers=[tuple(layer) for layer in layers],
        attention_layer_position=attention,
        eps=1e-4,
        n_stats=51,
    )


def small_biggan(seed: int = 0, classes: int = CLASSES, config: BigGANConfig | None = None) -> BigGAN:
    """A network in eval mode; its pictures are varied and inside of the range.

    The statistics of every batch norm fit what goes through it at truncation 1, and bend away from that towards
    truncation 0, each of the 51 rows a little otherwise, each channel in its own way.
    """
    threads = torch.get_num_threads()
    torch.set_num_threads(1)  # statistics are sums: on another number of cores another network
    random = torch.Generator().manual_seed(seed)
    gan = BigGAN(config or small_config(classes)).eval()
    with torch.no_grad():
        for name, parameter in gan.named_parameters():
            parameter.copy_(torch.randn(parameter.shape, generator=random) * 0.5 ** name.endswith("bias"))
        gan.embeddings.weight.mul_(0.5)
        for module in gan.modules():
            if hasattr(module, "weight_orig"):
                _normalise(module, random)
            if hasattr(module, "gamma"):
                module.gamma.fill_(0.5)
        gan.generator.bn.weight.mul_(0.3).add_(0.8)
        gan.generator.bn.bias.mul_(0.5)
        gan.generator.conv_to_rgb.bias.mul_(0.3).sub_(0.4)
        _fit_statistics(gan, random)
    torch.set_num_threads(threads)
    return gan


def _normalise(module: Any, random: torch.Generator) -> None:
    """Singular vectors as they are after long training."""
    matrix = module.weight_orig.reshape(len(module.weight_orig), -1)
    u = torch.randn(len(matrix), generator=random)
    for _ in range(30):
        v = torch.nn.functional.normalize(matrix.t() @ u, dim=0)
        u = torch.nn.functional.normalize(matrix @ v, dim=0)
    module.weight_u.copy_(u)
    module.weight_v.copy_(v)


def _fit_statistics(gan: BigGAN, random: torch.Generator) -> None:
    truncations = torch.linspace(0, 1, gan.config.n_stats)[:, None]

    def fit(module: Any, inputs: Any) -> None:
        mean, variance = inputs[0].mean((0, 2, 3)), inputs[0].var((0, 2, 3)) + 1e-3
        phase = 6.28 * torch.rand(len(mean), generator=random)
        wave = torch.sin(3 * truncations + phase) - torch.sin(3 + phase)
        module.running_means.copy_(mean + 0.15 * variance.sqrt() * wave)
        module.running_vars.copy_(variance * (0.8 + 0.2 * truncations) * torch.exp(0.2 * wave))

    hooks = [m.register_forward_pre_hook(fit) for m in gan.modules() if hasattr(m, "running_means")]
    n = max(8, 64 * RESOLUTION**2 // gan.config.output_dim**2)
    z = torch.randn((n, gan.config.z_dim), generator=random)
    classes = torch.eye(gan.config.num_classes)[torch.randint(gan.config.num_classes, (n,), generator=random)]
    gan(z, classes, 1.0)
    for hook in hooks:
        hook.remove()


def save_biggan(folder: Path, format: str = "bin", *, seed: int = 0, gan: BigGAN | None = None) -> Path:
    """Writes a network as it is found in the wild.

    Args:
        folder: made if need be.
        format: ``bin`` (the package's own: a pickle from before torch 1.6, and config.json), ``zip`` (the same by
            today's torch.save), ``safetensors`` (model.safetensors and config.json), or ``mmlab`` (OpenMMLab's file:
            other names, one row of statistics, the one at truncation 1; they come without a config: this one is
            beside it, for the layers are not those of a published model).
        seed: of `small_biggan`.
        gan: another network.

    Returns:
        What a user would name: the folder, or for ``mmlab`` the file.
    """
    gan = gan or small_biggan(seed)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "config.json").write_text(gan.config.to_json_string(), encoding="utf-8")
    if format == "mmlab":
        return _save_mmlab(folder, gan)
    if format == "safetensors":
        from safetensors.torch import save_file

        save_file(dict(gan.state_dict()), folder / "model.safetensors")
    elif format in ("bin", "zip"):
        path = folder / "pytorch_model.bin"
        torch.save(gan.state_dict(), path, _use_new_zipfile_serialization=format == "zip")
    else:
        raise ValueError(format)
    return folder


def _save_mmlab(folder: Path, gan: BigGAN) -> Path:
    """Names and shapes as in MMGeneration's BigGANDeepGenerator; the file's name ends in eight digits of its sha256."""
    state = {f"generator_ema.{name}": tensor for name, tensor in mmlab_state(gan).items()}
    state |= {f"generator.{name}": tensor * 0 for name, tensor in mmlab_state(gan).items()}  # as if hardly trained
    state["discriminator.decision.bias"] = torch.zeros(1)
    part = folder / "mmlab.pth"
    torch.save({"meta": {"mmgen_version": "0.1.0"}, "state_dict": state}, part)
    digits = hashlib.sha256(part.read_bytes()).hexdigest()[:8]
    return part.rename(folder / f"biggan-deep_small_cvt_hugging-face_rgb_20210728_111659-{digits}.pth")


def mmlab_state(gan: BigGAN) -> dict[str, torch.Tensor]:
    """The generator's tensors under OpenMMLab's names, written down by its modules' attributes."""
    generator = gan.generator
    out = {"shared_embedding.weight": gan.embeddings.weight.detach().t().clone()}
    out |= _spectral("noise2feat", generator.gen_z)
    for k, layer in enumerate(generator.layers):
        at = f"conv_blocks.{k}"
        if hasattr(layer, "gamma"):
            out[f"{at}.gamma"] = layer.gamma.detach().reshape(()).clone()
            out |= _spectral(f"{at}.theta.conv", layer.snconv1x1_theta)
            out |= _spectral(f"{at}.phi.conv", layer.snconv1x1_phi)
            out |= _spectral(f"{at}.g.conv", layer.snconv1x1_g)
            out |= _spectral(f"{at}.o.conv", layer.snconv1x1_o_conv)
            continue
        for number in range(4):
            norm = getattr(layer, f"bn_{number}")
            out |= _spectral(f"{at}.conv{number + 1}.conv", getattr(layer, f"conv_{number}"))
            out |= _spectral(f"{at}.bn{number + 1}.gain", norm.scale)
            out |= _spectral(f"{at}.bn{number + 1}.bias", norm.offset)
            out |= _statistics(f"{at}.bn{number + 1}.bn", norm)
    out["output_layer.bn.weight"] = generator.bn.weight.detach().clone()
    out["output_layer.bn.bias"] = generator.bn.bias.detach().clone()
    out |= _statistics("output_layer.bn", generator.bn)
    out |= _seen("output_layer.conv", generator.conv_to_rgb)
    return out


def _seen(name: str, module: Any) -> dict[str, torch.Tensor]:
    """The three channels that are seen, divided by the same spectral norm, u · W v, as all of them were."""
    state = _spectral(name, module)
    weight, u, v = (state[f"{name}.{part}"] for part in ("weight_orig", "weight_u", "weight_v"))
    three = {key: tensor if key.endswith("weight_v") else tensor[:3] for key, tensor in state.items()}
    norms = [torch.dot(a, w.reshape(len(w), -1) @ v) for a, w in ((u, weight), (u[:3], weight[:3]))]
    three[f"{name}.weight_u"] = u[:3] * norms[0] / norms[1]
    return {key: tensor.clone() for key, tensor in three.items()}


def _spectral(name: str, module: Any) -> dict[str, torch.Tensor]:
    state = module.state_dict()
    return {f"{name}.{key}": tensor.clone() for key, tensor in state.items()}


def _statistics(name: str, norm: Any) -> dict[str, torch.Tensor]:
    return {
        f"{name}.running_mean": norm.running_means[-1].clone(),
        f"{name}.running_var": norm.running_vars[-1].clone(),
        f"{name}.num_batches_tracked": torch.tensor(0),
    }
