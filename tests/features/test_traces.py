from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from avwalk.contracts import Song
from avwalk.features.trace_cache import cached_trace, past_rows
from avwalk.features.traces import BANDS, COLUMNS, POINTS, WIDTH, fill_trace

RATE = 44100


def song_of(sound: np.ndarray, rate: int = RATE, name: str = "a") -> Song:
    return Song(Path("song.wav"), name, rate, sound.shape[1], len(sound), "pcm_s16le")


def trace(
    sound: np.ndarray, kind: str, fps: Fraction = Fraction(30), rate: int = RATE, block: int = 65536
) -> np.ndarray:
    sound = sound.reshape(len(sound), -1).astype(np.float32)
    rows = np.zeros((max(1, round(len(sound) / rate * fps)), COLUMNS[kind]), np.float16)
    fill_trace(rows, song_of(sound, rate), (sound[k : k + block] for k in range(0, len(sound), block)), fps, kind)
    return rows.astype(np.float64)


def sine(frequency: float, seconds: float = 3.0, rate: int = RATE) -> np.ndarray:
    return 0.4 * np.sin(2 * np.pi * frequency * np.arange(round(seconds * rate)) / rate)


@pytest.mark.parametrize("kind", ["open", "closed", "pair"])
@pytest.mark.parametrize("frequency", [55.0, 100.0, 233.1])
@pytest.mark.parametrize(("fps", "rate"), [(Fraction(30), 44100), (Fraction(24000, 1001), 48000), (Fraction(25), 8000)])
def test_a_held_note_stands_still(kind: str, frequency: float, fps: Fraction, rate: int) -> None:
    rows = trace(sine(frequency, rate=rate), kind, fps, rate)[4:-4]
    assert np.abs(rows - rows[0]).max() < 0.03
    assert rows.max() == pytest.approx(1, abs=0.03) and rows.min() == pytest.approx(-1, abs=0.03)


def test_a_sine_shows_its_period_and_rises_in_the_middle() -> None:
    row = trace(sine(100.0), "open")[40]
    t = WIDTH * (np.arange(POINTS) / (POINTS - 1) - 0.5)
    middle = np.abs(t) < 0.2 * WIDTH
    np.testing.assert_allclose(row[middle], np.sin(2 * np.pi * 100 * t[middle]), atol=0.03)
    assert abs(row[0]) < 0.01 and abs(row[-1]) < 0.01


def test_a_closed_trace_goes_on_in_its_beginning() -> None:
    rng = np.random.default_rng(1)
    rows = trace(0.3 * rng.standard_normal(3 * RATE), "closed")
    seam = np.abs(rows[:, 0] - rows[:, -1])
    within = np.abs(np.diff(rows, axis=1)).max(axis=1)
    assert (seam <= 1.5 * within + 1e-3).all()


def test_silence_is_a_flat_line() -> None:
    for kind in COLUMNS:
        assert not trace(np.zeros(RATE), kind).any()
        assert not trace(1e-5 * sine(100.0, 1.0), kind).any()


def test_it_is_as_large_as_the_song_is_loud() -> None:
    loud = np.concatenate([0.1 * sine(100.0, 2.0), sine(100.0, 2.0), 0 * sine(100.0, 1.0)])
    heights = np.abs(trace(loud, "open")).max(axis=1)
    assert heights[90] == pytest.approx(1, abs=0.03)
    assert 0.15 < heights[30] < 0.4  # soft, and still there
    assert heights[-10] == 0
    half = np.abs(trace(0.5 * loud, "open")).max(axis=1)  # how loud the song is as a whole is no matter
    np.testing.assert_allclose(half, heights, atol=0.01)


def test_a_mono_mix_draws_a_loop() -> None:
    row = trace(np.stack([sine(100.0), sine(100.0)], axis=1), "pair")[40]
    left, right = row[: POINTS // 2], row[POINTS : POINTS + POINTS // 2]
    middle = slice(90, 166)
    assert abs(np.corrcoef(row[:POINTS][middle], row[POINTS:][middle])[0, 1]) < 0.6
    assert len(left) == len(right)


def test_channels_of_opposite_phase_are_not_silence() -> None:
    assert np.abs(trace(np.stack([sine(100.0), -sine(100.0)], axis=1), "open")).max() > 0.9


def test_a_spectrum_shows_a_tone_in_its_band() -> None:
    octaves = np.linspace(np.log2(40), np.log2(12000), BANDS)
    for frequency in (110.0, 1000.0, 6000.0):
        row = trace(sine(frequency), "spectrum")[40]
        assert abs(octaves[row.argmax()] - np.log2(frequency)) < 0.35
        assert row.max() <= 1.2 and row.min() >= 0


def test_a_spectrum_hears_nothing_before_it_sounds_and_lets_go_slowly() -> None:
    sound = np.concatenate([np.zeros(RATE), sine(500.0, 0.5), np.zeros(RATE)])
    level = trace(sound, "spectrum").max(axis=1)
    assert not level[:29].any() and level[32] > 0.8
    falling = level[46:60]
    assert (np.diff(falling) <= 0).all() and falling[2] > 0.3 and falling[-1] < 0.1


@pytest.mark.parametrize("kind", list(COLUMNS))
def test_blocks_do_not_matter(kind: str) -> None:
    rng = np.random.default_rng(2)
    sound = 0.2 * rng.standard_normal((RATE, 2))
    np.testing.assert_allclose(trace(sound, kind), trace(sound, kind, block=777), atol=2e-3)


@pytest.mark.parametrize("seconds", [0.001, 0.05, 0.5])
@pytest.mark.parametrize("kind", list(COLUMNS))
def test_short_songs_have_traces(kind: str, seconds: float) -> None:
    rows = trace(sine(440.0, seconds, rate=1000), kind, rate=1000)
    assert np.isfinite(rows).all()


def test_it_is_made_once_and_again_where_its_file_is_damaged(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AVWALK_CACHE_DIR", str(tmp_path))
    sound, opened = sine(100.0)[:, None].astype(np.float32), []

    def blocks() -> list[np.ndarray]:
        opened.append(1)
        return [sound]

    first = np.array(cached_trace(song_of(sound), blocks, Fraction(30), "open"))
    past = past_rows(Fraction(30))
    assert first.shape == (past + 90, POINTS) and not first[:past].any() and first[past:].any()
    np.testing.assert_array_equal(cached_trace(song_of(sound), blocks, Fraction(30), "open"), first)
    assert len(opened) == 1
    (file,) = (tmp_path / "traces").iterdir()
    file.write_bytes(file.read_bytes()[:-3] + b"\1\2\3")
    np.testing.assert_array_equal(cached_trace(song_of(sound), blocks, Fraction(30), "open"), first)
    assert len(opened) == 2


def test_where_nothing_can_be_kept_it_is_made_in_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("AVWALK_CACHE_DIR", str(tmp_path / "file"))
    sound = sine(100.0)[:, None].astype(np.float32)
    assert cached_trace(song_of(sound), lambda: [sound], Fraction(30), "open").any()
