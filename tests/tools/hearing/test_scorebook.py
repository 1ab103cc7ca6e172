"""What judges is not learned from."""

import shutil
from pathlib import Path

import pytest

pytest.importorskip("mido")

from tests.tools.hearing.midi import write_midi
from tools.hearing.collected import COLLECTIONS
from tools.hearing.scorebook import read_book

ROCK = [(4 * bar + at, 0.1, pitch) for bar in range(24) for at, pitch in ((0, 36), (1, 38), (2, 36), (3, 38))]


def collections(folder: Path) -> Path:
    """Ten scores in each collection, the first of which cannot be read."""
    rock = write_midi(folder / "rock.mid", {9: ROCK})
    for name, each in COLLECTIONS.items():
        (folder / name / each.files).parent.mkdir(parents=True)
        for k in range(1, 10):
            shutil.copy(rock, (folder / name / each.files).parent / f"{name}{k}.mid")
        ((folder / name / each.files).parent / f"{name}0.mid").write_bytes(b"")
    return folder


def test_scores_and_grooves_are_learned_from_or_judge(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = collections(tmp_path)
    learned, validation = (read_book(folder, which) for which in (False, True))
    names = [{score.name for score in book.scores} for book in (learned, validation)]
    assert not names[0] & names[1] and not set(learned.grooves) & set(validation.grooves)
    assert {name.partition("/")[0] for name in names[0]} == {"freedoom"}
    assert {name.partition("/")[0] for name in names[1]} == {"freedoom", "simutrans", "easyrpg"}
    assert len(learned.grooves) > 3 * len(validation.grooves) > 0
    assert "left out: freedoom/freedoom0: " in capsys.readouterr().err
