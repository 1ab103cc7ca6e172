"""What the rules see in a text: who, where, when, what, and what stays from scene to scene."""

from __future__ import annotations

import pytest

from avwalk.screenplay.grouping import Length
from avwalk.screenplay.persons import Persons, names_in, persons_in, with_names
from avwalk.screenplay.rules import HAPPENING_WORDS, define_by_rules
from avwalk.screenplay.scene import Scene
from avwalk.screenplay.screenplay import ScreenplayOptions, screenplay_of
from avwalk.screenplay.setting import Setting, light_words, setting_of, weather_words
from tests.screenplay.tales import LIGHTHOUSE


def defined(*texts: str) -> list[Scene]:
    return define_by_rules([Scene(k, text, language="en") for k, text in enumerate(texts)])


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("Anna met Tomas. He greeted Anna.", {"Anna", "Tomas"}),
        ("Dr. Smith and Captain Mara Voss left. Mara was cold.", {"Dr Smith", "Captain Mara Voss"}),
        ("On Monday they sailed to Lisbon from England. The sea was calm.", set()),
        ('Then Zorblax walked in. "Who?" said Quux.', {"Zorblax", "Quux"}),
        ("The End. It Was Over. THE SHIP SANK.", set()),
    ],
)
def test_names(text: str, names: set[str]) -> None:
    assert {name.replace(".", "") for name in names_in(text)} == names


def test_pronouns_mean_the_last_one_whom_they_fit() -> None:
    text = "Anna met Tomas at the well."
    persons = Persons(names_in(text + " Anna and Tomas said so."))
    persons_in(text, persons)
    assert with_names("She smiled at him.", persons) == "Anna smiled at him."
    assert with_names("In the evening he went home.", persons) == "In the evening Tomas went home."
    assert persons_in("She looked at him.", persons) == ["Anna", "Tomas"]
    assert with_names("The old king said that he was tired.", persons).startswith("The old king said that he")


def test_nouns_of_persons_are_people_too() -> None:
    persons = Persons()
    assert persons_in("An old fisherman and a little girl sat here.", persons) == [
        "old fisherman",
        "little girl",
    ]
    assert with_names("She laughed.", persons) == "the little girl laughed."
    assert persons_in("Leo, the young pilot, waited.", Persons(frozenset({"Leo"}))) == ["Leo"]


@pytest.mark.parametrize(
    ("sentence", "place"),
    [
        ("They walked into the dark forest.", "the dark forest"),
        ("She sat on the windy beach and waited.", "the windy beach"),
        ("He dreamed of the sea.", ""),
        ("She told him about a city of glass.", ""),
        ("She waved and kept still, even in deep thought.", ""),
        ("It was just like the desert, only wet.", ""),
        ("He lived alone in an old lighthouse.", "an old lighthouse"),
        ("On Monday it was only a matter of time.", ""),
        ("She sat in a corner between two houses.", ""),
    ],
)
def test_where_it_is(sentence: str, place: str) -> None:
    assert setting_of(sentence, Setting()).place == place


def test_hour_weather_and_light_stay_until_the_text_changes_them() -> None:
    first = setting_of("At midnight a storm came over the harbour.", Setting())
    assert (first.time, weather_words(first)) == ("night", "stormy")
    second = setting_of("She said nothing.", first)
    assert second == first
    third = setting_of("In the morning the storm was over.", second)
    assert (third.time, weather_words(third), light_words(third)) == ("dawn", "clear sky", "soft dawn light")
    inside = setting_of("They went into the kitchen.", setting_of("It rained on the road.", third))
    assert weather_words(inside) == "" and inside.time == "dawn"


@pytest.mark.parametrize(
    ("before", "after", "weathers"),
    [
        ("A storm raged over the sea.", "The sea was calm.", ()),
        ("A storm raged over the sea.", "In the morning the storm had passed.", ("clear",)),
        ("A storm raged over the sea.", "After the storm they found a boat.", ("clear",)),
        ("A storm raged over the sea.", "The next morning they walked along the beach.", ()),
        ("A storm raged over the sea.", "She thought of the calm sea of her childhood.", ("storm",)),
        ("A storm raged over the sea.", "After the storm began they fled.", ("storm",)),
        ("It rained in the city.", "Then the sun came out.", ("clear",)),
        ("It rained on the street.", "It stopped raining.", ("clear",)),
        ("It rained on the street.", "She was soaked all over.", ("rain",)),
        ("Snow fell on the village.", "The sun shone.", ("snow", "clear")),
        ("Snow fell on the village.", "The next day they met again.", ("snow",)),
        ("Snow fell on the village.", "In spring the snow melted.", ("clear",)),
        ("There was fog over the sea.", "The sea was still.", ("fog",)),
        ("It rained on the road.", "A storm was over the sea.", ("storm",)),
    ],
)
def test_the_weather_changes_when_the_text_says_so(before: str, after: str, weathers: tuple[str, ...]) -> None:
    assert setting_of(after, setting_of(before, Setting())).weathers == weathers


def test_a_story() -> None:
    scenes = screenplay_of(LIGHTHOUSE, ScreenplayOptions(length=Length(2, "sentences")))
    assert all(scene.prompt for scene in scenes) and len({scene.seed for scene in scenes}) == len(scenes)
    first, last = scenes[0], scenes[-1]
    assert first.cast == ("Anna",) and "lighthouse" in first.prompt and "sea" in first.prompt
    assert last.time == "night" and "shore" in last.prompt
    boat = next(scene for scene in scenes if "small boat appeared" in scene.text)
    assert (boat.time, boat.weather) == ("dusk", "stormy") and boat.prompt.startswith(boat.camera)
    single = screenplay_of(LIGHTHOUSE, ScreenplayOptions(length=Length(1, "sentences")))
    told = next(scene for scene in single if "city of glass" in scene.text)
    assert "kitchen" in told.place and told.weather == "" and "Tomas" in told.cast
    assert not any('"' in scene.prompt for scene in scenes)


def test_speech_is_not_what_is_seen() -> None:
    (scene,) = defined('"I saw a green dragon over the mountain!" said Anna. She ran along the river.')
    assert scene.happening == "Anna ran along the river"


def test_who_speaks_is_no_part_of_what_is_seen() -> None:
    (scene,) = defined("Anna: Look at the harbour full of red boats.")
    assert scene.happening == "look at the harbour full of red boats" and scene.cast == ("Anna",)


def test_speech_of_several_sentences_is_not_seen() -> None:
    (scene,) = defined('"There is a city. I saw a river of gold. Go!" She ran along the river.')
    assert scene.happening == "she ran along the river" and scene.place == "the river"


def test_of_a_long_sentence_what_can_be_seen() -> None:
    (scene,) = defined(
        "So she was considering in her own mind whether the pleasure of it would be worth any trouble, when a white "
        "rabbit with pink eyes ran across the green field."
    )
    assert scene.happening == "a white rabbit with pink eyes ran across the green field"


def test_what_happens_is_short() -> None:
    (scene,) = defined("The " + "very " * 60 + "long road, which nobody had ever walked, lay before the city.")
    assert 3 <= len(scene.happening.split()) <= HAPPENING_WORDS


def test_who_speaks_of_himself_is_in_the_picture() -> None:
    (scene,) = define_by_rules([Scene(0, "I will bring the red boat.", speaker="Ben", language="en")])
    assert scene.cast == ("Ben",)


def test_cameras_and_moods() -> None:
    wide, near, chase = defined(
        "The ship sailed over the wide ocean.",
        "Anna looked at the ring on her finger and wept for her lost brother.",
        "The wolves chased them through the forest.",
    )
    assert (wide.camera, near.camera, chase.camera) == ("wide shot", "close-up", "tracking shot")
    assert (near.mood, chase.mood) == ("sorrowful", "tense")


def test_she_is_no_whale_where_a_person_is_there() -> None:
    first, second = defined("Mira looked at a blue whale on the beach.", "She walked up the river.")
    assert first.cast[0] == "Mira" and second.cast == ("Mira",)
    (alone,) = defined("A wolf came out of the forest. He drank from the river.")
    assert "wolf" in alone.cast[0]


def test_a_greeting_is_where_the_next_scene_is() -> None:
    first, second = defined("Hi, how are you?", "In the morning we met in the old harbour.")
    assert first.place == second.place == "the old harbour" and first.time == "dawn"


def test_a_snowy_mountain_makes_no_winter() -> None:
    first, second = defined(
        "They flew over the snowy mountains.", "They lit lamps in the harbour in fog until the stars came out."
    )
    assert first.weather == "" and second.weather == "fog"
