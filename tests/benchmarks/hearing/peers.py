"""Other programs that hear beats, where they are installed."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import numpy as np
import soundfile

Tracker = Callable[[Path], dict[str, Any]]


def librosa_tracker() -> Tracker:
    """librosa's beat tracker with its defaults, at 22,050 Hz."""
    import librosa

    def track(sound: Path) -> dict[str, Any]:
        samples, rate = soundfile.read(sound, dtype="float32", always_2d=True)
        mono = librosa.resample(samples.mean(axis=1), orig_sr=rate, target_sr=22050)
        tempo, beats = librosa.beat.beat_track(y=mono, sr=22050, units="time")
        return {"tempo": float(np.ravel(tempo)[0]), "beats": np.asarray(beats, float).tolist()}

    return track


def madmom_tracker() -> Tracker:
    """madmom's network for beats and bars, and its bar-pointer, bars of 3 and 4."""
    downbeats = importlib.import_module("madmom.features.downbeats")
    network = downbeats.RNNDownBeatProcessor()
    decoder = downbeats.DBNDownBeatTrackingProcessor(beats_per_bar=[3, 4], fps=100)
    return lambda sound: from_rows(decoder(network(str(sound))))


def beatnet_tracker() -> Tracker:
    """BeatNet, offline."""
    beatnet = importlib.import_module("BeatNet.BeatNet")
    network = beatnet.BeatNet(1, mode="offline", inference_model="DBN", plot=[], thread=False)
    return lambda sound: from_rows(network.process(str(sound)))


def from_rows(rows: Any) -> dict[str, Any]:
    """An estimate from rows of (seconds, number of the beat in its bar)."""
    table = np.asarray(rows, np.float64).reshape(-1, 2)
    beats = table[:, 0]
    tempo = 60 / float(np.median(np.diff(beats))) if len(beats) > 1 else 0.0
    return {"tempo": tempo, "beats": beats.tolist(), "downbeats": beats[np.rint(table[:, 1]) == 1].tolist()}


PEERS = {"librosa": librosa_tracker, "madmom": madmom_tracker, "BeatNet": beatnet_tracker}


def installed_peers() -> tuple[dict[str, Tracker], list[str]]:
    """Those that are here, by name and version; and a line about each that is not."""
    found, missing = {}, []
    for name, make in PEERS.items():
        try:
            found[f"{name} {version(name)}"] = make()
        except PackageNotFoundError:
            missing.append(f"{name}: not installed")
        except Exception as error:  # old packages fail in many ways with new Pythons
            missing.append(f"{name}: {type(error).__name__}: {error}")
    return found, missing
