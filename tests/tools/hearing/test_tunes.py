"""Tunes with chords are read, and a band plays them in its own metre."""

import shutil
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("mido")

from tests.tools.hearing.midi import write_midi
from tools.hearing.accompaniment import _chords, _melody, accompany
from tools.hearing.bandbook import TAPPINGS
from tools.hearing.collected import LIBRARY
from tools.hearing.scores import DoubtfulScore
from tools.hearing.tunes import read_tune

TRIADS = ((48, 52, 55), (45, 48, 52), (41, 45, 48), (43, 47, 50, 53))  # C, Am, F, G7


def written(path: Path, length: float = 4.0, late: float = 0.0, meter: tuple[int, int] = (4, 4)) -> Path:
    """Eight bars after one of a single note; a chord a bar."""
    melody = [(length - 0.5, 0.5, 67)] + [(length * (1 + k) + x, 0.5, 72) for k in range(8) for x in (0.0, 1.0)]
    chords = [(length * (1 + k) + late * (k % 2), 1.0, p) for k in range(8) for p in TRIADS[k % 4]]
    write_midi(path, {0: melody, 1: chords}, [(0, *meter)])
    import mido

    file = mido.MidiFile(path)  # the database's files have two tracks: the metre is in the first of both
    signature = file.tracks.pop(0)[1]
    file.tracks[0].insert(0, signature)
    file.save(path)
    return path


def test_a_tune_has_melody_and_named_chords(tmp_path: Path) -> None:
    tune = read_tune(written(tmp_path / "a.mid"))
    assert (tune.meter, tune.bars) == ((4, 4), 8)
    assert [name for _, name in tune.chords] == ["C", "Am", "F", "G7"] * 2
    assert [x for x, _ in tune.chords] == [4.0 * k for k in range(8)]
    assert tune.melody[0].start == 0 and tune.melody[0].pitch == 72  # what comes before is left out


def test_bars_that_chords_do_not_begin_are_in_doubt(tmp_path: Path) -> None:
    with pytest.raises(DoubtfulScore, match="4 of 8 bars begin with a chord"):
        read_tune(written(tmp_path / "a.mid", late=1.0))


def test_a_bar_of_the_band_may_be_two_of_the_tune(tmp_path: Path) -> None:
    jig = read_tune(written(tmp_path / "a.mid", 3.0, meter=(6, 8)))
    twelve = TAPPINGS["blues128"]
    assert _chords(jig, 0, twelve) == ["C", "/", "Am", "/"] and _chords(jig, 4, twelve) == ["C", "/", "Am", "/"]
    melody = _melody(jig, 4, twelve, 3, 12)
    assert [round(e.start, 3) for e in melody[:3]] == [0.0, 0.667, 2.0] and melody[0].pitch == 84


@pytest.mark.skipif(shutil.which("mma") is None or not Path(LIBRARY).is_dir(), reason="needs MMA")
def test_a_band_plays_the_tune(tmp_path: Path) -> None:
    tune = read_tune(written(tmp_path / "a.mid"))
    a, b = (accompany(np.random.default_rng(1), tune, "bossanova", Path(LIBRARY), tmp_path) for _ in range(2))
    assert a == b and len(a.measures) > 20 and a.measures[0].beats == (0, 1, 2, 3)
    assert any(e.part == -1 for e in a.events) and len(a.programs) > 1
    bpm = 60 / float(np.diff(a.seconds(np.array([0.0, 1.0])))[0])
    assert TAPPINGS["bossanova"].low <= round(bpm) <= TAPPINGS["bossanova"].high
