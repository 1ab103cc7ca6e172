"""What is said, chatted or typed becomes pictures in a folder; who speaks again overtakes what waits."""

from __future__ import annotations

import json
import sys
import threading
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from avwalk.errors import ModelError, OptionError, PainterError, ScenesError, WordsError
from avwalk.files.png_text import read_text
from avwalk.listen.correction import corrected, editor_of
from avwalk.listen.listen_folder import ListenFolder, paint_utterances
from avwalk.listen.live import device_blocks, listen_live, pcm_blocks
from avwalk.listen.live_run import LiveOptions, run_live
from avwalk.listen.recognition import recognised
from avwalk.listen.utterances import spoken, text_of, utterances_of
from avwalk.screenplay.prompting import Style
from tests.listen.speaking import RATE, Reciter, room, syllables
from tests.serve.servers import Brush

CHAT = """Anna: look at the harbour in the morning fog
Ben: I see a red boat coming home
Anna: the storm came at night, and lightning struck the lighthouse
"""


@pytest.fixture(autouse=True)
def _own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AVWALK_CACHE_DIR", str(tmp_path / "cache"))


def test_a_short_text_is_its_own_prompt() -> None:
    (only,) = utterances_of("A purple forest at night.", Style(style="oil painting", negative="people"))
    assert only.prompt == "A purple forest at night., oil painting" or only.prompt.startswith(
        "A purple forest at night"
    )
    assert only.prompt.endswith("oil painting") and only.negative == "people"
    assert utterances_of("A purple forest at night.", Style(), 1)[0].seed != only.seed


def test_a_chat_has_a_picture_for_each_turn() -> None:
    found = utterances_of(CHAT, Style())
    assert [each.speaker for each in found] == ["Anna", "Ben", "Anna"] and len({each.seed for each in found}) == 3
    assert "red boat" in found[1].prompt and "Ben:" not in found[1].prompt
    assert text_of(found).startswith("Anna: look at the harbour")
    with pytest.raises(ScenesError):
        utterances_of(" ?! ", Style())


def test_pictures_are_numbered_on_and_say_what_was_said(tmp_path: Path) -> None:
    folder = ListenFolder(tmp_path / "heard")
    for run in range(2):
        records = list(paint_utterances(utterances_of(CHAT, Style()), Brush(), (48, 32), folder, "chat.txt"))
        assert [record["number"] for record in records] == [3 * run + k for k in (1, 2, 3)]
    said = read_text(folder.path / "0002.png")
    assert "red boat" in said["parameters"] and json.loads(said["avwalk"])["speaker"] == "Ben"
    assert json.loads(said["avwalk"])["source"] == "chat.txt" and json.loads(said["avwalk"])["time"]
    assert len(list(folder.records())) == 6
    assert (folder.path / "said.txt").read_text(encoding="utf-8").split("\n\n")[
        1
    ] == "Ben: I see a red boat coming home."
    with (folder.path / "listen.jsonl").open("a") as file:
        file.write('{"number": 9')  # killed in the middle of a line
    assert len(list(folder.records())) == 6 and folder.next_number() == 7


def test_a_failed_picture_does_not_end_the_others(tmp_path: Path) -> None:
    folder = ListenFolder(tmp_path / "heard")
    wanted = [spoken("a sea", Style()), spoken("fail", Style()), spoken("a lake", Style())]
    records = list(paint_utterances(wanted, Brush(), (48, 32), folder, "x"))
    assert [record["picture"] for record in records] == ["0001.png", None, "0003.png"]
    assert "the service says no" in records[1]["error"]
    with pytest.raises(PainterError):
        list(paint_utterances([spoken("fail", Style())], Brush(), (48, 32), folder, "x"))
    with pytest.raises(OptionError):
        spoken("…", Style())


def test_what_is_said_has_its_times(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "a.wav", np.concatenate([room(0.5), syllables(2), room(0.5)]), RATE)
    transcript, language = recognised(tmp_path / "a.wav", transcriber=Reciter(["A red boat comes home."]))
    assert language == "en" and "".join(word.text for word in transcript.lines[0].words) == "A red boat comes home."
    with pytest.raises(WordsError, match="nobody speaks"):
        recognised(tmp_path / "a.wav", transcriber=Reciter([""]), language="de")


def editor(file: Path, code: str) -> list[str]:
    file.write_text(f"import sys, pathlib\nfile = pathlib.Path(sys.argv[1])\n{code}\n", encoding="utf-8")
    return [sys.executable, str(file)]


def test_the_text_is_corrected_in_an_editor_or_a_line(tmp_path: Path) -> None:
    other = editor(tmp_path / "a.py", "file.write_text(file.read_text('utf-8').replace('note', 'böat'), 'utf-8')")
    assert corrected("a small note", other, lambda _: "") == "a small böat"
    assert corrected("a note", editor(tmp_path / "b.py", "file.write_text('# nothing')"), lambda _: "") == ""
    with pytest.raises(OptionError, match="ended with code 3"):
        corrected("a note", editor(tmp_path / "c.py", "sys.exit(3)"), lambda _: "")
    assert corrected("a note", [], lambda _: "  ") == "a note"
    assert corrected("a note", [], lambda _: " a boat ") == "a boat"


def test_the_editor_is_a_command_and_no_shell_reads_it() -> None:
    assert editor_of({}) == [] and editor_of({"EDITOR": "sh -c", "VISUAL": ""})[0] == "sh"
    for wrong in ("nothing-like-this", "vi 'x", "true; rm -rf /"):
        with pytest.raises(OptionError):
            editor_of({"VISUAL": wrong})


def test_pcm_comes_in_any_pieces() -> None:
    class Pipe:
        def __init__(self, pieces: list[bytes]) -> None:
            self.pieces = pieces

        def read(self, size: int) -> bytes:
            return self.pieces.pop(0) if self.pieces else b""

    samples = np.array([0, 16384, -32768, 32767, 5], "<i2").tobytes()
    pipe: Any = Pipe([samples[:1], samples[1:4], samples[4:9], samples[9:]])
    read = np.concatenate(list(pcm_blocks(pipe)))
    assert np.allclose(read, [0, 0.5, -1, 32767 / 32768, 5 / 32768])


def test_without_the_library_a_microphone_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "sounddevice", None)
    with pytest.raises(ModelError, match="pip install sounddevice"):
        next(iter(device_blocks("")))


def test_who_speaks_again_overtakes_what_waits() -> None:
    gate, worked, events = threading.Event(), list[float](), list[str]()

    def work(spoken: Any, ended: float) -> None:
        gate.wait(10)
        worked.append(round(spoken.start_s))

    def blocks() -> Any:
        for k in range(4):
            yield np.concatenate([room(1.5, seed=k), syllables(0.5), room(1.0, seed=9)])
        gate.set()

    listen_live(blocks(), RATE, work, lambda kind, value: events.append(kind))
    assert worked == [1, 10] or worked == [1, 4, 10]  # the first, and the last; what was between was left out
    assert events.count("spoken") == 4 and events.count("overtaken") == 4 - len(worked)


def test_a_live_run_paints_what_was_understood(tmp_path: Path) -> None:
    reciter, events = Reciter(["a red sea", "", "a calm lake"]), list[tuple[str, Any]]()
    done = threading.Condition()

    def told(kind: str, value: Any) -> None:
        with done:
            events.append((kind, value))
            done.notify()

    def blocks() -> Any:
        for k in range(3):
            yield np.concatenate([room(1.5, seed=k), syllables(0.6 + 0.2 * k), room(1.0, seed=9)])
            with done:
                while sum(kind in ("picture", "error") for kind, _ in events) <= k:
                    assert done.wait(20)

    folder = ListenFolder(tmp_path / "heard")
    run_live(blocks(), RATE, LiveOptions(Brush(), reciter, (48, 32), Style()), folder, told)
    records = list(folder.records())
    assert [record["text"] for record in records] == ["a red sea", "a calm lake"]
    assert all(0 <= record["recognised_s"] <= record["latency_s"] < 20 for record in records)
    assert next(str(value) for kind, value in events if kind == "error").startswith("no word was understood between")
    assert reciter.heard[0] == pytest.approx(0.6 + 0.4, abs=0.25)
