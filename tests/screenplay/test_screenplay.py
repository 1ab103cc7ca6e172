"""The whole way by rules: bounds, clocks, languages, seeds, templates."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from avwalk.errors import OptionError, ScenesError
from avwalk.screenplay.grouping import Length
from avwalk.screenplay.scene import Passage
from avwalk.screenplay.screenplay import ScreenplayOptions, estimate_of, scenes_of, screenplay_of
from avwalk.screenplay.source import Telling, telling_of
from avwalk.screenplay.templates import NAMES, template, write_templates
from tests.screenplay.tales import FRENCH, LIGHTHOUSE


def test_one_word() -> None:
    (scene,) = screenplay_of("Sea")
    assert scene.text == "Sea" and "Sea" in scene.prompt.title()


def test_no_word() -> None:
    with pytest.raises(ScenesError, match="no word"):
        screenplay_of(" ... ")


def test_a_book_is_bounded_and_estimated() -> None:
    book = "\n\n".join(LIGHTHOUSE.replace("Anna", f"Anna{k}") for k in range(110))
    with pytest.raises(ScenesError, match=r"most \d+") as error:
        screenplay_of(book)
    assert "words (" in str(error.value) and "min to say) make" in str(error.value)
    assert "by rules: nobody is asked" in estimate_of(telling_of(book), ScreenplayOptions())
    with pytest.raises(ScenesError, match="2000 is the most"):
        screenplay_of(book * 8, ScreenplayOptions(length=Length(1, "sentences"), most=10**6))


def test_scenes_have_the_times_of_their_words() -> None:
    passages = tuple(Passage(f"Sentence number {k} is said here.", 3.0 * k, 3.0 * k + 2.5) for k in range(8))
    scenes = screenplay_of(Telling(passages), ScreenplayOptions(length=Length(6, "s")))
    assert [scene.start_s for scene in scenes] == [0.0, 5.8, 11.8, 17.8]
    assert all(a.end_s == b.start_s for a, b in pairwise(scenes)) and scenes[-1].end_s == 23.5
    bars = np.arange(0, 30, 2.0)
    on_bars = screenplay_of(Telling(passages), ScreenplayOptions(length=Length(6, "s"), bars=bars))
    assert [scene.start_s for scene in on_bars][1:] == [6.0, 12.0, 18.0]


def test_another_language_is_kept_and_said(caplog: pytest.LogCaptureFixture) -> None:
    (scene, *_) = screenplay_of(FRENCH)
    assert scene.language == "fr" and scene.text.startswith("Le vent souffle")
    assert "in French" in caplog.text and "--chat URL writes them in English" in caplog.text


def test_mixed_languages_each_as_it_is() -> None:
    mixed = f"{LIGHTHOUSE}\n\n{FRENCH}"
    languages = [scene.language for scene in screenplay_of(mixed, ScreenplayOptions(length=Length(3, "sentences")))]
    assert languages[0] == "en" and languages[-1] == "fr"


def test_a_scene_s_seed_is_its_own() -> None:
    scenes = screenplay_of(LIGHTHOUSE)
    longer = screenplay_of(f"A first scene that was not here before, by the sea.\n\n{LIGHTHOUSE}")
    assert {scene.seed for scene in scenes[1:]} <= {scene.seed for scene in longer}
    other = screenplay_of(LIGHTHOUSE, ScreenplayOptions(seed=1))
    assert not {scene.seed for scene in scenes} & {scene.seed for scene in other}


def test_texts_that_are_cut_already() -> None:
    scenes = scenes_of(["Anna walked to the harbour at night.", "She waited."])
    assert [scene.text for scene in scenes] == ["Anna walked to the harbour at night.", "She waited."]
    assert scenes[1].cast == ("Anna",) and scenes[1].place == "the harbour" and scenes[1].time == "night"


def test_templates(tmp_path: Path) -> None:
    assert [path.name for path in write_templates(tmp_path)] == list(NAMES) and not write_templates(tmp_path)
    assert all(template(name, tmp_path) == template(name) for name in NAMES)
    (tmp_path / "shot.txt").write_text("a painting of {happening}")
    made = screenplay_of(LIGHTHOUSE, replace(ScreenplayOptions(), templates=tmp_path))
    assert made[0].prompt.startswith("a painting of ")
    (tmp_path / "shot.txt").write_text("# nothing")
    with pytest.raises(OptionError, match=r"shot.txt' is empty"):
        screenplay_of(LIGHTHOUSE, replace(ScreenplayOptions(), templates=tmp_path))
