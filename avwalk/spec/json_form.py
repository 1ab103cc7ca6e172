"""The JSON form of what decides a film: typed, hashed, stored.

It keeps its keys and the spelling of its numbers, so that hashes and stored films stay valid: a field that is added
later is declared with `later`, and left out of the JSON while it has its old meaning.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import field
from fractions import Fraction
from functools import cached_property
from types import UnionType
from typing import Any, Literal, Self, get_args, get_origin, get_type_hints


def later(default: Any) -> Any:
    """A field that films made before did not have: left out of the JSON while it has its default."""
    return field(default=default, metadata={"later": True})


class Spec:
    """A frozen dataclass with a JSON form; fields become keys in their order."""

    def to_json(self) -> dict[str, Any]:
        """Plain JSON values: tuples are lists, fractions ``"30000/1001"``."""
        tree: dict[str, Any] = {}
        for each in dataclasses.fields(self):  # type: ignore[arg-type]  # every subclass is a dataclass
            value = getattr(self, each.name)
            if each.metadata.get("later") and value == each.default:
                continue
            if each.metadata.get("inline"):
                tree |= _plain(value)
            else:
                tree[each.metadata.get("key", each.name)] = _plain(value)
        return tree

    @classmethod
    def from_json(cls, tree: Mapping[str, Any]) -> Self:
        """What `to_json` gave.

        Raises:
            ValueError: keys are missing or unknown, with the path to them.
        """
        return _read(cls, tree, "")  # type: ignore[no-any-return]

    @cached_property
    def hash(self) -> str:
        """sha256 of the JSON form, keys sorted: 64 hexadecimal digits."""
        text = json.dumps(self.to_json(), sort_keys=True, ensure_ascii=False, separators=(",", ":"))
        return hashlib.sha256(text.encode()).hexdigest()


def _plain(value: Any) -> Any:
    """A value as JSON has it."""
    if isinstance(value, Spec):
        return value.to_json()
    if isinstance(value, Fraction):
        return f"{value.numerator}/{value.denominator}"
    if isinstance(value, Mapping):
        return {name: _plain(each) for name, each in value.items()}
    if isinstance(value, tuple | list):
        return [_plain(each) for each in value]
    return value


_SCALARS: dict[Any, tuple[type, ...]] = {int: (int,), bool: (bool,), str: (str,), float: (float, int)}


def _read(kind: Any, value: Any, path: str) -> Any:
    """A value of a type out of JSON; the path is for messages."""
    origin, inner = get_origin(kind), get_args(kind)
    if isinstance(kind, type) and issubclass(kind, Spec):
        return _read_spec(kind, value, path)
    if origin is UnionType:
        return None if value is None else _read(inner[0], value, path)
    if kind is Fraction:
        if not (isinstance(value, str) and re.fullmatch(r"-?[0-9]{1,12}(/[1-9][0-9]{0,11})?", value)):
            raise ValueError(f"{path} is no fraction")
        return Fraction(value)
    if kind in _SCALARS and type(value) not in _SCALARS[kind]:
        raise ValueError(f"{path} is {type(value).__name__}, not {kind.__name__}")
    if origin is Literal and value not in inner:
        raise ValueError(f"{path} is none of {', '.join(map(str, inner))}")
    if origin is tuple and not isinstance(value, list | tuple):
        raise ValueError(f"{path} is {type(value).__name__}, no list")
    if isinstance(origin, type) and issubclass(origin, Mapping) and not isinstance(value, Mapping):
        raise ValueError(f"{path} is {type(value).__name__}, no table")
    if origin is tuple:
        kinds = [inner[0]] * len(value) if inner[-1] is ... else inner
        return tuple(_read(each, v, f"{path}[{k}]") for k, (each, v) in enumerate(zip(kinds, value, strict=True)))
    if isinstance(origin, type) and issubclass(origin, Mapping) and inner[1] is not Any:
        return {name: _read(inner[1], each, f"{path}.{name}") for name, each in value.items()}
    return value


def _read_spec(kind: type[Spec], tree: Any, path: str) -> Spec:
    if not isinstance(tree, Mapping):
        raise ValueError(f"{path or 'film'} is {type(tree).__name__}, no table")
    hints = get_type_hints(kind)
    values: dict[str, Any] = {}
    known: set[str] = set()
    for each in dataclasses.fields(kind):  # type: ignore[arg-type]
        if each.metadata.get("inline"):
            own = {_key(f) for f in dataclasses.fields(hints[each.name])}
            known |= own
            values[each.name] = _read(hints[each.name], {k: v for k, v in tree.items() if k in own}, path)
            continue
        key = _key(each)
        known.add(key)
        if key in tree:
            values[each.name] = _read(hints[each.name], tree[key], f"{path}.{key}".lstrip("."))
        elif each.default is dataclasses.MISSING:
            raise ValueError(f"key '{path}.{key}' is missing".replace("'.", "'"))
    if unknown := [key for key in tree if key not in known]:
        raise ValueError(f"unknown key '{path}.{unknown[0]}'".replace("'.", "'"))
    return kind(**values)


def _key(each: dataclasses.Field[Any]) -> str:
    return str(each.metadata.get("key", each.name))
