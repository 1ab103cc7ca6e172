"""Emptiness on pictures whose truth is known."""

from __future__ import annotations

import numpy as np

from avwalk.video.emptiness import ToneMeter, empty_runs

ALWAYS = np.ones(120, bool)


def tones(*runs: tuple[int, float, float]) -> np.ndarray:
    """Frames of stripes: of (how many, mean, deviation) in 8-bit levels."""
    meter = ToneMeter()
    stripes = np.where(np.arange(160) % 2, 1, -1) * np.ones((90, 1))
    frames = [((mean + spread * stripes) / 255).astype(np.float32) for n, mean, spread in runs for _ in range(n)]
    assert sum(1 for _ in meter.watch(frames)) == len(frames)
    return meter.tones


def test_tones_are_mean_and_deviation_in_levels() -> None:
    np.testing.assert_allclose(tones((2, 100, 30)), [[100, 30]] * 2, rtol=1e-4)


def test_without_light_or_contrast_a_frame_is_empty() -> None:
    dark, grey, fine = (tones((40, 100, 50), (40, *of), (40, 100, 50)) for of in ((15, 14), (128, 8), (25, 14)))
    assert empty_runs(dark, ALWAYS, 30) == empty_runs(grey, ALWAYS, 30) == [(40, 80)]
    assert empty_runs(fine, ALWAYS, 30) == []


def test_a_blink_is_none_and_nor_is_what_is_quiet() -> None:
    seen = tones((40, 100, 50), (21, 128, 0), (40, 100, 50), (19, 5, 0))
    assert empty_runs(seen, ALWAYS, 30) == []
    assert empty_runs(seen, ALWAYS, 25) == [(40, 61), (101, 120)], "0.84 s and 0.76 s"
    loud = np.arange(120) >= 45
    assert empty_runs(seen, loud, 25) == [(101, 120)], "16 frames of the first run are left"


def test_a_film_without_frames() -> None:
    assert empty_runs(ToneMeter().tones, np.zeros(0, bool), 30) == []
