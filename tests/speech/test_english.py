"""English laid over speech by its pronunciation; skipped without pocketsphinx or espeak-ng."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from avwalk.errors import SpeechError
from avwalk.speech import english
from avwalk.speech.align import align_lines
from avwalk.speech.espeak import EspeakVoice, espeak_problem
from avwalk.speech.phonemes import arpabet, ipa
from tests.benchmarks.speech_set import spoken_lines, with_music, written
from tests.benchmarks.words import _errors, _tokens

needs_espeak = pytest.mark.skipif(bool(espeak_problem()), reason="espeak-ng is not installed")
LINES = ["In 1984 Siobhan sold 42 silver boats.", "Nobody in Reykjavik — remembered her name."]
WRONG = ["Every morning we gather yellow umbrellas,", "until summer could last forever."]


def test_ipa_becomes_arpabet() -> None:
    assert arpabet("lˈaɪthaʊs") == "L AY T HH AW S"
    assert arpabet("tʃˈɜːtʃ") == "CH ER CH" and arpabet("ˌ ˈ") == ""


@needs_espeak
def test_texts_have_their_phonemes_one_by_one() -> None:
    found = ipa(["Siobhan", "; rm -rf ~", "two. sentences", "--version"], "en-us")
    assert found[0] == "ʃɪvˈɔːn" and len(found) == 4 and all(found)
    assert arpabet(found[0]) == "SH IH V AO N"
    with pytest.raises(SpeechError, match="no voice 'xx'"):
        ipa(["a"], "xx")


@pytest.fixture(scope="module")
def pronouncer() -> english.Pronouncer:
    pytest.importorskip("pocketsphinx")
    pytest.importorskip("num2words")
    from avwalk.speech.sphinx import SphinxAligner

    return english.Pronouncer(SphinxAligner())


def test_numbers_marks_and_words_that_nobody_knows(
    pronouncer: english.Pronouncer, monkeypatch: pytest.MonkeyPatch
) -> None:
    def without(*_: object) -> list[str]:
        raise SpeechError("espeak-ng is not installed")

    monkeypatch.setattr(english, "ipa", without)
    found = pronouncer.pronunciations(["1984", "—", "Qzzvrk", "light"])
    assert found[1:] == [[], None, ["L AY T"]]
    assert found[0] is not None and found[0][0].startswith("N AY N T IY N EY T IY")
    assert pronouncer.problem == "espeak-ng is not installed"
    assert pronouncer.dictionary_share(["the", "light", "12"]) == 1.0
    assert pronouncer.dictionary_share(["toujours", "soleil", "lumière", "the"]) < 0.7


@needs_espeak
def test_words_begin_where_they_are_said_and_a_wrong_text_has_no_place(
    pronouncer: english.Pronouncer, tmp_path: Path
) -> None:
    recording = spoken_lines(LINES, "en-us", EspeakVoice())
    song = written(with_music(recording.samples, 10.0), tmp_path / "talk.wav")
    found = align_lines(song, _tokens(LINES, pronouncer), pronouncer.aligner)
    assert found.placed == (True, True)
    assert np.percentile(np.abs(_errors(found, recording)), 90) < 0.06
    again = align_lines(song, _tokens(LINES, pronouncer), pronouncer.aligner)
    assert again == found
    wrong = align_lines(song, _tokens(WRONG, pronouncer), pronouncer.aligner)
    assert wrong.placed == (False, False)
