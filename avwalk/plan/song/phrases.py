"""Within a shot something changes at a bar line every few bars, so that no twenty seconds look like the last.

Phrases are counted from the beginning of a shot. The first is as the preset has it; light, framing, bending, relief and
place in the palette of those after it are drawn from the shot's label and the phrase, so that a section that returns
does the same again, and after `CYCLE` phrases it begins anew. A step is short and has arrived on its bar line. Before a
melt into the next shot all is as at the beginning, since the coming picture begins so.

Each phrase has a camera programme of its own, see `avwalk.plan.camera_moves`. Where the palette is in a key the picture
melts into the hues of a neighbouring one and back, every `HUE_BARS` bars or with each phrase that is longer.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from avwalk.arrays.interpolation import smoothstep
from avwalk.config.preset import Preset, targets
from avwalk.contracts import Analysis, Score, Shot
from avwalk.generators.palette_in_key import name_in_key, near_key, parts_of
from avwalk.score.automation import Automation
from avwalk.score.musical_time import bar_seconds

Array = NDArray[np.float64]

LEAST_SECONDS = 6.0
"""Phrases are twice as long until they are no shorter."""
CYCLE = 4  # phrases
REST_BARS = 2
"""A phrase that would be shorter belongs to the one before."""
STEP_BEATS, STEP_SECONDS = 1.0, 0.4
"""A step takes as long, whichever is less: it is a move, not a blink."""
FACTORS = {"camera.zoom": 0.4, "cppn.warp": 0.35, "cppn.height": 0.35}  # octaves, either way
OFFSETS = {"palette.shift": 0.3, "cppn.detail": 0.15, "light.azimuth": 80.0, "camera.angle": 8.0}
PLACES = {"camera.x": 0.2, "camera.y": 0.1}
"""Half-heights; across only where the world has no middle that must stay in the middle of the frame."""
SYMMETRIC_LIGHT = 30.0  # degrees: mirrors show light from the side as a fault
LEAST = 0.5  # share of the size: a step is seen
HUE_BARS = 8
MELT_BEATS, MELT_SECONDS = 2.0, 1.2
"""In which a picture melts into other hues, whichever is less."""

Edges = Mapping[Shot, Sequence[int]]
"""Of each shot the first frames of its phrases after the first."""


def with_phrases(
    params: Mapping[str, NDArray[np.float32]], edges: Edges, preset: Preset, analysis: Analysis
) -> dict[str, NDArray[np.float32]]:
    """The parameters of the whole song with the steps of its phrases.

    Args:
        params: target → (n_frames,).
        edges: of all shots, see `phrase_edges`; none: nothing changes.
        preset: what may change in it.
        analysis: of the song.
    """
    found = dict(params)
    if not edges:
        return found
    names, shots = _names(preset), list(edges)
    states = {name: np.zeros(analysis.n_frames) for name in names}
    for shot, end in zip(shots, _ends(shots), strict=True):
        _lay(states, shot, end, edges[shot], names, analysis)
    for name, state in states.items():
        target, curve = targets()[name], params[name].astype(np.float64)
        moved = curve * np.exp2(state) if name in FACTORS else curve + state
        moved = np.mod(moved, 360.0) if target.wraps else np.clip(moved, target.low, target.high)
        found[name] = np.where(state != 0, moved, curve).astype(np.float32)
    return found


def phrase_lines(score: Score, start: float, end: float, bars: int) -> list[float]:
    """Where the phrases after the first begin between two times, on bar lines, seconds."""
    bar = bar_seconds(score, start)
    while bars * bar < LEAST_SECONDS:
        bars *= 2
    marks = score.bars if len(score.bars) > 1 else np.arange(start, end, bar)
    inside = marks[(marks > start - 0.5 * bar) & (marks < end - 0.5 * bar)]
    first = 0 if len(inside) and abs(inside[0] - start) < 0.5 * bar else bars - 1  # a start off the bar lines
    lines = inside[first::bars][1 if first == 0 else 0 :]
    return [float(line) for line in lines if line <= end - REST_BARS * bar + 1e-6]


def phrase_edges(shots: Sequence[Shot], bars: int, analysis: Analysis) -> dict[Shot, list[int]]:
    """First frames of the phrases after the first of each shot.

    Args:
        shots: of the whole song, without wishes.
        bars: of a phrase; 0: there are none.
        analysis: of the song.
    """
    if not bars:
        return {}
    fps, score = float(analysis.fps), analysis.score
    return {
        shot: [round(line * fps) for line in phrase_lines(score, shot.i0 / fps, end / fps, bars)]
        for shot, end in zip(shots, _ends(shots), strict=True)
    }


def phrase_palettes(edges: Edges, bars: int, analysis: Analysis, cued: Sequence[Automation]) -> list[Automation]:
    """When a shot is in other hues: in those of a neighbouring key.

    Args:
        edges: of all shots, see `phrase_edges`.
        bars: of a phrase.
        analysis: of the song.
        cued: worlds and palettes that the artist asked for: there nothing changes.
    """
    seconds = min(MELT_BEATS * 60 / (analysis.score.tempo_bpm or 120.0), MELT_SECONDS)
    held, found = max(1, HUE_BARS // max(1, bars)), []
    for shot, lines in edges.items():
        parts = parts_of(shot.palette or "")
        if parts is None:
            continue
        name, key, *rest = parts
        other = name_in_key(name, near_key(key), *rest)
        for k in range(held - 1, len(lines), 2 * held):
            i0, i1 = lines[k], lines[k + held] if k + held < len(lines) else shot.i1
            if not any(cue.i0 < i1 and cue.i1 > i0 for cue in cued):
                found.append(Automation(i0, i1, other, seconds, "melt"))
    return found


def _ends(shots: Sequence[Shot]) -> list[int]:
    """Where each shot ends, or where the next begins to come in over it."""
    return [shot.i1 - (after.lead if after else 0) for shot, after in zip(shots, [*shots[1:], None], strict=True)]


def _names(preset: Preset) -> dict[str, float]:
    """What may change in a preset, and how far."""
    names = {**FACTORS, **OFFSETS, **PLACES}
    left_out = {"cppn.detail"} if not preset.cppn.detail else set()
    if preset.camera.symmetry == "mirror":
        left_out |= {"camera.x", "camera.angle"}
    elif preset.camera.symmetry != "none" or preset.camera.map == "polar":
        left_out |= {"camera.x", "camera.y"}
    if preset.cppn.topology == "horizon":  # its sun stands near the upper edge
        names |= {name: 0.4 * names[name] for name in ("camera.zoom", "camera.y", "camera.angle")}
    if preset.camera.symmetry != "none":
        names["light.azimuth"] = SYMMETRIC_LIGHT
    return {name: size for name, size in names.items() if name not in left_out}


def _state(shot: Shot, phrase: int, names: Mapping[str, float]) -> dict[str, float]:
    """How far each parameter is from the preset's in a phrase: between half and all of its size, either way."""
    if phrase % CYCLE == 0:
        return dict.fromkeys(names, 0.0)
    rng = np.random.default_rng([shot.lineage.path_seed, shot.label, phrase % CYCLE, 0xF4A5E])
    sides = dict(zip(names, rng.integers(0, 2, len(names)) * 2 - 1, strict=True))
    sizes = dict(zip(names, rng.uniform(LEAST, 1.0, len(names)), strict=True))
    sides["camera.zoom"] = 1 if (phrase + shot.label) % 2 else -1  # nearer and farther in turn
    return {name: float(far * sides[name] * sizes[name]) for name, far in names.items()}


def _lay(
    states: dict[str, Array], shot: Shot, end: int, edges: Sequence[int], names: Mapping[str, float], analysis: Analysis
) -> None:
    """Writes the states of a shot's phrases into the curves, with their steps."""
    beat = 60 / (analysis.score.tempo_bpm or 120.0)
    step = max(1, round(min(STEP_BEATS * beat, STEP_SECONDS) * float(analysis.fps)))
    before = _state(shot, 0, names)
    back = [end] if end < shot.i1 and edges else []
    for k, edge in enumerate([*edges, *back], start=1):
        now = _state(shot, k if edge != end else 0, names)
        a = max(shot.i0, edge - step)
        share = smoothstep(np.arange(1, edge - a + 1) / (edge - a)) if edge > a else np.zeros(0)
        for name, curve in states.items():
            curve[a:edge] = before[name] + share * (now[name] - before[name])
            curve[edge : shot.i1] = now[name]
        before = now
