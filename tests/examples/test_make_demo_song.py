"""The committed demo song is what its JSON says, and what its script plays."""

import importlib.util
import itertools
import json
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
import soundfile

ROOT = Path(__file__).resolve().parents[2]
OGG = ROOT / "media" / "demo-song.ogg"
RATE = 44100


@pytest.fixture(scope="module")
def truth() -> dict[str, Any]:
    return dict(json.loads(OGG.with_suffix(".json").read_text(encoding="utf-8")))


@pytest.fixture(scope="module")
def song() -> np.ndarray:
    samples, rate = soundfile.read(OGG, dtype="float32", always_2d=True)
    assert rate == RATE
    return np.asarray(samples)


@pytest.fixture(scope="module")
def script() -> ModuleType:
    spec = importlib.util.spec_from_file_location("make_demo_song", ROOT / "examples" / "make_demo_song.py")
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def low_band(song: np.ndarray, hop: int = 441) -> np.ndarray:
    """Level below 150 Hz every 10 ms, by FFT of 40 ms windows that begin at the time they stand for."""
    mono = np.pad(song.mean(1), (0, 4 * hop))
    windows = np.lib.stride_tricks.sliding_window_view(mono, 4 * hop)[::hop] * np.hanning(4 * hop)
    spectrum = np.abs(np.fft.rfft(windows))
    return np.asarray(spectrum[:, np.fft.rfftfreq(4 * hop, 1 / RATE) <= 150].sum(1))


def test_length_size_and_level(song: np.ndarray, truth: dict[str, Any]) -> None:
    assert OGG.stat().st_size <= 700_000
    assert song.shape == (truth["n_samples"], 2)
    assert 25 <= truth["duration"] <= 40
    assert np.abs(song).max() <= 10 ** (-1 / 20)
    assert np.abs(song.mean(0)).max() < 1e-3
    assert np.abs(song[-50:]).max() < 1e-3, "it ends in silence, not with a click"


def test_loudness(song: np.ndarray, script: ModuleType) -> None:
    assert script.loudness(song) == pytest.approx(-14, abs=0.5)


def test_the_loudness_meter_reads_a_reference_tone(script: ModuleType) -> None:
    # BS.1770: a 997 Hz sine at 0 dBFS in one channel reads -3.01 LUFS
    t = np.arange(2 * RATE) / RATE
    tone = np.stack([np.sin(2 * np.pi * 997 * t), np.zeros_like(t)], 1).astype(np.float32)
    assert script.loudness(tone) == pytest.approx(-3.01, abs=0.05)


def test_kicks_are_where_the_truth_says(song: np.ndarray, truth: dict[str, Any]) -> None:
    level = low_band(song)
    rises = []
    for time in truth["kick"]:
        k = round(time * 100)
        rises.append(level[k : k + 4].max() / (level[k - 5 : k - 2].mean() + 1e-6))
    assert np.mean(np.array(rises) > 1.5) >= 0.95
    # the windows are 40 ms long and begin at their time: the steepest rise is 0 to 30 ms early
    steps = np.maximum(0, np.diff(level, prepend=level[0]))
    at = np.round(np.array(truth["kick"]) * 100).astype(int)
    by_shift = {shift: steps[at + shift].sum() for shift in range(-20, 21)}
    assert -3 <= max(by_shift, key=lambda shift: by_shift[shift]) <= 0


def test_grid_and_sections(truth: dict[str, Any]) -> None:
    beats, bars = np.array(truth["beats"]), np.array(truth["bars"])
    assert np.allclose(np.diff(beats), 60 / truth["tempo_bpm"], atol=2e-6)
    assert np.allclose(bars, beats[::4])
    sections = truth["sections"]
    assert sections[0]["start"] == 0 and sections[-1]["end"] == truth["duration"]
    assert all(a["end"] == b["start"] for a, b in itertools.pairwise(sections))
    drop = next(s for s in sections if s["label"] == "drop")
    assert truth["drops"] == [drop["start"]] and truth["builds"][0][1] == drop["start"]


def test_quiet_start_still_gap_loud_drop(song: np.ndarray, truth: dict[str, Any]) -> None:
    def level(start: float, end: float) -> float:
        part = song[round(start * RATE) : round(end * RATE)]
        return float(10 * np.log10((part**2).mean()))

    by_label = {s["label"]: level(s["start"], s["end"]) for s in truth["sections"]}
    assert by_label["intro"] + 5 < by_label["verse"] < by_label["drop"] - 2
    drop = truth["drops"][0]
    assert level(drop - 0.35, drop - 0.01) < level(drop - 1.0, drop - 0.5) - 25


@pytest.mark.slow
def test_the_script_plays_the_committed_song(
    tmp_path: Path, script: ModuleType, song: np.ndarray, truth: dict[str, Any]
) -> None:
    script.write(tmp_path)
    assert json.loads((tmp_path / "demo-song.json").read_text(encoding="utf-8")) == truth
    again, _ = soundfile.read(tmp_path / "demo-song.ogg", dtype="float32")
    error = np.sqrt(((again - song) ** 2).mean() / (song**2).mean())
    assert error < 0.05  # Vorbis may decide differently on another machine's last bits
