"""Salience on films whose truth is known."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter

from avwalk.video.salience import LEAST, DetailMeter, Salience, salience

FPS = 30.0
HITS = np.arange(20, 380, 30)
Film = Callable[[int], np.ndarray]
TEXTURE = gaussian_filter(np.random.default_rng(0).random((90, 160)), 2).astype(np.float32)
TEXTURE = (0.5 + 0.15 * (TEXTURE - TEXTURE.mean()) / TEXTURE.std()).clip(0, 1)


def measured(film: Film, hits: np.ndarray = HITS, n: int = 400, fps: float = FPS) -> Salience:
    meter = DetailMeter()
    for _ in meter.watch(film(i).astype(np.float32) for i in range(n)):
        pass
    assert meter.change.shape == (n, 9)
    found = salience(meter.change, hits, fps)
    assert found is not None
    return found


def shimmer(i: int) -> np.ndarray:
    """Detail that changes as much in every frame, and everywhere."""
    return np.asarray(0.5 + (TEXTURE - 0.5) * (1 if i % 2 else 0.97) * (-1) ** (i % 2))


def ring(i: int) -> np.ndarray:
    """0.4 where a small ring is, in the upper right; it is born with a hit, grows, and is gone after four frames."""
    age = min((i - hit for hit in HITS if i >= hit), default=99)
    yy, xx = np.mgrid[:90, :160]
    far = np.hypot(yy - 15, xx - 130)
    return np.asarray(0.4 * (np.abs(far - 4 - age) < 1.5) * (age < 4))


def test_change_is_as_defined() -> None:
    """Noise has no contrast that would be taken off; ninths are means of their areas."""
    frames = [f.astype(np.float32) for f in np.random.default_rng(1).random((3, 90, 160))]
    meter = DetailMeter()
    for frame in frames:
        meter.push(frame)
    first, second = (np.abs(np.diff([f - gaussian_filter(f, 8) for f in pair], axis=0))[0] * 255
                     for pair in (frames[:2], frames[1:]))  # fmt: skip
    assert meter.change.mean(axis=1) == pytest.approx([first.mean(), first.mean(), second.mean()], rel=5e-3)
    assert meter.change[1, 0] == pytest.approx(first[:30, :53].mean(), rel=0.02)
    assert meter.change[2, 8] == pytest.approx(second[60:, 107:].mean(), rel=0.02)


def test_a_small_ring_at_hits_is_found_in_the_busiest_ninth() -> None:
    found, calm = measured(lambda i: 0.3 + 0.02 * (i % 2) * TEXTURE + ring(i)), measured(shimmer)
    assert found.busiest > 2.5 > 1.1 * found.whole, "small in the whole"
    assert found.busiest_levels > 3.5 * found.levels and found.busiest_levels > 3
    assert calm.busiest == pytest.approx(1, abs=0.05) and found.hits == len(HITS) and not found.shifted


def test_what_appears_between_hits_is_none_of_theirs() -> None:
    assert measured(lambda i: 0.3 + ring(i), (HITS + 14)[:-1]).busiest < 0.2


@pytest.mark.parametrize("how", ["added", "multiplied", "veiled"])
def test_strobing_buys_nothing(how: str) -> None:
    """Light that is added, that multiplies, or that veils, on a picture that moves a little."""

    def strobe(i: int) -> np.ndarray:
        g = 0.1 + 0.5 * np.roll(TEXTURE, i, axis=1)
        flash = np.isin(i, HITS) or np.isin(i - 1, HITS)
        lit = {"added": g + 0.3, "multiplied": 1.6 * g, "veiled": 0.6 * g + 0.4}
        return np.asarray(lit[how] if flash else g)

    found = measured(strobe)
    assert found.whole == pytest.approx(1, abs=0.2) and found.busiest == pytest.approx(1, abs=0.2)


def test_a_film_at_rest_has_none() -> None:
    found = measured(lambda i: TEXTURE)
    assert found[:6] == (1, 1, 0, 0, 0, 0)
    assert measured(lambda i: 0.3 + ring(i)).busiest > 3 / LEAST, "on a still ground all is due to the hits"


def test_a_loud_passage_that_moves_more_is_no_hit() -> None:
    """Hits only where all moves four times as much: as much at rest there as at hits."""

    def loud(i: int) -> np.ndarray:
        return np.asarray(
            0.5 + (TEXTURE - 0.5) * (1 + (0.02 if i < 200 else 0.08) * (-1) ** i * np.sin(np.arange(160) / 3))
        )

    found = measured(loud, np.arange(215, 390, 15))
    assert found.whole == pytest.approx(1, abs=0.1) and found.busiest == pytest.approx(1, abs=0.1)
    assert not found.shifted and found.hits == len(np.arange(215, 390, 15))


def test_noise_scores_one_although_the_largest_of_nine_is_taken() -> None:
    """Also a few bright specks, which are in one ninth by chance: rest takes the largest of nine likewise."""
    rng = np.random.default_rng(3)
    assert measured(lambda i: rng.random((90, 160))).busiest == pytest.approx(1, abs=0.02)

    def specks(i: int) -> np.ndarray:
        g = np.full((90, 160), 0.3)
        g[rng.integers(0, 90), rng.integers(0, 160)] = 1
        return g

    found = measured(specks)
    assert found.busiest == pytest.approx(1, abs=0.12) and found.busiest_rest > 1.5 * found.rest


def test_where_nothing_is_at_rest_hits_are_compared_with_other_times() -> None:
    dense = np.arange(5, 395, 6)
    found = measured(shimmer, dense)
    assert found.shifted and found.whole == pytest.approx(1, abs=0.02)
    blink = measured(lambda i: 0.3 + 0.2 * TEXTURE * (i % 8 == 5), np.arange(5, 396, 8))
    assert blink.shifted and blink.whole > 1.05, "little of the film is far from a hit, so it cannot be much more"


@pytest.mark.parametrize("n", [0, 1, 6, 7, 8])
def test_films_of_a_few_frames(n: int) -> None:
    meter = DetailMeter()
    for i in range(n):
        meter.push(TEXTURE + np.float32(0.01 * i))
    found = salience(meter.change, np.array([3]), FPS)
    assert (found is None) == (n < 7)
    assert found is None or np.isfinite(found).all()
    assert salience(meter.change, np.zeros(0, np.int64), FPS) is None


@pytest.mark.parametrize("fps", [12.0, 24000 / 1001, 60.0])
def test_at_other_frame_rates(fps: float) -> None:
    hits = np.round(np.arange(1, 9) * fps).astype(int)
    found = measured(lambda i: TEXTURE if i in hits else 0.9 * TEXTURE + 0.05, hits, round(10 * fps), fps)
    assert found.hits == 8 and found.whole == pytest.approx(1, abs=0.05), "a veil again"
