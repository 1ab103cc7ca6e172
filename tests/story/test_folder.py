from __future__ import annotations

import json
from pathlib import Path

import pytest

from avwalk.config.lock import Lock
from avwalk.errors import OptionError, OutputError, PresetError, StoryError
from avwalk.presets.locked import create_locked
from avwalk.story.folder import PictureRecord, StoryFolder, StoryState, story_options
from avwalk.story.story_text import Paragraph, StoryText


def state() -> StoryState:
    text = StoryText("The Sea", (Paragraph("It was calm.", "I"), Paragraph("Then it was not.")))
    records = {1: PictureRecord("k", "s", {"Seed": 3}, ("a note",), "", 1.5, ("m.png: moon (seed 1)",))}
    return StoryState(text, "sea.txt", story_options({"style": "oil"}), "en", records, {"frames": [0]})


def test_what_is_stored_is_read(tmp_path: Path) -> None:
    folder = StoryFolder(tmp_path)
    folder.save(state())
    assert folder.load() == state()


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"title": 1', "x" * 100, '{"paragraphs": [["a"]]}'])
def test_a_damaged_folder_is_told(tmp_path: Path, text: str) -> None:
    folder = StoryFolder(tmp_path)
    with pytest.raises(StoryError, match="is no folder of a story"):
        folder.load()
    folder.state.write_text(text)
    with pytest.raises(StoryError, match=r"story.json' cannot be read"):
        folder.load()


def test_reviews_are_lines_of_json(tmp_path: Path) -> None:
    folder = StoryFolder(tmp_path)
    folder.review("like", 1)
    folder.review("note", 2, 'more "light"\nhere')
    with folder.reviews.open("ab") as file:
        file.write(b"not json\n[1]\n")
    folder.review("dislike", 2)
    lines = folder.reviews.read_text().splitlines()
    assert json.loads(lines[1])["review"] == 'more "light"\nhere' and len(lines) == 5
    assert [(r["storylet"], r["verdict"]) for r in folder.all_reviews()] == [(1, "like"), (2, "note"), (2, "dislike")]
    with pytest.raises(StoryError, match="note is empty"):
        folder.review("note", 1, " ")
    with pytest.raises(StoryError, match="at most"):
        folder.review("note", 1, "x" * 3000)


def test_one_at_a_time(tmp_path: Path) -> None:
    folder = StoryFolder(tmp_path / "a")
    with folder.locked(), pytest.raises(OutputError, match="another avwalk"), StoryFolder(tmp_path / "a").locked():
        pass
    with folder.locked():
        pass


def test_options_are_checked_all_at_once() -> None:
    with pytest.raises(OptionError) as caught:
        story_options({"speed": 9, "sentences": 0, "colour": 1})
    assert len(str(caught.value).split("\n")) >= 2


def test_films_are_named_by_the_folder(tmp_path: Path) -> None:
    assert StoryFolder(tmp_path / "sea_story").film().name == "sea.mp4"
    assert StoryFolder(tmp_path / "sea").picture(7).name == "007.png"


def test_the_locked_style_of_a_preset_becomes_that_of_the_story(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AVWALK_PRESETS_DIR", str(tmp_path))
    create_locked("mine", Lock(prompt="oil, <SCENE>, gold", negative="people"))
    options = story_options({"preset": "mine", "negative": "text"})
    assert (options.style, options.negative, options.preset) == ("oil, <SCENE>, gold", "people, text", None)
    with pytest.raises(PresetError, match="no locked style"):
        story_options({"preset": "lsd"})
