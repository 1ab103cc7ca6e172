"""Higher ground darkens what lies close behind it, as seen from the light."""

import cv2
import numpy as np

from avwalk.generators.cppn.kernels.field_slots import N_PLANES
from avwalk.generators.cppn.kernels.shadows import shadow

f = np.float32


def darkened(x: float, y: float, strength: float = 1.0, soft: float = 0.0) -> np.ndarray:
    """Reflectance, at first 1, of a plate that stands in the middle of a plain; light from (x, y)."""
    fields = np.zeros((N_PLANES, 40, 60), np.float32)
    fields[0, 15:25, 20:40], fields[2] = 0.3, 1.0
    if soft:
        fields[0] = cv2.GaussianBlur(fields[0], (0, 0), soft)
    shadow(fields, np.zeros((40, 60), np.float32), f(x), f(y), f(0.05), f(1.0), f(strength))
    reflectance: np.ndarray = fields[2]
    return reflectance


def test_the_shadow_lies_opposite_the_light() -> None:
    found = darkened(2.0, 0.0)  # light from the right
    assert found[20, 15] < 0.1 and found[20, 18] < 0.1
    assert (found[:, 20:] == 1).all()
    found = darkened(0.0, -2.0)  # from above
    assert found[27, 30] < 0.1 and (found[:25] == 1).all()


def test_it_ends_and_is_as_strong_as_asked() -> None:
    found = darkened(2.0, 0.0, 0.5)
    assert (found[:, :12] == 1).all() and found.min() >= 0.5 - 1e-6
    assert (darkened(2.0, 0.0, 0.0) == 1).all()


def test_it_moves_without_steps() -> None:
    ways = np.stack([darkened(1.9 + 0.01 * k, 0.3, soft=2.0) for k in range(20)])
    assert np.abs(np.diff(ways, axis=0)).max() < 0.1
    assert np.abs(ways[-1] - ways[0]).max() > 0.1
