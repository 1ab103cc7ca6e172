"""Everything that decides a film of scenes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from avwalk.spec.encoder import Encoder
from avwalk.spec.json_form import Spec, later


@dataclass(frozen=True)
class SceneFilmSpec(Spec):
    """A film of the scenes of a project. Its frames are known by name, size and time of their files.

    Attributes:
        avwalk: version that made it.
        song: sha256.
        fps: frames per second, ``"30"`` or ``"30000/1001"``.
        size: width and height in pixels.
        fit: how frames of another shape fill it.
        encoder: settings.
        arrivals: frame on which each image of the path is reached.
        leads: frames over which each comes in.
        pace: how time passes between two arrivals.
        captions: fields of each `avwalk.contracts.Caption`.
        legs: node, section, and how it is entered.
        places: of each leg, where between its two images each frame is.
        frames: file, bytes, and nanoseconds of the last change.
        track: which audio track of the song's file.
    """

    avwalk: str
    song: str
    fps: str
    size: tuple[int, int]
    fit: str
    encoder: Encoder
    arrivals: tuple[int, ...]
    leads: tuple[int, ...]
    pace: str
    captions: tuple[tuple[Any, ...], ...]
    legs: tuple[tuple[Any, ...], ...]
    places: tuple[tuple[str, ...], ...]
    frames: tuple[tuple[Any, ...], ...]
    track: int = later(1)
