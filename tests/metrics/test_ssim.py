"""SSIM against the formula, window by window."""

from __future__ import annotations

import numpy as np
import pytest

from avwalk.metrics.ssim import ssim


def picture(seed: int, h: int = 24, w: int = 31) -> np.ndarray:
    return np.random.default_rng(seed).random((h, w, 3), np.float32)


def by_the_paper(a: np.ndarray, b: np.ndarray) -> float:
    x, y = (each.astype(np.float64) @ [0.299, 0.587, 0.114] for each in (a, b))
    at = np.arange(11) - 5
    window = np.exp(-(at[:, None] ** 2 + at**2) / (2 * 1.5**2))
    window /= window.sum()
    values = []
    for i in range(x.shape[0] - 10):
        for j in range(x.shape[1] - 10):
            p, q = x[i : i + 11, j : j + 11], y[i : i + 11, j : j + 11]
            mp, mq = (window * p).sum(), (window * q).sum()
            vp, vq, c = ((window * u * v).sum() - m for u, v, m in ((p, p, mp * mp), (q, q, mq * mq), (p, q, mp * mq)))
            values.append((2 * mp * mq + 1e-4) * (2 * c + 9e-4) / ((mp * mp + mq * mq + 1e-4) * (vp + vq + 9e-4)))
    return float(np.mean(values))


def test_it_is_the_papers() -> None:
    a, b = picture(0), picture(1)
    for other in (b, 0.7 * a + 0.3 * b, a * 0.5, np.zeros_like(a)):
        assert ssim(a, other.astype(np.float32)) == pytest.approx(by_the_paper(a, other), abs=1e-6)
    assert ssim(a, a) == pytest.approx(1, abs=1e-9) and ssim(a, b) == pytest.approx(ssim(b, a))


def test_noise_lowers_it_and_sizes_may_differ() -> None:
    a = np.broadcast_to(np.linspace(0, 1, 64, dtype=np.float32)[None, :, None], (48, 64, 3)).copy()
    noise = np.random.default_rng(0).standard_normal(a.shape).astype(np.float32)
    values = [ssim(a, np.clip(a + level * noise, 0, 1)) for level in (0.01, 0.05, 0.2)]
    assert 1 > values[0] > values[1] > values[2] > 0
    assert ssim(a, a[::2, ::2]) > 0.98 and -1 <= ssim(a[:3, :2], a[:5, :9]) <= 1
