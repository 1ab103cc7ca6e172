"""Names of sections, on songs of known form."""

from __future__ import annotations

import numpy as np
import pytest

from avwalk.features.form.names import name_sections
from avwalk.features.form.units import UnitFeatures, Units

BAR = 4
# loudness and bass in dB
SOUNDS = {"A": (-30.0, -60.0), "B": (-20.0, -22.0), "C": (-14.0, -16.0), "D": (-24.0, -60.0), "E": (-28.0, -55.0)}
SOUNDS["F"] = (-18.0, -21.0)


def names(
    letters: str, bars: int = 8, drops: tuple[int, ...] = (), builds: tuple[int, ...] = (), rhythmic: bool = True
) -> list[str]:
    """Of a song of equal sections; places of those that begin with a drop, and of build-ups."""
    size = bars * BAR
    n = size * len(letters)
    loud, bass = (np.repeat([SOUNDS[x][k] for x in letters], size) for k in (0, 1))
    song = UnitFeatures(np.zeros((n, 20)), np.zeros((n, 12)), loud, bass, loud, np.full(n, 0.5))
    units = Units(np.arange(n + 1) / 2, np.arange(0, n + 1, BAR), BAR, rhythmic)
    bounds = [size * k for k in range(len(letters) + 1)]
    spans = [(size * k, size * k + size) for k in builds]
    return name_sections(bounds, list(letters), song, units, [size * k for k in drops], spans)


def test_verse_and_chorus_come_in_turn() -> None:
    assert names("ABCBCDCE") == ["intro", "verse", "chorus", "verse", "chorus", "bridge", "chorus", "outro"]


def test_a_song_of_drops_has_builds_and_breaks() -> None:
    found = names("AECDECA", drops=(2, 5), builds=(1, 4))
    assert found == ["A", "build", "drop", "break", "build", "drop", "A"]  # what comes twice is no intro


def test_a_second_kind_of_verse_keeps_its_letter() -> None:
    assert names("BFCBFC") == ["verse", "F", "chorus", "verse", "F", "chorus"]


def test_two_kinds_of_break_stay_two() -> None:
    assert names("BFEFDF", drops=(1, 3, 5)) == ["intro", "F", "break", "F", "break D", "F"]


@pytest.mark.parametrize("letters", ["AB", "ABA", "AAAA", "ABCDE", "ABBA"])
def test_without_evidence_letters_stay(letters: str) -> None:
    assert names(letters)[0] in ("A", "intro") and not set(names(letters)) & {"verse", "chorus", "drop", "bridge"}


def test_without_beats_letters_stay() -> None:
    assert names("ABCBCDCE", rhythmic=False) == list("ABCBCDCE")


def test_a_name_belongs_to_one_label() -> None:
    rng = np.random.default_rng(0)
    for _ in range(50):
        letters = "".join(rng.choice(list("ABCDE"), int(rng.integers(4, 12))))
        drops = tuple(k for k in range(1, len(letters)) if rng.random() < 0.3)
        found = names(letters, drops=drops)
        assert len(set(zip(letters, found, strict=True))) == len(set(letters)) == len(set(found))
