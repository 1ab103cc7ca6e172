"""How much an attribute is liked: a Beta posterior, and how far that is from chance."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Counts = NDArray[np.int64]
STRENGTH = 4.0
"""Pictures that the prior counts for. Of tastes like those of the tests, nine in ten intervals hold the true share, of
attributes that are liked as of others; with 8 it is three in four of the liked ones."""


class Prior(NamedTuple):
    """Beta prior of an attribute's share of likes: it is the codex's own until its pictures say otherwise.

    So an attribute seen three times and liked thrice does not come before one liked 18 times of 20.

    Attributes:
        mean: share of likes of the whole codex, in (0, 1).
        strength: pictures that it counts for.
    """

    mean: float
    strength: float = STRENGTH


class Posterior(NamedTuple):
    """Shares of likes of m attributes, (m,) each, in [0, 1].

    Attributes:
        mean: of the posterior.
        low: 5th percentile.
        high: 95th percentile.
    """

    mean: Array
    low: Array
    high: Array


def posterior_of(likes: Counts, dislikes: Counts, prior: Prior) -> Posterior:
    """Posterior mean and 90 % interval of each attribute, by itself: the best of many is lucky, too.

    Args:
        likes: (m,)
        dislikes: (m,)
        prior: of all of them.
    """
    from scipy.stats import beta

    a = likes + prior.mean * prior.strength
    b = dislikes + (1 - prior.mean) * prior.strength
    return Posterior(a / (a + b), np.asarray(beta.ppf(0.05, a, b)), np.asarray(beta.ppf(0.95, a, b)))


def chance_of(likes: Counts, dislikes: Counts, good: int, bad: int) -> Array:
    """Probability of a split as uneven as this one, or more, if likes fell on pictures by chance: (m,).

    Fisher's exact test of each attribute against all other pictures, two-sided, with mid-P.

    Args:
        likes: (m,)
        dislikes: (m,)
        good: marks in all.
        bad: marks in all.
    """
    from scipy.stats import hypergeom

    drawn = likes + dislikes
    here = hypergeom.pmf(likes, good + bad, good, drawn)
    below = hypergeom.cdf(likes, good + bad, good, drawn) - here / 2
    return np.asarray(np.clip(2 * np.minimum(below, 1 - below), 0.0, 1.0), np.float64)


def findings(chances: Array, level: float) -> NDArray[np.bool_]:
    """Which of many tests are findings, so that of them at most ``level`` are chance (Benjamini and Hochberg 1995).

    Args:
        chances: (m,) probabilities.
        level: in (0, 1).
    """
    from scipy.stats import false_discovery_control

    return np.asarray(false_discovery_control(chances) <= level) if len(chances) else np.zeros(0, bool)
