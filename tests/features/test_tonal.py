from __future__ import annotations

import numpy as np
import pytest

from avwalk.features.spectrum import Stft
from avwalk.features.tonal import SPECTRA_RATE, ToneMeter, Tones, chroma_curves, key, key_name, novelty, openings

RATE = 22050


def tones_of(y: np.ndarray) -> Tones:
    n = round(len(y) / RATE * SPECTRA_RATE)
    stft = Stft(RATE, SPECTRA_RATE, n)
    meter = ToneMeter(stft.freqs, n)
    for spectra in [*stft.push(y.astype(np.float32)), *stft.finish()]:
        meter.push(spectra)
    return meter.finish()


def notes(midi: list[int], seconds: float, cents: float = 0.0) -> np.ndarray:
    t = np.arange(round(seconds * RATE)) / RATE
    partials = [
        np.sin(2 * np.pi * h * 440 * 2 ** ((m - 69 + cents / 100) / 12) * t) / h for m in midi for h in (1, 2, 3)
    ]
    return 0.1 * sum(partials, np.zeros(len(t)))


@pytest.mark.parametrize("cents", [0, 30, -40])
@pytest.mark.parametrize("root", [48, 57])
def test_a_chord_and_its_tuning(root: int, cents: float) -> None:
    tones = tones_of(notes([root, root + 4, root + 7], 2, cents))
    assert tones.tuning == pytest.approx(cents, abs=4)
    strongest = np.argsort(tones.chroma[10])[-3:]
    assert set(strongest) == {root % 12, (root + 4) % 12, (root + 7) % 12}


@pytest.mark.parametrize("tonic", [0, 4, 9])
def test_keys_of_cadences(tonic: int) -> None:
    def cadence(chords: list[list[int]]) -> np.ndarray:
        return np.concatenate([notes([48 + tonic + x for x in chord], 0.8) for chord in chords])

    major = cadence([[0, 4, 7], [5, 9, 12], [7, 11, 14], [0, 4, 7]])
    minor = cadence([[0, 3, 7], [5, 8, 12], [7, 11, 14], [0, 3, 7]])
    assert key(tones_of(major).chroma.sum(axis=0)) == tonic
    assert key(tones_of(minor).chroma.sum(axis=0)) == 12 + tonic


def test_no_pitch_no_key() -> None:
    assert key(np.zeros(12, np.float32)) == -1
    assert (key_name(21), key_name(0), key_name(-1)) == ("A minor", "C major", "none")


def test_silence() -> None:
    tones = tones_of(np.zeros(RATE))
    assert not tones.chroma.any() and (tones.colour == -100).all()
    assert not chroma_curves(tones, np.zeros(len(tones.chroma), np.float32)).any()
    assert not novelty(tones).any()


def test_novelty_peaks_where_the_chord_changes() -> None:
    y = np.concatenate([notes([48, 52, 55], 6), notes([54, 58, 61], 6)])
    tones = tones_of(y)
    assert abs(int(novelty(tones).argmax()) / tones.rate - 6) <= 0.2


@pytest.mark.parametrize("tonic", [0, 5, 9])
def test_what_parts_begin_with_tells_relative_keys_apart(tonic: int) -> None:
    def loop(chords: list[list[int]]) -> Tones:
        return tones_of(np.concatenate([notes([48 + tonic + x for x in chord], 1.0) for chord in chords * 2]))

    major, minor = [[0, 4, 7], [7, 11, 14], [9, 12, 16], [5, 9, 12]], [[-3, 0, 4], [5, 9, 12], [0, 4, 7], [7, 11, 14]]
    for chords, right in ((major, tonic), (minor, 12 + (tonic + 9) % 12)):
        tones = loop(chords)
        opening = openings(tones, [0.0, 4.0], 0.9)
        assert np.linalg.norm(opening) == pytest.approx(1)
        assert key(tones.chroma.sum(axis=0), opening=opening) == right
    assert not openings(tones_of(np.zeros(RATE)), [0.0], 1.0).any()
