import threading
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from avwalk.contracts import Drive
from avwalk.errors import OptionError
from avwalk.generators.cppn.generator import TARGETS, Cppn, rows_of
from avwalk.generators.cppn.material import TOPOLOGIES
from avwalk.generators.cppn.raster import draw_grid
from avwalk.generators.cppn.selection import Composition, gini, luminance, measure_composition
from avwalk.rendering.proxy_pass import MAX_FAULT

SIZE = (96, 54)


def drive(latents: Any, i0: int = 0, seed: int = 1, **values: Any) -> Drive:
    latents = np.atleast_2d(np.asarray(latents, np.float32))
    params = {name: np.full(len(latents), target.default, np.float32) for name, target in TARGETS.items()}
    for name, value in values.items():
        key = name.replace("_", ".", 1)
        params[key] = np.broadcast_to(np.asarray(value, np.float32), len(latents)).copy()
    return Drive(i0=i0, latents=latents, params=params, fps=Fraction(30), seed=seed)


def walk(n: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).normal(0, 0.9, (n, Cppn.latent_dim)).astype(np.float32)


@pytest.fixture(scope="module", params=sorted(TOPOLOGIES))
def generator(request: pytest.FixtureRequest) -> Cppn:
    return Cppn(SIZE, 3, topology=request.param)


def ssim(a: np.ndarray, b: np.ndarray) -> float:
    """Mean SSIM of two luma pictures, Gaussian window of sigma 1.5 (Wang et al. 2004)."""
    import cv2

    def blur(x: np.ndarray) -> np.ndarray:
        return cv2.GaussianBlur(x, (11, 11), 1.5)

    a, b = a.astype(np.float64), b.astype(np.float64)
    ma, mb = blur(a), blur(b)
    va, vb, cov = blur(a * a) - ma**2, blur(b * b) - mb**2, blur(a * b) - ma * mb
    c1, c2 = 0.01**2, 0.03**2
    return float((((2 * ma * mb + c1) * (2 * cov + c2)) / ((ma**2 + mb**2 + c1) * (va + vb + c2))).mean())


def test_contract(generator: Cppn) -> None:
    frames = generator.draw(drive(walk(2)))
    assert frames.shape == (2, 54, 96, 3) and frames.dtype == np.float32
    assert frames.min() >= 0 and frames.max() <= 1
    assert 8 <= generator.latent_dim <= 16


def test_rows_do_not_depend_on_the_batch(generator: Cppn) -> None:
    z, phase = walk(4), np.linspace(0, 1, 4)
    whole = generator.draw(drive(z, i0=20, cppn_phase=phase))
    for k in range(4):
        alone = generator.draw(drive(z[k], i0=20 + k, cppn_phase=phase[k]))
        np.testing.assert_array_equal(whole[k], alone[0])


def test_instances_and_threads_agree(generator: Cppn) -> None:
    z = walk(6)
    wanted = generator.draw(drive(z))
    found: list[Any] = [None] * 4

    def work(n: int) -> None:
        found[n] = generator.draw(drive(z))

    threads = [threading.Thread(target=work, args=(n,)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for frames in found:
        np.testing.assert_array_equal(frames, wanted)


def test_seed_picks_another_world_and_the_same_one_again() -> None:
    a, b, c = (Cppn(SIZE, seed).draw(drive(walk(1))) for seed in (1, 1, 2))
    np.testing.assert_array_equal(a, b)
    assert np.abs(a - c).mean() > 0.03


def test_small_steps_are_small_changes(generator: Cppn) -> None:
    z = walk(1)[0]
    step = np.random.default_rng(5).normal(0, 1, len(z)).astype(np.float32)
    step *= 0.02 / np.linalg.norm(step)
    quiet: dict[str, Any] = {"grain_amount": 0.0}
    a, b, c = generator.draw(drive([z, z + step, z + 50 * step], **quiet))
    assert 0 < np.abs(a - b).mean() < 0.02
    assert np.abs(a - c).mean() > 2 * np.abs(a - b).mean()


def test_every_target_moves_the_picture(generator: Cppn) -> None:
    z = walk(1)
    rest = generator.draw(drive(z))
    moved = {
        "camera_zoom": 1.3,
        "camera_x": 0.3,
        "camera_y": 0.3,
        "camera_angle": 20,
        "camera_depth": 0.4,
        "cppn_warp": 0.5,
        "cppn_phase": 0.3,
        "cppn_detail": 1.0,
        "cppn_height": 0.4,
        "light_azimuth": 20,
        "light_gain": 1.5,
        "palette_shift": 0.4,
        "palette_saturation": 0.2,
        "bloom_amount": 3,
        "grain_amount": 3,
        "vignette_amount": 2,
    }
    of_surfaces = {name for name in TARGETS if name.startswith("material.")}  # see test_material
    assert {name.replace("_", ".", 1) for name in moved} == set(TARGETS) - of_surfaces
    for name, value in moved.items():
        assert np.abs(generator.draw(drive(z, 0, 1, **{name: value})) - rest).mean() > 2e-4, name


def test_missing_targets_are_at_their_defaults(generator: Cppn) -> None:
    bare = Drive(i0=0, latents=walk(1), params={}, fps=Fraction(30), seed=1)
    np.testing.assert_array_equal(generator.draw(bare), generator.draw(drive(walk(1))))


anything = st.floats(width=32, allow_nan=True, allow_infinity=True)


@settings(max_examples=25, deadline=None)
@given(values=st.lists(anything, min_size=len(TARGETS), max_size=len(TARGETS)), far=anything)
def test_finite_whatever_the_parameters(values: Any, far: Any) -> None:
    for topology in TOPOLOGIES:
        generator = _small(topology)
        params = {name: np.array([v], np.float32) for name, v in zip(TARGETS, values, strict=True)}
        latents = np.full((1, Cppn.latent_dim), far, np.float32)
        frame = generator.draw(Drive(i0=0, latents=latents, params=params, fps=Fraction(30), seed=0))
        assert np.isfinite(frame).all() and frame.min() >= 0 and frame.max() <= 1


_made: dict[str, Cppn] = {}


def _small(topology: str) -> Cppn:
    if topology not in _made:
        _made[topology] = Cppn((32, 18), 0, topology=topology)
    return _made[topology]


@pytest.mark.parametrize("topology", sorted(TOPOLOGIES))
@pytest.mark.parametrize("size", [(2, 2), (16, 16), (101, 57), (54, 96), (64, 64), (300, 20), (1279, 719)])
def test_any_size_and_aspect(size: tuple[int, int], topology: str) -> None:
    frames = Cppn(size, 4, topology=topology).draw(drive(walk(1)))
    assert frames.shape == (1, size[1], size[0], 3)
    assert np.isfinite(frames).all()
    if min(size) > 8:
        assert frames.std() > 0.02


# weave is all edges, like lines: a pixel more or less of each costs structural similarity
@pytest.mark.parametrize(
    ("topology", "least"),
    [
        ("relief", 0.97),
        ("void", 0.97),
        ("tunnel", 0.97),
        ("horizon", 0.97),
        ("ink", 0.97),
        ("weave", 0.92),
        ("coral", 0.9),
        ("nave", 0.8),
    ],
)
def test_same_picture_at_any_resolution(topology: str, least: float) -> None:
    import cv2

    quiet: dict[str, Any] = {"grain_amount": 0.0}
    z = walk(1, seed=9)
    options: dict[str, Any] = {"topology": topology, "accent": 0.0}
    big = Cppn((1920, 1080), 5, **options).draw(drive(z, **quiet))[0]
    small = Cppn((320, 180), 5, **options).draw(drive(z, **quiet))[0]
    shrunk = cv2.resize(big, (320, 180), interpolation=cv2.INTER_AREA)
    assert ssim(shrunk.mean(axis=2), small.mean(axis=2)) >= least


def test_scouted_worlds_are_well_composed() -> None:
    turned_down = 0
    for seed in range(6):
        generator = Cppn((128, 72), seed)
        turned_down += bool(generator.rejected)
        frames = generator.draw(drive(walk(4, seed), bloom_amount=0, grain_amount=0, vignette_amount=0))
        found = measure_composition(frames)
        assert 0.1 < found.dark < 0.65 and found.burnt < 0.05, (seed, found)
    assert turned_down < 6


@pytest.mark.parametrize("topology", ["tunnel", "horizon", "ink", "weave", "coral", "nave"])
def test_most_scouts_find_a_well_composed_world(topology: str) -> None:
    tries = [len(Cppn((128, 72), seed, topology=topology).rejected) for seed in range(6)]
    assert sum(n < 8 for n in tries) >= 4, tries


def test_ink_is_dark_on_light_and_a_tunnel_is_not() -> None:
    light = {
        topology: np.median(luminance(Cppn(SIZE, 3, topology=topology).draw(drive(walk(4)))))
        for topology in ("ink", "tunnel")
    }
    assert light["ink"] > 0.45 > 2 * light["tunnel"]


def test_a_tunnel_has_no_seam_and_no_pinch() -> None:
    generator = Cppn((160, 90), 3, topology="tunnel", accent=0.0)
    x, y = generator._world.focus(TOPOLOGIES["tunnel"])
    # look straight at the end, so that the seam of the angle would be a line from the middle to the left
    frame = generator.draw(drive(walk(1), camera_x=x, camera_y=y, grain_amount=0))[0].mean(axis=2)
    steps = np.abs(np.diff(frame, axis=0))
    assert steps[44, :70].mean() < 1.5 * np.median([row[:70].mean() for row in steps[30:60]]) + 0.01
    assert np.abs(np.diff(frame[40:50, 75:85], axis=1)).max() < 0.2


def test_a_tunnel_streams_outwards_and_the_ground_towards_the_viewer() -> None:
    for topology in ("tunnel", "horizon"):
        generator = Cppn((160, 90), 3, topology=topology, accent=0.0)
        z = walk(1)[0]
        a, b, c = generator.draw(drive([z, z, z], cppn_phase=[0.0, 0.05, 1.5], grain_amount=0))
        assert 0 < np.abs(a - b).mean() < 0.5 * np.abs(a - c).mean()


def test_weave_has_few_tones() -> None:
    flat = {}
    for topology in ("weave", "relief"):
        frame = Cppn((320, 180), 2, topology=topology, accent=0.0).draw(
            drive(walk(1), grain_amount=0, bloom_amount=0, vignette_amount=0)
        )[0]
        flat[topology] = (np.abs(np.diff(frame.mean(axis=2), axis=1)) < 0.004).mean()
    assert flat["weave"] > 0.7 and flat["weave"] > 1.5 * flat["relief"]


def test_what_is_rejected_is_said() -> None:
    assert "Gini" in str(Composition(gini=0.3, dark=0.3, burnt=0).fault)
    assert "dark share" in str(Composition(gini=0.6, dark=0.8, burnt=0).fault)
    assert "burnt" in str(Composition(gini=0.6, dark=0.3, burnt=0.2).fault)
    assert Composition(gini=0.6, dark=0.3, burnt=0).fault is None


def test_each_topology_is_held_to_its_own_limits() -> None:
    paper = np.full((2, 36, 64, 3), 0.85, np.float32)
    drawn = paper.copy()
    drawn[:, 8:28, 14:32] = 0.3  # a sixth of the sheet in ink that is not black
    ink, relief = (Cppn(SIZE, 1, topology=topology) for topology in ("ink", "relief"))
    assert ink.fault(drawn) == 0.0
    assert relief.fault(drawn) == pytest.approx(0.2)
    assert ink.fault(paper) > MAX_FAULT, "nothing is drawn"


@pytest.mark.parametrize("topology", ["relief", "ink"])
def test_what_was_drawn_before_leaves_no_trace(topology: str) -> None:
    generator, here = Cppn((130, 70), 4, topology=topology), drive(walk(2))
    clean, small = generator.draw(here), generator.thumbnails(here)
    for canvas in (generator._canvas, generator._small):
        canvas.scratch.ring[:] = np.nan
        canvas.scratch.buf[:] = np.nan
    assert np.array_equal(generator.draw(here), clean)
    assert np.array_equal(generator.thumbnails(here), small)


def test_gini_knows_even_and_single() -> None:
    assert gini(np.ones(64)) == pytest.approx(0)
    assert gini(np.eye(1, 64)) == pytest.approx(63 / 64)


def test_luminance_of_white() -> None:
    assert luminance(np.ones((1, 1, 3), np.float32)) == pytest.approx(1, abs=1e-5)


def test_bloom_is_a_few_per_cent_of_the_light(generator: Cppn) -> None:
    quiet: dict[str, Any] = {"grain_amount": 0.0, "vignette_amount": 0.0}
    z = walk(3, seed=2)
    with_bloom = luminance(generator.draw(drive(z, **quiet))).sum()
    without = luminance(generator.draw(drive(z, bloom_amount=0, **quiet))).sum()
    assert 1.02 < with_bloom / without < 1.12


@pytest.mark.parametrize(
    "options",
    [
        {"topology": "reliefs"},
        {"palette": "embers"},
        {"symmetry": "mirrors"},
        {"scale": 9.0},
        {"map": "round"},
        {"topology": "tunnel", "map": "polar"},
        {"topology": "nave", "map": "polar"},
        {"topology": "horizon", "symmetry": "kaleidoscope"},
    ],
)
def test_bad_options_are_refused(options: dict[str, Any]) -> None:
    with pytest.raises(OptionError, match=r"give|choose"):
        Cppn(SIZE, 0, **options)


def fields(generator: Cppn, z: np.ndarray, **params: Any) -> np.ndarray:
    """The four fields of a frame, a node per pixel: (4, H, W). For canvases whose grid is as fine as their pixels."""
    canvas = generator._canvas
    assert canvas.step == 1
    every = rows_of(drive(z, **params).params, 1)[0]
    grid = draw_grid(canvas, generator._world, generator._material, z, every)
    return grid[:, 1 : canvas.height + 1, 1 : canvas.width + 1].copy()


@pytest.mark.parametrize(("symmetry", "turn"), [("mirror", 360), ("kaleidoscope", 120), ("kaleidoscope6", 60)])
@pytest.mark.parametrize("topology", ["lines", "void", "ink", "weave"])
def test_mirrors_stand_in_the_middle(topology: str, symmetry: str, turn: float) -> None:
    import cv2

    size = (161, 161)
    generator = Cppn(size, 2, topology=topology, symmetry=symmetry, accent=0.0)
    z = walk(1)
    # fields, not pictures: the light comes from one side, mirrors or not
    field = fields(generator, z[0])[3]
    side, spread = len(field), field.std()
    middle = (side - 1) / 2
    assert np.abs(field - field[:, ::-1])[:, 2:-2].mean() < 0.05 * spread
    turned = cv2.warpAffine(
        field, cv2.getRotationMatrix2D((middle, middle), turn, 1), (side, side), flags=cv2.INTER_CUBIC
    )
    away = np.hypot(*(np.indices(field.shape) - middle))
    assert np.abs(turned - field)[away < 0.9 * middle].mean() < 0.08 * spread


@pytest.mark.parametrize("topology", ["relief", "void", "lines", "ink", "weave"])
def test_a_polar_map_has_no_seam_and_no_pinch(topology: str) -> None:
    size = (321, 181)
    generator = Cppn(size, 3, topology=topology, accent=0.0, map="polar")
    x, y = generator._world.focus(TOPOLOGIES[topology])
    for field in fields(generator, walk(1)[0], camera_x=x, camera_y=y)[[0, 1, 3]]:
        # the angle's ends meet on the line from the middle to the left
        steps = np.abs(np.diff(field[:, :130], axis=0)).max(axis=1)
        assert steps[88:92].max() < 1.3 * np.delete(steps[70:110], slice(18, 22)).max()
        steps = np.hypot(*np.gradient(field))
        assert steps[86:95, 156:165].max() < np.percentile(steps, 99)
