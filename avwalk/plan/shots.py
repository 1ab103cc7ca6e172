"""Shots: the song's sections as runs of frames, each in a world of its own label.

What repeats comes back: sections of one label share a world, a palette and a way through it, and every return
has moved on a little. A transition ends on its section's first frame, for early is forgiven and late is not.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from itertools import groupby, pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from avwalk.arrays.interpolation import smoothstep
from avwalk.config.preset import Preset, Structure
from avwalk.contracts import Analysis, Curve, Lineage, Score, Shot
from avwalk.plan.camera_moves import moves
from avwalk.plan.long_shots import cuts_within
from avwalk.score.automation import Automation, apply_automations
from avwalk.score.cues import Cues
from avwalk.score.musical_time import bar_seconds


def make_shots(
    score: Score,
    fps: Fraction,
    n_frames: int,
    *,
    lineage: Lineage,
    form: Structure,
    novelty: Curve | None = None,
) -> tuple[Shot, ...]:
    """The shots of a whole song, without gaps from frame 0 to ``n_frames``.

    Each section begins one. Where sections of one label last longer than the preset's longest shot, another world comes
    in on a bar line, and so it does on a drop inside a section; these worlds come back, too, when the label does.

    Args:
        score: whose sections they follow.
        fps: frames per second.
        n_frames: of the song.
        lineage: of the film; the first label keeps its seeds, the others get seeds drawn from them.
        form: how the preset follows the form of a song.
        novelty: how much the music changes on each frame, for choosing where a long section is divided.
    """
    palettes = form.palettes
    if form.worlds == "one":
        return (Shot(0, n_frames, 0, 0, 0, lineage, palettes[0] if palettes else None, "cut"),)
    places = _places(score, form, fps, novelty)
    if len(places) < 2:
        return (Shot(0, n_frames, 0, 0, 0, lineage, palettes[0] if palettes else None, "cut"),)
    kins = {label: _of_label(lineage, label) for _, label in places}
    starts = [0, *(round(start * float(fps)) for start, _ in places[1:]), n_frames]
    shots: list[Shot] = []
    seen: dict[int, int] = {}
    for (start, label), i0, i1 in zip(places, starts[:-1], starts[1:], strict=True):
        if i1 <= i0:
            continue
        n = seen[label] = seen.get(label, -1) + 1
        room = shots[-1].i1 - shots[-1].i0 if shots else 0
        wanted = round(form.transition_bars * bar_seconds(score, start) * float(fps))
        lead = min(wanted, room // 2) if form.transition == "melt" else 0
        palette = palettes[label % len(palettes)] if palettes else None
        shots.append(Shot(i0, i1, lead, label, n, kins[label], palette, form.transition))
    return tuple(shots)


def _places(score: Score, form: Structure, fps: Fraction, novelty: Curve | None) -> list[tuple[float, int]]:
    """Where shots begin, seconds, and the numbers of their labels: those of sections from 0 in order, then those of
    the further parts of long ones, which look unlike the part before."""
    labels = {label: k for k, label in enumerate(dict.fromkeys(s.label for s in score.sections))}
    parts: dict[tuple[str, int], int] = {(label, 0): k for label, k in labels.items()}
    count = max(1, len(form.palettes))
    places: list[tuple[float, int]] = []
    for label, group in groupby(score.sections, key=lambda section: section.label):
        sections = list(group)
        cuts = cuts_within(sections, score, form.longest_shot, novelty, fps)
        for start in sorted({*(section.start for section in sections), *cuts.tolist()}):
            part = int(np.searchsorted(cuts, start, side="right"))
            if (label, part) not in parts:
                number = max(parts.values()) + 1
                while count > 1 and number % count == parts[label, part - 1] % count:
                    number += 1
                parts[label, part] = number
            places.append((start, parts[label, part]))
    return places


def with_cued_worlds(
    shots: Sequence[Shot], lineage: Lineage, seeds: Sequence[Automation], palettes: Sequence[Automation], fps: Fraction
) -> tuple[Shot, ...]:
    """The shots with the worlds and palettes that the artist wants over time.

    A wish begins and ends shots where it begins and ends; it comes in as its ease says: a cut, or a melt of that
    length, which ends on its first frame. What was there before comes back at its end as it came.

    Args:
        shots: of the whole song.
        lineage: of the film; a seed that is wished for picks another of its parents' children.
        seeds: of worlds, none over another.
        palettes: likewise.
        fps: frames per second.
    """
    for automation in seeds:
        wish: dict[str, Any] = {"lineage": lineage._replace(seed=int(automation.value))}
        shots = [part for shot in shots for part in _parts(shot, automation, wish, fps)]
    for automation in palettes:
        shots = [part for shot in shots for part in _parts(shot, automation, {"palette": automation.value}, fps)]
    return tuple(shots)


def _parts(shot: Shot, automation: Automation, wish: dict[str, Any], fps: Fraction) -> list[Shot]:
    """A shot cut where a wish begins and ends."""
    edges = [shot.i0, *(i for i in (automation.i0, automation.i1) if shot.i0 < i < shot.i1), shot.i1]
    lead = round(automation.ease_seconds * float(fps)) if automation.curve != "cut" else 0
    parts: list[Shot] = []
    for i0, i1 in pairwise(edges):
        part = shot._replace(i0=i0, i1=i1)
        if i0 > shot.i0:
            room = i0 - parts[-1].i0
            part = part._replace(lead=min(lead, room), transition="melt" if lead else "cut")
        if automation.i0 <= i0 < automation.i1:
            part = part._replace(**wish)
        parts.append(part)
    return parts


def _of_label(lineage: Lineage, label: int) -> Lineage:
    """What a film's world is to a label: where the parents' films show their worlds of it, theirs are its parents."""
    seed = (
        int(np.random.SeedSequence([lineage.seed, 0x5CE7E, label - 1]).generate_state(1)[0]) if label else lineage.seed
    )
    return lineage._replace(seed=seed, parents=tuple(_of_label(parent, label) for parent in lineage.parents))


Array = NDArray[np.float64]
CAMERA = ("camera.x", "camera.y", "camera.angle", "camera.zoom")
STREAMS = ("cppn.phase", "camera.depth")
"""What each shot begins anew."""


def origins(shots: Sequence[Shot], uncut: Sequence[Shot]) -> list[Shot]:
    """For each shot the one whose way it goes.

    What goes on behind a wish goes on where it would be without it: a part of a shot that shows the shot's own world,
    in whatever palette, has its way. A world that is wished for begins with its own shot.

    Args:
        shots: of the whole song, from `with_cued_worlds`.
        uncut: the same without wishes, from `make_shots`.
    """
    starts = [shot.i0 for shot in uncut]
    found = [uncut[bisect_right(starts, shot.i0) - 1] for shot in shots]
    return [origin if shot.lineage == origin.lineage else shot for shot, origin in zip(shots, found, strict=True)]


def runs_of(
    shots: Sequence[Shot], uncut: Sequence[Shot], paths: Callable[[Sequence[Shot]], Sequence[NDArray[np.float64]]]
) -> list[NDArray[np.float64]]:
    """Rows of every shot, its lead included, where parts of a shot have their part of its way.

    Args:
        shots: of the whole song.
        uncut: the same without wishes.
        paths: gives the rows of shots, each (lead + i1 − i0, d).
    """
    whose = origins(shots, uncut)
    distinct = list(dict.fromkeys([uncut[0], *whose]))  # the first one's seed is that of what goes through all of them
    known = dict(zip(distinct, paths(distinct), strict=True))
    return [part_of_path(known[origin], shot, origin) for shot, origin in zip(shots, whose, strict=True)]


def part_of_path(rows: NDArray[Any], shot: Shot, origin: Shot) -> NDArray[Any]:
    """Of the rows of a shot, its lead first, those of a part of that shot and of the lead of that part."""
    first = (shot.i0 - shot.lead) - (origin.i0 - origin.lead)
    return rows[first : first + shot.lead + shot.i1 - shot.i0]


def in_shots(
    params: dict[str, NDArray[np.float32]],
    shots: Sequence[Shot],
    uncut: Sequence[Shot],
    preset: Preset,
    fps: Fraction,
    phrases: Mapping[Shot, Sequence[int]],
) -> list[dict[str, NDArray[np.float32]]]:
    """Changes the curves of the song to what each shot makes of them; gives those of the leads.

    A world begins to stream again where its label began, moved on a little each time that it returns; its dive and
    its camera programmes, one for each phrase, begin anew. Behind a wish they go on, see `origins`.
    """
    song = {name: params[name] for name in (*STREAMS, *CAMERA)}
    for name in song:
        params[name] = song[name].copy()
    after = dict(pairwise(shots)) | dict(pairwise(uncut))
    ways: dict[Shot, dict[str, NDArray[np.float64]]] = {}
    leads: list[dict[str, NDArray[np.float32]]] = []
    for shot, origin in zip(shots, origins(shots, uncut), strict=True):
        if origin not in ways:
            whips_out = origin in after and after[origin].transition == "whip"
            camera = moves(origin, preset.structure.camera, fps, whips_out=whips_out, edges=phrases.get(origin, ()))
            ways[origin] = _way(song, origin, preset, camera)
        changed = {name: part_of_path(way, shot, origin) for name, way in ways[origin].items()}
        for name, curve in changed.items():
            params[name][shot.i0 : shot.i1] = curve[shot.lead :]
        leads.append(
            {name: curve[: shot.lead].astype(np.float32) for name, curve in changed.items()} if shot.lead else {}
        )
    return leads


def _way(
    song: Mapping[str, NDArray[np.float32]], shot: Shot, preset: Preset, camera: Mapping[str, Array]
) -> dict[str, Array]:
    """The curves of a shot and its lead."""
    rows, form = slice(shot.i0 - shot.lead, shot.i1), preset.structure
    changed = {name: song[name][rows] + camera[name] for name in ("camera.x", "camera.y", "camera.angle")}
    changed["camera.zoom"] = song["camera.zoom"][rows] * camera["camera.zoom"]
    changed |= {name: song[name][rows] - song[name][shot.i0] for name in STREAMS}
    changed["cppn.phase"] += 0.5 * form.development * shot.occurrence
    changed["camera.depth"] += preset.camera.depth
    return changed


def merge_leads(
    params: dict[str, NDArray[np.float32]], leads: Sequence[dict[str, NDArray[np.float32]]], shots: Sequence[Shot]
) -> None:
    """One set of curves for pictures of one world: what a shot wants during its lead comes in by and by."""
    for shot, lead in zip(shots, leads, strict=True):
        rows = slice(max(0, shot.i0 - shot.lead), shot.i0)
        linear = np.arange(1, shot.lead + 1) / (shot.lead + 1)
        share = smoothstep(linear)[shot.lead - (rows.stop - rows.start) :]
        for name in CAMERA if lead else ():
            coming = lead[name][shot.lead - len(share) :]
            params[name][rows] += (share * (coming - params[name][rows])).astype(np.float32)


def automate_cameras(
    params: dict[str, NDArray[np.float32]],
    leads: Sequence[dict[str, NDArray[np.float32]]],
    shots: Sequence[Shot],
    cues: Cues,
    analysis: Analysis,
    names: Sequence[str],
) -> None:
    """Lays the artist's values over cameras as the programmes of the shots move them, in their leads too.

    Args:
        params: target → (n_frames,) of the whole song; those named are replaced.
        leads: of each shot its curves while it comes in; likewise.
        shots: of the whole song.
        cues: the artist's.
        analysis: corrected by the same cues.
        names: the targets of `CAMERA` that cues name.
    """
    for name in names:
        song = params[name]
        params[name] = apply_automations({name: song}, cues, analysis)[name]
        for shot, lead in zip(shots, leads, strict=True):
            if shot.lead:
                rows = slice(shot.i0 - shot.lead, shot.i0)
                coming = song.copy()
                coming[rows] = lead[name]
                lead[name] = apply_automations({name: coming}, cues, analysis)[name][rows]
