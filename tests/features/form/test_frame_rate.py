"""The form is the song's: at every frame rate it is the same."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from avwalk.contracts import Song
from avwalk.features.analysis import analyze_song
from tests.forms import RATE, perform, tuning

FORMS = {form.name: form for form in tuning()}
OTHERS = (Fraction(24), Fraction(25), Fraction(30000, 1001), Fraction(50), Fraction(60))
SILENCE = 8  # seconds


def played(name: str, interrupted: bool) -> NDArray[np.float32]:
    """A song; if it is interrupted, with silence in its middle."""
    sound = perform(FORMS[name]).sound
    rest = [np.zeros(SILENCE * RATE, np.float32)] if interrupted else []
    half = len(sound) // 2
    return np.concatenate([sound[:half], *rest, sound[half:]])


def form_of(sound: NDArray[np.float32], fps: Fraction) -> dict[str, Any]:
    """What is said of a song apart from frames."""
    song = Song(Path("song"), "0" * 64, RATE, 1, len(sound), "pcm_s16le")
    found = analyze_song(song, iter([sound[:, None]]), fps)
    score = found.score
    return {
        "sections": [(s.start, s.end, s.label) for s in score.sections],
        "drops": score.drops.tolist(),
        "builds": list(score.builds),
        "beats": score.beats.tolist(),
        "keys": sorted(set(found.signals["key"].tolist())),
        "recurrence": found.recurrence.tolist(),
    }


@pytest.mark.parametrize(
    ("name", "interrupted"),
    [
        ("edm-5", False),
        *(pytest.param(name, rest, marks=pytest.mark.full) for name, rest in (("pop-0", False), ("ambient-13", False))),
        pytest.param("hiphop-22", True, marks=pytest.mark.full),
    ],
)
def test_the_form_is_the_same_at_every_frame_rate(name: str, interrupted: bool) -> None:
    sound = played(name, interrupted)
    usual = form_of(sound, Fraction(30))
    assert len(usual["sections"]) > 1
    for fps in OTHERS:
        assert form_of(sound, fps) == usual, fps
