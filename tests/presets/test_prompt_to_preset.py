"""What prompts look like."""

from __future__ import annotations

import pytest

from avwalk import presets
from avwalk.generators.named_palettes import PALETTES
from avwalk.presets.prompt_to_preset import COLOURS, KINDS, choose_preset


def test_a_prompt_has_its_look_for_ever() -> None:
    assert choose_preset("reef", "coral reef at night") == ("lava", "abyss", 2629376235, 114674139)
    assert choose_preset("reef", "coral  reef at\nnight ") == choose_preset("reef", "coral reef at night")
    others = {choose_preset(f"n{k}", "something nobody has a word for").preset for k in range(200)}
    assert others == set(KINDS)


@pytest.mark.parametrize(
    ("text", "preset", "palette"),
    [
        ("two red cities", "facade", "carmine"),
        ("a golden sunflower, close up", "lotus", "ember"),
        ("Portrait of a queen", "idol", ""),
        ("lotus", "lotus", ""),
        ("a peony", "iris", "orchid"),
        ("a peony before a black background", "lotus", "orchid"),
        ("moonlight over the sea", "nocturne", "abyss"),
    ],
)
def test_words_ask_for_kinds_and_colours(text: str, preset: str, palette: str) -> None:
    assert choose_preset("x", text)[:2] == (preset, palette)


def test_a_preset_that_is_named_has_its_way() -> None:
    assert choose_preset("sea", "the deep sea", "burin").preset == "burin"


def test_what_the_tables_name_is_there() -> None:
    assert set(COLOURS) <= set(PALETTES)
    for name in KINDS:
        assert "cppn" in presets.load(name).values.generators
    for table in (KINDS, COLOURS):
        words = [word for listed in table.values() for word in listed.split()]
        assert all(word.isalpha() and word.islower() for word in words)
