"""What an edit of a finished film costs beside the whole film: a pinned value, a caption, a palette."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path
from typing import Any

import avwalk
from tests.benchmarks.songs import song_of

SECONDS = 180
SIZE = "1280x720"  # the default; looking through the whole film costs as much at every size
LIMIT = 0.15  # of the time of the whole film
HEAD = "at,until,what,value,ease,note\n"
EDITS = {
    "a pinned value": "2:10.5,2:14,camera.zoom,1.3,,",
    "a caption": "2:10.5,2:14,text,hello,,",
    "a palette": "2:10.5,2:14,palette,abyss,,",
}


def main() -> int:
    """Prints the table; 1 where an edit takes more than `LIMIT` of the whole film."""
    worst = 0.0
    with tempfile.TemporaryDirectory() as folder:
        song, cues = song_of(SECONDS, Path(folder) / "song.wav"), Path(folder) / "song.cues.csv"
        cues.write_text(HEAD)
        avwalk.analyze(song)
        _rendered(song, "warm.mp4", duration=4)
        whole, whole_cpu, _ = _rendered(song, "film.mp4")
        print(f"{SECONDS} s at {SIZE}: the whole film {whole:.1f} s, of the processor {whole_cpu:.1f} s")
        for name, row in EDITS.items():
            cues.write_text(f"{HEAD}{row}\n")
            wall, cpu, said = _rendered(song, "film.mp4", force=True)
            worst = max(worst, wall / whole)
            shares = f"{wall:6.1f} s {wall / whole:7.1%}, of the processor {cpu:6.1f} s {cpu / whole_cpu:7.1%}"
            print(f"  {name:16}{shares}   {said}")
    print(f"at most {worst:.1%} of the whole film, limit {LIMIT:.0%}")
    return int(worst > LIMIT)


def _rendered(song: Path, name: str, **options: Any) -> tuple[float, float, str]:
    """Seconds that a film took, those of the processor, and what was said of it."""
    events: list[Any] = []
    began, worked = time.perf_counter(), time.process_time()
    small: dict[str, Any] = {"preset": "lsd", "generator": "cppn", "size": SIZE}
    avwalk.render(song, out=song.with_name(name), on_event=events.append, **small, **options)
    said = [event["message"] for event in events if event["event"] == "warning"]
    return time.perf_counter() - began, time.process_time() - worked, "; ".join(said)


if __name__ == "__main__":
    raise SystemExit(main())
