"""Caches of small files: whole or not there, never a reason to fail, bounded."""

from __future__ import annotations

import logging
import os
from pathlib import Path

import pytest

from avwalk.files.byte_cache import ByteCache


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("AVWALK_CACHE_DIR", str(tmp_path))
    return tmp_path / "things"


def test_what_was_stored_is_found_and_what_is_damaged_is_not(folder: Path) -> None:
    cache = ByteCache("things", 1 << 20, "it is made again")
    assert cache.find("a") is None
    cache.store("a", b"some bytes")
    assert cache.find("a") == b"some bytes"
    data = (folder / "a").read_bytes()
    for damaged in (b"", data[:-1], data[:4] + b"?" + data[5:], b"some bytes"):
        (folder / "a").write_bytes(damaged)
        assert cache.find("a") is None


def test_those_used_longest_ago_go_first(folder: Path) -> None:
    cache = ByteCache("things", 3300, "it is made again")
    for k, name in enumerate("abcd"):
        cache.store(name, bytes(1000))
        os.utime(folder / name, (k, k))
    assert cache.find("a") is not None  # used now
    cache.trim()
    assert sorted(path.name for path in folder.iterdir()) == ["a", "c", "d"]


def test_that_nothing_can_be_written_is_said_once(folder: Path, caplog: pytest.LogCaptureFixture) -> None:
    folder.write_bytes(b"a file")
    cache = ByteCache("things", 1 << 20, "it is made again")
    with caplog.at_level(logging.WARNING, logger="avwalk"):
        for _ in range(3):
            cache.store("a", b"x")
            cache.trim()
    assert cache.find("a") is None
    assert len(caplog.messages) == 1 and caplog.messages[0].endswith("it is made again")
