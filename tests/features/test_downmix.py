"""A quiet song is analysed as the same song louder is."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
import soundfile

from avwalk.audio.decode import read_song
from avwalk.audio.probe import probe
from avwalk.contracts import Analysis
from avwalk.features.cache import cached_analysis
from avwalk.features.downmix import LOUD, SILENT, turned_up
from tests.conftest import clicks


def song_at(level: float, path: Path) -> Analysis:
    """Analysis of clicks and a chord, and a peak at a level."""
    tones = sum(np.sin(2 * np.pi * f * np.arange(8 * 44100) / 44100) for f in (220.0, 277.2, 329.6))
    sound = clicks(8.0) + 0.05 * np.asarray(tones, np.float32)
    soundfile.write(path, sound / np.abs(sound).max() * level, 44100, subtype="FLOAT")
    song = probe(path)
    return cached_analysis(song, lambda: read_song(song), Fraction(30))


@pytest.mark.parametrize("level", [2.0**-7, 2.0**-9, 2.0**-13])
def test_a_quiet_song_is_heard_as_a_loud_one(level: float, tmp_path: Path) -> None:
    loud, quiet = song_at(0.999, tmp_path / "loud.wav"), song_at(level * 0.999, tmp_path / "quiet.wav")
    assert quiet.score.tempo_bpm == pytest.approx(120, abs=1)
    assert quiet.score.tempo_bpm == loud.score.tempo_bpm
    np.testing.assert_allclose(quiet.score.beats, loud.score.beats, atol=1e-6)
    np.testing.assert_allclose(quiet.recurrence, loud.recurrence, atol=0.05)
    for name in ("rms", "chroma.A", "onset", "key"):
        np.testing.assert_allclose(quiet.signals[name], loud.signals[name], atol=0.05, err_msg=name)


def blocks(*levels: float) -> list[np.ndarray]:
    return [np.full((10, 2), level, np.float32) for level in levels]


def test_the_gain_is_a_power_of_two_and_for_quiet_songs_alone() -> None:
    def heard(*levels: float) -> list[float]:
        return [float(block[0, 0]) for block in turned_up(lambda: blocks(*levels))]

    assert heard(0.001, 0.003) == [np.float32(0.001) * 256, np.float32(0.003) * 256]
    for levels in ((0.0, 0.0), (SILENT, -SILENT), (LOUD * 1.01, 0.001), (0.001, -0.9), ()):
        assert heard(*levels) == [float(np.float32(level)) for level in levels]
    assert 0.5 <= max(map(abs, heard(SILENT * 1.01, -LOUD * 0.9))) <= 1


@pytest.mark.parametrize("quiet", [(), (0.001,), (0.001,) * 40])
def test_a_loud_song_is_not_read_to_its_end_for_that(quiet: tuple[float, ...]) -> None:
    read: list[int] = []

    def opened() -> Iterator[np.ndarray]:
        for k, block in enumerate(blocks(*quiet, 0.5, 0.5, 0.5)):
            read.append(k)
            yield block

    heard = turned_up(opened)
    n = len(quiet)
    assert read == [*range(n + 1)]
    assert [float(block[0, 0]) for block in heard] == [*map(np.float32, quiet), 0.5, 0.5, 0.5]
    assert read == ([*range(n + 3)] if n < 16 else [*range(n + 1), *range(n + 3)])


@pytest.mark.parametrize("seconds", [5.0, 5.5, 6.0, 7.0])
@pytest.mark.parametrize("kind", ["drone", "noise", "dither", "silence"])
def test_short_songs_without_beats_are_analysed(seconds: float, kind: str, tmp_path: Path) -> None:
    rng, n = np.random.default_rng(0), round(22050 * seconds)
    sound = {
        "drone": 0.3 * np.sin(2 * np.pi * 110 * np.arange(n) / 22050),
        "noise": rng.uniform(-0.3, 0.3, n),
        "dither": rng.integers(-1, 2, n) / 32768,
        "silence": np.zeros(n),
    }[kind]
    soundfile.write(tmp_path / "song.wav", sound, 22050, subtype="PCM_16")
    song = replace(probe(tmp_path / "song.wav"), sha256=f"{kind} {seconds}")
    found = cached_analysis(song, lambda: read_song(song), Fraction(30))
    assert np.isfinite(found.recurrence).all() and len(found.recurrence) == round(seconds / 2)
