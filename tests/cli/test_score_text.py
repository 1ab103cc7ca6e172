from __future__ import annotations

from dataclasses import replace

import pytest

from avwalk.cli.score_text import score_lines, stretch_text, tempo_text
from avwalk.contracts import Stretch
from tests.score.songs import analysis, without_beats


def test_the_tempo_names_its_second_candidate() -> None:
    score = replace(analysis().score, tempo_bpm=87.0213)
    assert tempo_text(score) == "87.02 BPM"
    assert tempo_text(replace(score, second_bpm=174.0426)) == "87.02 BPM, perhaps 174.04: --bpm 174.04"
    assert tempo_text(replace(score, second_bpm=174.0)) == "87.02 BPM, perhaps 174: --bpm 174"
    told = Stretch(0, 64, 100, 4, tempo_given=True)
    assert tempo_text(replace(score, tempo_bpm=100.0, stretches=(told,))) == "100 BPM, as told"
    assert tempo_text(replace(score, stretches=(told, Stretch(0, 9, 120, 4)))) == "87.02 BPM, in part as told"
    assert tempo_text(without_beats().score) == "no steady beat"


@pytest.mark.parametrize(("stretch", "text"), [
    (Stretch(0, 9, 120, 4, confidence=0.9), "120.00 BPM  4/4  sure"),
    (Stretch(0, 9, 120, 4, swing=0.62, confidence=0.5), "120.00 BPM  4/4  swing 0.62  fairly sure"),
    (Stretch(0, 9, 58, 2, 3, 0.67, 0.1), "58.00 BPM  6/8  unsure"),
    (Stretch(0, 9, 58, 2, 3, tempo_given=True), "58.00 BPM  6/8  as told"),
    (Stretch(0, 9, 58, 0, confidence=0.1), "58.00 BPM  no metre  unsure"),
])  # fmt: skip
def test_a_stretch_in_words(stretch: Stretch, text: str) -> None:
    assert stretch_text(stretch) == text


def test_a_line_for_each_stretch() -> None:
    song = analysis()
    two = (Stretch(0, 30, 120, 4), Stretch(30, 64, 96, 7))
    lines = score_lines(replace(song, score=replace(song.score, stretches=two)))
    assert [line for line in lines if line.startswith("metre")] == [
        "metre       0:00 –   0:30  120.00 BPM  4/4  sure",
        "metre       0:30 –   1:04  96.00 BPM  7/4  sure",
    ]
    assert "beats     128, in 32 bars" in lines
