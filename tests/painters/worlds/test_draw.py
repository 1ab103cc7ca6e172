"""Pictures of the built-in painter: deterministic, whole, and what the words say; small versions of the benchmark."""

from __future__ import annotations

import numpy as np
import pytest

from avwalk.painters.registry import open_painter
from avwalk.painters.worlds import lexicon
from avwalk.painters.worlds.draw import draw_meaning, recoloured
from avwalk.painters.worlds.enclosed import ENCLOSED_PLACES
from avwalk.painters.worlds.figures import FIGURES
from avwalk.painters.worlds.ground import GROUNDS
from avwalk.painters.worlds.land import OUTLINES
from avwalk.painters.worlds.reading import read_prompt
from avwalk.painters.worlds.scene import ENCLOSED, PLACES, compose
from tests.benchmarks import worlds as benchmark

SIZE = (96, 54)


@pytest.mark.parametrize("place", [*PLACES, *ENCLOSED])
def test_every_place_is_drawn(place: str) -> None:
    words = lexicon.PLACES[place].split()[0] if place in lexicon.PLACES else "a rose"
    for prompt in (f"{words} at night", f"{words} at noon in the rain"):
        picture = draw_meaning(read_prompt(prompt), 2, SIZE)
        assert picture.shape == (54, 96, 3) and picture.dtype == np.float32
        assert np.isfinite(picture).all() and picture.min() >= 0 and picture.max() <= 1
        assert picture.std() > 0.01, prompt


def test_the_tables_fit_together() -> None:
    assert set(PLACES) | set(ENCLOSED) - {"flower"} == set(lexicon.PLACES)
    assert set(ENCLOSED) == set(ENCLOSED_PLACES)
    assert {place.ground for place in PLACES.values()} <= set(GROUNDS)
    assert {far for place in PLACES.values() for far in place.far} <= set(OUTLINES)


@pytest.mark.parametrize("style", lexicon.STYLES)
def test_every_style(style: str) -> None:
    word = lexicon.STYLES[style].split()[0]
    plain = draw_meaning(read_prompt("a castle at noon"), 1, SIZE)
    assert np.abs(draw_meaning(read_prompt(f"a castle at noon, {word}"), 1, SIZE) - plain).mean() > 0.005


@pytest.mark.parametrize("prompt", ["molten metal", "a crystal skull", "a mandala", "love", "", "xyzzy"])
def test_without_a_place_there_is_a_form(prompt: str) -> None:
    assert compose(read_prompt(prompt), 1).kind == "form"
    assert draw_meaning(read_prompt(prompt), 1, SIZE).std() > 0.02


def test_same_words_and_seed_same_picture_other_seed_another() -> None:
    meaning = read_prompt("a harbour in the rain")
    a, b, c = (draw_meaning(meaning, seed, SIZE) for seed in (5, 5, 6))
    assert (a == b).all() and (a != c).any()


def test_other_words_of_one_meaning_show_the_same() -> None:
    one, other = (compose(read_prompt(text), 3) for text in ("the sea at night", "at night, the sea, xyzzy"))
    assert (one.top, one.earth, one.place_seed) == (other.top, other.earth, other.place_seed)
    pictures = [draw_meaning(read_prompt(text), 3, SIZE) for text in ("the sea at night", "at midnight, by the sea")]
    assert np.abs(pictures[0] - pictures[1]).mean() < 0.02, "not a hash of the letters"


def test_named_colours_are_seen() -> None:
    from avwalk.painters.worlds.colour_names import colour_names

    names = colour_names()
    for prompt, name in (("a teal sea", "teal"), ("a red city in fog", "red"), ("a mustard room", "mustard")):
        assert benchmark.colour_error(prompt, names[name]) < 20, prompt


def test_night_is_darker_than_noon_and_storms_are_faster_than_calms() -> None:
    for place in ("sea", "village"):
        night, noon = (draw_meaning(read_prompt(f"a {place} at {time}"), 1, SIZE).mean() for time in ("night", "noon"))
        assert night < 0.7 * noon
        calm, storm = (
            np.abs(
                draw_meaning(read_prompt(f"a {word} {place}"), 1, SIZE, 10.5)
                - draw_meaning(read_prompt(f"a {word} {place}"), 1, SIZE, 10.0)
            ).mean()
            for word in ("calm", "stormy")
        )
        assert calm < storm


def test_the_same_place_is_seen_again() -> None:
    assert benchmark.same_place()["AUC of forms"] >= 0.8


def test_a_picture_to_start_from_gets_the_colours_of_the_words() -> None:
    rng = np.random.default_rng(1)
    start = np.repeat(rng.random((54, 96, 1), np.float32), 3, axis=2)
    painter = open_painter("worlds")
    red = painter.paint("a red city in fog", size=SIZE, init_image=start, strength=0.4).picture
    assert red[..., 0].mean() > red[..., 2].mean() + 0.1
    kept = np.corrcoef(red.mean(axis=-1).ravel(), start[..., 0].ravel())[0, 1]
    assert kept > 0.9, "its forms stay"
    assert np.abs(recoloured(start, red, 0.0) - start).mean() < 0.01


def test_what_was_not_understood_is_said() -> None:
    assert "no word" in str(open_painter("worlds").paint("xyzzy", size=SIZE).used["notes"])
    assert "notes" not in open_painter("worlds").paint("a sea", size=SIZE).used


@pytest.mark.parametrize("subject", sorted(set(FIGURES) - {"flower"}))
def test_every_subject_is_seen(subject: str) -> None:
    place = {"bird": "hill", "fish": "underwater", "dragon": "mountain"}.get(subject, "beach")
    word = lexicon.SUBJECTS[subject].split()[0]
    empty, shown = (draw_meaning(read_prompt(text), 2, SIZE) for text in (f"a {place}", f"a {word} at a {place}"))
    assert 0.002 < (np.abs(shown - empty).max(axis=-1) > 0.04).mean() < 0.75


@pytest.mark.parametrize(
    ("plain", "burning"),
    [
        ("a house at night", "a house is burning at night"),
        ("a forest at night", "a campfire in the forest at night"),
        ("a city at night", "a city in flames at night"),
        ("a room at night", "a room with a fire at night"),
        ("a boat at sea at night", "a boat on fire at sea at night"),
    ],
)
def test_fire_is_seen_where_it_burns(plain: str, burning: str) -> None:
    without, within = (draw_meaning(read_prompt(text), 3, SIZE) for text in (plain, burning))
    hot = (within[..., 0] > 0.8) & (within[..., 2] < 0.45) & (without[..., 0] < within[..., 0] - 0.2)
    assert 0.001 < hot.mean() < 0.3


def test_a_place_stays_the_same_when_there_is_a_fire() -> None:
    a, b = (compose(read_prompt(text), 3) for text in ("the forest at night", "a campfire in the forest at night"))
    assert a.place_seed == b.place_seed and (a.kind, b.kind) == ("open", "open")
    assert compose(read_prompt("fire"), 1).kind == "fire"
    assert compose(read_prompt("a fire in a house"), 1).kind == "open"


def test_lanterns_shine_at_night() -> None:
    dark, lit = (
        draw_meaning(read_prompt(text), 3, SIZE) for text in ("a garden at night", "lanterns in a garden at night")
    )
    assert (lit.max(axis=-1) > 0.8).sum() > (dark.max(axis=-1) > 0.8).sum() + 20
    alone, held = (
        draw_meaning(read_prompt(text), 3, SIZE) for text in ("a girl in the snow", "a girl with a lantern in the snow")
    )
    changed = np.abs(held - alone).max(axis=-1) > 0.1
    assert 0 < changed.mean() < 0.1, "one lantern, in the hand"


def test_a_library_has_books_and_a_fall_is_white() -> None:
    room, library = (draw_meaning(read_prompt(text), 3, (192, 108)) for text in ("a room", "a library"))
    assert np.abs(np.diff(library, axis=1)).mean() > 3 * np.abs(np.diff(room, axis=1)).mean()
    fall = draw_meaning(read_prompt("a waterfall by day"), 3, SIZE)
    white = (fall.min(axis=-1) > 0.75)[10:30]
    assert white.any(axis=1).mean() > 0.6, "from the edge of the rock to its foot"


def test_fog_hides_what_is_far() -> None:
    clear, foggy = (draw_meaning(read_prompt(text), 3, SIZE) for text in ("a red city", "a red city in fog"))
    assert foggy[:40].std(axis=(0, 1)).mean() < 0.65 * clear[:40].std(axis=(0, 1)).mean()
