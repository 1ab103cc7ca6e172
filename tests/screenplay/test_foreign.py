"""What is named in four languages."""

from __future__ import annotations

import pytest

from avwalk.painters.worlds.reading import read_prompt
from avwalk.screenplay.foreign import LANGUAGES, ROWS, visible_things

SAID = {
    "fr": "Deux petites filles marchent seules sur la plage, la nuit, et regardent les bateaux rouges du port.",
    "de": "Zwei kleine Mädchen gehen nachts allein am Strand und sehen die roten Boote im Hafen.",
    "es": "Dos niñas pequeñas caminan solas por la playa de noche y miran los barcos rojos del puerto.",
    "it": "Due piccole bambine camminano sole sulla spiaggia di notte e guardano le barche rosse del porto.",
}


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_named(language: str) -> None:
    found = visible_things(SAID[language], language).split(", ")
    assert {"small", "girl", "beach", "boat", "red", "harbour"} <= set(found)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_built_in_painter_reads_it(language: str) -> None:
    meaning = read_prompt(visible_things(SAID[language], language))
    assert {"beach", "harbour"} & set(meaning.places) and "person" in meaning.subjects


def test_rows_are_whole() -> None:
    rows = [row.split("|") for row in ROWS.splitlines()]
    assert all(len(row) == 1 + len(LANGUAGES) and all(cell.strip() for cell in row) for row in rows)
    assert len({row[0].strip() for row in rows}) == len(rows)


def test_too_little_is_nothing() -> None:
    assert visible_things("Il pleut des mots.", "fr") == "" == visible_things("De zee en het strand", "nl")
