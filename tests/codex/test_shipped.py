"""The codices that come with avwalk."""

from __future__ import annotations

from pathlib import Path

import pytest

from avwalk.codex.codex import load_codex
from avwalk.codex.folder import CodexFolder
from avwalk.codex.shipped import about_shipped, shipped_folder, shipped_names
from avwalk.errors import CodexError
from avwalk.painters.worlds.reading import read_prompt
from tests.conftest import ROOT


def test_there_are_four_and_they_are_small() -> None:
    assert shipped_names() == ["landscapes", "matter", "night-city", "storybook"]
    assert sum(path.stat().st_size for name in shipped_names() for path in shipped_folder(name).iterdir()) < 8_000
    assert len({about_shipped(name) for name in shipped_names()}) == 4


@pytest.mark.parametrize("name", shipped_names())
def test_the_built_in_painter_understands_every_word_that_matters(name: str) -> None:
    codex = load_codex(CodexFolder(shipped_folder(name)))
    assert not codex.matrix.notes
    for text in (*codex.matrix.scenes, *(value for values in codex.categories.values() for value in values)):
        assert read_prompt(text).words, text
    for scene in codex.matrix.scenes:
        meaning = read_prompt(scene)
        assert (meaning.places or meaning.subjects) if name != "matter" else meaning.materials, scene
        assert name != "matter" or not (meaning.places or meaning.subjects), scene


@pytest.mark.parametrize("name", shipped_names())
def test_no_two_scenes_and_no_two_values_of_a_category_mean_the_same(name: str) -> None:
    codex = load_codex(CodexFolder(shipped_folder(name)))
    for category, values in {"scenes": codex.matrix.scenes, **codex.categories}.items():
        found = [read_prompt(value) for value in values]
        keys = [(*sorted(each.summary().items()), each.tone, *sorted(each.colours.items())) for each in found]
        assert len(set(map(str, keys))) == len(keys), category


def test_another_name_says_which_there_are() -> None:
    with pytest.raises(CodexError, match=r"'lanscapes' is unknown .did you mean 'landscapes'"):
        shipped_folder("lanscapes")


def test_they_are_in_the_package() -> None:
    assert Path(shipped_folder("matter")).is_relative_to(ROOT / "avwalk")
