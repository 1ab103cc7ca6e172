"""Every test of painters keeps its pictures to itself, and waits for nobody."""

from __future__ import annotations

from pathlib import Path

import pytest

from avwalk.painters import connection


@pytest.fixture(autouse=True)
def _own_paintings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AVWALK_CACHE_DIR", str(tmp_path / "cache"))
    for name in (
        "AVWALK_PAINTER_KEY",
        "OPENAI_API_KEY",
        "AVWALK_A1111_AUTH",
        "http_proxy",
        "https_proxy",
        "HTTP_PROXY",
    ):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(connection.Connection, "backoff", 0.01)
