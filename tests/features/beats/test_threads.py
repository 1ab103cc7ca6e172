"""The same song has the same beats and drums, bit for bit, however many threads there are."""

import os
import subprocess
import sys

SCRIPT = """
import hashlib
import numpy as np
from avwalk.features.beats.drums import hits_of
from avwalk.features.beats.network import listen
from avwalk.features.beats.tracking import track_beats
from avwalk.features.onsets import OnsetDetector
from tests.rhythms import RATE, Rhythm, perform

sound = perform(Rhythm("rock", 117.3, seconds=10, seed=5)).sound.astype(np.float32)
detector = OnsetDetector(RATE, len(sound))
detector.push(sound)
curves = detector.finish()
activations = listen(curves.bands)
rhythm = track_beats(curves, activations, len(sound) / RATE)
digest = hashlib.sha256(curves.bands.tobytes() + activations.beat.tobytes() + activations.loud.tobytes())
digest.update(rhythm.beats.tobytes() + rhythm.bars.tobytes() + hits_of(activations)["kick"].times.tobytes())
print(len(rhythm.beats), digest.hexdigest())
"""


def test_threads_do_not_matter() -> None:
    said = set()
    for threads in ("1", "8"):
        names = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS")
        env = os.environ | dict.fromkeys(names, threads)
        run = subprocess.run([sys.executable, "-c", SCRIPT], env=env, capture_output=True, text=True, check=True)
        said.add(run.stdout)
    assert len(said) == 1
    assert int(said.pop().split()[0]) > 15
