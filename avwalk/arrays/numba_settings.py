"""Settings of numba in the environment: nonsense in them is told, what changes kernels is noted."""

from __future__ import annotations

import hashlib
import os
import re

from avwalk.errors import OptionError

OTHER_CODE = (
    "NUMBA_OPT",
    "NUMBA_BOUNDSCHECK",
    "NUMBA_LOOP_VECTORIZE",
    "NUMBA_SLP_VECTORIZE",
    "NUMBA_DISABLE_INTEL_SVML",
    "NUMBA_ENABLE_AVX",
    "NUMBA_CPU_NAME",
    "NUMBA_CPU_FEATURES",
    "NUMBA_DEBUGINFO",
)
"""Kernels compiled with these are others: slower ones, and their last bits may differ."""

_NUMBERS = {name: "0|1" for name in (*OTHER_CODE[1:6], "NUMBA_DEBUGINFO", "NUMBA_DISABLE_JIT")}
_NUMBERS |= {"NUMBA_OPT": "[0-3]|max", "NUMBA_NUM_THREADS": "[1-9][0-9]{0,3}"}


def check_numba_settings() -> None:
    """Asks for nothing to be imported.

    Raises:
        OptionError: a variable of the environment has a value that numba would refuse, or complain about at length.
    """
    for name, allowed in _NUMBERS.items():
        value = os.environ.get(name, "")
        if value and not re.fullmatch(allowed, value):
            raise OptionError(f"{name}={value}: no value that numba takes; correct it, or unset it")


def other_code() -> str:
    """The variables that make other kernels of the same functions, as ``NAME=value, …``; empty: none is set."""
    return ", ".join(f"{name}={os.environ[name]}" for name in OTHER_CODE if os.environ.get(name))


def folder_name() -> str:
    """Name of a folder for such kernels, beside those that all others use; empty: they are those."""
    said = other_code()
    return hashlib.sha256(said.encode()).hexdigest()[:16] if said else ""
