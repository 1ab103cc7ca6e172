"""Compiled kernels that lie in a folder are run only if nobody else can have put them there, as they were stored."""

from __future__ import annotations

import importlib.util
import itertools
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numba.core import compiler

from avwalk import events
from avwalk.arrays import kernel_cache
from avwalk.arrays.sealed import sealed

SOURCE = """
from avwalk.arrays.compile import kernel

@kernel("void(f4[::1], f4)")
def twice(x, by):
    for i in range(x.shape[0]):
        x[i] = x[i] * by
"""
NAMES = itertools.count()


class Start:
    """A program that begins: it imports a module with a kernel."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
        self.cache, self._patch, self._log = folder / "cache", monkeypatch, caplog
        self._file = folder / "kernels_of_a_test.py"
        self._file.write_text(SOURCE, encoding="utf-8")
        monkeypatch.setenv("NUMBA_CACHE_DIR", str(self.cache))

    def __call__(self, result: float = 2) -> tuple[int, list[str]]:
        """How often something was compiled, and what was said; the kernel works."""
        self._log.clear()
        compiled: list[int] = []
        compile_extra: Any = compiler.compile_extra

        def counting(*arguments: Any, **more: Any) -> Any:
            compiled.append(1)
            return compile_extra(*arguments, **more)

        with self._patch.context() as patched:
            patched.setattr(events, "_said", set())
            patched.setattr(compiler, "compile_extra", counting)
            spec = importlib.util.spec_from_file_location(f"kernels_{next(NAMES)}", self._file)
            assert spec and spec.loader
            module: Any = importlib.util.module_from_spec(spec)
            spec.loader.exec_module(module)
        x = np.ones(3, np.float32)
        module.twice(x, 2)
        assert x.tolist() == [result] * 3
        return len(compiled), [record.getMessage() for record in self._log.records]

    def files(self, pattern: str) -> list[Path]:
        return sorted(self.cache.rglob(pattern))


@pytest.fixture
def start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> Start:
    return Start(tmp_path, monkeypatch, caplog)


def flipped(data: bytes) -> bytes:
    middle = len(data) // 2
    return data[:middle] + bytes([data[middle] ^ 1]) + data[middle + 1 :]


FAULTS: dict[str, Callable[[bytes], bytes]] = {
    "empty": lambda data: b"",
    "truncated": lambda data: data[: len(data) // 2],
    "one byte short": lambda data: data[:-1],
    "random": lambda data: np.random.default_rng(3).bytes(len(data)),
    "zeroes": lambda data: bytes(len(data)),
    "one bit": flipped,
}


def test_a_kernel_is_compiled_once(start: Start) -> None:
    assert start() == (1, [])
    assert start() == (0, [])


FACTOR = """
from avwalk.arrays.compile import kernel

OFTEN = {often}

@kernel()
def factor(by):
    return by {sign} OFTEN
"""


@pytest.mark.parametrize("changed", [{"often": "2.0", "sign": "*"}, {"often": "1.0", "sign": "+"}])
def test_a_kernel_whose_callee_lies_in_another_file_and_changes_is_compiled_anew(
    changed: dict[str, str], start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = start.cache.parent
    (folder / "kernels_of_a_test.py").write_text(
        SOURCE.replace("import kernel\n", "import kernel\nfrom factor_of_a_test import factor\n").replace(
            "* by", "* factor(by)"
        )
    )
    monkeypatch.syspath_prepend(folder)

    def begun(often: str, sign: str, result: float) -> int:
        (folder / "factor_of_a_test.py").write_text(FACTOR.format(often=often, sign=sign))
        importlib.invalidate_caches()
        sys.modules.pop("factor_of_a_test", None)
        return start(result)[0]

    with monkeypatch.context() as patched:
        patched.setattr(sys, "dont_write_bytecode", True)
        assert begun("1.0", "*", 2) > 0
        assert begun("1.0", "*", 2) == 0
        assert begun(**changed, result=4 if changed["sign"] == "*" else 3) > 0


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("pattern", ["*.nbi", "*.nbc"])
def test_damaged_files_are_compiled_anew_and_mended(pattern: str, fault: str, start: Start) -> None:
    start()
    (file,) = start.files(pattern)
    file.write_bytes(FAULTS[fault](file.read_bytes()))
    assert start() == (1, [f"compiled kernels in '{start.cache}' are damaged, and are compiled anew"])
    assert start() == (0, [])


def test_a_whole_file_that_cannot_be_loaded_is_compiled_anew(start: Start) -> None:
    start()
    (file,) = start.files("*.nbc")
    file.write_bytes(sealed(b"\x80\x05."))
    compiled, said = start()
    assert compiled == 1 and len(said) == 1 and "cannot be read" in said[0]
    assert start() == (0, [])


def test_a_cache_that_cannot_be_written_leaves_nothing_and_compiles_once(
    start: Start, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    start.cache.write_bytes(b"")  # a file
    (tmp_path / "temp").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "temp"))
    compiled, said = start()
    assert compiled == 1 and len(said) == 1 and f"cannot be kept in '{start.cache}'" in said[0]
    assert not any((tmp_path / "temp").iterdir())


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no disk that is always full")
def test_a_full_disk_compiles_once(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(self: Any, path: str, data: bytes) -> None:
        with Path("/dev/full").open("wb") as file:
            file.write(data)

    monkeypatch.setattr(kernel_cache._SealedFiles, "_store", full)
    compiled, said = start()
    assert compiled == 1 and len(said) == 1 and os.strerror(28) in said[0]


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="who may write everywhere")
def test_a_cache_that_can_only_be_read_is_read(start: Start) -> None:
    start()
    for folder in (start.cache, *start.cache.iterdir()):
        folder.chmod(0o500)
    assert start() == (0, [])


@pytest.mark.skipif(os.name == "nt", reason="no modes")
@pytest.mark.parametrize("mode", [0o777, 0o775, 0o757])
@pytest.mark.parametrize("inner", [False, True])
def test_what_others_can_write_is_not_run(inner: bool, mode: int, start: Start) -> None:
    start()
    folder = next(start.cache.iterdir()) if inner else start.cache
    folder.chmod(mode)
    compiled, said = start()
    assert compiled == 1 and len(said) == 1 and "others can write" in said[0] and str(folder) in said[0]


@pytest.mark.skipif(os.name == "nt", reason="no owners")
def test_what_belongs_to_another_is_not_run(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    start()
    monkeypatch.setattr(os, "geteuid", lambda: 4711)
    compiled, said = start()
    assert compiled == 1 and len(said) == 1 and "belongs to another user" in said[0]


@pytest.mark.skipif(os.name == "nt", reason="no modes")
def test_folders_are_made_private_whatever_the_mask(start: Start) -> None:
    mask = os.umask(0)
    try:
        start()
    finally:
        os.umask(mask)
    assert start() == (0, [])


def test_another_numba_inside_is_no_reason_to_fail(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kernel_cache, "KernelCache", lambda *args: 1 / 0)
    compiled, said = start()
    assert compiled == 1 and len(said) == 1


def test_compiling_may_be_switched_off(start: Start) -> None:
    code = f"import sys; sys.path.insert(0, {str(start.cache.parent)!r}); import kernels_of_a_test"
    subprocess.run([sys.executable, "-c", code], check=True, env={**os.environ, "NUMBA_DISABLE_JIT": "1"})
