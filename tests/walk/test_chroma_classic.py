"""Deep Music Visualizer's formulas against its algorithm, written down once more, frame by frame."""

from __future__ import annotations

import numpy as np
import pytest

from avwalk.walk import chroma_classic as classic
from avwalk.walk.bands import truncated_noise

IMAGENET = 1000
DIM = 24


def inputs(seed: int, n_frames: int = 430) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    power = np.abs(np.cumsum(rng.standard_normal(n_frames))) + 20 * (rng.random(n_frames) > 0.95)
    chroma = rng.random((12, n_frames)) ** 4 * (1 + np.arange(12)[:, None] * 5 % 12)
    chroma[:, :3] = 0.0
    chroma[4, 100:200] = 0.0
    return power, chroma


def noise_vectors(
    power: np.ndarray, z0: np.ndarray, drawn: np.ndarray, ts: float, jitter: float, truncation: float
) -> list[list[float]]:
    gradient = np.gradient(power)
    gradient = gradient / max(gradient)
    rising = [max(g, 0.0) for g in gradient]
    present = [(p - min(power)) / (max(power) - min(power)) for p in power]
    z, before = list(z0), [0.0] * len(z0)
    direction = [1.0 if v < 0 else -1.0 for v in z0]
    vectors = [list(z)]
    for i in range(len(power)):
        if i % 200 == 0:
            jitters = [1.0 if d < 0.5 else 1 - jitter for d in drawn[i // 200]]
        for j in range(len(z)):
            u = ts * (rising[i] + present[i]) * direction[j] * jitters[j]
            u = (u + 3 * before[j]) / 4
            z[j] += u
            before[j] = u
            if z[j] >= 2 * truncation - ts:
                direction[j] = -1.0
            elif z[j] < -2 * truncation + ts:
                direction[j] = 1.0
        vectors.append(list(z))
    return vectors


def class_vectors(
    chroma: np.ndarray, labels: list[int], num_classes: int, ps: float, depth: float, by_power: bool
) -> list[np.ndarray]:
    order = list(reversed(np.argsort([np.mean(row) for row in chroma]).tolist()))
    if by_power:
        labels = [labels[s] for s in np.argsort(order[:num_classes])]
    first = min(int(np.nonzero(row > 0)[0][0]) for row in chroma)
    before = np.zeros(IMAGENET)
    for j, pitch in enumerate(order[:num_classes]):
        before[labels[pitch if num_classes == 12 else j]] = chroma[pitch][first]
    vectors = [before]
    for i in range(chroma.shape[1]):
        c = np.zeros(IMAGENET)
        for j in range(num_classes):
            c[labels[j]] = (before[labels[j]] + chroma[order[j]][i] / ps) / (1 + 1 / ps)
        if num_classes > 6:
            smallest = min(v for v in c if v != 0)
            c = np.array([smallest if v == 0 else v for v in c])
            c = (c - smallest) / (max(c) - min(c))
        else:
            c = c / max(c)
        c = c * depth
        if np.std([v for v in c if v != 0]) < 1e-7:
            c[labels[0]] += 0.01
        vectors.append(c)
        before = c
    return vectors


def smooth(vectors: list[np.ndarray], s: int) -> list[np.ndarray]:
    out = []
    for c in range(len(vectors) // s - 1):
        here = np.mean(vectors[c * s : (c + 1) * s], axis=0)
        there = np.mean(vectors[(c + 1) * s : (c + 2) * s], axis=0)
        for j in range(s):
            out.append(here + (there - here) * j / (s - 1))
    return out


@pytest.mark.parametrize(
    ("tempo_sensitivity", "jitter", "truncation", "frame_length"),
    [(0.25, 0.5, 1.0, 512), (0.8, 1.0, 0.3, 512), (0.3, 0.0, 0.6, 1024)],
)
def test_noise_vectors(tempo_sensitivity: float, jitter: float, truncation: float, frame_length: int) -> None:
    rng = np.random.default_rng(1)
    power, _ = inputs(1)
    z0, drawn = truncated_noise(rng, (1, DIM), truncation)[0], rng.random((classic.n_draws(430), DIM))
    ts = tempo_sensitivity * frame_length / 512
    theirs = noise_vectors(power, z0, drawn, ts, jitter, truncation)
    found = classic.noise(
        power,
        z0,
        drawn,
        tempo_sensitivity=tempo_sensitivity,
        jitter=jitter,
        truncation=truncation,
        frame_length=frame_length,
    )
    assert np.allclose(found, theirs, atol=1e-9)
    assert np.abs(found).max() > truncation  # it gets about


@pytest.mark.parametrize("num_classes", [1, 2, 6, 7, 11, 12])
@pytest.mark.parametrize("by_power", [False, True])
@pytest.mark.parametrize(("pitch_sensitivity", "depth"), [(220, 1.0), (295, 0.4)])
def test_class_vectors(num_classes: int, by_power: bool, pitch_sensitivity: int, depth: float) -> None:
    _, chroma = inputs(num_classes)
    labels = np.random.default_rng(2).permutation(IMAGENET)[:12].tolist()[:num_classes]
    theirs = np.array(class_vectors(chroma, labels, num_classes, 300 - pitch_sensitivity, depth, by_power))
    found = classic.weights(
        chroma,
        num_classes,
        pitch_sensitivity=pitch_sensitivity,
        num_classes=num_classes,
        sort_classes_by_power=by_power,
        depth=depth,
    )
    assert found.shape == (431, num_classes)
    assert np.allclose(found, theirs[:, labels], atol=1e-10)
    assert found[50:].max() == pytest.approx(depth if num_classes > 1 else depth + 0.01)


def test_frame_length_scales_the_average() -> None:
    _, chroma = inputs(3)
    labels = list(range(12))
    theirs = np.array(class_vectors(chroma, labels, 12, (300 - 220) * 512 / 256, 1.0, False))
    assert np.allclose(classic.weights(chroma, 12, frame_length=256), theirs[:, :12], atol=1e-10)


@pytest.mark.parametrize(("n", "s"), [(431, 20), (400, 20), (419, 13), (25, 20), (39, 20)])
def test_smoothing_loses_its_end(n: int, s: int) -> None:
    vectors = np.random.default_rng(4).random((n, 12))
    theirs = smooth(list(vectors), s)
    found = classic.smoothed(vectors, s)
    assert s <= n - len(found) <= 2 * s - 1
    assert np.allclose(found, np.array(theirs).reshape(-1, 12), atol=1e-12)


def test_smoothing_counts_in_frames_of_512() -> None:
    vectors = np.random.default_rng(4).random((200, 3))
    assert np.allclose(classic.smoothed(vectors, 20, 1024), smooth(list(vectors), 10))
    assert classic.smoothed(vectors, 1) is vectors


def test_its_frames_are_found_by_time_and_nothing_is_lost() -> None:
    vectors = np.arange(100.0)[:, None] * [1.0, -2.0]
    found = classic.on_film(vectors, 30000 / 1001, 90)
    position = np.arange(90) * 1001 / 30000 * 22050 / 512
    assert len(found) == 90
    assert np.allclose(found[:, 0], np.minimum(position, 99.0)) and np.allclose(found[:, 1], -2 * found[:, 0])
    assert np.array_equal(classic.on_film(vectors[:1], 30.0, 3), np.tile(vectors[:1], (3, 1)))


def test_silence_is_defined() -> None:
    quiet = classic.noise(np.zeros(50), np.ones(4), np.zeros((1, 4)))
    assert np.array_equal(quiet, np.ones((51, 4)))
    for num_classes in (5, 12):
        assert np.array_equal(
            classic.weights(np.zeros((12, 50)), num_classes, num_classes=num_classes), np.zeros((51, num_classes))
        )


def film(rows: np.ndarray, fps: float, n_frames: int, n_classes: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Latents and class weights on the frame clock, of rows as a song's: power, then chroma."""
    rng = np.random.default_rng(seed)
    first, drawn = truncated_noise(rng, (1, DIM), 1.0)[0], rng.random((classic.n_draws(rows.shape[1]), DIM))
    shares = classic.weights(rows[1:], n_classes, num_classes=min(12, n_classes))
    lines = classic.smoothed(shares)
    shown = classic.on_film(lines if len(lines) else shares, fps, n_frames)
    return classic.on_film(classic.noise(rows[0], first, drawn), fps, n_frames), shown


def test_a_film_has_every_frame_and_theirs_at_their_times() -> None:
    power, chroma = inputs(5)
    rows = np.concatenate([power[None], chroma])
    fps = 22050 / 512
    z, weights = film(rows, fps, 450, 12, 9)
    shares = classic.smoothed(classic.weights(chroma, 12))
    assert z.shape == (450, DIM) and weights.shape == (450, 12)
    assert np.allclose(weights[: len(shares)], shares) and np.allclose(weights[len(shares) :], shares[-1])
    drawn = z[0]
    assert np.abs(drawn).max() <= 2 and not np.allclose(z[200], z[430], atol=0.1)
    again, _ = film(rows, fps, 450, 12, 9)
    other, _ = film(rows, fps, 450, 12, 10)
    assert np.array_equal(z, again) and not np.allclose(z[0], other[0])


def test_a_short_song_and_few_classes_work() -> None:
    power, chroma = inputs(5, 12)
    z, weights = film(np.concatenate([power[None], chroma / chroma.max()]), 30.0, 8, 3, 9)
    assert z.shape == (8, DIM) and weights.shape == (8, 3) and np.isfinite(weights).all()
    assert weights.max() <= 1.0 + 1e-12
