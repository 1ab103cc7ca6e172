"""Whose seed a film has: the option's, the preset's, or the song's own."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import soundfile

from avwalk.cli.info import about
from avwalk.cli.progress import _resolved
from avwalk.config.options import RenderOptions
from avwalk.pipeline import options_of, render
from avwalk.request.metadata import metadata, stored_options
from avwalk.request.resolve import Request, resolve
from avwalk.request.seeds import SEEDS, film_seeds
from tests.cli.test_bad_input import run
from tests.conftest import clicks

SMALL = {"generator": "testcard", "size": "64x36", "duration": 1}


@pytest.fixture
def songs(tmp_path: Path) -> list[Path]:
    """A song as WAV, the same as FLAC, and another one."""
    first = (clicks(2.0) * 20000).astype(np.int16)
    found = [tmp_path / name for name in ("song.wav", "same.flac", "other.wav")]
    for path, sound in zip(found, (first, first, first[::-1]), strict=True):
        soundfile.write(path, sound, 44100, subtype="PCM_16")
    return found


def asked(song: Path, **options: object) -> Request:
    return resolve(song, {**SMALL, **options})


def test_a_song_has_a_seed_of_its_own(songs: list[Path]) -> None:
    first, same, other = (asked(song, preset="lsd") for song in songs)
    assert first.film.seed == same.film.seed != other.film.seed and 1 <= first.film.seed <= SEEDS
    assert first.seed_of == "song" and first.output.path.name == f"song_lsd_{first.film.seed}.mp4"
    assert f"seed {first.film.seed} (from the song)" in _resolved({**first.summary, "out": "x.mp4"})


def test_the_preset_and_the_option_rule(songs: list[Path], tmp_path: Path) -> None:
    (tmp_path / "three.toml").write_text('version = 1\nextends = "lsd"\nseed = 3\n', encoding="utf-8")
    three = str(tmp_path / "three.toml")
    assert asked(songs[0], preset=three).film.seed == asked(songs[2], preset=three).film.seed == 3
    (tmp_path / "mine.toml").write_text('version = 1\nextends = "lsd"\nseed = 0\n', encoding="utf-8")
    mine = asked(songs[0], preset=str(tmp_path / "mine.toml"))
    assert mine.film.seed == 0 and mine.seed_of == "preset"
    for preset in ("lsd", three):
        film = asked(songs[0], preset=preset, seed=7)
        assert film.film.seed == 7 and film.seed_of == "option" and "from" not in metadata(film)["comment"]


def test_a_stored_film_keeps_its_seed_whatever_the_song(songs: list[Path]) -> None:
    stored = stored_options(metadata(asked(songs[0], preset="lsd")), "a.mp4")
    again = resolve(songs[2], stored)
    assert again.film.seed == stored["seed"] and again.seed_of == "option"
    assert resolve(songs[1], stored).seed_of == "song"
    assert resolve(songs[2], {**stored, "seed": 5}).seed_of == "option"
    before = json.loads(metadata(asked(songs[0], preset="lsd", seed=0))["avwalk"])  # as all films were stored
    before["preset"]["values"]["seed"] = 0
    old = resolve(songs[0], stored_options({"avwalk": json.dumps(before)}, "old.mp4"))
    assert old.film.seed == 0 and old.film.look.preset.values["seed"] == 0


def test_a_part_that_is_rolled_again_has_its_own() -> None:
    options = RenderOptions(redo=("0-1",), seed=9)
    assert film_seeds(options, None, None, (4, "preset")) == (4, 9, "preset")  # type: ignore[arg-type]
    assert film_seeds(options.model_copy(update={"seed": None}), None, 3, None) == (3, None, "preset")  # type: ignore[arg-type]


def test_a_film_says_whose_its_seed_is(songs: list[Path], tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    film, again = tmp_path / "film.mp4", tmp_path / "again.mp4"
    small = ("--generator", "testcard", "--size", "64x36")
    code, _, err = run(capfd, "render", str(songs[0]), "-o", str(film), "-p", "lsd", *small)
    said = about(film)["seed"]
    assert code == 0 and f"seed {said}" in err and said.endswith("(from the song)")
    render(songs[1], out=again, **options_of(film))
    assert about(again)["seed"] == said
    table = tmp_path / "table.csv"
    table.write_text("song,preset,generator,size\nsong.wav,lsd,testcard,64x36\nsame.flac,lsd,testcard,64x36\n")
    assert run(capfd, "batch", str(table))[0] == 0
    seed = said.split()[0]
    assert {path.name for path in tmp_path.glob("*_lsd_*.mp4")} == {f"song_lsd_{seed}.mp4", f"same_lsd_{seed}.mp4"}
