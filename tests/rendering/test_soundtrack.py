"""The sound of a film is encoded beside its pictures, used again, and stopped with them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import soundfile

from avwalk.audio.probe import probe
from avwalk.rendering import soundtrack as module
from avwalk.rendering.soundtrack import Soundtrack
from avwalk.video.mux import Sound, plan_sound
from avwalk.video.profiles import profile
from tests.conftest import clicks


@pytest.fixture
def sound(tmp_path: Path) -> Sound:
    soundfile.write(tmp_path / "song.wav", clicks(3.0, 0.5), 44100)
    return plan_sound(probe(tmp_path / "song.wav"), profile("youtube"))


def test_it_is_encoded_once(sound: Sound, tmp_path: Path) -> None:
    with Soundtrack({"whole": sound}, tmp_path, "film") as sounds:
        ready = sounds.ready("whole")
    file = tmp_path / "whole.mp4"
    assert ready.codec == "copy" and ready.song.path == file and (ready.start, ready.stop) == (0, sound.stop)
    before = file.stat().st_mtime_ns
    with Soundtrack({"whole": sound}, tmp_path, "film") as sounds:
        assert sounds.ready("whole") == ready and file.stat().st_mtime_ns == before


def test_who_stops_the_film_does_not_wait_for_its_sound(
    sound: Sound, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    blocks = module.blocks_of

    def endless(asked: Sound) -> Iterator[np.ndarray]:
        while True:
            yield from blocks(asked)

    monkeypatch.setattr(module, "blocks_of", endless)
    monkeypatch.setenv("AVWALK_CACHE_DIR", str(tmp_path / "cache"))  # no earlier film has encoded it
    with pytest.raises(KeyboardInterrupt), Soundtrack({"whole": sound, "other": sound}, tmp_path, "film"):
        raise KeyboardInterrupt
    assert not list(tmp_path.glob("*.mp4*"))


def test_what_goes_wrong_is_told(sound: Sound, tmp_path: Path) -> None:
    with Soundtrack({"whole": sound}, tmp_path / "none", "film") as sounds, pytest.raises(Exception, match="none"):
        sounds.ready("whole")


def damage(file: Path) -> None:
    """Zeroes in its middle, as a disk leaves them."""
    data = bytearray(file.read_bytes())
    middle = len(data) // 2
    data[middle : middle + 300] = bytes(300)
    file.write_bytes(data)


def test_a_damaged_one_is_made_again_and_named(sound: Sound, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    file = tmp_path / "whole.mp4"
    with Soundtrack({"whole": sound}, tmp_path, "film") as sounds:
        sounds.ready("whole")
    whole = file.read_bytes()
    for fault in (damage, lambda path: path.write_bytes(b""), lambda path: path.write_bytes(whole[:500])):
        fault(file)
        caplog.clear()
        with Soundtrack({"whole": sound}, tmp_path, "film") as sounds:
            sounds.ready("whole")
        assert file.read_bytes() == whole
        assert [record.getMessage() for record in caplog.records] == [f"'{file}' is damaged, and is encoded again"]


@pytest.mark.parametrize("label", ["film", "other film"])
def test_one_of_another_film_or_without_a_record_is_made_again(label: str, sound: Sound, tmp_path: Path) -> None:
    file = tmp_path / "whole.mp4"
    with Soundtrack({"whole": sound}, tmp_path, "film") as sounds:
        sounds.ready("whole")
    if label == "film":
        file.with_name("whole.mp4.sha256").unlink()
    file.write_bytes(b"?")
    with Soundtrack({"whole": sound}, tmp_path, label) as sounds:
        sounds.ready("whole")
    assert len(file.read_bytes()) > 1000
