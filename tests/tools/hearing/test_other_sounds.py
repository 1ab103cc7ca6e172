"""Sounds that are no songs have no beats; metronomes click on theirs."""

from pathlib import Path

import numpy as np
import pytest
import soundfile

from tools.hearing.other_sounds import KINDS, draw_sound
from tools.hearing.sound import RATE


@pytest.fixture
def speech(tmp_path: Path) -> Path:
    soundfile.write(tmp_path / "000.wav", np.random.default_rng(0).uniform(-0.5, 0.5, 22050), 22050)
    return tmp_path


@pytest.mark.parametrize("kind", sorted(set(KINDS) - {"metronome"}))
def test_what_is_no_song_has_no_beats(kind: str, speech: Path) -> None:
    other = draw_sound(kind, np.random.default_rng(1), speech)
    assert other.sound.shape == (60 * RATE,) and other.sound.dtype == np.float32 and other.sound.any()
    assert not other.beats and not other.downbeats and other.bpm == 0
    assert bool(other.voice) == (kind == "speech")


@pytest.mark.parametrize("seed", range(6))
def test_a_metronome_clicks_on_its_beats(seed: int, speech: Path) -> None:
    other = draw_sound("metronome", np.random.default_rng(seed), speech)
    silent = np.ones(len(other.sound), bool)
    for time in other.beats:
        a = int(time * RATE)
        assert np.abs(other.sound[a : a + 60]).max() > 0
        silent[a : a + int(0.08 * RATE) + 1] = False
    assert not other.sound[silent].any()
    assert np.allclose(np.diff(other.beats), 60 / other.bpm)
    assert list(other.downbeats) in ([], list(other.beats[:: other.meter]))
