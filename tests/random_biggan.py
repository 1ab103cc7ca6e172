"""BigGANs with random weights that behave like trained ones: norms found, statistics measured, attention not nought."""

from __future__ import annotations

import torch
from pytorch_pretrained_biggan import BigGAN, BigGANConfig
from pytorch_pretrained_biggan.model import BigGANBatchNorm, SelfAttn
from torch import nn
from torch.nn.utils.spectral_norm import SpectralNorm

Layers = list[tuple[bool, int, int]]


def _layers(text: str) -> Layers:
    """``"16-16 16+8"``: input and output width, ``+`` where the picture doubles."""
    found = []
    for word in text.split():
        into, out = word.replace("+", "-").split("-")
        found.append(("+" in word, int(into), int(out)))
    return found


FULL = {
    128: _layers("16-16 16+16 16-16 16+8 8-8 8+4 4-4 4+2 2-2 2+1"),
    256: _layers("16-16 16+16 16-16 16+8 8-8 8+8 8-8 8+4 4-4 4+2 2-2 2+1"),
}
"""The layers of the published models."""


def full_config(resolution: int) -> BigGANConfig:
    """Of biggan-deep-128 or biggan-deep-256."""
    return BigGANConfig(output_dim=resolution, layers=FULL[resolution])


def small_config() -> BigGANConfig:
    """Everything that a full model has, in 64 pixels and a few hundred thousand weights."""
    return BigGANConfig(
        output_dim=64, z_dim=16, class_embed_dim=16, channel_width=8, num_classes=10,
        layers=_layers("16-16 16+8 8+4 4-4 4+2 2+1"), attention_layer_position=3,
    )  # fmt: skip


@torch.no_grad()
def random_biggan(config: BigGANConfig, seed: int = 0) -> BigGAN:
    """In evaluation mode, on the CPU."""
    generator = torch.Generator().manual_seed(seed)
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        gan = BigGAN(config)
    for module in gan.modules():
        if isinstance(module, SelfAttn):
            module.gamma.fill_(0.7)
        if isinstance(module, BigGANBatchNorm) and not module.conditional:
            module.weight.uniform_(0.5, 1.5, generator=generator)
            module.bias.uniform_(-0.3, 0.3, generator=generator)
        if isinstance(module, nn.Conv2d | nn.Linear):
            module.train()
            for hook in module._forward_pre_hooks.values():
                if isinstance(hook, SpectralNorm):
                    for _ in range(5):
                        hook.compute_weight(module, do_power_iteration=True)
    gan.eval()
    _measure(gan, generator)
    return gan


def _measure(gan: BigGAN, generator: torch.Generator) -> None:
    """Statistics as a forward pass has them, drifting from row to row of the table."""

    def hook(module: BigGANBatchNorm, inputs: tuple[torch.Tensor, ...]) -> None:
        x = inputs[0]
        mean, var = x.mean((0, 2, 3)), x.var((0, 2, 3)) + 1e-3
        rows = torch.linspace(0.0, 1.0, module.running_means.shape[0])[:, None]
        drift = torch.randn(len(mean), generator=generator)
        bend = torch.sin(6 * rows + 3 * drift)
        module.running_means.copy_(mean + 0.3 * var.sqrt() * bend)
        module.running_vars.copy_(var * (0.7 + 0.6 * rows) * (1 + 0.2 * bend))

    hooks = [m.register_forward_pre_hook(hook) for m in gan.modules() if isinstance(m, BigGANBatchNorm)]
    z = torch.randn(4, gan.config.z_dim, generator=generator) * 0.6
    classes = torch.eye(gan.config.num_classes)[:4]
    gan(z, classes, 0.5)
    for handle in hooks:
        handle.remove()
