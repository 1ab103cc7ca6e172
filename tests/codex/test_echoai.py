"""Folders of EchoAI, in the form of its version 1.0."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from avwalk.codex.codex import load_codex
from avwalk.codex.create import CodexSource, prepare_codex, write_codex
from avwalk.codex.echoai import literals_of, read_echoai
from avwalk.codex.folder import CodexFolder
from avwalk.errors import CodexError

CONFIG = """
import config, os
os.system("touch executed")
FORCE_UNIVERSE = "In a drowned world, "
NEGATIVE = "blurry"
SCENE = "postcard of <SCENE>, winter palette"
STYLE = "CINEMATIC"
SCENES_FILE_PATH = 'config-files/scene.csv'
STRUCTURE_CSV_PATH = 'config-files/structure-rich.csv'
RENDER_MODE = "Leonardo"
RENDER_MODE = "Prodia"
MAX_CONCURRENT_JOBS = 6
NUM_ITERATIONS = 3
IMAGE_WIDTH = 1360
IMAGE_HEIGHT = 768
IMAGE_WIDTH = 768
IMAGE_HEIGHT = 1024
PRODIA_RATE = 0.7
LEONARDO_RATE = 1
AUDIO_MODE = False
OPENAI_API_KEY = "sk-secret"
LEONARDO_KEY = "another-secret"
JOB = f"{1 + 1}"
def f(): pass
"""
OVERRIDE = """# override.txt
OVERRIDE = False
REALISTIC_MODEL_MIDJOURNEY = " --style raw "
RPG_Scene = "diablo of <SCENE>, a=b, fog"
"""


@pytest.fixture
def echo(tmp_path: Path) -> Path:
    folder = tmp_path / "echoai"
    files = folder / "config-files"
    files.mkdir(parents=True)
    (folder / "config.py").write_text(CONFIG, encoding="utf-8")
    (files / "scene.csv").write_bytes(b"Scene Description\r\na doll, cracked, in rain\r\na subway\r\n")
    (files / "structure-rich.csv").write_bytes(b'Prefix,Camera,Effect\nRAW photo  ,Top view,""\n"",Bird Eye,\n')
    (files / "structure.csv").write_bytes(b"Prefix\nno\n")
    (files / "override.txt").write_text(OVERRIDE, encoding="utf-8")
    (files / "leonardo.json").write_text(json.dumps({"NUM_IMAGES": 2, "ALCHEMY": True}), encoding="utf-8")
    (files / "trigger.txt").write_text("x", encoding="utf-8")
    (folder / "ranking_good").mkdir()
    (folder / "ranking_good" / "a_1.jpg").write_bytes(b"\xff\xd8")
    return folder


def test_a_folder_is_taken_unchanged(echo: Path, tmp_path: Path) -> None:
    folder = CodexFolder(tmp_path / "mine")
    prepared = prepare_codex(folder, CodexSource(echoai=echo), {})
    write_codex(folder, prepared)
    assert folder.scenes.read_bytes() == (echo / "config-files" / "scene.csv").read_bytes()
    assert folder.structure.read_bytes() == (echo / "config-files" / "structure-rich.csv").read_bytes()
    codex = load_codex(folder)
    s = codex.settings
    assert (s.cycles, s.variations, s.concurrency, s.inclusion, s.format) == (3, 2, 6, 0.7, "portrait")
    assert (s.universe, s.negative, s.style, s.override) == ("In a drowned world", "blurry", "", "")
    assert s.overrides["config"] == "postcard of <SCENE>, winter palette"
    assert s.overrides["RPG_Scene"] == "diablo of <SCENE>, a=b, fog"
    assert codex.matrix.scenes == ("a doll, cracked, in rain", "a subway")
    assert codex.categories == {"Prefix": ("RAW photo",), "Camera": ("Top view", "Bird Eye")}
    assert codex.total == 12


def test_nothing_is_executed_and_no_key_is_kept(echo: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    folder = CodexFolder(tmp_path / "mine")
    prepared = prepare_codex(folder, CodexSource(echoai=echo), {})
    write_codex(folder, prepared)
    assert not (tmp_path / "executed").exists()
    everything = "".join(path.read_text(encoding="utf-8") for path in folder.path.iterdir()) + str(prepared)
    assert "secret" not in everything


def test_what_could_not_be_used_is_said(echo: Path) -> None:
    said = "\n".join(read_echoai(echo).notes)
    for each in ("2 keys", "service Prodia", "REALISTIC_MODEL_MIDJOURNEY", "ALCHEMY", "trigger.txt"):
        assert each in said
    assert "ranking_good/: 1 pictures do not say how they were made" in said


def test_an_override_that_is_switched_on_is_in_force(echo: Path, tmp_path: Path) -> None:
    (echo / "config-files" / "override.txt").write_text(OVERRIDE.replace("False", "True"), encoding="utf-8")
    codex = prepare_codex(CodexFolder(tmp_path / "x"), CodexSource(echoai=echo), {}).codex
    record = codex.records(1)[0]
    assert record.prompt == "postcard of a doll, cracked, in rain, winter palette, cinematic" and not record.attributes


def test_options_go_before_its_settings(echo: Path, tmp_path: Path) -> None:
    codex = prepare_codex(
        CodexFolder(tmp_path / "x"), CodexSource(echoai=echo), {"cycles": 1, "universe": "here"}
    ).codex
    assert codex.settings.cycles == 1 and codex.settings.universe == "here"


def test_names_lead_nowhere_else(echo: Path, tmp_path: Path) -> None:
    (tmp_path / "private.csv").write_text("Prefix\nstolen\n", encoding="utf-8")
    text = CONFIG.replace("config-files/structure-rich.csv", "../private.csv")
    (echo / "config.py").write_text(text, encoding="utf-8")
    found = read_echoai(echo)
    assert found.structure == b"Prefix\nno\n" and "leads out of the folder" in "\n".join(found.notes)


def test_the_tables_alone_are_enough(echo: Path) -> None:
    found = read_echoai(echo / "config-files")
    assert found.values["cycles"] == 3, "config.py lies beside config-files"
    (echo / "config.py").unlink()
    (echo / "config-files" / "override.txt").unlink()
    (echo / "config-files" / "leonardo.json").write_text("[", encoding="utf-8")
    found = read_echoai(echo)
    assert found.values == {} and found.structure == b"Prefix\nno\n"
    assert "config.py is not there" in found.notes[0] and any("leonardo.json cannot be read" in x for x in found.notes)


def test_the_scenes_of_a_job(tmp_path: Path) -> None:
    scenes = [{"preprod": "x", "prompt": 'a "silver" key,\nold', "original": "y"}, {"prompt": "a door"}]
    (tmp_path / "02-Scene.json").write_text(json.dumps(scenes), encoding="utf-8")
    codex = prepare_codex(CodexFolder(tmp_path / "x"), CodexSource(echoai=tmp_path), {}).codex
    assert codex.matrix.scenes == ('a "silver" key, old', "a door")
    (tmp_path / "02-Scene.json").write_text("{}", encoding="utf-8")
    with pytest.raises(CodexError):
        prepare_codex(CodexFolder(tmp_path / "x"), CodexSource(echoai=tmp_path), {})


@pytest.mark.parametrize("name", ["nowhere", "empty"])
def test_other_folders_are_refused(tmp_path: Path, name: str) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(CodexError, match=name):
        read_echoai(tmp_path / name)


@pytest.mark.parametrize("source", ["x = (", "(" * 5000, "\0", "x" + "+x" * 50_000])
def test_what_is_no_python_is_no_crash(source: str) -> None:
    try:
        assert literals_of(source) == ({}, 0)
    except ValueError as error:
        assert "no Python" in str(error)
