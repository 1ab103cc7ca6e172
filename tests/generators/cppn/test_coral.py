"""Coral: the pattern, its grid, and what time, camera and music do to it."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
import pytest

from avwalk.config.preset import Preset
from avwalk.errors import OptionError
from avwalk.generators.cppn import coral
from avwalk.generators.cppn.generator import Cppn
from avwalk.generators.cppn.raster import Canvas
from avwalk.request import generators
from tests.generators.cppn.test_generator import drive, ssim, walk

SIZE = (320, 180)


def grown(seed: np.ndarray, bias: float = 0.0, swell: float = 0.0) -> np.ndarray:
    """The pattern that a field grows into, where tone and subject say nothing."""
    fields = np.stack([0 * seed, 0 * seed + 0.5, 0 * seed + 1, seed]).astype(np.float32)
    coral.grow(fields, coral.Style(0.02, bias, 0.2), swell)
    return np.asarray(fields[3])


def noise(side: int = 128) -> np.ndarray:
    raw = np.random.default_rng(1).standard_normal((side, side)).astype(np.float32)
    return np.asarray(cv2.GaussianBlur(raw, (0, 0), 1.5))


def test_it_grows_ridges_of_one_width() -> None:
    pattern = grown(noise())
    power = np.abs(np.fft.fft2(pattern - pattern.mean())) ** 2
    pitch = np.hypot(*np.meshgrid(np.fft.fftfreq(128), np.fft.fftfreq(128)))
    assert 6 < 1 / np.average(pitch, weights=power) < 10  # nodes
    assert power[(pitch > 0.08) & (pitch < 0.2)].sum() > 0.7 * power.sum()
    assert -1 <= pattern.min() < -0.4 and 0.4 < pattern.max() <= 1


def test_bias_and_swell_make_spots_and_gaps() -> None:
    shares = [(grown(noise(), bias, swell) > 0).mean() for bias, swell in ((-0.15, 0), (0, 0), (0.15, 0), (0.15, 0.2))]
    assert np.all(np.diff(shares) > 0.05), shares


def test_it_is_thin_where_the_subject_is_not() -> None:
    seed = noise()
    fields = np.stack([0 * seed, 0 * seed + 0.5, np.repeat([[0.0], [1.0]], 64, axis=0) + 0 * seed, seed])
    fields = fields.astype(np.float32)
    coral.grow(fields, coral.Style(0.02, -0.05, 0.2), 0.0)
    rest, subject = ((fields[3][rows] > 0).mean() for rows in (slice(16, 48), slice(80, 112)))
    assert rest < 0.75 * subject


def test_nodes_keep_their_places_while_the_camera_comes_nearer() -> None:
    wide, near = coral.grid((1.78, 1.0), 0.02, 1.0), coral.grid((1.78, 1.0), 0.02, 2.0)
    for grid, zoom in ((wide, 1.0), (near, 2.0)):
        assert grid.columns[0] < -1.78 - 4 * grid.spacing and grid.columns[-1] > 1.78 + 4 * grid.spacing
        np.testing.assert_allclose(grid.rows / zoom / 0.02, np.rint(grid.rows / zoom / 0.02), atol=1e-3)
    assert len(coral.grid((1.78, 1.0), 0.02, 0.01).rows) < 400, "a camera far off asks for no more"


def test_a_grid_is_read_between_its_nodes() -> None:
    nodes = coral.grid((1.0, 1.0), 0.02, 1.0)
    plane = (0.5 * nodes.columns[None] - 0.25 * nodes.rows[:, None]).astype(np.float32)
    columns, rows = np.linspace(-0.93, 0.91, 50, dtype=np.float32), np.linspace(-0.97, 0.6, 41, dtype=np.float32)
    out = np.empty((4, 41, 50), np.float32)
    coral.read(np.stack([plane] * 4), nodes, columns, rows, out)
    np.testing.assert_allclose(out[3], 0.5 * columns[None] - 0.25 * rows[:, None], atol=1e-4)


@pytest.mark.parametrize("seed", [1, 5])
def test_it_moves_as_its_world_does_and_never_flickers(seed: int) -> None:
    generator = Cppn(SIZE, seed, topology="coral", accent=0.0)
    z = np.repeat(walk(1), 9, axis=0)
    change = []
    for step in (0.002, 0.0005):
        frames = generator.draw(drive(z, cppn_phase=step * np.arange(9), grain_amount=0))
        change.append(np.abs(np.diff(frames, axis=0)).mean(axis=(1, 2, 3)).max())
    assert change[1] < 0.4 * change[0]  # a quarter of the way, about a quarter of the change
    still = generator.draw(drive(z, grain_amount=0))
    np.testing.assert_array_equal(still[0], still[8])


def test_the_camera_comes_nearer_to_the_same_coral() -> None:
    generator = Cppn(SIZE, 2, topology="coral", accent=0.0)
    quiet: dict[str, Any] = {"grain_amount": 0.0, "vignette_amount": 0.0, "bloom_amount": 0.0}
    far, near = (generator.draw(drive(walk(1), camera_zoom=zoom, **quiet))[0].mean(axis=2) for zoom in (1.0, 1.25))
    part = cv2.resize(far[18:162, 32:288], SIZE, interpolation=cv2.INTER_CUBIC)
    assert ssim(part, near) > 0.85


def test_more_detail_is_more_coral() -> None:
    generator = Cppn(SIZE, 3, topology="coral", accent=0.0)
    masks = [generator.passes(drive(walk(1), cppn_detail=detail), ("mask",))["mask"].mean() for detail in (0.2, 0.5, 1)]
    assert np.all(np.diff(masks) > 0.03), masks


def test_worlds_differ_in_scale() -> None:
    styles = [coral.Style.of((seed, 0)) for seed in range(20)]
    assert np.ptp([style.spacing for style in styles]) > 0.004
    assert {style.contrast > 0 for style in styles} == {True, False}
    assert Canvas(64, 36, 7).half == pytest.approx((16 / 9, 1.0))


def test_a_card_is_refused_where_the_processor_draws(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(generators, "choose_device", lambda device, name: "cuda")
    preset = Preset.model_validate({"version": 1, "title": "Coral", "cppn": {"topology": "coral"}})
    assert generators.drawing_device("auto", "cppn", preset) == "cpu"
    with pytest.raises(OptionError, match="device cpu"):
        generators.drawing_device("cuda", "cppn", preset)
    relief = Preset.model_validate({"version": 1, "title": "Relief"})
    assert generators.drawing_device("cuda", "cppn", relief) == "cuda"
    np.testing.assert_array_equal(
        Cppn((32, 18), 1, topology="coral", device="cuda").draw(drive(walk(1))),
        Cppn((32, 18), 1, topology="coral").draw(drive(walk(1))),
    )
