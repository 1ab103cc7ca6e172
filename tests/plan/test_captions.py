"""Captions of a film: what is written when, out of options, tags and cues."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile

from avwalk.errors import OptionError
from avwalk.pipeline import plan_of, source_of
from avwalk.plan.plan import Plan
from avwalk.request.metadata import metadata, stored_options
from avwalk.request.resolve import resolve

BASE = {"preset": "lsd", "generator": "testcard", "size": "64x36"}


@pytest.fixture(scope="module")
def long_song(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Twenty quiet seconds with tags."""
    path = tmp_path_factory.mktemp("songs") / "tagged.flac"
    noise = 0.01 * np.random.default_rng(0).standard_normal(20 * 8000)
    with soundfile.SoundFile(path, "w", 8000, 1) as file:
        file.title, file.artist = "Night  Train", "Ana"
        file.write(noise.astype(np.float32))
    return path


def plan(song: Path, **options: object) -> Plan:
    return plan_of(resolve(song, {**BASE, **options}))[0]


def test_nothing_is_written_unless_asked(long_song: Path) -> None:
    assert plan(long_song).captions == ()
    asked = resolve(long_song, {**BASE, "title": "Day Train"})
    assert any("tags" in note for note in asked.notes) and metadata(asked)["title"] == "Day Train"
    assert plan_of(asked)[0].captions == ()


def test_card_and_credit_of_the_tags(long_song: Path) -> None:
    card, credit = plan(long_song, text="both").captions
    assert card[:4] == (30, 150, "card", ("Night Train", "Ana"))
    assert credit[:4] == (420, 570, "credit", ("Ana – Night Train",))
    (only,) = plan(long_song, text="card", title="Other", artist="", set=("text.at=2", "text.seconds=1")).captions
    assert only[:4] == (60, 90, "card", ("Other",))


def test_there_must_be_something_to_write(click_song: Path) -> None:
    with pytest.raises(OptionError, match="neither title nor artist.*title"):
        resolve(click_song, {**BASE, "text": "card"})
    with pytest.raises(OptionError, match="no letter of '夜'"):
        resolve(click_song, {**BASE, "text": "card", "title": "夜"})
    notes = resolve(click_song, {**BASE, "text": "card", "title": "夜 Night"}).notes
    assert [note for note in notes if "夜" in note] == ["text: the font has no 夜; these letters are left out"]


def test_text_decides_the_film_and_is_kept_in_it(long_song: Path, tmp_path: Path) -> None:
    with_text, other = (plan(long_song, text="card", title=title) for title in ("One", "Two"))
    assert len({plan(long_song).hash, with_text.hash, other.hash}) == 3
    with_text.save(tmp_path)
    assert Plan.load(tmp_path).captions == with_text.captions
    frame = source_of(Plan.load(tmp_path)).frames(90, 91)
    assert np.array_equal(frame, source_of(with_text).frames(90, 91))
    assert not np.array_equal(frame, source_of(other).frames(90, 91))
    assert np.array_equal(source_of(with_text).frames(10, 12), source_of(plan(long_song)).frames(10, 12))
    asked = resolve(long_song, {**BASE, "text": "card", "title": "One"})
    again = resolve(long_song, stored_options(metadata(asked), "film"))
    assert again.film.text == asked.film.text


def test_an_excerpt_shows_the_captions_of_the_whole_film(long_song: Path) -> None:
    whole = plan(long_song, text="both")
    part = plan(long_song, text="both", start=3, duration=2)
    assert part.captions == whole.captions
    assert np.array_equal(source_of(part).frames(100, 102), source_of(whole).frames(100, 102))
    later = plan(long_song, text="both", av_offset_ms=500)
    assert later.captions[0][:2] == (45, 165)
    notes = resolve(long_song, {**BASE, "text": "card", "start": 8, "duration": 4}).notes
    assert [note for note in notes if "--set text.at=9 " in note]


def test_words_of_the_cues(long_song: Path, tmp_path: Path) -> None:
    cues = tmp_path / "words.csv"
    cues.write_text("at,until,what,value,ease\n2,4,text,Hello\\nworld,\n5,6,text,Bye,cut\n", encoding="utf-8")
    asked = resolve(long_song, {**BASE, "cues": str(cues)})
    assert not [note for note in asked.notes if "text" in note]
    hello, bye = plan_of(asked)[0].captions
    assert hello[:4] == (60, 120, "words", ("Hello", "world")) and hello.ease == 15
    assert bye[:4] == (150, 180, "words", ("Bye",)) and bye.ease == 0
