"""What it costs a render that it believes nothing: calls that wait for the disk, and checksums, by kind."""

from __future__ import annotations

import tempfile
import time
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import Any

import avwalk
from avwalk.files import atomic, checksums
from avwalk.plan import plan
from avwalk.rendering import soundtrack, writers
from avwalk.rendering.song_film import SongFilm
from tests.benchmarks.songs import song_of

SECONDS = 60
SIZE = "1280x720"
LIMIT = 0.01  # of a render


def main() -> int:
    """Prints the table; 1 where it takes more than `LIMIT` of a render."""
    spent: dict[str, list[float]] = defaultdict(list)

    def timed(kind: str, call: Callable[..., Any]) -> Callable[..., Any]:
        def timing(*arguments: Any) -> Any:
            began = time.perf_counter()
            try:
                return call(*arguments)
            finally:
                spent[kind].append(time.perf_counter() - began)

        return timing

    kinds: tuple[tuple[str, str, tuple[Any, ...]], ...] = (
        ("sync of a file", "sync_file", (atomic,)),
        ("sync of a folder", "sync_folder", (atomic, writers)),
        ("sha256 of a file", "sha256_of", (checksums, writers, soundtrack)),
        ("reading and checking an array", "_load_array", (plan,)),
    )
    for kind, name, modules in kinds:
        timing = timed(kind, getattr(modules[0], name))
        for module in modules:
            setattr(module, name, timing)
    worst = 0.0
    with tempfile.TemporaryDirectory() as folder:
        song = song_of(SECONDS, Path(folder) / "song.wav")
        for out in ("film.mp4", "frames/"):
            spent.clear()
            began = time.perf_counter()
            avwalk.render(song, out=f"{folder}/{out}", preset="lsd", generator="cppn", size=SIZE)
            wall = time.perf_counter() - began
            worst = max(worst, _row(f"{SECONDS} s at {SIZE}, {out}", wall, spent))
        _resume(song, Path(folder), spent)
    print(f"at most {worst:.2%} of a render, limit {LIMIT:.0%}")
    return int(worst > LIMIT)


def _resume(song: Path, folder: Path, spent: dict[str, list[float]]) -> None:
    """Reading all that a render of which only the join is missing left."""
    publish = SongFilm.publish
    SongFilm.publish = lambda film: 1 / 0  # type: ignore[method-assign,assignment]
    options: dict[str, Any] = {"preset": "lsd", "generator": "cppn", "size": SIZE, "out": folder / "again.mp4"}
    try:
        avwalk.render(song, **options)
    except ZeroDivisionError:
        pass
    finally:
        SongFilm.publish = publish  # type: ignore[method-assign]
    spent.clear()
    began = time.perf_counter()
    avwalk.render(song, **options)
    _row("resumed before the join", time.perf_counter() - began, spent)


def _row(name: str, wall: float, spent: dict[str, list[float]]) -> float:
    """Prints what was spent; gives the share of it in the render."""
    share = sum(map(sum, spent.values())) / wall
    print(f"{name}: {wall:.1f} s, of it {share:.2%}")
    for kind, each in sorted(spent.items()):
        print(f"  {kind:32}{len(each):5} calls {1000 * sum(each) / len(each):8.2f} ms each {sum(each):8.3f} s")
    return share


if __name__ == "__main__":
    raise SystemExit(main())
