"""The balanced design: counts, pairs, and that more prompts change nothing of fewer."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from avwalk.codex import design as module
from avwalk.codex.design import NONE, DesignColumn, design

COLUMNS = st.lists(
    st.builds(DesignColumn, st.integers(1, 9), st.fractions(0, 1, max_denominator=20)), min_size=0, max_size=5
)


@settings(max_examples=40, deadline=None)
@given(st.integers(1, 12), COLUMNS, st.integers(0, 2**63 - 1), st.integers(1, 60))
def test_each_value_is_there_within_one_of_its_share_whatever_the_count(
    scenes: int, columns: list[DesignColumn], seed: int, n: int
) -> None:
    rows = design(n, scenes, columns, seed)
    for k, column in enumerate(columns):
        for m in range(1, n + 1):
            counts = np.bincount(rows[:m, k] + 1, minlength=column.size + 1)
            share = m * column.rate
            assert abs(int(counts[NONE + 1]) - (m - share)) < 1
            assert all(abs(int(count) - share / column.size) < 1 for count in counts[1:])


@settings(max_examples=25, deadline=None)
@given(st.integers(1, 9), COLUMNS, st.integers(0, 2**63 - 1), st.integers(1, 40), st.integers(1, 40))
def test_fewer_prompts_are_the_first_of_more(
    scenes: int, columns: list[DesignColumn], seed: int, n: int, more: int
) -> None:
    assert np.array_equal(design(n, scenes, columns, seed), design(n + more, scenes, columns, seed)[:n])


def chance(n: int, columns: list[DesignColumn], seed: int) -> NDArray[np.int32]:
    """What drawing each value by itself gives."""
    rng = np.random.default_rng(seed)
    rows = [np.where(rng.random(n) < float(c.rate), rng.integers(c.size, size=n), NONE) for c in columns]
    return np.stack(rows, 1).astype(np.int32)


def unevenness(rows: NDArray[np.int32], scenes: int, columns: list[DesignColumn]) -> float:
    """Root mean square of count − expected count over all pairs of values, scenes among them."""
    n = len(rows)
    every = np.column_stack([np.arange(n) % scenes, rows])
    sizes, rates = [scenes, *(c.size for c in columns)], [1.0, *(float(c.rate) for c in columns)]
    squares = []
    for a in range(len(sizes)):
        for b in range(a + 1, len(sizes)):
            table = np.zeros((sizes[a], sizes[b]))
            both = (every[:, a] >= 0) & (every[:, b] >= 0)
            np.add.at(table, (every[both, a], every[both, b]), 1)
            squares.append(np.mean((table - n * rates[a] * rates[b] / table.size) ** 2))
    return float(np.sqrt(np.mean(squares)))


def test_pairs_are_far_more_even_than_by_chance() -> None:
    for rate, most in ((Fraction(1), 0.5), (Fraction(7, 10), 0.6), (Fraction(1, 2), 0.7)):
        columns = [DesignColumn(6, rate)] * 8
        drawn = unevenness(design(198, 11, columns, 5), 11, columns)
        blind = np.mean([unevenness(chance(198, columns, seed), 11, columns) for seed in range(5)])
        assert drawn < most * blind


def test_pairs_stay_even_where_chance_drifts() -> None:
    columns = [DesignColumn(5)] * 4
    few, many = (unevenness(design(n, 6, columns, 3), 6, columns) for n in (60, 600))
    assert many < few * 1.3


def test_another_seed_is_another_order() -> None:
    columns = [DesignColumn(6)] * 3
    assert not np.array_equal(design(30, 5, columns, 1), design(30, 5, columns, 2))


def test_a_rate_of_zero_leaves_a_category_out_and_one_never_does() -> None:
    rows = design(50, 3, [DesignColumn(4, Fraction(0)), DesignColumn(4)], 0)
    assert (rows[:, 0] == NONE).all() and (rows[:, 1] != NONE).all()


def test_columns_too_long_for_pairs_are_balanced_by_themselves() -> None:
    long = DesignColumn(module.MAX_LEVELS + 7)
    rows = design(300, 4, [long, DesignColumn(3)], 0)
    assert len(set(rows[:, 0].tolist())) == 300
    assert (np.abs(np.bincount(rows[:, 1]) - 100) < 1).all()


def test_two_values_and_two_scenes_meet_equally_often() -> None:
    rows = design(40, 2, [DesignColumn(2), DesignColumn(2)], 9)
    every = np.column_stack([np.arange(40) % 2, rows])
    _, counts = np.unique(every[:, 1:], axis=0, return_counts=True)
    assert len(counts) == 4 and counts.max() - counts.min() <= 2
