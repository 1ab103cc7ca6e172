"""Numba: the kernel decorator of the package, and the cache directory of compiled kernels.

Numba reads its cache directory when it is imported, so :func:`prepare` must run before ``import numba``
anywhere in the package. :func:`kernel` sees to that; a module with kernels needs nothing else.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from avwalk._version import __version__

_Kernel = TypeVar("_Kernel", bound=Callable[..., Any])


def prepare() -> Path:
    """Points numba's cache at the user's cache directory; call before numba is imported.

    ``NUMBA_CACHE_DIR`` wins when it is set. Kernels of different versions of avwalk are kept apart, since
    numba looks only at the age of the file that holds a kernel, not at the files of what it calls. When the
    directory cannot be written, kernels are compiled into a temporary directory: slower to start, same
    pictures.

    Returns:
        The directory in use.
    """
    chosen = os.environ.get("NUMBA_CACHE_DIR")
    if chosen:
        return Path(chosen)
    from platformdirs import user_cache_dir

    folder = Path(user_cache_dir("avwalk", appauthor=False)) / "kernels" / __version__
    if not _writable(folder):
        folder = Path(tempfile.mkdtemp(prefix="avwalk-kernels-"))
    os.environ["NUMBA_CACHE_DIR"] = str(folder)
    return folder


def kernel(signature: str | None = None, *, inline: bool = False) -> Callable[[_Kernel], _Kernel]:
    """Decorator for a compiled function that releases the GIL.

    Args:
        signature: types as numba spells them, such as ``"void(f4[:,::1], i8)"``: compiled when the module is
            imported, and cached. None is for the small functions that kernels call: they become part of
            their caller.
        inline: put the function's body into its callers whatever its size: a call left in a loop keeps the
            loop from becoming vector code.
    """
    prepare()
    import numba

    # kernels allocate nothing, so no reference is counted: a third less to compile
    rules: dict[str, Any] = {"nogil": True, "fastmath": True, "error_model": "numpy", "_nrt": False}
    rules["no_cfunc_wrapper"] = True
    if signature is None:  # a call that is left would be bound to another copy of the function where both are compiled
        rules |= {"no_cpython_wrapper": True, "forceinline": True}
    if inline:
        rules["inline"] = "always"
    compiled: Any = numba.njit(**rules) if signature is None else numba.njit(signature, cache=True, **rules)
    return compiled  # type: ignore[no-any-return]


def _writable(folder: Path) -> bool:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            return True
    except OSError:
        return False
