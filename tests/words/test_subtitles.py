"""SubRip, WebVTT and ASS."""

from __future__ import annotations

import pytest
from hypothesis import given

from avwalk.errors import WordsError
from avwalk.words.subtitles import format_srt, format_vtt, parse_ass, parse_subtitles
from avwalk.words.timing import arranged
from avwalk.words.transcript import Line, Transcript, Word
from tests.fuzz.seeds import WORDS
from tests.words.transcripts import lines

ASS = WORDS[".ass"].decode()


def test_subrip_with_markup_numbers_and_two_speakers() -> None:
    text = (
        "1\n00:00:01,000 --> 00:00:02,500 X1:10\n<i>Hello</i> {\\an8}there\nagain\n\n"
        "2\n0:00:03.5 --> 0:00:04,000\n- Yes.\n- No.\n3\n00:00:05,000 --> 00:00:06,000\nTom &amp; I\n"
    )
    found = parse_subtitles(text, "a.srt").entries
    assert [(e.start, e.end, "".join(w.text for w in e.words), e.place) for e in found] == [
        (1.0, 2.5, "Hello there again", 2),
        (3.5, 4.0, "Yes.", 7),
        (3.5, 4.0, "No.", 7),
        (5.0, 6.0, "Tom & I", 11),
    ]


def test_webvtt_with_voices_word_times_and_notes() -> None:
    text = (
        "WEBVTT - x\n\nNOTE 00:00 --> none of it\n\nSTYLE\n::cue {}\n\nid\n"
        "00:01.000 --> 00:03.000 line:0\n<v.loud Ana Maria>Oh <00:02.000><c>no</c>\n"
    )
    (entry,) = parse_subtitles(text, "a.vtt").entries
    assert entry.speaker == "Ana Maria" and entry.words == (Word("Oh ", 1.0, 2.0), Word("no", 2.0, 3.0))


def test_ass_with_karaoke_names_and_drawings() -> None:
    found = parse_ass(ASS, "a.ass").entries
    assert [(e.start, e.end, e.speaker) for e in found] == [(1.0, 3.0, "Ana"), (4.0, 5.5, "")]
    assert found[0].words == (Word("Hel", 1.0, 1.5), Word("lo ", 1.5, 2.0), Word("you", 2.0, 3.0))
    assert "".join(word.text for word in found[1].words) == "Two rows"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("1\n00:00:01,000 -> 00:00:02,000\nx", "holds no subtitle"),
        ("\n1\n00:00:xx,000 --> 00:00:02,000\nx", r"a\.srt:3: '00:00:xx,000 --> 00:00:02,000' is no time"),
        ("1\n00:00:01,000 --> 00:00:02,000\n<b></b>", "holds no subtitle"),
    ],
)
def test_what_is_wrong_is_said_with_its_line(text: str, said: str) -> None:
    with pytest.raises(WordsError, match=said):
        parse_subtitles(text, "a.srt")


@pytest.mark.parametrize("text", ["", "[Events]\n", "no subtitles at all", ASS.replace("Dialogue", "Comment")])
def test_ass_without_dialogue(text: str) -> None:
    with pytest.raises(WordsError, match=r"a\.ass"):
        parse_ass(text, "a.ass")


@given(lines(speakers=False))
def test_subrip_is_read_back_without_times_of_words(found: tuple[Line, ...]) -> None:
    made, _ = arranged(parse_subtitles(format_srt(Transcript(found)), "a"), 1000.0)
    assert [(m.start, m.end, m.text) for m in made] == [(f.start, f.end, f.text) for f in found]


@given(lines())
def test_webvtt_is_read_back(found: tuple[Line, ...]) -> None:
    made, _ = arranged(parse_subtitles(format_vtt(Transcript(found)), "a"), 1000.0)
    assert [(m.start, m.end, m.text, m.speaker) for m in made] == [(f.start, f.end, f.text, f.speaker) for f in found]
