"""What reaches the terminal: no control characters of files, no error line without end."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from avwalk.cli.main import _explain
from avwalk.cli.progress import say
from avwalk.cli.terminal import MAX_LINE, echo, error_line, json_text, printable
from avwalk.errors import OptionError
from tests.cli.test_bad_input import run

EVIL = "a\x1b]0;owned\x07b\x9b2Jc\rd\u202ee\u2028f\x00g\ud800h"


def test_nothing_commands_a_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    echo(EVIL)
    say(EVIL)
    out, err = capsys.readouterr()
    assert out == err == "a?]0;owned?b?2Jc?d?e?f?g?h\n"
    assert printable("é 語 🎵\n\ttab") == "é 語 🎵\n\ttab"


def test_json_keeps_what_it_escapes() -> None:
    text = json_text({"a": EVIL})
    assert printable(text) == text and json.loads(text) == {"a": EVIL}


def test_an_error_line_has_an_end(capsys: pytest.CaptureFixture[str]) -> None:
    assert _explain(OptionError(f"size '{'9' * 5000}' is not understood; write it as 1280x720\n\x1b[2Jtwo")) == 1
    assert _explain(RuntimeError("x" * 5000)) == 1
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 3 and all(len(line) <= MAX_LINE for line in lines)
    assert lines[0].endswith("write it as 1280x720") and "\x1b" not in "".join(lines)
    assert error_line("short") == "short"


def test_controls_in_files_are_not_printed(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    song, cues = tmp_path / "s.wav", tmp_path / "s.cues.csv"
    song.write_bytes(b"no sound")
    cues.write_bytes(b"at,what,value\n0:01,\x1b[31mred\x07,\x1b]0;t\x07\n")
    preset = tmp_path / "p.toml"
    preset.write_text('"\\u001b[2J" = 1\n[grain]\n"a\\u0007" = "\\u009b"\n', encoding="utf-8")
    for args in (("cues", "check", str(song), "--cues", str(cues)), ("presets", "check", str(preset))):
        _, out, err = run(capfd, *args)
        assert err or out
        assert not any((ord(c) < 32 and c != "\n") or 0x7F <= ord(c) < 0xA0 for c in out + err), (out, err)


def test_the_output_is_flushed_in_order(capfd: pytest.CaptureFixture[str]) -> None:
    echo("one", err=True)
    print("two", file=sys.stderr)
    assert capfd.readouterr().err == "one\ntwo\n"
