"""Words of a film: found, asked for, stored, and what they change."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import avwalk
from avwalk.errors import OptionError, PresetError, WordsError
from avwalk.pipeline import plan_of, source_of
from avwalk.plan.plan import Plan
from avwalk.rendering.segment_label import SegmentLabels
from avwalk.request.metadata import metadata, stored_options
from avwalk.request.resolve import Request, resolve
from avwalk.runners.segments import Segment

BASE: dict[str, Any] = {"preset": "lsd", "generator": "testcard", "size": "160x90"}
LRC = "[00:00.50]<00:00.50>Oh <00:01.00>no\n[00:02.00]Two words\n[00:03.00]\n"


@pytest.fixture
def song(click_song: Path, tmp_path: Path) -> Path:
    """Four seconds, and an LRC file beside them."""
    path = tmp_path / "tune.wav"
    shutil.copy(click_song, path)
    (tmp_path / "tune.lrc").write_text(LRC, encoding="utf-8")
    return path


def asked(song: Path, **options: Any) -> Request:
    return resolve(song, {**BASE, **options})


def test_words_beside_a_song_are_said_and_change_nothing_by_themselves(song: Path) -> None:
    request = asked(song)
    assert any("2 lines from 'tune.lrc', 1 with times of words; --text lyrics" in note for note in request.notes)
    assert request.film.words is None and request.film == asked(song, no_words=True).film
    assert not any("words" in note for note in asked(song, no_words=True).notes)


def test_lyrics_are_part_of_the_film_whatever_file_they_are_from(song: Path, tmp_path: Path) -> None:
    request = asked(song, text="lyrics")
    assert request.film.words is not None and len(request.film.words.rows) == 2
    other = tmp_path / "elsewhere.lrc"
    shutil.move(tmp_path / "tune.lrc", other)
    assert asked(song, text="lyrics", words=other).film.hash == request.film.hash
    other.write_text(LRC.replace("Two", "Some"), encoding="utf-8")
    assert asked(song, text="lyrics", words=other).film.hash != request.film.hash


def test_the_table_goes_before_other_files(song: Path, tmp_path: Path) -> None:
    (tmp_path / "tune.words.csv").write_text("start,text\n1,Mine\n")
    request = asked(song, text="lyrics")
    assert request.film.words and [row[2] for row in request.film.words.rows] == ["Mine"]


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"text": "lyrics", "no_words": True}, "--text lyrics: no words of 'tune.wav'"),
        ({"subtitles": "soft", "no_words": True}, "--subtitles soft: no words"),
        ({"words": "x.lrc", "no_words": True}, "exclude each other"),
        ({"words": "none.lrc"}, "does not exist"),
    ],
)
def test_what_cannot_be_is_said(song: Path, options: dict[str, Any], said: str) -> None:
    with pytest.raises((OptionError, WordsError)) as caught:
        asked(song, **options)
    assert said.removeprefix("--").split(":")[-1] in str(caught.value)


def test_a_film_stores_its_words_and_is_made_again_without_the_file(song: Path, tmp_path: Path) -> None:
    request = asked(song, text="lyrics", subtitles="soft")
    stored = stored_options(metadata(request), "film.mp4")
    (tmp_path / "tune.lrc").unlink()
    again = resolve(song, stored)
    assert again.film == request.film and metadata(again) == metadata(request)
    with pytest.raises(OptionError, match="no words"):
        resolve(song, {**stored, "no_words": True})


def test_a_film_without_words_is_made_again_without_those_that_came_later(song: Path) -> None:
    stored = stored_options(metadata(asked(song, no_words=True)), "film.mp4")
    assert resolve(song, stored).film.words is None


def test_signals_of_words_move_what_routes_say(song: Path) -> None:
    route = 'routes=["words -> camera.zoom +0.5 r100", "voice -> light.gain +0.2"]'
    moved = plan_of(asked(song, set=(route,)))[0]
    still = plan_of(asked(song, set=(route,), no_words=True))[0]
    assert moved.film.words is not None
    apart = np.abs(moved.params["camera.zoom"] - still.params["camera.zoom"])
    assert apart[:14].max() == 0 and apart[15] > 0.05 and apart[30] > 0.05  # 0.5 and 1.0 s
    assert any("no words are here for the route" in note for note in asked(song, set=(route,), no_words=True).notes)


def test_a_stem_has_no_words(song: Path) -> None:
    with pytest.raises(PresetError, match="words"):
        asked(song, set=('routes=["drums.words -> camera.zoom +0.5"]',), stem=(f"drums={song}",))


def test_an_analysis_has_the_signals_of_words(song: Path) -> None:
    found = avwalk.analyze(song)
    assert np.flatnonzero(found.signals["words"])[:2].tolist() == [15, 30]
    assert "words" not in avwalk.analyze(song, words=False).signals


def text_plan(song: Path, **options: Any) -> Plan:
    return plan_of(asked(song, text="lyrics", **options))[0]


def test_lyrics_are_drawn_stored_and_alone_decide_their_segments(song: Path, tmp_path: Path) -> None:
    plan = text_plan(song)
    plan.save(tmp_path / "plan")
    assert Plan.load(tmp_path / "plan").lyrics == plan.lyrics and len(plan.lyrics) == 2
    plain = plan_of(asked(song))[0]
    seen = source_of(plan).frames(20, 21) - source_of(plain).frames(20, 21)
    assert np.abs(seen[0, 60:]).max() > 0.2 and np.abs(seen[0, :40]).max() == 0
    labels = SegmentLabels(plan)
    (tmp_path / "tune.lrc").write_text(LRC.replace("Two", "Some"), encoding="utf-8")
    edited = SegmentLabels(text_plan(song))
    first, last = Segment(0, 30), Segment(55, 85)
    assert labels.label(first) == edited.label(first) and labels.label(last) != edited.label(last)
    assert {k for k, v in labels.aspects(last).items() if edited.aspects(last)[k] != v} == {"text"}


def test_a_font_of_its_own_is_part_of_the_film(song: Path, tmp_path: Path) -> None:
    from avwalk.effects.writing.lettering import font_file

    own = tmp_path / "own.ttf"
    shutil.copy(font_file("serif"), own)
    request = asked(song, text="lyrics", set=(f"text.font={own}",))
    assert len(request.film.look.font) == 64
    told = metadata(request)["avwalk"]
    assert str(tmp_path) not in told and "own.ttf" in told
    shutil.copy(font_file("mono"), own)
    assert asked(song, text="lyrics", set=(f"text.font={own}",)).film.hash != request.film.hash
    with pytest.raises(OptionError, match=r"text\.font"):
        asked(song, text="card", title="x", set=("text.font=none.ttf",))
    with pytest.raises(PresetError, match=r"no font; it is sans"):
        asked(song, set=("text.font=comic",))
    own.write_bytes(b"no font at all")
    with pytest.raises(OptionError, match="no font that can be read"):
        asked(song, text="lyrics", set=(f"text.font={own}",))
