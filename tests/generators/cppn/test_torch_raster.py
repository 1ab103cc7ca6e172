"""The same pictures from torch as from the compiled kernels; on a card where there is one (``pytest -m gpu``)."""

import copy
import threading
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any, cast

import numpy as np
import pytest

from avwalk.arrays.colour import LUMA
from avwalk.contracts import EXPOSURE
from avwalk.errors import GeneratorError
from avwalk.generators.cppn import torch_raster
from avwalk.generators.cppn.generator import Cppn
from avwalk.generators.cppn.material import TOPOLOGIES
from avwalk.generators.cppn.options import PROCESSOR_ONLY
from avwalk.generators.cppn.torch_raster import TorchCanvas
from avwalk.pipeline import plan_of, source_of
from avwalk.request.resolve import resolve
from tests.generators.cppn.test_generator import drive, ssim, walk

torch = pytest.importorskip("torch")

SIZES = [(961, 541), (108, 192), (64, 64)]
LEAST, APART = 0.999, 0.05 / 255  # measured: 0.99997, 0.014 of 255
CARD = next((kind for kind in ("cuda", "mps") if getattr(torch, kind).is_available()), None)

MOVES: list[dict[str, Any]] = [
    {"camera_zoom": 1.3, "camera_x": 0.3, "camera_angle": 20},
    {"camera_y": -0.4, "cppn_warp": 0.5, "cppn_phase": 40.0, "cppn_detail": 1.0},
    {"cppn_height": 0.4, "light_azimuth": 20, "light_gain": 1.5, "palette_shift": 0.4},
    {"palette_saturation": 0.2, "bloom_amount": 0, "grain_amount": 3, "vignette_amount": 2},
    {"bloom_amount": 2, "camera_zoom": 0.6, "palette_shift": -0.3, "cppn_phase": -3.0},
]


@cache
def pair(topology: str, size: tuple[int, int] = (160, 90), device: str = "cpu", **options: Any) -> tuple[Cppn, Cppn]:
    compiled = Cppn(size, 3, topology=topology, **options)
    tensors = copy.copy(compiled)  # one scout for both
    tensors._torch = TorchCanvas(compiled._canvas, compiled._world, compiled._material, device)
    return compiled, tensors


def assert_same(found: np.ndarray, wanted: np.ndarray, apart: float = APART) -> None:
    assert found.shape == wanted.shape and found.dtype == np.float32 and found.flags.c_contiguous
    for a, b in zip(found, wanted, strict=True):
        assert ssim(a @ LUMA, b @ LUMA) >= LEAST
        assert np.abs(a - b).mean() < apart
    assert wanted.std() > 0.02  # a picture


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("topology", sorted(set(TOPOLOGIES) - PROCESSOR_ONLY))
def test_same_picture_as_the_kernels(topology: str, size: tuple[int, int]) -> None:
    compiled, tensors = pair(topology, size)
    given = drive(walk(1), i0=7, cppn_phase=1.7)
    assert_same(tensors.draw(given), compiled.draw(given))


@pytest.mark.parametrize("topology", sorted(set(TOPOLOGIES) - PROCESSOR_ONLY))
def test_parameters_move_both_alike(topology: str) -> None:
    compiled, tensors = pair(topology)
    z = walk(1, seed=4)
    still = tensors.draw(drive(z))
    for move in MOVES:
        found = tensors.draw(drive(z, **move))
        assert_same(found, compiled.draw(drive(z, **move)))
        assert np.abs(found - still).mean() > 10 * APART, move


@pytest.mark.parametrize("symmetry", ["mirror", "kaleidoscope", "kaleidoscope6"])
def test_symmetries_are_the_same(symmetry: str) -> None:
    compiled, tensors = pair("relief", symmetry=symmetry)
    assert_same(tensors.draw(drive(walk(1))), compiled.draw(drive(walk(1))))


@pytest.mark.parametrize("topology", ["relief", "void", "ink", "weave"])
def test_polar_maps_and_dives_are_the_same(topology: str) -> None:
    for options in ({}, {"map": "polar"}):
        compiled, tensors = pair(topology, **options)
        for depth in (0.7, 2.3):
            given = drive(walk(1), camera_depth=depth)
            assert_same(tensors.draw(given), compiled.draw(given))


def test_grain_is_the_same_to_the_speck() -> None:
    compiled, tensors = pair("void")
    for i0 in (0, 1, 1_000_000):
        grain, wanted = (
            g.draw(drive(walk(1), i0=i0, grain_amount=3)) - g.draw(drive(walk(1), i0=i0, grain_amount=0))
            for g in (tensors, compiled)
        )
        assert wanted.std() > 0.5 / 255
        assert np.corrcoef(grain.ravel(), wanted.ravel())[0, 1] > 0.999


@pytest.mark.parametrize("topology", sorted(set(TOPOLOGIES) - PROCESSOR_ONLY))
def test_rows_do_not_depend_on_the_batch_nor_on_how_it_is_cut(topology: str, monkeypatch: pytest.MonkeyPatch) -> None:
    _, tensors = pair(topology)
    z, phase, zoom = walk(3), np.linspace(0, 9, 3), np.linspace(1, 1.4, 3)
    whole = tensors.draw(drive(z, i0=20, cppn_phase=phase, camera_zoom=zoom))
    for k in range(3):
        alone = tensors.draw(drive(z[k], i0=20 + k, cppn_phase=phase[k], camera_zoom=zoom[k]))
        np.testing.assert_allclose(whole[k], alone[0], atol=1e-5)
    for pixels in (160 * 20, 160 * 90 * 2):
        monkeypatch.setattr(torch_raster, "PASS_PIXELS", pixels)
        cut = tensors.draw(drive(z, i0=20, cppn_phase=phase, camera_zoom=zoom))
        np.testing.assert_allclose(cut, whole, atol=1e-5)


def test_each_row_has_its_own_exposure() -> None:
    compiled, tensors = pair("relief")
    given = drive(walk(2))
    curves = {EXPOSURE[0]: np.array([-6, -4], np.float32), EXPOSURE[1]: np.array([-1, 0.5], np.float32)}
    given = replace(given, params={**given.params, **curves})
    frames = tensors.draw(given)
    assert_same(frames, compiled.draw(given))
    given = replace(given, params={**given.params, **{name: curve[::-1].copy() for name, curve in curves.items()}})
    assert np.abs(tensors.draw(given) - frames).mean() > 0.02


def test_instances_and_threads_agree() -> None:
    given = drive(walk(3))
    wanted = pair("horizon")[1].draw(given)
    assert np.array_equal(Cppn((160, 90), 3, topology="horizon", device="torch-cpu").draw(given), wanted)
    found: list[Any] = [None] * 4

    def work(n: int) -> None:
        found[n] = pair("horizon")[1].draw(given)

    threads = [threading.Thread(target=work, args=(n,)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all(np.array_equal(frames, wanted) for frames in found)


@pytest.mark.parametrize("size", [(2, 2), (300, 20), (17, 33)])
def test_any_size(size: tuple[int, int]) -> None:
    compiled, tensors = pair("relief", size)
    given = drive(walk(1))
    assert np.abs(tensors.draw(given) - compiled.draw(given)).mean() < APART


def test_finite_whatever_the_parameters() -> None:
    far: dict[str, Any] = {
        "camera_angle": 3e38,
        "cppn_phase": -3e38,
        "light_azimuth": np.nan,
        "camera_zoom": np.inf,
        "bloom_amount": 9,
    }
    for topology in sorted(set(TOPOLOGIES) - PROCESSOR_ONLY):
        with np.errstate(all="ignore"):
            frames = pair(topology, (64, 36))[1].draw(drive(np.full((1, Cppn.latent_dim), np.inf), **far))
        assert np.isfinite(frames).all() and frames.min() >= 0 and frames.max() <= 1


@pytest.mark.parametrize("topology", sorted(set(TOPOLOGIES) - PROCESSOR_ONLY))
def test_everything_stays_on_the_device_in_single_precision(topology: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """On ``meta``, a device without numbers: what would mix devices, or be unknown to Apple's, shows without a card."""
    from torch.utils._python_dispatch import TorchDispatchMode

    seen: set[Any] = set()

    class Watch(TorchDispatchMode):  # type: ignore[misc]
        def __torch_dispatch__(self, function: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
            made = function(*args, **(kwargs or {}))
            tensors = made if isinstance(made, tuple | list) else [made]
            seen.update((each.device.type, each.dtype) for each in tensors if isinstance(each, torch.Tensor))
            return made

    def on(device: str, array: Any) -> Any:
        return torch.empty(array.shape, dtype=getattr(torch, str(array.dtype)), device=device)

    monkeypatch.setattr(torch_raster, "on", on)
    monkeypatch.setattr("avwalk.generators.cppn.torch_ops.on", on)
    compiled, _ = pair(topology)
    with Watch():
        canvas = TorchCanvas(compiled._canvas, compiled._world, compiled._material, "meta")
        drawn = canvas._draw(canvas._batch(compiled._rows(drive(walk(2)))))
    assert drawn.shape == (2, 90, 160, 3)
    assert {device for device, _ in seen} == {"meta"}
    assert {kind for _, kind in seen} <= {torch.float32, torch.int64, torch.int32, torch.bool}


def test_a_film_is_drawn_by_it(click_song: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def frames(device: str) -> tuple[np.ndarray, str]:
        monkeypatch.setattr("avwalk.request.generators.choose_device", lambda asked, generator: device)
        request = resolve(click_song, {"generator": "cppn", "size": "160x90", "duration": 1.0})
        plan, worlds, _ = plan_of(request)
        drawn = source_of(plan, worlds).frames(3, 8)
        assert (cast(Cppn, worlds.of_shot(plan.shots[0]))._torch is None) == (device == "cpu")
        return drawn, plan.hash

    (found, hash_found), (wanted, hash_wanted) = frames("torch-cpu"), frames("cpu")
    assert_same(found, wanted)
    assert hash_found != hash_wanted


def test_too_little_memory_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    _, tensors = pair("relief", (64, 36))

    def full(*_: object) -> None:
        raise torch.OutOfMemoryError("CUDA out of memory")

    monkeypatch.setattr(tensors._torch, "_draw", full)
    with pytest.raises(GeneratorError, match=r"too little free memory for 64x36.*device cpu"):
        tensors.draw(drive(walk(1)))


@pytest.mark.gpu
@pytest.mark.skipif(CARD is None, reason="no card that torch can use")
@pytest.mark.parametrize("size", [(1280, 720), (1080, 1920)])
@pytest.mark.parametrize("topology", sorted(set(TOPOLOGIES) - PROCESSOR_ONLY))
def test_same_picture_on_a_card(topology: str, size: tuple[int, int]) -> None:
    compiled, tensors = pair(topology, size, device=CARD)
    given = drive(walk(3), i0=7, cppn_phase=[0.2, 3, 9], camera_zoom=[1, 1.2, 1.4], bloom_amount=[1, 2, 0])
    frames = tensors.draw(given)
    assert_same(frames, compiled.draw(given))
    alone = tensors.draw(drive(walk(3)[1], i0=8, cppn_phase=3, camera_zoom=1.2, bloom_amount=2))
    np.testing.assert_allclose(frames[1], alone[0], atol=1e-5)


SURFACES: list[dict[str, Any]] = [
    {"structure": "brushed", "material_relief": 1.5, "camera_zoom": 1.7, "camera_angle": 30},
    {"structure": "pored", "structure_size": 2.0, "camera_depth": 1.3, "material_subsurface": 1, "material_glint": 3},
    {
        "structure": "hammered",
        "structure_size": 2.0,
        "cppn_phase": 4.0,
        "material_facets": 1,
        "material_glass": 1,
        "material_dispersion": 1,
    },
    {"structure": "engraved", "material_tubes": 1, "material_roughness": 0.1, "material_rim": 2, "material_contact": 1},
]


@pytest.mark.parametrize("surface", SURFACES, ids=lambda surface: surface["structure"])
@pytest.mark.parametrize("topology", sorted(set(TOPOLOGIES) - PROCESSOR_ONLY))
def test_materials_are_the_same(topology: str, surface: dict[str, Any]) -> None:
    options = {name: value for name, value in surface.items() if name.startswith("structure")}
    moves = {name: value for name, value in surface.items() if name not in options}
    for wound in [{}] if topology in ("tunnel", "horizon") else [{}, {"map": "polar"}]:
        compiled, tensors = pair(topology, **options, **wound)
        given = drive(walk(1, seed=4), **moves)
        # the polynomial of the kernels' angle errs by 1e-4 rad, the thirtieth part of a mark
        assert_same(tensors.draw(given), compiled.draw(given), 5 * APART)
