"""Moods of words, chords, loudness, and music that makes room for a voice."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from avwalk.errors import OptionError
from avwalk.story_music.harmony import Chord, cadence, key_name, progression, voiced
from avwalk.story_music.loudness import SILENT, loudness
from avwalk.story_music.moods import MOODS, mood_of
from avwalk.story_music.requests import parts_of_file, parts_of_words

RATE = 8000


@pytest.mark.parametrize(
    ("text", "mood"),
    [
        ("tense", "tense"),
        ("She wept by the grave of her mother.", "sad"),
        ("The storm broke, thunder and lightning.", "dramatic"),
        ("They laughed and danced at the wedding", "joyful"),
        ("A quiet lake in the evening", "calm"),
        ("Afraid of the ghost, he screamed", "fearful"),
        ("sorrowful", "sad"),
        ("wondrous", "wonder"),
        ("The tax form has nine pages.", "neutral"),
        ("", "neutral"),
    ],
)
def test_a_text_names_a_mood(text: str, mood: str) -> None:
    assert mood_of(text).name == mood


def test_moods_lie_where_they_should() -> None:
    for mood in MOODS.values():
        assert -1 <= mood.valence <= 1 and 0 <= mood.arousal <= 1 and 0 <= mood.tension <= 1
    assert MOODS["calm"].arousal < MOODS["joyful"].arousal and MOODS["sad"].valence < 0 < MOODS["joyful"].valence


def test_chords_are_those_of_the_key() -> None:
    assert Chord(0).pitches(0) == (0, 4, 7) and Chord(5).pitches(0) == (9, 0, 4)
    assert Chord(4, "7").pitches(0) == (7, 11, 2, 5) and Chord(2, "V").pitches(0) == (4, 8, 11, 2)
    assert Chord(0).pitches(7) == (7, 11, 2) and 8 in Chord(2, "V").scale(0) and 7 not in Chord(2, "V").scale(0)
    assert key_name(0, False) == "C major" and key_name(0, True) == "A minor"


def test_voices_move_little_and_never_rub() -> None:
    rng, steps = np.random.default_rng(0), list[int]()
    for mood in MOODS.values():
        before: tuple[int, ...] | None = None
        for chord in progression(mood, mood.valence < 0, 12, rng):
            pitches = chord.pitches(3)
            voices = voiced(pitches, before)
            assert {voice % 12 for voice in voices} == set(pitches) and list(voices) == sorted(voices)
            assert not {1, 13} & {b - a for a in voices for b in voices if b > a}
            if before:
                steps += [abs(b - a) for a, b in zip(before, voices, strict=True)]
            before = voices
    assert np.mean(steps) < 3 and np.quantile(steps, 0.95) <= 7  # semitones


def test_a_cadence_is_as_long_as_there_is_room() -> None:
    chords = [Chord(3)] * 5
    assert [chord.degree for chord in cadence(chords, minor=False)] == [3, 3, 3, 4, 0]
    assert [chord.degree for chord in cadence(chords[:2], minor=True)] == [2, 5]
    assert [chord.degree for chord in cadence(chords[:1], minor=True)] == [5]


def test_loudness_is_that_of_the_standard() -> None:
    """A sine of 997 Hz at full scale in one channel is −3.01 LUFS (ITU-R BS.1770-4)."""
    t = np.arange(3 * 48000) / 48000
    sine = np.sin(2 * np.pi * 997 * t).astype(np.float32)
    assert loudness(np.stack([sine, 0 * sine], 1), 48000) == pytest.approx(-3.01, abs=0.02)
    assert loudness(np.stack([sine / 10, sine / 10], 1).astype(np.float32), 48000) == pytest.approx(-20.0, abs=0.02)
    assert loudness(np.zeros((48000, 2), np.float32), 48000) == SILENT
    gated = np.concatenate([sine, np.zeros(3 * 48000, np.float32)])[:, None].astype(np.float32)
    assert loudness(gated, 48000) == pytest.approx(-3.01, abs=0.3)


def test_moods_and_lengths_are_read() -> None:
    assert [(mood.name, length) for mood, length in parts_of_words(["calm", "tense:8.5", "storm"])] == [
        ("calm", 12.0),
        ("tense", 8.5),
        ("dramatic", 12.0),
    ]
    for wrong in ("calmm", "calm:", "calm:x", "calm:-1", "calm:nan", ":3"):
        with pytest.raises(OptionError):
            parts_of_words([wrong])


def test_a_text_has_a_part_for_each_paragraph(tmp_path: Path) -> None:
    file = tmp_path / "tale.txt"
    file.write_text(f"The lake was calm.\n\n{'They fought in fury. ' * 10}\n\nPage nine.\n", encoding="utf-8")
    parts = parts_of_file(file)
    assert [mood.name for mood, _ in parts] == ["calm", "angry", "angry"] and parts[0][1] == 5.0
    assert parts[1][1] == pytest.approx(209 / 15, abs=0.11)
    for data in (b"", b"\n \n", b"\xff\xfe\x00\x00\x01", b"a\n\n" * 600):
        file.write_bytes(data)
        with pytest.raises(OptionError):
            parts_of_file(file)
