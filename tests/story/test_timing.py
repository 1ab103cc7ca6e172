from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest

from avwalk.errors import StoryError
from avwalk.story import timing
from avwalk.story.narration import trimmed
from avwalk.story.storylets import Sentence, Storylet
from tests.story.tales import SECONDS, ToneVoice

STORYLETS = (
    Storylet(1, (Sentence("The sun was bright.", False), Sentence("She had a boat.", True))),
    Storylet(2, (Sentence("At night — a storm!", True),)),
    Storylet(3, (Sentence("In the morning all was calm and the sea lay still, " + "very " * 20 + "still.", True),)),
)


def narrated(card: bool = True) -> timing.Timeline:
    voice = ToneVoice()
    return timing.narrated(STORYLETS, [trimmed(voice.speak(each.text)) for each in STORYLETS], card)


def test_a_storylet_begins_when_its_first_word_is_said() -> None:
    clock = narrated()
    for span, storylet in zip(clock.spans, STORYLETS, strict=True):
        first = next(line for line in clock.lines if line.start == span.start)
        assert storylet.text.startswith(first.text[:8])
        assert span.start == pytest.approx(clock.voice_starts[span.number] + 0.08, abs=0.002)  # what trimming leaves
    assert [a.end for a in clock.spans[:-1]] == [b.start for b in clock.spans[1:]]
    assert clock.spans[-1].end == clock.seconds
    assert clock.frames(Fraction(10)) == [round(span.start * 10) for span in clock.spans]


def test_words_of_subtitles_have_the_times_of_the_voice() -> None:
    line = narrated().lines[0]
    starts = [word.start for word in line.words]
    assert starts[0] == line.start
    assert np.allclose(np.diff(np.array(starts, float)), SECONDS, atol=1e-5)


def test_subtitles_fit_two_rows_and_follow_each_other() -> None:
    for clock in (narrated(), timing.silent(STORYLETS, True)):
        assert all(len(line.text) <= 2 * timing.ROW_LETTERS + 12 for line in clock.lines)
        assert all(a.end <= b.start + 1e-6 for a, b in zip(clock.lines, clock.lines[1:], strict=False))
        said = " ".join(line.text for line in clock.lines)
        assert said == " ".join(storylet.text for storylet in STORYLETS)


def test_pauses_tell_paragraphs_from_sentences() -> None:
    one, two = (Storylet(k, (Sentence("A b c.", ends),)) for k, ends in ((1, False), (2, True)))
    speech = trimmed(ToneVoice().speak("A b c."))
    clock = timing.narrated([one, two, two], [speech] * 3, False)
    gaps = np.diff([span.start for span in clock.spans]) - speech.seconds
    assert gaps.tolist() == pytest.approx([timing.PAUSE, timing.PARAGRAPH_PAUSE], abs=1e-6)


def test_a_silent_story_lasts_as_long_as_it_reads() -> None:
    clock = timing.silent(STORYLETS, False)
    seconds = [span.end - span.start for span in clock.spans]
    assert clock.spans[0].start == 0.0
    assert seconds[1] == pytest.approx(timing.LEAST_SECONDS)
    assert seconds[2] == pytest.approx(0.6 + len(STORYLETS[2].text) / timing.LETTERS_PER_SECOND + timing.TAIL_SECONDS)


def test_with_music_storylets_begin_on_bars() -> None:
    bars = np.arange(0, 60, 2.0)
    clock = timing.on_bars(STORYLETS, bars, 60.0, True)
    assert all(min(abs(bars - span.start)) < 1e-9 for span in clock.spans)
    seconds = [span.end - span.start for span in clock.spans]
    assert seconds[2] > 2 * seconds[0] and clock.seconds == 60.0
    assert timing.on_bars(STORYLETS, np.zeros(0), 60.0, False).spans[0].start == 0.0  # a song without any
    crowded = timing.on_bars(STORYLETS, np.array([0.0, 30.0]), 60.0, True)
    assert all(a.start < b.start for a, b in zip(crowded.spans, crowded.spans[1:], strict=False))


def test_a_song_too_short_for_the_story_is_refused() -> None:
    with pytest.raises(StoryError, match="do not fit"):
        timing.on_bars(STORYLETS, np.arange(0, 2, 0.5), 2.0, True)


def test_an_unsaid_mark_stays_in_the_subtitle() -> None:
    assert "At night — a storm!" in [line.text for line in narrated().lines]
