"""What is shown while a film is made."""

from __future__ import annotations

import sys

import pytest

from avwalk.cli.console import Bar, Lines, reporter


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
