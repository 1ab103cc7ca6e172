"""What is read, and what is refused in one line."""

from __future__ import annotations

from pathlib import Path

import pytest

from avwalk.errors import AvwalkError, ScenesError
from avwalk.files.text_encoding import reading_as
from avwalk.screenplay.conversation import is_conversation
from avwalk.screenplay.source import MAX_BYTES, read_telling, telling_of
from tests.screenplay.tales import CHAT, LIGHTHOUSE

SRT = """1
00:00:01,000 --> 00:00:03,000
The wind blows over

2
00:00:03,100 --> 00:00:05,000
the sea and the hills.

3
00:00:09,000 --> 00:00:12,000
A boat comes in.
"""


def test_paragraphs() -> None:
    telling = telling_of(LIGHTHOUSE)
    assert [passage.paragraph for passage in telling.passages] == [0, 1, 2, 3] and not telling.has_clock


def test_markdown_without_its_marks() -> None:
    text = "---\ntitle: x\n---\n# One\n\nThe **old** [sea](http://x) was _calm_.\n\n![a](b.png)\n\n> He *slept*.\n"
    telling = telling_of(text, markdown=True)
    assert [passage.text for passage in telling.passages] == ["The old sea was calm.", "He slept."]


def test_subtitles_that_go_on_are_one_passage(tmp_path: Path) -> None:
    (tmp_path / "talk.srt").write_text(SRT)
    first, second = read_telling(tmp_path / "talk.srt").passages
    assert first.text == "The wind blows over the sea and the hills." and second.text == "A boat comes in."
    assert first.start == pytest.approx(1) and second.start == pytest.approx(9) and (first.end or 0) < 6


def test_a_messenger_s_export() -> None:
    telling = telling_of(CHAT)
    assert [passage.speaker for passage in telling.passages] == ["Anna", "Ben", "Anna", "Ben"]
    assert telling.passages[1].text == "Yes, I will bring the old red boat and the lanterns."
    assert telling.notes == ("2 messages without words left out",)


@pytest.mark.parametrize(
    "text",
    [
        "Anna: Hello there.\nBen: Hi!\nAnna: Come to the lake.\n",
        "12/3/24, 10:15 PM - Anna Lee: Hello\n12/3/24, 10:16 PM - Ben: Hi\n",
        "[10:15] <anna> hello\n[10:16] <ben> hi\n",
        "3/12/24, 10:15\u202fPM - ~ Anna: hello\n3/12/24, 10:16\u202fPM - Ben: hi: you\n",
        "\u200e[12.03.24, 10:15:32] 🌸Anna: hello\n[12.03.24, 10:15:50] Ben: hi\n",
        "2024-03-12 10:15:32 Anna: hello\n2024-03-12 10:16:00 Ben: hi\n",
        "**Anna**: Hello.\n**Ben**: Hi.\n**Anna**: Bye.\n",
    ],
)
def test_conversations(text: str) -> None:
    assert is_conversation(text)
    speakers = {passage.speaker.lower().lstrip("🌸")[:3] for passage in telling_of(text).passages}
    assert speakers == {"ann", "ben"}


@pytest.mark.parametrize("text", [LIGHTHOUSE, "Note: it rains.\nThen: the sun.\n", "One: the sea.\n\nA calm.\n"])
def test_what_is_no_conversation(text: str) -> None:
    assert not is_conversation(text)


@pytest.mark.parametrize(
    ("name", "data", "said"),
    [
        ("a.txt", b"", "'a.txt' is empty"),
        ("a.txt", b"  \n\t", "'a.txt' is empty"),
        ("a.txt", b"...!?\n--\n", "no word in it"),
        ("a.txt", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + bytes(range(256)), "is not text"),
        ("a.txt", b"x" * (MAX_BYTES + 1), "larger than 4 MiB"),
        ("a.pdf", b"%PDF-1.4", "of no known kind; words are read from .txt, .md"),
        ("a.md", b"![x](y.png)\n", "no word in it"),
        ("a.srt", b"no subtitles", "a.srt"),
    ],
)
def test_what_cannot_be_read_is_said_in_one_line(name: str, data: bytes, said: str, tmp_path: Path) -> None:
    (tmp_path / name).write_bytes(data)
    with pytest.raises(AvwalkError) as error:
        read_telling(tmp_path / name)
    assert said in str(error.value) and "\n" not in str(error.value)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(ScenesError, match="cannot be read: No such file"):
        read_telling(tmp_path / "none.txt")


def test_other_encodings_are_told_or_said(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    text = "Das Schiff fährt über das Meer."
    (tmp_path / "a.txt").write_bytes(text.encode("cp1252"))
    assert read_telling(tmp_path / "a.txt").text == text and "read as Windows-1252" in caplog.text
    (tmp_path / "b.txt").write_bytes(text.encode("utf-16"))
    assert read_telling(tmp_path / "b.txt").text == text
    russian = "Ветер дует над морем."
    (tmp_path / "c.txt").write_bytes(russian.encode("cp1251"))
    with pytest.raises(ScenesError, match="encoding cp1251"):
        read_telling(tmp_path / "c.txt")
    with reading_as("cp1251"):
        assert read_telling(tmp_path / "c.txt").text == russian
