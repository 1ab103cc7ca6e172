"""Every test of screenplays keeps its answers to itself, and waits for nobody."""

from __future__ import annotations

from pathlib import Path

import pytest

from avwalk.painters import connection


@pytest.fixture(autouse=True)
def _own_answers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AVWALK_CACHE_DIR", str(tmp_path / "cache"))
    for name in ("AVWALK_CHAT_KEY", "OPENAI_API_KEY", "http_proxy", "https_proxy", "HTTP_PROXY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(connection, "sleep", lambda seconds: None)
