"""Disk cache of analyses, addressed by content: the same song is analysed once.

An entry is a folder named by its key. It holds ``analysis.json`` (the score, the sha256 of each array, and its own),
``signals.npy`` (n_signals, n_frames), ``bands.npy`` and ``recurrence.npy`` (n_nodes, 1 + n_vectors), times first.
It is written under a temporary name and renamed when complete. A damaged entry is ignored and rewritten; if the
folder cannot be written, the song is analysed again each time, and that is said once.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import shutil
import tempfile
import time
from collections.abc import Callable, Iterable
from dataclasses import asdict, astuple
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from avwalk.contracts import Analysis, Score, Section, Song, Stretch
from avwalk.events import warn_once
from avwalk.features.beats.weights import digest
from avwalk.features.signals import SIGNALS
from avwalk.files.checksums import sha256_of

ANALYSIS_VERSION = 11  # raise it with every change of what the analysis finds
MAX_BYTES = 2 << 30  # entries used longest ago are removed when the cache grows beyond this
_ARRAYS = ("signals.npy", "bands.npy", "recurrence.npy")


def cache_folder() -> Path:
    """``AVWALK_CACHE_DIR`` if set, else the user's cache folder of this platform; then ``analysis``."""
    chosen = os.environ.get("AVWALK_CACHE_DIR")
    if chosen:
        return Path(chosen) / "analysis"
    from avwalk.settings import user_folder

    return user_folder("cache", author=True) / "analysis"


def analysis_key(song: Song, fps: Fraction, options: dict[str, Any]) -> str:
    """Cache key of an analysis: sha256 over song, `ANALYSIS_VERSION`, network, frame rate and options."""
    source = [song.sha256, song.sample_rate, song.channels, song.n_samples, *([song.track] if song.track > 1 else [])]
    asked = {name: value for name, value in options.items() if name not in ("bands", "progress")}
    if bands := options.get("bands"):
        asked |= asdict(bands)
    text = json.dumps([source, ANALYSIS_VERSION, digest(), str(fps), sorted(asked.items()), list(SIGNALS)])
    return hashlib.sha256(text.encode()).hexdigest()


def cached_analysis(
    song: Song,
    open_blocks: Callable[[], Iterable[NDArray[np.float32]]],
    fps: Fraction,
    **options: Any,
) -> Analysis:
    """The song's analysis, read from the cache or computed and stored there.

    Args:
        song: the song to analyse.
        open_blocks: gives its sound from the beginning, (n, channels) float32; called only on a cache miss.
        fps: frames per second.
        **options: keywords of ``analyze_song`` (without ``bands_path``); ``progress`` has no part in the key.

    Returns:
        The analysis; its arrays may be memory-mapped, read-only.
    """
    entry = cache_folder() / analysis_key(song, fps, options)
    found = _load(entry, fps)
    if found is not None:
        return found
    from avwalk.features.analysis import analyze_song
    from avwalk.features.downmix import turned_up

    try:
        entry.parent.mkdir(parents=True, exist_ok=True)
        part = Path(tempfile.mkdtemp(prefix="part-", dir=entry.parent))
    except OSError as error:
        _not_kept(entry, error)
        return analyze_song(song, turned_up(open_blocks), fps, **options)
    try:
        _fill(part, entry, analyze_song(song, turned_up(open_blocks), fps, bands_path=part / "bands.npy", **options))
        found = _load(entry, fps)
    except OSError as error:  # the disk is full, say
        _not_kept(entry, error)
        found = None
    finally:
        shutil.rmtree(part, ignore_errors=True)
    return found or analyze_song(song, turned_up(open_blocks), fps, **options)


def _fill(part: Path, entry: Path, analysis: Analysis) -> None:
    """Writes the analysis into ``part``, beside its bands, and makes that folder the entry."""
    np.save(part / "signals.npy", np.stack(list(analysis.signals.values())))
    np.save(part / "recurrence.npy", np.column_stack([analysis.recurrence_times, analysis.recurrence]))
    score = analysis.score
    text = {
        "n_frames": analysis.n_frames,
        "duration": analysis.duration,
        "tempo_bpm": float(score.tempo_bpm),
        "beats": score.beats.tolist(),
        "bars": score.bars.tolist(),
        "drops": score.drops.tolist(),
        "builds": [list(build) for build in score.builds],
        "sections": [[s.start, s.end, s.label] for s in score.sections],
        "stretches": [list(astuple(stretch)) for stretch in score.stretches],
        "second_bpm": float(score.second_bpm),
        "hits": {name: times.tolist() for name, times in analysis.hits.items()},
        "traits": dict(analysis.traits),
        "signals": list(analysis.signals),
        "sha256": {name: sha256_of(part / name) for name in _ARRAYS},
    }
    text = json.loads(json.dumps(text))
    text["self"] = _digest(text)
    (part / "analysis.json").write_text(json.dumps(text), encoding="utf-8")
    del analysis  # its map of bands.npy: Windows does not rename a folder with an open file
    if _load(entry, Fraction(1)) is None:  # else another process was faster
        shutil.rmtree(entry, ignore_errors=True)
        part.rename(entry)
    _evict(entry)


def _load(entry: Path, fps: Fraction) -> Analysis | None:
    """The analysis of an entry; None if it is not there, or broken in any way."""
    try:
        text = json.loads((entry / "analysis.json").read_text(encoding="utf-8"))
        if text.pop("self") != _digest(text) or any(sha256_of(entry / n) != text["sha256"][n] for n in _ARRAYS):
            warn_once(f"analyses in '{entry.parent}' are damaged; those songs are analysed again")
            return None
        rows, bands, places = (np.load(entry / name, mmap_mode="r") for name in _ARRAYS)
        score = Score(
            text["tempo_bpm"],
            np.array(text["beats"], np.float64),
            np.array(text["bars"], np.float64),
            np.array(text["drops"], np.float64),
            tuple((start, end) for start, end in text["builds"]),
            tuple(Section(start, end, label) for start, end, label in text["sections"]),
            tuple(Stretch(*each) for each in text["stretches"]),
            text["second_bpm"],
        )
        signals = dict(zip(text["signals"], rows, strict=True))
        recurrence, times = np.array(places[:, 1:], np.float32), np.array(places[:, 0])
        hits = {name: np.array(each, np.float64) for name, each in text["hits"].items()}
        length, traits = (text["n_frames"], text["duration"]), {name: float(v) for name, v in text["traits"].items()}
        analysis = Analysis(fps, *length, score, signals, bands, recurrence, times, hits, traits)
    except (OSError, ValueError, KeyError, TypeError, AttributeError, EOFError):
        return None
    with contextlib.suppress(OSError):
        os.utime(entry / "analysis.json")  # used now: removed last
    return analysis


def _digest(text: dict[str, Any]) -> str:
    return hashlib.sha256(json.dumps(text, sort_keys=True).encode()).hexdigest()


def _not_kept(entry: Path, error: OSError) -> None:
    reason = error.strerror or error
    warn_once(f"analyses cannot be kept in '{entry.parent}' ({reason}); songs are analysed again each time")


def _evict(newest: Path) -> None:
    """Removes the entries used longest ago until the cache fits, and what crashed runs left a day ago."""
    entries = []
    for folder in newest.parent.iterdir():
        with contextlib.suppress(OSError):
            if folder.name.startswith("part-"):
                if time.time() - folder.stat().st_mtime > 86400:
                    shutil.rmtree(folder, ignore_errors=True)
            elif folder != newest:
                used = (folder / "analysis.json").stat().st_mtime
                entries.append((used, sum(f.stat().st_size for f in folder.iterdir()), folder))
    total = sum(f.stat().st_size for f in newest.iterdir()) + sum(size for _, size, _ in entries)
    for _, size, folder in sorted(entries):
        if total <= MAX_BYTES:
            break
        shutil.rmtree(folder, ignore_errors=True)
        total -= size
