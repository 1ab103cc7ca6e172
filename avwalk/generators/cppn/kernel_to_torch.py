"""Runs the source of the numba kernels on torch tensors, a batch of pixels at a time.

A kernel of the built-in generator is a loop over a tile, ``for i in range(TILE): buf[SLOT * TILE + i] = …``. With
``TILE = 1`` and a list of tensors for ``buf`` the same lines compute every pixel of a batch. Three constructs are
rewritten for tensors: ``a if c else b`` (elementwise select), ``a += b`` (out of place: slots may share a tensor), and
numpy's and Python's functions. Every formula and constant thus has one source, and a map or surface added as a kernel
runs on any device. Kernels with a faster tensor form (a layer of the network) are overridden.
"""

from __future__ import annotations
import __future__

import ast
import copy
import inspect
import math
import textwrap
from collections.abc import Callable, Mapping
from types import SimpleNamespace
from typing import Any

import numpy as np

TensorFunction = Callable[..., Any]


class KernelTranslator:
    """Kernels as functions of tensors, translated on first use.

    Args:
        overrides: kernel → its tensor implementation.
    """

    def __init__(self, overrides: Mapping[Any, TensorFunction]) -> None:
        self._made: dict[Any, TensorFunction] = dict(overrides)

    def __call__(self, kernel: Any) -> TensorFunction:
        """A compiled kernel as a function of tensors: the same arguments, with slots and vectors as lists."""
        if kernel not in self._made:
            self._made[kernel] = self._written(kernel.py_func)
        return self._made[kernel]

    def _written(self, function: Any) -> TensorFunction:
        tree = ast.parse(textwrap.dedent(inspect.getsource(function)))
        definition = tree.body[0]
        assert isinstance(definition, ast.FunctionDef)
        definition.decorator_list = []
        tree = ast.fix_missing_locations(_Spelling().visit(tree))
        ast.increment_lineno(tree, function.__code__.co_firstlineno - 1)
        names = {name: self._meant(function.__globals__[name]) for name in _globals(function)}
        names |= {"min": smaller, "max": larger, "choose": choose}
        if "TILE" in names:
            names["TILE"] = 1
        code = compile(
            tree, function.__code__.co_filename, "exec", flags=__future__.annotations.compiler_flag, dont_inherit=True
        )
        exec(code, names)
        lifted: TensorFunction = names[function.__name__]
        return lifted

    def _meant(self, value: Any) -> Any:
        """The tensor counterpart of a global name of a kernel."""
        if value is np:
            return _NUMPY
        if value is np.float32:
            return _same
        if isinstance(value, np.floating):
            return float(value)  # numpy's own numbers would take tensors for arrays
        return self(value) if hasattr(value, "py_func") else value


class _Spelling(ast.NodeTransformer):
    """Rewrites scalar constructs to tensor ones."""

    def visit_IfExp(self, node: ast.IfExp) -> ast.AST:
        self.generic_visit(node)
        return ast.Call(ast.Name("choose", ast.Load()), [node.test, node.body, node.orelse], [])

    def visit_AugAssign(self, node: ast.AugAssign) -> ast.AST:
        self.generic_visit(node)
        read: Any = copy.deepcopy(node.target)
        read.ctx = ast.Load()
        return ast.Assign([node.target], ast.BinOp(read, node.op, node.value))


def choose(condition: Any, a: Any, b: Any) -> Any:
    """``a if condition else b``, element by element."""
    if isinstance(condition, bool):
        return a if condition else b
    import torch

    return torch.where(condition, a, b)


def smaller(a: Any, b: Any) -> Any:
    """The smaller of two, numbers or tensors."""
    if is_number(b):
        return min(a, b) if is_number(a) else a.clamp(max=b)
    return b.clamp(max=a) if is_number(a) else a.minimum(b)


def larger(a: Any, b: Any) -> Any:
    """The larger of two, numbers or tensors."""
    if is_number(b):
        return max(a, b) if is_number(a) else a.clamp(min=b)
    return b.clamp(min=a) if is_number(a) else a.maximum(b)


def is_number(value: Any) -> bool:
    """Whether a value is a scalar, the same for all pixels, not a tensor."""
    return isinstance(value, float | int)


def _same(value: Any) -> Any:
    return value


def _root(value: Any) -> Any:
    return math.sqrt(value) if is_number(value) else value.sqrt()


def _floor(value: Any) -> Any:
    return math.floor(value) if is_number(value) else value.floor()


def _integer(value: Any) -> Any:
    return int(value) if is_number(value) else value.long()


_NUMPY = SimpleNamespace(sqrt=_root, floor=_floor, int32=_integer, uint32=_integer)


def _globals(function: Any) -> list[str]:
    return [name for name in function.__code__.co_names if name in function.__globals__]
