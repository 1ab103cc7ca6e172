"""The plan of an excerpt out of that of the whole song, and of a loop.

A loop begins where it ends: over its last bar, what came before its first frame melts in, so the step from the last
frame to the first is a step like any other, whatever generator draws them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from avwalk.contracts import Birth, Lyric, PresetSpan, Shot
from avwalk.effects.explain import SECONDS as LANE_SECONDS
from avwalk.modulation.routes import Route
from avwalk.plan.plan import Plan, alive
from avwalk.spec import FilmSpec

_Run = TypeVar("_Run", Shot, PresetSpan)

PHASES = ("cppn.phase", "camera.angle", "camera.depth")  # they go on where the others rest


def closed(film: Plan, whole: Plan, lead: int) -> Plan:
    """The plan of a loop.

    Args:
        film: an excerpt.
        whole: of the song; `film` is taken out of it.
        lead: frames over which the beginning comes in, before the end.
    """
    later = round(film.film.av_offset_ms / 1000 * film.fps)
    first = next(shot for shot in film.shots if shot.i0 <= film.i0 < shot.i1)
    begin = max(0, first.i0 - later)
    wanted = np.arange(film.i0 - lead, film.i0) - later
    rows = np.maximum(wanted, begin)  # no further back than its shot
    coming: dict[str, NDArray[Any]] = {name: curve[rows].astype(np.float32) for name, curve in whole.params.items()}
    for name in PHASES:
        curve = whole.params[name]
        second = min(len(curve) - 1, begin + max(1, round(film.fps)))
        speed = float(curve[second] - curve[begin]) / max(1, second - begin)
        coming[name] = (curve[rows] - speed * (rows - wanted)).astype(np.float32)
    coming["latents"] = np.asarray(whole.latents[rows], np.float32)
    before = replace(film, births=_later(whole.births, later)).born(film.shots.index(first))
    births = _later(alive(before, film.i0 - lead, film.i0), film.n_frames)
    if len(whole.trace):
        coming["trace"] = _trace(whole, film.i0 - lead - later, film.i0 - later)
    anew = first._replace(i0=film.i1, i1=film.i1, lead=lead, transition="melt")
    preset_spans = film.preset_spans
    begins, ends = ([s.preset for s in preset_spans if s.i0 <= i < s.i1] for i in (film.i0, film.i1 - 1))
    if begins != ends:
        preset_spans = (*preset_spans, PresetSpan(film.i1, film.i1, lead, begins[0]))
    return replace(
        film, shots=(*film.shots, anew), leads=(*film.leads, coming | {"births": births}), preset_spans=preset_spans
    )


def excerpt(whole: Plan, film: FilmSpec, routes: Sequence[Route], needs: tuple[int, int] = (0, 0)) -> Plan:
    """The frames of a film out of the plan of its whole song, as late as the film wants its picture.

    Args:
        whole: from `make_plan`.
        film: the same spec, with the film's own span.
        routes: of the preset; a film that explains itself shows what they move.
        needs: how many frames its stages look back and ahead. A loop has nothing ahead: it begins anew.
    """
    i0, i1 = film.span
    first = max(0, i0 - needs[0])
    last = i1 if film.loop else min(whole.n_frames, i1 + needs[1])
    offset_ms = film.av_offset_ms
    later = round(offset_ms / 1000 * whole.fps)
    rows = np.clip(np.arange(first, last) - later, 0, whole.n_frames - 1)
    shots = _moved(whole.shots, later, whole.n_frames)
    turning = _moved(whole.preset_spans, later, whole.n_frames)
    seen = [k for k, shot in enumerate(shots) if shot.i0 - shot.lead < last and shot.i1 > first]
    film_plan = Plan(
        film,
        tuple(shots[k] for k in seen),
        np.ascontiguousarray(whole.latents[rows]),
        {name: np.ascontiguousarray(curve[rows]) for name, curve in whole.params.items()},
        tuple(whole.leads[k] for k in seen),
        whole.events + np.array([offset_ms / 1000, 0.0]),
        whole.facts,
        whole.decisions,
        captions=tuple(caption._replace(i0=caption.i0 + later, i1=caption.i1 + later) for caption in whole.captions),
        preset_spans=tuple(turn for turn in turning if turn.i0 - turn.lead < last and turn.i1 > first),
        thumbnails=whole.thumbnails,
        margins=(i0 - first, last - i1),
        births=alive(_later(whole.births, later), first, last),
        trace=_trace(whole, first - later, last - later) if len(whole.trace) else whole.trace,
        lyrics=tuple(_lyric_later(lyric, later) for lyric in whole.lyrics),
    )
    if not film.explain:
        return film_plan
    rows = np.clip(np.arange(whole.n_frames) - later, 0, whole.n_frames - 1)
    moved = dict.fromkeys(route.target for route in routes if route.target in whole.params)
    lanes = {name: whole.params[name][rows] for name in moved}
    ranges = {name: (float(curve.min()), float(curve.max())) for name, curve in lanes.items()}
    near = slice(film_plan.lane_start, i1 + round(LANE_SECONDS * whole.fps))
    return replace(film_plan, lanes={name: curve[near] for name, curve in lanes.items()}, lane_ranges=ranges)


def _lyric_later(lyric: Lyric, frames: int) -> Lyric:
    """The same lyric, so many frames later."""
    words = tuple((text, start + frames, end + frames) for text, start, end in lyric.words)
    return lyric._replace(i0=lyric.i0 + frames, i1=lyric.i1 + frames, words=words)


def _later(births: NDArray[np.float64], frames: int) -> NDArray[np.float64]:
    """Rows of `Birth`, born so many frames later."""
    later = births.copy()
    later[:, Birth._fields.index("frame")] += frames
    return later


def _trace(whole: Plan, i0: int, i1: int) -> NDArray[np.float16]:
    """The rows of frames [i0, i1) and of those before: a view where the song has them all, for the sake of memory."""
    if i0 >= 0 and i1 + whole.past <= len(whole.trace):
        return whole.trace[i0 : i1 + whole.past]
    return whole.trace[np.clip(np.arange(i0, i1 + whole.past), 0, len(whole.trace) - 1)]


def _moved(runs: Sequence[_Run], later: int, n_frames: int) -> list[_Run]:
    """Runs of frames when the picture comes ``later`` frames after the sound; the first and the last reach the ends."""
    last = len(runs) - 1
    return [
        run._replace(i0=run.i0 + later if k else 0, i1=run.i1 + later if k < last else n_frames)
        for k, run in enumerate(runs)
    ]
