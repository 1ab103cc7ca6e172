from __future__ import annotations

import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest

from avwalk.config.film_options import FilmOptions
from avwalk.errors import OptionError, OutputError, ScenesError
from avwalk.rendering.finish import check_film
from avwalk.scenes.film.assemble import assemble
from avwalk.scenes.film.assembly import film_options, song_of
from avwalk.scenes.graph.path_csv import write_shown
from tests.scenes.film_project import GREYS, SIZE, make, way

PLAIN = "scene,duration,section\nforest,2,1\nsea,2,1\nlast,0,1\n"
PATH = [("forest", 0, ""), ("forest", 0, ""), ("forest", 0, ""), ("sea", 1, ""), ("sea", 1, ""), ("sea", 1, "")]


def lumas(path: Path) -> np.ndarray:
    """Mean light of every frame, 0 to 1."""
    with av.open(str(path)) as container:
        frames = [frame.to_ndarray(format="gray") for frame in container.decode(video=0)]
    return np.array([frame.mean() for frame in frames]) / 255


def test_a_film_is_whole_and_arrives_on_the_beat(tmp_path: Path) -> None:
    project, song, _ = make(tmp_path, PLAIN, PATH)
    done = assemble(project, song, FilmOptions(arrive="beats"))
    film = Path(done["out"])
    assert film == project.stories / "film" / "film.mp4"
    checked = check_film(film, song)
    assert checked["ok"], checked["problems"]
    light = lumas(film)
    assert len(light) == 240 == done["n_frames"]
    # arrivals are where the picture is darkest or brightest: on multiples of half a second, which are the clicks
    for k, frame in enumerate(done["arrivals"][:-1]):
        near = light[max(0, frame - 7) : frame + 8]
        extreme = np.argmin(near) if k % 2 == 0 else np.argmax(near)
        measured = (max(0, frame - 7) + extreme) / 30
        assert abs(measured - round(measured * 2) / 2) <= 0.5 / 30 + 1e-9, (k, measured)
        assert light[frame] == pytest.approx(GREYS[k % 2], abs=0.02)
    assert not list((project.stories / "film").glob("*.work"))


def test_sections_are_films_of_their_own(tmp_path: Path) -> None:
    project, song, _ = make(tmp_path, PLAIN.replace("sea,2,1", "sea,2,2"), PATH)
    done = assemble(project, song, FilmOptions(out="two"))
    files = [Path(file) for file in done["sections"]]
    assert [file.name for file in files] == ["section_1.mp4", "section_2.mp4"]
    light = lumas(Path(done["out"]))
    border = done["arrivals"][3]
    assert np.allclose(np.concatenate([lumas(file) for file in files]), light, atol=1e-6)
    assert len(lumas(files[0])) == border
    assert all(check_film(file)["ok"] for file in files)


def test_versions_are_kept_under_their_names_and_not_made_twice(tmp_path: Path) -> None:
    project, song, _ = make(tmp_path, PLAIN, PATH, seconds=3.0)
    one = Path(assemble(project, song, FilmOptions(fps="10"))["out"])
    two = Path(assemble(project, song, FilmOptions(out="small", fps="12.5", size="33x20", pace="rest"))["out"])
    assert one.is_file() and two.parent.name == "small"
    checked = check_film(two, song)
    assert checked["ok"] and checked["fps"] == "25/2" and checked["n_frames"] == 38
    with av.open(str(two)) as container:
        assert (container.streams.video[0].width, container.streams.video[0].height) == (34, 20)
    before = one.stat().st_mtime_ns
    assert assemble(project, song, FilmOptions(fps="10"))["resumed_frames"] == 30
    assert one.stat().st_mtime_ns == before
    with pytest.raises(OutputError, match="force"):
        assemble(project, song, FilmOptions(fps="20"))
    assert assemble(project, song, FilmOptions(fps="20", force=True))["n_frames"] == 60


def test_frames_that_change_are_another_film(tmp_path: Path) -> None:
    project, song, hops = make(tmp_path, PLAIN, PATH, seconds=3.0)
    assemble(project, song, FilmOptions(fps="10"))
    way(project.transition_images / hops[0].folder, 0.2, 0.8, 5)
    with pytest.raises(OutputError, match="another film"):
        assemble(project, song, FilmOptions(fps="10"))


def test_what_is_missing_is_named_with_what_makes_it(tmp_path: Path) -> None:
    project, song, hops = make(tmp_path, PLAIN, PATH, seconds=3.0)
    shutil.rmtree(project.transition_images / hops[1].folder)
    last = max((project.transition_images / hops[4].folder).iterdir())
    last.write_bytes(last.read_bytes()[:60])
    with pytest.raises(ScenesError) as raised:
        assemble(project, song, FilmOptions())
    lines = str(raised.value).splitlines()
    assert len(lines) == 2 and all("avwalk scenes transitions song" in line for line in lines)
    assert hops[1].folder in lines[0] and hops[4].folder in lines[1]
    assert not project.stories.exists()


def test_a_way_is_walked_backwards_and_numbered_frames_are_read(tmp_path: Path) -> None:
    project, song, hops = make(tmp_path, PLAIN, PATH)
    folder = project.transition_images / hops[2].folder
    back = project.transition_images / hops[2].edge.back.folder
    for k, file in enumerate(sorted(folder.iterdir(), reverse=True)):
        back.mkdir(exist_ok=True)
        file.rename(back / f"frame{k:06d}.png")
    folder.rmdir()
    hops[2] = replace(hops[2], reversed=True, folder=back.name)
    write_shown(project.story_dir, hops)
    done = assemble(project, song, FilmOptions(arrive="beats"))
    light = lumas(Path(done["out"]))
    for k, frame in enumerate(done["arrivals"][:-1]):
        assert light[frame] == pytest.approx(GREYS[k % 2], abs=0.02)
    assert np.abs(np.diff(light)).max() < 0.1  # nothing jumps


def test_a_plan_is_found_in_either_direction_and_without_its_prompts(tmp_path: Path) -> None:
    project, song, hops = make(tmp_path, PLAIN, PATH, seconds=3.0)
    there = assemble(project, song, FilmOptions(out="there", fps="10"))
    write_shown(project.story_dir, [replace(h, edge=h.edge.back, folder=h.edge.back.folder) for h in reversed(hops)])
    project = replace(project, definitions={}, sequence=())
    back = assemble(project, song, FilmOptions(out="back", fps="10"))
    assert len(back["arrivals"]) == len(there["arrivals"]) and lumas(Path(back["out"]))[0] == pytest.approx(
        0.2, abs=0.02
    )


@pytest.mark.parametrize("how", ["cut", "melt", "whip"])
def test_ways_in_that_nobody_rendered(tmp_path: Path, how: str) -> None:
    path = [("forest", 0, ""), ("forest", 0, ""), ("forest", 0, how), ("sea", 1, ""), ("sea", 1, ""), ("sea", 1, "")]
    project, song, hops = make(tmp_path, f"scene,at,transition\nforest,,\nsea,4,{how}\nlast,,\n", path)
    assert not (project.transition_images / hops[2].edge.folder).exists()
    done = assemble(project, song, FilmOptions(arrive="beats"))
    light = lumas(Path(done["out"]))
    # the scene before ends dark, at picture 2; the next begins bright, at picture 3, on its frame
    assert done["arrivals"][2] == 120
    assert light[120] == pytest.approx(0.8, abs=0.02)
    assert (light[119] < 0.3) == (how == "cut")
    assert np.all(np.diff(light[112:121]) > -0.02)


def test_stories_one_after_the_other(tmp_path: Path) -> None:
    project, song, _ = make(tmp_path, PLAIN, PATH, seconds=4.0)
    assemble(project, song, FilmOptions(out="one", fps="10"))
    done = assemble(project, song, FilmOptions(out="both", fps="10", stories=("one", "one")))
    assert [Path(file).stem for file in done["sections"]] == ["section_1", "section_2"]
    assert len(done["arrivals"]) == 13
    with pytest.raises(ScenesError, match="did you mean 'both'"):
        assemble(project, song, FilmOptions(stories=("bot",)))


def test_killed_in_the_middle_it_goes_on(tmp_path: Path) -> None:
    project, song, _ = make(tmp_path, PLAIN, PATH, seconds=25.0)
    options = FilmOptions(workers=1)
    whole = assemble(project, song, FilmOptions(out="whole", workers=1))

    def stop(event: Any) -> None:
        if event["event"] == "segment":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        assemble(project, song, options, stop)
    assert not (project.stories / "film" / "film.mp4").exists()
    events: list[Any] = []
    done = assemble(project, song, options, events.append)
    assert 300 <= done["resumed_frames"] < done["n_frames"] == 750
    kinds = [event["event"] for event in events]
    assert kinds.index("plan") < kinds.index("progress") < kinds.index("done")
    assert np.array_equal(lumas(Path(done["out"])), lumas(Path(whole["out"])))


KILLED = """
import os, sys
from pathlib import Path
from avwalk.scenes.film.assemble import assemble
from avwalk.config.film_options import FilmOptions
from avwalk.scenes.project.project import load_project
root = Path(sys.argv[1])
project = load_project("song", meta_dir=root / "meta", media_dir=root / "media")
assemble(project, root / "song.wav", FilmOptions(workers=1), lambda e: e["event"] == "segment" and os._exit(9))
"""


@pytest.mark.full
def test_a_process_that_dies_leaves_its_pieces(tmp_path: Path) -> None:
    project, song, _ = make(tmp_path, PLAIN, PATH, seconds=25.0)
    assert subprocess.run([sys.executable, "-c", KILLED, str(tmp_path)]).returncode == 9
    done = assemble(project, song, FilmOptions(workers=1))
    assert done["resumed_frames"] == 300 and check_film(Path(done["out"]), song)["ok"]


@pytest.mark.full
def test_a_path_that_changes_midway_is_made_anew(tmp_path: Path) -> None:
    project, song, hops = make(tmp_path, PLAIN, PATH, seconds=25.0)
    subprocess.run([sys.executable, "-c", KILLED, str(tmp_path)])
    write_shown(project.story_dir, hops[:4])
    events: list[Any] = []
    assert assemble(project, song, FilmOptions(workers=1), events.append)["resumed_frames"] == 0
    assert any(event["event"] == "warning" and "made anew" in event["message"] for event in events)


def test_names_stay_in_their_folder(tmp_path: Path) -> None:
    project, song, _ = make(tmp_path, PLAIN, PATH, seconds=2.0)
    for name in ("../up", "a/b", "", "con"):
        with pytest.raises(OptionError):
            assemble(project, song, FilmOptions(out=name))
    for size in ("12", "axb", "2x2"):
        with pytest.raises(OptionError):
            assemble(project, song, FilmOptions(size=size))


def test_the_song_is_what_was_given_or_what_the_project_knows(tmp_path: Path) -> None:
    project, song, _ = make(tmp_path, PLAIN, PATH, seconds=2.0)
    assert song_of(project, str(song)) == song
    with pytest.raises(ScenesError, match="give the song's file"):
        song_of(project, "song")
    assert song_of(replace(project, song=song), "song") == song


def test_frames_of_another_size_fill_the_film(tmp_path: Path) -> None:
    project, song, hops = make(tmp_path, PLAIN, PATH, seconds=2.0)
    way(project.transition_images / hops[3].folder, 0.8, 0.2, 9, (80, 30))
    done = assemble(project, song, FilmOptions(fps="10"))
    with av.open(done["out"]) as container:
        assert (container.streams.video[0].width, container.streams.video[0].height) == SIZE


def test_title_and_words_are_written_over_it(tmp_path: Path) -> None:
    project, song, _ = make(tmp_path, PLAIN, PATH, seconds=8.0)
    plain = assemble(project, song, FilmOptions(out="plain", fps="10", size="320x180"))
    (song.with_name("song.cues.csv")).write_text("at,until,what,value\n6,7.5,text,hello\n")
    named = FilmOptions(out="named", fps="10", size="320x180", text="card", title="A Song")
    written = assemble(project, song, named)
    both = []
    for done in (plain, written):
        with av.open(done["out"]) as container:
            both.append(np.array([f.to_ndarray(format="gray").astype(float) for f in container.decode(video=0)]))
    change = np.abs(both[0] - both[1]).max((1, 2))
    assert change[[0, 5, 55, 79]].max() < 25 < 60 < change[[20, 68]].min()


def test_options_that_are_none_are_told_at_once() -> None:
    with pytest.raises(OptionError) as raised:
        film_options({"arrive": "bar", "pace": "quick", "workers": 0})
    assert len(str(raised.value).splitlines()) == 3 and "did you mean 'bars'" in str(raised.value)
