"""What a diffusion model draws towards: prompts, guidance, and what a ControlNet sees."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float32]


@dataclass(frozen=True)
class Conditioning:
    """Of n pictures, a row each.

    Attributes:
        tokens: (n, T, D), embeddings of the prompts.
        guidance: (n,); rows of 1 or less are drawn in one pass of the network a step.
        pooled: (n, P) for SDXL, else None.
        negative: (T, D) for all or (n, T, D); None: no prompt.
        negative_pooled: (P,) or (n, P) beside ``negative``, for SDXL.
        control: (n, H, W, 3) in [0, 1], what the ControlNet sees.
        control_scale: (n,), 1 by default.
        reference: (n, 1, D), of a picture, see `avwalk.diffusion.ip_adapter`.
    """

    tokens: Array
    guidance: Array
    pooled: Array | None = None
    negative: Array | None = None
    negative_pooled: Array | None = None
    control: Array | None = None
    control_scale: Array | None = None
    reference: Array | None = None
