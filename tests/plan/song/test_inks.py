"""Which two inks a film is printed in."""

from __future__ import annotations

from fractions import Fraction

import numpy as np

from avwalk.config.preset import Preset
from avwalk.contracts import Analysis, Lineage, Score, Shot
from avwalk.effects.overprint import INKS
from avwalk.plan.song.inks import with_inks

NOTHING = np.zeros(0)
SHOTS = tuple(Shot(30 * k, 30 * k + 30, 0, label, 0, Lineage(5), None, "cut") for k, label in enumerate((0, 1, 0)))


def pairs(key: int, effects: list[str]) -> list[float]:
    """The pair of each of three shots, of the labels 0, 1, 0."""
    traits = dict.fromkeys(("brightness", "percussive", "dynamics", "onsets", "kicks", "snares", "hats", "pauses"), 0.0)
    traits |= {"key": float(key), "key_clarity": 0.4}
    score = Score(120.0, NOTHING, NOTHING, NOTHING, (), ())
    analysis = Analysis(Fraction(30), 90, 3.0, score, {}, np.zeros((90, 1), np.float32), traits=traits)
    params = {"overprint.pair": np.zeros(90, np.float32)}
    found = with_inks(params, SHOTS, Preset.model_validate({"effects": effects}), analysis)["overprint.pair"]
    assert all(len(set(found[shot.i0 : shot.i1])) == 1 for shot in SHOTS) and not params["overprint.pair"].any()
    return [float(found[shot.i0]) for shot in SHOTS]


def test_labels_differ_what_returns_has_its_inks_again_and_keys_choose_the_first() -> None:
    first, second, again = pairs(3, ["overprint"])
    assert first == again and (second - first) % len(INKS) == 1
    assert {pairs(key, ["overprint"])[0] for key in range(24)} == {float(k) for k in range(len(INKS))}


def test_nothing_changes_where_nothing_is_printed() -> None:
    assert pairs(3, ["bloom"]) == [0, 0, 0]
