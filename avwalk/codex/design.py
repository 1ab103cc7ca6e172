"""Which attributes each prompt of a codex has: a balanced design, not blind chance.

For the first n prompts, whatever n: each value of a category with k values and inclusion rate r is there n·r/k times,
give or take less than one. A category is there or not by counts that follow n·r; its values come in shuffled rounds
of all k. What that leaves open is decided so that pairs of values, of scenes and values too, come together equally
often: of the values still to come in a round, that which has met the prompt's others least. Ties are broken by chance
from the seed, so prompt n is a function of the seed, the scenes, the categories and n.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

MAX_LEVELS = 2048
"""Scenes and values whose pairs are watched; columns beyond that, the longest first, are balanced by themselves."""
_PURPOSE = 0xC0DE
_PASSES = 2
NONE = -1


@dataclass(frozen=True)
class DesignColumn:
    """A category as the design knows it.

    Attributes:
        size: number of its values, ≥ 1.
        rate: share of the prompts that have one, 0 to 1.
    """

    size: int
    rate: Fraction = Fraction(1)


def design(n: int, scenes: int, columns: Sequence[DesignColumn], seed: int) -> NDArray[np.int32]:
    """The values of the first n prompts.

    Args:
        n: prompts.
        scenes: number of scenes; prompt i has scene i mod ``scenes``.
        columns: categories.
        seed: 0 to 2⁶³ − 1.

    Returns:
        (n, len(columns)) index of the value, −1 where the category is left out. The rows of fewer prompts are the
        first rows of more.
    """
    return _Design(scenes, columns, seed).rows(n)


class _Design:
    """Draws row after row; its state is what was drawn before.

    A level is a scene, a value, or that a category is left out; they are numbered through all columns.
    """

    def __init__(self, scenes: int, columns: Sequence[DesignColumn], seed: int) -> None:
        self._scenes, self._columns = scenes, columns
        self._rng = np.random.default_rng([seed, _PURPOSE])
        self._included = [0] * len(columns)
        self._left: list[list[int]] = [[] for _ in columns]
        shares, self._first = [np.full(scenes, 1 / scenes)], [0]
        for column in columns:
            rate = float(column.rate)
            self._first.append(self._first[-1] + len(shares[-1]))
            shares.append(np.append(np.full(column.size, rate / column.size), 1 - rate))
        self._watched, levels = [False] * len(shares), 0
        for k in sorted(range(len(shares)), key=lambda k: len(shares[k])):
            self._watched[k] = levels + len(shares[k]) <= MAX_LEVELS
            levels += len(shares[k]) * self._watched[k]
        at = 0
        for k, share in enumerate(shares):
            self._first[k] = at if self._watched[k] else 0
            at += len(share) * self._watched[k]
        self._share = np.concatenate([share for k, share in enumerate(shares) if self._watched[k]] or [np.ones(1)])
        self._met = np.zeros((len(self._share), len(self._share)))
        """How often two levels came together, over how often they should for each prompt."""

    def rows(self, n: int) -> NDArray[np.int32]:
        """The first n rows, of a design that has drawn none."""
        found = np.full((n, len(self._columns)), NONE, np.int32)
        for i in range(n):
            for k, value in enumerate(self._row(i)):
                found[i, k] = value if value < self._columns[k].size else NONE
        return found

    def _row(self, i: int) -> list[int]:
        count = len(self._columns)
        options = [self._options(i, k) for k in range(count)]
        order = self._rng.permutation(count).tolist()
        ties = self._rng.random(sum(map(len, options)))
        starts = np.cumsum([0, *map(len, options)])
        chosen: list[int | None] = [i % self._scenes, *(each[0] if len(each) == 1 else None for each in options)]
        for _ in range(_PASSES):
            for k in order:
                if len(options[k]) > 1:
                    chosen[k + 1] = self._best(k + 1, options[k], ties[starts[k] : starts[k + 1]], chosen)
        row = [value for value in chosen if value is not None]
        self._count(row)
        return row[1:]

    def _options(self, i: int, k: int) -> list[int]:
        """Values that prompt i may have in column k: those still to come in the round, and none, as the rate allows."""
        column, m = self._columns[k], self._included[k]
        due = column.rate * (i + 1)
        low, high = due.numerator // due.denominator, -(-due.numerator // due.denominator)
        if not self._left[k]:
            self._left[k] = list(range(column.size))
        found = list(self._left[k]) if m + 1 <= high else []
        if m >= low:
            found.append(column.size)
        return found

    def _levels(self, chosen: Sequence[int | None], without: int = -1) -> list[int]:
        """The watched levels of a row as far as it is chosen."""
        return [
            self._first[k] + value
            for k, value in enumerate(chosen)
            if value is not None and k != without and self._watched[k]
        ]

    def _best(self, k: int, options: list[int], ties: NDArray[np.float64], chosen: Sequence[int | None]) -> int:
        """The option that raises the unevenness of pairs, Σ (count − expected)² / expected, least."""
        others = np.array(self._levels(chosen, k), int)
        if not self._watched[k] or not len(others):
            return options[int(np.argmin(ties))]
        cost = self._met[np.ix_(self._first[k] + np.array(options), others)].sum(1)
        low = cost.min()
        near = cost <= low * (1 + 1e-9)
        return options[int(np.argmin(np.where(near, ties, 2.0)))]

    def _count(self, row: Sequence[int]) -> None:
        levels = np.array(self._levels(row), int)
        self._met[np.ix_(levels, levels)] += 1 / np.outer(self._share[levels], self._share[levels])
        for k, value in enumerate(row[1:]):
            if value < self._columns[k].size:
                self._included[k] += 1
                self._left[k].remove(value)
