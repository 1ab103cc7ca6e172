"""The network's runner: shapes, silence, chunks, convolution."""

import numpy as np
import pytest
from numpy.typing import NDArray

from avwalk.features.beats import network
from avwalk.features.beats.bands import N_BANDS, band_bank
from avwalk.features.beats.convolution import convolve
from avwalk.features.beats.weights import digest, weights


def some_bands(n: int) -> NDArray[np.float16]:
    rng = np.random.default_rng(n)
    return (rng.uniform(0, 0.4, (n, N_BANDS)) * (0.3 + 0.7 * (np.arange(n) % 50 < 8))[:, None]).astype(np.float16)


@pytest.mark.parametrize("n", [0, 1, 2, 3, 101, 3000])
def test_every_frame_has_its_probabilities(n: int) -> None:
    out = network.listen(some_bands(n))
    for name in ("beat", "downbeat", "boundary", "voice", "drums"):
        assert getattr(out, name).shape == ((n + 1) // 2,)
    for name in ("kick", "snare", "hat"):
        assert getattr(out, name).shape == (n,)
    assert out.loud.shape == (n, 3)
    for curve in vars(out).values():
        assert curve.dtype == np.float32 and np.isfinite(curve).all()
        assert ((curve >= 0) & (curve <= 1)).all()


def test_silence_has_neither_beats_nor_drums() -> None:
    out = network.listen(np.zeros((3000, N_BANDS), np.float16))
    assert max(out.beat.max(), out.kick.max(), out.snare.max(), out.hat.max()) < 0.3


def test_chunks_do_not_matter(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = network.listen(some_bands(14000))
    monkeypatch.setattr(network, "_CHUNK", 3000)
    parts = network.listen(some_bands(14000))
    for name, curve in vars(whole).items():
        np.testing.assert_allclose(getattr(parts, name), curve, atol=1e-6)  # the last bit of tanh depends on its place


def test_loudness_of_the_song_does_not_matter() -> None:
    bands = some_bands(2000)
    loud, quiet = network.listen(bands), network.listen((bands * np.float16(1 / 16)).astype(np.float16))
    np.testing.assert_allclose(quiet.beat, loud.beat, atol=0.02)


@pytest.mark.parametrize(("n", "dilation"), [(1, 1), (7, 1), (64, 2), (129, 8), (130, 64)])
def test_convolution_is_the_textbooks(n: int, dilation: int) -> None:
    rng = np.random.default_rng(n)
    x, w, bias = (rng.normal(size=shape).astype(np.float32) for shape in ((n, 5), (3, 5, 6), (6,)))
    wanted = np.tile(bias.astype(np.float64), (n, 1))
    for t in range(n):
        for k in range(3):
            if 0 <= (u := t + (k - 1) * dilation) < n:
                wanted[t] += x[u].astype(np.float64) @ w[k]
    np.testing.assert_allclose(convolve(x, w, bias, dilation), wanted, atol=1e-5)


def test_the_weights_are_small_and_known_by_their_digest() -> None:
    assert sum(each.size for each in weights().values()) <= 250_000
    assert len(digest()) == 64


def test_bands_cover_what_is_heard_at_any_rate() -> None:
    for rate in (8000, 22050, 44100, 48000):
        freqs = np.arange(0, rate / 2, 21.5)
        bank = band_bank(freqs)
        assert bank.shape == (len(freqs), N_BANDS) and (bank >= 0).all()
        covered = (freqs > 60) & (freqs < min(15000, rate / 2 - 400))
        assert bank[covered].sum(axis=1).min() > 0.2
    low, high = band_bank(np.arange(0, 22050, 21.53)), band_bank(np.arange(0, 24000, 21.43))
    np.testing.assert_allclose(low.sum(axis=0), high.sum(axis=0), rtol=0.15, atol=0.4)
