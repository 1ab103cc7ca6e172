from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile

from avwalk.audio.probe import probe
from avwalk.story import sound
from avwalk.story.narration import trimmed
from avwalk.story_music.loudness import loudness
from tests.story.tales import ToneVoice

TEXT = "one two three four five six seven eight nine ten"


def read(path: Path) -> tuple[np.ndarray, int]:
    samples, rate = soundfile.read(path, dtype="float32", always_2d=True)
    return samples, rate


def test_a_voice_has_its_loudness_and_its_place(tmp_path: Path) -> None:
    speech = trimmed(ToneVoice().speak(TEXT))
    sound.write_sound(tmp_path / "a.flac", [(1.0, speech), (5.0, speech)], 8.0)
    samples, rate = read(tmp_path / "a.flac")
    assert rate == sound.SAMPLE_RATE and samples.shape == (8 * rate, 1)
    assert loudness(samples, rate) == pytest.approx(sound.VOICE_LUFS, abs=0.7)
    assert np.abs(samples).max() <= sound.PEAK + 1e-3
    loud = np.flatnonzero(np.abs(samples[:, 0]) > 0.02) / rate
    assert loud[0] == pytest.approx(1.08, abs=0.01)  # behind what trimming leaves
    assert not ((loud > 1.2 + speech.seconds) & (loud < 5.0)).any()


def test_music_makes_way_before_the_voice_and_comes_back(tmp_path: Path) -> None:
    speech = trimmed(ToneVoice().speak(TEXT))
    times = np.arange(0, 10, 0.001)
    gain = sound.duck_gain([(3.0, speech)], times)
    inside = (times > 3.0) & (times < 3.0 + speech.seconds)
    low = 10 ** (sound.DUCK_DB / 20)
    assert np.allclose(gain[inside], low) and np.allclose(gain[times < 3.0 - sound.ATTACK], 1.0)
    assert np.allclose(gain[times > 3.0 + speech.seconds + sound.RELEASE], 1.0)
    assert np.abs(np.diff(gain)).max() < 0.01  # never abruptly


def test_music_that_is_too_short_goes_on_and_nothing_clips(tmp_path: Path) -> None:
    rate = 22_050
    tone = np.sin(2 * np.pi * 330 * np.arange(5 * rate) / rate).astype(np.float32)
    soundfile.write(tmp_path / "m.wav", np.stack([tone, -tone], axis=1), rate)
    speech = trimmed(ToneVoice().speak(TEXT))
    sound.write_sound(tmp_path / "a.flac", [(2.0, speech)], 12.0, probe(tmp_path / "m.wav"))
    samples, got = read(tmp_path / "a.flac")
    assert got == rate and samples.shape == (12 * rate, 2)
    assert np.abs(samples).max() <= sound.PEAK + 1e-3
    level = np.sqrt((samples[:, 0].reshape(24, -1) ** 2).mean(axis=1))
    assert level[:18].min() > 0.01 and level[-1] < 0.3 * level[16]  # no hole where it begins again; a fade at the end


def test_silence_is_silence(tmp_path: Path) -> None:
    sound.write_sound(tmp_path / "a.flac", [], 3.0)
    samples, rate = read(tmp_path / "a.flac")
    assert len(samples) == 3 * rate and not samples.any()
