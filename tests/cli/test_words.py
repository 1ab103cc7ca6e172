"""``avwalk words``."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from avwalk.cli.main import main


@pytest.fixture
def song(click_song: Path, tmp_path: Path) -> Path:
    path = tmp_path / "tune.wav"
    shutil.copy(click_song, path)
    return path


def run(*args: object) -> int:
    with pytest.raises(SystemExit) as ended:
        main(["words", *map(str, args)])
    return int(ended.value.code or 0)


def test_a_table_is_made_corrected_and_written_as_subtitles(
    song: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "tune.lrc").write_text("[00:01.00]One to\n[00:02.00]Three\n[00:03.00]\n", encoding="utf-8")
    assert run(song) == 0
    table = tmp_path / "tune.words.csv"
    assert "tune.words.csv: 2 lines, 3 words, no lines with times of words" in capsys.readouterr().out
    table.write_text(table.read_text(encoding="utf-8").replace("One to", "One two"), encoding="utf-8")
    assert run(song, "--to", ".srt") == 0
    assert "One two" in (tmp_path / "tune.srt").read_text(encoding="utf-8")
    assert run(song, "--to", ".srt") == 1 and "--force" in capsys.readouterr().err
    assert run(song, "--from", tmp_path / "tune.lrc", "--to", tmp_path / "out.vtt") == 0
    assert "One two" in table.read_text(encoding="utf-8") and "One to\n" not in table.read_text(encoding="utf-8")


def test_without_words_it_is_said_where_they_may_be(song: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(song) == 1
    assert "put tune.lrc or .srt beside it, or say --from FILE" in capsys.readouterr().err


def test_what_is_wrong_in_a_file_is_one_line(song: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "bad.lrc").write_text("[ti:x]", encoding="utf-8")
    assert run(song, "--from", tmp_path / "bad.lrc") == 1
    assert capsys.readouterr().err.count("\n") == 1
    assert run(song, "--from", tmp_path / "none.lrc") == 1
    assert run(song, "--to", "x.doc") == 1
    assert run(song, "--to", song) == 1
    assert not (tmp_path / "tune.words.csv").exists()


def test_what_was_mended_is_said(song: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "tune.srt").write_text(
        "00:00:02,000 --> 00:00:03,000\nb\n\n00:00:01,000 --> 00:00:02,500\na\n\n00:01:00,000 --> 00:01:01,000\nc\n"
    )
    assert run(song) == 0
    said = capsys.readouterr().err
    assert "out of order" in said and "overlaps the next" in said and "behind the end of the song" in said
