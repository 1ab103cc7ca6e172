"""What songs are made of is checked, and the same phrases are drawn again."""

import json
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tools.hearing.collected import Collection
from tools.hearing.sources import Sources, folder_digest, unpack_grooves
from tools.hearing.speech import draw_phrases


def test_the_phrases_are_those_that_the_weights_learned_from() -> None:
    phrases = draw_phrases()
    assert len(phrases) == 72 and phrases == draw_phrases()
    first = phrases[0]
    assert (first.text, first.voice) == ("and summer our the under and together", "it")
    assert (first.speed, first.pitch) == (123, 73)


def grooves(folder: Path, beat: bytes = b"midi") -> Path:
    (folder / "drummer1").mkdir(parents=True)
    (folder / "info.csv").write_text("drummer\n", encoding="utf-8")
    (folder / "drummer1" / "beat.mid").write_bytes(beat)
    return folder


def test_a_zip_is_the_same_as_its_folder(tmp_path: Path) -> None:
    folder, patterns = grooves(tmp_path / "a"), ("info.csv", "*.mid")
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        for path in sorted(folder.rglob("*.*")):
            archive.write(path, Path("groove") / path.relative_to(folder))
    unpacked = unpack_grooves(tmp_path / "a.zip", tmp_path / "out")
    assert unpacked == tmp_path / "out" / "groove" and unpack_grooves(folder, tmp_path / "none") == folder
    assert folder_digest(unpacked, patterns) == folder_digest(folder, patterns)
    assert folder_digest(grooves(tmp_path / "b", b"other"), patterns) != folder_digest(folder, patterns)


def test_a_zip_of_something_else_is_said(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("song.mid", b"")
    with pytest.raises(FileNotFoundError, match=r"no info\.csv in .*a\.zip: is it the Groove MIDI Dataset"):
        unpack_grooves(tmp_path / "a.zip", tmp_path / "out")


def test_all_that_is_missing_is_said_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda name: None if name == "espeak-ng" else name)
    monkeypatch.setattr("tools.hearing.sources.LIBRARY", str(tmp_path / "mma"))
    one = Collection("https://example.org/one", "c0ffee", "CC0", "music/*.mid")
    monkeypatch.setattr("tools.hearing.sources.COLLECTIONS", {"one": one})
    lines = Sources(tmp_path, {"fluid": tmp_path / "none.sf2"}, tmp_path).missing()
    said = (
        "the program espeak-ng is not on the path",
        f"no soundfont {tmp_path / 'none.sf2'}: name it with --fluid",
        f"no .flac files in {tmp_path}: name the folder of Sonic Pi's samples with --samples",
        f"{tmp_path} is neither the Groove MIDI Dataset's zip nor its folder with info.csv",
        f"no {Path('one') / 'music/*.mid'}: check out https://example.org/one at c0ffee there",
        f"no grooves in {tmp_path / 'mma'}: Debian's package mma puts them there",
    )
    assert tuple(lines) == said


def test_the_command_says_what_it_needs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from tools.hearing import __main__ as command

    def run(*words: str) -> tuple[int | str | None, str]:
        monkeypatch.setattr(sys, "argv", ["hearing", *words])
        code: int | str | None
        try:
            code = command.main()
        except SystemExit as exit:
            code = exit.code
        return code, capsys.readouterr().err

    assert "--grooves is missing" in run("songs", str(tmp_path / "data"))[1]
    words = ("songs", str(tmp_path / "data"), "--grooves", str(tmp_path))
    assert "--scores is missing" in run(*words)[1]
    code, said = run(*words, "--scores", str(tmp_path), "--fluid", str(tmp_path / "no.sf2"))
    assert code == 1 and "no.sf2: name it with --fluid" in said
    assert not (tmp_path / "data").exists()
    done = subprocess.run([sys.executable, "-m", "tools.hearing", "songs"], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode and "usage" in done.stderr


def test_a_step_needs_what_the_one_before_makes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from tools.hearing import __main__ as command

    monkeypatch.setattr(command, "find_spec", lambda name: None if name == "torch" else name)
    lines = command.missing(tmp_path, ("export", "fit"), None)
    assert len(lines) == 3 and lines[0].startswith("no package torch: ")
    assert f"no {tmp_path / 'run/best.pt'}: python -m tools.hearing train" in lines[1]
    assert f"no {tmp_path / 'fit/*.npz'}: python -m tools.hearing songs" in lines[2]
    monkeypatch.setattr(command, "find_spec", lambda name: name)
    assert command.missing(tmp_path, ("train", "export"), None) != []
    assert command.missing(tmp_path, command.STEPS, None) == []


def test_steps_are_recorded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from tools.hearing import __main__ as command

    monkeypatch.setattr(command, "versions", lambda: {"numpy": "2"})
    command.write_record(tmp_path, "songs", {"sets": [1]})
    command.write_record(tmp_path, "train", {"seed": 0})
    record = json.loads((tmp_path / "record.json").read_text(encoding="utf-8"))
    assert record["songs"]["sets"] == [1] and record["train"]["seed"] == 0
    assert record["train"]["versions"] == {"numpy": "2"}
