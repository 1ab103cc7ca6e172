"""A score is played in many ways, and the truth goes with it."""

import numpy as np
import pytest

pytest.importorskip("mido")

from tools.hearing.arrangement import arrange
from tools.hearing.scores import Event, Measure, Score


def score(bars: int = 60, barred: bool = True) -> Score:
    """A kick on every beat, a bass on every first."""
    kicks = [Event(-1, float(k), 0.1, 36, 120) for k in range(4 * bars)]
    bass = [Event(0, 4.0 * k, 3.0, 40, 100) for k in range(bars)]
    measures = tuple(Measure(4.0 * k, 4.0, (0.0, 1.0, 2.0, 3.0)) for k in range(bars))
    events = tuple(sorted(kicks + bass, key=lambda e: e.start))
    return Score("test", events, (33,), measures, (0.0, 4.0 * bars), (0.0, 2.0 * bars), barred)


@pytest.mark.parametrize("seed", range(8))
def test_beats_and_bars_lie_where_notes_are(seed: int) -> None:
    piece = arrange(np.random.default_rng(seed), score(), 60.0)
    beats, downbeats = np.array(piece.beats), np.array(piece.downbeats)
    bass = np.array([n.start for n in piece.notes if n.role == "part0"])
    assert len(beats) > 90 and set(downbeats) <= set(beats)
    assert np.abs(bass[:, None] - downbeats).min(axis=1).max() < 0.05
    kicks = np.array([n.start for n in piece.notes if n.role == "drums"])
    assert not piece.drums or np.abs(kicks[:, None] - beats).min(axis=1).max() < 0.05
    assert beats[0] >= 0 and 0.78 < piece.bpm / 120 < 1.25


def test_a_long_score_is_heard_from_several_bars() -> None:
    lasting = [arrange(np.random.default_rng(seed), score(400), 60.0).beats[-1] for seed in range(6)]
    assert min(lasting) > 50 and max(lasting) < 70


def test_bars_that_are_not_sure_are_unknown() -> None:
    piece = arrange(np.random.default_rng(0), score(barred=False), 60.0)
    assert piece.unknown == {"sections", "downbeats"} and piece.downbeats == [] and piece.beats
    assert arrange(np.random.default_rng(0), score(), 60.0).unknown == {"sections"}


def test_the_same_seed_gives_the_same_piece() -> None:
    a, b = (arrange(np.random.default_rng(5), score(), 60.0) for _ in range(2))
    assert a == b and a.notes
