"""★ Start here: how a song becomes a film, left to right.

    song ─► audio ─► features ─► score ─► walk ─► source ─► effects ─► video ─► song.mp4
            └────────── planned once: the Plan ─────────┘ └─ drawn anywhere ─┘
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from fractions import Fraction
from pathlib import Path
from typing import Any

from avwalk import presets
from avwalk.audio.decode import read_blocks
from avwalk.audio.probe import probe
from avwalk.clock import Clock, parse_fps
from avwalk.config import RenderOptions
from avwalk.contracts import Analysis, Event, Generator, Song
from avwalk.features.cache import cached_analysis
from avwalk.output import Output, finished_film, resolve_output
from avwalk.plan import Plan, film_inputs, make_plan
from avwalk.registry import make_generator
from avwalk.request import Request, resolve
from avwalk.runners.local import Stages, draw_segments
from avwalk.segments import Segment, WorkFolder, partition
from avwalk.source import DrawnSource

Report = Callable[[Event], None]


def render(song: str | Path, *, on_event: Report | None = None, **options: Any) -> dict[str, Any]:
    """Renders a song to a music video.

    Args:
        song: any audio file, or a video with sound.
        on_event: called with every event: ``resolved``, ``plan``, ``segment``, ``progress``, ``warning``, ``done``.
        **options: the fields of `avwalk.config.RenderOptions`: ``preset``, ``out``, ``size``, ``fps``, ``start``, …

    Returns:
        The ``done`` event: ``out``, ``n_frames``, ``resumed_frames``, ``wall_s``, ``lag_frames``, ``correlation``.

    Raises:
        AvwalkError: what happened, the value, what to do next. Finished segments stay for the next try.
        KeyboardInterrupt: as it came; what is done is kept and stands in ``<out>.partial.mp4``.
    """
    began = time.perf_counter()
    report = on_event or (lambda event: None)
    request = resolve(song, options)
    for warning in (*request.song.warnings, *request.notes):
        report({"event": "warning", "message": warning})
    output = resolve_output(request)
    report({"event": "resolved", **request.summary, "out": str(output.path)})
    with WorkFolder(output.path, request.film, fresh=request.options.fresh) as work:
        try:
            plan, generator = _planned(request, work, report)
            resumed, drawn = _draw(plan, generator, request, work, output, report)
            sync = finished_film(plan, request, work, output, report)
        except BaseException:
            if work.is_empty():
                work.remove()
            raise
        work.remove()
    done = {
        "event": "done",
        "out": str(output.path),
        "n_frames": plan.n_frames,
        "resumed_frames": resumed,
        "drawn_frames": drawn,
        "wall_s": round(time.perf_counter() - began, 3),
        **sync,
    }
    report(done)
    return done


def analyze(
    song: str | Path,
    *,
    fps: str | float | Fraction = "30",
    bpm: float | None = None,
    first_beat: float | None = None,
    progress: Callable[[float], None] | None = None,
) -> Analysis:
    """The whole song as curves on the frame clock, with tempo, beats, bars, sections and drops.

    Args:
        song: any audio file, or a video with sound.
        fps: frames per second.
        bpm: overrules the tempo found.
        first_beat: overrules where the beats begin, seconds.
        progress: called with the share done, 0 to 1.

    Raises:
        SongError: the song cannot be read, or holds nothing to read.
    """
    probed = probe(Path(song))
    return cached_analysis(
        probed, lambda: read_blocks(probed.path), parse_fps(fps), bpm=bpm, first_beat=first_beat, progress=progress
    )
