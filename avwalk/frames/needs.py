"""How far the stages of a film look beyond the frames that they are asked for."""

from __future__ import annotations

from avwalk.frames.matter import wake_frames
from avwalk.registry import make_effect
from avwalk.restyle.restyled import Coherence, reach
from avwalk.spec import FilmSpec

FLOW = 1
"""Frames back that the flow among the passes of a film looks."""


def needs(film: FilmSpec) -> tuple[int, int]:
    """How many frames all stages of a film together look back and ahead."""
    effects = [make_effect(name, options) for name, options in film.look.effects.items()]
    before, after = (sum(effect.needs[k] for effect in effects) for k in (0, 1))
    before += wake_frames(film.look.preset.values, film.fps)
    if restyle := film.look.restyle:
        coherence = Coherence(restyle.seed, restyle.noise, restyle.between, restyle.window)
        back, ahead = reach(restyle.every, coherence)
        before, after = before + back, after + ahead
    return max(before, FLOW), after
