"""From one set of speakers to another."""

from __future__ import annotations

import av
import numpy as np
import pytest

from avwalk.arrays.speakers import (
    ORDER,
    STEREO,
    guess_speakers,
    in_order,
    is_relabelled,
    mains,
    matrix,
    nearest,
    remixed,
)
from avwalk.files.sound_stream import speakers_of
from avwalk.video.mux import _AAC_SPEAKERS

LAYOUTS = ["mono", "stereo", "2.1", "3.0", "3.0(back)", "3.1", "4.0", "4.1", "quad", "quad(side)", "5.0", "5.0(side)"]
LAYOUTS += ["5.1", "5.1(side)", "6.0", "6.0(front)", "hexagonal", "6.1", "6.1(back)", "6.1(front)", "7.0", "7.0(front)"]
LAYOUTS += ["7.1", "7.1(wide)", "7.1(wide-side)", "octagonal", "hexadecagonal", "downmix", "22.2"]


def named(layout: str) -> tuple[str, ...]:
    return speakers_of(av.AudioLayout(layout))


@pytest.mark.parametrize("layout", LAYOUTS)
def test_every_speaker_is_heard_and_none_too_loud(layout: str) -> None:
    source = named(layout)
    assert set(source) <= set(ORDER) and in_order(source) == source
    for target in (*_AAC_SPEAKERS, source):
        found = matrix(source, target)
        assert found.shape == (len(target), len(source)) and (found >= 0).all()
        assert found.sum(axis=1).max() <= 1 + 1e-6
        silent = {name for name, column in zip(source, found.T, strict=True) if not column.any()}
        assert silent <= {"LFE", "LFE2"}
    np.testing.assert_array_equal(matrix(source, source), np.eye(len(source)))


@pytest.mark.parametrize(
    ("layout", "becomes"),
    [
        ("mono", "mono"),
        ("stereo", "stereo"),
        ("2.1", "5.1"),
        ("quad", "5.0"),
        ("5.1(side)", "5.1"),
        ("6.0", "7.1"),
        ("hexagonal", "7.1"),
        ("6.1", "7.1"),
        ("7.1", "7.1"),
        ("7.1(wide)", "7.1"),
        ("downmix", "stereo"),
    ],
)
def test_the_nearest_that_aac_has(layout: str, becomes: str) -> None:
    target = nearest(named(layout), _AAC_SPEAKERS)
    assert target == named(becomes)
    # each channel goes to speakers of its own: nothing is mixed, nothing becomes quieter
    found = matrix(named(layout), target)
    assert (np.count_nonzero(found, axis=1) <= 1).all()
    np.testing.assert_allclose((found**2).sum(axis=0), 1, rtol=1e-5)
    assert is_relabelled(named(layout), target) == (layout in ("mono", "stereo", "5.1(side)", "7.1", "downmix"))


def test_left_stays_left() -> None:
    for layout in LAYOUTS[1:]:
        source = named(layout)
        swap = str.maketrans("LR", "RL")
        mirrored = tuple(name if name.startswith("LFE") else name.translate(swap) for name in source)
        if set(mirrored) == set(source):
            found = matrix(source, STEREO)
            order = [source.index(name) for name in mirrored]
            np.testing.assert_allclose(found[0], found[1][order], atol=1e-7)


def test_samples_are_placed() -> None:
    samples = np.random.default_rng(0).standard_normal((50, 6)).astype(np.float32)
    own, other = ("FC", "FL", "FR", "SL", "SR", "LFE"), named("5.1")
    placed = remixed(samples, own, other, 6)
    np.testing.assert_allclose(placed, samples[:, [1, 2, 0, 5, 3, 4]], atol=1e-6)
    assert remixed(samples, other, other, 6) is samples and remixed(samples, (), (), 6) is samples
    many = np.arange(24, dtype=np.float32).reshape(2, 12)
    np.testing.assert_allclose(remixed(many, (), STEREO, 2), [[5, 6], [17, 18]])


def test_what_is_not_said_is_guessed_by_the_number() -> None:
    assert (
        guess_speakers((), 2) == STEREO
        and guess_speakers((), 6) == named("5.1")
        and guess_speakers((), 4) == named("quad")
    )
    assert guess_speakers(named("hexagonal"), 6) == named("hexagonal")
    assert guess_speakers((), 12) == () and guess_speakers(("AMBI0", "AMBI1", "AMBI2", "AMBI3"), 4) == named("quad")
    assert guess_speakers(("FL", "FL"), 2) == STEREO and guess_speakers(("FL",), 2) == STEREO


def test_deep_bass_is_left_out_of_comparisons() -> None:
    assert mains(named("2.1"), 3) == [0, 1] and mains(("LFE",), 1) == [0] and mains((), 3) == [0, 1, 2]
