"""Projects through the command line: laid out, checked, arranged, packed and unpacked."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from avwalk.settings import settings
from tests.cli.test_bad_input import run
from tests.conftest import ROOT


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("MEDIA_DIR", "META_DIR"):
        monkeypatch.delenv(f"AVWALK_{name}", raising=False)
    shutil.copy(ROOT / "media" / "demo-song.ogg", "tune.ogg")
    settings.cache_clear()


def test_from_a_song_to_an_archive_and_back(capfd: pytest.CaptureFixture[str]) -> None:
    code, out, err = run(capfd, "project", "new", "tune.ogg")
    assert code == 0 and Path("meta/tune/prompt_image_definitions.csv") in map(Path, out.split())
    assert "`avwalk scenes build tune` makes the film" in err
    code, out, err = run(capfd, "project", "new", "tune.ogg")
    assert (code, out) == (0, "") and err.count("was there, unchanged") == 4 and "nothing is new" in err
    mine = Path("meta/tune/scene_sequence.csv")
    sequence = mine.read_bytes()
    mine.write_bytes(sequence + b"# mine\n")
    Path("meta/tune/tgen_settings.json").unlink()
    code, out, err = run(capfd, "project", "new", "tune.ogg")
    assert code == 0 and Path(out.strip()) == Path("meta/tune/tgen_settings.json")
    assert err.count("was there, unchanged") == 2 and f"{mine} was there, with changes of yours" in err
    mine.write_bytes(sequence)
    code, out, _ = run(capfd, "scenes", "check")
    assert code == 0 and out == "tune: fine, 4 prompts, 15 pictures, sequence of 4 scenes\n"
    code, out, _ = run(capfd, "scenes", "auto", "tune.ogg", "--sequence", "two")
    assert code == 0 and Path(out.strip()) == Path("meta/tune/scene_sequence_two.csv")
    code, out, _ = run(capfd, "scenes", "check", "tune")
    assert code == 0 and out.endswith("sequence of 4 scenes, sequence two of 4 scenes\n")
    code, out, err = run(capfd, "scenes", "pack", "tune")
    assert code == 0 and out.startswith("tune.scenes.zip: 5 files, 0.0 MB") and "still to be drawn: 15 pictures" in err
    code, out, err = run(capfd, "scenes", "unpack", "tune.scenes.zip", "--meta-dir", "m", "--media-dir", "n")
    assert (code, out) == (0, "tune: 5 new files, 0 there already, 0 different, 0 damaged\n")
    assert "next: `avwalk scenes images tune`, `avwalk scenes plan tune`, `avwalk scenes transitions tune`" in err
    Path("m/tune/song.txt").write_text("mine")
    code, out, err = run(capfd, "scenes", "unpack", "tune.scenes.zip", "--merge", "--meta-dir", "m", "--media-dir", "n")
    assert (code, out) == (0, "tune: 0 new files, 4 there already, 1 different, 0 damaged\n")
    assert "song.txt' is as it was; --theirs takes that of the archive" in err
    code, _, err = run(capfd, "scenes", "pack", "tune")
    assert code == 1 and "'tune.scenes.zip' is there already" in err


def test_all_problems_of_all_projects(capfd: pytest.CaptureFixture[str]) -> None:
    run(capfd, "project", "new", "tune.ogg")
    for name, rows in (("b", "name,prompt,seeds\na-b,x,1\nc,,2\n"), ("a", "name,prompt,seeds\na,x,y\n")):
        Path("meta", name).mkdir()
        Path("meta", name, "prompt_image_definitions.csv").write_text(rows)
    code, out, err = run(capfd, "scenes", "check")
    assert code == 1 and out.startswith("tune: fine") and len(err.splitlines()) == 3
    code, out, err = run(capfd, "scenes", "check", "b")
    assert (
        code == 1
        and not out
        and err.splitlines()[0]
        == (
            f"{Path('meta/b/prompt_image_definitions.csv')}:2:1: name 'a-b' has a '-', which divides name and seed; "
            "call it 'a_b'"
        )
    )


def test_times_are_checked_on_the_song(capfd: pytest.CaptureFixture[str]) -> None:
    run(capfd, "project", "new", "tune.ogg")
    Path("meta/tune/scene_sequence.csv").write_text("scene,at\nreef,0\nglass,drop:3\n")
    code, _, err = run(capfd, "scenes", "check", "tune")
    assert code == 1 and err.strip().endswith("csv:3:7: time 'drop:3': this song has 1 drop; a cue 'drop' adds one")


def test_wrong_times_are_told_beside_wrong_names(capfd: pytest.CaptureFixture[str]) -> None:
    run(capfd, "project", "new", "tune.ogg")
    Path("meta/tune/scene_sequence.csv").write_text("scene,at\nreaf,drop:4\nglass,drop:3\nrief,9:59\n")
    code, _, err = run(capfd, "scenes", "check", "tune")
    lines = err.splitlines()
    assert code == 1 and sum("no scene" in line for line in lines) == 2
    assert {line.split("csv:")[1][:4] for line in lines if "this song has 1 drop" in line} == {"2:6:", "3:7:"}
    assert sum("9:59" in line for line in lines) == 1


def test_two_projects_of_one_song(capfd: pytest.CaptureFixture[str]) -> None:
    run(capfd, "project", "new", "tune.ogg")
    run(capfd, "project", "new", "tune.ogg", "--name", "second")
    code, _, err = run(capfd, "scenes", "check", "tune.ogg")
    assert (code, err) == (
        1,
        "'tune.ogg' is the song of the projects second and tune; give the name of one instead of the file\n",
    )
    assert run(capfd, "scenes", "check", "second")[0] == 0


def test_settings_say_where_projects_are(capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """Command line, environment, `.env`, defaults: the first that says something."""
    Path(".env").write_text("meta_dir=texts\nmedia_dir=made\n")
    settings.cache_clear()
    assert run(capfd, "project", "new", "tune.ogg")[0] == 0 and Path("texts/tune/song.txt").exists()
    assert Path("made/tune/prompt_images").is_dir() and not Path("meta").exists()
    monkeypatch.setenv("AVWALK_META_DIR", "elsewhere")
    settings.cache_clear()
    assert run(capfd, "project", "new", "tune.ogg")[0] == 0 and Path("elsewhere/tune/song.txt").exists()
    assert run(capfd, "project", "new", "tune.ogg", "--meta-dir", "said")[0] == 0 and Path("said/tune").is_dir()
    code, _, err = run(capfd, "scenes", "check", "tume")
    assert code == 1 and "no project 'tume' in 'elsewhere' (did you mean 'tune'?)" in err


def test_where_there_is_nothing_it_is_said_what_to_do(capfd: pytest.CaptureFixture[str]) -> None:
    code, _, err = run(capfd, "scenes", "check")
    assert code == 1 and err == "avwalk: no projects in 'meta'; `avwalk scenes new SONGFILE` makes one\n"
    code, _, err = run(capfd, "scenes", "auto", "x")
    assert code == 1 and err == "avwalk: no project 'x' in 'meta'; `avwalk scenes new SONGFILE` makes one\n"
    code, _, err = run(capfd, "project", "new", "none.wav")
    assert code == 1 and "none.wav" in err


def test_help_of_scenes_is_cheap() -> None:
    code = (
        "import sys, avwalk.cli.main as m\n"
        "try: m.main(['scenes', '--help'])\n"
        "except SystemExit: pass\n"
        "print('MODULES', *sys.modules)"
    )
    out = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert {"check", "auto", "pack", "unpack"} <= set(out.split("MODULES")[0].split())
    assert not set(out.split("MODULES")[1].split()) & {"numpy", "cv2", "av", "torch", "avwalk.config.preset"}


def test_tables_of_scenes_in_another_encoding(capfd: pytest.CaptureFixture[str]) -> None:
    run(capfd, "scenes", "new", "tune.ogg", "--empty")
    table = Path("meta/tune/prompt_image_definitions.csv")
    table.write_bytes("name,prompt,seeds\nморе,волны у берега,1 2\n".encode("cp1251"))
    code, _, err = run(capfd, "scenes", "check", "tune")
    assert code == 1 and "not UTF-8, and read as Windows-1252 its words are" in err
    assert run(capfd, "scenes", "--encoding", "cp1251", "check", "tune")[0] == 0
    Path(".env").write_text("encoding=cp1251\n")
    settings.cache_clear()
    code, out, _ = run(capfd, "scenes", "auto", "tune")
    assert code == 0 and "море" in Path(out.strip()).read_text(encoding="utf-8")
