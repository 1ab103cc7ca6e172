"""What avwalk makes of songs, as JSON: run as a script with the package of one version on the path.

    PYTHONPATH=CHECKOUT python -P estimator.py JOBS.json

JOBS is a list of (audio file, where its estimate goes). It imports nothing but the package: the same script hears
songs with any version of it. Times are the analysis's own, not those of frames.
"""

from __future__ import annotations

import json
import sys
from fractions import Fraction
from pathlib import Path
from typing import Any
from unittest.mock import patch

import numpy as np
import soundfile

FPS = Fraction(30)


def estimate(path: Path) -> dict[str, Any]:
    """Tempo, beats, bars, drums, sections and drops."""
    from avwalk.contracts import Song
    from avwalk.features import onsets
    from avwalk.features.analysis import analyze_song

    curves: list[Any] = []
    finish = onsets.OnsetDetector.finish

    def kept(self: onsets.OnsetDetector) -> onsets.OnsetCurves:
        curves.append(finish(self))
        return curves[-1]  # type: ignore[no-any-return]

    sound, rate = soundfile.read(path, dtype="float32", always_2d=True)
    song = Song(path, "0" * 64, rate, sound.shape[1], len(sound), "pcm_s16le")
    blocks = (sound[a : a + (1 << 16)] for a in range(0, len(sound), 1 << 16))
    with patch.object(onsets.OnsetDetector, "finish", kept):
        found = analyze_song(song, blocks, FPS)
    score = found.score
    hits = getattr(found, "hits", None)
    if hits is None:  # a version whose analysis does not hold the times of drums
        picks = {drum: getattr(onsets, f"{drum}s") for drum in ("kick", "snare", "hat")}
        hits = {drum: pick(curves[-1]).times for drum, pick in picks.items()}
    return {
        "tempo": float(score.tempo_bpm),
        "second": float(getattr(score, "second_bpm", 0.0)),
        "beats": np.asarray(score.beats).tolist(),
        "downbeats": np.asarray(score.bars).tolist(),
        **{drum: np.asarray(hits[drum]).tolist() for drum in ("kick", "snare", "hat")},
        "sections": [float(section.start) for section in score.sections],
        "drops": np.asarray(score.drops).tolist(),
    }


def main() -> None:
    """Estimates one song after the other; one that cannot be analysed has nothing found in it, and an ``error``."""
    import avwalk

    here = Path(avwalk.__file__).resolve()
    assert here.is_relative_to(Path.cwd().resolve()), f"{here} is another version than the one to be asked"
    for number, (sound, out) in enumerate(jobs := json.loads(Path(sys.argv[1]).read_text(encoding="utf-8")), 1):
        print(f"  {number}/{len(jobs)} {Path(sound).stem}", file=sys.stderr, flush=True)
        try:
            told = estimate(Path(sound))
        except Exception as error:
            told = {"error": f"{type(error).__name__}: {error}", "tempo": 0.0}
            told |= {name: [] for name in ("beats", "downbeats", "kick", "snare", "hat", "sections", "drops")}
        part = Path(f"{out}.part")
        part.write_text(json.dumps(told), encoding="utf-8")
        part.replace(out)


if __name__ == "__main__":
    main()
