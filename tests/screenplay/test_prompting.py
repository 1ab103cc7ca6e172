"""Prompts: merged with universe and style, within the painter's limit, nothing in them but words."""

from __future__ import annotations

import pytest

from avwalk.screenplay.prompting import MAX_LETTERS, Style, merged, plain, prompt_by_rules
from avwalk.screenplay.scene import MAX_PROMPT_WORDS, Scene

SCENE = Scene(
    0, "She waits.", happening="Anna waits on the pier", cast=("Anna",), place="the pier", time="dusk", weather="fog",
    light="lamplight", camera="wide shot", mood="calm",
)  # fmt: skip


def test_a_prompt() -> None:
    assert prompt_by_rules(SCENE, Style()) == "wide shot, Anna waits on the pier, at dusk, fog, lamplight, calm mood"


def test_universe_style_and_appearances() -> None:
    style = Style("on Mars", "watercolour, soft", "", {"Anna": "a tall woman in a red coat"})
    assert prompt_by_rules(SCENE, style) == (
        "on Mars, wide shot, a tall woman in a red coat waits on the pier, at dusk, fog, lamplight, calm mood, "
        "watercolour, soft"
    )


def test_what_is_said_twice_is_there_once() -> None:
    assert merged("a sea, on Mars, soft, a sea", Style("on Mars", "soft")) == "a sea, on Mars, soft"


def test_the_limit_takes_the_least_important_first_and_keeps_the_style() -> None:
    style = Style(style="watercolour", words=10)
    assert prompt_by_rules(SCENE, style) == "wide shot, Anna waits on the pier, at dusk, watercolour"
    assert merged("one two three four five", Style(words=3)) == "one two three"


def test_a_painter_can_count_otherwise() -> None:
    style = Style(fits=lambda prompt: len(prompt) <= 40)
    assert prompt_by_rules(SCENE, style) == "wide shot, Anna waits on the pier"


@pytest.mark.parametrize("text", ["word " * 500, "x" * 5000, "a, " * 3000, ""])
def test_no_prompt_is_longer_than_its_limit(text: str) -> None:
    made = merged(text, Style("somewhere", "oil"))
    assert len(made.split()) <= MAX_PROMPT_WORDS and len(made) <= MAX_LETTERS


def test_a_template_of_ones_own() -> None:
    assert prompt_by_rules(SCENE, Style(shot="a photo of {happening}, {aesthetic}, {light}!")) == (
        "a photo of Anna waits on the pier, lamplight!"
    )


def test_text_gives_painters_no_commands() -> None:
    assert plain("a <lora:evil:9> {sea|sky} [dark] \u202e\x07night`\\") == "a lora:evil:9 sea sky dark night"
    assert merged("a sea", Style(style="<lora:mine:0.8>")) == "a sea, <lora:mine:0.8>"  # the artist's own is his


def test_a_style_is_put_around_where_it_says_the_scene() -> None:
    style = Style("on Mars", "oil painting of <SCENE>, gold", "", {"Anna": "a tall woman"})
    assert prompt_by_rules(SCENE, style) == (
        "on Mars, oil painting of wide shot, a tall woman waits on the pier, at dusk, fog, lamplight, calm mood, gold"
    )
    assert merged("a sea", Style(style="<SCENE>, ink")) == "a sea, ink"
    assert merged("a sea", Style(style="ink, <SCENE>")) == "ink, a sea"


def test_a_style_that_is_put_around_stays_and_leaves_the_scene_some_words() -> None:
    long = "oil, " * 40 + "<SCENE>, gold"
    made = merged("a boat far out on the sea, fog, calm mood, " + "word " * 60, Style(style=long))
    assert made.startswith("oil, oil") and made.endswith("a boat far out on the sea, fog, calm mood, gold")
    assert merged("one two three four five six, seven", Style(style="ink, <SCENE>", words=3)).startswith("ink, one two")
    assert len(merged("a sea", Style(style="x" * 900 + "<SCENE>"))) <= MAX_LETTERS


def test_a_scene_has_its_own_aesthetic_inside_of_a_style_that_is_put_around() -> None:
    assert merged("a sea", Style(style="oil, <SCENE>"), aesthetic="pale") == "oil, a sea, pale"
    assert merged("a sea", Style(style="oil, <SCENE>"), aesthetic="ink, <SCENE>") == "oil, a sea"
    assert merged("a sea", Style(), aesthetic="ink, <SCENE>") == "ink, a sea"


def test_what_is_told_puts_nothing_around() -> None:
    assert merged("a <SCENE> \\1 sea", Style(style="oil, <SCENE>")) == "oil, a SCENE 1 sea"
