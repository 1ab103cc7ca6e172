from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from avwalk.features.form.structure import Structure, find_structure
from avwalk.features.tonal import Tones

BAR = 2.0  # seconds
# a part: level of bass, level of the rest in dB, brightness tilt in dB per band, chords, onset activity
PARTS = {
    "intro": (-70, -30, -1.0, (0, 5), 0.1),
    "verse": (-22, -26, -0.6, (9, 5, 0, 7), 0.5),
    "chorus": (-14, -16, -0.1, (5, 7, 4, 9), 0.9),
    "break": (-60, -28, -0.8, (2, 9), 0.15),
}


def song(form: list[tuple[str, int]], noise: float = 1.0, seed: int = 0) -> tuple[Tones, np.ndarray, np.ndarray]:
    """Ten cells a second of a song of known form: ("verse", 8) is eight bars; "rise" climbs over its bars."""
    rng = np.random.default_rng(seed)
    colour, chroma, activity = [], [], []
    for name, bars in form:
        bass, level, tilt, chords, busy = PARTS["break" if name == "rise" else name]
        for b in range(bars):
            lift = b / bars if name == "rise" else 0.0
            row = level + tilt * np.arange(20) + lift * np.linspace(4, 26, 20)
            row[:5] = bass
            chord = np.zeros(12)
            chord[[(chords[b % len(chords)] + k) % 12 for k in (0, 4, 7)]] = 1
            for _ in range(20):
                colour.append(row + rng.normal(0, noise, 20))
                chroma.append(chord * 10 ** (level / 20) + rng.uniform(0, 1e-3, 12))
                activity.append(busy + 0.7 * lift + rng.uniform(0, 0.05))
    n = len(colour)
    tones = Tones(10.0, np.array(chroma, np.float32), np.minimum(0, np.array(colour, np.float32)), 0.0)
    return tones, np.array(activity, np.float32), np.arange(0, n / 10, BAR)


def beats_of(bars: np.ndarray) -> np.ndarray:
    return np.asarray(
        np.interp(np.arange(4 * len(bars)) / 4, np.arange(len(bars) + 1), np.append(bars, bars[-1] + BAR))
    )


def structure(form: list[tuple[str, int]], **options: Any) -> Structure:
    tones, activity, bars = song(form, **options)
    return find_structure(tones, activity, beats_of(bars), bars, len(activity) / 10)


FORMS = [
    [("intro", 8), ("verse", 16), ("chorus", 8), ("verse", 16), ("chorus", 16), ("intro", 4)],
    [("verse", 8), ("chorus", 8), ("verse", 8), ("chorus", 8), ("break", 8), ("chorus", 16)],
    [("intro", 8), ("chorus", 32), ("break", 16), ("chorus", 32), ("intro", 8)],
]


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("noise", [0.5, 2.0])
def test_sections_of_known_form(form: list[tuple[str, int]], noise: float) -> None:
    found = structure(form, noise=noise).sections
    borders = np.cumsum([0] + [bars for _, bars in form]) * BAR
    assert [s.start for s in found] == pytest.approx(borders[:-1].tolist())
    label_of: dict[str, str] = {}
    for section, (name, _) in zip(found, form, strict=True):
        assert label_of.setdefault(name, section.label) == section.label
    assert len(set(label_of.values())) == len(label_of)


def test_drop_after_a_build_up() -> None:
    found = structure([("verse", 16), ("break", 8), ("rise", 8), ("chorus", 16), ("break", 8), ("chorus", 16)])
    assert found.drops.tolist() == [64.0, 112.0]
    ((start, end),) = [b for b in found.builds if b[1] == 64.0]
    assert start in (48.0, 32.0) and end == 64.0
    assert all(any(s.start == d for s in found.sections) for d in found.drops)


def test_a_song_that_only_gets_louder_has_no_drop() -> None:
    assert len(structure([("verse", 16), ("verse", 16)]).drops) == 0
    assert len(structure([("verse", 16), ("chorus", 16)]).drops) == 0


def test_a_loop_is_one_section() -> None:
    assert [s.label for s in structure([("verse", 32)]).sections] == ["A"]


@pytest.mark.parametrize("seconds", [0.02, 1.0, 7.0])
def test_short_songs_are_one_section(seconds: float) -> None:
    n = max(1, round(10 * seconds))
    tones = Tones(10.0, np.zeros((n, 12), np.float32), np.full((n, 20), -100, np.float32), 0.0)
    found = find_structure(tones, np.zeros(n, np.float32), np.zeros(0), np.zeros(0), seconds)
    assert [(s.start, s.end, s.label) for s in found.sections] == [(0.0, seconds, "A")]


def test_silence_without_bars() -> None:
    tones = Tones(10.0, np.zeros((600, 12), np.float32), np.full((600, 20), -100, np.float32), 0.0)
    found = find_structure(tones, np.zeros(600, np.float32), np.zeros(0), np.zeros(0), 60.0)
    assert len(found.sections) == 1 and not len(found.drops) and not found.builds


def test_sections_leave_no_gap_and_lie_on_bars() -> None:
    tones, activity, bars = song(FORMS[0])
    bars = bars[2:] + 0.73  # bars begin late; the rest belongs to the first
    found = find_structure(tones, activity, beats_of(bars), bars, len(activity) / 10)
    ends = [s.end for s in found.sections]
    starts = [s.start for s in found.sections]
    assert starts[0] == 0 and ends[-1] == len(activity) / 10 and starts[1:] == ends[:-1]
    grid = np.round((np.array(starts[1:]) - 0.73) / BAR, 9)
    np.testing.assert_allclose(grid, np.round(grid))


def test_a_long_mix_keeps_its_sections() -> None:
    tones, activity, _ = song([("verse", 16), ("chorus", 16)])
    times = 40
    mix = Tones(10.0, np.tile(tones.chroma, (times, 1)), np.tile(tones.colour, (times, 1)), 0.0)
    seconds = times * len(activity) / 10
    found = find_structure(
        mix, np.tile(activity, times), np.arange(0, seconds, BAR / 4), np.arange(0, seconds, BAR), seconds
    )
    assert [s.label for s in found.sections] == ["verse", "chorus"] * times
