"""A BigGAN of the model cache, ready to draw."""

from __future__ import annotations

from typing import Any

from avwalk.errors import ModelError
from avwalk.models import layout, store, weights


def load(model: store.Model) -> Any:
    """The network with its weights, every one of them from the file.

    Args:
        model: of the cache (`store.find`, `store.by_sha`).

    Returns:
        ``pytorch_pretrained_biggan.BigGAN``: in eval mode, without gradients, float32 on the processor, contiguous;
        its spectral norm as it is in the file (``weight_orig``, ``weight_u``, ``weight_v``).

    Raises:
        ModelError: the entry is broken, or the extra ``models`` is not installed.
    """
    from avwalk.models.extra import package

    package()
    config = store.config(model)
    path = model.folder / store.WEIGHTS
    gan = layout.bare(config)
    state, _ = weights.read(path)
    try:
        weights.check(state, {name: tuple(tensor.shape) for name, tensor in gan.state_dict().items()}, str(path))
    except ModelError as error:
        raise ModelError(f"{error}; delete {model.folder} first") from None
    gan.load_state_dict(state, strict=True, assign=True)
    for module in gan.modules():
        if hasattr(
            module, "weight_orig"
        ):  # torch computes it anew whenever it draws; until then it is what it was made of
            module.weight = module.weight_orig.detach()
    return gan.eval().requires_grad_(False)
