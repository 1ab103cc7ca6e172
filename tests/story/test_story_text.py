from __future__ import annotations

import os
from pathlib import Path

import pytest

from avwalk.errors import StoryError
from avwalk.story.story_text import MAX_BYTES, MAX_LETTERS, read_story
from tests.story.tales import TALE, tale


def test_a_plain_text_has_a_title_and_paragraphs(tmp_path: Path) -> None:
    story = read_story(tale(tmp_path))
    assert story.title == "The Small Boat"
    assert next(p.text for p in story.paragraphs) == "Anna had a small red boat on the blue sea. The sun was bright."
    assert len(story.paragraphs) == 3


def test_lines_that_are_broken_by_hand_are_one_paragraph(tmp_path: Path) -> None:
    story = read_story(tale(tmp_path, "Once upon\r\na time there\r\nwas a fox.\r\n\r\nIt ran.\r\n"))
    assert [p.text for p in story.paragraphs] == ["Once upon a time there was a fox.", "It ran."]
    assert story.title == "Tale"


def test_numbers_between_paragraphs_are_headings_and_not_told(tmp_path: Path) -> None:
    story = read_story(tale(tmp_path, "A fox ran. It was red.\n\nII\n\nThen it slept.\n\n* * *\n\nIt woke."))
    assert [(p.heading, p.text) for p in story.paragraphs][1:] == [("II", "Then it slept."), ("", "It woke.")]


def test_of_markdown_only_the_text_is_told(tmp_path: Path) -> None:
    text = """---
title: no
---
# A *Fox*

It **ran** to [the sea](http://x.example) & slept. ![a picture](p.png)

<script>alert(1)</script>

```
code
```

## Morning

> It woke
> early. <b>Really</b>.
"""
    story = read_story(tale(tmp_path, text, "fox.md"))
    assert story.title == "A Fox"
    assert [(p.heading, p.text) for p in story.paragraphs] == [
        ("", "It ran to the sea & slept."),
        ("Morning", "It woke early. Really."),
    ]


def test_controls_and_marks_of_direction_are_no_text(tmp_path: Path) -> None:
    story = read_story(tale(tmp_path, "A cat\x1b[31ms\u202e ran.\u200b It\x00 slept.".replace("\x00", "")))
    assert story.text == "A cat[31ms ran. It slept."


@pytest.mark.parametrize(
    ("name", "data", "said"),
    [
        ("a.txt", b"", "is empty"),
        ("a.txt", b"\n\n  \n", "is empty"),
        ("a.txt", b"... --- ...", "holds no sentence"),
        ("a.txt", bytes(range(256)) * 40, "is not text"),
        ("a.txt", b"x" * (MAX_BYTES + 1), "is larger than 8 MiB"),
        ("a.txt", b"fox " * (MAX_LETTERS // 4 + 1), "letters; at most"),
        ("a.txt", b"x" * 5000, "a word of 5,000 letters"),
        ("a.pdf", b"%PDF-1.4", "is no story that can be read"),
        ("a.epub", b"not a zip", "is no EPUB that can be read"),
    ],
)
def test_what_is_no_story_is_refused_in_one_line(tmp_path: Path, name: str, data: bytes, said: str) -> None:
    path = tmp_path / name
    path.write_bytes(data)
    with pytest.raises(StoryError, match=said) as caught:
        read_story(path)
    assert "\n" not in str(caught.value)


def test_what_is_not_there_or_no_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(StoryError, match="cannot be read"):
        read_story(tmp_path / "nothing.txt")
    (tmp_path / "folder.txt").mkdir()
    with pytest.raises(StoryError, match="is no file"):
        read_story(tmp_path / "folder.txt")
    if hasattr(os, "mkfifo"):
        os.mkfifo(tmp_path / "pipe.txt")
        with pytest.raises(StoryError, match="is no file"):
            read_story(tmp_path / "pipe.txt")


def test_a_chapter_of_what_has_none_is_refused(tmp_path: Path) -> None:
    with pytest.raises(StoryError, match="has no chapters"):
        read_story(tale(tmp_path), 2)


def test_one_word_is_a_story(tmp_path: Path) -> None:
    assert read_story(tale(tmp_path, "Fox")).text == "Fox"
    assert TALE.startswith("The")
