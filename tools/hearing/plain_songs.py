"""Plain songs for training: the synthesisers of the tests, with seeds that no test uses.

    python -m tools.hearing.plain_songs OUT --seed 1000 --forms 54 --rhythms 68

Forms have breaks, builds and drops that the songs of ``make_songs`` lack; of their drums only the kicks are known.
Files are those of ``make_songs``.
"""

from __future__ import annotations

import argparse
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from avwalk.features.onsets import OnsetDetector
from tests import forms, rhythms

_STRUCK = 0.8  # velocity of every kick: these drummers know one


def _bands(sound: NDArray[np.float32], rate: int) -> NDArray[np.float16]:
    detector = OnsetDetector(rate, len(sound))
    for a in range(0, len(sound), 1 << 16):
        detector.push(sound[a : a + (1 << 16)])
    return detector.finish().bands


def _save(path: Path, sound: NDArray[np.float32], rate: int, times: dict[str, NDArray[np.float64]], style: str) -> None:
    bands = _bands(sound.astype(np.float32), rate)
    kicks = np.column_stack([times["kicks"], np.full(len(times["kicks"]), _STRUCK)]).reshape(-1, 2)
    truth = {"style": style, "irregular": "", "duration": len(sound) / rate, "stems": False}
    part = path.with_suffix(".part.npz")
    np.savez(
        part, mix=bands, drums=np.zeros_like(bands), rest=bands, voice=np.zeros((0, 2)), kick=kicks,
        beats=times["beats"], downbeats=times["bars"], sections=times["sections"], truth=np.array(json.dumps(truth)),
    )  # fmt: skip
    part.rename(path)


def make_forms(out: Path, seed: int, count: int) -> None:
    """Songs of known form, ``count`` kinds in turn."""
    kinds = [form.name.rpartition("-")[0] for form in forms.tuning()]
    for k in range(count):
        path = out / f"{seed}_{k:05d}.npz"
        if not path.exists():
            form = forms.form_of(k % len(kinds), seed + k)
            played = forms.perform(form)
            starts = np.array([start for start, _, _ in played.sections])
            times = {"beats": played.beats, "bars": played.bars, "kicks": played.kicks, "sections": starts}
            _save(path, played.sound, forms.RATE, times, f"form-{kinds[k % len(kinds)]}")


def make_rhythms(out: Path, seed: int, count: int) -> None:
    """Rhythms of the catalogue at other tempos."""
    catalogue = rhythms.catalogue()
    for k in range(count):
        path = out / f"{seed + 1}_{k:05d}.npz"
        if not path.exists():
            rng = np.random.default_rng([seed, k])
            rhythm = catalogue[k % len(catalogue)]
            bpm = float(np.clip(rhythm.bpm * np.exp(rng.normal(0, 0.06)), 55, 205))
            rhythm = replace(rhythm, bpm=bpm, seed=seed + k, seconds=60.0, pitched=bool(rng.random() < 0.7))
            played = rhythms.perform(rhythm)
            times = {"beats": played.beats, "bars": played.bars, "kicks": played.kicks, "sections": np.zeros(1)}
            _save(path, played.sound, rhythms.RATE, times, f"rhythm-{rhythm.pattern}")


def make_plain_songs(out: Path, seed: int, n_forms: int, n_rhythms: int) -> None:
    """Makes the songs that are not in ``out`` yet."""
    out.mkdir(parents=True, exist_ok=True)
    make_forms(out, seed, n_forms)
    make_rhythms(out, seed, n_rhythms)


def main() -> None:
    """Makes the songs that are not there."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out", type=Path)
    parser.add_argument("--seed", type=int, required=True, help="from 1000: tests have those below")
    parser.add_argument("--forms", type=int, default=54)
    parser.add_argument("--rhythms", type=int, default=68)
    options = parser.parse_args()
    make_plain_songs(options.out, options.seed, options.forms, options.rhythms)


if __name__ == "__main__":
    main()
