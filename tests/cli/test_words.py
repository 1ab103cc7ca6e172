"""``avwalk words``."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from avwalk.cli.main import main
from avwalk.errors import OptionError
from avwalk.speech.transcriber import Transcription
from tests.speech.fakes import BeepTranscriber, beeps


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


class _Beeps(BeepTranscriber):
    """Stands for Whisper at the command line."""

    name = "beeps"
    found = True

    def __init__(self, model: str) -> None:
        super().__init__()

    def check_language(self, language: str | None, translate: bool) -> None:
        if language == "xx":
            raise OptionError("--language 'xx' is none that beeps knows")

    def transcribe(self, samples: NDArray[np.float32], language: str | None, translate: bool) -> Transcription:
        made = super().transcribe(samples, language, translate)
        return made if self.found else Transcription("fr", ())


@pytest.fixture
def talk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr("avwalk.speech.whisper.WhisperTranscriber", _Beeps)
    monkeypatch.setenv("AVWALK_CACHE_DIR", str(tmp_path / "cache"))
    return beeps(tmp_path / "talk.wav", 6.0, {1.0: 0.5, 3.0: 0.5}).path


def test_what_is_recognised_goes_into_the_table_and_edits_stay(talk: Path, capsys: pytest.CaptureFixture[str]) -> None:
    table = talk.with_name("talk.words.csv")
    assert run(talk, "--recognise", "--translate") == 0
    said = capsys.readouterr()
    assert "4 lines, 4 words" in said.out and "language: fr" in said.err
    text = table.read_text(encoding="utf-8")
    assert ",English," in text and "<0:00.990>bip." in text
    table.write_text(text.replace("<0:00.990>bip.", "<0:00.990>Bonjour"), encoding="utf-8")
    assert run(talk, "--recognise") == 0
    assert "Bonjour" in table.read_text(encoding="utf-8") and ",English," not in table.read_text(encoding="utf-8")


def test_nobody_speaks_is_one_line_and_changes_nothing(
    talk: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_Beeps, "found", False)
    assert run(talk, "--recognise") == 0
    said = capsys.readouterr()
    assert said.err.count("\n") == 1 and "no speech was recognised in 'talk.wav' by beeps" in said.err
    assert not talk.with_name("talk.words.csv").exists()


def test_a_text_is_aligned_and_lines_without_a_place_are_marked(talk: Path, capsys: pytest.CaptureFixture[str]) -> None:
    lyrics = talk.with_name("lyrics.txt")
    lyrics.write_text("bip\nquelque chose d’autre\nbip\n", encoding="utf-8")
    assert run(talk, "--align", lyrics, "--language", "fr") == 0
    assert "2 of 3 lines placed, mean confidence 1.00" in capsys.readouterr().err
    rows = [row for row in talk.with_name("talk.words.csv").read_text(encoding="utf-8").splitlines() if "auto:" in row]
    assert [row.endswith("not placed") for row in rows] == [False, True, False]
    assert rows[0].startswith("0:00.99") and rows[2].startswith("0:02.99")
    assert run(talk, "--text", "x") == 2


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (["--recognise", "--from", "a.lrc"], "give one of them"),
        (["--translate"], "--translate belongs to --recognise"),
        (["--language", "fr"], "belong to --recognise or --align"),
        (["--recognise", "--stem", "drums=talk.wav"], "write --stem vocals=FILE"),
        (["--recognise", "--stem", "vocals=none.wav"], "does not exist"),
        (["--recognise", "--language", "xx"], "none that beeps knows"),
        (["--align", "none.txt", "--language", "fr"], "cannot be read"),
    ],
)
def test_speech_options_that_do_not_go_together_are_one_line(
    talk: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, given: list[str], said: str
) -> None:
    monkeypatch.chdir(talk.parent)
    assert run(talk, *given) == 1
    told = capsys.readouterr().err
    assert said in told and told.count("\n") == 1
