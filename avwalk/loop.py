"""A film that begins where it ends: over its last bar, what came before its first frame melts in.

So the step from the last frame to the first is a step like any other, whatever generator draws them: what melts in
is the first scene itself, played up to its first frame.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from avwalk.contracts import Turn
from avwalk.plan import Plan

PHASES = ("cppn.phase", "camera.angle")  # they go on where the others rest


def closed(film: Plan, whole: Plan, lead: int) -> Plan:
    """The plan of a loop.

    Args:
        film: an excerpt.
        whole: of the song; `film` is taken out of it.
        lead: frames over which the beginning comes in, before the end.
    """
    later = round(float(film.film["av_offset_ms"]) / 1000 * film.fps)
    first = next(scene for scene in film.scenes if scene.i0 <= film.i0 < scene.i1)
    begin = max(0, first.i0 - later)
    wanted = np.arange(film.i0 - lead, film.i0) - later
    rows = np.maximum(wanted, begin)  # no further back than its scene
    coming = {name: curve[rows].astype(np.float32) for name, curve in whole.params.items()}
    for name in PHASES:
        curve = whole.params[name]
        second = min(len(curve) - 1, begin + max(1, round(film.fps)))
        speed = float(curve[second] - curve[begin]) / max(1, second - begin)
        coming[name] = (curve[rows] - speed * (rows - wanted)).astype(np.float32)
    coming["latents"] = np.asarray(whole.latents[rows], np.float32)
    again = first._replace(i0=film.i1, i1=film.i1, lead=lead, transition="melt")
    turns = film.turns
    if turns and turns[0].look != turns[-1].look:
        turns = (*turns, Turn(film.i1, film.i1, lead, turns[0].look))
    return replace(film, scenes=(*film.scenes, again), leads=(*film.leads, coming), turns=turns)
