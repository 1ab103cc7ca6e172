"""Turns: presets that cues pin over a stretch of the song, each a film of its own on the same clock."""

from __future__ import annotations

from itertools import pairwise

from avwalk.contracts import Analysis, Turn
from avwalk.score.automation import timeline
from avwalk.score.cues import Cues


def pinned_presets(cues: Cues) -> list[str]:
    """Names of the presets that cues ask for, each once."""
    return list(dict.fromkeys(cue.value for cue in cues.of("preset")))


def turns(cues: Cues, analysis: Analysis) -> tuple[Turn, ...]:
    """Who has the picture when, without gaps from the first frame of the song to its last.

    A preset comes in as its ease says: a cut, or a melt of that length which ends on its first frame. What was
    there before comes back as it went. None where only the film's own preset has the picture.

    Args:
        cues: the artist's.
        analysis: corrected by the same cues.

    Raises:
        OptionError: a time that this song does not have.
    """
    pins = timeline(cues, analysis, "preset")
    if not pins:
        return ()
    found: list[Turn] = []
    edges = sorted({0, analysis.n_frames, *(pin.i0 for pin in pins), *(pin.i1 for pin in pins)})
    for i0, i1 in pairwise(edges):
        look = next((pin.value for pin in pins if pin.i0 <= i0 < pin.i1), "")
        how = next((pin for pin in reversed(pins) if i0 in (pin.i0, pin.i1)), None)
        lead = 0
        if found and how and how.curve != "cut":
            lead = min(round(how.ease_seconds * float(analysis.fps)), i0 - found[-1].i0)
        found.append(Turn(i0, i1, lead, look))
    return tuple(found)
