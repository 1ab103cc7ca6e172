"""Songs to learn from: the truth about them is true."""

import os
import subprocess
import sys

import numpy as np
import pytest

from tests.conftest import ROOT
from tools.hearing.bands import BANDS
from tools.hearing.composer import compose
from tools.hearing.grooves import Groove
from tools.hearing.piece import HAT, KICK, SNARE, Piece
from tools.hearing.styles import STYLES

GROOVE = Groove("rock", 120.0, 4, ((0.0, 36, 100), (1.01, 38, 90), (2.0, 36, 100), (3.0, 38, 90), (3.5, 42, 60)), 1)


def piece_of(name: str, seed: int = 0) -> Piece:
    return compose(np.random.default_rng(seed), 30.0, [GROOVE], name)


@pytest.mark.parametrize("name", sorted(STYLES))
def test_every_style_gives_a_song_with_its_truth(name: str) -> None:
    piece, style = piece_of(name), STYLES[name]
    assert piece.notes and style.band in BANDS
    beats, bars = np.array(piece.beats), np.array(piece.downbeats)
    assert (np.diff(beats) > 0.05).all() and (np.diff(bars) > 0).all()
    assert np.abs(bars[:, None] - beats).min(axis=1).max() < 1e-6
    assert all(n.start >= 0 and n.length > 0 and 20 <= n.pitch <= 108 and 1 <= n.velocity <= 127 for n in piece.notes)
    assert piece.beats[0] <= min(n.start for n in piece.notes) + 0.1
    if style.kick and piece.drums:
        assert {n.pitch for n in piece.notes if n.role == "drums"} & (KICK | SNARE | HAT)
    if style.drumless == 1.0:
        assert not any(n.role == "drums" for n in piece.notes)


def test_the_same_seed_gives_the_same_song() -> None:
    a, b, c = piece_of("house", 3), piece_of("house", 3), piece_of("house", 4)
    assert a.notes == b.notes and a.beats == b.beats
    assert a.notes != c.notes


def test_another_process_makes_the_same_songs() -> None:
    """The order of a set of words is another in every process."""
    code = (
        "import numpy as np; from tools.hearing.composer import compose;"
        "print([compose(np.random.default_rng(k), 10.0, []).notes for k in range(24)])"
    )
    notes = [
        subprocess.run(
            [sys.executable, "-c", code],
            env=os.environ | {"PYTHONHASHSEED": seed},
            cwd=ROOT,
            capture_output=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    ]
    assert notes[0] == notes[1]


def test_drums_fall_on_the_beats_they_are_written_on() -> None:
    for seed in range(40):
        piece = piece_of("techno", seed)
        kicks = np.array([n.start for n in piece.notes if n.role == "drums" and n.pitch in KICK])
        if len(kicks) > 20:
            break
    distance = np.abs(kicks[:, None] - np.array(piece.beats)).min(axis=1)
    assert np.median(distance) < 0.02  # but for fills and players' jitter


def test_irregular_songs_have_irregular_bars() -> None:
    kinds: dict[str, list[Piece]] = {}
    for seed in range(300):
        piece = piece_of("rock", seed)
        kinds.setdefault(piece.irregular, []).append(piece)
    assert {"", "add", "meter", "pause", "silence", "tempo", "rit"} <= set(kinds)
    counts = [len(set(np.diff(np.searchsorted(p.beats, np.array(p.downbeats) - 1e-6)))) for p in kinds["meter"]]
    assert max(counts) > 1
    assert any(p.silences for p in kinds["silence"])
