"""Presets that cues pin over a stretch of the song, each a film of its own on the same clock."""

from __future__ import annotations

from itertools import pairwise

from avwalk.contracts import Analysis, PresetSpan
from avwalk.score.automation import timeline
from avwalk.score.cues import Cues


def pinned_presets(cues: Cues) -> list[str]:
    """Names of the presets that cues ask for, each once."""
    return list(dict.fromkeys(cue.value for cue in cues.of("preset")))


def preset_spans(cues: Cues, analysis: Analysis) -> tuple[PresetSpan, ...]:
    """Who has the picture when, without gaps from the first frame of the song to its last.

    A preset comes in as its ease says: a cut, or a melt of that length which ends on its first frame. What was
    there before comes back as it went. None where only the film's own preset has the picture.

    Args:
        cues: the artist's.
        analysis: corrected by the same cues.

    Raises:
        OptionError: a time that this song does not have.
    """
    automations = timeline(cues, analysis, "preset")
    if not automations:
        return ()
    found: list[PresetSpan] = []
    edges = sorted(
        {
            0,
            analysis.n_frames,
            *(automation.i0 for automation in automations),
            *(automation.i1 for automation in automations),
        }
    )
    for i0, i1 in pairwise(edges):
        preset = next((automation.value for automation in automations if automation.i0 <= i0 < automation.i1), "")
        how = next((automation for automation in reversed(automations) if i0 in (automation.i0, automation.i1)), None)
        lead = 0
        if found and how and how.curve != "cut":
            lead = min(round(how.ease_seconds * float(analysis.fps)), i0 - found[-1].i0)
        found.append(PresetSpan(i0, i1, lead, preset))
    return tuple(found)
