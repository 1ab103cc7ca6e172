"""Ridge logistic regression, and what it knows: its AUC on pictures that it was not fitted to."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
RIDGE = 4.0
"""Strength of the prior: each weight is normal around 0 with a standard deviation of ½, odds of 1.6."""
FOLDS, REPEATS = 5, 4
LEAST = 4
"""Marks of either kind without which nothing is validated."""


@dataclass(frozen=True)
class Logistic:
    """A fitted model: P(good) = 1 / (1 + exp(−(x·weights + intercept))).

    Attributes:
        weights: (m,) log-odds.
        intercept: log-odds.
    """

    weights: Array
    intercept: float

    def log_odds(self, x: Array) -> Array:
        """Of rows (n, m): (n,)."""
        found: Array = x @ self.weights + self.intercept
        return found


@dataclass(frozen=True)
class Auc:
    """Cross-validated area under the ROC curve: how often a good picture comes before a bad one; ½ is guessing.

    Attributes:
        value: mean over the folds, 0 to 1.
        low: of its 95 % interval.
        high: of its 95 % interval.
    """

    value: float
    low: float
    high: float

    @property
    def knows(self) -> bool:
        """Whether it is better than guessing: a guess is taken for more in one case of twenty."""
        return self.low > 0.5

    @property
    def text(self) -> str:
        """In words."""
        figure = f"AUC {self.value:.2f} ({self.low:.2f} to {self.high:.2f}; 0.50 is guessing)"
        if not self.knows:
            return f"knows nothing about pictures that it was not shown: {figure}"
        return f"puts a good picture before a bad one in {self.value:.0%} of cases: {figure}"


def fit(x: Array, good: NDArray[np.bool_], ridge: float = RIDGE) -> Logistic:
    """The most probable weights under a normal prior of precision ``ridge``; the intercept has none.

    Args:
        x: (n, m) features.
        good: (n,) marks, both kinds.
        ridge: > 0.
    """
    from scipy.optimize import minimize
    from scipy.special import expit

    n, m = x.shape
    y, rows = good.astype(np.float64), np.hstack([x, np.ones((n, 1))])
    penalty = np.append(np.full(m, ridge), 1e-6)

    def loss(weights: Array) -> tuple[float, Array]:
        z = rows @ weights
        value = np.logaddexp(0, z).sum() - y @ z + 0.5 * (penalty * weights) @ weights
        return float(value), rows.T @ (expit(z) - y) + penalty * weights

    share = min(max(float(y.mean()), 1 / (n + 1)), n / (n + 1))
    start = np.append(np.zeros(m), math.log(share / (1 - share)))
    weights = np.asarray(minimize(loss, start, jac=True, method="L-BFGS-B").x, np.float64)
    return Logistic(weights[:-1], float(weights[-1]))


def cross_validated_auc(x: Array, good: NDArray[np.bool_], ridge: float = RIDGE) -> Auc | None:
    """AUC of `fit`, measured inside each of 4 × 5 stratified folds; None with less than 4 marks of a kind.

    Folds share pictures, so that their spread alone would make the interval too narrow; it is widened as Nadeau and
    Bengio (2003) do it.

    Args:
        x: (n, m) features.
        good: (n,) marks.
        ridge: as in `fit`.
    """
    from scipy.stats import t

    fewest = min(int(good.sum()), int((~good).sum()))
    if fewest < LEAST:
        return None
    k = min(FOLDS, fewest)
    rng, found = np.random.default_rng(0), []
    for _ in range(REPEATS):
        fold = np.empty(len(good), np.int64)
        for kind in (True, False):
            rows = rng.permutation(np.flatnonzero(good == kind))
            fold[rows] = np.arange(len(rows)) % k
        for j in range(k):
            test = fold == j
            found.append(_auc(fit(x[~test], good[~test], ridge).log_odds(x[test]), good[test]))
    values = np.array(found)
    spread = math.sqrt((1 / len(values) + 1 / (k - 1)) * float(values.var(ddof=1)))
    reach = float(t.ppf(0.975, len(values) - 1)) * spread
    value = float(values.mean())
    return Auc(value, max(0.0, value - reach), min(1.0, value + reach))


def _auc(score: Array, good: NDArray[np.bool_]) -> float:
    """Share of pairs of a good and a bad one in the right order; a tie is half of one."""
    from scipy.stats import rankdata

    n1 = int(good.sum())
    above = float(rankdata(score)[good].sum()) - n1 * (n1 + 1) / 2
    return above / (n1 * (len(good) - n1))
