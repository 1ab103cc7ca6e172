"""Music for a story: exact beats, one length for each mood, the same seed the same bits."""

from __future__ import annotations

import numpy as np
import pytest

from avwalk.errors import OptionError
from avwalk.story_music.compose import Music, compose

RATE = 22050


@pytest.fixture(scope="module")
def music() -> Music:
    return compose(["calm", "tense", "triumphant", "sad"], [7.3, 6.1, 8.0, 9.6], seed=4, rate=RATE)


def test_it_is_as_long_as_the_story_and_each_mood_begins_on_a_beat(music: Music) -> None:
    assert music.samples.shape == (round(31.0 * RATE), 2) and music.samples.dtype == np.float32
    for section, start in zip(music.sections, (0, 7.3, 13.4, 21.4), strict=True):
        assert section.start == pytest.approx(start) and section.start in music.bars
    assert np.all(np.diff(music.beats) > 0.4) and music.beats[-1] < 31


def test_the_same_seed_gives_the_same_bits_and_another_does_not() -> None:
    first, again, other = (compose(["calm"], [3], seed=s, rate=RATE).samples for s in (1, 1, 2))
    assert first.tobytes() == again.tobytes() != other.tobytes()


@pytest.mark.parametrize(
    ("moods", "lengths", "seed"),
    [([], [], 0), (["calm"], [3, 4], 0), (["calm"], [0.0], 0), (["calm"], [float("nan")], 0), (["calm"], [3601], 0)],
)
def test_what_cannot_be_composed_is_refused_in_one_line(moods: list[str], lengths: list[float], seed: int) -> None:
    with pytest.raises(OptionError) as caught:
        compose(moods, lengths, seed)
    assert "\n" not in str(caught.value)
