import math
from typing import Any

import cv2
import numpy as np
import pytest

from avwalk.contracts import Drive
from avwalk.generators.cppn.generator import Cppn
from avwalk.generators.cppn.kernels.maps import ALONG, EYE, LENS
from avwalk.generators.cppn.material import TOPOLOGIES
from tests.generators.cppn.test_generator import drive, walk

SIZE = (192, 108)
PX = 2 / SIZE[1]
PLAIN = {"grain_amount": 0.0, "bloom_amount": 0.0, "vignette_amount": 0.0}
_made: dict[tuple[str, str, str, int], Cppn] = {}


def made(topology: str = "relief", around: str = "plane", symmetry: str = "none", seed: int = 3) -> Cppn:
    key = topology, around, symmetry, seed
    if key not in _made:
        _made[key] = Cppn(SIZE, seed, topology=topology, accent=0.0, map=around, symmetry=symmetry)
    return _made[key]


def pair(**values: Any) -> Drive:
    """Two frames that follow each other: a value for each, or one for both."""
    return drive(np.repeat(walk(1), 2, axis=0), **values)


def flow_of(generator: Cppn, **values: Any) -> np.ndarray:
    found = generator.passes(pair(**values), ("flow",))["flow"]
    assert found.shape == (2, SIZE[1], SIZE[0], 2) and found.dtype == np.float32 and not found[0].any()
    return np.asarray(found[1])


def places() -> np.ndarray:
    """Of the pixels, half-heights: (H, W, 2)."""
    x, y = (np.arange(n) + 0.5 - n / 2 for n in SIZE)
    return np.stack(np.meshgrid(x, y), axis=2) * PX


def turned(places: np.ndarray, degrees: float) -> np.ndarray:
    c, s = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
    return np.asarray(places @ np.array([[c, s], [-s, c]]))


@pytest.mark.parametrize("topology", sorted(TOPOLOGIES))
def test_flow_of_a_camera_that_moves(topology: str) -> None:
    found = flow_of(made(topology), camera_x=[0.1, 0.16], camera_y=[0.0, -0.03], camera_zoom=1.5)
    assert np.abs(found - np.array([0.06, -0.03]) * 1.5 / PX).max() < 0.01


@pytest.mark.parametrize("topology", ["relief", "horizon", "tunnel"])
def test_flow_of_a_camera_that_comes_nearer_and_turns(topology: str) -> None:
    s = places()
    nearer = flow_of(made(topology), camera_zoom=[1.2, 1.25])
    assert np.abs(nearer - (s * 1.2 / 1.25 - s) / PX).max() < 0.01
    around = flow_of(made(topology), camera_angle=[10, 13])
    assert np.abs(around - (turned(s, 3) - s) / PX).max() < 0.01


@pytest.mark.parametrize(("topology", "around"), [("relief", "plane"), ("void", "plane"), ("lines", "polar")])
def test_flow_of_a_dive_is_a_zoom_about_the_subject(topology: str, around: str) -> None:
    generator = made(topology, around)
    focus = generator._world.focus(TOPOLOGIES[topology])
    s = places() - focus
    found = flow_of(generator, camera_depth=[1.0, 1.05])
    away = np.hypot(*s.transpose(2, 0, 1)) > (0.6 if around == "polar" else 0)
    assert np.abs(found - (s * 2**-0.05 - s) / PX)[away].max() < (0.3 if around == "polar" else 0.01)


def test_flow_of_a_tunnel_that_streams() -> None:
    generator = made("tunnel")
    s = places() - generator._world.focus(TOPOLOGIES["tunnel"])
    found = flow_of(generator, cppn_phase=[2.0, 2.1]) * PX + s
    r2, before = (s**2).sum(axis=2), (found**2).sum(axis=2)
    far = r2 > 0.2
    assert np.abs((before + 0.15**2) / (r2 + 0.15**2) - math.exp(-2 * 0.62 * 0.1))[far].max() < 1e-4
    angle = np.arctan2(found[..., 1], found[..., 0]) - np.arctan2(s[..., 1], s[..., 0])
    assert np.abs((angle - 0.01 + math.pi) % (2 * math.pi) - math.pi)[far].max() < 1e-4


def test_flow_of_a_ground_that_comes_nearer() -> None:
    generator = made("horizon")
    s, level = places(), generator._world.level
    found = flow_of(generator, cppn_phase=[0.0, 0.1]) * PX + s
    here, before = (EYE / np.sqrt((at[..., 1] - level) ** 2 + LENS**2) for at in (s, found))
    ground = s[..., 1] > level + 0.2
    assert np.abs(before - here - 0.1 / ALONG)[ground].max() < 1e-3
    assert np.abs(found[..., 0] * before - s[..., 0] * here)[ground].max() < 1e-3, "no step aside"
    assert not flow_of(generator, cppn_phase=[0.0, 0.1])[s[..., 1] < level].any(), "what is above it stays"


def carried(before: np.ndarray, flow: np.ndarray) -> np.ndarray:
    """The frame before, brought to where its content is now."""
    x, y = np.meshgrid(*(np.arange(n, dtype=np.float32) for n in SIZE))
    return cv2.remap(before, x + flow[..., 0], y + flow[..., 1], cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)


SIDEWAYS = {"camera_x": [0.0, 0.04], "camera_y": [0.0, 0.02], "camera_zoom": [1.0, 1.03]}


@pytest.mark.parametrize(
    ("topology", "around", "symmetry", "moved", "share"),
    [
        ("relief", "plane", "none", SIDEWAYS, 0.2),
        ("void", "plane", "none", SIDEWAYS, 0.2),
        ("void", "plane", "kaleidoscope", SIDEWAYS, 0.25),
        ("weave", "polar", "none", SIDEWAYS, 0.4),
        ("tunnel", "plane", "none", {"cppn_phase": [0.0, 0.08]}, 0.4),
        ("tunnel", "plane", "kaleidoscope", {"cppn_phase": [0.0, 0.08]}, 0.5),
        ("weave", "polar", "none", {"camera_depth": [3.0, 3.04]}, 0.7),
    ],
)
def test_the_frame_before_carried_by_the_flow_is_this_frame(
    topology: str, around: str, symmetry: str, moved: Any, share: float
) -> None:
    generator = made(topology, around, symmetry, seed=8)
    given = pair(**moved, **PLAIN)
    before, now = generator.draw(given)
    flow = generator.passes(given, ("flow",))["flow"][1]

    def apart(frame: np.ndarray) -> float:  # of the forms: light and haze stay where they are while the ground moves
        change = frame - now
        return float(np.abs(change - cv2.GaussianBlur(change, (0, 0), 5))[14:-14, 14:-14].mean())

    assert apart(before) > 0.002 and apart(carried(before, flow)) < share * apart(before)


def test_the_texture_of_a_ground_goes_with_the_flow() -> None:
    size = (480, 270)
    generator = Cppn(size, 8, topology="horizon", accent=0.0)
    given = pair(camera_depth=[0.0, 0.04], cppn_detail=1.0, **PLAIN)
    before, now = generator.draw(given)
    flow = generator.passes(given, ("flow",))["flow"][1]
    x, y = np.meshgrid(*(np.arange(n, dtype=np.float32) for n in size))
    there = cv2.remap(before, x + flow[..., 0], y + flow[..., 1], cv2.INTER_CUBIC)
    ground = slice(int(135 * (1 + generator._world.level)) + 30, -30)

    def apart(frame: np.ndarray) -> float:  # of what is finer than light and haze
        change = frame - now
        return float(np.abs(change - cv2.GaussianBlur(change, (0, 0), 6))[ground, 40:-40].mean())

    assert apart(there) < 0.5 * apart(before)


@pytest.mark.parametrize("topology", sorted(TOPOLOGIES))
def test_normals_are_unit_and_face_the_viewer(topology: str) -> None:
    normal = made(topology).passes(pair(cppn_phase=[0.0, 0.7]), ("normal",))["normal"]
    assert normal.shape == (2, SIZE[1], SIZE[0], 3) and normal.dtype == np.float32
    assert np.abs(np.linalg.norm(normal, axis=3) - 1).max() < 1e-5
    if topology == "horizon":
        ground = made(topology).passes(pair(), ("mask", "normal"))
        below = (ground["mask"][0] == 1) & (places()[..., 1] > made(topology)._world.level)
        assert np.median(ground["normal"][0][below][:, 1]) > 0.9, "the ground looks up"
        leaning = made(topology).passes(pair(camera_angle=90), ("normal",))["normal"]
        assert leaning[0][:, -20:, 0].min() > -1 and np.abs(leaning[0][..., 1]).mean() < 0.3
    else:
        assert normal[..., 2].min() > 0


@pytest.mark.parametrize("topology", ["relief", "lines", "void", "tunnel"])
def test_normals_lean_away_from_what_is_nearer(topology: str) -> None:
    found = made(topology).passes(pair(cppn_detail=0.0), ("normal", "depth"))
    normal, (dy, dx) = found["normal"][0], np.gradient(found["depth"][0])
    inside = np.hypot(dx, dy) < 0.1  # no edge of a body
    for lean, slope in ((normal[..., 0], dx), (-normal[..., 1], dy)):
        agree = (np.sign(lean) == np.sign(slope))[inside & (np.abs(slope) > 0.2 * np.abs(slope[inside]).max())]
        assert agree.mean() > 0.85, agree.mean()


@pytest.mark.parametrize("topology", sorted(TOPOLOGIES))
def test_depth_and_mask_are_shares_and_say_something(topology: str) -> None:
    found = made(topology).passes(pair(cppn_phase=[0.0, 0.7]), ("depth", "mask"))
    for name, picture in found.items():
        assert picture.shape == (2, SIZE[1], SIZE[0]) and picture.dtype == np.float32, name
        assert picture.min() >= 0 and picture.max() <= 1 and picture.std() > 0.05, name
    if topology == "void":
        far = found["depth"] == 1
        assert np.array_equal(found["mask"] >= 0.5, ~far) or np.mean((found["mask"] >= 0.5) == far) < 0.01
    if topology == "tunnel":
        x, y = made(topology)._world.focus(TOPOLOGIES[topology])
        middle = int(SIZE[1] / 2 + y / PX), int(SIZE[0] / 2 + x / PX)
        assert found["depth"][0][middle] > 0.9 > 0.5 > found["depth"][0][0, 0]
    if topology == "horizon":
        column = found["depth"][0][:, 90]
        assert column[0] == 1 and np.all(np.diff(column[70:]) <= 0) and column[-1] < 0.3


def test_depth_does_not_pump_and_does_not_hear_the_light() -> None:
    generator = made("relief")
    light = generator.passes(pair(light_gain=[0.5, 2.0], light_azimuth=[0, 90], palette_shift=[0, 0.3]), ("depth",))
    assert np.array_equal(*light["depth"])


def test_rows_of_passes_do_not_depend_on_the_batch() -> None:
    generator, names = made("horizon"), ("depth", "normal", "mask", "flow")
    z, phase = walk(4), np.linspace(0, 0.3, 4)
    whole = generator.passes(drive(z, cppn_phase=phase), names)
    part = generator.passes(drive(z[1:3], cppn_phase=phase[1:3]), names)
    for name in names:
        assert np.array_equal(part[name][1], whole[name][2]), name
        assert name == "flow" or np.array_equal(part[name][0], whole[name][1])


@pytest.mark.parametrize("size", [(320, 180), (101, 57), (54, 96), (16, 16)])
def test_passes_of_any_size(size: tuple[int, int]) -> None:
    generator = Cppn(size, 4, topology="void")
    found = generator.passes(drive(walk(1)), ("depth", "normal", "mask", "flow"))
    assert {name: picture.shape[1:3] for name, picture in found.items()} == dict.fromkeys(found, (size[1], size[0]))
