"""Fixtures of speech."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from avwalk.settings import settings
from tests.speech.pulled import FOLDER


@pytest.fixture
def pulled(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Uses the models that this machine's user has pulled."""
    monkeypatch.setenv("AVWALK_MODEL_CACHE_DIR", str(FOLDER))
    settings.cache_clear()
    yield
    settings.cache_clear()
