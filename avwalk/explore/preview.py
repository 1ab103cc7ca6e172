"""Previews: short excerpts at given spots at low resolution, and a contact sheet of the whole song."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from avwalk.clock import Clock
from avwalk.contracts import Analysis
from avwalk.errors import OptionError
from avwalk.events import warning
from avwalk.pipeline import plan_of, render, source_of
from avwalk.rendering.draw import Report
from avwalk.request.metadata import metadata
from avwalk.request.output import safe_stem
from avwalk.request.resolve import resolve
from avwalk.score.musical_time import Moment, parse_moment, stretch
from avwalk.score.musical_time import resolve as resolve_time
from avwalk.video.contact_sheet import contact_sheet

MAX_PICTURES = 400


def preview(
    song: str | Path,
    at: Sequence[str] = ("drop",),
    *,
    seconds: float = 6.0,
    pictures: int = 24,
    folder: str | Path | None = None,
    on_event: Report | None = None,
    **options: Any,
) -> list[Path]:
    """Renders spots of a song and a contact sheet of all of it.

    Args:
        song: any audio file, or a video with sound.
        at: spots: ``drop``, ``loudest``, ``quietest``, ``section:2``, ``bar:17``, or other times.
        seconds: length of each spot.
        pictures: frames on the contact sheet, evenly over the song.
        folder: where the files go.
        on_event: as in `avwalk.render`.
        **options: as in `avwalk.render`.

    Returns:
        The files: one video for each spot, then the contact sheet.

    Raises:
        OptionError: a spot that is not known, or that this song does not have.
    """
    if not 1 <= pictures <= MAX_PICTURES:
        raise OptionError(f"a contact sheet of {pictures} frames is out of range; it must be 1 to {MAX_PICTURES}")
    asked = [(spot.strip(), _moment(spot.strip())) for spot in at if spot.strip()]
    request = resolve(song, options)
    plan, worlds, analysis = plan_of(request)
    base = Path(folder) if folder else Path()
    stem = f"{safe_stem(request.song.path.stem)}_{request.preset.name}_preview"
    base.mkdir(parents=True, exist_ok=True)
    if "drop" in [spot for spot, _ in asked] and not len(analysis.score.drops) and on_event:
        on_event(warning("no drop was found in this song: its loudest part is shown instead"))
    spots = [(spot, _start(spot, moment, analysis, seconds)) for spot, moment in asked]
    made = []
    for name, start in spots:
        label = re.sub(r"[^A-Za-z0-9.]+", "-", name)
        out = base / f"{stem}_{label}.mp4"
        render(song, on_event=on_event, **{**options, "out": out, "start": start, "duration": seconds})
        made.append(out)
    source = source_of(plan, worlds)
    indices = np.unique(np.linspace(plan.i0, plan.i1 - 1, pictures).round().astype(int))
    frames = [(_label(int(i), request.clock), source.frames(int(i), int(i) + 1)[0]) for i in indices]
    sheet = base / f"{stem}.png"
    contact_sheet(frames, min(4, len(frames)), sheet, metadata(request))
    return [*made, sheet]


def _label(i: int, clock: Clock) -> str:
    minutes, seconds = divmod(float(clock.time(i)), 60)
    return f"{int(minutes)}:{seconds:05.2f}"


def _moment(spot: str) -> Moment:
    try:
        return parse_moment(spot)
    except OptionError as error:
        raise OptionError(f"--at '{spot}': {error}") from None


def _start(spot: str, moment: Moment, analysis: Analysis, seconds: float) -> float:
    """Start of a spot's excerpt, so that the named moment is inside."""
    last = max(0.0, analysis.duration - seconds)
    try:
        if spot == "drop" and not len(analysis.score.drops):
            moment = parse_moment("loudest")  # a song without a drop: its climax
        if moment.kind in ("loudest", "quietest") and not moment.offsets:
            return stretch(analysis, seconds, loudest=moment.kind == "loudest")
        at = resolve_time(moment, analysis)
    except OptionError as error:
        raise OptionError(f"--at '{spot}': {error}") from None
    if at >= analysis.duration and moment.plain:
        raise OptionError(f"--at '{spot}' is outside the song ({analysis.duration:.1f} s)")
    if moment.kind == "drop" and not moment.offsets:
        at -= seconds / 3  # what leads up to it
    # a time as asked for, but nothing that is named after a place begins so late that it cannot be seen
    return at if moment.plain else min(max(at, 0.0), last)
