"""A tempo or a first beat that no song has is one clear line."""

from pathlib import Path

import pytest
import soundfile

import avwalk
from avwalk.errors import OptionError
from tests.conftest import clicks


@pytest.fixture(scope="module")
def song(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("told") / "clicks.wav"
    soundfile.write(path, clicks(6.0), 44100)
    return path


@pytest.mark.parametrize("bpm", [0.0, -120.0, 5.0, 2000.0, 1e9, float("nan"), float("inf")])
def test_a_tempo_that_is_none(song: Path, bpm: float) -> None:
    with pytest.raises(OptionError, match="bpm .* is no tempo"):
        avwalk.analyze(song, bpm=bpm)


@pytest.mark.parametrize("first", [-1.0, 6.5, 99.0, float("nan")])
def test_a_first_beat_outside_the_song(song: Path, first: float) -> None:
    with pytest.raises(OptionError, match="outside the song"):
        avwalk.analyze(song, first_beat=first)
