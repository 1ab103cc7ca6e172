"""Compute devices: CPU, CUDA or MPS through torch; detection without importing torch.

Importing torch takes seconds, so first it is checked whether torch is installed and whether a card's driver responds;
torch itself is queried last, only where both hold.
"""

from __future__ import annotations

import contextlib
import ctypes
import importlib.util
import platform
import sys
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from avwalk.errors import GeneratorError

KINDS = ("cuda", "mps")
"""Accelerators in order of preference."""
_INSTALL = "torch is not installed; install it with: pip install 'avwalk[models]'"


class Card(NamedTuple):
    """A graphics card that its driver knows: its name, and its memory in bytes."""

    name: str
    memory: int


def resolve(requested: str) -> str:
    """The device for ``"auto"``, ``"cpu"``, ``"cuda"`` or ``"mps"``; ``auto`` takes the first of `KINDS`, else ``cpu``.

    Raises:
        GeneratorError: the requested one is not available.
    """
    if requested == "auto":
        return next((kind for kind in KINDS if _likely(kind) and problem(kind) is None), "cpu")
    if requested != "cpu" and (why := problem(requested)):
        raise GeneratorError(
            f"device '{requested}' is not here: {why}; --device cpu draws the same pictures to within a shade"
        )
    return requested


def problem(kind: str) -> str | None:
    """Why ``"cuda"`` or ``"mps"`` cannot be used, or None. Imports torch if it is installed."""
    if not _has_torch():
        return _INSTALL
    try:
        import torch
    except (ImportError, OSError) as error:
        return f"torch cannot be imported ({error})"
    if kind == "cuda":
        if torch.cuda.is_available():
            return None
        if not torch.backends.cuda.is_built():
            return f"torch {torch.__version__} was built without CUDA"
        return "torch finds no CUDA card"
    if torch.backends.mps.is_available():
        return None
    return "torch finds no Apple GPU"


def _likely(kind: str) -> bool:
    """Whether it is worth importing torch to ask for a device."""
    if not _has_torch():
        return False
    return bool(cards()) if kind == "cuda" else _is_apple_silicon()


def _has_torch() -> bool:
    return importlib.util.find_spec("torch") is not None


def _is_apple_silicon() -> bool:
    return sys.platform == "darwin" and platform.machine() == "arm64"


def cards() -> list[Card]:
    """The NVIDIA cards that this process may use, from the driver itself; none where there is no driver."""
    try:
        driver: Any = ctypes.CDLL("nvcuda.dll" if sys.platform == "win32" else "libcuda.so.1")
        if driver.cuInit(0):
            return []
        count = ctypes.c_int(0)
        driver.cuDeviceGetCount(ctypes.byref(count))
        return [_card(driver, k) for k in range(count.value)]
    except (OSError, AttributeError):
        return []


def _card(driver: Any, k: int) -> Card:
    handle, name, memory = ctypes.c_int(0), ctypes.create_string_buffer(256), ctypes.c_size_t(0)
    driver.cuDeviceGet(ctypes.byref(handle), k)
    driver.cuDeviceGetName(name, len(name), handle)
    driver.cuDeviceTotalMem_v2(ctypes.byref(memory), handle)
    return Card(name.value.decode(errors="replace"), memory.value)


def listed() -> str:
    """Available devices, for messages: ``"cpu, cuda (NVIDIA H100 80 GB)"``."""
    found = ["cpu"]
    note = "" if _has_torch() else ", needs torch"
    found += [f"cuda ({card.name}, {card.memory / 2**30:.0f} GB{note})" for card in cards()]
    if _is_apple_silicon():
        found.append("mps (Apple GPU" + note + ")")
    return ", ".join(found)


@cache
def processor() -> str:
    """The model of this machine's processor, as its system names it."""
    with contextlib.suppress(OSError), Path("/proc/cpuinfo").open(encoding="utf-8", errors="replace") as file:
        for row in file:
            if row.startswith(("model name", "Model")):
                return row.partition(":")[2].strip()
    return platform.processor() or platform.machine()
