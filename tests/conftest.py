"""What every test gets: its own cache, state and presets folders, and songs with known answers."""

from __future__ import annotations

import itertools
import os
from pathlib import Path

import numpy as np
import pytest
import soundfile
from hypothesis import HealthCheck, settings

# Slow machines must not fail tests; the same few examples in every run, many new ones with AVWALK_EXPLORE=1.
_EXPLORE = os.environ.get("AVWALK_EXPLORE") == "1"
settings.register_profile(
    "avwalk",
    deadline=None,
    max_examples=300 if _EXPLORE else 15,
    derandomize=not _EXPLORE,
    suppress_health_check=list(HealthCheck),
)
settings.load_profile("avwalk")

WORKER = "PYTEST_XDIST_WORKER" in os.environ
if WORKER:  # each worker's threads for all cores would be in each other's way; read when torch is imported
    os.environ.setdefault("OMP_NUM_THREADS", "1")

ROOT = Path(__file__).parent.parent
_STATES = itertools.count()  # which generator drew a song is remembered: each test begins without


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tests of files that skip without torch are marked, so that they can be run by themselves where it is."""
    needs = {path: 'importorskip("torch' in path.read_text(encoding="utf-8") for path in {item.path for item in items}}
    for item in items:
        if needs[item.path]:
            item.add_marker(pytest.mark.models)


@pytest.fixture(scope="session")
def _home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("home")


@pytest.fixture(scope="session")
def _analyses(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One folder for all workers."""
    own = tmp_path_factory.getbasetemp()
    return (own.parent if WORKER else own) / "analyses"


@pytest.fixture(autouse=True)
def _own_folders(
    _home: Path, _analyses: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing of the user's is read or written. Analyses and compiled kernels are shared: they cost seconds."""
    from avwalk.settings import settings

    monkeypatch.setenv("AVWALK_CACHE_DIR", str(_analyses))
    for name in ("PRESETS_DIR", "MODEL_CACHE_DIR"):
        monkeypatch.setenv(f"AVWALK_{name}", str(_home / name.lower()))
    monkeypatch.setenv("AVWALK_STATE_DIR", str(tmp_path_factory.getbasetemp() / f"state-{next(_STATES)}"))
    monkeypatch.delenv("AVWALK_DEBUG", raising=False)
    settings.cache_clear()


@pytest.fixture(scope="session")
def songs_dir() -> Path:
    """Real songs with known beats; tests that use them skip where the folder is absent."""
    folder = Path(os.environ.get("AVWALK_TEST_SONGS", ROOT.parent / "shared" / "audio"))
    if not folder.is_dir():
        pytest.skip("no folder of real songs")
    return folder


def clicks(seconds: float, every: float = 0.5, rate: int = 44100, first: float = 0.5) -> np.ndarray:
    """Decaying noise bursts at first, first + every, … : (n,) float32."""
    n = round(seconds * rate)
    out = np.zeros(n, np.float32)
    rng = np.random.default_rng(1)
    burst = (rng.standard_normal(rate // 20) * np.exp(-np.arange(rate // 20) / (rate * 0.008))).astype(np.float32)
    for k in range(int((seconds - first) / every) + 1):
        at = round((first + k * every) * rate)
        part = out[at : at + len(burst)]
        part += 0.5 * burst[: len(part)]
    return out


@pytest.fixture(scope="session")
def click_song(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Four seconds of clicks at 120 BPM over a quiet tone, stereo wav."""
    path = tmp_path_factory.mktemp("songs") / "clicks.wav"
    mono = clicks(4.0) + 0.05 * np.sin(2 * np.pi * 220 * np.arange(4 * 44100) / 44100).astype(np.float32)
    soundfile.write(path, np.stack([mono, mono], axis=1), 44100)
    return path
