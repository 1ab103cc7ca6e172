from __future__ import annotations

import re
from html.parser import HTMLParser

from avwalk.screenplay.scene import Scene
from avwalk.story.folder import PictureRecord
from avwalk.story.page import PageFacts, page
from avwalk.story.storylets import Sentence, Storylet

EVIL = "<script>alert('x')</script> \"quoted\" & <img src=x onerror=alert(1)>"


class Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in ("meta", "img"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


def made(**more: str) -> Tags:
    storylets = [
        Storylet(1, (Sentence(EVIL, False), Sentence("Then.", True), Sentence("Again.", True)), EVIL),
        Storylet(2, (Sentence("The end.", True),)),
    ]
    scenes = [Scene(0, EVIL, prompt=EVIL, negative=EVIL), Scene(1, "The end.", prompt="an end")]
    records = {1: PictureRecord("k", "s", {"Model": EVIL}, (EVIL,)), 2: PictureRecord(error=EVIL)}
    facts = {"title": EVIL, "author": EVIL, "language": 'en"><script>', "film": 'a"b.mp4', **more}
    tags = Tags()
    tags.feed(page(PageFacts(**facts), storylets, scenes, records))
    return tags


def test_nothing_of_a_story_is_markup() -> None:
    tags = made()
    assert not tags.open
    names = [name for name, _ in tags.tags]
    assert "script" not in names and names.count("img") == 1
    assert all(not key.startswith("on") for _, attrs in tags.tags for key in attrs)
    assert tags.text.count(EVIL) >= 5


def test_the_page_needs_nothing_from_elsewhere() -> None:
    tags = made()
    places = [attrs[key] for _, attrs in tags.tags for key in ("src", "href") if key in attrs]
    assert places == ["a%22b.mp4", "pictures/001.png"]
    policy = next(a["content"] for n, a in tags.tags if n == "meta" and "http-equiv" in a)
    assert policy and policy.startswith("default-src 'none'") and "script" not in policy


def test_paragraphs_pictures_and_what_failed_are_there() -> None:
    tags = made()
    names = [name for name, _ in tags.tags]
    assert names.count("article") == 2 and names.count("h2") == 1 and names.count("p") == 4  # the author's, three
    assert [a for n, a in tags.tags if n == "div" and a.get("class") == "none"]
    assert "video" not in [name for name, _ in made(film="").tags]
    assert re.search(r"Told in 2 pictures", tags.text)
