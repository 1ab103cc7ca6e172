"""The voice of espeak-ng; skipped where it is not installed."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest

from avwalk.errors import SpeechError
from avwalk.speech import espeak
from avwalk.speech.espeak import EspeakVoice, espeak_problem, whole_words

needs_espeak = pytest.mark.skipif(bool(espeak_problem()), reason="espeak-ng is not installed")


def test_a_number_is_one_word_and_a_dash_none() -> None:
    text = "In 1984 — it’s  over"
    found = whole_words(text, [(0, 0.0), (3, 0.2), (4, 0.7), (10, 1.5), (13, 1.6), (16, 1.9)])
    assert [(word.start, text[word.begin : word.end]) for word in found] == [
        (0.0, "In"),
        (0.2, "1984"),
        (1.5, "it’s"),
        (1.9, "over"),
    ]
    assert whole_words("", []) == () == whole_words("word", [])


@needs_espeak
def test_words_begin_where_the_sound_of_them_does() -> None:
    text = "Stop. Paper boats."
    speech = EspeakVoice().speak(text)
    assert [text[word.begin : word.end] for word in speech.words] == ["Stop.", "Paper", "boats."]
    assert speech.sample_rate == 22050 and speech.samples.dtype == np.float32
    second = round(speech.words[1].start * speech.sample_rate)
    before = np.abs(speech.samples[second - 2000 : second]).max()  # the pause behind the full stop
    after = np.abs(speech.samples[second : second + 3000]).max()
    assert before < 0.02 < 0.1 < after
    assert (EspeakVoice().speak(text).samples == speech.samples).all()


@needs_espeak
def test_text_is_text() -> None:
    plain = EspeakVoice().speak("break time 3 s")
    marked = EspeakVoice().speak('<break time="3s"/> \x00\x1b')
    assert marked.seconds < plain.seconds + 2.5  # three seconds of silence, were it a command
    assert EspeakVoice().speak("").words == ()


@needs_espeak
def test_a_region_and_a_variant_are_voices_of_their_own() -> None:
    voices = [EspeakVoice().speak("A bath", "en-gb"), EspeakVoice().speak("A bath", "en-us")]
    voices += [EspeakVoice(variant=name).speak("A bath", "en-gb") for name in ("f2", "m3")]
    assert len({voice.samples.tobytes() for voice in voices}) == 4


@needs_espeak
def test_a_language_that_is_none_is_refused_in_one_line() -> None:
    with pytest.raises(SpeechError, match="no voice 'xx'"):
        EspeakVoice().speak("a", "xx")
    with pytest.raises(SpeechError, match="is no language"):
        EspeakVoice().speak("a", "../../etc")


def test_where_it_is_missing_it_says_how_to_install_it(monkeypatch: pytest.MonkeyPatch) -> None:
    code = 'import sys; sys.stdin.readline(); print(\'{"error": "no library"}\')'
    real = subprocess.run

    def without(command: list[str], **given: object) -> subprocess.CompletedProcess[bytes]:
        return real([sys.executable, "-c", code], **given)  # type: ignore[call-overload, no-any-return]

    monkeypatch.setattr(espeak.subprocess, "run", without)  # type: ignore[attr-defined]
    with pytest.raises(SpeechError, match="espeak-ng is not installed; install it with"):
        EspeakVoice().speak("a")


def test_a_process_that_dies_is_one_clear_line(monkeypatch: pytest.MonkeyPatch) -> None:
    dead = subprocess.CompletedProcess([], -11, b"", b"Trace\nSegmentation fault\n")
    monkeypatch.setattr(espeak.subprocess, "run", lambda *_, **__: dead)  # type: ignore[attr-defined]
    with pytest.raises(SpeechError, match="ended with -11: Segmentation fault"):
        EspeakVoice().speak("a")


@needs_espeak
def test_the_library_stays_in_its_own_process() -> None:
    code = (
        "from avwalk.speech.espeak import EspeakVoice; EspeakVoice().speak('a')\n"
        "from pathlib import Path; maps = Path('/proc/self/maps')\n"
        "print('espeak' in maps.read_text() if maps.exists() else False)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
