"""What a ControlNet sees."""

from __future__ import annotations

import numpy as np

from avwalk.restyle.controlnet import canny, near_is_white, scribble


def square() -> np.ndarray:
    picture = np.full((1, 96, 96, 3), 0.1, np.float32)
    picture[:, 24:72, 24:72] = 0.9
    return picture


def test_edges_lie_where_the_square_ends() -> None:
    edges = canny(square())
    assert edges.shape == (1, 96, 96, 3) and set(np.unique(edges)) == {0, 1}
    y, x = np.nonzero(edges[0, ..., 0])
    away = np.minimum(np.minimum(abs(x - 24), abs(x - 71)), np.minimum(abs(y - 24), abs(y - 71)))
    assert len(x) > 150 and away.max() <= 2


def test_a_scribble_is_wider_and_flat_pictures_have_none() -> None:
    assert scribble(square()).mean() > 1.5 * canny(square()).mean()
    assert not canny(np.full((1, 32, 32, 3), 0.5, np.float32)).any()


def test_what_is_near_is_white() -> None:
    white = near_is_white(np.array([[[0.0, 1.0, 0.25]]]))
    assert white.shape == (1, 1, 3, 3) and np.allclose(white[0, 0, :, 0], [1, 0, 0.75])
