"""Numba: the kernel decorators of the package, and the folder of compiled kernels."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from avwalk._version import __version__
from avwalk.arrays.numba_settings import folder_name, other_code
from avwalk.events import warn_once

_Kernel = TypeVar("_Kernel", bound=Callable[..., Any])


def kernels_folder() -> Path:
    """Where compiled kernels are kept: ``NUMBA_CACHE_DIR`` if set, else the user's cache folder.

    Those of different versions of avwalk are kept apart, and so are those of settings by which numba compiles
    otherwise.
    """
    if said := other_code():
        warn_once(f"{said}: kernels are compiled otherwise; the film may differ in its last bits from that without")
    chosen = os.environ.get("NUMBA_CACHE_DIR")
    if chosen:
        return Path(chosen) / folder_name()
    from avwalk.settings import user_folder

    return user_folder("cache") / "kernels" / __version__ / folder_name()


def compiled(signature: Any, **rules: Any) -> Callable[[_Kernel], _Kernel]:
    """Decorator for a function that is compiled when its module is imported, and kept for the next start.

    Where nothing can be kept it is compiled at each start: slower, the same pictures.

    Args:
        signature: types, as numba takes them.
        rules: keywords of ``numba.njit``.
    """
    import numba
    import numpy as np

    from avwalk.arrays.kernel_cache import cache_of

    def decorate(function: _Kernel) -> _Kernel:
        made: Any = numba.njit(**rules)(function)
        if made is function:
            warn_once("NUMBA_DISABLE_JIT is set: kernels run uncompiled, some hundred times slower; unset it")
            return np.errstate(all="ignore")(function)  # compiled code says nothing of overflows
        if cache := cache_of(function, kernels_folder()):
            made._cache = cache
        made.compile(signature)
        made.disable_compile()
        return made  # type: ignore[no-any-return]

    return decorate


def kernel(signature: str | None = None, *, inline: bool = False) -> Callable[[_Kernel], _Kernel]:
    """Decorator for a compiled function that releases the GIL.

    Args:
        signature: types as numba spells them, such as ``"void(f4[:,::1], i8)"``: compiled when the module is
            imported, and cached. None is for the small functions that kernels call: they become part of
            their caller.
        inline: put the function's body into its callers whatever its size: a call left in a loop keeps the
            loop from becoming vector code.
    """
    import numba

    # kernels allocate nothing, so no reference is counted: a third less to compile
    rules: dict[str, Any] = {"nogil": True, "fastmath": True, "error_model": "numpy", "_nrt": False}
    rules["no_cfunc_wrapper"] = True
    if signature is None:  # a call that is left would be bound to another copy of the function where both are compiled
        rules |= {"no_cpython_wrapper": True, "forceinline": True}
    if inline:
        rules["inline"] = "always"
    return numba.njit(**rules) if signature is None else compiled(signature, **rules)
