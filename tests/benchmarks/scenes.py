"""Time to plan a path through 200 pictures and 2,000 transitions, against a limit of one second, and how good it is.

And an archive of 60,000 pictures: beside Python's own unpacking, which checks nothing, and a loop that writes them.
"""

from __future__ import annotations

import json
import os
import random
import statistics
import tempfile
import time
import zipfile
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any

from avwalk.scenes.archive.pack import FORMAT, LIST
from avwalk.scenes.archive.unpack import unpack
from avwalk.scenes.graph.graph import ExistingTransition, Graph
from avwalk.scenes.graph.plan_path import plan
from avwalk.scenes.graph.story import story
from avwalk.scenes.nodes import Node
from avwalk.scenes.project.sequence_csv import SceneRow

LIMIT = 1.0  # seconds
SCENES, SEEDS = 25, 8
ROUNDS = 5
N_FILES = 60_000
UNPACK_LIMIT = 5.0  # seconds


def world(hops: int, share: float, seed: int) -> Graph:
    """Scenes of eight pictures one after the other: 200 pictures, 2,236 ways, a share of which is rendered."""
    rows = tuple(SceneRow(f"scene{k}", hops) for k in range(SCENES))
    members = {row.scene: tuple(Node(row.scene, str(seed)) for seed in range(SEEDS)) for row in rows}
    bare, chance = Graph(rows, members, {}), random.Random(seed)
    drawn = {edge: ExistingTransition(edge, edge.folder, True) for edge in bare.edges if chance.random() < share}
    return Graph(rows, members, drawn)


def main() -> None:
    """Prints the table."""
    print(
        f"{'hops in a scene':<16} {'rendered':>8} {'pictures':>9} {'ways':>6} {'hops':>5} {'new':>4} {'proven':>7} "
        f"{'wall':>8} {'worst':>8}  of the limit"
    )
    for hops in (3, 7, 12):
        for share in (0.0, 0.02, 0.1, 0.5):
            times, graph = [], world(hops, share, 0)
            for seed in range(ROUNDS):
                graph = world(hops, share, seed)
                assert graph.edges  # counted before the clock runs, as reading the project does
                began = time.perf_counter()
                chosen = plan(graph, seed)
                times.append(time.perf_counter() - began)
            proven = not any("may be" in note for note in chosen.notes)
            print(
                f"{hops:<16} {share:>8.0%} {len(graph.nodes):>9} {len(graph.edges):>6} {len(chosen.hops):>5} "
                f"{len(chosen.new):>4} {'yes' if proven else 'no':>7} {statistics.median(times):6.2f} s "
                f"{max(times):6.2f} s  {max(times) / LIMIT:.2f}",
                flush=True,
            )
    graph = world(3, 0.5, 0)
    began = time.perf_counter()
    found = story(graph, 1)
    wall = time.perf_counter() - began
    print(f"a story of half of them: {len(found.hops)} hops in {wall:.2f} s, of the limit {wall / LIMIT:.2f}")
    with tempfile.TemporaryDirectory() as folder:
        unpacking(Path(folder))


def unpacking(folder: Path) -> None:
    """Prints seconds of the processor, which a slow disk does not change as much as those on the wall."""
    files = {f"media/prompt_images/{k // 500}/{k}.png": os.urandom(300) for k in range(N_FILES)}
    listed = {name: {"sha256": sha256(data).hexdigest(), "bytes": len(data)} for name, data in files.items()}
    path = folder / "x.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in files.items():
            archive.writestr(name, data)
        archive.writestr(LIST, json.dumps({"format": FORMAT, "project": "song", "files": listed}))

    def loop() -> None:
        for name, data in files.items():
            place = folder / "loop" / name
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(data)

    def extract() -> None:
        with zipfile.ZipFile(path) as archive:
            archive.extractall(folder / "extracted")

    written = cpu_seconds(loop)
    extracted = cpu_seconds(extract)
    unpacked = cpu_seconds(lambda: unpack(path, meta_dir=folder / "meta", media_dir=folder / "media"))
    print(
        f"unpacking {N_FILES:,} pictures: {unpacked:.1f} s of the processor, {unpacked / UNPACK_LIMIT:.2f} of the "
        f"limit; {unpacked / written:.1f} x writing them in a loop, {unpacked / extracted:.1f} x zipfile's extractall"
    )


def cpu_seconds(call: Callable[[], Any]) -> float:
    """Time of the processor that a call takes, the system's included."""
    began = time.process_time()
    call()
    return time.process_time() - began


if __name__ == "__main__":
    main()
