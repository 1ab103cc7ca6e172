"""Automation: values of a parameter over time, set by the artist in the cues file.

An automation overrides its parameter from ``at`` to ``until`` (else to the next one of the same parameter, else to the
end); afterwards routes drive it again. It fades in from ``at`` and out at ``until`` by its ease: a ``smoothstep`` of
one beat by default. Where a later one begins before or as this one ends, the value moves from one to the other; a later
one inside of this one returns to this one.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from avwalk.arrays.interpolation import smoothstep
from avwalk.clock import round_half_up, seconds_to_fraction
from avwalk.config.preset import RATES, targets
from avwalk.contracts import Analysis, Curve
from avwalk.errors import OptionError
from avwalk.score.cue_cells import parse_ease
from avwalk.score.cues import Cue, Cues
from avwalk.score.musical_time import length_after, resolve

BEAT_SECONDS = 0.5
"""Length of a beat where the song has none: for eases without a length."""
_DEGREES = ("camera.angle", "light.azimuth")  # kept in [0, 360)


@dataclass(frozen=True)
class Automation:
    """A value over the frames [i0, i1).

    Attributes:
        i0: first frame, counted from the start of the song.
        i1: one past the last frame.
        value: as text, normalised.
        ease_seconds: how long it takes to come in; 0 is a cut.
        curve: ``cut``, ``linear``, ``smoothstep`` or ``melt``; of a prompt ``walk`` by default.
        ends: the end is given; else it lasts until the next one, or to the end.
    """

    i0: int
    i1: int
    value: str
    ease_seconds: float
    curve: str
    ends: bool = field(default=True, compare=False)


def automations(cues: Cues, analysis: Analysis, what: str) -> list[Automation]:
    """The automations of a target (a parameter, or one of `CONTENT`), by start frame.

    They may overlap: the later one is on top. One without an end lasts until the next.

    Args:
        cues: the artist's.
        analysis: corrected by the same cues.
        what: a parameter, or one of `avwalk.score.cue_cells.CONTENT`.

    Raises:
        OptionError: a time that this song does not have.
    """
    rows = [(resolve(cue.at, analysis), cue) for cue in cues.of(what)]
    rows.sort(key=lambda row: row[0])
    out = []
    for k, (at, cue) in enumerate(rows):
        if cue.until is not None:
            until = resolve(cue.until, analysis, beyond=True)
        else:
            until = next((later for later, _ in rows[k + 1 :] if later > at), analysis.duration)
        i0, i1 = _frame(at, analysis), min(analysis.n_frames, _frame(until, analysis))
        if until >= analysis.duration:
            i1 = analysis.n_frames  # the last frame may begin a hair before the end
        if i1 > i0:
            curve, seconds = _ease(cue, at, analysis)
            out.append(Automation(i0, i1, cue.value, seconds, curve, cue.until is not None))
    return out


def timeline(cues: Cues, analysis: Analysis, what: str) -> list[Automation]:
    """Automations without overlaps, in order; gaps are left to the preset.

    Args:
        cues: the artist's.
        analysis: corrected by the same cues.
        what: one of `avwalk.score.cue_cells.CONTENT`.

    Raises:
        OptionError: a time that this song does not have.
    """
    layers = automations(cues, analysis, what)
    top = np.full(analysis.n_frames, -1)
    for k, automation in enumerate(layers):
        top[automation.i0 : automation.i1] = k
    edges = [0, *(np.flatnonzero(np.diff(top)) + 1).tolist(), analysis.n_frames]
    out = []
    for i0, i1 in pairwise(edges):
        if (k := int(top[i0])) >= 0:
            # what comes back when another ends comes as the other went
            how = layers[k] if i0 == layers[k].i0 else layers[int(top[i0 - 1])]
            out.append(Automation(i0, i1, layers[k].value, how.ease_seconds, how.curve, layers[k].ends))
    return out


def apply_automations(
    params: Mapping[str, Curve], cues: Cues, analysis: Analysis, later: Collection[str] = ()
) -> dict[str, Curve]:
    """Every parameter, with automations applied.

    An automated speed is integrated again, so that a slow ``walk.speed`` does slow the walk.

    Args:
        params: target → (n_frames,) float32 of the whole song, from the routes.
        cues: the artist's.
        analysis: corrected by the same cues.
        later: targets that are left alone, since what comes in between changes them too.

    Raises:
        OptionError: a time that this song does not have.
    """
    out = dict(params)
    known = targets()
    for name in sorted(known, key=lambda target: target in RATES.values()):  # speeds before what they move
        layers = automations(cues, analysis, name)
        if not layers or name not in out or name in later:
            continue
        before = out[name]
        out[name] = _pinned(before.astype(np.float64), layers, analysis.fps, name).astype(np.float32)
        if position := RATES.get(name):
            change = out[name].astype(np.float64) - before
            steps = (change[1:] + change[:-1]) / (2 * float(analysis.fps))
            moved = out[position].astype(np.float64) + np.concatenate([[0.0], np.cumsum(steps)])
            out[position] = (np.mod(moved, 360.0) if position in _DEGREES else moved).astype(np.float32)
    return out


def _pinned(curve: NDArray[np.float64], layers: list[Automation], fps: Fraction, name: str) -> NDArray[np.float64]:
    """A curve with automations applied, one after the other."""
    frames = np.arange(len(curve), dtype=np.float64)
    for k, automation in enumerate(layers):
        # one that begins as this ends takes over from it: this one stays below until the other is in
        heirs = [later for later in layers[k + 1 :] if automation.i0 < later.i0 <= automation.i1 <= later.i1]
        end = float(automation.i1)
        if heirs:
            end = max(end, max(heir.i0 + _ease_frames(heir, fps) for heir in heirs))
        length = _ease_frames(automation, fps)
        rise = np.ones(len(curve)) if length < 1 else np.clip((frames - automation.i0) / length, 0, 1)
        # the end of the song is no reason to let go
        leaves = not heirs and automation.i1 < len(curve)
        fall = np.clip((automation.i1 - frames) / length, 0, 1) if leaves and length >= 1 else np.ones(len(curve))
        weight = np.minimum(rise, fall)
        if automation.curve != "linear":
            weight = smoothstep(weight)
        weight[(frames < automation.i0) | (frames >= end)] = 0.0
        difference = float(automation.value) - curve
        if name in _DEGREES:  # the short way round
            curve = np.mod(curve + weight * (np.mod(difference + 180, 360) - 180), 360.0)
        else:
            curve = curve + weight * difference
    return curve


def _ease_frames(automation: Automation, fps: Fraction) -> float:
    """Frames that an ease takes, at most half of the automation."""
    return min(automation.ease_seconds * float(fps), (automation.i1 - automation.i0) / 2)


def _ease(cue: Cue, at: float, analysis: Analysis) -> tuple[str, float]:
    """Curve and seconds."""
    if cue.what == "prompt" and not cue.ease:
        return "walk", 0.0
    curve, length = parse_ease(cue.ease, "smoothstep" if cue.what in targets() or cue.what == "text" else "cut")
    try:
        return curve, length_after(length, at, analysis)
    except OptionError:
        if ":" in cue.ease:
            raise
        return curve, BEAT_SECONDS


def _frame(at: float, analysis: Analysis) -> int:
    """The frame nearest to a time."""
    return round_half_up(seconds_to_fraction(max(0.0, at)) * analysis.fps)
