"""Pictures and ways of the built-in generator."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from avwalk.presets.prompt_to_preset import KINDS
from avwalk.scenes.draw.cppn import CppnArtist
from avwalk.scenes.draw.seeds import variation
from avwalk.scenes.nodes import Node

SIZE = (128, 72)
TEXTS = {"reef": "coral reef in the sea", "idol": "portrait of a king", "lines": "an engraving of a map"}


@pytest.fixture(scope="module")
def artist() -> CppnArtist:
    return CppnArtist(SIZE, TEXTS)


def still(artist: CppnArtist, name: str, seed: int | None) -> np.ndarray:
    node = Node(name, str(seed))
    return next(artist.frames(node, node, [0.0]))


def test_a_picture_is_a_function_of_its_words_and_its_seed(artist: CppnArtist) -> None:
    one, other = still(artist, "reef", 1), still(artist, "reef", 2)
    assert one.shape == (72, 128, 3) and one.dtype == np.float32 and one.min() >= 0 and one.max() <= 1
    assert one.std() > 0.1 and np.abs(one - other).mean() > 0.03
    again = CppnArtist(SIZE, {"reef": TEXTS["reef"]})
    assert np.array_equal(still(again, "reef", 1), one)
    words = CppnArtist(SIZE, {"reef": "coral reef in the sea, at dawn"})
    assert np.abs(still(words, "reef", 1) - one).mean() > 0.03


@pytest.mark.parametrize(("a", "b"), [("reef-1", "reef-2"), ("reef-1", "idol-3"), ("idol-3", "lines-4")])
def test_a_way_begins_and_ends_with_its_pictures_and_is_even(artist: CppnArtist, a: str, b: str) -> None:
    start, end = Node.read(a), Node.read(b)
    frames = list(artist.frames(start, end, [k / 32 for k in range(33)]))
    assert np.abs(frames[0] - still(artist, start.name, start.seed)).max() <= 2 / 255  # grain alone differs
    # hairs of lines and of surfaces may lie a fraction of a pixel apart
    assert np.percentile(np.abs(frames[-1] - still(artist, end.name, end.seed)), 99) <= 12 / 255
    steps = np.array([np.abs(x - y).mean() for x, y in pairwise(frames)])
    assert steps.max() < 2.5 * np.median(steps) and steps.min() > 0.4 * np.median(steps)
    assert min(steps[0], steps[-1]) > 0.5 * np.median(steps)  # it does not stop at its ends


def test_a_frame_does_not_depend_on_the_frames_asked_for_with_it(artist: CppnArtist) -> None:
    a, b = Node("reef", "1"), Node("idol", "3")
    coarse = list(artist.frames(a, b, [0.0, 0.5, 1.0]))
    fine = list(artist.frames(a, b, [0.25, 0.5, 0.75]))
    assert np.array_equal(coarse[1], fine[1])


def test_a_way_between_worlds_is_no_plain_cross_fade(artist: CppnArtist) -> None:
    a, b = Node("reef", "1"), Node("idol", "3")
    first, middle, last = artist.frames(a, b, [0.0, 0.5, 1.0])
    faded = (first + last) / 2
    assert np.abs(middle - faded).mean() > 0.03


def test_a_variation_is_near_its_parent(artist: CppnArtist) -> None:
    here = still(artist, "idol", 5)
    near = [np.abs(still(artist, "idol", variation(5, k, 0.125)) - here).mean() for k in range(4)]
    far = [np.abs(still(artist, "idol", 100 + k) - here).mean() for k in range(4)]
    assert 0 < max(near) < 0.7 * np.mean(far)


def test_settings_and_presets_are_taken(artist: CppnArtist) -> None:
    plain = still(artist, "idol", 5)
    flat = CppnArtist(SIZE, TEXTS, settings={"cppn.height": 0.2})
    assert np.abs(still(flat, "idol", 5) - plain).mean() > 0.01
    other = CppnArtist(SIZE, TEXTS, preset_names={"idol": "sumi"})
    assert other.choice("idol").preset == "sumi" and np.abs(still(other, "idol", 5) - plain).mean() > 0.1


def test_a_fingerprint_says_what_decides_the_frames(artist: CppnArtist) -> None:
    a, b = Node("reef", "1"), Node("idol", "3")
    found = artist.fingerprint(a, b)
    assert found == CppnArtist(SIZE, TEXTS).fingerprint(a, b) and len(found) == 16
    others = [
        artist.fingerprint(b, a),
        CppnArtist((64, 36), TEXTS).fingerprint(a, b),
        CppnArtist(SIZE, TEXTS, settings={"cppn.warp": 0.5}).fingerprint(a, b),
        CppnArtist(SIZE, {**TEXTS, "idol": "a king"}).fingerprint(a, b),
    ]
    assert len({found, *others}) == 5


@pytest.mark.parametrize("preset", KINDS)
def test_every_look_gives_pictures(preset: str) -> None:
    artist = CppnArtist((96, 54), {"x": "x"}, preset_names={"x": preset})
    picture = still(artist, "x", 1)
    assert np.isfinite(picture).all() and picture.std() > 0.05
