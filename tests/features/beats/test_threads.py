"""The same song has the same analysis, bit for bit, however many threads there are."""

import os
import subprocess
import sys

SCRIPT = """
import hashlib
from fractions import Fraction
from pathlib import Path
import numpy as np
from avwalk.contracts import Song
from avwalk.features.analysis import analyze_song
from tests.rhythms import RATE, Rhythm, perform

sound = perform(Rhythm("rock", 117.3, seconds=10, seed=5)).sound.astype(np.float32)
song = Song(Path("song"), "0" * 64, RATE, 1, len(sound), "pcm_f32le")
found = analyze_song(song, [sound[:, None]], Fraction(30))
digest = hashlib.sha256(found.bands.tobytes() + found.score.beats.tobytes() + found.score.bars.tobytes())
for name in sorted(found.signals):
    digest.update(found.signals[name].tobytes())
for name in sorted(found.hits):
    digest.update(found.hits[name].tobytes())
print(len(found.score.beats), digest.hexdigest())
"""


def test_threads_do_not_matter() -> None:
    said = set()
    for threads in ("1", "2", "8"):
        names = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS")
        env = os.environ | dict.fromkeys(names, threads)
        run = subprocess.run([sys.executable, "-c", SCRIPT], env=env, capture_output=True, text=True, check=True)
        said.add(run.stdout)
    assert len(said) == 1
    assert int(said.pop().split()[0]) > 15
