"""The moving picture of the README: drawn by its script, and as large and as long as it should be."""

import importlib.util
from pathlib import Path
from types import ModuleType

import cv2
import numpy as np
import pytest

from tests.conftest import ROOT


@pytest.fixture(scope="module")
def script() -> ModuleType:
    spec = importlib.util.spec_from_file_location("readme_animation", ROOT / "examples" / "readme_animation.py")
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_a_beat_of_it(script: ModuleType, tmp_path: Path) -> None:
    script.main(str(tmp_path / "a.webp"), length="1beat", generator="testcard")
    done, film = cv2.imreadanimation(str(tmp_path / "a.webp"))
    assert done and len(film.frames) == 10 and film.loop_count == 0
    rows = len(script.MOMENTS) * (script.CELL[1] + script.LANE)
    assert film.frames[0].shape[:2] == (rows, script.WIDTH)
    lane = slice(script.CELL[1], script.CELL[1] + script.LANE)
    first, last = (film.frames[k][lane, script.LEFT :, :3].astype(int) for k in (0, 9))
    assert np.abs(first - last).max() > 100, "the playhead goes"


def test_the_one_in_the_readme(script: ModuleType) -> None:
    path = ROOT / "media" / "readme.webp"
    assert path.stat().st_size <= script.MAX_BYTES
    done, film = cv2.imreadanimation(str(path))
    assert done and len(film.frames) == 160 and sum(film.durations) == 7619  # four bars at 126 BPM
    assert "](media/readme.webp)" in "\n".join((ROOT / "README.md").read_text(encoding="utf-8").splitlines()[:12])
