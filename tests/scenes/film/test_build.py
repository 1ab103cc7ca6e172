from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from avwalk.config.film_options import FilmOptions
from avwalk.errors import ScenesError
from avwalk.rendering.finish import check_film
from avwalk.scenes.film.build import Places, build
from tests.conftest import clicks
from tests.scenes.film.test_assemble import lumas
from tests.sounds import two_tracks

PROMPTS = "name,prompt,seeds\nreef,coral at night,11 12\nglass,stained glass,21 22\n"
SETTINGS = '{"default": {"res_width": 48, "res_height": 32, "interpolation_steps": 3, "generator": "cppn"}}'
OPTIONS = FilmOptions(fps="10")

BUILD = """
import os, sys
from pathlib import Path
from avwalk.scenes.film.build import Places, build
from avwalk.config.film_options import FilmOptions
root, step, left = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
now = ""
def watch(event):
    global now, left
    now = event.get("name", now) if event["event"] == "step" else now
    if now == step and event["event"] == "progress":
        left -= 1
        if left == 0:
            os._exit(9)
places = Places("song", meta_dir=root / "meta", media_dir=root / "media")
build(places, FilmOptions(fps="10"), on_event=watch)
"""


def project(root: Path, sequence: str = "scene,duration\nreef,1\nglass,1\n") -> Places:
    meta = root / "meta" / "song"
    meta.mkdir(parents=True)
    soundfile.write(root / "song.wav", clicks(3.0, first=0.0), 44100)
    (meta / "prompt_image_definitions.csv").write_text(PROMPTS)
    (meta / "tgen_settings.json").write_text(SETTINGS)
    (meta / "song.txt").write_text("../../song.wav")
    if sequence:
        (meta / "scene_sequence.csv").write_text(sequence)
    return Places("song", meta_dir=root / "meta", media_dir=root / "media")


def steps(events: list[Any]) -> list[str]:
    return [event["name"] for event in events if event["event"] == "step"]


def drawn(events: list[Any]) -> int:
    return sum(1 for event in events if event["event"] == "progress")


def test_from_text_files_to_a_film_and_nothing_twice(tmp_path: Path) -> None:
    places, events, again = project(tmp_path), list[Any](), list[Any]()
    done = build(places, OPTIONS, on_event=events.append)
    assert steps(events) == ["images", "plan", "transitions", "assemble"]
    checked = check_film(Path(done["out"]), tmp_path / "song.wav")
    assert checked["ok"] and checked["n_frames"] == 30, checked["problems"]
    assert np.ptp(lumas(Path(done["out"]))) > 0  # it is no still picture
    assert build(places, OPTIONS, on_event=again.append)["out"] == done["out"]
    assert drawn(events) > 0 and drawn(again) == 0


def test_the_film_has_the_track_that_is_asked_for(tmp_path: Path) -> None:
    places, said = project(tmp_path), list[Any]()
    song = two_tracks(tmp_path / "two.mkv", clicks(3.0, first=0.0)[:, None], np.zeros((3 * 44100, 2), np.float32))
    (tmp_path / "meta" / "song" / "song.txt").write_text("../../two.mkv")
    first = build(places, FilmOptions(fps="10", track=1, out="one"))
    second = build(places, FilmOptions(fps="10", out="two"), on_event=said.append)
    assert check_film(Path(first["out"]), song, 1)["ok"] and check_film(Path(second["out"]), song, 2)["ok"]
    assert not check_film(Path(second["out"]), song, 1)["ok"]
    assert sum("track 2 is taken" in event.get("message", "") for event in said) == 1
    assert sum("nothing sounds" in event.get("message", "") for event in said) == 1


def test_without_a_sequence_there_is_one_scene_per_prompt(tmp_path: Path) -> None:
    places, events = project(tmp_path, ""), list[Any]()
    build(places, OPTIONS, on_event=events.append)
    assert (tmp_path / "meta" / "song" / "scene_sequence.csv").read_text().count("glass") == 1
    assert any(event["event"] == "warning" and "no sequence" in event["message"] for event in events)


def test_it_stops_at_the_first_failure_before_anything_long_and_goes_on(tmp_path: Path) -> None:
    places, events = project(tmp_path, "scene,duration,at\nreef,1,\nglass,1,0:59\n"), list[Any]()
    with pytest.raises(ScenesError, match="outside the song"):
        build(places, OPTIONS, on_event=events.append)
    assert "transitions" not in steps(events)
    (tmp_path / "meta" / "song" / "scene_sequence.csv").write_text("scene,duration,at\nreef,1,\nglass,1,0:01\n")
    done = build(places, OPTIONS)
    assert done["arrivals"][2] == 10


@pytest.mark.full
@pytest.mark.parametrize(("step", "after"), [("images", 2), ("transitions", 4), ("assemble", 1)])
def test_killed_in_the_middle_of_a_step_it_goes_on(tmp_path: Path, step: str, after: int) -> None:
    places, events = project(tmp_path), list[Any]()
    killed = subprocess.run([sys.executable, "-c", BUILD, str(tmp_path), step, str(after)])
    assert killed.returncode == 9
    done = build(places, OPTIONS, on_event=events.append)
    assert check_film(Path(done["out"]), tmp_path / "song.wav")["ok"]
    images = [e for e in events[: next(k for k, e in enumerate(events) if e.get("name") == "plan")] if "done" in e]
    if step != "images":
        assert [e for e in images if e["event"] == "progress"] == []
    assert not list(tmp_path.rglob("*.part"))
