"""In which order a cluster makes the films of a batch."""

from __future__ import annotations

from pathlib import Path

import pytest
import soundfile

from avwalk.batch.cluster import _absolute, longest_first
from avwalk.batch.table import Job
from tests.conftest import clicks


def test_the_longest_song_comes_first_and_what_cannot_be_read_last(tmp_path: Path) -> None:
    jobs = []
    for seconds in (2, 5, 3):
        path = tmp_path / f"{seconds}.wav"
        soundfile.write(path, clicks(float(seconds), rate=8000), 8000)
        jobs.append(Job(path, {"out": f"{seconds}.mp4"}, f"table.csv:{seconds}"))
    broken = tmp_path / "broken.wav"
    broken.write_bytes(b"no song")
    jobs.insert(0, Job(broken, {"out": "b.mp4"}, "table.csv:9"))
    assert [job.song.stem for job in longest_first(jobs)] == ["5", "3", "2", "broken"]


def test_paths_mean_the_same_in_another_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    job = _absolute(Job(Path("a.wav"), {"out": "frames/", "cues": "a.csv", "preset": "lsd", "seed": 3}, "t.csv:2"))
    assert job.song == tmp_path / "a.wav"
    assert job.options == {"out": f"{tmp_path}/frames/", "cues": f"{tmp_path}/a.csv", "preset": "lsd", "seed": 3}
