"""Posteriors of attributes, and findings among many."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import fisher_exact

from avwalk.codex.ranking.posterior import Prior, chance_of, findings, posterior_of


def test_the_posterior_is_the_beta_of_marks_and_prior() -> None:
    found = posterior_of(np.array([18, 0, 3]), np.array([2, 0, 0]), Prior(0.4))
    assert found.mean == pytest.approx([(18 + 1.6) / 24, 0.4, (3 + 1.6) / 7])
    assert (found.low < found.mean).all() and (found.mean < found.high).all()
    assert found.mean[0] > found.mean[2]  # three of three do not come before 18 of 20


def test_intervals_hold_nine_in_ten() -> None:
    rng = np.random.default_rng(0)
    shares = rng.beta(2, 2, 4000)
    likes = rng.binomial(20, shares)
    found = posterior_of(likes, 20 - likes, Prior(0.5))
    assert ((found.low <= shares) & (shares <= found.high)).mean() == pytest.approx(0.9, abs=0.02)


def test_chance_is_fishers_but_for_half_of_the_split_itself() -> None:
    likes, dislikes = np.array([18, 9, 2]), np.array([4, 11, 15])
    chance = chance_of(likes, dislikes, 80, 120)
    exact = [
        fisher_exact([[a, b], [80 - a, 120 - b]]).pvalue for a, b in zip(likes.tolist(), dislikes.tolist(), strict=True)
    ]
    assert (chance <= np.array(exact) + 0.02).all() and (chance >= np.array(exact) / 3).all()
    assert chance[0] < 0.001 < chance[1] and chance[1] > 0.3


def test_marks_of_one_kind_are_chance() -> None:
    assert chance_of(np.array([5, 9]), np.array([0, 0]), 14, 0) == pytest.approx([1, 1])


def test_a_split_that_one_test_would_find_is_none_among_many() -> None:
    assert findings(np.array([0.01]), 0.05).tolist() == [True]
    assert not findings(np.array([0.01, *np.linspace(0.1, 1, 99)]), 0.05).any()
    assert findings(np.zeros(0), 0.05).tolist() == []
