"""Every test of stories keeps what is remembered to itself, and has a voice."""

from __future__ import annotations

from pathlib import Path

import pytest

from avwalk.story import film_plan
from tests.story.tales import ToneVoice


@pytest.fixture(autouse=True)
def _own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AVWALK_CACHE_DIR", str(tmp_path / "cache"))


@pytest.fixture
def voice(monkeypatch: pytest.MonkeyPatch) -> ToneVoice:
    """A voice that says tones, in the place of those that machines have."""
    made = ToneVoice()
    monkeypatch.setattr(film_plan, "open_voice", lambda name, speed, language: None if name == "none" else made)
    return made
