"""Lines of a known text on the clock: blocks, confidences, lines that fit nowhere."""

from __future__ import annotations

from pathlib import Path

import pytest

from avwalk.speech import align as module
from avwalk.speech.align import PLACED, Token, align_by_words, align_lines, confidence
from avwalk.speech.sphinx import Span
from avwalk.words.transcript import Word
from tests.speech.fakes import KnownAligner, beeps


def line(*loudness: int | None) -> list[Token]:
    """Words that sound like beeps of this loudness; None: a dash."""
    return [Token(f"w{each} " if each else "— ", [str(each)] if each else []) for each in loudness]


@pytest.fixture(autouse=True)
def _small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "LONGEST", 10.0)
    monkeypatch.setattr(module, "SEARCH", 3.0)
    monkeypatch.setattr(module, "_STEP", 1.0)


def test_lines_are_found_in_their_blocks(tmp_path: Path) -> None:
    at = {1.0: 0.1, 2.0: 0.15, 8.4: 0.2, 10.2: 0.25, 18.0: 0.3, 24.0: 0.35}
    song = beeps(tmp_path / "a.wav", 26.0, at, rate=16000)
    text = [line(10, None, 15), line(20, 25), line(30), line(35)]
    seen: list[tuple[float, float]] = []
    found = align_lines(song, text, KnownAligner(), report=lambda a, b: seen.append((a, b)))
    assert found.placed == (True,) * 4 and min(found.confidence) > 0.9
    starts = [word.start for each in found.lines for word in each.words]
    assert [start for start in starts if start is not None] == pytest.approx(list(at), abs=0.02)
    assert found.lines[0].words[1] == Word("— ")  # silent: no time of its own
    assert found.lines[1].start == pytest.approx(8.4, abs=0.02)  # it goes on behind the pause of its block
    assert seen[0] == (0.0, 26.0)


def test_what_fits_nowhere_stands_between_its_neighbours(tmp_path: Path) -> None:
    song = beeps(tmp_path / "a.wav", 9.0, {1.0: 0.1, 6.0: 0.3}, rate=16000)
    unknown = [Token("Xyzzy", None)]
    found = align_lines(song, [line(10), line(20, 22), unknown, line(30), line(44)], KnownAligner())
    assert found.placed == (True, False, False, True, False)
    assert found.confidence[1] == 0.0 and not any(word.start for word in found.lines[1].words)
    starts = [each.start for each in found.lines]
    assert starts == sorted(starts) and found.lines[0].end <= starts[1] < starts[2] < 6.0 < starts[4] < 9.0
    assert all(each.end > each.start for each in found.lines)


def test_a_wrong_text_is_not_placed(tmp_path: Path) -> None:
    song = beeps(tmp_path / "a.wav", 5.0, {1.0: 0.1}, rate=16000)
    found = align_lines(song, [line(70), line(80)], KnownAligner())
    assert found.placed == (False, False) and found.lines[0].start == 0.0 and found.lines[1].end <= 5.0


def test_a_better_fit_is_surer() -> None:
    good, bad = [Span(0.0, 1.0, -10e-4)], [Span(0.0, 1.0, -40e-4)]
    assert confidence(good) > 0.9 > PLACED > 0.1 > confidence(bad) > 0
    assert confidence([Span(0.0, 3.0, -10e-4), Span(3.0, 3.1, -90e-4)]) > PLACED  # a short word weighs little
    assert confidence([Span(0.0, 1.0, -1e9)]) == pytest.approx(0.0)


def test_recognised_words_place_lines_in_any_language() -> None:
    text = [["La ", "nuit ", "tombe"], ["Personne ", "ici"], ["Le ", "matin ", "— ", "vient"]]
    said = [Word("La ", 1.0, 1.2), Word("nuits ", 1.2, 1.6), Word("tombe.", 1.7, 2.0), Word("le ", 8.0, 8.1),
            Word("MATIN, ", 8.2, 8.6), Word("bien", 8.7, 9.0)]  # fmt: skip
    found = align_by_words([[Token(word, None) for word in each] for each in text], said, 12.0)
    assert found.placed == (True, False, True) and found.confidence == pytest.approx((1.0, 0.0, 2 / 3))
    assert [word.start for word in found.lines[0].words] == [1.0, 1.2, 1.7]
    assert (found.lines[0].start, found.lines[0].end) == (1.0, 2.0)
    assert [word.start for word in found.lines[2].words] == [8.0, 8.2, None, None]
    assert 2.0 <= found.lines[1].start < found.lines[1].end <= 8.0
    nothing = align_by_words([[Token("a", None)]], [], 3.0)
    assert nothing.placed == (False,)
