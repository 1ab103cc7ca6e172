"""Contracts between stages: data that they hand over, frozen, and the protocols that they implement.

Stages import this package and never each other.
"""

from __future__ import annotations

from avwalk.contracts.film import EXPOSURE, LEVEL, Birth, Caption, Drive, Lineage, Lyric, Perspective, PresetSpan, Shot
from avwalk.contracts.song import Analysis, Curve, Score, Section, Song, Stretch
from avwalk.contracts.stages import (
    Batched,
    Effect,
    Event,
    Fallible,
    Feedback,
    Frames,
    Generator,
    Memory,
    Placed,
    Previewable,
    RendersPasses,
    Sketches,
    Source,
)

__all__ = [
    "EXPOSURE",
    "LEVEL",
    "Analysis",
    "Batched",
    "Birth",
    "Caption",
    "Curve",
    "Drive",
    "Effect",
    "Event",
    "Fallible",
    "Feedback",
    "Frames",
    "Generator",
    "Lineage",
    "Lyric",
    "Memory",
    "Perspective",
    "Placed",
    "PresetSpan",
    "Previewable",
    "RendersPasses",
    "Score",
    "Section",
    "Shot",
    "Sketches",
    "Song",
    "Source",
    "Stretch",
]
