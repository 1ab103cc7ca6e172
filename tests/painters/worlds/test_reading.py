"""What prompts mean to the built-in painter."""

from __future__ import annotations

import time

import pytest

from avwalk.painters.worlds.reading import read_prompt, senses


@pytest.mark.parametrize(
    ("prompt", "place", "time", "weather"),
    [
        ("a stormy sea at night", "sea", "night", {"storm"}),
        ("golden wheat field at noon", "field", "noon", set()),
        ("A RED CITY IN FOG", "city", "", {"fog"}),
        ("the foggy harbours of dawn", "harbour", "dawn", {"fog"}),
        ("moonlit meadows", "meadow", "night", set()),
        ("thunderclouds over a village", "village", "", {"storm", "cloud"}),
        ("they were running through the woods, snowing", "forest", "", {"snow", "snowfall"}),
    ],
)
def test_place_time_and_weather(prompt: str, place: str, time: str, weather: set[str]) -> None:
    meaning = read_prompt(prompt)
    assert place in meaning.places and meaning.time == time and meaning.weathers == weather


@pytest.mark.parametrize(
    "prompt", ["a calm, silent lake", "a windless lake", "a lake with no wind", "an unruffled lake"]
)
def test_what_is_calm(prompt: str) -> None:
    assert read_prompt(prompt).energy < -0.5


def test_what_is_not_there() -> None:
    meaning = read_prompt("a meadow without flowers, no people, a moonless night")
    assert not meaning.subjects and "moon" not in meaning.lights and meaning.time == "night"
    assert read_prompt("a girl at the sea", negative="people, girl").subjects == ()


@pytest.mark.parametrize(
    ("prompt", "part"),
    [
        ("a purple sky over hills", "sky"),
        ("hills under a deep purple sky", "sky"),
        ("a purple sea", "ground"),
        ("a purple old house", "house"),
        ("a woman in a purple coat", "person"),
        ("purple boots", "person"),
        ("the mountains are purple", "far"),
        ("a purple dream", "all"),
        ("a rose sky", "sky"),
    ],
)
def test_colours_belong_to_what_they_stand_before(prompt: str, part: str) -> None:
    assert [name for name in read_prompt(prompt).colours if name != "subject"] == [part]


def test_roses_are_flowers_and_poppies_are_red() -> None:
    meaning = read_prompt("a rose garden")
    assert meaning.subjects == ("flower",) and "all" not in meaning.colours
    _, a, _ = read_prompt("a meadow of poppies").colours["subject"]
    assert a > 0.1


def test_longest_names_of_colours_count() -> None:
    dark, light = (
        read_prompt("a dark blue house").colours["subject"],
        read_prompt("a light blue house").colours["subject"],
    )
    assert dark[0] < light[0] - 0.3


def test_unknserver_message_do_nothing() -> None:
    meaning = read_prompt("xyzzy qwerty of the and with")
    assert not meaning.words and not meaning.places and not meaning.colours and meaning.energy == 0


@pytest.mark.parametrize(
    "text",
    ["", " ", "%$#!", "日本の海", "a" * 100_000, "un" * 50_000, "sea " * 20_000, "<script>alert(1)</script>"],
)
def test_any_text_is_read(text: str) -> None:
    read_prompt("a sea")  # the tables are made at the first text
    begun = time.process_time()
    read_prompt(text)
    assert time.process_time() - begun < 2


def test_the_place_is_what_makes_two_prompts_the_same_place() -> None:
    assert read_prompt("the old harbour at dawn").key == read_prompt("rain fell on the harbour").key
    assert read_prompt("the old harbour at dawn").key != read_prompt("the old forest at dawn").key


def test_words_have_senses_by_their_stems_and_parts() -> None:
    assert ("place", "sea") in senses("oceans")
    assert ("weather", "storm") in senses("snowstorm") and ("weather", "snow") in senses("snowstorm")
    assert not senses("xyzzy")


def test_the_longest_words_are_known_in_all_their_forms() -> None:
    assert senses("bioluminescently") == senses("bioluminescent") != ()
    assert set(senses("thunderstormbioluminescentness")) > set(senses("bioluminescent"))


def test_a_word_said_again_means_the_same() -> None:
    assert read_prompt("no sea. a sea, the sea").words == read_prompt("a sea").words != {}


def test_northern_lights_are_no_lamps() -> None:
    meaning = read_prompt("a frozen lake under Northern Lights")
    assert "aurora" in meaning.weathers and not meaning.lights


@pytest.mark.parametrize("prompt", ["the storm had passed over the sea", "a beach after the storm", "the rain stopped"])
def test_a_weather_that_is_over_is_not_seen(prompt: str) -> None:
    meaning = read_prompt(prompt)
    assert meaning.weathers == {"clear"} and meaning.energy <= 0


def test_a_weather_over_something_is_seen() -> None:
    assert "storm" in read_prompt("a storm is over the sea").weathers


@pytest.mark.parametrize(
    ("prompt", "lights"),
    [
        ("the house was on fire", {"flames"}),
        ("they sat by the fire", {"campfire"}),
        ("the candles burned", {"lamps"}),
        ("a house without fire", set()),
        ("a girl with a lantern", {"lamps", "lantern"}),
    ],
)
def test_what_burns_and_what_only_shines(prompt: str, lights: set[str]) -> None:
    assert read_prompt(prompt).lights == lights


def test_a_blue_whale_is_a_whale() -> None:
    assert read_prompt("a blue whale").subjects == ("whale",) and not read_prompt("a blue whale").colours
    assert read_prompt("a whale under the sea").places == ("underwater",)
