"""Presets with a locked style."""

from __future__ import annotations

from pathlib import Path

import pytest

from avwalk import presets
from avwalk.config.lock import Lock
from avwalk.config.preset import CustomPalette, HueRamp
from avwalk.errors import PresetError
from avwalk.presets.locked import create_locked, locked_style

LOCK = Lock(prompt="woodcut engraving of <SCENE>, crimson sky", style="MOODY", negative="people")
SHORE = CustomPalette(
    base=HueRamp(hues=(20, 30, 40), chroma=0.1),
    companion=HueRamp(hues=(200, 210, 220), chroma=0.1),
    accent=(0.9, 0.1, 90),
)


@pytest.fixture(autouse=True)
def own_presets(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("AVWALK_PRESETS_DIR", str(tmp_path / "presets"))
    return tmp_path


def test_a_lock_becomes_a_preset_whose_worlds_have_its_words_and_colours() -> None:
    loaded = presets.load(str(create_locked("mine", LOCK)))
    assert loaded.values.lock == LOCK
    assert loaded.values.extends == "lsd" and loaded.values.palette.name == "carmine"
    assert loaded.values.restyle.prompt == "woodcut engraving, crimson sky, moody"
    assert loaded.values.sd.negative_prompt == loaded.values.restyle.negative_prompt == "people"
    assert presets.load("mine").name == "mine"


def test_the_colours_of_a_picture_come_before_those_of_words() -> None:
    create_locked("mine", LOCK, SHORE, "lsd")
    values = presets.load("mine").values
    assert values.palette.own == SHORE and values.extends == "lsd" and not values.structure.palettes


@pytest.mark.parametrize(
    ("prompt", "base"),
    [
        ("ink and mist, <SCENE>", "sumi"),
        ("oil on canvas, <SCENE>, roses", "iris"),
        ("a woodcut etching, <SCENE>", "lsd"),
    ],
)
def test_words_name_the_worlds_unless_these_draw_pictures_anew(prompt: str, base: str) -> None:
    create_locked("mine", Lock(prompt=prompt))
    assert presets.load("mine").values.extends == base


def test_a_base_of_ones_own() -> None:
    create_locked("mine", LOCK, base="burin")
    assert presets.load("mine").values.extends == "burin"


def test_a_preset_that_is_there_stays() -> None:
    create_locked("mine", LOCK)
    with pytest.raises(PresetError, match="is there already"):
        create_locked("mine", LOCK)
    create_locked("mine", Lock(prompt="ink, <SCENE>"), force=True)
    assert presets.load("mine").values.lock.prompt == "ink, <SCENE>"


@pytest.mark.parametrize(("name", "lock"), [("mine", Lock()), ("../x", LOCK), ("auto", LOCK)])
def test_what_cannot_be_made_is_said(name: str, lock: Lock) -> None:
    with pytest.raises(PresetError):
        create_locked(name, lock)


def test_the_style_of_a_preset_for_stories_and_conversations() -> None:
    create_locked("mine", LOCK)
    assert locked_style("mine") == ("woodcut engraving of <SCENE>, crimson sky, moody", "people")
    assert locked_style("mine", "soft", "text") == (
        "woodcut engraving of <SCENE>, crimson sky, moody, soft",
        "people, text",
    )
    assert locked_style("", "soft") == ("soft", "")
    with pytest.raises(PresetError, match="codex lock"):
        locked_style("lsd")


def test_presets_show_lists_the_lock() -> None:
    create_locked("mine", LOCK)
    assert f'prompt = "{LOCK.prompt}"' in presets.as_toml(presets.load("mine").values)
