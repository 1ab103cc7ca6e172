"""What is played lies at its time, and what a mix goes through leaves it there."""

from pathlib import Path

import numpy as np
import pytest
import soundfile

from tools.hearing.drums import drum_machine, drum_samples
from tools.hearing.mixing import _delay, coarse, coded, compress, duck, level, master
from tools.hearing.piece import Note
from tools.hearing.sound import RATE, Sound, put, silence
from tools.hearing.synthesiser import synthesiser
from tools.hearing.voices import singer, speaker

HITS = (0.5, 1.6, 2.7)


def notes(pitch: int, role: str = "drums") -> list[Note]:
    return [Note(role, time, 0.2, pitch, 100) for time in HITS]


def onset(sound: Sound, time: float) -> float:
    """Seconds of the first sample near ``time`` that is a twentieth of the peak there."""
    a, b = int((time - 0.05) * RATE), int((time + 0.15) * RATE)
    part = np.abs(sound[a:b])
    return (a + int(np.argmax(part > 0.05 * part.max()))) / RATE


@pytest.mark.parametrize("pitch", [36, 38, 42, 46, 49, 45])
@pytest.mark.parametrize("seed", range(4))
def test_the_drum_machine_hits_on_the_sample(pitch: int, seed: int) -> None:
    sound = drum_machine(notes(pitch), 3.0, np.random.default_rng(seed))
    assert sound.shape == (3 * RATE,) and sound.dtype == np.float32
    assert not sound[: int(HITS[0] * RATE)].any()
    for time in HITS:
        assert time <= onset(sound, time) < time + 0.002


def test_recorded_hits_begin_at_their_time_whatever_silence_they_begin_with(tmp_path: Path) -> None:
    names = (
        "bd_a", "sn_a", "drum_cymbal_closed", "drum_cymbal_open", "drum_splash_hard", "drum_tom_hi_hard",
    )  # fmt: skip
    fall = np.exp(-np.arange(RATE // 4) / 2000) * np.random.default_rng(0).normal(0, 0.2, RATE // 4)
    for name in names:
        soundfile.write(tmp_path / f"{name}.flac", np.concatenate([np.zeros(3000), fall]), RATE)
    for pitch in (36, 38, 42, 46, 49, 45):
        sound = drum_samples(notes(pitch), 3.0, np.random.default_rng(1), tmp_path)
        for time in HITS:
            assert time <= onset(sound, time) < time + 0.003


@pytest.mark.parametrize("seed", range(3))
def test_synthesisers_and_singers_begin_with_their_notes(seed: int) -> None:
    tune = notes(60, "lead")
    sound = synthesiser(tune, 3.0, np.random.default_rng(seed))
    assert sound.shape == (3 * RATE,) and not sound[: int(HITS[0] * RATE)].any()
    assert all(time <= onset(sound, time) < time + 0.05 for time in HITS)
    sung = singer(tune, 3.0, np.random.default_rng(seed))
    assert not sung[: int((HITS[0] - 0.1) * RATE)].any()  # a consonant may come before
    assert sung[int(0.52 * RATE) : int(0.68 * RATE)].any()


def test_phrases_are_where_the_truth_says(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "000.wav", np.full(22050 // 2, 0.5), 22050)
    sound, spans = speaker(10.0, np.random.default_rng(0), tmp_path)
    said = np.zeros(len(sound), bool)
    for a, b in spans:
        said[int(a * RATE) : int(b * RATE) + 1] = True
    assert spans and sound[said].any() and not sound[~said].any()


def test_sounds_are_cut_at_the_end() -> None:
    out = silence(1.0)
    put(out, 0.9, np.ones(RATE))
    put(out, 1.5, np.ones(RATE))
    assert out.sum() == pytest.approx(0.1 * RATE, abs=1)


def tone(seconds: float = 4.0) -> Sound:
    """A melody of noise bursts and tones: something a codec hears and a correlation finds."""
    rng, t = np.random.default_rng(0), np.arange(int(seconds * RATE)) / RATE
    sound = 0.05 * np.sin(2 * np.pi * (220 + 30 * np.floor(4 * t)) * t) + rng.normal(0, 0.002, len(t))
    return np.asarray(sound, np.float32)


def test_codecs_leave_an_impulse_within_two_milliseconds() -> None:
    sound, at = tone(), int(2.3 * RATE)
    sound[at : at + 60] += np.float32(0.8)
    for seed in range(12):  # all four codecs are among them
        back = coded(sound, np.random.default_rng(seed))
        assert back.shape == sound.shape and back.dtype == np.float32
        assert abs(int(np.abs(back).argmax()) - (at + 30)) < 0.002 * RATE, seed


def test_a_coarse_sampler_keeps_length_and_time() -> None:
    sound, at = tone(), int(2.3 * RATE)
    sound[at : at + 60] += np.float32(0.8)
    rough = coarse(sound, np.random.default_rng(3))
    assert rough.shape == sound.shape and rough.dtype == np.float32
    assert len(np.unique(rough)) <= 513 and abs(int(np.abs(rough).argmax()) - (at + 30)) < 0.001 * RATE


def test_the_delay_of_a_codec_is_measured() -> None:
    sound = tone()
    for shift in (-1105, 0, 576, 4000):
        assert _delay(sound, np.roll(sound, shift)) == shift
    assert _delay(sound, np.zeros_like(sound)) == 0


@pytest.mark.parametrize("seed", range(8))
def test_mastering_keeps_length_and_time(seed: int) -> None:
    sound, at = tone(), int(2.3 * RATE)
    sound[at : at + 200] += np.random.default_rng(0).normal(0, 0.5, 200).astype(np.float32)
    mix = master(sound, np.random.default_rng(seed))
    assert mix.shape == sound.shape and mix.dtype == np.float32 and np.abs(mix).max() <= 1.5  # codecs overshoot
    power = np.convolve(mix.astype(np.float64) ** 2, np.ones(200), "valid")
    assert abs(int(power.argmax()) - at) < 0.025 * RATE  # a comb or a room may be louder a little later


def test_levels_ducking_and_compression_keep_length() -> None:
    sound, rng = tone(), np.random.default_rng(0)
    assert np.sqrt(np.mean(level(sound) ** 2)) == pytest.approx(0.1, rel=0.02)
    assert level(np.zeros(10, np.float32)).tolist() == [0.0] * 10
    ducked = duck(sound, notes(36), rng)
    a = int(HITS[1] * RATE)
    assert np.abs(ducked[a : a + 400]).max() < 0.7 * np.abs(sound[a : a + 400]).max()
    assert (ducked[: int(HITS[0] * RATE)] == sound[: int(HITS[0] * RATE)]).all()
    assert compress(sound, rng).shape == sound.shape
