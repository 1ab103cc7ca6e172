"""Known answers of the kernels: what is covered, what light does, and that nothing else is touched."""

from __future__ import annotations

import math

import numpy as np
import pytest
from numpy.typing import NDArray

from avwalk.matter import kernels, surfaces
from avwalk.matter.glass import draw_beads, draw_waves
from avwalk.matter.ink import COARSE, FINE, LARGE, draw_inks
from avwalk.matter.kernels import INK, LIGHT, SOLID, draw_strokes, new_buffers
from avwalk.matter.surfaces import draw_blobs, draw_leaves, draw_polygons, draw_rings

Array = NDArray[np.float32]
WIDTH, HEIGHT = 120, 80
WHITE = (1.0, 1.0, 1.0)


def black() -> Array:
    return np.zeros((HEIGHT, WIDTH * 3), np.float32)


def busy(height: int = HEIGHT, width: int = WIDTH) -> Array:
    return np.random.default_rng(5).random((height, width * 3), dtype=np.float32)


def row(*numbers: float) -> Array:
    return np.array([numbers], np.float32)


def stroke(
    a: tuple[float, float], b: tuple[float, float], half: float, *, end: float | None = None, mode: int = LIGHT,
    colour: tuple[float, float, float] = WHITE, alpha: float = 1.0, glow: float = 0.0, glowing: float = 0.0,
    taper: float = 0.0,
) -> Array:  # fmt: skip
    return row(*a, *b, half, half if end is None else end, glow, glowing, taper, *colour, alpha, mode)


def ring(radius: float, half: float, *, squash: float = 1.0, mode: int = LIGHT, x: float = 60, y: float = 40) -> Array:
    return row(x, y, radius, squash, 1, 0, half, 0, 0, 0, 0, 0, *WHITE, 1, mode)


def leaf(long: float, half: float, angle: float = 0.0, soft: float = 0.0) -> Array:
    return row(60, 40, long, half, math.cos(angle), math.sin(angle), 0, soft, *WHITE, 1, LIGHT)


def blob(radius: float, waves: float = 0.0) -> Array:
    return row(60, 40, radius, waves, 0.3, 0, 0, 0, *WHITE, 1, LIGHT)


def wave(radius: float, half: float, bend: float, *, x: float = 60, y: float = 40, squash: float = 1.0) -> Array:
    return row(x, y, radius, squash, 1, 0, half, bend, 0.3, -0.6, -0.8, 1.0, 0.8, 0.8, 0.8, 1, LIGHT)


def bead(radius: float, *, x: float = 60, y: float = 40) -> Array:
    return row(x, y, radius, 1.2, 0.15, -0.6, -0.8, 0.9, 0.1, 0.9, 0.9, 0.9, 1, SOLID)


def drop(radius: float, *, x: float = 60, y: float = 40, swirl: float = 0.0, absorbed: float = 1.0) -> Array:
    return row(x, y, radius, swirl, 0.4, 1, 1, 2, 0.4, 1, 0, 1, absorbed, 2 * absorbed, 0.0, 1, INK)


def polygon(*corners: tuple[float, float], soft: float = 0.0) -> Array:
    flat = [n for corner in corners for n in corner]
    return row(len(corners), *flat, *[0] * (12 - len(flat)), soft, 0, 0, *WHITE, 1, LIGHT)


def coverage(draw: object, rows: Array) -> NDArray[np.float64]:
    """Of each pixel, of white light over black."""
    picture = black()
    draw(picture, new_buffers(WIDTH), rows)  # type: ignore[operator]
    grey = picture.reshape(HEIGHT, WIDTH, 3)
    assert np.ptp(grey, axis=2).max() == 0
    return linear(grey[..., 0])


def linear(v: NDArray[np.floating]) -> NDArray[np.float64]:
    v = v.astype(np.float64)
    return np.asarray(np.where(v > 0.04045, ((v + 0.055) / 1.055) ** 2.4, v / 12.92))


# ---- how much is covered


@pytest.mark.parametrize("width", [0.2, 0.5, 1, 2, 3.5, 8])
@pytest.mark.parametrize("angle", [0.0, 0.4, math.pi / 2, 2.2])
def test_a_line_covers_its_length_times_its_width(width: float, angle: float) -> None:
    dx, dy = 25 * math.cos(angle), 25 * math.sin(angle)
    found = coverage(draw_strokes, stroke((60.3 - dx, 40.2 - dy), (60.3 + dx, 40.2 + dy), width / 2))
    ends = math.pi * (width / 2) ** 2 if width >= 1 else width * width
    # a thin line is one of a pixel, so much fainter; its ends are round
    assert found.sum() == pytest.approx(50 * width + ends, rel=0.05 if width < 1 else 0.03, abs=0.6)


@pytest.mark.parametrize("width", [0.3, 1, 2, 5])
@pytest.mark.parametrize("squash", [1.0, 0.5])
def test_a_ring_covers_its_circumference_times_its_width(width: float, squash: float) -> None:
    found = coverage(draw_rings, ring(30, width / 2, squash=squash))
    a, b = 30.0, 30.0 * squash
    around = math.pi * (3 * (a + b) - math.sqrt((3 * a + b) * (a + 3 * b)))  # Ramanujan
    assert found.sum() == pytest.approx(around * width, rel=0.04)


@pytest.mark.parametrize("hand", [1, -1])
@pytest.mark.parametrize("glow", [0, 12])
@pytest.mark.parametrize("radius", [40, 150, 900])
@pytest.mark.parametrize("waves", [0.05, 0.12])
def test_all_of_an_uneven_ring_is_drawn(waves: float, radius: float, glow: float, hand: float) -> None:
    x, y = 200 - 0.95 * radius, 120 + 0.2 * radius
    c, s, phase, half = math.cos(0.7), math.sin(0.7), 1.9, 1.3
    picture = np.zeros((240, 400 * 3), np.float32)
    rings = row(x, y, radius, hand, c, s, half, glow, 0.5, waves, phase, 0, *WHITE, 1, SOLID)
    draw_rings(picture, new_buffers(400), rings)
    dy, dx = np.mgrid[:240, :400].astype(float) - np.array([y, x])[:, None, None]
    u, v = dx * c + dy * s, hand * (dy * c - dx * s)
    angle = np.arctan2(v, u)
    wave = 0.6 * np.sin(3 * angle + phase) - 0.4 * np.cos(5 * angle + phase)
    away = np.abs(np.hypot(u, v) - radius * (1 + waves * wave))
    near = np.clip(1 - (away / max(glow, 1e-3)) ** 2, 0, 1)
    share = np.maximum(np.clip(half + 0.5 - away, 0, 1), 0.5 * near**3 / (1 + 40 * (1 - near)))
    found = linear(picture.reshape(240, 400, 3)[..., 0].astype(float))
    assert share.max() > 0.5
    assert np.abs(found - share).max() < 0.01


@pytest.mark.parametrize("angle", [0.0, 0.7, math.pi / 2])
@pytest.mark.parametrize(("long", "half"), [(30, 10), (20, 20), (25, 4)])
def test_a_leaf_has_the_area_of_two_segments(long: float, half: float, angle: float) -> None:
    bow = (long * long + half * half) / (2 * half)
    half_angle = math.asin(min(1.0, long / bow))
    area = bow * bow * (2 * half_angle - math.sin(2 * half_angle))
    assert coverage(draw_leaves, leaf(long, half, angle)).sum() == pytest.approx(area, rel=0.03)


def test_a_blob_has_the_area_of_its_disc() -> None:
    assert coverage(draw_blobs, blob(20)).sum() == pytest.approx(math.pi * 400, rel=0.01)
    waved = coverage(draw_blobs, blob(20, 0.1)).sum()
    assert waved == pytest.approx(math.pi * 400, rel=0.05) and waved != coverage(draw_blobs, blob(20)).sum()


SQUARE = ((40.0, 20.0), (80.0, 20.0), (80.0, 60.0), (40.0, 60.0))


@pytest.mark.parametrize("corners", [SQUARE, SQUARE[:3], ((60, 10), (90, 30), (85, 60), (60, 70), (35, 60), (30, 30))])
def test_a_polygon_covers_what_is_within(corners: tuple[tuple[float, float], ...]) -> None:
    x, y = np.array(corners).T
    area = 0.5 * abs(np.sum(x * np.roll(y, -1) - y * np.roll(x, -1)))
    found = coverage(draw_polygons, polygon(*corners))
    assert found.sum() == pytest.approx(area, rel=0.02)
    inside = np.ones((HEIGHT, WIDTH), bool)
    py, px = np.mgrid[:HEIGHT, :WIDTH]
    for k in range(len(x)):
        j = (k + 1) % len(x)
        inside &= (x[j] - x[k]) * (py - y[k]) - (y[j] - y[k]) * (px - x[k]) > 2 * math.hypot(x[j] - x[k], y[j] - y[k])
    assert found[inside].min() > 0.999


def test_a_polygon_without_extent_is_not_there() -> None:
    picture = busy()
    before = picture.copy()
    draw_polygons(picture, new_buffers(WIDTH), polygon(*[(60.0, 40.0)] * 4))
    assert np.array_equal(picture, before)


def test_a_glow_falls_off_and_ends_at_its_radius() -> None:
    found = coverage(draw_strokes, stroke((60, 40), (60, 40), 0.0, glow=30, glowing=0.9))
    along = found[40, 60:]
    assert along[0] == pytest.approx(0.9, abs=0.01) and (np.diff(along[:28]) <= 1e-6).all()
    assert not along[30:].any() and along[15] > 0


def test_light_is_lost_on_the_way_to_an_end_of_a_line() -> None:
    to_end = coverage(draw_strokes, stroke((20, 40), (100, 40), 2, taper=1.0))[40]
    to_start = coverage(draw_strokes, stroke((20, 40), (100, 40), 2, taper=-1.0))[40]
    assert to_end[25] > 0.9 and to_end[60] == pytest.approx(0.5, abs=0.02) and to_end[98] < 0.05
    assert to_start[20:101] == pytest.approx(to_end[20:101][::-1], abs=1e-3)


# ---- what it does to the light


@pytest.mark.parametrize("before", [0.0, 0.03, 0.4, 1.0])
@pytest.mark.parametrize(("mode", "colour"), [(LIGHT, 0.6), (INK, 0.2), (SOLID, 0.7)])
@pytest.mark.parametrize("alpha", [0.25, 1.0])
def test_modes_are_what_they_say_on_a_pixel(before: float, mode: int, colour: float, alpha: float) -> None:
    light = float(linear(np.array(before)))
    wanted = {
        LIGHT: light + alpha * colour * (1 - light),
        INK: light * (1 - alpha * (1 - colour)),
        SOLID: light + alpha * (colour - light),
    }[mode]
    picture = np.full((HEIGHT, WIDTH * 3), before, np.float32)
    draw_strokes(
        picture, new_buffers(WIDTH), stroke((30, 40), (90, 40), 4, mode=mode, colour=(colour,) * 3, alpha=alpha)
    )
    assert linear(picture[40, 180:183]) == pytest.approx(wanted, abs=4e-4)
    assert (picture[:30] == np.float32(before)).all()


def test_lines_over_each_other_are_lines_one_after_the_other() -> None:
    a, b = stroke((10, 10), (110, 70), 6, alpha=0.7), stroke((10, 70), (110, 10), 3, alpha=0.6, colour=(0.9, 0.2, 0.4))
    for mode in (LIGHT, INK, SOLID):
        a[:, -1] = b[:, -1] = mode
        at_once, in_turn = busy(), busy()
        draw_strokes(at_once, new_buffers(WIDTH), np.concatenate([a, b]))
        draw_strokes(in_turn, new_buffers(WIDTH), a)
        draw_strokes(in_turn, new_buffers(WIDTH), b)
        assert np.abs(at_once - in_turn).max() < 3e-4


def test_light_beyond_white_stays_white() -> None:
    picture = busy()
    bright = stroke((10, 40), (110, 40), 5, colour=(3.0, 3.0, 3.0))
    draw_strokes(picture, new_buffers(WIDTH), np.concatenate([bright, bright]))
    assert picture[40, 180:183] == pytest.approx(1.0, abs=1e-4)


@pytest.mark.parametrize("radius", [12.0, LARGE + 4])
def test_ink_lets_through_what_its_density_says(radius: float) -> None:
    picture = np.ones((260, 600), np.float32)
    draw_inks(picture, new_buffers(200), drop(radius, x=100, y=130))
    q = 0.72 * np.array([1.0, 2.0, 0.0])  # 28 % of it is at the edge
    through = 1 / (1 + q * (1 + q * (0.5 + 0.17 * q)))
    assert linear(picture[130, 300:303]) == pytest.approx(through, abs=0.02)
    assert (picture[:30] == 1).all() and (picture[:, 2::3] > 0.9999).all(), "it absorbs no blue"


def test_the_grid_of_ink_is_not_seen() -> None:
    """Drops on either side of the size from which nodes are further apart."""
    pictures = []
    for radius in (LARGE - 0.01, LARGE + 0.01):
        picture = np.ones((400, 1200), np.float32)
        draw_inks(picture, new_buffers(400), drop(radius, x=200, y=200, swirl=0.5))
        pictures.append(picture)
    far = np.abs(pictures[0] - pictures[1])
    assert COARSE > FINE and 0 < far.mean() < 5e-4 and np.quantile(far, 0.99) < 0.015


# ---- glass


@pytest.mark.parametrize("squash", [1.0, 0.3])
def test_a_wave_touches_nothing_outside_of_its_band(squash: float) -> None:
    picture = busy()
    before = picture.copy()
    draw_waves(picture, new_buffers(WIDTH), np.full(picture.size, np.nan, np.float32), wave(20, 3, 5, squash=squash))
    changed = (picture != before).reshape(HEIGHT, WIDTH, 3).any(axis=2)
    y, x = np.mgrid[:HEIGHT, :WIDTH]
    u, v = x - 60, (y - 40) / squash
    far = np.hypot(u, v)
    steep = np.hypot(u / np.maximum(far, 1e-6), v / np.maximum(far, 1e-6) / squash)
    band = np.abs(far - 20) / np.maximum(steep, 1e-6) <= 2.21 * 3
    assert changed.any() and not (changed & ~band).any() and np.isfinite(picture).all()


def test_a_wave_shows_what_lies_beside(bend: float = 6.0) -> None:
    """On the inner slope of a wave in a ramp from left to right the picture is moved."""
    ramp = np.repeat(np.linspace(0.2, 0.8, WIDTH, dtype=np.float32), 3)[None].repeat(HEIGHT, axis=0)
    picture = ramp.copy()
    rows = wave(30, 5, bend)
    rows[0, 8], rows[0, 11] = 0.0, 0.0  # no dispersion, no light
    draw_waves(picture, new_buffers(WIDTH), np.empty(picture.size, np.float32), rows)
    t = (86 - 90) / 5  # of the pixel 86, four before the crest at 90
    slope = -2.3 * t * (1 - t * t * 0.2066) ** 4
    step = float(ramp[40, 3] - ramp[40, 0])
    assert picture[40, 3 * 86] == pytest.approx(ramp[40, 3 * 86] - bend * slope * step, abs=1e-3)


def test_waves_look_at_the_picture_before_all_of_them() -> None:
    both = np.concatenate([wave(20, 3, 5, x=50), wave(20, 3, 5, x=54)])
    at_once, swapped = busy(), busy()
    for picture, rows in ((at_once, both), (swapped, both[::-1])):
        draw_waves(picture, new_buffers(WIDTH), np.empty(picture.size, np.float32), np.ascontiguousarray(rows))
    only_one = (at_once == swapped).reshape(HEIGHT, WIDTH, 3).all(axis=2)
    assert 0.8 < only_one.mean() < 1, "they differ where the last covers the first"


def test_the_memory_of_waves_and_beads_is_not_seen() -> None:
    for draw, rows in (
        (draw_waves, np.concatenate([wave(30, 6, 20, x=-5, y=3), wave(15, 4, 30, x=100), wave(25, 3, 9, squash=0.2)])),
        (draw_beads, np.concatenate([bead(9, x=2, y=78), bead(25), bead(0.3, x=30)])),
    ):
        found = []
        for fill in (np.nan, 0.5):
            picture = busy()
            draw(picture, new_buffers(WIDTH), np.full(picture.size, fill, np.float32), rows)
            found.append(picture)
        assert np.isfinite(found[0]).all() and np.array_equal(found[0], found[1])


def test_a_bead_shows_the_picture_the_other_way_round() -> None:
    picture = black()
    picture[:, : 3 * 60] = 0.8  # light on the left
    draw_beads(picture, new_buffers(WIDTH), np.empty(picture.size, np.float32), bead(25))
    grey = picture.reshape(HEIGHT, WIDTH, 3)[..., 1]
    assert grey[46, 80] > grey[46, 40] + 0.2
    assert (grey[:, 90:] == 0).all()


# ---- and whatever is drawn

POINT, SQUASHED = stroke((60, 40), (60, 40), 0), ring(9, 1, squash=-1)
NO_AREA = polygon(*[(60, 40)] * 3)
ALL = {
    "strokes": (draw_strokes, np.concatenate([stroke((-50, 30), (300, 90), 5, glow=30, glowing=0.6), POINT])),
    "solid strokes": (draw_strokes, stroke((-50, 30), (300, 90), 5, end=0.1, mode=SOLID)),
    "rings": (draw_rings, np.concatenate([ring(70, 3), ring(20, 0.4, squash=0.1, x=-4), ring(0, 1), SQUASHED])),
    "leaves": (draw_leaves, np.concatenate([leaf(200, 60, 0.3, 9), leaf(0, 0), leaf(30, -8)])),
    "blobs": (draw_blobs, np.concatenate([blob(90, 0.4), blob(0)])),
    "polygons": (draw_polygons, np.concatenate([polygon((-50, -40), (500, 20), (60, 300), soft=9), NO_AREA])),
    "waves": (draw_waves, np.concatenate([wave(60, 9, 30), wave(0, 0, 3), wave(900, 40, 30, x=-700)])),
    "beads": (draw_beads, np.concatenate([bead(50), bead(0), bead(20, x=-10, y=90)])),
    "inks": (draw_inks, np.concatenate([drop(70, swirl=0.8), drop(9, x=118, y=79, swirl=0.4), drop(0.1)])),
}  # fmt: skip


@pytest.mark.parametrize("name", ALL)
@pytest.mark.parametrize("size", [(120, 80), (121, 81), (2, 2), (3, 90)])
def test_nothing_but_the_picture_is_written_to_and_all_is_a_colour(name: str, size: tuple[int, int]) -> None:
    draw, rows = ALL[name]
    width, height = size
    canary = np.float32(0.321)
    room = np.full((height + 8, width * 3), canary, np.float32)
    picture = room[4:-4]
    picture[:] = busy(height, width)
    picture[0, :3], picture[-1, -3:] = (0, 1, 0.5), (1, 0, 1)
    own = new_buffers(width)
    buffers = np.full((kernels.BUFFERS + 2, own.shape[1]), canary, np.float32)
    buffers[: kernels.BUFFERS] = own
    looks = draw in (draw_waves, draw_beads)
    memory = np.full(picture.size + 64, canary, np.float32)
    given = (memory[32:-32],) if looks else ()
    draw(picture, buffers[: kernels.BUFFERS], *given, np.ascontiguousarray(rows, np.float32))  # type: ignore[operator]
    for edge in (room[:4], room[-4:], buffers[kernels.BUFFERS :], memory[:32], memory[-32:]):
        assert (edge == canary).all()
    assert np.isfinite(picture).all() and picture.min() >= 0 and picture.max() <= 1
    assert np.array_equal(buffers[kernels.RAMP], np.arange(own.shape[1]))


def test_the_layouts_are_as_long_as_the_rows() -> None:
    lengths = {"strokes": kernels.STROKE, "rings": surfaces.RING, "leaves": surfaces.LEAF, "blobs": surfaces.BLOB}
    for name, length in lengths.items():
        assert ALL[name][1].shape[1] == length


def test_a_shape_that_takes_more_than_there_is_room_for_is_drawn_in_parts() -> None:
    whole, parts = black(), black()
    draw_leaves(whole, new_buffers(WIDTH), leaf(58, 38, 0.4, 3))
    for top in range(0, HEIGHT, 8):  # each part by itself, from a picture of its rows alone
        rows = leaf(58, 38, 0.4, 3)
        rows[0, 1] -= top
        draw_leaves(parts[top : top + 8], new_buffers(WIDTH), rows)
    assert whole.any() and np.abs(whole - parts).max() < 2e-4


@pytest.mark.parametrize("mode", [LIGHT, INK, SOLID])
def test_what_is_hardly_covered_stays_as_it_is(mode: int) -> None:
    picture = busy()
    before = picture.copy()
    rows = leaf(30, 12)
    rows[0, -5:] = 0.3, 0.2, 0.9, kernels.LEAST, mode
    draw_leaves(picture, new_buffers(WIDTH), rows)
    assert np.array_equal(picture, before)
    rows[0, -2] = 0.5
    draw_leaves(picture, new_buffers(WIDTH), rows)
    changed = (picture != before).reshape(HEIGHT, WIDTH, 3).any(axis=2)
    assert changed[40, 60] and not changed[:, :28].any() and not changed[:26].any()
