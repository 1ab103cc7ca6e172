"""The recogniser with its real models, offline; skipped where they were not pulled."""

from __future__ import annotations

import socket
from pathlib import Path

import numpy as np
import pytest

from avwalk.errors import OptionError
from avwalk.speech.espeak import EspeakVoice, espeak_problem
from avwalk.speech.match_words import word_error_rate
from avwalk.speech.recognise import recognise
from tests.benchmarks.speech_set import spoken_lines, written
from tests.benchmarks.words import FRENCH
from tests.speech.pulled import needs_model

needs_espeak = pytest.mark.skipif(bool(espeak_problem()), reason="espeak-ng is not installed")


@pytest.fixture
def _no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*_: object, **__: object) -> None:
        raise AssertionError("a socket was opened")

    monkeypatch.setattr(socket, "socket", refused)
    monkeypatch.setattr(socket, "create_connection", refused)


@pytest.mark.full
@needs_model("whisper-tiny.en")
@needs_espeak
@pytest.mark.usefixtures("_no_network", "pulled")
def test_speech_is_recognised_without_a_network(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from avwalk.speech.whisper import WhisperTranscriber

    monkeypatch.setenv("AVWALK_CACHE_DIR", str(tmp_path / "cache"))
    lines = ["Tell me, he said, what did you see out there?"]
    recording = spoken_lines(lines, "en-us", EspeakVoice())
    transcriber = WhisperTranscriber("whisper-tiny.en")
    found = recognise(written(recording.samples, tmp_path / "talk.wav"), transcriber)
    said = [word.text for entry in found.entries for word in entry.words]
    assert word_error_rate(lines[0].split(), said) <= 0.2 and found.languages == ("en",)
    assert found.entries[0].start == pytest.approx(1.0, abs=0.4)
    assert transcriber.transcribe(np.zeros(32000, np.float32), None, False).segments == ()
    with pytest.raises(OptionError, match="knows English alone"):
        transcriber.check_language("fr", False)
    with pytest.raises(OptionError, match="knows English alone"):
        transcriber.check_language(None, True)


@pytest.mark.full
@needs_model("whisper-base", "kokoro")
@needs_espeak
@pytest.mark.usefixtures("_no_network", "pulled")
def test_a_french_passage_is_spoken_and_recognised(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from scipy.signal import resample_poly

    from avwalk.speech.kokoro import KokoroVoice
    from avwalk.speech.whisper import WhisperTranscriber

    monkeypatch.setenv("AVWALK_CACHE_DIR", str(tmp_path / "cache"))
    speech = KokoroVoice("ff_siwis").speak(FRENCH, "fr")
    song = written(resample_poly(speech.samples, 2, 3).astype(np.float32), tmp_path / "french.wav")
    found = recognise(song, WhisperTranscriber("whisper-base"), translate=True)
    said = [word.text for entry in found.entries if not entry.speaker for word in entry.words]
    assert found.languages == ("fr",) and word_error_rate(FRENCH.split(), said) < 0.2  # 0.102 when it was written
    assert any(entry.speaker == "English" for entry in found.entries)
