"""Where and how avwalk is started: languages, settings, folders, several at once. The same film, or one line."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import soundfile

import avwalk
from avwalk.arrays.compile import kernels_folder
from avwalk.arrays.numba_settings import OTHER_CODE
from avwalk.rendering.finish import check_film
from tests.conftest import ROOT, clicks

SMALL = ("--generator", "testcard", "--size", "16x16", "--duration", "0.3", "--force")
POSIX = pytest.mark.skipif(os.name == "nt", reason="as POSIX has it")


def started(*words: str, at: Path, **environment: str | None) -> subprocess.CompletedProcess[str]:
    """A command in a folder, with variables set, or unset (None)."""
    known = {**os.environ, "PYTHONPATH": str(ROOT)} | {k: v for k, v in environment.items() if v is not None}
    known = {name: value for name, value in known.items() if environment.get(name, value) is not None}
    line = [sys.executable, "-m", "avwalk", *words]
    return subprocess.run(line, cwd=at, env=known, capture_output=True, encoding="utf-8", errors="replace")


@pytest.fixture
def song(click_song: Path, tmp_path: Path) -> Path:
    return Path(shutil.copy(click_song, tmp_path / "song.wav"))


@POSIX
def test_names_in_the_plainest_language(song: Path) -> None:
    song.rename(song.with_name("Müßig 曲.wav"))
    plain: dict[str, str | None] = {"LC_ALL": "C", "LANG": None, "PYTHONUTF8": None}
    done = started("render", "Müßig 曲.wav", *SMALL, "--out", "fülm ☃.mp4", at=song.parent, **plain)
    assert done.returncode == 0, done.stderr
    assert (song.parent / "fülm ☃.mp4").is_file() and "Müßig 曲.wav" in done.stderr


@POSIX
@pytest.mark.parametrize("words", [("render", "ü.wav"), ("render", "song.wav", "--out", "ü.mp4"), ("batch", "ü.csv")])
def test_names_that_python_was_told_not_to_read(words: tuple[str, ...], song: Path) -> None:
    told = started(*words, at=song.parent, LC_ALL="C", PYTHONUTF8="0")
    assert told.returncode == 1
    assert told.stderr.endswith("cannot be read: names of files are taken for ascii here; set PYTHONUTF8=1\n")


@pytest.mark.parametrize(
    "setting",
    [
        "NUMBA_NUM_THREADS=1",
        "NUMBA_DISABLE_JIT=1",
        "OMP_NUM_THREADS=0",
        "OMP_NUM_THREADS=many",
        "OPENBLAS_NUM_THREADS=7",
        "OPENBLAS_NUM_THREADS=0",
    ],
)
def test_settings_of_libraries_change_no_bit(setting: str, song: Path) -> None:
    avwalk.render(song, out=song.parent / "plain.mp4", generator="testcard", size="16x16", duration=0.3)
    name, value = setting.split("=")
    done = started("render", "song.wav", *SMALL, "--out", "other.mp4", at=song.parent, **{name: value})
    assert done.returncode == 0, done.stderr
    assert "Warning" not in done.stderr and "Traceback" not in done.stderr
    assert ("NUMBA_DISABLE_JIT is set" in done.stderr) == (setting == "NUMBA_DISABLE_JIT=1")
    assert (song.parent / "other.mp4").read_bytes() == (song.parent / "plain.mp4").read_bytes()


@pytest.mark.parametrize("setting", ["NUMBA_NUM_THREADS=0", "NUMBA_NUM_THREADS=all", "NUMBA_OPT=9"])
def test_settings_that_are_none(setting: str, song: Path) -> None:
    name, value = setting.split("=")
    told = started("render", "song.wav", *SMALL, at=song.parent, **{name: value})
    assert (told.returncode, told.stderr) == (
        1,
        f"avwalk: {setting}: no value that numba takes; correct it, or unset it\n",
    )


@pytest.mark.parametrize("name", OTHER_CODE)
def test_kernels_that_are_compiled_otherwise_are_kept_apart(
    name: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Numba would take those of a run with other settings for its own."""
    monkeypatch.setattr("avwalk.events._said", set())
    usual = kernels_folder()
    assert not caplog.messages
    monkeypatch.setenv(name, "1")
    other = kernels_folder()
    assert other.parent == usual and caplog.messages == [
        f"{name}=1: kernels are compiled otherwise; the film may differ in its last bits from that without"
    ]
    monkeypatch.setenv(name, "0")
    assert kernels_folder() not in (usual, other)


INTERRUPTED = """
import importlib.abc, signal, sys
class Interrupt(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path, target=None):
        if name == "typer":
            signal.raise_signal(signal.SIGINT)
sys.meta_path.insert(0, Interrupt())
sys.argv = ["avwalk", "--version"]
from avwalk.__main__ import start
start()
"""


@POSIX
def test_an_interrupt_before_anything_has_begun(tmp_path: Path) -> None:
    line = [sys.executable, "-c", INTERRUPTED]
    done = subprocess.run(line, cwd=ROOT, capture_output=True, text=True, env=dict(os.environ))
    assert (done.returncode, done.stdout, done.stderr) == (-signal.SIGINT, "", "")


@POSIX
@pytest.mark.parametrize("words", [("presets", "list"), ("render", "{song}", *SMALL), ("models", "list")])
def test_a_folder_that_is_gone(words: tuple[str, ...], song: Path) -> None:
    code = f"import os, sys; os.mkdir('gone'); os.chdir('gone'); os.rmdir('../gone'); sys.path.insert(0, {str(ROOT)!r})"
    code += "; from avwalk.cli.main import main; main(sys.argv[1:])"
    line = [sys.executable, "-c", code, *(word.format(song=song) for word in words)]
    told = subprocess.run(line, cwd=song.parent, capture_output=True, text=True, env=dict(os.environ))
    assert (told.returncode, told.stderr) == (
        1,
        "avwalk: the current folder is not there any more; go to one that is (cd)\n",
    )


@pytest.mark.skipif(not Path("/proc/self").is_dir(), reason="a folder in which not even root can make one")
@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("render", "{song}", *SMALL), "cannot work in 'song_lsd_"),
        (("analyze", "{song}", "--plot", "a.png"), "'a.png' cannot be written"),
        (("project", "new", "{song}"), "'meta/song' cannot be made"),
    ],
)
def test_a_folder_that_cannot_be_written(words: tuple[str, ...], said: str, song: Path) -> None:
    told = started(*(word.format(song=song) for word in words), at=Path("/proc"))
    assert told.returncode == 1 and said in told.stderr.splitlines()[-1] and "unexpected" not in told.stderr


def test_again_from_another_folder(song: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a film was made of is found where it was told, or is in the film."""
    (song.parent / "c.csv").write_text("at,until,what,value,ease\n0.1,3,camera.zoom,1.5,\n", encoding="utf-8")
    shutil.copy(song, song.parent / "drums.wav")
    route = 'routes = ["drums.kick -> camera.zoom +9%"]'
    (song.parent / "own.toml").write_text(f'version = 1\ntitle = "x"\nextends = "lsd"\n{route}\n', encoding="utf-8")
    monkeypatch.chdir(song.parent)
    small: dict[str, Any] = {"generator": "testcard", "size": "64x36", "duration": 1}
    avwalk.render("song.wav", out="a.mp4", cues="c.csv", preset="own.toml", stem=("drums=drums.wav",), **small)
    (song.parent / "elsewhere").mkdir()
    (song.parent / "own.toml").unlink()
    (song.parent / "c.csv").unlink()
    words = ("render", "../song.wav", "--again", "../a.mp4", "--out", "b.mp4")
    told = started(*words, at=song.parent / "elsewhere")
    assert told.returncode == 1 and "no stem 'drums' was given; say --stem drums=FILE" in told.stderr
    done = started(*words, "--stem", "drums=../drums.wav", at=song.parent / "elsewhere")
    assert done.returncode == 0, done.stderr
    assert (song.parent / "elsewhere" / "b.mp4").read_bytes() == (song.parent / "a.mp4").read_bytes()


@pytest.mark.full
def test_films_that_share_an_empty_cache(tmp_path: Path) -> None:
    """Analysis and kernels are made and kept by all of them at once."""
    soundfile.write(tmp_path / "song.wav", clicks(4.0, rate=22050), 22050)
    (tmp_path / "cache").mkdir()
    folders = {name: str(tmp_path / "cache") for name in ("AVWALK_CACHE_DIR", "NUMBA_CACHE_DIR")}
    outs = [tmp_path / f"{k}.mp4" for k in range(3)]
    line = [sys.executable, "-m", "avwalk", "render", "song.wav", *SMALL]
    running = [
        subprocess.Popen(
            [*line, "--out", str(out)],
            cwd=tmp_path,
            env={**os.environ, **folders, "PYTHONPATH": str(ROOT)},
            stderr=subprocess.PIPE,
            text=True,
        )
        for out in outs
    ]
    said = [process.communicate()[1] for process in running]
    assert [process.returncode for process in running] == [0, 0, 0], said
    assert not any("note:" in text for text in said), said
    assert len({out.read_bytes() for out in outs}) == 1
    left = [path for path in (tmp_path / "cache").rglob("*") if ".part" in path.name or ".tmp" in path.name]
    assert not left and (tmp_path / "cache" / "analysis").is_dir()
    again = started("render", "song.wav", *SMALL, "--fresh", "--out", "0.mp4", at=tmp_path, **folders)
    assert again.returncode == 0 and "note:" not in again.stderr, "what they left is whole"
    assert check_film(outs[0], tmp_path / "song.wav")["ok"]
