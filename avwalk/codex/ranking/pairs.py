"""Pairs of attributes that are liked more, or less, together than each of them says."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from avwalk.codex.ranking.logistic import Array, Logistic

LEAST = 8
"""Pictures that show both, without which nothing is said of a pair."""
INFORMATION = 1.0
"""Variance of likes that neither attribute explains, without which nothing is said of a pair."""
MOST = 300
"""Pairs in a model: those that were marked most often."""


@dataclass(frozen=True)
class PairTests:
    """What was tested, one entry for each pair; k entries.

    Attributes:
        first: (k,) columns of the features.
        second: (k,) columns of the features.
        likes: (k,) of pictures that show both.
        dislikes: (k,)
        expected: (k,) likes by the model of single attributes.
        chance: (k,) probability of such a difference by chance.
        possible: pairs in all, those with too little data included.
    """

    first: NDArray[np.int64]
    second: NDArray[np.int64]
    likes: NDArray[np.int64]
    dislikes: NDArray[np.int64]
    expected: Array
    chance: Array
    possible: int

    def __len__(self) -> int:
        return len(self.first)

    def columns(self, x: Array) -> Array:
        """Features of the pairs that go into a model, (n, ≤ 300)."""
        most = np.argsort(-(self.likes + self.dislikes), kind="stable")[:MOST]
        return x[:, self.first[most]] * x[:, self.second[most]]


def pair_tests(x: Array, good: NDArray[np.bool_], groups: Sequence[str | None], model: Logistic) -> PairTests:
    """Score test (Rao 1948) of each pair on top of the single attributes, freed of what those may explain.

    Args:
        x: (n, m), 1 where a picture shows an attribute.
        good: (n,) marks.
        groups: category of each column, in runs; pairs are of two categories.
        model: of single attributes.
    """
    from scipy.special import expit, ndtr

    p = expit(model.log_odds(x))
    weight, rest = p * (1 - p), good - p
    singles = np.hstack([x, np.ones((len(x), 1))])
    inner = singles.T @ (weight[:, None] * singles) + 1e-6 * np.eye(singles.shape[1])
    rows: list[Array] = []
    possible = 0
    for left, right in _pairs_of_groups(groups):
        both = (x[:, left, None] * x[:, None, right]).reshape(len(x), -1)
        possible += both.shape[1]
        count = both.sum(axis=0)
        enough = np.flatnonzero(count >= LEAST)
        if not len(enough):
            continue
        both, count = both[:, enough], count[enough]
        alone = both - singles @ np.linalg.solve(inner, singles.T @ (weight[:, None] * both))
        information = weight @ alone**2
        z = (rest @ alone) / np.sqrt(np.maximum(information, 1e-12))
        width = right.stop - right.start
        found = np.stack(
            [
                left.start + enough // width, right.start + enough % width, good @ both, count - good @ both, p @ both,
                2 * ndtr(-np.abs(z)),
            ]
        )  # fmt: skip
        rows.append(found[:, information >= INFORMATION])
    table = np.concatenate(rows, axis=1) if rows else np.zeros((6, 0))
    first, second, likes, dislikes = table[:4].astype(np.int64)
    return PairTests(first, second, likes, dislikes, table[4], table[5], possible)


def _pairs_of_groups(groups: Sequence[str | None]) -> Iterator[tuple[slice, slice]]:
    """Runs of columns of one category, two by two."""
    starts = [k for k in range(len(groups)) if k == 0 or groups[k] != groups[k - 1]]
    runs = [slice(a, b) for a, b in zip(starts, [*starts[1:], len(groups)], strict=True)]
    return combinations(runs, 2)
