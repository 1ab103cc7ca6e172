from __future__ import annotations

from importlib.metadata import PackageNotFoundError
from pathlib import Path

import librosa
import numpy as np
import pytest
import soundfile

from avwalk.audio.decode import read_song
from avwalk.audio.probe import probe
from avwalk.contracts import Song
from avwalk.errors import OptionError
from avwalk.features import classic_chroma
from avwalk.features.classic_chroma import cached_classic_chroma

RATE, SECONDS = 44100, 4.0


@pytest.fixture(scope="module")
def song(tmp_path_factory: pytest.TempPathFactory) -> Song:
    """A for two seconds, then E flat, louder; left and right differ."""
    t = np.arange(round(SECONDS * RATE)) / RATE
    tone = np.where(t < 2, 0.1 * np.sin(2 * np.pi * 440 * t), 0.4 * np.sin(2 * np.pi * 311.127 * t))
    path = tmp_path_factory.mktemp("songs") / "tones.wav"
    soundfile.write(path, np.stack([tone, 0.5 * tone], axis=1), RATE, subtype="FLOAT")
    return probe(path)


@pytest.mark.full  # librosa compiles for long
@pytest.mark.parametrize("frame_length", [512, 1024])
def test_it_hears_what_librosa_hears_in_the_file(song: Song, frame_length: int) -> None:
    rows = classic_chroma.classic_chroma(song, read_song(song), frame_length)
    stereo, rate = soundfile.read(song.path, dtype="float32")
    y = librosa.resample(stereo.mean(axis=1), orig_sr=rate, target_sr=22050)
    mel = librosa.feature.melspectrogram(y=y, sr=22050, n_mels=128, fmax=8000, hop_length=frame_length)
    chroma = librosa.feature.chroma_cqt(y=y, sr=22050, hop_length=frame_length)
    assert rows.shape == (13, 1 + round(SECONDS * 22050) // frame_length)
    assert np.allclose(rows[0], mel.mean(axis=0), rtol=1e-3, atol=1e-4 * rows[0].max())
    assert np.abs(rows[1:] - chroma).max() < 1e-2


@pytest.mark.full
def test_pitch_classes_are_counted_from_c(song: Song) -> None:
    rows = classic_chroma.classic_chroma(song, read_song(song))
    times = np.arange(rows.shape[1]) * 512 / 22050
    assert (rows[1:, (times > 0.3) & (times < 1.7)].argmax(axis=0) == 9).all()  # A
    assert (rows[1:, (times > 2.3) & (times < 3.7)].argmax(axis=0) == 3).all()  # E flat
    assert rows[0, times > 2.2].mean() > 5 * rows[0, times < 1.8].mean()


@pytest.mark.full
def test_the_cache_gives_it_back_and_mends_itself(song: Song, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AVWALK_CACHE_DIR", str(tmp_path))
    first = cached_classic_chroma(song, lambda: read_song(song))

    def never() -> list[np.ndarray]:
        raise AssertionError("the song was read again")

    assert np.array_equal(cached_classic_chroma(song, never), first)
    (file,) = (tmp_path / "classic-chroma").iterdir()
    file.write_bytes(file.read_bytes()[:500])
    assert np.array_equal(cached_classic_chroma(song, lambda: read_song(song)), first)
    assert np.array_equal(np.load(file), first)


def test_without_librosa_it_says_what_is_missing(song: Song, monkeypatch: pytest.MonkeyPatch) -> None:
    def version(name: str) -> str:
        raise PackageNotFoundError(name)

    monkeypatch.setattr(classic_chroma, "version", version)
    with pytest.raises(OptionError, match=r"^walk.classic needs librosa; pip install 'avwalk\[classic\]'$"):
        cached_classic_chroma(song, lambda: read_song(song))


def test_the_cache_keeps_the_newest(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(classic_chroma, "MAX_FILES", 3)
    for k in range(5):
        classic_chroma._store(np.full((13, 2), k, np.float32), tmp_path / f"{k}.npy")
    assert len(list(tmp_path.iterdir())) == 3 and (tmp_path / "4.npy").exists()
