"""What is shown while a film is made."""

from __future__ import annotations

import sys

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


def test_the_end_says_lag_and_flicker(capsys: pytest.CaptureFixture[str]) -> None:
    event = {
        "event": "done",
        "out": "a.mp4",
        "n_frames": 60,
        "wall_s": 3.2,
        "lag_frames": 0,
        "correlation": 0.5,
        "flicker": 0.01234,
    }
    Lines()(event)
    line = "done in 0:03: a.mp4 (60 frames; the picture is +0 frames from the hits, r = 0.50; flicker 0.0123)\n"
    assert capsys.readouterr().err == line
    Lines()({**event, "lag_frames": None, "correlation": None, "flicker": None})
    assert capsys.readouterr().err == "done in 0:03: a.mp4 (60 frames)\n"
