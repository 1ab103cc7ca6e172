"""How the picture follows the music (lag, correlation, luma pump), per reactive preset; and without its routes.

Of real songs, 45 seconds from the twentieth on: ``python -m tests.benchmarks sync``.
"""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import soundfile

import avwalk
from avwalk import presets
from avwalk.video.verify import ExpectedPicture, verify
from tests.benchmarks.songs import ROOT, real_songs
from tests.conftest import clicks

EXCERPT: dict[str, Any] = {"start": 20.0, "duration": 45.0}


def measure(
    song: Path, truth: list[float] | None, preset: str, folder: Path, *more: str, excerpt: bool = False
) -> dict[str, float | None]:
    """Renders small and measures the finished film against known hits (or those found)."""
    out = folder / "a.mp4"
    part = EXCERPT if excerpt else {}
    done = avwalk.render(
        song, out=out, preset=preset, generator="cppn", size="320x180", force=True, fresh=True, set=more, **part
    )
    if truth is None:
        return done
    start = part.get("start", 0.0)
    return verify(out, picture=ExpectedPicture([t - start for t in truth if t >= start]))


def songs(folder: Path) -> list[tuple[str, Path, list[float] | None]]:
    """Clicks, the demo song and real songs, with their known hits."""
    path = folder / "clicks.wav"
    soundfile.write(path, clicks(20.0), 44100)
    demo = json.loads((ROOT / "media" / "demo-song.json").read_text())
    found: list[tuple[str, Path, list[float] | None]] = [
        ("clicks", path, list(np.arange(0.5, 20, 0.5))),
        (
            "demo song",
            ROOT / "media" / "demo-song.ogg",
            [k if isinstance(k, float) else k["time"] for k in demo["kick"]],
        ),
    ]
    for song in real_songs():
        truth = song.with_suffix(".json")
        if truth.exists():
            known = json.loads(truth.read_text())
            found.append((song.stem, song, known["kick"] or known["drum_onsets"]))
    return found


def main() -> None:
    """Prints the table."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        print(f"{'song':<18} {'preset':<8} {'lag':>4} {'r':>6} {'pump':>6}   without routes: r")
        for label, song, truth in songs(folder):
            for preset in presets.names():
                if not presets.load(preset).values.reactive:
                    continue
                excerpt = song in real_songs()
                with_routes = measure(song, truth, preset, folder, excerpt=excerpt)
                without = measure(song, truth, preset, folder, "routes=[]", excerpt=excerpt)
                print(
                    f"{label:<18} {preset:<8} {with_routes['lag_frames']:>4} {with_routes['correlation']:6.2f} "
                    f"{with_routes['luma_pump']:6.2f}   {without['correlation']:6.2f}",
                    flush=True,
                )


if __name__ == "__main__":
    main()
