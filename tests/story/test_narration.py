from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from avwalk.errors import OptionError
from avwalk.speech.espeak import espeak_problem
from avwalk.speech.voice import Speech, WordStart
from avwalk.story.narration import open_voice, speak_all, trimmed
from avwalk.story.storylets import Sentence, Storylet
from tests.story.tales import ToneVoice

STORYLETS = [Storylet(k, (Sentence(text, True),)) for k, text in enumerate(("The sea was calm.", "It was late."), 1)]


def test_what_was_said_is_not_said_again() -> None:
    voice = ToneVoice()
    first = speak_all(STORYLETS, voice, "en")
    assert voice.said == [storylet.text for storylet in STORYLETS]
    again = speak_all([*STORYLETS, Storylet(3, (Sentence("New.", True),))], voice, "en")
    assert voice.said[2:] == ["New."]
    for a, b in zip(first, again, strict=False):
        assert a.words == b.words and a.sample_rate == b.sample_rate
        assert np.abs(a.samples - b.samples).max() < 1e-4
    speak_all(STORYLETS[:1], voice, "fr")
    assert len(voice.said) == 4


def test_silence_at_the_ends_goes_and_words_move_with_it() -> None:
    samples = np.zeros(16_000, np.float32)
    samples[4000:8000] = 0.5
    speech = trimmed(Speech(samples, 16_000, (WordStart(0.25, 0, 3),)))
    assert speech.seconds == pytest.approx(0.41, abs=0.001) and speech.words[0].start == pytest.approx(0.08)
    silent = Speech(np.zeros(100, np.float32), 16_000, ())
    assert trimmed(silent) is silent


def test_voices_by_name() -> None:
    assert open_voice("none", 1.0) is None
    with pytest.raises(OptionError, match="voice 'hal'"):
        open_voice("hal", 1.0)
    with pytest.raises(OptionError, match="speed 3"):
        open_voice("auto", 3.0)


def test_kokoro_is_taken_where_it_is_and_knows_the_language(monkeypatch: pytest.MonkeyPatch) -> None:
    from avwalk.speech import espeak, kokoro

    monkeypatch.setattr(espeak, "espeak_problem", lambda: None)
    monkeypatch.setattr(kokoro, "installed", lambda: ["bf_emma"])
    monkeypatch.setattr(kokoro, "KokoroVoice", lambda name, speed: (name, speed))
    voices: list[Any] = [open_voice("auto", 1.0, "en"), open_voice("kokoro:bf_emma", 0.9, "de")]
    assert voices == [("", 1.0), ("bf_emma", 0.9)]
    assert type(open_voice("auto", 1.0, "de")).__name__ == "EspeakVoice"
    assert type(open_voice("espeak", 1.0, "en")).__name__ == "EspeakVoice"


@pytest.mark.skipif(bool(espeak_problem()), reason="espeak-ng is not installed")
def test_espeak_says_when_each_word_begins() -> None:
    voice = open_voice("auto", 1.0)
    assert voice is not None
    slow = open_voice("espeak", 0.7)
    assert slow is not None
    one, two = (speak_all(STORYLETS[:1], v, "en")[0] for v in (voice, slow))
    assert [STORYLETS[0].text[w.begin : w.end] for w in one.words][:2] == ["The", "sea"]
    assert 1.2 < two.seconds / one.seconds < 1.7
