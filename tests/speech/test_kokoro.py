"""Kokoro's voices; what needs the model is skipped where it was not pulled."""

from __future__ import annotations

import numpy as np
import pytest

from avwalk.errors import SpeechError
from avwalk.models.requirements import speech_problem
from avwalk.speech.espeak import espeak_problem
from avwalk.speech.kokoro import KokoroVoice, sentences, spread_words, voice_names
from tests.speech.pulled import needs_model


def test_sentences_are_cut_behind_their_marks() -> None:
    def texts(text: str) -> list[str]:
        return [text[a:b].strip() for a, b in sentences(text)]

    assert texts("It costs 3.50. Yes! “Why?” … — Done") == ["It costs 3.50.", "Yes!", "“Why?”", "… — Done"] or texts(
        "It costs 3.50. Yes! “Why?” … — Done"
    )[:3] == ["It costs 3.50.", "Yes!", "“Why?”"]
    assert texts("") == texts(" — ") == []


def test_words_are_spread_by_their_phonemes() -> None:
    text = "So. The old man — slept."
    found = spread_words(text, 4, len(text), "ðə ˈoʊl mˈæn slˈɛpt", 2.0, 1.8)
    assert [text[word.begin : word.end] for word in found] == ["The", "old", "man", "slept."]
    assert found[0].start == 2.0 and [word.start for word in found] == sorted(word.start for word in found)
    assert found[3].start == pytest.approx(2.0 + 1.8 * 10 / 16)
    assert spread_words("...", 0, 3, "", 0.0, 1.0) == []


def test_the_voices_are_those_of_languages_that_espeak_says_as_kokoro_learnt_them() -> None:
    names = voice_names()
    assert "ff_siwis" in names and "af_heart" in names and not [name for name in names if name[0] in "jz"]


@pytest.mark.skipif(bool(speech_problem("kokoro")), reason="onnxruntime is not installed")
def test_voices_and_languages_that_are_none() -> None:
    with pytest.raises(SpeechError, match="no voice 'ff_siwi' .did you mean 'ff_siwis'"):
        KokoroVoice("ff_siwi")
    with pytest.raises(SpeechError, match="speaks no 'ja'"):
        KokoroVoice().speak("a", "ja")


@pytest.mark.full
@needs_model("kokoro")
@pytest.mark.skipif(bool(espeak_problem()), reason="espeak-ng is not installed")
def test_it_speaks_the_same_each_time(pulled: None) -> None:
    text = "Only water. A light!"
    first, second = (KokoroVoice().speak(text, "en") for _ in range(2))
    assert first.sample_rate == 24000 and 1 < first.seconds < 5 and (first.samples == second.samples).all()
    assert [text[word.begin : word.end] for word in first.words] == ["Only", "water.", "A", "light!"]
    onset = round(first.words[2].start * 24000)
    assert np.abs(first.samples[onset - 4000 : onset]).max() < 0.01 < np.abs(first.samples[onset : onset + 4000]).max()
