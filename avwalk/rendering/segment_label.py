"""What the frames of a segment depend on, as a label: segments with equal labels hold equal bits.

A label covers its slices of the plan's arrays, widened by what effects need around a frame; the shots, preset spans and
captions that meet it; what draws and what is done to the frames; size, clock, seed, encoder and versions. It does not
cover what only other frames depend on, such as a caption or a pinned value elsewhere in the song. Where it is not
certain that something has no part in the frames, it is in the label: of a restyled film the whole film is.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from avwalk.contracts import Caption, Lyric, PresetSpan
from avwalk.frames.matter import wake_frames
from avwalk.plan.plan import Plan, alive
from avwalk.registry import make_effect
from avwalk.runners.segments import Segment

ASPECTS = ("settings", "worlds", "walk", "exposure", "camera", "colour", "matter", "parameters", "text")
"""What a label is made of, in the words in which a user is told why a segment is drawn again."""
_ASPECT_OF = {"exposure": "exposure", "camera": "camera", "light": "colour", "palette": "colour"}
_ASPECT_OF |= {"matter": "matter", "sound": "matter"}
"""First word of a parameter → its aspect; of all others ``parameters``."""


class SegmentLabels:
    """The labels of a film's segments.

    Args:
        plan: of the film.
    """

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._aspects: dict[Segment, dict[str, str]] = {}
        self._needs = {name: _needs(each) for name, each in {"": plan, **plan.presets}.items()}

    def label(self, segment: Segment) -> str:
        """sha256 of all that the segment's frames depend on, 64 hexadecimal digits."""
        aspects = self.aspects(segment)
        return hashlib.sha256(" ".join(aspects[name] for name in ASPECTS).encode()).hexdigest()

    def aspects(self, segment: Segment) -> dict[str, str]:
        """What the label is made of: the names of `ASPECTS` → sha256, 64 hexadecimal digits."""
        if segment not in self._aspects:
            self._aspects[segment] = self._found(segment)
        return self._aspects[segment]

    def _found(self, segment: Segment) -> dict[str, str]:
        plan, film = self._plan, self._plan.film
        told = _Told()
        told.add("settings", film.pixels_version, film.versions, film.size, str(film.fps), film.seed)
        told.add("settings", film.encoder.to_json(), list(segment))
        for name, own, a, b in _in_turn(plan, segment, told):
            _pictures(told, own, a, b, self._needs[name])
            if name:
                _written(told, own, a, b)
        _written(told, plan, *segment)
        return told.digests()


class _Told:
    """Digests of aspects that grow as more is added to them."""

    def __init__(self) -> None:
        self._digests = {name: hashlib.sha256() for name in ASPECTS}

    def add(self, aspect: str, *values: Any) -> None:
        """JSON values."""
        text = json.dumps(values, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
        self._digests[aspect].update(f"{text}\n".encode())

    def add_array(self, aspect: str, name: str, array: NDArray[Any]) -> None:
        """An array, by its bits."""
        self.add(aspect, name, str(array.dtype), list(array.shape))
        self._digests[aspect].update(np.ascontiguousarray(array).data)

    def digests(self) -> dict[str, str]:
        """Aspect → sha256 of what was added to it."""
        return {name: digest.hexdigest() for name, digest in self._digests.items()}


def _needs(plan: Plan) -> tuple[int, int]:
    """Frames before and after a frame that the effects of a plan want to see with it."""
    effects = [make_effect(name, options).needs for name, options in plan.film.look.effects.items()]
    wake = wake_frames(plan.film.look.preset.values, plan.fps)
    return sum(before for before, _ in effects) + wake, sum(after for _, after in effects)


def _in_turn(plan: Plan, segment: Segment, told: _Told) -> Iterator[tuple[str, Plan, int, int]]:
    """Whose pictures are in a segment, and of which frames: of the film's own preset (an empty name), or of pinned
    ones."""
    parts = [(span, *_clipped(span, segment)) for span in plan.preset_spans]
    parts = [part for part in parts if part[1] < part[2]]
    if [(span.preset, a, b) for span, a, b in parts] in ([], [("", *segment)]):
        yield "", plan, *segment
        return
    for span, a, b in parts:
        told.add("worlds", "span", max(span.i0, segment.i0), b, [span.i0, span.lead] if a < span.i0 else [])
        yield span.preset, plan.presets[span.preset] if span.preset else plan, a, b


def _clipped(span: PresetSpan, segment: Segment) -> tuple[int, int]:
    """The frames of a segment in which a preset is seen, those included in which it comes in."""
    return max(segment.i0, span.i0 - span.lead), min(segment.i1, span.i1)


def _pictures(told: _Told, plan: Plan, i0: int, i1: int, needs: tuple[int, int]) -> None:
    """What frames [i0, i1) of one preset depend on, but for what is written over them."""
    film, look, values = plan.film, plan.film.look, plan.film.look.preset.values
    a, b = max(plan.first, i0 - needs[0]), min(plan.last, i1 + needs[1])
    if look.restyle:  # key frames, their noise and the motion between them reach far
        a, b = plan.first, plan.last
        told.add("worlds", plan.shots)
    options = {name: value for name, value in look.generator.options.items() if name != "frames"}  # in the latents
    source = film.source and {**film.source.to_json(), "name": ""}
    told.add("settings", [i0, i1], [a, b], film.seed, film.device, film.compile, source, plan.decisions.batch)
    told.add("settings", look.generator.name, options, look.restyle and look.restyle.to_json(), look.upscale)
    if film.subject:
        told.add("settings", film.subject.sha256)
    told.add("settings", list(look.effects.items()), values["camera"], values["upscale"], values.get("matter"))
    told.add("settings", values.get("sound"))
    told.add_array("walk", "latents", plan.latents[a - plan.first : b - plan.first])
    told.add_array("matter", "trace", plan.trace[a - plan.first : b - plan.first + plan.past])
    _add_params(told, {name: curve[a - plan.first : b - plan.first] for name, curve in plan.params.items()})
    for k, shot in enumerate(plan.shots):
        own = max(a, shot.i0), min(b, shot.i1)
        if own[0] < own[1]:
            told.add("worlds", "shot", own, shot.lineage, shot.palette)
            told.add_array("matter", "births", alive(plan.born(k), *own))  # by where the shot began, they are others
        coming = max(a, shot.i0 - shot.lead), min(b, shot.i0)
        if coming[0] < coming[1] and plan.shots[0].i0 < shot.i0:
            told.add("worlds", "comes", coming, shot.i0, shot.lead, shot.lineage, shot.palette)
            rows = slice(*(i - (shot.i0 - shot.lead) for i in coming))
            lead = {name: curve[rows] for name, curve in plan.leads[k].items() if name not in ("births", "trace")}
            if "trace" in plan.leads[k]:
                told.add_array("matter", "lead trace", plan.leads[k]["trace"][rows.start : rows.stop + plan.past])
            told.add_array("matter", "lead", alive(plan.leads[k].get("births", plan.born(k)), *coming))
            told.add_array("walk", "lead", lead.pop("latents"))
            _add_params(told, lead)


def _add_params(told: _Told, params: Mapping[str, NDArray[np.float32]]) -> None:
    for name in sorted(params):
        told.add_array(_ASPECT_OF.get(name.partition(".")[0], "parameters"), name, params[name])


def _written(told: _Told, plan: Plan, i0: int, i1: int) -> None:
    """What is written over frames [i0, i1)."""
    if captions := _together(plan.captions, i0, i1):
        told.add("text", captions, plan.film.look.preset.values["text"], *filter(None, [plan.film.look.font]))
    if lyrics := [lyric for lyric in plan.lyrics if lyric.i0 < i1 and i0 < lyric.i1]:
        font, style = plan.film.look.font, plan.film.look.preset.values["text"]
        edges = min(lyric.i0 for lyric in lyrics), max(lyric.i1 for lyric in lyrics)
        near = [each for each in plan.lyrics if each in lyrics or any(_is_below(each, lyric) for lyric in lyrics)]
        told.add("text", near, _together(plan.captions, *edges), style, font, plan.film.profile)
    if plan.film.overlay:
        told.add("text", {**plan.film.overlay.to_json(), "name": ""})
    if plan.film.explain:  # lanes are scaled to all that their curves do
        told.add("text", plan.lane_start, plan.lane_ranges)
        for name, curve in plan.lanes.items():
            told.add_array("text", name, curve)


def _is_below(lyric: Lyric, other: Lyric) -> bool:
    """Whether a lyric has a part in where another stands."""
    return lyric.row < other.row and lyric.i0 < other.i1 and other.i0 < lyric.i1


def _together(captions: Sequence[Caption], i0: int, i1: int) -> list[Caption]:
    """The captions in frames [i0, i1), and those that have a part in where they stand: those that are there at a time
    with one of them, or with one of these."""
    found: set[int] = set()
    edges = [(i0, i1)]
    while edges:
        a, b = edges.pop()
        for k, caption in enumerate(captions):
            if k not in found and caption.i0 < b and a < caption.i1:
                found.add(k)
                edges.append((caption.i0, caption.i1))
    return [captions[k] for k in sorted(found)]
