"""Songs for benchmarks: real ones where there are any, else the demo song, repeated to the length asked for."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import soundfile

ROOT = Path(__file__).parent.parent.parent


def real_songs() -> list[Path]:
    """Songs with known beats, from ``AVWALK_TEST_SONGS`` or a folder beside the checkout."""
    folder = Path(os.environ.get("AVWALK_TEST_SONGS", ROOT.parent / "shared" / "audio"))
    return sorted(folder.glob("*.ogg")) if folder.is_dir() else []


def song_of(seconds: float, path: Path, source: Path | None = None) -> Path:
    """Writes a wav of exactly ``seconds``, the source repeated as often as needed."""
    found = real_songs()
    source = source or (found[0] if found else ROOT / "media" / "demo-song.ogg")
    samples, rate = soundfile.read(source, dtype="float32", always_2d=True)
    left = round(seconds * rate)
    with soundfile.SoundFile(path, "w", rate, samples.shape[1], "PCM_16") as file:
        while left > 0:
            file.write(np.ascontiguousarray(samples[:left]))
            left -= len(samples)
    return path
