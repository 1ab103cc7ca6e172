"""A small codex, and a cache of each test's own."""

from __future__ import annotations

from pathlib import Path

import pytest

from avwalk.codex.create import CodexSource, prepare_codex, write_codex
from avwalk.codex.folder import CodexFolder


@pytest.fixture(autouse=True)
def _own_paintings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AVWALK_CACHE_DIR", str(tmp_path / "cache"))


@pytest.fixture
def codex(tmp_path: Path) -> CodexFolder:
    """Three scenes, two categories, two cycles: six pictures of 32 × 18."""
    folder = CodexFolder(tmp_path / "shore")
    folder.path.mkdir()
    folder.scenes.write_text("Scene Description\na calm sea\na meadow, in fog\na volcano\n", encoding="utf-8")
    folder.structure.write_text("Prefix,Hour\nink of,at dawn\n,at night\n", encoding="utf-8")
    values = {"cycles": 2, "format": "32x18", "universe": "far away,", "style": "neon", "negative": "boats"}
    write_codex(folder, prepare_codex(folder, CodexSource(), values))
    return folder
