"""What the benchmark of salience reads and measures, on known answers."""

from __future__ import annotations

import json
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from avwalk.contracts import Analysis, Score
from tests.benchmarks.salience import hits_of, sharpness, songs_of

NONE = np.zeros(0)
HEARD = Analysis(
    Fraction(30),
    300,
    10.0,
    Score(0.0, NONE, NONE, NONE, (), ()),
    {},
    np.zeros((300, 1), np.float32),
    hits={"kick": np.array([1.0, 2.0]), "snare": np.array([1.5]), "onset": np.array([9.0])},
)


@pytest.mark.parametrize(
    ("told", "kicks", "drums"),
    [
        (None, [1, 2], [1, 1.5, 2]),
        ({"kick": [1.02, 2.02], "snare": []}, [1.02, 2.02], [1.02, 2.02]),
        ({"kick": [{"time": 1.02}]}, [1.02], [1.02, 1.5]),
        ({"kick": [], "snare": [], "drum_onsets": [4.0]}, [4], [4]),
        ({"kick": [], "snare": []}, [9], [9]),
    ],
)
def test_drums_are_those_of_the_truth_else_those_heard(
    told: dict[str, object] | None, kicks: list[float], drums: list[float], tmp_path: Path
) -> None:
    if told is not None:
        (tmp_path / "song.json").write_text(json.dumps(told), encoding="utf-8")
    found = hits_of(tmp_path / "song.ogg", HEARD)
    assert [times.tolist() for times in found] == [kicks, drums]


def test_sharpness_is_in_levels_at_half_the_size() -> None:
    """Stripes of two pixels are of one at half the size: the Laplacian is twice the step between neighbours."""
    stripes = np.where(np.arange(64) // 2 % 2, 0.6, 0.4).astype(np.float32)
    frame = np.broadcast_to(stripes[None, :, None], (36, 64, 3)).copy()
    assert sharpness(frame) == pytest.approx(2 * 51, rel=0.05)
    assert sharpness(np.full((36, 64, 3), 0.5, np.float32)) == 0
    single = np.broadcast_to(
        np.where(np.arange(64) % 2, 0.6, 0.4).astype(np.float32)[None, :, None], (36, 64, 3)
    ).copy()
    assert sharpness(single) == 0, "finer than half the size holds"


def test_a_folder_without_songs_is_said(tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match="holds no songs"):
        songs_of(tmp_path)
