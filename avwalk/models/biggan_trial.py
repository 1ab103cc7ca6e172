"""Trial picture of a BigGAN, to verify that a model draws."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from avwalk.errors import ModelError

_TRUNCATION = 0.4
_CLASS = 0
_FLAT = 0.5 / 255
"""A picture that varies less than half a step of eight bits shows nothing."""


class Trial(NamedTuple):
    """A trial picture and its statistics.

    Attributes:
        picture: (R, R, 3) float32 RGB in [0, 1].
        mean: of all values.
        spread: their standard deviation.
    """

    picture: NDArray[np.float32]
    mean: float
    spread: float


def draw(gan: Any, seed: int = 0) -> Trial:
    """Draws one picture of the first class at truncation 0.4.

    Args:
        gan: of `biggan.load`.
        seed: of its noise: normal numbers, those beyond ±2 drawn again, times the truncation.

    Raises:
        ModelError: it is not finite, black, or without any variation.
    """
    import torch

    random = np.random.default_rng(seed)
    noise = random.standard_normal((64, gan.config.z_dim))
    within = noise[np.abs(noise) <= 2][: gan.config.z_dim]
    z = torch.from_numpy((_TRUNCATION * within).astype(np.float32))[None]
    weights = torch.zeros((1, gan.config.num_classes))
    weights[0, _CLASS] = 1
    with torch.inference_mode():
        drawn = gan(z, weights, _TRUNCATION)[0].permute(1, 2, 0).numpy()
    if not np.isfinite(drawn).all():
        raise ModelError("the model's picture holds numbers that are not finite; get the weights again")
    picture = ((drawn + 1) / 2).astype(np.float32)
    mean, spread = float(picture.mean()), float(picture.std())
    if spread < _FLAT:
        what = "black" if mean < _FLAT else f"one shade, {mean:.2f}"
        raise ModelError(f"the model's picture is {what}; these weights do not draw, get others")
    return Trial(picture, mean, spread)
