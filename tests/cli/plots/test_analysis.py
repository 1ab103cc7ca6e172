"""The picture of an analysis: written whole, for any song and any name, with nothing lost."""

from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from avwalk.cli.plots.analysis import columns_of, plot_analysis, printable
from avwalk.contracts import Analysis, Score, Section, Stretch
from avwalk.errors import OptionError, OutputError
from tests.pictures import read


def synthetic(seconds: float, bpm: float = 120.0, n_bands: int = 60) -> Analysis:
    """A song of four parts with a build-up and a drop, as curves."""
    fps = 30
    n = max(1, round(seconds * fps))
    rng = np.random.default_rng(0)
    t = np.arange(n) / fps
    beats = np.arange(0.2, seconds, 60 / bpm)
    drop = seconds / 2
    impulse = np.zeros(n, np.float32)
    impulse[np.minimum(n - 1, np.round(beats * fps).astype(int))] = 0.9
    level = np.where(t < drop, 0.3, 0.8) + 0.1 * np.sin(t)
    build = np.where((t > drop * 0.8) & (t < drop), (t - drop * 0.8) / (drop * 0.2), 0)
    bands = (rng.random((n, n_bands)) * np.linspace(1, 0.05, n_bands) * level[:, None]).astype(np.float32)
    names = {"rms": level, "low": level**2, "mid": level / 2, "high": level / 3, "build": build}
    names |= dict.fromkeys(("onset", "kick", "snare", "hat"), impulse)
    names["key"] = np.full(n, 21)
    cuts = np.linspace(0, seconds, 5)
    sections = tuple(Section(a, b, x) for a, b, x in zip(cuts[:-1], cuts[1:], "ABCB", strict=True))
    score = Score(bpm, beats, beats[::4], np.array([drop]), ((drop * 0.8, drop),), sections)
    signals = {name: np.asarray(curve, np.float32) for name, curve in names.items()}
    return Analysis(Fraction(fps), n, seconds, score, signals, bands)


def outline(m: int) -> np.ndarray:
    level = np.linspace(0.1, 0.9, m, dtype=np.float32)
    return np.stack([-level, level], 1)


@pytest.mark.parametrize("seconds", [30.0, pytest.param(300.0, marks=pytest.mark.slow)])
def test_a_dark_picture_with_something_in_it(tmp_path: Path, seconds: float) -> None:
    out = tmp_path / "plot.png"
    plot_analysis(synthetic(seconds), outline(1600), out, "a song")
    picture = read(out)
    assert 800 < picture.shape[0] < 1300 and picture.shape[1] == 1600
    assert np.median(picture) < 60, "dark"
    # the drop's line, in its colour, in the middle of the time axis
    line = (np.abs(picture.astype(int) - np.array([0x73, 0x5D, 0xFF])).max(-1) < 40).sum(0)
    middle = round((0.07 + 0.985) / 2 * 1600)
    assert abs(int(line.argmax()) - middle) <= 3
    assert [p.name for p in tmp_path.iterdir()] == ["plot.png"]


@pytest.mark.parametrize(
    ("title", "shown"),
    [
        ("naïve $x$", "naïve $x$"),
        ("🎵 日", "□ □"),
        ("", ""),
        ("a\nb\tc\0d", "a b c□d"),
        ("\u202eleft", "□left"),
    ],
)
def test_titles_hold_only_what_the_font_has(title: str, shown: str) -> None:
    assert printable(title) == shown


def test_long_titles_are_cut() -> None:
    assert len(printable("x" * 300)) == 80


def test_any_title_and_path(tmp_path: Path) -> None:
    out = tmp_path / "naïve 🎵.png"
    plot_analysis(synthetic(5.0, n_bands=8), outline(50), out, "🎵 日本の歌 $\\frac$ _^{}")
    assert read(out) is not None


def test_hardly_any_song(tmp_path: Path) -> None:
    empty = np.zeros(0)
    score = Score(0.0, empty, empty, empty, (), (Section(0.0, 1 / 44100, "A"),))
    silent = Analysis(Fraction(30), 1, 1 / 44100, score, {"rms": np.zeros(1, np.float32)}, np.zeros((1, 8), np.float32))
    plot_analysis(silent, np.zeros((0, 2), np.float32), tmp_path / "a.png", "one sample")
    assert read(tmp_path / "a.png") is not None


def test_a_lane_says_where_tempo_and_metre_change(tmp_path: Path) -> None:
    song = synthetic(30.0)
    one = (Stretch(0.0, 30.0, 120.0, 4),)
    many = (*(Stretch(k, k + 1.0, 120.0 + k, 3, confidence=0.1 * k) for k in range(9)), Stretch(9.0, 30.0, 90.0, 2, 3))
    heights = []
    for stretches in (one, many):
        plot_analysis(
            replace(song, score=replace(song.score, stretches=stretches)), None, tmp_path / "plot.png", "a song"
        )
        heights.append(read(tmp_path / "plot.png").shape[0])
    assert heights[1] > heights[0] + 20


def test_no_hit_is_lost_in_a_long_song() -> None:
    curve = np.zeros(10_007, np.float32)
    curve[[0, 5_000, 10_006]] = [0.5, 1.0, 0.7]
    few = columns_of(curve, 100, "max")
    assert len(few) == 100
    assert sorted(few[few > 0]) == pytest.approx([0.5, 0.7, 1.0])
    assert columns_of(np.ones((1000, 3), np.float32), 7, "mean") == pytest.approx(np.ones((7, 3)))
    assert np.array_equal(columns_of(curve[:50], 100, "max"), curve[:50])


def test_what_cannot_be_written(tmp_path: Path) -> None:
    song = synthetic(2.0, n_bands=4)
    with pytest.raises(OptionError, match="no picture"):
        plot_analysis(song, None, tmp_path / "plot.txt", "")
    with pytest.raises(OutputError, match="cannot be written"):
        plot_analysis(song, None, tmp_path / "none" / "plot.png", "")
    assert not list(tmp_path.iterdir())
