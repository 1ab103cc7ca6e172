"""Scores of others are read with their metre and tempo, or left out where they are in doubt."""

from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("mido")

from tests.tools.hearing.midi import Notes, write_midi
from tools.hearing.doubts import checked
from tools.hearing.scores import DoubtfulScore, read_score, taps

ROCK = [(4 * bar + at, 0.1, pitch) for bar in range(24) for at, pitch in ((0, 36), (1, 38), (2, 36), (3, 38))]
CHORDS = [(4 * bar, 3.8, 40 + (0, 5, 7, 3)[bar % 4]) for bar in range(24)]


def moved(notes: Notes, by: float) -> list[tuple[float, float, int]]:
    return [(start + by, length, pitch) for start, length, pitch in notes]


@pytest.mark.parametrize(
    ("meter", "bpm", "expected"),
    [
        ((4, 4), 120, (0, 1, 2, 3)),
        ((3, 4), 120, (0, 1, 2)),
        ((6, 8), 120, (0, 1.5)),
        ((12, 8), 120, (0, 1.5, 3, 4.5)),
        ((4, 4), 240, (0, 2)),
        ((4, 4), 50, (0, 0.5, 1, 1.5, 2, 2.5, 3, 3.5)),
        ((2, 2), 200, (0, 2)),
        ((7, 8), 120, ()),
        ((3, 4), 240, ()),
    ],
)
def test_people_tap_quarters_or_dotted_ones_at_a_pace_that_can_be_tapped(
    meter: tuple[int, int], bpm: float, expected: tuple[float, ...]
) -> None:
    assert taps(*meter, bpm) == expected


def test_a_file_gives_notes_bars_and_seconds(tmp_path: Path) -> None:
    path = write_midi(tmp_path / "a.mid", {9: ROCK, 2: CHORDS}, [(0, 4, 4), (48, 3, 4)], bpm=150)
    score = read_score(path, "a")
    assert [m.start for m in score.measures[:2]] == [0, 4] and score.measures[12].beats == (0, 1, 2)
    assert sum(e.part == -1 for e in score.events) == len(ROCK) and score.programs == (0,)
    assert score.seconds(np.array([0.0, 10.0])).tolist() == pytest.approx([0.0, 4.0])
    assert score.events[0].length == pytest.approx(0.1, abs=0.01)


def test_a_metre_nobody_knows_is_left_out(tmp_path: Path) -> None:
    with pytest.raises(DoubtfulScore, match="nobody knows where people tap"):
        read_score(write_midi(tmp_path / "a.mid", {9: ROCK}, [(0, 7, 8)]), "a")


def test_what_is_no_midi_file_is_left_out(tmp_path: Path) -> None:
    (tmp_path / "a.mid").write_bytes(b"no music")
    with pytest.raises(DoubtfulScore, match="^a: "):
        read_score(tmp_path / "a.mid", "a")


def test_bars_that_fit_the_music_are_sure(tmp_path: Path) -> None:
    assert checked(read_score(write_midi(tmp_path / "a.mid", {9: ROCK, 2: CHORDS}), "a")).barred


@pytest.mark.parametrize("by", [1.0, 2.0])
def test_bars_that_begin_elsewhere_are_not(tmp_path: Path, by: float) -> None:
    late = {9: moved(ROCK, by), 2: moved(CHORDS, by)}
    assert not checked(read_score(write_midi(tmp_path / "a.mid", late), "a")).barred


def test_bars_of_another_length_are_not_sure(tmp_path: Path) -> None:
    waltz = [(3 * bar, 2.8, 40 + (0, 5, 7, 3)[bar % 4]) for bar in range(32)]
    drums = [(3 * bar + at, 0.1, pitch) for bar in range(32) for at, pitch in ((0, 36), (1, 38), (2, 38))]
    assert not checked(read_score(write_midi(tmp_path / "a.mid", {9: drums, 2: waltz}), "a")).barred
    assert checked(read_score(write_midi(tmp_path / "b.mid", {9: drums, 2: waltz}, [(0, 3, 4)]), "b")).barred


def test_notes_beside_the_grid_are_left_out(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    free = [(float(t), 0.2, 60) for t in np.cumsum(rng.uniform(0.3, 1.3, 200))]
    with pytest.raises(DoubtfulScore, match="of the notes on the grid"):
        checked(read_score(write_midi(tmp_path / "a.mid", {0: free}), "a"))
    with pytest.raises(DoubtfulScore, match="of the notes on the grid"):
        checked(read_score(write_midi(tmp_path / "b.mid", {0: moved(CHORDS, 0.5), 9: moved(ROCK, 0.5)}), "b"))
