"""Writes trained weights as the package reads them.

python -m tools.hearing.export RUN/last.pt avwalk/features/beats/network.npz --start BEGAN_WITH.npz --start-share 0.2
"""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from tools.hearing.network import LAYERS

_NAMES = {name: name for name in ("front", "inlet", "slow", "drum1", "drum2")}
_NAMES |= {f"gates.{k}": f"gate{k}" for k in range(LAYERS)} | {f"mixes.{k}": f"mix{k}" for k in range(LAYERS)}
"""Layer of `Network` → array of the package."""


def exported(state: dict[str, torch.Tensor]) -> dict[str, NDArray[np.float16]]:
    """Weights as the package takes them: float16, by the names of ``avwalk.features.beats.network``.

    Args:
        state: of `Network`.

    Returns:
        Convolutions (taps, channels in, channels out), their biases, and the batch norm as scale and shift.
    """
    out: dict[str, NDArray[np.float32]] = {}
    scale = state["norm.weight"] / torch.sqrt(state["norm.running_var"] + 1e-5)
    out["norm_scale"] = scale.numpy()
    out["norm_shift"] = (state["norm.bias"] - state["norm.running_mean"] * scale).numpy()
    for theirs, ours in _NAMES.items():
        out[ours] = np.ascontiguousarray(state[f"{theirs}.weight"].numpy().transpose(2, 1, 0))
        out[f"{ours}_bias"] = state[f"{theirs}.bias"].numpy()
    return {name: array.astype(np.float16) for name, array in out.items()}


def imported(
    arrays: Mapping[str, NDArray[np.floating]], mean: NDArray[np.float32], variance: NDArray[np.float32]
) -> dict[str, torch.Tensor]:
    """A state of `Network` that says what the package's weights say, to train them on.

    Args:
        arrays: of ``exported``.
        mean: (channels,) of what the batch norm is given, over songs to learn from; the file has folded them in.
        variance: likewise.
    """
    weights = {name: torch.from_numpy(np.asarray(array, np.float32)) for name, array in arrays.items()}
    average, spread = torch.from_numpy(mean), torch.from_numpy(variance)
    scale = weights.pop("norm_scale")
    state = {
        "norm.weight": scale * torch.sqrt(spread + 1e-5),
        "norm.bias": weights.pop("norm_shift") + average * scale,
        "norm.running_mean": average,
        "norm.running_var": spread,
        "norm.num_batches_tracked": torch.tensor(0),
    }
    for theirs, ours in _NAMES.items():
        state[f"{theirs}.weight"] = weights[ours].permute(2, 1, 0).contiguous()
        state[f"{theirs}.bias"] = weights[f"{ours}_bias"]
    return state


def averaged(parts: Sequence[tuple[float, Mapping[str, NDArray[np.floating]]]]) -> dict[str, NDArray[np.float16]]:
    """A mean of weights: where training went on from others, one that lies between both hears better than either.

    After Wortsman et al., "Robust fine-tuning of zero-shot models", CVPR 2022.

    Args:
        parts: the share of each, 1 together, and its arrays.
    """
    names = parts[0][1].keys()
    sums = {name: sum(share * np.asarray(arrays[name], np.float32) for share, arrays in parts) for name in names}
    return {name: np.asarray(array, np.float16) for name, array in sums.items()}


def export(state: Path, out: Path, start: Path | None = None, start_share: float = 0.0) -> None:
    """Writes the package's file.

    Args:
        state: of ``tools.hearing.train``.
        out: the file.
        start: weights of the package with which the training began.
        start_share: their share in what is written, 0 to 1.

    Raises:
        ValueError: a share of weights that are not named.
    """
    if start_share and start is None:
        raise ValueError("--start-share is a share of the weights that training began with: name them with --start")
    parts: list[tuple[float, Mapping[str, NDArray[np.floating]]]]
    parts = [(1 - start_share, exported(torch.load(state, weights_only=True)))]
    if start is not None and start_share:
        with np.load(start) as stored:
            parts.append((start_share, {name: stored[name] for name in stored.files}))
    arrays: dict[str, Any] = {**averaged(parts)}
    np.savez_compressed(out, **arrays)


def main() -> None:
    """Writes the file."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("state", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--start", type=Path, help="weights of a package with which the training began")
    parser.add_argument("--start-share", type=float, default=0.0, help="their share in what is written")
    options = parser.parse_args()
    export(options.state, options.out, options.start, options.start_share)


if __name__ == "__main__":
    main()
