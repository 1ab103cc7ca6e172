"""Models that this machine's user has pulled: found before the tests have caches of their own."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from avwalk.models.package_files import package_files
from avwalk.models.requirements import speech_problem
from avwalk.settings import Settings

FOLDER = Path(os.environ.get("AVWALK_TEST_MODELS") or Settings().model_cache_dir)
"""Where real models are; ``AVWALK_TEST_MODELS`` names another folder."""


def needs_model(*names: str) -> pytest.MarkDecorator:
    """Skips unless models were pulled and can run here."""
    missing = [
        name
        for name in names
        if not all((FOLDER / "speech" / name / file.name).is_file() for file in package_files()[name])
    ]
    problems = [problem for kind in ("whisper", "kokoro") if (problem := speech_problem(kind))]
    reason = "; ".join([*(f"model {name} was not pulled" for name in missing), *problems])
    return pytest.mark.skipif(bool(reason), reason=reason)
