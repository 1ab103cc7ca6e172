from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import soundfile
from numpy.typing import NDArray

from avwalk.audio.clicks import SONG_PEAK, marks_of, with_clicks, write_clicks
from avwalk.contracts import Song
from avwalk.errors import OptionError, OutputError

RATE = 44100
MARKS = {
    "bar": np.array([0.0, 2.0]),
    "beat": np.array([0.5, 1.0001, 1.5]),
    "kick": np.array([0.25]),
    "snare": np.array([0.75001]),
    "hat": np.array([1.25, 2.9999]),
}


def song(path: Path, rate: int = RATE, channels: int = 2, seconds: float = 3.0) -> Song:
    return Song(path, "0" * 64, rate, channels, int(seconds * rate), "pcm_s16le")


def silence(
    rate: int = RATE, channels: int = 2, size: int = 1000, seconds: float = 3.0
) -> Iterator[NDArray[np.float32]]:
    left = int(seconds * rate)
    while left > 0:
        yield np.zeros((min(size, left), channels), np.float32)
        left -= size


def onsets(channel: NDArray[np.float32], rate: int = RATE) -> list[int]:
    """Samples that sound after at least 50 ms without sound."""
    loud = np.flatnonzero(np.abs(channel) > 0.01)
    return [int(k) for k, gap in zip(loud, np.diff(loud, prepend=-rate), strict=True) if gap > 0.05 * rate]


@pytest.mark.parametrize("rate", [8000, 44100, 96000])
@pytest.mark.parametrize("size", [64, 1000, 1 << 20])
def test_clicks_begin_on_the_nearest_sample(rate: int, size: int) -> None:
    sound = np.concatenate(list(with_clicks(silence(rate, size=size), MARKS, rate, np.float32(1))))
    assert sound.shape == (3 * rate, 2)
    left = [t for name in ("bar", "beat", "kick", "snare") for t in MARKS[name]]
    right = [t for name in ("bar", "beat", "kick", "snare", "hat") for t in MARKS[name]]
    assert onsets(sound[:, 0], rate) == sorted(round(t * rate) for t in left)
    assert onsets(sound[:, 1], rate) == sorted(round(t * rate) for t in right)


def test_a_bar_is_louder_and_higher_than_a_beat_and_drums_lie_apart() -> None:
    sound = np.concatenate(list(with_clicks(silence(), MARKS, RATE, np.float32(1))))

    def at(time: float) -> NDArray[np.float32]:
        return sound[round(time * RATE) : round(time * RATE) + 2048]

    def pitch(time: float, side: int = 0) -> float:
        return float(np.abs(np.fft.rfft(at(time)[:, side] * np.hanning(2048))).argmax() * RATE / 2048)

    assert np.abs(at(2.0)).max() > np.abs(at(0.5)).max() and pitch(2.0) > 1.3 * pitch(0.5) > 1000
    assert pitch(0.25) < 300 and pitch(1.25, 1) > 5000
    assert np.abs(at(0.25)[:, 0]).max() > 4 * np.abs(at(0.25)[:, 1]).max()
    assert np.abs(at(1.25)[:, 0]).max() == 0 and (at(0.75)[:, 0] == at(0.75)[:, 1]).all()


def test_nothing_clips_even_where_all_sound_at_once(tmp_path: Path) -> None:
    rng = np.random.default_rng(1)
    loud = (3 * np.sign(rng.standard_normal((RATE, 1)))).astype(np.float32)
    every = {name: np.arange(0, 1, 0.002) for name in MARKS}
    write_clicks(song(tmp_path / "s", channels=1, seconds=1), lambda: iter([loud]), every, tmp_path / "c.flac")
    sound, rate = soundfile.read(tmp_path / "c.flac", dtype="float32")
    assert rate == RATE and sound.shape == (RATE, 2) and np.abs(sound).max() < 0.99


@pytest.mark.parametrize(("peak", "channels"), [(0.1, 1), (0.8, 2), (1.0, 6)])
def test_the_song_has_one_level_and_keeps_its_sides(tmp_path: Path, peak: float, channels: int) -> None:
    block = np.zeros((RATE, channels), np.float32)
    block[100] = peak
    if channels == 2:
        block[200, 1] = -peak
    write_clicks(song(tmp_path / "s", channels=channels, seconds=1), lambda: iter([block]), {}, tmp_path / "c.wav")
    sound, _ = soundfile.read(tmp_path / "c.wav", dtype="float32")
    assert sound[100] == pytest.approx([SONG_PEAK, SONG_PEAK], abs=1e-4)
    assert sound[200] == pytest.approx([0, -SONG_PEAK if channels == 2 else 0], abs=1e-4)
    assert not list(tmp_path.glob("*.part"))


def test_silence_and_no_sound(tmp_path: Path) -> None:
    write_clicks(song(tmp_path / "s"), silence, {"beat": np.array([1.0, 99.0])}, tmp_path / "c.wav")
    sound, _ = soundfile.read(tmp_path / "c.wav", dtype="float32")
    assert len(sound) == 3 * RATE and onsets(sound[:, 0]) == [RATE]


def test_beats_that_begin_bars_click_as_bars_alone() -> None:
    beats = np.array([0.5 * k for k in range(8)], np.float64)
    marks = marks_of(beats, beats[::4], {"onset": beats, "kick": beats[:1], "hat": beats})
    assert marks["bar"].tolist() == [0.0, 2.0] and marks["beat"].tolist() == [0.5, 1.0, 1.5, 2.5, 3.0, 3.5]
    assert set(marks) == {"bar", "beat", "kick", "hat"}


def test_other_files_are_refused(tmp_path: Path) -> None:
    with pytest.raises(OptionError, match=r"\.wav or \.flac"):
        write_clicks(song(tmp_path / "s"), silence, {}, tmp_path / "c.mp3")
    with pytest.raises(OutputError):
        write_clicks(song(tmp_path / "s"), silence, {}, tmp_path / "none" / "c.wav")
    assert not list(tmp_path.iterdir())
