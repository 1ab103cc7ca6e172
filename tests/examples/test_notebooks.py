"""The notebooks: clean as committed, and run small with the built-in generator; what is made is not made again."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
import soundfile

from avwalk.rendering.finish import check_film
from tests.conftest import clicks
from tests.examples.notebooks import NOTEBOOKS, films, read, run, tags
from tests.examples.notebooks import env as env


@pytest.fixture
def song(tmp_path: Path) -> Path:
    """Three seconds of clicks at 120 BPM."""
    soundfile.write(tmp_path / "clicks.wav", clicks(3.0), 44100)
    return tmp_path / "clicks.wav"


def fine(text: str) -> None:
    """No command of the notebook has failed: an error is one line that begins with the program's name."""
    assert not re.findall(r"(?m)^(?:avwalk: .*|.*Traceback.*|.*not found.*)$", text)


def verified(work: Path, song: Path, count: int) -> dict[Path, int]:
    made = films(work)
    assert len(made) == count
    for film in made:
        result = check_film(film, song if "/stories/" not in film.as_posix() else None)
        assert result["ok"], (film, result["problems"])
    return made


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_as_committed(path: Path) -> None:
    notebook = read(path)
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert all(not cell.outputs and cell.execution_count is None for cell in code)
    assert all(re.fullmatch(r"[a-z-]+", cell.id) for cell in notebook.cells), "ids are names, not random"
    title, install = notebook.cells[:2]
    assert title.source.startswith(f"# {int(path.stem[:2])} · ") and len(title.source.split("\n\n")) == 3
    assert "(https://colab.research.google.com)" in title.source and "OWNER" not in path.read_text(encoding="utf-8")
    assert "colab" in tags(install) and "%pip install" in install.source and "--constraint" in install.source
    assert sum("parameters" in tags(cell) for cell in code) == 1
    for cell in code:
        assert ("colab" in tags(cell)) == ("google.colab" in cell.source), cell.id
        compile(re.sub(r"(?m)^(\s*)[!%].*$", r"\1pass", cell.source), f"{path.name}:{cell.id}", "exec")
        assert not re.search(r"(?m)^\s*(?:from|import) avwalk\S*\._|import _", cell.source), "nothing private"
    (parameters,) = (cell for cell in code if "parameters" in tags(cell))
    lines = [line for line in parameters.source.splitlines() if not line.startswith("#")]
    assert lines and all(re.match(r"[A-Z_]+ = \S.*  # @param ", line) for line in lines)


def test_all_install_the_same_and_there_are_five() -> None:
    installs = [re.findall(r'(?m)^AVWALK = ".*$', read(path).cells[1].source) for path in NOTEBOOKS]
    assert len(installs) == 5 and all(found == installs[0] and len(found) == 1 for found in installs)


@pytest.mark.full
def test_a_song_becomes_a_film(env: None, tmp_path: Path, song: Path) -> None:
    work = tmp_path / "work"
    work.mkdir()
    small = {"SIZE": "96x54", "FPS": 10, "PREVIEW_SIZE": "64x36", "PREVIEW_SECONDS": 1, "PRESET": "idol"}
    text = run("01_render_song", work, SONG=str(song), **small)
    assert "30 frames, 0 of them from before" in text
    made = verified(work, song, 2)
    assert "is there already" in run("01_render_song", work, SONG=str(song), **small)
    assert films(work) == made


@pytest.mark.full
def test_worlds_and_seeds_are_looked_at_and_kept(env: None, tmp_path: Path, song: Path) -> None:
    work = tmp_path / "work"
    work.mkdir()
    small = {"SIZE": "96x54", "FPS": 10, "PREVIEW_SIZE": "64x36", "PREVIEW_SECONDS": 1, "PRESET": "idol"}
    small |= {"WORLDS": 2, "SEEDS": 4, "PICTURE_SIZE": "48x48"}
    fine(run("02_explore_prompts", work, SONG=str(song), **small))
    verified(work, song, 2)
    folder = work / "02_explore_prompts"
    assert (folder / "presets" / "idol-3.toml").exists() and len(list(folder.glob("*_worlds.png"))) == 1
    table = (work / "meta" / "explored" / "prompt_image_definitions.csv").read_text(encoding="utf-8")
    (row,) = [line for line in table.splitlines() if line.startswith("polyps,")]
    assert "coral reef at night" in row and len(re.findall(r"\b\d{5,}\b", row)) == 2


@pytest.fixture
def project(tmp_path: Path, song: Path) -> Path:
    """A work folder with a small project: two prompts, three pictures, five frames for each way."""
    meta = tmp_path / "work" / "meta" / "my-film"
    meta.mkdir(parents=True)
    small = {"res_width": 64, "res_height": 36, "interpolation_steps": 3, "generator": "cppn"}
    usual = {**small, "res_width": 96, "res_height": 54, "interpolation_steps": 5}
    (meta / "tgen_settings.json").write_text(json.dumps({"default": usual, "draft": small}))
    (meta / "prompt_image_definitions.csv").write_text(
        "name,prompt,seeds,generator\nreef,a reef,11 12,cppn:idol\nnova,a nova,21,cppn:idol\n"
    )
    (meta / "scene_sequence.csv").write_text("scene,duration\nreef,1\nnova,0\nreef,1\n")
    (meta / "song.txt").write_text(str(song))
    return tmp_path / "work"


@pytest.mark.full
def test_scenes_become_a_film_and_another_story(env: None, project: Path, song: Path) -> None:
    small = {"FPS": 10, "PREVIEW_FPS": 10}
    fine(run("03_scene_graph", project, SONG=str(song), **small))
    media = project / "03_scene_graph" / "default" / "my-film"
    frames = {file: file.stat().st_mtime_ns for file in media.rglob("transition_images/*/*.png")}
    assert len(frames) >= 10 and len(list(media.glob("prompt_images/*.png"))) == 3
    assert {film.stem for film in media.glob("stories/*/*.mp4")} == {"film-0", "story-1"}
    made = verified(project, song, len(films(project)))
    text = run("03_scene_graph", project, SONG=str(song), **small)
    fine(text)
    assert text.count("is there already") >= 2 and films(project) == made
    assert {file: file.stat().st_mtime_ns for file in media.rglob("transition_images/*/*.png")} == frames


@pytest.mark.full
def test_a_batch_lists_what_is_missing(env: None, tmp_path: Path, song: Path) -> None:
    work, songs = tmp_path / "work", tmp_path / "songs"
    work.mkdir()
    songs.mkdir()
    (songs / "bad.wav").write_text("no music")
    song = song.rename(songs / song.name)
    small = {"SONGS": str(songs), "PRESETS": "idol", "SIZE": "96x54", "FPS": 10}
    small |= {"PREVIEW_SIZE": "64x36", "PREVIEW_SECONDS": 1}
    text = run("04_batch", work, **small)
    assert "1 of 2 films are there" in text and "missing: bad_idol_own_96x54.mp4" in text
    assert "1 of 2 films failed" in text and "films.csv:2: bad.wav" in text
    made = verified(work, song, 2)
    (songs / "bad.wav").unlink()
    text = run("04_batch", work, **small)
    fine(text)
    assert "1 of 1 films are there" in text and text.count("is there already") == 2
    assert films(work) == made


@pytest.mark.full
def test_without_a_model_there_is_the_film_below(env: None, tmp_path: Path, song: Path) -> None:
    work = tmp_path / "work"
    work.mkdir()
    small = {"SIZE": "96x54", "FPS": 10, "DURATION": "2", "MODEL": "sd-turbo"}
    text = run("05_restyle", work, SONG=str(song), **small)
    assert "frames cannot be restyled" in text
    made = verified(work, song, 1)
    assert "is there already" in run("05_restyle", work, SONG=str(song), **small)
    assert films(work) == made
