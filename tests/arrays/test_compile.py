"""Kernels draw the same bits in the process that compiles them as in all later ones, which load them."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any, cast

import pytest

from avwalk.arrays.compile import kernel

DRAW = """
import hashlib
import numpy as np
from avwalk.contracts import Drive
from avwalk.generators.cppn.generator import LATENT_DIM, Cppn
z = np.random.default_rng(1).normal(size=(4, LATENT_DIM)).astype(np.float32)
print(hashlib.sha256(Cppn((320, 180), 5).draw(Drive(0, z, {}, 30, 5)).tobytes()).hexdigest())
"""


def test_what_a_kernel_calls_becomes_part_of_it() -> None:
    """A call that is left would be linked to another copy of the function by the process that compiles both."""

    @kernel()
    def called(x: float) -> float:
        return 2 * x

    assert cast(Any, called).targetoptions["forceinline"] is True


@pytest.mark.slow
def test_compiled_now_or_loaded(tmp_path: Path) -> None:
    """The first process compiles, the second loads."""
    env = {**os.environ, "NUMBA_CACHE_DIR": str(tmp_path)}
    first, second = (
        subprocess.run([sys.executable, "-c", DRAW], env=env, capture_output=True, text=True, check=True).stdout
        for _ in range(2)
    )
    assert first == second


@pytest.mark.full
def test_another_library_that_compiles_first_changes_no_bit() -> None:
    first = "import numba\nnumba.vectorize(['f4(f4, f4)'])(lambda a, b: a + b)\n"
    after, alone = (
        subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
        for code in (first + DRAW, DRAW)
    )
    assert after == alone
