"""Analysis of five minutes beside librosa's usual recipe: ``python tests/benchmarks/analysis.py [SONG]``.

Each row is a fresh process, timed from start to end, decoding included. "first" has empty caches of
compiled code, as on a new machine; "warm" is the better of two later runs. Without SONG, five
minutes are made.
"""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import soundfile

OURS = """
import sys
from fractions import Fraction
from pathlib import Path
from avwalk.audio.decode import read_song
from avwalk.audio.probe import probe
from avwalk.features.analysis import analyze_song
song = probe(Path(sys.argv[1]))
a = analyze_song(song, read_song(song), Fraction(30), bands_path=Path(sys.argv[2]) / "bands.npy")
"""
LIBROSA = """
import sys, librosa
y, sr = librosa.load(sys.argv[1])
librosa.feature.melspectrogram(y=y, sr=sr)
h, p = librosa.effects.hpss(y)
librosa.feature.chroma_cqt(y=h, sr=sr)
e = librosa.onset.onset_strength(y=p, sr=sr)
librosa.beat.beat_track(onset_envelope=e, sr=sr)
"""


def five_minutes(path: Path) -> None:
    """Drums, bass, chords and noise, 300 s, 44.1 kHz stereo."""
    rate, rng = 44100, np.random.default_rng(0)
    t = np.arange(2 * rate) / rate
    kick = np.sin(2 * np.pi * 55 * (t % 0.5)) * np.exp(-(t % 0.5) / 0.08)
    hat = rng.normal(size=len(t)) * np.exp(-(t % 0.25) / 0.02) * 0.1
    with soundfile.SoundFile(path, "w", rate, 2, "PCM_16") as file:
        for bar in range(150):
            root = 110 * 2 ** ([0, 5, 7, 3][bar % 4] / 12)
            chord = sum(np.sin(2 * np.pi * root * k * t) for k in (1, 1.25, 1.5, 2)) * 0.08
            left = 0.5 * kick * (bar // 16 % 3 > 0) + hat + chord
            file.write(np.stack([left, left + 0.02 * rng.normal(size=len(t))], axis=1))


def run(code: str, song: Path, cache: Path) -> tuple[float, float]:
    """Wall and CPU seconds of a process."""
    env = os.environ | {"NUMBA_CACHE_DIR": str(cache), "AVWALK_CACHE_DIR": str(cache)}
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    subprocess.run([sys.executable, "-W", "ignore", "-c", code, str(song), str(cache)], env=env, check=True)
    wall, after = time.perf_counter() - start, resource.getrusage(resource.RUSAGE_CHILDREN)
    return wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        song = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(folder) / "song.wav"
        if len(sys.argv) <= 1:
            five_minutes(song)
        lines = [f"{'':10}{'first, wall s':>15}{'first, CPU s':>15}{'warm, wall s':>15}{'warm, CPU s':>15}"]
        for name, code in (("avwalk", OURS), ("librosa", LIBROSA)):
            cache = Path(folder) / name
            cache.mkdir()
            first, *later = (run(code, song, cache) for _ in range(3))
            lines.append(f"{name:10}" + "".join(f"{value:15.2f}" for value in (*first, *min(later))))
        sys.stdout.write("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
