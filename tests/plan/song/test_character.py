"""What kind of song it is, of songs that are made to be of a kind."""

from __future__ import annotations

from pathlib import Path

import pytest
import soundfile

from avwalk.plan.analyze import analyze
from avwalk.plan.song.character import Character, character_of
from tests import forms


def character(kind: str, folder: Path) -> Character:
    """The first 40 seconds of a song of a kind of `tests.forms`."""
    played = forms.perform(getattr(forms, f"_{kind}")(905))
    soundfile.write(folder / f"{kind}.wav", played.sound[: 40 * forms.RATE], forms.RATE)
    return character_of(analyze(folder / f"{kind}.wav"))


def test_kinds_of_songs_are_told_apart(tmp_path: Path) -> None:
    pad, rock, piano = (character(kind, tmp_path) for kind in ("ambient", "rock", "piano"))
    assert not pad.tempo and pad.energy < 0.45 < piano.energy < rock.energy
    assert pad.drums == piano.drums == 0 and rock.drums > 0.6 and rock.brightness > pad.brightness + 0.3
    assert pad.pace < piano.pace < rock.pace
    assert str(pad).startswith("no beat, no drums") and "drums" in str(rock).split(", ")
    assert not any(each.speech for each in (pad, rock, piano))


@pytest.mark.parametrize(
    ("tempo", "energy", "pace"), [(180, 0.9, 1), (60, 0.3, -1), (103.92, 0.6, 0), (0, 0, -1), (0, 1, 0)]
)
def test_pace(tempo: float, energy: float, pace: float) -> None:
    for drums in (0, 1):
        assert -1 <= Character(tempo=tempo, energy=0.3, drums=drums).pace <= 1
    assert Character(tempo=tempo, energy=energy, drums=1).pace == pytest.approx(pace, abs=1e-3)
