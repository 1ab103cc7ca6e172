"""A film made again from what it stores of itself."""

from __future__ import annotations

import hashlib
import json
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

import avwalk
from avwalk.errors import OptionError
from avwalk.features.cache import analysis_key
from avwalk.pipeline import options_of
from avwalk.request.metadata import metadata, stored_options
from avwalk.request.resolve import resolve
from avwalk.spec import FilmSpec
from avwalk.video.join import read_metadata
from tests.cli.test_bad_input import run
from tests.conftest import clicks
from tests.sounds import two_tracks

SMALL = ("--generator", "testcard", "--size", "64x36", "--duration", "1", "--quiet")


def codec_of(path: Path) -> str:
    import av

    with av.open(str(path)) as container:
        return container.streams.video[0].codec_context.name


def test_again_keeps_encoder_and_sound(click_song: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    first, second = tmp_path / "a.mp4", tmp_path / "b.mp4"
    song = tmp_path / "song.mp4"
    avwalk.render(click_song, out=song, generator="testcard", size="64x36")  # its sound is AAC, which can be copied
    code, _, err = run(
        capfd, "render", str(song), "--out", str(first), *SMALL, "--encoder", "mpeg4", "--audio", "copy"
    )  # fmt: skip
    assert code == 0, err
    stored = json.loads(read_metadata(first)["avwalk"])
    assert stored["encoder"] == "mpeg4" and stored["audio"] == "copy"
    assert run(capfd, "render", str(song), "--again", str(first), "--out", str(second), "-q")[0] == 0
    assert codec_of(first) == codec_of(second) == "mpeg4"
    assert read_metadata(second)["avwalk"] == read_metadata(first)["avwalk"]


def test_again_of_a_film_from_a_source_asks_for_the_source(
    click_song: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    below, other, film = (tmp_path / name for name in ("below.mp4", "other.mp4", "film.mp4"))
    for path, seed in ((below, 1), (other, 2)):
        avwalk.render(click_song, out=path, generator="cppn", size="64x36", seed=seed, duration=1)
    assert run(capfd, "render", str(click_song), "--source", str(below), "--out", str(film), *SMALL)[0] == 0
    sha = hashlib.sha256(below.read_bytes()).hexdigest()
    again = ("render", str(click_song), "--again", str(film), "--out", str(tmp_path / "again.mp4"), "-q")
    code, _, err = run(capfd, *again)
    assert code == 1 and "--source FILE" in err and sha in err and len(err.splitlines()) == 1
    assert not (tmp_path / "again.mp4").exists()
    code, _, err = run(capfd, *again, "--source", str(other))
    assert code == 1 and "is not what the film was made of" in err and sha in err and len(err.splitlines()) == 1
    assert run(capfd, *again, "--source", str(below))[0] == 0
    assert read_metadata(tmp_path / "again.mp4")["avwalk"] == read_metadata(film)["avwalk"]
    with pytest.raises(OptionError, match="give it: source FILE"):
        avwalk.render(click_song, out=tmp_path / "c.mp4", **options_of(film))


def test_a_film_of_another_track_is_another_film(tmp_path: Path) -> None:
    song = two_tracks(tmp_path / "two.mkv", clicks(2.0)[:, None], np.stack([clicks(2.0)] * 2, axis=1))
    asked = {"generator": "testcard", "size": "64x36"}
    default, first, second = (resolve(song, {**asked, **more}) for more in ({}, {"track": 1}, {"track": "2"}))
    assert default.song.track == second.song.track == 2 and first.song.track == 1
    assert default.film == second.film and default.film.hash != first.film.hash
    assert FilmSpec.from_json(default.film.to_json()) == default.film
    stored = stored_options(metadata(first), "film.mp4")
    assert stored["track"] == 1 and resolve(song, stored).film == first.film
    assert '"track"' not in metadata(default)["avwalk"]
    keys = [analysis_key(each.song, Fraction(30), {}) for each in (default, first)]
    assert keys[0] != keys[1]
