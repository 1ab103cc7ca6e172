"""README: short, and every line of it can be pasted."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import soundfile

from avwalk.settings import shipped
from tests.conftest import ROOT
from tests.docs.written import README, commands, fenced, links

TEXT = README.read_text(encoding="utf-8")
SETS_UP = ("make ", "python3 ", "python -m pip", "source ")
"""Lines that make the environment in which the others run, and in which this test runs."""


def test_it_is_short() -> None:
    assert len(TEXT.splitlines()) <= 150
    assert len(re.findall(r"\w+", re.sub(r"\]\([^)]*\)", "", TEXT))) <= 1200


def test_the_first_screen_has_a_picture_and_the_two_commands() -> None:
    first = TEXT.splitlines()[:10]
    picture = re.search(r"!\[.*\]\((.+)\)", "\n".join(first))
    assert picture and (ROOT / picture[1]).exists()
    assert {"    make demo", "    make test"} <= set(first)


def test_lines_mean_the_same_in_every_shell() -> None:
    """Bash, zsh, cmd and PowerShell differ in single quotes, comments, line ends, variables and chains."""
    assert len(commands(README)) >= 20
    for line in commands(README):
        assert not re.search(r"['#\\$&;|<>`^%]", line), line


def test_the_targets_of_make_exist() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    asked = set(re.findall(r"\bmake ([a-z-]+)", TEXT))
    assert {"demo", "test", "docs"} <= asked
    for target in asked:
        assert re.search(rf"^{target}:", makefile, re.M), target


def test_every_preset_is_shown() -> None:
    names = {file.stem for file in (ROOT / "presets").glob("[!_]*.toml")}
    assert set(re.findall(r"!\[\w+\]\(\S+\)<br>`(\w+)` \|", TEXT)) == names
    assert {f"docs/pictures/presets/{name}.jpg" for name in names} <= set(links(README))


@pytest.mark.full
@pytest.mark.timeout(3600)
def test_every_line_runs(tmp_path: Path) -> None:
    """In their order, in a folder that holds a song, its words and a tale, each in a shell of its own."""
    samples, rate = soundfile.read(shipped("demo-song.ogg"))
    soundfile.write(tmp_path / "song.wav", samples, rate)
    (tmp_path / "song.lrc").write_text("[00:01.00]Under the electric rain\n[00:05.00]we are walking home\n")
    (tmp_path / "tale.txt").write_text("A white lighthouse stood on a rock. One night a storm came.\n")
    env = {**os.environ, "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])}
    lines = [line for line in commands(README) if not line.startswith(SETS_UP)]
    assert lines[0].startswith("avwalk demo") and len(lines) >= 15
    for line in lines:
        done = subprocess.run(line, shell=True, cwd=tmp_path, env=env, capture_output=True, text=True)
        assert done.returncode == 0, f"{line}\n{done.stdout}{done.stderr}"
    for block in fenced(README, "python"):
        done = subprocess.run([sys.executable, "-c", block], cwd=tmp_path, env=env, capture_output=True, text=True)
        assert done.returncode == 0, f"{block}\n{done.stdout}{done.stderr}"
    made = {file.name for file in tmp_path.iterdir()}
    named = set(re.findall(r"-o (\S+)", "\n".join(lines))) | {"film.mp4", "song.cues.csv", "python.mp4"}
    assert named <= made and not [name for name in made if name.endswith(".work")]
