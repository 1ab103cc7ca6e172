"""Files of words: which are found, bounds and encodings."""

from __future__ import annotations

from pathlib import Path

import pytest

from avwalk.errors import WordsError
from avwalk.files.text_encoding import reading_as
from avwalk.words.files import (
    BESIDE,
    READERS,
    WRITERS,
    read_words,
    table_file,
    transcript_of,
    words_beside,
    write_words,
)
from avwalk.words.transcript import Line, Transcript, words_of
from tests.fuzz.seeds import WORDS


@pytest.mark.parametrize("suffix", READERS)
def test_every_kind_is_read(suffix: str, tmp_path: Path) -> None:
    file = tmp_path / f"song{suffix}"
    file.write_bytes(WORDS[suffix])
    transcript, _ = transcript_of(file, 60.0)
    assert transcript.lines and transcript.name == file.name


def test_the_one_beside_a_song_is_found_the_table_first(tmp_path: Path) -> None:
    song = tmp_path / "My.song.wav"
    assert words_beside(song) is None and table_file(song).name == "My.song.words.csv"
    for end in reversed(BESIDE):
        (tmp_path / f"My.song{end}").write_text("x")
        found = words_beside(song)
        assert found is not None and found.name == f"My.song{end}"


@pytest.mark.parametrize(
    ("name", "data", "said"),
    [
        ("a.lrc", b"", "is empty"),
        ("a.lrc", b" \n", "is empty"),
        ("a.lrc", b"\x00\x01\x02" * 50, "not text"),
        ("a.lrc", b"x" * (5 << 20), "larger than 4 MiB"),
        ("a.lrc", b"[00:01.00]" + b"x" * 2001, "a.lrc:1: the line 'xxx"),
        ("a.lrc", b"[00:01.00]x\n" * 20_001, "at most 20000"),
        ("a.lrc", "Привет мир, я люблю тебя".encode("cp1251"), "encoding cp1251"),
        ("a.doc", b"x", "no known kind"),
        ("a.lrc", b"[59:00.00]late", "behind the end of the song"),
    ],
)
def test_what_cannot_be_used_is_said(name: str, data: bytes, said: str, tmp_path: Path) -> None:
    (tmp_path / name).write_bytes(data)
    with pytest.raises(WordsError) as caught:
        transcript_of(tmp_path / name, 60.0)
    assert said in str(caught.value) and name in str(caught.value) and "\n" not in str(caught.value)


def test_other_encodings(tmp_path: Path) -> None:
    file = tmp_path / "a.lrc"
    file.write_bytes("[00:01.00]Привет".encode("cp1251"))
    with reading_as("cp1251"):
        assert transcript_of(file, 9.0)[0].lines[0].text == "Привет"
    for encoding in ("utf-8-sig", "utf-16"):
        file.write_bytes("[00:01.00]Привет".encode(encoding))
        assert transcript_of(file, 9.0)[0].lines[0].text == "Привет"


def test_files_that_are_not_there_or_no_files(tmp_path: Path) -> None:
    with pytest.raises(WordsError, match="cannot be read"):
        read_words(tmp_path / "none.lrc")
    (tmp_path / "dir.lrc").mkdir()
    with pytest.raises(WordsError):
        read_words(tmp_path / "dir.lrc")


@pytest.mark.parametrize("suffix", WRITERS)
def test_every_kind_is_written(suffix: str, tmp_path: Path) -> None:
    lines = (Line(1.0, 2.0, words_of("Größe")), Line(3.5, 4.25, words_of("夜の街")))
    write_words(Transcript(lines), tmp_path / f"a{suffix}")
    again, notes = transcript_of(tmp_path / f"a{suffix}", 9.0)
    assert again.lines == lines and notes == []


def test_other_kinds_are_not_written(tmp_path: Path) -> None:
    with pytest.raises(WordsError, match="cannot be written"):
        write_words(Transcript((Line(1.0, 2.0, words_of("x")),)), tmp_path / "a.ass")
