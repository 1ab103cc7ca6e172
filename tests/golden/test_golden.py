"""Pictures as they were when they were last looked at. CPUs may differ by a level here and there, not more."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from tests.golden.regenerate import cases, draw, path_of, ssim

OF_EACH_KIND = ("lsd", "idol", "burin", "throat", "halcyon", "sumi", "papercut", "reef", "basilica")
"""A preset of each topology, drawn by `make test`; the others take a minute, in `make test-full`."""


def test_there_are_goldens() -> None:
    assert len(cases()) >= 5


@pytest.mark.parametrize(
    ("preset", "generator"),
    [pytest.param(*case, marks=() if case[0] in OF_EACH_KIND else pytest.mark.full) for case in cases()],
)
def test_golden(preset: str, generator: str) -> None:
    golden = cv2.imread(str(path_of(preset, generator)))
    assert golden is not None, "run `make goldens` and look at the pictures"
    drawn = draw(preset, generator)
    assert drawn.shape == golden.shape
    assert ssim(drawn[..., 1], golden[..., 1]) >= 0.98
    assert np.abs(drawn.astype(int) - golden.astype(int)).mean() <= 1.0
    assert golden.std() > 10, "a golden picture shows something"
