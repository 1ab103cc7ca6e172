"""Damages files and JSON trees as strangers do: by accident, and on purpose. Everything follows from a seed."""

from __future__ import annotations

import copy
import random
import struct
import zlib
from typing import Any

TEXTS = (
    *(
        b"1e999999999",
        b"9" * 5000,
        b"[" * 5000,
        b"{" * 3000,
        b"a." * 500,
        b"0x" + b"f" * 999,
        b"-1",
        b"0",
        b"1e308",
        b"nan",
    ),
    *(
        b'"',
        b"'",
        b"\0",
        b"\xff\xfe",
        b"\x1b[2J",
        b"\r",
        b"\n",
        b",",
        b";",
        b"\t",
        b"=",
        b"#",
        "é".encode(),
        b"\xe2\x80\xae",
    ),
    *(b"..", b"/dev/zero", b"~x/y", b"1:99:99", b"bar:0", b"beat:1e9", b"section:#", b"True", b"null", b"1/0", b"-inf"),
)
NUMBERS = (0, 1, 0x7F, 0x80, 0xFF, 0x7FFF, 0xFFFF, 0x7FFFFFFF, 0xFFFFFFFF, 0xFFFFFFF0, 1 << 24, 30_000)
VALUES: tuple[Any, ...] = (
    *(None, True, False, 0, -1, 1, 10**18, 10**30, 1.5, 1e308, [], {}, [[]], {"a": {}}, [1], ["x", 1], {"x": None}),
    *("", "x", "1e999999999", "9" * 5000, "/dev/zero", "../x", "nan", "bar:17", "\x1b[2J", "\0", "\ud800", "a" * 3000),
    *([[[[[[]]]]]], [None] * 3),
)


def damaged(data: bytes, chance: random.Random) -> bytes:
    """Bytes with one to four of the usual damages."""
    found = bytearray(data)
    for _ in range(chance.choice((1, 1, 1, 2, 2, 4))):
        at = chance.randrange(len(found) + 1)
        if chance.random() < 0.4:  # what matters most is said first
            at = min(at, chance.randrange(65))
        kind = chance.randrange(8)
        if kind == 0 and found:
            found[min(at, len(found) - 1)] ^= 1 << chance.randrange(8)
        elif kind == 1:
            found[at : at + chance.randrange(1, 20)] = b""
        elif kind == 2:
            found[at:at] = chance.choice(TEXTS)
        elif kind == 3:
            found[at : at + chance.randrange(1, 9)] = chance.choice(TEXTS)
        elif kind == 4:
            size = chance.choice("BHIQ")
            order = chance.choice("<>")
            number = chance.choice(NUMBERS) & (1 << 8 * struct.calcsize(size)) - 1
            packed = struct.pack(f"{order}{size}", number)
            found[at : at + len(packed)] = packed
        elif kind == 5:
            part = bytes(found[at : at + chance.randrange(1, 200)])
            found[at:at] = part * chance.choice((1, 2, 50))
        elif kind == 6 and chance.random() < 0.5:
            del found[at:]
        else:
            found[at : at + chance.randrange(1, 5)] = chance.randbytes(chance.randrange(1, 5))
    return bytes(found)


def damaged_tree(tree: Any, chance: random.Random) -> Any:
    """A JSON tree with one to three of its values replaced, taken out, or put elsewhere."""
    found = copy.deepcopy(tree)
    for _ in range(chance.choice((1, 1, 2, 3))):
        places = list(_places(found))
        if not places:
            return copy.deepcopy(chance.choice(VALUES))
        parent, key = chance.choice(places)
        kind = chance.randrange(6)
        if kind == 0:
            del parent[key]
        elif kind == 1 and isinstance(parent, dict):
            parent[chance.choice(("x", "", "\0", str(key) + "2"))] = copy.deepcopy(chance.choice(VALUES))
        elif kind == 2:
            other, name = chance.choice(places)
            parent[key] = copy.deepcopy(other[name])
        else:
            parent[key] = copy.deepcopy(chance.choice(VALUES))
    return found


def _places(tree: Any) -> Any:
    """(parent, key) of every value."""
    if isinstance(tree, dict | list):
        for key, value in list(tree.items() if isinstance(tree, dict) else enumerate(tree)):
            yield tree, key
            yield from _places(value)


def with_checksums(png: bytes) -> bytes:
    """A PNG whose chunks have the checksums that belong to them, so that damage gets further than those."""
    out, at = bytearray(png[:8]), 8
    while at + 12 <= len(png):
        (length,) = struct.unpack_from(">I", png, at)
        if at + 12 + length > len(png):
            break
        body = png[at + 4 : at + 8 + length]
        out += png[at : at + 4] + body + struct.pack(">I", zlib.crc32(body))
        at += 12 + length
    return bytes(out + png[at:])
