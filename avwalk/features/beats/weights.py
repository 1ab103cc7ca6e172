"""The trained weights of the network that hears, and their digest; ``network.md`` says what they were trained on."""

from __future__ import annotations

import hashlib
from functools import cache
from importlib.resources import files

import numpy as np
from numpy.typing import NDArray

_FILE = "network.npz"


@cache
def weights() -> dict[str, NDArray[np.float32]]:
    """By name, float32; those of convolutions are (taps, channels in, channels out)."""
    with (files(__package__) / _FILE).open("rb") as file, np.load(file) as stored:
        return {name: stored[name].astype(np.float32) for name in stored.files}


@cache
def digest() -> str:
    """sha256 of the weights' file: what is heard depends on it."""
    return hashlib.sha256((files(__package__) / _FILE).read_bytes()).hexdigest()
