"""Estimates of songs by a version of avwalk or by a peer, made once and kept.

They are kept by the content of the audio file, of the package and of the script that asks it, so that a second run
with the same songs costs nothing, and a commit that only changes a page of the documentation neither.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.benchmarks.hearing.marks import Estimate, read_estimate
from tests.benchmarks.hearing.truth import ROOT

SCRIPT = Path(__file__).with_name("estimator.py")


@dataclass(frozen=True)
class Version:
    """A state of the package.

    Attributes:
        name: for people.
        content: hash of the package.
        commit: to check out; empty: the working tree as it is.
    """

    name: str
    content: str
    commit: str = ""


def working_tree() -> Version:
    """The package as it lies here."""
    if (ROOT / ".git").exists() and _git("status", "--porcelain", "--", "avwalk") == "":
        return Version(f"here ({_git('rev-parse', '--short', 'HEAD')})", _git("rev-parse", "HEAD:avwalk"))
    total = hashlib.sha256()
    for path in sorted((ROOT / "avwalk").rglob("*")):
        if path.is_file() and "__pycache__" not in path.parts:
            content = hashlib.sha256(path.read_bytes()).hexdigest()
            total.update(f"{path.relative_to(ROOT).as_posix()} {content}\n".encode())
    return Version("here (changed)", total.hexdigest())


def committed(rev: str) -> Version:
    """The package at a commit."""
    commit = _git("rev-parse", "--verify", f"{rev}^{{commit}}")
    return Version(f"{rev} ({commit[:7]})", _git("rev-parse", f"{commit}:avwalk"), commit)


def heard_by(version: Version, sounds: Sequence[Path], cache: Path) -> list[Estimate]:
    """Estimates of a version of avwalk, in the order of the songs."""
    script = hashlib.sha256(SCRIPT.read_bytes()).hexdigest()
    places = [_place(cache, sound, version.content, script) for sound in sounds]
    missing = [(str(sound), str(place)) for sound, place in zip(sounds, places, strict=True) if not place.exists()]
    if missing:
        with checkout(version) as root, tempfile.TemporaryDirectory() as folder:
            jobs = Path(folder) / "jobs.json"
            jobs.write_text(json.dumps(missing), encoding="utf-8")
            print(f"{version.name}: {len(missing)} of {len(sounds)} songs", flush=True)
            environment = {**os.environ, "PYTHONPATH": str(root)}
            subprocess.run([sys.executable, "-P", str(SCRIPT), str(jobs)], cwd=root, env=environment, check=True)
    return [_read(place, sound, version.name) for place, sound in zip(places, sounds, strict=True)]


def heard_by_peer(
    name: str, tracker: Callable[[Path], dict[str, Any]], sounds: Sequence[Path], cache: Path
) -> list[Estimate]:
    """Estimates of another program.

    Args:
        name: of it, with its version.
        tracker: song → an estimate as JSON.
        sounds: the songs.
        cache: folder where estimates are kept.
    """
    out = []
    for sound in sounds:
        place = _place(cache, sound, name, "peer")
        if not place.exists():
            try:
                told = tracker(sound)
            except Exception as error:
                told = {"error": f"{type(error).__name__}: {error}", "tempo": 0.0, "beats": []}
            part = place.with_suffix(".part")
            part.write_text(json.dumps(told), encoding="utf-8")
            part.replace(place)
        out.append(_read(place, sound, name))
    return out


@contextlib.contextmanager
def checkout(version: Version) -> Iterator[Path]:
    """A folder with the package of a version; of a commit a temporary work tree, gone afterwards."""
    if not version.commit:
        yield ROOT
        return
    with tempfile.TemporaryDirectory(prefix="avwalk-hearing-") as folder:
        tree = Path(folder) / "tree"
        _git("worktree", "add", "--quiet", "--detach", str(tree), version.commit)
        try:
            yield tree
        finally:
            _git("worktree", "remove", "--force", str(tree))


def _place(cache: Path, sound: Path, content: str, script: str) -> Path:
    cache.mkdir(parents=True, exist_ok=True)
    audio = hashlib.sha256(sound.read_bytes()).hexdigest()
    return cache / (hashlib.sha256(f"{audio} {content} {script}".encode()).hexdigest() + ".json")


def _read(place: Path, sound: Path, name: str) -> Estimate:
    told = json.loads(place.read_text(encoding="utf-8"))
    if "error" in told:
        print(f"{name}: {sound.stem}: {told['error']}; nothing counts as found", flush=True)
        place.unlink()  # it is tried again next time
    return read_estimate(told)


def _git(*arguments: str) -> str:
    done = subprocess.run(["git", *arguments], cwd=ROOT, capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(f"git {' '.join(arguments)}: {done.stderr.strip()}")
    return done.stdout.strip()
