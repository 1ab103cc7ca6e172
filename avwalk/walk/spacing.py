"""Measures the perceptual change along a transition from few pictures, by bisecting its largest gap.

After DIGCREA's walk through texts and latent blending (J. Stein, lunarring), which draw the film in this order; here a
few cheap pictures are drawn before the film, and all frames are spaced by them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from avwalk.contracts import Frames
from avwalk.walk.prompts import Spacing

Picture = NDArray[np.float32]
Metric = Callable[[Picture, Picture], float]

COLOUR = 0.01  # weight of colour against edges in `edge_distance`, DIGCREA's


def measured(
    pictures: Callable[[NDArray[np.float64]], Frames],
    transitions: Sequence[int],
    budget: int,
    metric: Metric | None = None,
) -> dict[int, Spacing]:
    """Distances along transitions; all of them are bisected together, so that pictures are drawn in batches.

    Args:
        pictures: draws positions (m,) on the timeline, (m, H, W, 3); cheap ones will do.
        transitions: their numbers: k goes from keyframe k to k + 1.
        budget: pictures for each, ends included, at least 3.
        metric: of two pictures, ≥ 0; `edge_distance` if none is given.

    Returns:
        Transition → `Spacing`.
    """
    metric = metric or edge_distance
    if not transitions:
        return {}
    start = np.array([0.0, 0.5, 1.0])
    drawn = pictures((np.asarray(transitions, np.float64)[:, None] + start).ravel())
    shares = {k: start.tolist() for k in transitions}
    shown = {k: list(drawn[3 * j : 3 * j + 3]) for j, k in enumerate(transitions)}
    gaps = {k: [metric(a, b) for a, b in zip(shown[k], shown[k][1:], strict=False)] for k in transitions}
    for _ in range(max(3, budget) - 3):
        widest = {k: int(np.argmax(gaps[k])) for k in transitions}
        middles = {k: (shares[k][j] + shares[k][j + 1]) / 2 for k, j in widest.items()}
        drawn = pictures(np.array([k + middle for k, middle in middles.items()]))
        for picture, (k, j) in zip(drawn, widest.items(), strict=True):
            shares[k].insert(j + 1, middles[k])
            shown[k].insert(j + 1, picture)
            gaps[k][j : j + 1] = [metric(shown[k][j], picture), metric(picture, shown[k][j + 2])]
    return {k: Spacing(np.array(shares[k]), np.array(gaps[k])) for k in transitions}


def edge_distance(a: Picture, b: Picture) -> float:
    """DIGCREA's picture distance: difference of edges plus a little difference of colours.

    √(mean over pixels of Σ over channels of (|∇a|² − |∇b|²)² + 0.01 (a − b)²) with Sobel's ∇. It takes the sum
    without the root; roots are lengths, which add up along a path however it is divided.

    Args:
        a: (H, W, 3) in [0, 1], sides of 2 pixels or more.
        b: the same.
    """
    edges = (_edges(a) - _edges(b)) ** 2
    colours = (a.astype(np.float64) - b) ** 2
    return float(np.sqrt((edges.sum() + COLOUR * colours.sum()) / (a.shape[0] * a.shape[1])))


def colour_distance(a: Picture, b: Picture) -> float:
    """Root mean square difference of pixels."""
    return float(np.sqrt(np.mean((a.astype(np.float64) - b) ** 2)))


def _edges(picture: Picture) -> NDArray[np.float64]:
    """|∇|² of each channel by Sobel's 3×3 kernels, borders mirrored."""
    p = np.pad(picture.astype(np.float64), ((1, 1), (1, 1), (0, 0)), mode="reflect")
    across = p[:, 2:] - p[:, :-2]
    down = p[2:] - p[:-2]
    x = across[:-2] + 2 * across[1:-1] + across[2:]
    y = down[:, :-2] + 2 * down[:, 1:-1] + down[:, 2:]
    return np.asarray(x * x + y * y)
