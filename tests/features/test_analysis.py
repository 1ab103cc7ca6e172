from __future__ import annotations

import csv
import json
from fractions import Fraction
from pathlib import Path
from typing import Any

import mir_eval
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from avwalk.audio.decode import read_song
from avwalk.audio.probe import probe
from avwalk.clock import Clock
from avwalk.contracts import Analysis, Song
from avwalk.errors import OutputError
from avwalk.features.analysis import analyze_song
from avwalk.features.downmix import to_mono
from avwalk.features.export import write_csv, write_json
from avwalk.features.signals import SIGNALS, TIME_LIMIT
from avwalk.features.spectrum import BandOptions

MEDIA = Path(__file__).parents[2] / "media"
RATE = 11025


def song_of(y: np.ndarray, rate: int = RATE) -> Song:
    return Song(Path("song.wav"), "0" * 64, rate, y.shape[1], len(y), "pcm_s16le")


def analyse(y: np.ndarray, fps: Fraction = Fraction(30), rate: int = RATE, blocks: int = 3, **options: Any) -> Analysis:
    y = y[:, None] if y.ndim == 1 else y
    parts = np.array_split(y.astype(np.float32), blocks)
    return analyze_song(song_of(y, rate), iter(parts), fps, **options)


def check(a: Analysis) -> None:
    """Shapes, types and ranges that hold for every song."""
    assert list(a.signals) == list(SIGNALS)
    ranges = {
        "level": (0, 1),
        "impulse": (0, 1),
        "phase": (0, 1),
        "time": (0, TIME_LIMIT),
        "label": (-1, 1e6),
    }
    for name, curve in a.signals.items():
        low, high = ranges[SIGNALS[name][0]]
        assert curve.shape == (a.n_frames,) and curve.dtype == np.float32, name
        assert np.isfinite(curve).all() and low <= curve.min() and curve.max() <= high, name
    assert a.bands.shape[0] == a.n_frames and a.bands.dtype == np.float32
    assert np.isfinite(a.bands).all() and a.bands.min() >= 0
    starts, ends = [s.start for s in a.score.sections], [s.end for s in a.score.sections]
    assert starts[0] == 0 and ends[-1] == a.duration and starts[1:] == ends[:-1]
    assert set(a.score.bars) <= set(a.score.beats)


def drums(seconds: float, rate: int = RATE, bpm: float = 120, fall: float = 0.0) -> np.ndarray:
    """Kicks on beats, hats between; the pitch of a kick begins ``fall`` Hz above its end."""
    rng = np.random.default_rng(0)
    t = np.arange(round(0.15 * rate)) / rate
    kick = np.sin(2 * np.pi * (60 * t + 0.03 * fall * (1 - np.exp(-t / 0.03)))) * np.exp(-t / 0.05)
    hat = rng.normal(size=len(t)) * np.exp(-t / 0.01) * 0.2
    y = np.zeros(round(seconds * rate))
    for k in range(int(seconds * bpm / 30) - 1):
        start = round(k * 30 / bpm * rate)
        y[start : start + len(t)] += (kick if k % 2 == 0 else hat)[: len(y) - start]
    return 0.5 * y


@settings(max_examples=6, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    arrays(
        np.float32,
        st.tuples(st.integers(1, 9000), st.integers(1, 3)),
        elements=st.floats(-1e4, 1e4, width=32),
    ),
    st.sampled_from([Fraction(30), Fraction(25, 2), Fraction(30000, 1001)]),
)
def test_any_finite_sound_gives_finite_signals_in_range(y: np.ndarray, fps: Fraction) -> None:
    check(analyse(y, fps))


@pytest.mark.parametrize("value", [1e-30, 3e38, -3e38])
def test_extremes_stay_finite(value: float) -> None:
    check(analyse(np.full((5000, 2), value, np.float32)))


def test_silence_is_calm() -> None:
    a = analyse(np.zeros(5 * RATE))
    check(a)
    for name, (kind, _) in SIGNALS.items():
        if kind in ("level", "impulse"):
            assert not a.signals[name].any(), name
    assert not a.bands.any()


@pytest.mark.parametrize("fps", [Fraction(24), Fraction(30000, 1001), Fraction(60), Fraction(25, 2)])
def test_the_clock_is_exact(fps: Fraction) -> None:
    y = drums(3.017)
    assert analyse(y, fps).n_frames == Clock(fps, RATE, len(y)).n_frames


def test_blocks_do_not_matter() -> None:
    y = drums(4)
    a, b = analyse(y, blocks=1), analyse(y, blocks=57)
    for name in SIGNALS:
        np.testing.assert_allclose(a.signals[name], b.signals[name], atol=2e-3, err_msg=name)
    np.testing.assert_allclose(a.bands, b.bands, atol=1e-4)


def test_opposite_channels_are_no_silence() -> None:
    """Left = −right is heard as left alone is; the width says that it is opposite."""
    left = drums(6.0)
    alone, opposite = analyse(left), analyse(np.stack([left, -left], axis=1))
    for name in ("rms", "low", "high", "onset", "kick", "beat"):
        np.testing.assert_allclose(opposite.signals[name], alone.signals[name], atol=1e-4)
    assert opposite.score.tempo_bpm == pytest.approx(alone.score.tempo_bpm, abs=0.01)
    assert alone.signals["rms"].max() > 0.9


def test_what_has_a_middle_is_heard_as_ever() -> None:
    """Its mean, to the bit: also of wide sound, of one channel, of a sound of few samples."""
    rng = np.random.default_rng(4)
    wide = rng.normal(0, 0.1, (9000, 2)).astype(np.float32)
    nearly = np.stack([wide[:, 0], 0.02 - 0.95 * wide[:, 0]], axis=1)
    for sound in (wide, nearly, wide[:, :1], np.zeros_like(wide), np.stack([wide[:3, 0], -wide[:3, 0]], axis=1)):
        mid = sound.mean(axis=1, dtype=np.float32)
        assert to_mono(sound, mid) is mid


def test_short_blocks_are_filled_and_long_ones_cut() -> None:
    y = drums(4)[:, None].astype(np.float32)
    check(analyze_song(song_of(y), iter([y[:RATE]]), Fraction(30)))
    whole = analyze_song(song_of(y), iter([y]), Fraction(30))
    more = analyze_song(song_of(y), iter([y, y]), Fraction(30))
    np.testing.assert_array_equal(whole.signals["rms"], more.signals["rms"])


def test_levels_look_the_same_at_any_rate() -> None:
    y = drums(8) + 0.05 * np.sin(np.arange(8 * RATE) * 0.3)
    slow, fast = analyse(y, Fraction(30)), analyse(y, Fraction(60))
    for name, (kind, _) in SIGNALS.items():
        if kind == "level":
            difference = np.abs(slow.signals[name] - fast.signals[name][::2])
            assert difference.mean() < 0.03, name


def test_clicks_are_on_their_frames() -> None:
    y = np.zeros(8 * RATE)
    times = np.arange(1, 7.5, 0.7)
    for t in times:
        y[round(t * RATE) :][:60] = 0.8 * np.random.default_rng(1).normal(size=60)
    frames = np.flatnonzero(analyse(y).signals["onset"])
    for t in times:
        assert np.abs(frames - t * 30).min() <= 1


def test_drums_have_a_beat() -> None:
    a = analyse(drums(12, fall=200))
    check(a)
    assert a.score.tempo_bpm == pytest.approx(120, rel=0.01) or a.score.tempo_bpm == pytest.approx(60, rel=0.01)
    assert a.signals["kick"].max() > 0.3


def test_tempo_and_first_beat_can_be_overruled() -> None:
    a = analyse(drums(12), bpm=100.0, first_beat=0.25)
    assert a.score.tempo_bpm == pytest.approx(100)
    assert np.abs(a.score.bars - 0.25).min() < 1e-6


def test_classic_bands_stand_still_at_the_end() -> None:
    y = drums(3)
    a = analyse(y, bands=BandOptions(True, max_frequency_level=4292.0, frequency_band_growth_rate=1.015))
    assert a.bands.shape[0] == 90 and np.array_equal(a.bands[-1], a.bands[-20]) and a.bands.max() > 0
    check(analyse(y[:RATE], bands=BandOptions(classic=True)))


def test_bands_on_disk_are_the_same(tmp_path: Path) -> None:
    y = drums(3)
    told: list[float] = []
    a = analyse(y, bands_path=tmp_path / "bands.npy", progress=told.append)
    np.testing.assert_allclose(a.bands, analyse(y).bands, rtol=1e-6)
    assert told == sorted(told) and told[-1] == 1.0


def test_export(tmp_path: Path) -> None:
    a = analyse(drums(2))
    write_json(a, tmp_path / "a.json")
    write_csv(a, tmp_path / "a.csv")
    told = json.loads((tmp_path / "a.json").read_text(encoding="utf-8"))
    assert told["fps"] == "30/1" and told["n_frames"] == 60 == len(told["signals"]["rms"])
    assert {"duration", "tempo_bpm", "beats", "bars", "drops", "sections", "signals"} <= set(told)
    assert set(told["sections"][0]) == {"start", "end", "label"}
    with (tmp_path / "a.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 60 and float(rows[30]["time"]) == 1.0
    assert float(rows[30]["rms"]) == pytest.approx(float(a.signals["rms"][30]), abs=1e-4)
    with pytest.raises(OutputError, match="cannot write"):
        write_csv(a, tmp_path / "nowhere" / "a.csv")


def test_the_demo_song_is_heard_as_it_was_written() -> None:
    truth = json.loads((MEDIA / "demo-song.json").read_text())
    song = probe(MEDIA / "demo-song.ogg")
    heard = analyze_song(song, read_song(song), Fraction(30)).score
    assert heard.tempo_bpm == pytest.approx(truth["tempo_bpm"], rel=0.01)
    assert mir_eval.beat.continuity(np.array(truth["beats"]), heard.beats)[3] > 0.9  # a few go on into the fade
    assert np.abs(heard.bars[:15] - np.array(truth["bars"])[:15]).max() < 0.02
    assert heard.drops == pytest.approx(truth["drops"], abs=0.05)
