from __future__ import annotations

import logging
from pathlib import Path

import pytest

from avwalk.errors import CuesError, OptionError, PresetError
from avwalk.files.csv_table import below_header, open_table, read_table, with_point
from avwalk.files.text_encoding import decoded, reading_as

SALT = "at,what,value\n1,text,{}\n"


def rows(text: str) -> list[list[str]]:
    """The cells of the rows below a header."""
    return [[cell.text for cell in record.cells] for record in below_header(read_table(text.encode()))[1]]


@pytest.mark.parametrize(
    "line",
    ['"#9 Dream.wav",lsd', "#9 Dream.wav,lsd", '"#9 Dream.wav",', '"#9 Dream.wav"', "#N/A,x", "#REF!,", "#BEZUG!,"],
)
def test_what_begins_with_a_number_sign_is_a_value(line: str) -> None:
    assert len(rows(f"song,preset\n{line}\n")) == 1


@pytest.mark.parametrize("line", ["# note", "#note", "# a, b", "  # a", '"# a, b",', "#note,", "#", "## a,b", "sep=;"])
def test_what_is_a_comment(line: str) -> None:
    assert rows(f"song,preset\n{line}\none.wav,lsd\n") == [["one.wav", "lsd"]]


@pytest.mark.parametrize(
    ("words", "encoding"),
    [
        ("Привет мир", "cp1251"),
        ("Привет", "koi8_r"),
        ("да", "cp1251"),
        ("ｶﾀｶﾅ", "shift_jis"),
        ("żółć", "cp1250"),
        ("Mädchen", "mac_roman"),
        ("夜の曲", "shift_jis"),
        ("你好世界", "gbk"),
        ("café é è ü", "mac_roman"),
        ("žluťoučký kůň", "cp1250"),
        ("Καλημέρα κόσμε", "cp1253"),
    ],
)
def test_other_code_pages_are_told_with_their_words(words: str, encoding: str) -> None:
    data = SALT.format(words).encode(encoding)
    with pytest.raises(ValueError, match="read as Windows-1252 its words are '"):
        decoded(data)
    with reading_as(encoding):
        assert words in decoded(data)[0]
        assert words in decoded(SALT.format(words).encode("utf-8-sig"))[0]  # a mark has the last word


@pytest.mark.parametrize(
    "words",
    [
        "café",
        "Übermut",
        "Größe “so”",
        "œuvre – là",
        "señor ¿qué?",
        "Ærø",
        "l’été",
        "naïve",
        "Þór",
        "1920×1080",
        "5 m²",
    ],
)
def test_western_words_are_read_and_said(words: str, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        text, encoding, _ = decoded(SALT.format(words).encode("cp1252"), "a.csv")
    assert words in text and encoding == "cp1252"
    assert "'a.csv' is not UTF-8" in caplog.text and "--encoding" in caplog.text


def test_utf8_with_a_line_of_another_code_page_is_no_text() -> None:
    with pytest.raises(ValueError, match="not UTF-8"):
        decoded("a,é\n".encode() + "b,é\n".encode("cp1252"))


def test_encodings_that_are_none() -> None:
    for name in ("cp125x", "base64", "hex"):
        with pytest.raises(OptionError, match="is not known"), reading_as(name):
            pass
    with reading_as("gbk"), pytest.raises(ValueError, match="name another encoding"):
        decoded(b"a,\xff\xff\n")


def test_utf16_without_a_mark_in_both_orders() -> None:
    for encoding in ("utf-16-le", "utf-16-be"):
        assert decoded("time,value\n0,1\n".encode(encoding))[0] == "time,value\n0,1\n"


def test_errors_are_of_the_kind_asked_for(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    with pytest.raises(CuesError, match=r"cues file '.*' cannot be read: .*; no_cues"):
        open_table(path, "cues file", 9, "--no-cues leaves it out", CuesError)
    path.write_bytes(b"0123456789")
    with pytest.raises(PresetError, match="larger than"):
        open_table(path, "curve", 9, kind=PresetError)


def test_decimal_commas() -> None:
    assert [with_point(text) for text in ("1,5", "2:10,5", "a, b", "1.5", "bar:17,25")] == [
        "1.5",
        "2:10.5",
        "a, b",
        "1.5",
        "bar:17.25",
    ]
