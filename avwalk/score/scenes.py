"""Scenes: the song's sections as runs of frames, each in a world of its own label.

What repeats comes back: sections of one label share a world, a palette and a way through it, and every return
has moved on a little. A transition ends on its section's first frame, for early is forgiven and late is not.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from itertools import pairwise
from typing import Any

import numpy as np

from avwalk.contracts import Kin, Scene, Score
from avwalk.score.pins import Pin


def make_scenes(
    score: Score,
    fps: Fraction,
    n_frames: int,
    *,
    kin: Kin,
    worlds: str,
    transition: str,
    transition_bars: float,
    palettes: Sequence[str] = (),
) -> tuple[Scene, ...]:
    """The scenes of a whole song, without gaps from frame 0 to ``n_frames``.

    Args:
        score: whose sections they follow.
        fps: frames per second.
        n_frames: of the song.
        kin: of the film; the first label keeps its seeds, the others get seeds drawn from them.
        worlds: ``"sections"``, or ``"one"`` for a single scene.
        transition: ``"cut"``, ``"whip"`` or ``"melt"``.
        transition_bars: length of a melt.
        palettes: one for each label in turn; none: all keep the preset's.
    """
    if worlds == "one" or len(score.sections) < 2:
        return (Scene(0, n_frames, 0, 0, 0, kin, palettes[0] if palettes else None, "cut"),)
    bar = 240.0 / score.tempo_bpm if score.tempo_bpm else 2.0
    labels = {label: k for k, label in enumerate(dict.fromkeys(s.label for s in score.sections))}
    kins = [_of_label(kin, k) for k in range(len(labels))]
    starts = [0, *(round(s.start * float(fps)) for s in score.sections[1:]), n_frames]
    scenes: list[Scene] = []
    seen: dict[int, int] = {}
    for section, i0, i1 in zip(score.sections, starts[:-1], starts[1:], strict=True):
        if i1 <= i0:
            continue
        label = labels[section.label]
        n = seen[label] = seen.get(label, -1) + 1
        room = scenes[-1].i1 - scenes[-1].i0 if scenes else 0
        lead = min(round(transition_bars * bar * float(fps)), room // 2) if transition == "melt" else 0
        palette = palettes[label % len(palettes)] if palettes else None
        scenes.append(Scene(i0, i1, lead, label, n, kins[label], palette, transition))
    return tuple(scenes)


def wished(
    scenes: Sequence[Scene], kin: Kin, seeds: Sequence[Pin], palettes: Sequence[Pin], fps: Fraction
) -> tuple[Scene, ...]:
    """The scenes with the worlds and palettes that the artist wants over time.

    A wish begins and ends scenes where it begins and ends; it comes in as its ease says: a cut, or a melt of that
    length, which ends on its first frame. What was there before comes back at its end as it came.

    Args:
        scenes: of the whole song.
        kin: of the film; a seed that is wished for picks another of its parents' children.
        seeds: of worlds, none over another.
        palettes: likewise.
        fps: frames per second.
    """
    for pin in seeds:
        wish: dict[str, Any] = {"kin": kin._replace(seed=int(pin.value))}
        scenes = [part for scene in scenes for part in _parts(scene, pin, wish, fps)]
    for pin in palettes:
        scenes = [part for scene in scenes for part in _parts(scene, pin, {"palette": pin.value}, fps)]
    return tuple(scenes)


def _parts(scene: Scene, pin: Pin, wish: dict[str, Any], fps: Fraction) -> list[Scene]:
    """A scene cut where a wish begins and ends."""
    edges = [scene.i0, *(i for i in (pin.i0, pin.i1) if scene.i0 < i < scene.i1), scene.i1]
    lead = round(pin.ease_seconds * float(fps)) if pin.curve != "cut" else 0
    parts: list[Scene] = []
    for i0, i1 in pairwise(edges):
        part = scene._replace(i0=i0, i1=i1)
        if i0 > scene.i0:
            room = i0 - parts[-1].i0
            part = part._replace(lead=min(lead, room), transition="melt" if lead else "cut")
        if pin.i0 <= i0 < pin.i1:
            part = part._replace(**wish)
        parts.append(part)
    return parts


def _of_label(kin: Kin, label: int) -> Kin:
    """What a film's world is to a label: where the parents' films show their worlds of it, theirs are its parents."""
    seed = int(np.random.SeedSequence([kin.seed, 0x5CE7E, label - 1]).generate_state(1)[0]) if label else kin.seed
    return kin._replace(seed=seed, parents=tuple(_of_label(parent, label) for parent in kin.parents))
