"""Renders that are killed at random moments of every phase, gone on with, and compared with the undisturbed film.

    python -m tests.benchmarks kills --kills 100 --seed 1
    python -m tests.benchmarks kills --kills 20 --runner processes
    python -m tests.benchmarks kills --kills 20 --ray 127.0.0.1:6379

Phases: the start; analysis (with an empty cache); planning; drawing; joining; publishing, within the milliseconds in
which the film gets its name. Videos and folders of PNG files, two workers, effects with memory.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from itertools import product
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import soundfile

from avwalk.video.verify import verify
from tests.conftest import ROOT, clicks

PHASES = ("start", "analysis", "planning", "drawing", "joining", "publishing")
SIGNALS = ("SIGKILL", "SIGTERM", "SIGHUP", "SIGINT")
OUTPUTS = ("film.mp4", "film/")
SECONDS = 24.0
FILM = ("--fps", "10", "--size", "160x90", "--workers", "2", "--generator", "cppn", "--json")
EFFECTS = ("--set", 'effects=["trails","bloom","grain"]')
PUBLISH_SECONDS = 0.01
CHILD = """
import os, signal, sys, threading, time
from avwalk.cli.main import main
from avwalk.rendering.song_film import SongFilm
number, delay = int(sys.argv[1]), float(sys.argv[2])
publish = SongFilm.publish
def publishing(film):
    threading.Thread(target=lambda: (time.sleep(delay), os.kill(os.getpid(), number)), daemon=True).start()
    publish(film)
SongFilm.publish = publishing
main(sys.argv[3:])
"""


class Kill(NamedTuple):
    """When a render is killed, and how."""

    phase: str
    name: str
    output: str
    share: float
    """Of the phase's usual length after which the signal comes."""


class Renders:
    """Renders of one song in processes of their own.

    Args:
        folder: for all files.
        workers: options of those that are killed: what draws them. The undisturbed film is drawn by threads.
    """

    def __init__(self, folder: Path, workers: Sequence[str] = ()) -> None:
        self._workers: Sequence[str] = ()
        self._folder, self.song = folder, folder / "song.wav"
        sound = clicks(SECONDS - 4, rate=8000)
        soundfile.write(self.song, np.append(sound, np.zeros(4 * 8000)), 8000)
        self._lengths: dict[str, float] = {}
        self.whole = {}
        for k, output in enumerate(OUTPUTS):
            out = self.place(f"whole{k}", output)
            times = self._timed(self.command(out), cold=k == 0)
            self._lengths |= times | (self._timed([*self.command(out), "--force"]) if k == 0 else {})
            self.whole[output] = content(Path(out))
        self._workers = workers

    def place(self, name: str, output: str) -> str:
        """An output in a folder of its own, as the command line has it."""
        folder = self._folder / name
        folder.mkdir(exist_ok=True)
        return f"{folder}/{output}"

    def command(self, out: str) -> list[str]:
        """The line that renders the song."""
        return [sys.executable, "-m", "avwalk", "render", str(self.song), *FILM, *EFFECTS, *self._workers, "--out", out]

    def run(self, line: list[str], cold: bool = False) -> subprocess.Popen[str]:
        """Begins a render; cold: in an empty cache of analyses."""
        cache = tempfile.mkdtemp(dir=self._folder) if cold else str(self._folder / "cache")
        state = str(self._folder / "state")
        env = {**os.environ, "AVWALK_CACHE_DIR": cache, "AVWALK_STATE_DIR": state, "PYTHONPATH": str(ROOT)}
        pipe = subprocess.PIPE
        return subprocess.Popen(line, stdout=pipe, stderr=pipe, text=True, env=env, cwd=self._folder)

    def _timed(self, line: list[str], cold: bool = False) -> dict[str, float]:
        """How long the phases of a render take that nobody disturbs."""
        began, at = time.perf_counter(), dict[str, float]()
        with self.run(line, cold) as process:
            assert process.stdout is not None and process.stderr is not None
            for text in process.stdout:
                at[json.loads(text)["event"]] = time.perf_counter() - began
            said = process.stderr.read()
        assert process.returncode == 0, said
        planning = "analysis" if cold else "planning"
        drawn = {"drawing": at["segment"] - at["plan"], "joining": at["done"] - at["segment"]}
        return {"start": at["resolved"], planning: at["plan"] - at["resolved"], **drawn}

    def killed(self, kill: Kill, out: str) -> tuple[int, str]:
        """Exit code and errors of a render that is killed."""
        number = int(getattr(signal, kill.name))
        line = self.command(out)
        if kill.phase == "publishing":
            line[1:3] = ["-c", CHILD, str(number), str(kill.share * PUBLISH_SECONDS)]
        with self.run(line, cold=kill.phase == "analysis") as process:
            if kill.phase != "publishing":
                self._wait(process, kill.phase)
                time.sleep(kill.share * self._lengths[kill.phase])
                process.send_signal(number)
            _, said = process.communicate(timeout=300)
        return process.returncode, said

    def _wait(self, process: subprocess.Popen[str], phase: str) -> None:
        """Until a phase begins."""
        assert process.stdout is not None
        last = {"analysis": "resolved", "planning": "resolved", "drawing": "plan", "joining": "segment"}.get(phase)
        for text in process.stdout if last else ():
            event = json.loads(text)
            if event["event"] == last and event.get("done") == event.get("total"):
                return


def content(out: Path) -> dict[str, bytes]:
    """The files of an output."""
    files = sorted(out.iterdir()) if out.is_dir() else [out]
    return {file.name: file.read_bytes() for file in files}


def problem_of(kill: Kill, renders: Renders, name: str) -> tuple[str | None, bool]:
    """What a kill has done to a film, None if nothing; and whether it came before the end."""
    out = renders.place(name, kill.output)
    path = Path(out)
    code, said = renders.killed(kill, out)
    whole = renders.whole[kill.output]
    before_us = kill.phase == "start" and "avwalk/cli" not in said  # the interpreter itself was loading
    if ("Traceback" in said or "unexpected" in said) and not before_us:
        return f"errors: {said[-300:]}", True
    if path.exists():
        if kill.output.endswith("mp4") and content(path) != whole:
            return "the final name was given to another film", True
        done = content(path) == whole
        if done:
            return None, code != 0
    partial = path.with_name("film.partial.mp4")
    if partial.exists() and not verify(partial)["ok"]:
        return "the partial film is none", True
    with renders.run(renders.command(out)) as process:
        _, said = process.communicate(timeout=300)
    if process.returncode or not path.exists():
        return f"going on ends with {process.returncode}: {said[-300:]}", True
    if content(path) != whole:
        return "another film", True
    left = [each.name for each in path.parent.iterdir() if each != path]
    return (f"left behind: {left}", True) if left else (None, code != 0)


def random_kill(number: int, seed: int) -> Kill:
    """Each phase with each signal and each output, in an order of chance, at moments of chance."""
    ways = list(product(PHASES, SIGNALS, OUTPUTS))
    random.Random(seed).shuffle(ways)
    return Kill(*ways[number % len(ways)], random.Random(f"{seed} {number}").random())


def survived(kills: int, seed: int, folder: Path, workers: Sequence[str] = ()) -> tuple[int, list[str]]:
    """Of so many kills those that changed nothing, and what the others did. Those that came too late do not count."""
    renders, found, faults, number = Renders(folder, workers), 0, list[str](), 0
    phases: Counter[str] = Counter()
    outputs: Counter[str] = Counter()
    while found + len(faults) < kills:
        kill = random_kill(number, seed)
        number += 1
        problem, came = problem_of(kill, renders, f"{number}")
        if came and problem:
            faults.append(f"{kill}: {problem}")
            print(faults[-1], flush=True)
            continue
        shutil.rmtree(folder / f"{number}")
        found += came
        phases[kill.phase] += came
        outputs[kill.output] += came
        if came and found % 5 == 0:
            print(f"{found} survived: {dict(phases)}, {dict(outputs)}", flush=True)
    return found, faults


def main() -> int:
    """Kills as many as are asked for; 1 where one did harm."""
    parser = argparse.ArgumentParser("kills")
    parser.add_argument("--kills", type=int, default=24)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--runner", default="threads")
    parser.add_argument("--ray", default="")
    asked: Any = parser.parse_args()
    workers = ["--ray", asked.ray] if asked.ray else ["--runner", asked.runner]
    with tempfile.TemporaryDirectory() as folder:
        found, faults = survived(asked.kills, asked.seed, Path(folder), workers)
    print(f"survived {found} of {found + len(faults)} kills")
    return int(bool(faults))


if __name__ == "__main__":
    raise SystemExit(main())
