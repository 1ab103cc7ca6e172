"""What is struck when: onsets, drums, beats and bars, from the onset curves of a whole song.

Imported while the sound is still read: the compiled code that it needs takes as long to load as a minute of music.
"""

from __future__ import annotations

from concurrent.futures import Executor
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from avwalk.features import onsets
from avwalk.features.beats import network, tracking
from avwalk.features.beats.drums import hits_of


@dataclass(frozen=True)
class BeatsAndDrums:
    """Beats and what is struck.

    Attributes:
        curves: of the onsets.
        rhythm: with the tempo and first beat that are told.
        free: where no first beat is told.
        events: by the names of their signals.
        boundary: how likely new sections begin, (m,) float32 in [0, 1], frame k is k / 50 s.
    """

    curves: onsets.OnsetCurves
    rhythm: tracking.Rhythm
    free: tracking.Rhythm
    events: dict[str, onsets.Events]
    boundary: NDArray[np.float32]


def find_beats_and_drums(
    curves: onsets.OnsetCurves, duration: float, bpm: float | None, first_beat: float | None, beside: Executor
) -> BeatsAndDrums:
    """Beats and drums of a song.

    Args:
        curves: of the whole song.
        duration: of the song, seconds.
        bpm: the tempo, if it is told.
        first_beat: seconds, if it is told.
        beside: where drums are worked out, while this thread tracks beats.
    """
    pulses, drums = network.pulses_of(curves.bands, beside)
    rhythm = tracking.track_beats(curves, pulses, duration, bpm, first_beat)
    free = rhythm if first_beat is None else tracking.track_beats(curves, pulses, duration, bpm)
    events = {"onset": onsets.onsets(curves), **hits_of(drums())}
    events["accent"] = events["kick"] if len(events["kick"].times) else onsets.bass_hits(curves)
    return BeatsAndDrums(curves, rhythm, free, events, pulses.boundary)
