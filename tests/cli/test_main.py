"""The command line as such: completion, a song by itself, groups of help, where a film goes."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

import avwalk
from avwalk.cli.main import COMMANDS, main
from avwalk.config.fields import GROUPS
from avwalk.errors import OptionError, OutputError, as_keywords, at_command_line
from tests.cli.test_bad_input import SMALL, run, wav
from tests.conftest import clicks

COMPLETE = """
import sys, avwalk.cli.main as m
try: m.main([])
except SystemExit: pass
print("MODULES", *sys.modules)
"""


def completed(line: str, shell: str = "bash", cwd: Path | None = None) -> tuple[list[str], set[str]]:
    """What a shell is offered for a line, and the modules that were imported for it."""
    words = line.split(" ")
    env = {"_AVWALK_COMPLETE": f"complete_{shell}", "COMP_WORDS": line, "COMP_CWORD": str(len(words) - 1)}
    env |= {"_TYPER_COMPLETE_ARGS": line, "_TYPER_COMPLETE_WORD_TO_COMPLETE": words[-1]}
    env |= {"_TYPER_COMPLETE_FISH_ACTION": "get-args"}
    done = subprocess.run(
        [sys.executable, "-c", COMPLETE], capture_output=True, text=True, check=True, env={**os.environ, **env}, cwd=cwd
    )
    offered, _, modules = done.stdout.partition("MODULES")
    return offered.split("\n")[:-1], set(modules.split())


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish", "powershell"])
def test_commands_are_completed_without_importing_them(shell: str) -> None:
    offered, modules = completed("avwalk re", shell)
    assert len(offered) == 1 and "render" in offered[0]
    assert not modules & {"numpy", "pydantic", "avwalk.config.options", "avwalk.cli.render"}
    assert completed("avwalk ")[0] == list(COMMANDS)


def test_options_and_their_values_are_completed(tmp_path: Path) -> None:
    offered, modules = completed("avwalk render --pre")
    assert offered == ["--preset"] and "numpy" not in modules
    assert completed("avwalk render --generator c")[0] == ["cppn"]
    assert completed("avwalk scenes build --pa")[0] == ["--pace"]
    (tmp_path / "song.wav").touch()
    assert completed("avwalk song.wav --pri", cwd=tmp_path)[0] == ["--price"]
    assert completed("avwalk gone.wav --pri", cwd=tmp_path)[0] == [""]


def test_a_song_by_itself_is_rendered(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    wav(tmp_path / "song.wav", clicks(0.5))
    code, _, err = run(capfd, "song.wav", "--out", "new/folder/a.mp4", *SMALL)
    assert code == 0, err
    assert (tmp_path / "new/folder/a.mp4").is_file()
    for name in ("gone.wav", "new", "rendr"):  # no file, a folder, a mistake
        code, _, err = run(capfd, name, *SMALL)
        assert code == 2 and f"'{name}' is neither a command nor a song that is there" in err
    wav(tmp_path / "info", clicks(0.5), format="WAV")
    code, _, err = run(capfd, "info")  # the name of a command stays one
    assert code == 2 and "Missing argument 'FILE'" in err


def test_help_of_render_is_in_groups(capfd: pytest.CaptureFixture[str]) -> None:
    out = run(capfd, "render", "--help")[1]
    headings = [line.rstrip(":") for line in out.splitlines() if line.endswith(":") and not line.startswith(" ")]
    assert headings == ["Arguments", *GROUPS, "Other"]
    look = out[out.index("Look:") : out.index("Time:")]
    assert "--preset" in look and "--start" not in look


def test_a_project_is_laid_out_under_either_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    wav(tmp_path / "song.wav", clicks(1.0))
    assert run(capfd, "scenes", "new", "song.wav", "--name", "one")[0] == 0
    assert run(capfd, "project", "new", "song.wav", "--name", "two")[0] == 0
    assert [path.name for path in sorted((tmp_path / "meta").iterdir())] == ["one", "two"]
    assert "project" not in run(capfd, "--help")[1].split("Commands:")[1].split()


def test_what_is_there_is_said_before_the_song_is_analysed(
    tmp_path: Path, click_song: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def analysed(*args: object, **more: object) -> None:
        raise AssertionError("the song was analysed")

    out = tmp_path / "a.mp4"
    out.touch()
    monkeypatch.setattr("avwalk.request.resolve.analysis_of", analysed)
    with pytest.raises(OutputError, match="exists"):
        avwalk.render(click_song, out=out, start="bar:2", loop="2bars", generator="testcard")
    with pytest.raises(AssertionError, match="analysed"):
        avwalk.render(click_song, out=tmp_path / "b.mp4", start="bar:2", generator="testcard")


def test_errors_speak_to_whoever_reads_them(click_song: Path, capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(OptionError, match=r"^av_offset_ms 9000: ") as caught:
        avwalk.render(click_song, av_offset_ms=9000)
    with at_command_line():
        assert str(caught.value).startswith("--av-offset-ms 9000: ")
    code, _, err = run(capfd, "render", str(click_song), "--av-offset-ms", "9000")
    assert code == 1 and err.startswith("avwalk: --av-offset-ms 9000")
    assert str(caught.value).startswith("av_offset_ms")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("'a.mp4' exists; --force replaces it", "'a.mp4' exists; force replaces it"),
        ("--restyle-model or --no-restyle", "restyle_model or restyle=False"),
        ("made with --no-metadata, --no-cues", "made with metadata=False, no_cues"),
        ("`avwalk analyze --write-cues` writes one", "`avwalk analyze --write-cues` writes one"),
        (
            "do it: avwalk models pull X --from DIR, or --model DIR",
            "do it: avwalk models pull X --from DIR, or model DIR",
        ),
        ("'--dash.wav' and 'a--b' are names", "'--dash.wav' and 'a--b' are names"),
    ],
)
def test_flags_become_keywords(text: str, said: str) -> None:
    assert as_keywords(text) == said


def test_an_end_of_file_that_nobody_expected_is_an_error(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """Typer takes it for Ctrl-D: exit code 130, not a word."""

    def cut_short() -> None:
        raise EOFError("Ran out of input")

    monkeypatch.setattr("avwalk.presets.names", cut_short)
    code, _, err = run(capfd, "presets", "list")
    assert code == 1 and err.startswith("avwalk: unexpected EOFError: Ran out of input;") and err.count("\n") == 1


@pytest.mark.skipif(os.name == "nt", reason="shells there cannot close a stream")
@pytest.mark.parametrize("closed", ["2>&-", ">&-", ">&- 2>&-", "<&- >&- 2>&-"])
def test_a_film_is_made_without_any_output(click_song: Path, tmp_path: Path, closed: str) -> None:
    small = "--size 64x36 --fps 4 --duration 1 --generator testcard --out film.mp4"
    line = f"{shlex.quote(sys.executable)} -m avwalk render {shlex.quote(str(click_song))} {small} {closed}"
    assert subprocess.run(["sh", "-c", line], cwd=tmp_path, check=False).returncode == 0
    assert (tmp_path / "film.mp4").is_file()


def test_streams_that_are_none(click_song: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stderr", None)
    monkeypatch.setattr(sys, "stdout", None)
    with pytest.raises(SystemExit) as left:
        main(["analyze", str(click_song)])
    for opened in (sys.stdout, sys.stderr):
        opened.close()
    assert left.value.code == 0


def test_a_folder_named_like_a_film_gets_no_frames(
    click_song: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "film.mp4").mkdir()
    for more in ([], ["--force"]):
        with pytest.raises(SystemExit):
            main(["render", str(click_song), "--out", str(tmp_path / "film.mp4"), *more])
        assert "it is a folder; end its name in / for PNG frames" in capfd.readouterr().err


def test_names_too_long_are_refused_first(click_song: Path, capfd: pytest.CaptureFixture[str]) -> None:
    for line in (["render", str(click_song), "--out"], ["analyze", str(click_song), "--plot"]):
        with pytest.raises(SystemExit):
            main([*line, "9" * 260 + ".png"])
        assert "is 264 bytes long; shorten it" in capfd.readouterr().err


def test_a_song_is_found_in_another_unicode_form(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    composed, apart = "\u00e9t\u00e9", "e\u0301te\u0301"
    wav(tmp_path / f"{apart}.wav", clicks(2.0))
    if (tmp_path / f"{composed}.wav").exists():
        pytest.skip("this file system takes both for one name")
    (tmp_path / f"{composed}.cues.csv").write_text("at,what\n0:01,drop\n")
    name = str(tmp_path / f"{composed}.wav")
    assert run(capfd, "analyze", name, "--clicks", str(tmp_path / "a.wav"))[0] == 0
    code, out, _ = run(capfd, "cues", "check", name)
    assert code == 0 and "1 row from" in out
    film = tmp_path / "film.mp4"
    assert run(capfd, "render", name, *SMALL, "--out", str(film))[0] == run(capfd, "verify", str(film), name)[0] == 0
    wav(tmp_path / f"{composed[0]}t{apart[-2:]}.wav", clicks(2.0))
    code, _, err = run(capfd, "analyze", name)
    assert code == 1 and "rename one of them" in err
