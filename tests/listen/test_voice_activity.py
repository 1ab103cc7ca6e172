"""Utterances are cut out of a stream, in a quiet room and in a loud one."""

from __future__ import annotations

import numpy as np
import pytest

from avwalk.listen.voice_activity import Spoken, UtteranceCutter
from tests.listen.speaking import RATE, room, syllables

SPANS = ((1.5, 2.6), (3.8, 4.2), (5.5, 8.0))


def stream(noise: float) -> np.ndarray:
    x = room(10, level=noise)
    for a, b in SPANS:
        x[round(a * RATE) : round(a * RATE) + round((b - a) * RATE)] += syllables(b - a)
    return x


def cut(x: np.ndarray, block: int = 1600, **options: float) -> list[Spoken]:
    cutter = UtteranceCutter(RATE, **options)
    found = [spoken for k in range(0, len(x), block) for spoken in cutter.push(x[k : k + block])]
    return found + cutter.finish()


@pytest.mark.parametrize("noise", [0.0, 0.001, 0.01])
def test_each_utterance_is_found_whole(noise: float) -> None:
    found = cut(stream(noise))
    assert len(found) == len(SPANS)
    for spoken, (a, b) in zip(found, SPANS, strict=True):
        assert a - 0.5 <= spoken.start_s <= a + 0.03 and b - 0.06 <= spoken.end_s <= b + 0.3
        assert len(spoken.samples) == pytest.approx((spoken.end_s - spoken.start_s) * RATE, abs=1)


def test_the_size_of_the_blocks_changes_nothing() -> None:
    x = stream(0.001)[: 5 * RATE]
    first, *others = (
        [(spoken.start_s, spoken.end_s) for spoken in cut(x, block)] for block in (1600, 10, 333, 160_000)
    )
    assert len(first) == 2 and others == [first] * 3


def test_noises_and_silence_are_no_speech() -> None:
    clicks = room(6)
    clicks[RATE :: RATE // 2] += 0.8
    hum = room(6) + (0.1 * np.sin(2 * np.pi * 50 * np.arange(6 * RATE) / RATE)).astype(np.float32)
    for x in (np.zeros(3 * RATE, np.float32), room(6, level=0.05), clicks, hum, np.zeros(0, np.float32)):
        assert cut(x) == []


def test_a_fan_that_is_switched_on_becomes_the_room() -> None:
    x = np.concatenate([room(2), room(12, level=0.02, seed=1)])
    x[round(11 * RATE) : round(12 * RATE)] += syllables(1)
    (spoken,) = cut(x, longest_s=5.0)
    assert 10.5 < spoken.start_s < 11.1 and 11.9 < spoken.end_s < 12.3


def test_a_speech_without_a_pause_is_cut_and_the_last_one_is_finished() -> None:
    x = np.concatenate([room(1), syllables(7), syllables(3)])
    found = cut(x, longest_s=4.0)
    assert len(found) == 3 and all(len(spoken.samples) <= 4.0 * RATE for spoken in found)
    assert found[-1].end_s == pytest.approx(11.0, abs=0.03)
