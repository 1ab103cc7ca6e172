"""Bytes with their sha256 behind them: for files of caches, which are believed only as they were written.

Readers that know where their data end, such as those of PNG and ``.npy``, do not see it.
"""

from __future__ import annotations

import hashlib

_MARK = b"\navwalk sha256\n"
LENGTH = len(_MARK) + 32
"""Bytes that the seal takes."""


def sealed(data: bytes) -> bytes:
    """The data, and what `unsealed` checks."""
    return data + _MARK + hashlib.sha256(data).digest()


def is_sealed(data: bytes) -> bool:
    """Whether there is a seal at the end, right or wrong."""
    return data[-LENGTH:-32] == _MARK


def unsealed(data: bytes) -> bytes | None:
    """What was sealed; None if that is not what it was, or bears no seal."""
    inner = data[:-LENGTH]
    return inner if is_sealed(data) and hashlib.sha256(inner).digest() == data[-32:] else None
