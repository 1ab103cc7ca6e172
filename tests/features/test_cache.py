from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from avwalk import events
from avwalk.contracts import Analysis, Song
from avwalk.features import cache
from avwalk.features.cache import cache_folder, cached_analysis
from avwalk.features.spectrum import BandOptions

FPS = Fraction(30)
SOUND = (0.1 * np.random.default_rng(0).normal(size=(8000, 1))).astype(np.float32)
SONG = Song(Path("song.wav"), "ab" * 32, 8000, 1, 8000, "pcm_s16le")


class Blocks:
    """Gives the sound, and counts how often."""

    def __init__(self) -> None:
        self.opened = 0

    def __call__(self) -> Iterator[np.ndarray]:
        self.opened += 1
        yield SOUND


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("AVWALK_CACHE_DIR", str(tmp_path / "cache"))
    return cache_folder()


def same(a: Analysis, b: Analysis) -> None:
    assert (a.fps, a.n_frames, a.duration) == (b.fps, b.n_frames, b.duration)
    assert list(a.signals) == list(b.signals)
    for name in a.signals:
        np.testing.assert_array_equal(a.signals[name], b.signals[name])
    np.testing.assert_array_equal(a.bands, b.bands)
    np.testing.assert_array_equal(a.score.beats, b.score.beats)
    assert a.score.sections == b.score.sections and a.score.builds == b.score.builds
    np.testing.assert_array_equal(a.recurrence, b.recurrence)
    np.testing.assert_array_equal(a.recurrence_times, b.recurrence_times)
    assert a.score.stretches == b.score.stretches and a.score.second_bpm == b.score.second_bpm
    assert list(a.hits) == list(b.hits) == ["onset", "kick", "snare", "hat", "accent"]
    for name in a.hits:
        np.testing.assert_array_equal(a.hits[name], b.hits[name])


def test_a_song_is_analysed_once(folder: Path) -> None:
    blocks = Blocks()
    first = cached_analysis(SONG, blocks, FPS)
    same(first, cached_analysis(SONG, blocks, FPS))
    assert blocks.opened == 1
    assert not list(folder.glob("part-*")) and len(list(folder.iterdir())) == 1


def test_other_song_rate_or_options_are_other_entries(folder: Path) -> None:
    blocks = Blocks()
    cached_analysis(SONG, blocks, FPS)
    cached_analysis(Song(Path("b"), "cd" * 32, 8000, 1, 8000, "x"), blocks, FPS)
    cached_analysis(SONG, blocks, Fraction(25))
    cached_analysis(SONG, blocks, FPS, bands=BandOptions(extra_detail=0.5))
    assert blocks.opened == 4 == len(list(folder.iterdir()))


@pytest.mark.parametrize("name", ["analysis.json", "signals.npy", "bands.npy", "recurrence.npy"])
@pytest.mark.parametrize("damage", ["gone", "cut", "changed", "a digit"])
def test_a_broken_entry_is_written_anew(folder: Path, name: str, damage: str) -> None:
    blocks = Blocks()
    good = cached_analysis(SONG, blocks, FPS)
    good = Analysis(
        good.fps,
        good.n_frames,
        good.duration,
        good.score,
        {k: np.array(v) for k, v in good.signals.items()},
        np.array(good.bands),
        good.recurrence,
        good.recurrence_times,
        good.hits,
    )
    (file,) = folder.glob(f"*/{name}")
    data = file.read_bytes()
    file.unlink()
    if damage == "cut":
        file.write_bytes(data[: len(data) // 2])
    elif damage == "changed":
        file.write_bytes(data[:-9] + b"?" * 9)
    elif damage == "a digit":  # still JSON, still an array
        middle = len(data) // 2 + next(k for k, c in enumerate(data[len(data) // 2 :]) if c in b"12345678" or c > 128)
        file.write_bytes(data[:middle] + bytes([data[middle] ^ 1]) + data[middle + 1 :])
    same(good, cached_analysis(SONG, blocks, FPS))
    assert blocks.opened == 2
    same(good, cached_analysis(SONG, blocks, FPS))
    assert blocks.opened == 2


def test_a_folder_that_cannot_be_written_is_no_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv("AVWALK_CACHE_DIR", str(tmp_path / "file"))
    blocks = Blocks()
    assert cached_analysis(SONG, blocks, FPS).n_frames == 30


def test_a_full_disk_is_no_error_and_said_once(
    folder: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(np, "save", full)
    monkeypatch.setattr(events, "_said", set())
    assert cached_analysis(SONG, Blocks(), FPS).n_frames == 30
    assert cached_analysis(SONG, Blocks(), FPS).n_frames == 30
    assert not list(folder.iterdir())
    assert [record.getMessage() for record in caplog.records] == [
        f"analyses cannot be kept in '{folder}' (No space left on device); songs are analysed again each time"
    ]


def test_old_entries_make_room(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cache, "MAX_BYTES", 1)
    cached_analysis(SONG, Blocks(), FPS)
    cached_analysis(SONG, Blocks(), Fraction(25))
    assert len(list(folder.iterdir())) == 1
