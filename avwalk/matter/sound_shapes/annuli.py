"""The shapes ``ring`` and ``chroma``: the sound as rings around the focus, one for each moment, the older the farther.

Around a subject they spread outwards, each behind the one before, and dissolve. Down a tunnel they run ahead of the
viewer, each within the one before, and dissolve into the light at its end. What lies around the focus of a folded world
is folded as the world is: it stands in all mirrors at once.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from avwalk.contracts import Frames
from avwalk.matter.colours import Colours
from avwalk.matter.sound_shapes import kernels
from avwalk.matter.sound_shapes.relief import LOSS, encoded, facing
from avwalk.matter.sound_shapes.sounding import Sounding
from avwalk.matter.view import View

Array = NDArray[np.float64]

TURN = 2 * np.pi
FINEST = 1024
"""Directions in which rings are known, at most; else one for each pixel of the largest."""
PITCHES = 12
RINGS = 13
APART = 0.42
"""Seconds between two rings: all of them fit into the past of a trace."""
INNER, OUTER = 0.46, 1.18
"""Half-heights: radius of the newest and of the oldest ring around a subject."""
MOUTH, END = 1.7, 0.085
"""Half-heights: the same of those down a tunnel."""
RISE = 0.30
"""Half-heights that the loudest moment of the song moves the newest ring."""


def draw_rings(picture: Frames, view: View, sound: Sounding, colours: Colours) -> None:
    """Draws the rings into a picture, (H, W, 3) sRGB."""
    perspective = sound.perspective
    ages = np.concatenate([[0.0], sound.seconds % APART + APART * np.arange(RINGS - 1)])
    far = np.minimum(ages / (APART * (RINGS - 1)), 1)
    profile = _petals if sound.rows.shape[1] == PITCHES else _folded
    n = int(np.clip(TURN * OUTER * sound.size * view.scale, 96, FINEST)) // 12 * 12
    turn = np.arange(n + 1) / n
    waves = np.stack([profile(sound.before(age), turn, perspective.mirrors) for age in ages])
    heights = np.where(waves > 0, waves, LOSS * waves)
    bore = perspective.kind == "bore"
    if bore:
        base = MOUTH * (END / MOUTH) ** far
        radius = base[:, None] * (1 - 0.6 * RISE * sound.reach * heights)
    else:
        base = INNER + (OUTER - INNER) * far**0.9
        radius = base[:, None] + (RISE * sound.reach * (1 - 0.45 * far))[:, None] * heights
    radius = np.maximum(sound.size * radius, 0.01)
    way = np.stack([np.sin(TURN * turn), -np.cos(TURN * turn)], axis=1)
    points = radius[:, :, None] * way  # in half-heights, around the focus
    step = np.gradient(points, axis=1)
    step[:, [0, -1]] = (step[:, :1] + step[:, -1:]) / 2  # around
    table = np.empty((n + 1, RINGS, 4), np.float32)
    table[:, :, 0] = (radius * view.scale).T
    across = np.abs(step[..., 0] * way[:, 1] - step[..., 1] * way[:, 0])
    table[:, :, 1] = np.maximum(across / np.maximum(np.hypot(step[..., 0], step[..., 1]), 1e-9), kernels.STEEPEST).T
    sense = -1.0 if bore else 1.0
    table[:, :, 2] = sense * facing(step @ view.turn.T, colours.light).T
    table[:, :, 3] = (0.3 + 0.7 * np.clip(1.8 * np.abs(heights), 0, 1)).T
    lines = _lines(picture, view, sound, colours, far)
    gaps = sound.size * np.abs(np.diff(base, prepend=0.75 * base[0] if not bore else 1.6 * base[0]))
    lines[:, kernels.DEPTH] = 1 / np.maximum(
        view.scale * (1.25 * gaps + 0.15 * RISE * sound.size * (1 + 4 * sound.reach)), 1
    )
    fine = np.minimum(base, 1) if bore else 1 - 0.5 * far
    lines[:, kernels.HALF] = np.maximum(view.scale * sound.size * 0.0042 * fine, 0.35)
    middle = (np.array(perspective.focus) - view.eye) @ view.turn.T * view.scale + view.middle
    right = view.turn @ np.array([1.0, 0.0])
    hole = 0.0 if bore else 0.62 * INNER * sound.size * view.scale
    place = np.array([*middle, *right, sense, hole, max(0.26 * INNER * sound.size * view.scale, 1.0)], np.float32)
    edges = np.maximum.accumulate(sense * table[:, :, 0], axis=1)
    edges = sense * np.maximum(edges[:-1], edges[1:])
    scratch = np.empty((2, picture.shape[1]), np.float32)
    edges32, lines32 = np.ascontiguousarray(edges, np.float32), np.ascontiguousarray(lines, np.float32)
    kernels.draw_annuli(picture, table, edges32, lines32, place, scratch)


def _folded(values: Array, turn: Array, mirrors: int) -> Array:
    """A trace around the circle and back to its first value: the whole once, or half of it between mirrors."""
    if len(values) < 128:  # a spectrum has two ends
        mirrors = max(mirrors, 1)
    if mirrors == 0:
        return np.asarray(np.interp(turn * len(values), np.arange(len(values) + 1), np.append(values, values[0])))
    top = len(values) - 1 if len(values) < 128 else 0.5 * len(values)
    return np.asarray(np.interp(_between(turn, mirrors) * top, np.arange(len(values)), values))


def _petals(levels: Array, turn: Array, mirrors: int) -> Array:
    """A petal for each pitch class; those of a folded world lie between its mirrors."""
    at = _between(turn, mirrors) * (PITCHES if mirrors == 0 else PITCHES - 1)
    petals = np.zeros(len(turn))
    for pitch, level in enumerate(np.clip(levels, 0, 1)):
        off = np.abs(at - pitch)
        off = np.minimum(off, PITCHES - off) if mirrors == 0 else off
        petals = np.maximum(petals, (0.12 + level) * np.clip(1 - (off / 0.6) ** 2, 0, 1) ** 0.6)
    return petals


def _between(turn: Array, mirrors: int) -> Array:
    """Where something stands between two mirrors, 0 at one and 1 at the next; without any: the turn itself."""
    return turn if mirrors == 0 else 2 * np.abs(mirrors * turn - np.rint(mirrors * turn))


def _lines(picture: Frames, view: View, sound: Sounding, colours: Colours, far: Array) -> Array:
    """The looks of the rings, see `kernels.LINE`; their sizes are left out."""
    lines = np.zeros((len(far), kernels.LINE))
    if sound.perspective.kind == "bore":
        top, foot, share = colours.tone(0.26 + 0.56 * far, 0.4), colours.tone(0.05 + 0.30 * far, 0.7), 1 - far**6
        lit, crest = 0.7 - 0.4 * far, 0.9 - 0.6 * far
    else:
        top, foot = colours.tone(0.66 - 0.40 * far, 0.75 * far), colours.tone(0.16 - 0.10 * far, 0.3 + 0.6 * far)
        share = 1 - far**2.5
        lit, crest = 0.55 + 0 * far, (1 - far) ** 0.7
    lines[:, kernels.TOP : kernels.TOP + 3] = encoded(top)
    lines[:, kernels.FOOT : kernels.FOOT + 3] = encoded(foot)
    lines[:, kernels.CREST : kernels.CREST + 3] = encoded(colours.tone(0.96, 0.1) + 0.1 * colours.glow(0.3))
    lines[:, kernels.CREST_SHARE] = sound.opacity * crest
    lines[:, kernels.LIT] = lit
    lines[:, kernels.BODY_SHARE] = sound.opacity * share
    return lines
