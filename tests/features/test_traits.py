"""What a song is like as a whole: known of songs that are made to be so."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
import soundfile

from avwalk.audio.decode import read_song
from avwalk.audio.probe import probe
from avwalk.contracts import Analysis
from avwalk.features.analysis import analyze_song
from avwalk.features.cache import cached_analysis
from tests.conftest import clicks

RATE = 22050
TIME = np.arange(12 * RATE) / RATE


def chord(pitches: tuple[int, ...], overtones: int = 6) -> np.ndarray:
    """Pitches in semitones above C of the small octave, held for 12 s."""
    tones = [
        np.sin(2 * np.pi * 130.81 * 2 ** (p / 12) * k * TIME) / k for p in pitches for k in range(1, overtones + 1)
    ]
    return np.asarray(0.08 * sum(tones), np.float32)


def heard(path: Path, sound: np.ndarray) -> Analysis:
    soundfile.write(path, sound, RATE, subtype="FLOAT")
    song = probe(path)
    return analyze_song(song, read_song(song), Fraction(30))


def test_a_key_is_clear_where_there_is_one(tmp_path: Path) -> None:
    noise = 0.1 * np.random.default_rng(3).standard_normal(len(TIME)).astype(np.float32)
    tonal = heard(tmp_path / "a.wav", chord((9, 12, 16, 21))).traits  # A minor
    none = heard(tmp_path / "b.wav", noise).traits
    assert tonal["key"] == 21 and tonal["key_clarity"] > 0.3 and none["key_clarity"] < 0.12


def test_brightness_is_absolute_and_blind_to_loudness(tmp_path: Path) -> None:
    dull, bright = (heard(tmp_path / f"{n}.wav", chord((0, 4, 7), n)).traits["brightness"] for n in (1, 24))
    quiet = heard(tmp_path / "quiet.wav", 0.1 * chord((0, 4, 7), 24)).traits["brightness"]
    assert bright > dull + 1 and abs(quiet - bright) < 0.02


def test_dynamics_pauses_and_percussion(tmp_path: Path) -> None:
    steps = chord((0, 4, 7)) * np.where(TIME < 6, 1.0, 10 ** (-12 / 20)).astype(np.float32)
    assert heard(tmp_path / "a.wav", steps).traits["dynamics"] == pytest.approx(12, abs=0.5)
    gone = chord((0, 4, 7)) * (TIME % 4 < 3)
    assert heard(tmp_path / "b.wav", gone).traits["pauses"] == pytest.approx(0.2, abs=0.06)  # the last is no pause
    drums = heard(tmp_path / "c.wav", clicks(12.0)[::2])
    assert drums.traits["percussive"] > 0.7 and drums.traits["onsets"] > 1
    assert heard(tmp_path / "d.wav", chord((0, 4, 7))).traits["percussive"] < 0.4


def test_they_do_not_depend_on_the_frame_rate_and_are_kept(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "a.wav", chord((9, 12, 16)), RATE)
    song = probe(tmp_path / "a.wav")
    first, slow = (cached_analysis(song, lambda: read_song(song), Fraction(fps)).traits for fps in (30, 12))
    again = cached_analysis(song, lambda: pytest.fail("it was heard again"), Fraction(30)).traits
    assert first == again and slow["key"] == first["key"]
    assert all(slow[name] == pytest.approx(value, abs=0.3) for name, value in first.items())


def test_silence_has_none(tmp_path: Path) -> None:
    traits = dict(heard(tmp_path / "a.wav", np.zeros(RATE * 2, np.float32)).traits)
    assert traits.pop("key") == -1 and not any(traits.values())
