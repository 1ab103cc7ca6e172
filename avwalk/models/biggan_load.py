"""Loads a BigGAN of the model cache as a pytorch_pretrained_biggan network."""

from __future__ import annotations

from typing import Any

from avwalk.errors import ModelError
from avwalk.models import biggan_config, store, weights


def load(model: store.Model) -> Any:
    """The network with all its weights from the file.

    Args:
        model: of the cache (`store.find`, `store.by_sha`).

    Returns:
        ``pytorch_pretrained_biggan.BigGAN``: in eval mode, without gradients, float32 on the processor, contiguous;
        its spectral norm as it is in the file (``weight_orig``, ``weight_u``, ``weight_v``).

    Raises:
        ModelError: the entry is broken, or the extra ``models`` is not installed.
    """
    from avwalk.models.requirements import package

    biggan = package()
    config = store.config(model)
    path = model.folder / store.WEIGHTS
    state, _ = weights.read(path)
    try:
        weights.check(state, biggan_config.shapes_of(config), str(path))
    except ModelError as error:
        raise ModelError(f"{error}; delete {model.folder} first") from None
    import torch

    with torch.random.fork_rng(devices=[]):  # it begins with random numbers, which are nobody else's
        gan = biggan.BigGAN(biggan.BigGANConfig.from_dict(config))
    gan.load_state_dict(state, strict=True)
    return gan.eval().requires_grad_(False)
