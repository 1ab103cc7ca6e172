"""New projects overwrite nothing and can be made into a film; sequences are made of what there is."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from avwalk.errors import ScenesError, SongError
from avwalk.scenes.project.check import check_project
from avwalk.scenes.project.create import MEDIA, auto_sequence, new_project
from avwalk.scenes.project.project import load_project
from tests.conftest import ROOT
from tests.scenes.project_forms import Folders


@pytest.fixture
def song(tmp_path: Path) -> Path:
    return Path(shutil.copy(ROOT / "media" / "demo-song.ogg", tmp_path / "My-tune (live).ogg"))


def lay(song: Path, name: str | None = None) -> Path:
    root = song.parent
    return new_project(song, name, meta_dir=root / "meta", media_dir=root / "media").meta


def test_a_new_project_is_whole(song: Path) -> None:
    laid = new_project(song, meta_dir=song.parent / "meta", media_dir=song.parent / "media")
    assert (
        laid.name == "My-tune (live)" and laid.unchanged == () and {file.parent for file in laid.wrote} == {laid.meta}
    )
    assert sorted(path.name for path in laid.media.iterdir()) == sorted(MEDIA)
    (project,) = check_project(laid.name, meta_dir=song.parent / "meta", media_dir=song.parent / "media")
    assert len(project.sequence) >= 3 and not project.notes and project.song and project.song.samefile(song)
    assert (laid.meta / "song.txt").read_text() == "../../My-tune (live).ogg\n"
    assert load_project(str(song), meta_dir=song.parent / "meta").name == laid.name


def test_a_project_of_ones_own_begins_without_the_example(song: Path) -> None:
    root = song.parent
    laid = new_project(song, "own", meta_dir=root / "meta", media_dir=root / "media", empty=True)
    assert not laid.example and not (laid.meta / "scene_sequence.csv").exists()
    assert (laid.meta / "prompt_image_definitions.csv").read_text().startswith("name,prompt,seeds")
    project = load_project("own", meta_dir=root / "meta", media_dir=root / "media", empty=True)
    assert not project.definitions
    with pytest.raises(ScenesError, match="there are no prompts"):
        load_project("own", meta_dir=root / "meta", media_dir=root / "media")
    assert new_project(song, "other", meta_dir=root / "meta", media_dir=root / "media").example


def test_nothing_is_overwritten(song: Path) -> None:
    meta = lay(song)
    for name in ("prompt_image_definitions.csv", "scene_sequence.csv", "tgen_settings.json"):
        (meta / name).write_text("mine")
    again = new_project(song, meta_dir=song.parent / "meta", media_dir=song.parent / "media")
    assert again.wrote == () and [file.name for file in again.unchanged] == ["song.txt"]
    names = {"prompt_image_definitions.csv", "scene_sequence.csv", "tgen_settings.json"}
    assert {file.name for file in again.changed} == names
    assert {(meta / name).read_text() for name in ("prompt_image_definitions.csv", "scene_sequence.csv")} == {"mine"}


def test_definitions_of_ones_own_get_no_sequence_of_others(song: Path) -> None:
    meta = song.parent / "meta" / "tune"
    meta.mkdir(parents=True)
    (meta / "prompt_image_definitions.csv").write_text("name,prompt,seeds\nmine,x,1\n")
    assert lay(song, "tune") == meta and not (meta / "scene_sequence.csv").exists()
    assert (meta / "song.txt").exists() and (meta / "tgen_settings.json").exists()


def test_stopped_midway_it_goes_on(song: Path) -> None:
    meta = lay(song)
    (meta / "prompt_image_definitions.csv").unlink()
    (meta / "scene_sequence.csv").unlink()
    lay(song)
    assert check_project(meta.name, meta_dir=song.parent / "meta", media_dir=song.parent / "media")[0].sequence


def test_a_song_that_moves_with_its_project_is_found(song: Path, tmp_path: Path) -> None:
    lay(song, "tune")
    shutil.copytree(tmp_path, tmp_path / "copy", ignore=shutil.ignore_patterns("copy"))
    found = load_project("tune", meta_dir=tmp_path / "copy" / "meta").song
    assert found and found.samefile(tmp_path / "copy" / song.name)


def test_folders_may_be_links(song: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As on a drive that is mounted elsewhere; the song is said as seen from here."""
    (tmp_path / "drive" / "deep" / "texts").mkdir(parents=True)
    (tmp_path / "meta").symlink_to(tmp_path / "drive" / "deep" / "texts", target_is_directory=True)
    lay(song, "tune")
    found = load_project("tune", meta_dir=tmp_path / "meta").song
    assert found and found.samefile(song)
    monkeypatch.chdir(tmp_path)
    assert load_project("tune", meta_dir=Path("meta")).song == Path(song.name)


def test_what_cannot_be_laid_out(song: Path, tmp_path: Path) -> None:
    lay(song, "tune")
    other = Path(shutil.copy(song, tmp_path / "other.ogg"))
    with pytest.raises(ScenesError, match="is of '.*live.*'; give another name, or change"):
        lay(other, "tune")
    with pytest.raises(ScenesError, match=r"project '\.\./x' cannot be the name of a file"):
        lay(song, "../x")
    with pytest.raises(SongError, match="does not exist"):
        lay(tmp_path / "none.wav")
    text = tmp_path / "text.wav"
    text.write_text("no song")
    with pytest.raises(SongError):
        lay(text)
    (tmp_path / "file").write_text("x")
    with pytest.raises(ScenesError, match="cannot be made"):
        new_project(song, "x", meta_dir=tmp_path / "file", media_dir=tmp_path / "media")


def test_one_scene_for_each_prompt(tmp_path: Path) -> None:
    folders = Folders(tmp_path, "name,prompt,seeds\nb,x,1 2 3 4 5\nnone,x,\na,y,7\n", None)
    folders.picture("scenes/beach/1.png")
    folders.picture("scenes/beach/2.png")
    path = auto_sequence(folders.load(sequence=None))
    assert path.read_text() == "scene,duration,section,start\nb,3,1,\na,0,1,\nbeach,1,1,\n"
    assert [(row.scene, row.duration) for row in folders.load().sequence] == [("b", 3), ("a", 0), ("beach", 1)]
    with pytest.raises(ScenesError, match="is there already; force replaces it, sequence NAME writes another"):
        auto_sequence(folders.load(sequence=None))
    assert auto_sequence(folders.load(sequence=None), "x").name == "scene_sequence_x.csv"
    path.write_text("old")
    auto_sequence(folders.load(sequence=None), force=True)
    assert len(folders.load().sequence) == 3
    with pytest.raises(ScenesError, match="sequence 'a/b' cannot be the name"):
        auto_sequence(folders.load(sequence=None), "a/b")


def test_without_seeds_there_is_nothing_to_arrange(tmp_path: Path) -> None:
    folders = Folders(tmp_path, "name,prompt,seeds\na,x,\n", None)
    with pytest.raises(ScenesError, match="no prompt of 'song' has seeds; `avwalk explore --name NAME`"):
        auto_sequence(folders.load(sequence=None))
