"""Recognition in blocks: cut at pauses, kept by content, gone on with, translated beside the line."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from avwalk.speech import recognise as module
from avwalk.speech.recognise import TRANSLATED, recognise, segment_lines, with_translation
from avwalk.speech.sound import RATE, blocks_at_pauses, pause_in, speech_sound
from avwalk.speech.transcriber import Segment
from avwalk.words.entries import Entry
from avwalk.words.transcript import Word, words_of
from tests.speech.fakes import BeepTranscriber, beeps

TIMES = {1.0: 0.5, 3.0: 0.5, 9.8: 0.5, 14.0: 0.5, 21.0: 0.5}


@pytest.fixture(autouse=True)
def _small_blocks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AVWALK_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.setattr(module, "LONGEST", 10.0)
    monkeypatch.setattr(module, "SEARCH", 4.0)


def test_blocks_end_at_pauses_and_are_the_whole_song(tmp_path: Path) -> None:
    song = beeps(tmp_path / "a.wav", 25.0, TIMES)
    blocks = list(blocks_at_pauses(song, 10.0, 4.0))
    assert blocks[0].start == 0 and [a.end for a in blocks[:-1]] == pytest.approx([b.start for b in blocks[1:]])
    assert blocks[-1].end == pytest.approx(25.0, abs=1e-3) and all(len(b.samples) <= 10 * RATE for b in blocks)
    for block in blocks[:-1]:
        assert not any(at - 0.05 < block.end < at + 0.35 for at in TIMES)
    assert pause_in(np.zeros(100, np.float32), 0) == 100  # too short for a pause


def test_the_sound_is_resampled_where_it_is(tmp_path: Path) -> None:
    song = beeps(tmp_path / "a.wav", 5.0, {2.0: 0.5}, rate=44100)
    samples = speech_sound(song, 1.0, 4.0)
    assert len(samples) == 3 * RATE and samples.dtype == np.float32
    loud = np.flatnonzero(np.abs(samples) > 0.25) / RATE
    assert loud[0] == pytest.approx(1.0, abs=2e-3) and loud[-1] == pytest.approx(1.3, abs=2e-3)
    assert len(speech_sound(song, 4.5, 9.0)) == RATE // 2


def test_words_have_the_times_of_the_song(tmp_path: Path) -> None:
    seen: list[tuple[float, float]] = []
    found = recognise(
        beeps(tmp_path / "a.wav", 25.0, TIMES), BeepTranscriber(), report=lambda a, b: seen.append((a, b))
    )
    assert [entry.start for entry in found.entries] == pytest.approx(list(TIMES), abs=0.02)
    assert found.languages == ("fr",)
    assert seen[0][0] == 0 and seen[-1] == pytest.approx((25.0, 25.0), abs=1e-3)


def test_what_is_done_is_not_done_again(tmp_path: Path) -> None:
    song = beeps(tmp_path / "a.wav", 25.0, TIMES)
    broken = BeepTranscriber(breaks_at=3)
    with pytest.raises(KeyboardInterrupt):
        recognise(song, broken)
    rest = BeepTranscriber()
    found = recognise(beeps(tmp_path / "renamed.wav", 25.0, TIMES), rest)
    assert len(found.entries) == len(TIMES) and len(rest.calls) == len(list(blocks_at_pauses(song, 10.0, 4.0))) - 2
    again = BeepTranscriber()
    assert recognise(song, again) == found and not again.calls
    assert recognise(song, again, language="de").languages == ("de",) and again.calls


def test_a_damaged_answer_is_asked_for_again(tmp_path: Path) -> None:
    song = beeps(tmp_path / "a.wav", 8.0, {1.0: 0.5})
    first = recognise(song, BeepTranscriber())
    (kept,) = (tmp_path / "cache" / "speech").iterdir()
    kept.write_bytes(kept.read_bytes()[:-3])
    again = BeepTranscriber()
    assert recognise(song, again) == first and again.calls == [False]


def test_a_translation_has_the_times_of_its_line(tmp_path: Path) -> None:
    song = beeps(tmp_path / "a.wav", 8.0, {1.0: 0.5, 4.0: 0.5})
    found = recognise(song, BeepTranscriber(), translate=True).entries
    assert [(entry.speaker, entry.words[0].text) for entry in found] == [("", "bip."), (TRANSLATED, "beep.")] * 2
    assert (found[0].start, found[0].end) == (found[1].start, found[1].end)
    assert not any(entry.speaker for entry in recognise(song, BeepTranscriber(language="en"), translate=True).entries)


def test_silence_has_no_words(tmp_path: Path) -> None:
    found = recognise(beeps(tmp_path / "a.wav", 3.0, {}), BeepTranscriber())
    assert found.entries == () == found.languages


def said(text: str, seconds: float = 0.3, gap: dict[int, float] | None = None) -> Segment:
    at, words = 0.0, []
    for k, word in enumerate(text.split()):
        at += (gap or {}).get(k, 0.0)
        words.append(Word(f"{word} ", at, at + seconds))
        at += seconds
    return Segment(tuple(words), 0.9)


def test_lines_end_with_sentences_at_pauses_and_where_they_are_too_long() -> None:
    def texts(segment: Segment) -> list[str]:
        return ["".join(word.text for word in entry.words) for entry in segment_lines(segment, 0.0)]

    assert texts(said("The first one ends here. The second.")) == ["The first one ends here.", "The second."]
    assert texts(said("one two three", gap={2: 1.0})) == ["one two", "three"]
    long = "the old lighthouse keeper walked down to the harbour every evening, and nobody remembered his name at all"
    made = texts(said(long))
    assert made == ["the old lighthouse keeper walked down to the harbour every evening,",
                    "and nobody remembered his name at all"] or all(len(line) <= 66 for line in made)  # fmt: skip
    assert " ".join(made) == long
    assert texts(said("x" * 200)) == ["x" * 200]
    first = segment_lines(said("late"), 12.0)[0]
    assert (first.start, first.end) == pytest.approx((12.0, 12.3))


def test_a_translation_goes_to_the_nearest_line() -> None:
    lines = [Entry(0.0, 1.0, words_of("un")), Entry(5.0, 6.0, words_of("deux"))]
    made = with_translation(lines, [Segment((Word("one ", 1.2, 1.4), Word("two", 4.6, 5.0)), 1.0)])
    assert [(entry.start, "".join(word.text for word in entry.words)) for entry in made] == [
        (0.0, "un"), (0.0, "one"), (5.0, "deux"), (5.0, "two"),
    ]  # fmt: skip
