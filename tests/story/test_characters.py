from __future__ import annotations

from pathlib import Path

import pytest

from avwalk.errors import StoryError
from avwalk.story.characters import Character, characters_in, read_characters, with_appearances, write_characters

ANNA = Character("Anna", ("the keeper",), "a tall old woman in a yellow coat")


def test_who_is_in_a_story_is_found() -> None:
    text = "Anna met Tom. Then Anna said to Tom that she was late. They laughed, and Anna went home."
    assert [each.name for each in characters_in(text)] == ["Anna", "Tom"]


def test_a_table_is_written_once_and_read_as_the_artist_left_it(tmp_path: Path) -> None:
    file = tmp_path / "cast.csv"
    assert read_characters(file) == []
    write_characters(file, [Character("Anna"), Character("Tom, the sailor")])
    assert [each.name for each in read_characters(file)] == ["Anna", "Tom, the sailor"]
    file.write_text('name,aliases,look\nAnna,the keeper,"a tall old woman in a yellow coat"\n', encoding="utf-8")
    write_characters(file, [Character("Somebody")])
    assert read_characters(file) == [ANNA]


def test_a_look_goes_to_the_name_or_alias_and_only_where_told() -> None:
    assert with_appearances("Anna by the sea", "Anna stood.", [ANNA], 60) == (
        "Anna (a tall old woman in a yellow coat) by the sea"
    )
    assert with_appearances("a lamp, the sea", "The keeper lit it.", [ANNA], 60) == (
        "a tall old woman in a yellow coat, a lamp, the sea"
    )
    assert with_appearances("a lamp", "Annalena came.", [ANNA], 60) == "a lamp"
    once = with_appearances("Anna by the sea", "Anna stood.", [ANNA], 60)
    assert with_appearances(once, "Anna stood.", [ANNA], 60) == once
    assert len(with_appearances("Anna, " + ", ".join(["far away"] * 40), "Anna", [ANNA], 30).split()) <= 30


def test_looks_are_data(tmp_path: Path) -> None:
    file = tmp_path / "cast.csv"
    file.write_text("name,look\nAnna,<lora:evil:1> \\1 red\n(.*,blue\n", encoding="utf-8")
    anna, odd = read_characters(file)
    assert "<" not in anna.appearance and with_appearances("Anna", "Anna", [anna, odd], 60).endswith("red)")


@pytest.mark.parametrize(
    ("text", "said"), [("who,look\nA,b\n", "no column 'name'"), ('name,look\n"A,b\n', "never closed")]
)
def test_what_is_wrong_in_the_table_is_told(tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / "cast.csv").write_text(text, encoding="utf-8")
    with pytest.raises(StoryError, match=said):
        read_characters(tmp_path / "cast.csv")
