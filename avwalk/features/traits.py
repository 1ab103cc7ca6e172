"""What a song is like as a whole, against other songs: signals are relative to their song, these are not.

| name | unit | what |
|---|---|---|
| ``key`` | 0–23, −1 | as the signal ``key``, where it is longest |
| ``key_clarity`` | 0–1 | how much of the pitches it explains: a scale some .4, noise under .1 |
| ``brightness`` | octaves above 20 Hz | spectral centroid, by loudness |
| ``percussive`` | 0–1 | share of the energy that is percussive |
| ``dynamics`` | dB | from the 15th to the 95th percentile of the level of what sounds |
| ``onsets``, ``kicks``, ``snares``, ``hats`` | 1/s | events in a second of sound |
| ``pauses`` | 0–1 | share of the frames between the first and the last sound that are 30 dB below the loud ones |
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from avwalk.contracts import Curve
from avwalk.features.loudness import Levels
from avwalk.features.tonal import Tones, clarity

LOUD = 95.0  # percentile
QUIET = 15.0
PAUSE = 10 ** (-30 / 20)  # of the loud level
FLOOR = 1e-5  # −100 dB: nothing sounds


def traits(
    levels: Levels, parts: tuple[Curve, Curve], tones: Tones, hits: Mapping[str, NDArray[np.float64]], key: int
) -> dict[str, float]:
    """The traits of a song, by name; all 0 (and the key −1) where nothing sounds.

    Args:
        levels: of each frame.
        parts: RMS of the harmonic and of the percussive part, (n_frames,) each.
        tones: of the song.
        hits: ``onset``, ``kick``, ``snare``, ``hat`` → times.
        key: 0–23, −1 for none.
    """
    rms = levels.rms.astype(np.float64)
    sounding = np.flatnonzero(rms > FLOOR)
    names = ("key_clarity", "brightness", "percussive", "dynamics", "onsets", "kicks", "snares", "hats", "pauses")
    if not len(sounding):
        return {"key": -1.0} | dict.fromkeys(names, 0.0)
    part = rms[sounding[0] : sounding[-1] + 1]
    loud = float(np.percentile(rms[sounding], LOUD))
    heard = part > PAUSE * loud
    quiet = float(np.percentile(part[heard], QUIET))
    weight = np.where(np.isfinite(levels.centroid), rms, 0.0)
    harmonic, percussive = (float(np.square(each, dtype=np.float64).sum()) for each in parts)
    seconds = max(1.0, len(sounding) / len(rms) * len(tones.chroma) / tones.rate)
    found = {
        "key_clarity": clarity(tones.chroma.sum(axis=0, dtype=np.float64), key),
        "brightness": float((weight * np.nan_to_num(levels.centroid)).sum() / max(weight.sum(), 1e-12)),
        "percussive": percussive / max(harmonic + percussive, 1e-12),
        "dynamics": 20 * float(np.log10(loud / max(quiet, 1e-9))),
        "pauses": 1 - float(heard.mean()),
    }
    found |= {f"{name}s": len(hits[name]) / seconds for name in ("onset", "kick", "snare", "hat")}
    return {"key": float(key)} | {name: round(float(found[name]), 6) for name in names}
