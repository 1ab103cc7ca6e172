"""Every option stands once: what is derived from its field follows it."""

from __future__ import annotations

import inspect
from pathlib import Path
from typing import Any

import pytest

from avwalk.config.fields import GROUPS, bare, opt_of
from avwalk.config.film_options import FilmOptions
from avwalk.config.options import RenderOptions
from avwalk.request.metadata import metadata, stored_options
from avwalk.request.resolve import resolve
from tests.config.make_render_kwargs import FILE, source

FIELDS = RenderOptions.model_fields
SMALL = {"size": "64x36", "generator": "cppn"}
OTHERWISE: dict[str, Any] = {
    "preset": "sumi", "set": ("camera.zoom=1.3",), "generator": "testcard", "seed": 5, "fps": "24", "size": "96x54",
    "start": 1.0, "duration": 2.0, "profile": "vj", "bpm": 96.0, "first_beat": 0.25, "av_offset_ms": 40.0,
    "explain": True, "allow_flashes": True, "loop": "1bars", "text": "card", "title": "A title", "artist": "Somebody",
    "encoder": "mpeg4", "audio": "copy", "out": "elsewhere.mp4", "passes": ("depth",), "poster": True, "workers": 2,
    "fresh": True, "force": True, "metadata": False, "estimate": True, "price": 2.0, "keep_source": True,
    "runner": "processes", "ray": "auto", "work": "elsewhere", "stats": True,
    "segment": 2.0, "quality": "high", "bitrate": 800_000, "alpha": True,
    "redo": ("0:01-0:02",), "intensity": 1.5,
}  # fmt: skip
"""A value that is not the default, of each option that can be given by itself, without weights."""
SET_UP: dict[str, dict[str, Any]] = {
    "title": {"text": "card", "artist": "Anyone"},
    "artist": {"text": "card", "title": "Any"},
    "text": {"title": "A title"},
    "audio": {"profile": "master"},  # which can copy the sound of a WAV file
    "alpha": {"profile": "webm", "generator": "cppn"},
}
"""What an option needs beside it to change anything."""
WITH_FILES = {
    "scenes",
    "source",
    "source_end",
    "source_follows",
    "overlay",
    "subject",
    "cues",
    "no_cues",
    "words",
    "no_words",
    "subtitles",
    "encoding",
    "stem",
    "track",
}
WITH_WEIGHTS = {"painter", "model", "restyle_model", "restyle", "side_by_side", "prompt", "device", "compile"}


def hash_of(song: Path, **options: Any) -> str:
    return resolve(song, {**SMALL, **options}).film.hash


def test_every_option_is_complete() -> None:
    assert OTHERWISE.keys() | WITH_FILES | WITH_WEIGHTS == FIELDS.keys()
    for model in (RenderOptions, FilmOptions):
        for name, field in model.model_fields.items():
            assert opt_of(field).group in GROUPS and field.description, name


@pytest.mark.parametrize("name", sorted(OTHERWISE))
def test_the_hash_depends_on_an_option_unless_there_is_a_reason(name: str, click_song: Path) -> None:
    usual = SET_UP.get(name, {})
    before = hash_of(click_song, **usual)
    after = hash_of(click_song, **{**usual, name: OTHERWISE[name]})
    assert (before == after) == bool(opt_of(FIELDS[name]).unhashed)


@pytest.mark.parametrize("name", [name for name in OTHERWISE if not opt_of(FIELDS[name]).unstored])
def test_what_a_film_stores_comes_back(name: str, click_song: Path) -> None:
    asked = resolve(click_song, {**SMALL, **SET_UP.get(name, {}), name: OTHERWISE[name]})
    stored = stored_options(metadata(asked), "film.mp4")
    again = resolve(click_song, stored)
    assert again.film == asked.film and metadata(again) == metadata(asked)
    if name == "fps":
        assert again.clock.fps == asked.clock.fps == 24
    elif name != "loop":  # its length is in seconds then
        assert getattr(again.options, name) == getattr(asked.options, name)


def test_what_a_film_does_not_store_is_not_in_it(click_song: Path) -> None:
    stored = stored_options(metadata(resolve(click_song, SMALL)), "film.mp4")
    for name, field in FIELDS.items():
        of_its_own = name in ("source", "cues", "overlay", "subject", "words")
        assert (name in stored) == (not opt_of(field).unstored and not of_its_own), name
        assert not (opt_of(field).sparse and opt_of(field).unstored), name


def test_a_film_made_before_there_was_an_option_is_read_with_its_default(click_song: Path) -> None:
    text = metadata(resolve(click_song, SMALL))["avwalk"]
    assert '"encoder"' not in text and '"audio"' not in text
    stored = stored_options({"avwalk": '{"preset": {"name": "lsd", "values": {}}, "seed": 3}'}, "old.mp4")
    assert stored["device"] == "cpu" and stored["encoder"] == "libx264" and stored["seed"] == 3


def test_the_types_for_editors_are_those_of_the_options() -> None:
    assert FILE.read_text(encoding="utf-8") == source(), "PYTHONPATH=. python tests/config/make_render_kwargs.py"


def test_avwalk_render_says_its_options_to_editors() -> None:
    import avwalk
    from avwalk.config.render_kwargs import RenderKwargs

    assert RenderKwargs.__optional_keys__ == FIELDS.keys()
    assert inspect.signature(avwalk.render).parameters["options"].annotation == "Unpack[RenderKwargs]"


def test_a_bare_type_has_no_checks_and_no_none() -> None:
    assert bare(FIELDS["bpm"].annotation) is float and bare(FIELDS["start"].annotation) == float | str
