"""What a hit makes of the picture, preset by preset: salience, beside what must not be paid for it.

    python -m tests.benchmarks salience [--songs FOLDER|FILE] [--presets a,b] [--start 30] [--seconds 20]
                                        [--size 320x180] [--seed N] [--set KEY=VALUE]... [--json FILE]

Excerpts are drawn, not encoded. Kicks and snares are those of NAME.json beside a song, where it has them; else as they
are heard. Of each preset and song, then of each preset over all:

hits             kicks and snares in the excerpt
whole, busiest   change at hits over that at rest, see `avwalk.video.salience`; wanted: busiest ≥ 2.5
levels           change at hits in the busiest ninth, 8-bit levels a frame; wanted: ≥ 12
rest             change at rest in the whole picture, 8-bit levels a frame
r, lag, pump     see `avwalk.video.sync`, against the kicks; wanted: pump ≤ 0.4
flicker          mean change of luma at rest, 8-bit levels
sharp            mean |Laplacian| of 8-bit luma at half the size, without grain
CPU ms           of a frame, effects included; of all threads
small            busiest, as the plan predicts it for the whole film from what is heard

By eye, on strips of the frames around a hit (−4 to +5): at 2.9 times and 6 levels a horizon is seen to jump (nocturne);
at 1.2 times and 9 levels the hit is not told from the drift (idol); at 1.4 times and 1.6 levels nothing is seen
(halcyon); at 0.95 times and 24 levels all flickers alike (burin). So it takes both, the ratio and the levels.

``~`` behind a row: too little is at rest, so hits are compared with other times. Flicker is not known where nothing is.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from avwalk import presets
from avwalk.arrays.colour import LUMA
from avwalk.contracts import Analysis
from avwalk.pipeline import plan_of, source_of
from avwalk.plan.plan import Plan
from avwalk.request.resolve import resolve
from avwalk.video.salience import DetailMeter, salience
from avwalk.video.sync import HEIGHT, WIDTH, correlate, flicker, luma_change, picture_change
from tests.benchmarks.songs import ROOT, real_songs

COLUMNS = ("hits", "whole", "busiest", "levels", "rest", "r", "lag", "pump", "flicker", "sharp", "CPU ms", "small")
SOUNDS = (".ogg", ".flac", ".wav", ".mp3", ".m4a")
SHARP_EVERY = 15  # frames between two whose sharpness is taken

Row = dict[str, float]


def songs_of(folder: Path | None) -> list[Path]:
    """The songs of a folder, or the one that is named; None: real ones where there are any, else the demo song."""
    if folder is None:
        return real_songs() or [ROOT / "media" / "demo-song.ogg"]
    if folder.is_file():
        return [folder]
    found = sorted(path for path in folder.glob("*") if path.suffix in SOUNDS) if folder.is_dir() else []
    if not found:
        raise SystemExit(f"'{folder}' holds no songs ({', '.join(SOUNDS)}); name a folder that does")
    return found


def hits_of(song: Path, heard: Analysis) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Times of kicks, and of kicks and snares, seconds; each drum as the song's file tells it, else as heard."""
    truth = song.with_suffix(".json")
    told: dict[str, Any] = json.loads(truth.read_text(encoding="utf-8")) if truth.exists() else {}
    strokes = {name: np.asarray(heard.hits[name], np.float64) for name in ("kick", "snare")}
    for name in strokes:
        if name in told:
            times = [each["time"] if isinstance(each, dict) else each for each in told[name]]
            strokes[name] = np.array(times, np.float64)
    both = np.sort(np.concatenate(list(strokes.values())))
    if not len(both):
        both = np.asarray(told.get("drum_onsets") or heard.hits["onset"], np.float64)
    return (strokes["kick"] if len(strokes["kick"]) else both), both


def without_grain(plan: Plan) -> Plan:
    """The same film without grain."""
    leads = tuple({name: curve for name, curve in lead.items() if name != "grain.amount"} for lead in plan.leads)
    still = np.zeros_like(plan.params["grain.amount"])
    return replace(plan, params={**plan.params, "grain.amount": still}, leads=leads)


def sharpness(frame: NDArray[np.float32]) -> float:
    """Mean |Laplacian| of the 8-bit luma of a frame, (H, W, 3), at half its size."""
    half = cv2.resize(frame @ LUMA, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
    return float(np.abs(cv2.Laplacian(np.round(255 * half), cv2.CV_32F)).mean())


def measure(song: Path, preset: str, options: dict[str, Any]) -> Row:
    """The figures of an excerpt."""
    plan, worlds, heard = plan_of(resolve(song, {"preset": preset, "generator": "cppn", "no_cues": True, **options}))
    source, meter, lumas, cpu = source_of(plan, worlds), DetailMeter(), list[NDArray[np.float32]](), 0.0

    def drawn() -> Iterator[NDArray[np.float32]]:
        nonlocal cpu
        for i in range(plan.i0, plan.i1):
            began = time.process_time()
            frame = source.frames(i, i + 1)[0]
            cpu += time.process_time() - began
            lumas.append(cv2.resize(frame @ LUMA, (WIDTH, HEIGHT), interpolation=cv2.INTER_AREA))
            yield lumas[-1]

    change, pump = picture_change(meter.watch(drawn()))
    fps = float(plan.fps)
    kicks, drums = (np.round(times * fps).astype(np.int64) - plan.i0 for times in hits_of(song, heard))
    bare = source_of(without_grain(plan), worlds)
    sharp = [sharpness(bare.frames(i, i + 1)[0]) for i in range(plan.i0, plan.i1, SHARP_EVERY)]
    seen, (r, lag) = salience(meter.change, drums, fps), correlate(change, kicks)
    nan = float("nan")
    predicted = plan.facts.get("predicted_salience") or {}
    return {
        "hits": seen.hits if seen else 0,
        "whole": seen.whole if seen else nan,
        "busiest": seen.busiest if seen else nan,
        "levels": seen.busiest_levels if seen else nan,
        "rest": seen.rest if seen else nan,
        "r": r,
        "lag": lag,
        "pump": correlate(pump, kicks)[0],
        "flicker": 255 * flicker(luma_change(lumas), drums, fps) or nan,  # 0 where no frame is far from all hits
        "sharp": float(np.mean(sharp)),
        "CPU ms": 1000 * cpu / plan.n_frames,
        "small": predicted.get("busiest", nan),
        "shifted": seen is not None and seen.shifted,
    }


def line(preset: str, song: str, row: Row) -> str:
    """A row for people."""
    digits = {"hits": 0, "lag": 0, "sharp": 1, "CPU ms": 1, "levels": 1}
    return (
        f"{preset:<10} {song:<20} "
        + " ".join(f"{row[name]:>7.{digits.get(name, 2)}f}" for name in COLUMNS)
        + (" ~" if row.get("shifted") else "")
    )


def main(arguments: Sequence[str] | None = None) -> None:
    """Prints the table."""
    parser = argparse.ArgumentParser(
        prog="salience", description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--songs", type=Path)
    parser.add_argument("--presets", default=",".join(presets.names()))
    parser.add_argument("--start", type=float, default=30.0)
    parser.add_argument("--seconds", type=float, default=20.0)
    parser.add_argument("--size", default="320x180")
    parser.add_argument("--seed", type=int)
    parser.add_argument("--set", action="append", default=[])
    parser.add_argument("--json", type=Path)
    asked = parser.parse_args(arguments)
    options: dict[str, Any] = {"start": asked.start, "duration": asked.seconds, "size": asked.size}
    options |= {"set": tuple(asked.set)} | ({"seed": asked.seed} if asked.seed is not None else {})
    songs, rows = songs_of(asked.songs), dict[str, dict[str, Row]]()
    print(f"{asked.seconds:g} s from {asked.start:g} s on at {asked.size}")
    print(f"{'preset':<10} {'song':<20} " + " ".join(f"{name:>7}" for name in COLUMNS), flush=True)
    for preset in asked.presets.split(","):
        rows[preset] = {}
        for song in songs:
            rows[preset][song.stem] = measure(song, preset, options)
            print(line(preset, song.stem, rows[preset][song.stem]), flush=True)
        if len(songs) > 1:
            each = list(rows[preset].values())
            print(line(preset, "mean", {name: float(np.nanmean([row[name] for row in each])) for name in COLUMNS}))
        if asked.json:
            asked.json.write_text(json.dumps(rows, indent=1), encoding="utf-8")


if __name__ == "__main__":
    main()
