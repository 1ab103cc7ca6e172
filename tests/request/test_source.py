from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import pytest

from avwalk.cli.progress import Lines
from avwalk.request.resolve import resolve
from tests.frames.test_files import film


def test_a_source_is_named_and_its_end_is_said(
    click_song: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    source = film(tmp_path / "a.mp4", 25, Fraction(25))
    requests = {
        end: resolve(click_song, {"source": str(source), "size": "64x36", "source_end": end})
        for end in ("hold", "loop", "black")
    }
    for end, said in {"hold": "last picture stays", "loop": "begins again", "black": "it is black"}.items():
        notes = [note for note in requests[end].notes if "source 'a.mp4' is 1.0 s long" in note]
        assert len(notes) == 1 and said in notes[0] and f"--source-end {end}" not in notes[0]
    assert len({request.film.hash for request in requests.values()}) == 3
    assert "end" not in requests["hold"].film.to_json()["source"]
    Lines()({"event": "resolved", **requests["hold"].summary, "out": "film.mp4"})
    said = capfd.readouterr().err
    assert "source a.mp4, seed" in said and "generator" not in said
    short = resolve(click_song, {"source": str(source), "size": "64x36", "duration": 1})
    assert not any("s long" in note for note in short.notes)
