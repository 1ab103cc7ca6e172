"""Every test of painters keeps its pictures to itself, and waits for nobody."""

from __future__ import annotations

from pathlib import Path

import pytest

from avwalk.painters import comfyui, connection, rest


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
    for painter in (comfyui, rest):
        monkeypatch.setattr(painter, "_POLL", (0.001, 0.01))


@pytest.fixture(autouse=True)
def waits(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Seconds that would have been waited before further attempts, in order; nobody waits them."""
    asked: list[float] = []
    monkeypatch.setattr(connection, "sleep", asked.append)
    return asked
