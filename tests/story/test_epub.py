from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from avwalk.errors import StoryError
from avwalk.story.epub import MAX_MEMBER
from avwalk.story.story_text import read_story
from tests.story.tales import LONG, book

PAGES = {
    "title.xhtml": "<h1>A Book</h1>",
    "one.xhtml": f"<h2>The Ship</h2><p>{LONG}</p><script>alert(1)</script><p>It&#160;was &lt;late&gt;.<br/>Very.</p>",
    "two.xhtml": f"<h2>Land</h2><p>{LONG}</p>",
}


def test_a_chapter_is_read_in_reading_order(tmp_path: Path) -> None:
    story = read_story(book(tmp_path / "b.epub", PAGES), 1)
    assert story.title == "A Book: The Ship" and story.language == "en"
    assert story.paragraphs[0].heading == "The Ship"
    assert [p.text for p in story.paragraphs][-1] == "It was <late>. Very."
    assert "alert" not in story.text
    assert read_story(book(tmp_path / "b.epub", PAGES), 2).title == "A Book: Land"


def test_which_chapter_must_be_said(tmp_path: Path) -> None:
    with pytest.raises(StoryError, match=r"2 chapters; say which: chapter 1 \(1 'The Ship', 2 'Land'\)"):
        read_story(book(tmp_path / "b.epub", PAGES))
    with pytest.raises(StoryError, match="out of range"):
        read_story(book(tmp_path / "b.epub", PAGES), 3)
    only = {"one.xhtml": PAGES["one.xhtml"]}
    assert read_story(book(tmp_path / "c.epub", only)).title.endswith("The Ship")


@pytest.mark.parametrize(
    ("opf", "extra", "said"),
    [
        ('<!DOCTYPE x [<!ENTITY a "b">]><package/>', {}, "entities"),
        ("<package", {}, "no EPUB that can be read"),
        ("<package/>", {}, "has no chapter: no page"),
        ("<package/>", {"META-INF/encryption.xml": b"<EncryptedData/>"}, "protected"),
    ],
)
def test_odd_books_are_refused_in_one_line(tmp_path: Path, opf: str, extra: dict[str, bytes], said: str) -> None:
    with pytest.raises(StoryError, match=said) as caught:
        read_story(book(tmp_path / "b.epub", PAGES, opf=opf, extra=extra), 1)
    assert "\n" not in str(caught.value)


def test_a_page_that_unpacks_to_very_much_is_refused(tmp_path: Path) -> None:
    pages = {"one.xhtml": "a " * MAX_MEMBER}
    path = book(tmp_path / "b.epub", pages)
    assert path.stat().st_size < 1 << 20
    with pytest.raises(StoryError, match="larger than 8 MiB"):
        read_story(path, 1)


def test_pages_outside_of_the_book_are_not_read(tmp_path: Path) -> None:
    (tmp_path / "secret.xhtml").write_text(f"<p>{LONG}</p>")
    path = book(tmp_path / "b.epub", {"../../secret.xhtml": "<p>x</p>", "one.xhtml": PAGES["one.xhtml"]})
    with zipfile.ZipFile(path) as file:
        assert "OPS/../../secret.xhtml" in file.namelist()
    assert read_story(path).title == "A Book: The Ship"
