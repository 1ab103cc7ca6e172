"""Songs with known beats, bars, drums and form, in sets."""

from __future__ import annotations

import itertools
import json
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

ROOT = Path(__file__).parents[3]
SHARED = "AVWALK_HEARING_SHARED"
GENERATED = "AVWALK_HEARING_SONGS"
DRUMS = ("kick", "snare", "hat")
SETS = ("real", "synth", "msx", "audio", "cases", "generated")
_SAME = 0.02  # seconds: strokes of one drum that are nearer are one
FEW = 5  # strokes: a drum with fewer is not a part of the song
_REST = 4.0  # seconds: the shortest passage that counts as one without drums
_MARGIN = 0.15  # seconds at its ends that do not

Times = NDArray[np.float64]


@dataclass(frozen=True)
class Truth:
    """What is known of a song; what is not known is None, or not in the mapping.

    Attributes:
        name: of the file.
        sound: the audio file.
        duration: seconds.
        beats: those that a listener taps.
        others: other metrical levels of it that are as right, beyond halves and doubles.
        downbeats: where bars begin.
        exact: bars are those of the music as written, not what programs agree on.
        drums: strokes of kick, snare and hat.
        undrummed: (start, end) of passages in which nothing is struck.
        sections: where they begin, from 0.
        drops: where they are.
        compound: 6/8, 9/8 or 12/8.
    """

    name: str
    sound: Path
    duration: float
    beats: Times
    others: tuple[Times, ...] = ()
    downbeats: Times | None = None
    exact: bool = True
    drums: Mapping[str, Times] = field(default_factory=dict)
    undrummed: tuple[tuple[float, float], ...] = ()
    sections: Times | None = None
    drops: Times | None = None
    compound: bool = False


def truths(name: str, generated: Path | None = None) -> list[Truth]:
    """The songs of a set, by name; none where its folder is absent.

    Args:
        name: out of `SETS`.
        generated: folder of the set of that name; None: as the environment says.
    """
    if name == "generated":
        chosen = generated or (Path(os.environ[GENERATED]) if os.environ.get(GENERATED) else None)
        pairs = _pairs(chosen, "*.json")
    elif name == "cases":
        pairs = _pairs(_shared() / "cases", "*/*.truth.json")
    elif name == "audio":
        pairs = _pairs(Path(os.environ.get("AVWALK_TEST_SONGS", _shared() / "audio")), "*.json")
    else:
        pairs = [pair for pair in _pairs(_shared() / "listen", "*.json") if listen_set(pair[1]) == name]
    return [read_truth(sound, told) for sound, told in pairs]


def folder_text(name: str) -> str:
    """Where a set would be, for people."""
    if name == "generated":
        return f"--generated FOLDER or {GENERATED}"
    return f"{SHARED}, {_shared() / {'audio': 'audio', 'cases': 'cases'}.get(name, 'listen')}"


def _shared() -> Path:
    return Path(os.environ.get(SHARED, ROOT.parent / "shared"))


def _pairs(folder: Path | None, pattern: str) -> list[tuple[Path, dict[str, Any]]]:
    """Audio files of a folder, each with what is told beside it."""
    found = []
    for path in sorted(folder.glob(pattern)) if folder and folder.is_dir() else ():
        stem = path.name.removesuffix(".json").removesuffix(".truth")
        for suffix in (".ogg", ".flac", ".wav"):
            if (sound := path.with_name(stem + suffix)).exists():
                told = json.loads(path.read_text(encoding="utf-8"))
                if isinstance(told, dict) and "beats" in told:
                    found.append((sound, told))
                break
    return found


def listen_set(told: Mapping[str, Any]) -> str:
    """Which set a file of the mixed folder belongs to; empty for those whose reference is not to be used."""
    if "committee" in told or "use" in told:
        return "real" if told.get("use") else ""
    return "synth" if "style" in told else "msx"


def read_truth(sound: Path, told: Mapping[str, Any]) -> Truth:
    """The truth of a song as its file tells it.

    Args:
        sound: its audio.
        told: the file's content. ``downs`` is another name of ``downbeats``; ``alt``: ``"eighths"`` says that thirds
            of the beats may be tapped too; ``eighth``, ``first``, ``n`` give them as a grid; ``drum_onsets``: every
            stroke of any drum.
    """
    import soundfile

    info = soundfile.info(sound)
    duration = info.frames / info.samplerate
    beats = np.asarray(told["beats"], np.float64)
    downbeats = told.get("downbeats", told.get("downs"))
    drums = {drum: strokes(told[drum]) for drum in DRUMS if drum in told}
    style = str(told.get("style", ""))
    compound = told.get("division") == 3 or bool(re.search(r"(^|-)(68|98|128|12slow)", style))
    compound |= sound.parent.name == "six_eight"
    return Truth(
        sound.stem,
        sound,
        duration,
        beats,
        _other_levels(told, beats),
        None if downbeats is None else np.asarray(downbeats, np.float64),
        "committee" not in told,
        drums,
        _undrummed(told, drums, style, duration),
        _boundaries(told["sections"], duration) if "sections" in told else None,
        np.asarray(told["drops"], np.float64) if "drops" in told else None,
        compound,
    )


def strokes(times: list[float]) -> Times:
    """Strokes in ascending order, those at the same time as one."""
    kept: list[float] = []
    for time in sorted(times):
        if not kept or time - kept[-1] >= _SAME:
            kept.append(float(time))
    return np.array(kept, np.float64)


def _other_levels(told: Mapping[str, Any], beats: Times) -> tuple[Times, ...]:
    others = []
    if told.get("alt") == "eighths" and len(beats) > 1:
        places = np.arange(3 * (len(beats) - 1) + 1) / 3
        others.append(np.interp(places, np.arange(len(beats)), beats))
    if {"eighth", "first", "n"} <= set(told):
        others.append(np.asarray(told["first"] + told["eighth"] * np.arange(told["n"]), np.float64))
    return tuple(others)


def _undrummed(
    told: Mapping[str, Any], drums: Mapping[str, Times], style: str, duration: float
) -> tuple[tuple[float, float], ...]:
    """Passages without a stroke, where every stroke is told: not where toms and others may be played besides."""
    if "drum_onsets" in told:
        every = np.asarray(told["drum_onsets"], np.float64)
    elif style and set(drums) == set(DRUMS):
        every = np.concatenate(list(drums.values()))
        few = min(len(times) for times in drums.values()) < FEW  # another instrument may have its part
        if len(every) and (few or style.startswith("groove")):
            return ()
    else:
        return ()
    edges = np.concatenate([[0.0], np.sort(every), [duration]])
    gaps = itertools.pairwise(edges)
    return tuple((float(a) + _MARGIN, float(b) - _MARGIN) for a, b in gaps if b - a >= _REST)


def _boundaries(sections: list[Any], duration: float) -> Times:
    """Where sections begin, the first at 0: of numbers, or of objects with ``start``, or of rows."""
    starts = [s["start"] if isinstance(s, dict) else s[0] if isinstance(s, list) else s for s in sections]
    return np.array([0.0, *(float(s) for s in sorted(starts)[1:] if s < duration - 0.5)], np.float64)
