"""Converts OpenMMLab's BigGAN-deep weights to the names and shapes of pytorch_pretrained_biggan.

MMGeneration's ``BigGANDeepGenerator`` has the package's blocks under other names. Its batch norms keep the statistics
of one truncation where the package keeps 51: every row gets that one, so truncation then only scales the noise. Its
last convolution has only the three RGB channels, the package's has ``channel_width``; rows of zeros are added,
which leave its spectral norm, u · W v, as it is.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from avwalk.errors import ModelError

if TYPE_CHECKING:
    from torch import Tensor

N_STATS = 51
_PREFIXES = ("generator_ema.", "generator.", "")  # the averaged weights are the ones to draw with
_MARK = "noise2feat.weight_orig"
_BLOCK_NAMES: tuple[tuple[str, Callable[[re.Match[str]], str]], ...] = (
    (r"conv([1-4])\.conv\.", lambda m: f"conv_{int(m[1]) - 1}."),
    (r"bn([1-4])\.gain\.", lambda m: f"bn_{int(m[1]) - 1}.scale."),
    (r"bn([1-4])\.bias\.", lambda m: f"bn_{int(m[1]) - 1}.offset."),
    (r"bn([1-4])\.bn\.running_(mean|var)$", lambda m: f"bn_{int(m[1]) - 1}.running_{m[2]}s"),
    (r"(theta|phi|g)\.conv\.", lambda m: f"snconv1x1_{m[1]}."),
    (r"o\.conv\.", lambda m: "snconv1x1_o_conv."),
    (r"gamma$", lambda m: "gamma"),
)
_WHOLE_NAMES = (
    (r"noise2feat\.", "generator.gen_z."),
    (r"output_layer\.conv\.", "generator.conv_to_rgb."),
    (r"output_layer\.bn\.running_(mean|var)$", r"generator.bn.running_\1s"),
    (r"output_layer\.bn\.(weight|bias)$", r"generator.bn.\1"),
)


def is_one(state: Mapping[str, Tensor]) -> bool:
    """Whether these tensors are named as OpenMMLab names them."""
    return any(f"{prefix}{_MARK}" in state for prefix in _PREFIXES)


def renamed(state: Mapping[str, Tensor], where: str) -> dict[str, Tensor]:
    """The generator's tensors under the package's names and in its sizes.

    Raises:
        ModelError: a name that is not known.
    """
    prefix = next(p for p in _PREFIXES if f"{p}{_MARK}" in state)
    out: dict[str, Tensor] = {}
    for name, tensor in state.items():
        if not name.startswith(prefix) or name.endswith("num_batches_tracked"):
            continue
        new = package_name(name.removeprefix(prefix))
        if new is None:
            raise ModelError(f"{where}: '{name}' is not known in OpenMMLab's BigGAN-deep; use another file")
        out[new] = _resized(new, tensor)
    return _padded(out)


def package_name(name: str) -> str | None:
    """``"conv_blocks.3.bn2.gain.weight_u"`` → ``"generator.layers.3.bn_1.scale.weight_u"``; None if it is not known."""
    if name == "shared_embedding.weight":
        return "embeddings.weight"
    for pattern, new in _WHOLE_NAMES:
        if re.match(pattern, name):
            return re.sub(pattern, new, name, count=1)
    block = re.fullmatch(r"conv_blocks\.(\d+)\.(.+)", name)
    if block:
        for inner, naming in _BLOCK_NAMES:
            if found := re.match(inner, block[2]):
                return f"generator.layers.{block[1]}.{naming(found)}{block[2][found.end() :]}"
    return None


def _resized(name: str, tensor: Tensor) -> Tensor:
    if name == "embeddings.weight":
        return tensor.t()
    if name.endswith(("running_means", "running_vars")) and tensor.ndim == 1:
        return tensor.expand(N_STATS, -1)
    return tensor.reshape(1) if name.endswith(".gamma") else tensor


def _padded(state: dict[str, Tensor]) -> dict[str, Tensor]:
    """With as many rows in the last convolution as the last batch norm has channels."""
    import torch

    last = state.get("generator.bn.weight")
    for part in ("weight_orig", "bias", "weight_u"):
        rows = state.get(f"generator.conv_to_rgb.{part}")
        if last is not None and rows is not None and len(rows) < len(last):
            more = rows.new_zeros((len(last) - len(rows), *rows.shape[1:]))
            state[f"generator.conv_to_rgb.{part}"] = torch.cat([rows, more])
    return state
