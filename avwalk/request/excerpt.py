"""The frames of the song that a film has, from start, duration and loop in seconds, bars or beats."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

import numpy as np

from avwalk.clock import Clock
from avwalk.config.options import RenderOptions
from avwalk.contracts import Analysis
from avwalk.errors import OptionError
from avwalk.plan.analysis import LazyAnalysis
from avwalk.score.musical_time import bar_seconds, length_after, parse_length
from avwalk.score.musical_time import resolve as resolve_time

CANVAS_SECONDS = (3.0, 8.0)
"""As Spotify takes a Canvas: a vertical loop without sound."""
STORY_SECONDS = 15.0
"""One card of a story; longer films are cut into cards by the services."""


@dataclass(frozen=True)
class Excerpt:
    """A film's place in its song.

    Attributes:
        start: seconds; None: the song's beginning.
        duration: seconds; None: to the song's end.
        span: frames [i0, i1).
        loop: frames over which a loop's beginning comes in; 0: it is no loop.
        notes: what is otherwise than asked.
    """

    start: float | None
    duration: float | None
    span: tuple[int, int]
    loop: int
    notes: tuple[str, ...] = ()


def excerpt_of(options: RenderOptions, clock: Clock, analysis: LazyAnalysis) -> Excerpt:
    """The frames that are asked for; the song is analysed only where bars or beats say which.

    Raises:
        OptionError: a time that the song does not have.
    """
    musical = isinstance(options.start, str) or isinstance(options.duration, str) or bool(options.loop)
    start, duration = _seconds(options, analysis() if musical else None)
    span = clock.span(start, duration)
    loop = _loop_lead(span, analysis()) if options.loop else 0
    if duration is None or (start or 0.0) + duration <= float(clock.duration) + 0.001:
        return Excerpt(start, duration, span, loop)
    if options.loop:
        raise OptionError(
            f"--loop {options.loop} from {start or 0.0:.2f} s goes past the end of the song "
            f"({float(clock.duration):.2f} s); {'begin earlier, or ' if start else ''}give fewer bars"
        )
    note = f"--duration {duration:g} goes past the end of the song ({float(clock.duration):.2f} s)"
    return Excerpt(start, duration, span, loop, (note,))


def excerpt_in_profile(options: RenderOptions, clock: Clock, analysis: LazyAnalysis) -> tuple[RenderOptions, Excerpt]:
    """`excerpt_of` in the length that the profile is for, where none is asked for; and the options with that length.

    Raises:
        OptionError: a time that the song does not have, or a length that the profile does not take.
    """
    options, notes = _fitted_to_profile(options, clock, analysis)
    excerpt = excerpt_of(options, clock, analysis)
    return options, replace(excerpt, notes=(*notes, *excerpt.notes))


def _fitted_to_profile(options: RenderOptions, clock: Clock, analysis: LazyAnalysis) -> tuple[RenderOptions, list[str]]:
    """The options with the length that the profile is for, where none was asked for; and a note of it.

    Raises:
        OptionError: a canvas of another length than the services take.
    """
    if options.profile == "story" and options.duration is None and not options.loop:
        if float(clock.duration) <= STORY_SECONDS:
            return options, []
        start = options.start
        if start is None:
            start = _loudest_bar((STORY_SECONDS, "s"), analysis())
        return options.model_copy(update={"start": start, "duration": STORY_SECONDS}), [
            f"story: {STORY_SECONDS:g} s of the song; --duration takes more of it, at most 60 s of one story"
        ]
    if options.profile != "canvas":
        return options, []
    if options.duration is not None and not options.loop:
        raise OptionError("a canvas is a loop: give --loop 4bars instead of --duration, or leave both out")
    notes = []
    if not options.loop:
        options = options.model_copy(update={"loop": _canvas_bars(analysis())})
        notes = [f"canvas: a loop of {options.loop}"]
    start, seconds = _seconds(options, analysis())
    if not CANVAS_SECONDS[0] <= (seconds or 0.0) <= CANVAS_SECONDS[1] + float(1 / clock.fps):
        raise OptionError(
            f"--loop {options.loop} has {seconds:.1f} s, a canvas {CANVAS_SECONDS[0]:g} to {CANVAS_SECONDS[1]:g} s; "
            "leave --loop out, or give other bars"
        )
    return options, notes


def _canvas_bars(analysis: Analysis) -> str:
    """The most bars that a canvas can have, in a number that music has; seconds where there are no bars."""
    most, bar = min(CANVAS_SECONDS[1], analysis.duration), bar_seconds(analysis.score)
    fits = (n for n in (8, 4, 2, 3, 1, 0.5) if CANVAS_SECONDS[0] <= n * bar <= most)
    bars = next(fits, 0) if len(analysis.score.bars) else 0
    return f"{bars:g}bars" if bars else f"{min(6.0, most):g}s"


def _seconds(options: RenderOptions, analysis: Analysis | None) -> tuple[float | None, float | None]:
    """``--start`` and ``--duration`` in seconds."""
    start, duration = options.start, options.duration
    if options.loop and analysis:
        if duration is not None:
            raise OptionError("--loop and --duration: give one of them; a loop is as long as its bars")
        duration = re.sub(r"^(?:bars?:)?([\d.]+)$", r"\1bars", options.loop.strip())
        if start is None:
            start = _loudest_bar(parse_length(duration), analysis)
    if isinstance(start, str) and analysis:
        start = resolve_time(start, analysis)
    if isinstance(duration, str) and analysis:
        duration = length_after(parse_length(duration), float(start or 0.0), analysis)
    return start, duration  # type: ignore[return-value]


def _loudest_bar(length: tuple[float, str], analysis: Analysis) -> float:
    """The bar from which so much of the song is loudest; the song's beginning where there are no bars."""
    bars = analysis.score.bars[analysis.score.bars + length_after(length, 0.0, analysis) <= analysis.duration]
    if len(bars) == 0:
        return 0.0
    total = np.concatenate([[0.0], np.cumsum(analysis.signals["rms"], dtype=np.float64)])
    ends = [min(analysis.duration, bar + length_after(length, float(bar), analysis)) for bar in bars]
    frames = np.rint(np.stack([bars, ends]) * float(analysis.fps)).astype(np.int64).clip(0, analysis.n_frames)
    return float(bars[int(np.argmax(total[frames[1]] - total[frames[0]]))])


def _loop_lead(span: tuple[int, int], analysis: Analysis) -> int:
    """Frames over which a loop's beginning comes in: its last bar, at most half of it."""
    fps = float(analysis.fps)
    return max(1, min(round(bar_seconds(analysis.score, span[1] / fps) * fps), (span[1] - span[0]) // 2))
