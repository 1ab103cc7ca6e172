from typing import Any, cast

import numpy as np
import pytest

from avwalk.arrays.compile import kernel
from avwalk.generators.cppn.kernel_to_torch import KernelTranslator, choose, larger, smaller
from avwalk.generators.cppn.kernels import field_slots as layout
from avwalk.generators.cppn.kernels import fields as kernels
from avwalk.generators.cppn.kernels import maps, shading
from avwalk.generators.cppn.kernels.field_slots import TILE, Array, X, Y, f

torch = pytest.importorskip("torch")

VALUES = np.concatenate([np.linspace(-4, 4, 401), [0.0, 0.003, 0.0031308, 0.004]]).astype(np.float32)


@kernel()
def moved(buf: Array, fr: Array) -> None:
    for i in range(TILE):
        buf[Y * TILE + i] = buf[X * TILE + i]
        buf[X * TILE + i] += fr[0]
        buf[X * TILE + i] *= f(2.0) if buf[Y * TILE + i] < f(0.0) else f(1.0)


@pytest.mark.parametrize("one", [layout.squash, shading.srgb, kernels.openness], ids=["squash", "srgb", "openness"])
def test_a_formula_is_the_same_for_a_tensor_as_for_a_number(one: Any) -> None:
    values = np.abs(VALUES) if one is shading.srgb else VALUES
    wanted = [one.py_func(value) for value in values]
    np.testing.assert_allclose(
        KernelTranslator({})(one)(torch.from_numpy(values)).numpy(), wanted, rtol=2e-6, atol=1e-7
    )


def test_a_ramp_between_tensors() -> None:
    t = torch.tensor([-1.0, 0.25, 0.5, 2.0])
    np.testing.assert_allclose(KernelTranslator({})(layout.ramp)(0.0, 1.0, t).numpy(), [0, 0.15625, 0.5, 1])


def test_slots_that_share_a_tensor_are_changed_apart() -> None:
    given = torch.tensor([[[-1.0, 1.0]]])
    buf = [given, None]
    KernelTranslator({})(moved)(buf, [0.5])
    assert buf[Y].tolist() == [[[-1.0, 1.0]]] and given.tolist() == [[[-1.0, 1.0]]]
    assert buf[X].tolist() == [[[-1.0, 1.5]]]


def test_what_takes_a_kernels_place_is_used_by_those_that_call_it() -> None:
    lifted = KernelTranslator({layout.wave: lambda turns: 0 * turns + 7})
    buf: list[Any] = [None] * layout.SCRATCH_SLOTS
    buf[X], buf[Y] = torch.zeros(1, 1, 3), torch.ones(1, 1, 3)
    lifted(kernels.ripples)(buf, 2, 1, [0.1, 0.2, 0.3, 2.0], 0)
    assert buf[2].tolist() == [[[14.0, 14.0, 14.0]]]


def test_choices_and_limits_of_numbers_and_tensors() -> None:
    t = torch.tensor([1.0, 3.0])
    assert smaller(t, 2.0).tolist() == smaller(2.0, t).tolist() == [1, 2] and smaller(1, 2) == 1
    assert larger(t, 2.0).tolist() == larger(2.0, t).tolist() == [2, 3] and larger(1, 2) == 2
    assert smaller(t, t.flip(0)).tolist() == [1, 1] and larger(t, t.flip(0)).tolist() == [3, 3]
    assert choose(t > 2, t, 0.0).tolist() == [0, 3] and choose(True, 1, 2) == 1


def test_polynomials_have_exact_stand_ins() -> None:
    from avwalk.generators.cppn.torch_ops import tensor_kernels

    lift, x = tensor_kernels(), torch.linspace(0.02, 200, 300)
    log, wave, angle = (cast(Any, kernel).py_func for kernel in (maps.log, layout.wave, maps.angle))
    np.testing.assert_allclose(lift(maps.log)(x), [log(f(v)) for v in x.numpy()], atol=1e-4)
    turns = torch.linspace(-3, 3, 301)
    np.testing.assert_allclose(lift(layout.wave)(turns), [wave(f(v)) for v in turns.numpy()], atol=5e-6)
    around = torch.linspace(0, 6.28, 100)
    sines, cosines = around.sin(), around.cos()
    wanted = [angle(f(a), f(b)) for a, b in zip(cosines.numpy(), sines.numpy(), strict=True)]
    np.testing.assert_allclose(lift(maps.angle)(cosines, sines), wanted, atol=2e-4)
    assert lift(layout.wave)(0.5) == pytest.approx(-1)
