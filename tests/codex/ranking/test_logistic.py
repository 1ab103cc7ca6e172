"""Ridge logistic regression, and whether it knows anything."""

from __future__ import annotations

import numpy as np
import pytest

from avwalk.codex.ranking.logistic import Auc, cross_validated_auc, fit


def marks(n: int, seed: int, strength: float) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    x = rng.standard_normal((n, 5))
    return x, rng.random(n) < 1 / (1 + np.exp(-strength * x[:, 2]))


def test_the_weights_are_where_the_gradient_vanishes() -> None:
    x, good = marks(120, 0, 2.0)
    model = fit(x, good, 4.0)
    p = 1 / (1 + np.exp(-model.log_odds(x)))
    assert x.T @ (good - p) == pytest.approx(4.0 * model.weights, abs=0.01)
    assert (good - p).sum() == pytest.approx(0, abs=0.01)
    assert int(np.argmax(np.abs(model.weights))) == 2


def test_more_ridge_shrinks() -> None:
    x, good = marks(120, 0, 2.0)
    sizes = [float(np.abs(fit(x, good, ridge).weights).sum()) for ridge in (1.0, 10.0, 1e6)]
    assert sizes[0] > sizes[1] > sizes[2] and sizes[2] < 1e-3


def test_marks_of_one_kind_are_fitted_without_running_away() -> None:
    model = fit(np.eye(6), np.ones(6, bool))
    assert np.isfinite(model.weights).all() and np.isfinite(model.intercept)


def test_a_taste_is_known_and_it_is_said() -> None:
    auc = cross_validated_auc(*marks(200, 1, 2.0))
    assert auc is not None and auc.knows and auc.value > 0.75
    assert auc.low < auc.value < auc.high and "knows nothing" not in auc.text


def test_random_marks_are_known_seldom() -> None:
    told = [cross_validated_auc(*marks(60, seed, 0.0)) for seed in range(60)]
    known = [auc for auc in told if auc is not None and auc.knows]
    assert len(known) <= 8  # of 60 at 5 %: more than 8 in 0.3 % of cases
    rest = next(auc for auc in told if auc is not None and not auc.knows)
    assert rest.text.startswith("knows nothing")


@pytest.mark.parametrize("n_bad", [0, 1, 3])
def test_too_few_of_a_kind_are_not_validated(n_bad: int) -> None:
    x, _ = marks(30, 0, 1.0)
    assert cross_validated_auc(x, np.arange(30) >= n_bad) is None


def test_what_is_separated_has_an_auc_of_one() -> None:
    x = np.linspace(-1, 1, 40)[:, None]
    assert cross_validated_auc(x, x[:, 0] > 0) == Auc(1.0, 1.0, 1.0)
