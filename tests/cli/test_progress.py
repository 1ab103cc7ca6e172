"""What is shown while a film is made."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from avwalk.cli.progress import Bar, Lines, reporter


def test_a_bar_on_a_terminal_and_lines_in_a_notebook(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True, raising=False)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.delenv("JPY_PARENT_PID", raising=False)
    assert isinstance(reporter(as_json=False, quiet=False), Bar)
    monkeypatch.setenv("JPY_PARENT_PID", "7")  # of the kernel; its commands have a terminal that cannot go back
    assert isinstance(reporter(as_json=False, quiet=False), Lines)
    monkeypatch.delenv("JPY_PARENT_PID")
    monkeypatch.setenv("TERM", "dumb")
    assert isinstance(reporter(as_json=False, quiet=False), Lines)


@pytest.mark.parametrize(("of", "said"), [({}, False), ({"model": "a1"}, True), ({"restyle": "b2"}, True)])
def test_the_wait_for_weights_is_said(capsys: pytest.CaptureFixture[str], of: dict[str, str], said: bool) -> None:
    event = {
        "event": "resolved",
        "song": "a.wav",
        "out": "a.mp4",
        "duration": 2,
        "size": "64x36",
        "fps": "30/1",
        "preset": "lsd",
        "generator": "cppn",
        "seed": 0,
        **of,
    }
    Lines()(event)
    assert ("reading weights" in capsys.readouterr().err) is said


DONE = {
    "event": "done",
    "out": "a.mp4",
    "n_frames": 60,
    "wall_s": 3.2,
    "lag_frames": 0,
    "correlation": 0.5,
    "flicker": 0.01234,
}


def test_the_end_says_where_the_film_is_and_how_large(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    Lines()(DONE)
    assert capsys.readouterr().err == f"done in 0:03: {tmp_path / 'a.mp4'} (60 frames)\n"
    Path("a.mp4").write_bytes(bytes(1_300_000))
    Lines()(DONE)
    assert capsys.readouterr().err == f"done in 0:03: {tmp_path / 'a.mp4'} (60 frames, 1.3 MB)\n"
    Lines(verbose=True)(DONE)
    sync = "the picture is +0 frames from the hits, r = 0.50, flicker 0.0123"
    assert capsys.readouterr().err == f"done in 0:03: {tmp_path / 'a.mp4'} (60 frames, 1.3 MB, {sync})\n"


@pytest.mark.parametrize("verbose", [False, True])
def test_a_time_to_go_is_said_once_it_means_something(
    verbose: bool, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    now = [100.0]
    monkeypatch.setattr("avwalk.cli.progress.time.monotonic", lambda: now[0])
    lines = Lines(verbose)
    event = {"event": "progress", "total": 1000, "fps": 20.0, "eta_s": 45, "limit": "encoder"}

    def said(at: float, done: int) -> str:
        now[0] = at
        lines({**event, "done": done})
        return capsys.readouterr().err.strip()

    limit = ", limited by the encoder" if verbose else ""
    assert said(109, 1) == ""
    assert said(111, 15) == f"15/1000 frames, 20.0 fps{limit}"  # too few frames
    assert said(122, 100) == f"100/1000 frames, 20.0 fps, 0:45 to go{limit}"


def test_a_bar_shows_no_time_to_go_at_first() -> None:
    bar = Bar()
    try:
        bar({"event": "progress", "done": 1, "total": 100, "fps": 20.0, "eta_s": 45, "limit": "encoder"})
        assert bar._progress.tasks[0].fields["more"] == ""
    finally:
        bar.close()
