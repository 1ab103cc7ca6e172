"""What a render would refuse of a row: known before the first film is made, without decoding or hearing a song."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from avwalk import presets
from avwalk.audio.decode import read_header
from avwalk.clock import Clock, parse_fps
from avwalk.config.options import RenderOptions
from avwalk.errors import AvwalkError, OptionError, SongError
from avwalk.frames.files import open_source
from avwalk.plan.cues_files import cues_of
from avwalk.plan.stems import needed_stems, read_stems
from avwalk.request.encoders import encoder_of, film_size
from avwalk.request.output import resolve_output
from avwalk.request.parse import parse_options
from avwalk.score.musical_time import parse_length

Problem = tuple[str, str]


def render_problems(song: Path, options: Mapping[str, Any]) -> list[Problem]:
    """Option → why a render would refuse it, for every problem that can be told without hearing the song.

    Whether the song itself can be decoded is found when its film is made: one that cannot must not stop the others.

    Args:
        song: its file, which is there.
        options: each fine by itself.
    """
    full = parse_options(options)
    problems: list[Problem] = []

    def check(name: str, act: Callable[[], Any]) -> Any:
        try:
            return act()
        except AvwalkError as error:
            problems.extend((name, line) for line in str(error).splitlines())
            return None

    encoder = check("encoder", lambda: _encoder(full.profile, full.encoder))
    if encoder is not None:
        check("size", lambda: film_size(full, encoder))
        there = full.model_copy(update={"force": True})  # a film that is there is compared later
        # each row has a name by now
        check("out", lambda: resolve_output(song, full.preset, full.seed or 0, encoder, there))
    if full.source:
        check("source", lambda: open_source(Path(str(full.source)), (64, 36), parse_fps(full.fps)))
    check("cues" if full.cues else "song", lambda: cues_of(song, full.cues, ignored=full.no_cues))
    stems = check("stem", lambda: read_stems(full.stem))
    if stems is not None:
        check("preset" if "preset" in options else "set", lambda: _stems_are_given(full, stems))
    check("loop", lambda: _loop(full))
    for name in ("start", "duration"):
        check(name, lambda name=name: _time(song, full, name))  # type: ignore[misc]
    return problems


@cache
def _encoder(profile: str, codec: str) -> Any:
    """The encoder, tried once for the whole table."""
    return encoder_of(parse_options({"profile": profile, "encoder": codec}))


def _stems_are_given(options: RenderOptions, stems: Mapping[str, Any]) -> None:
    if options.preset == presets.AUTO:  # which it is, the song says
        return
    routes = presets.load(options.preset, options.set).routes
    for name in needed_stems(routes):
        if name not in stems:
            raise OptionError(f"routes hear the stem '{name}', which is not given; fill column stem: {name}=FILE")


def _loop(options: RenderOptions) -> None:
    if options.loop and options.duration is not None:
        raise OptionError("--loop and --duration: give one of them; a loop is as long as its bars")
    if options.loop:
        text = options.loop.strip()
        amount, _ = parse_length(f"{text}bars" if text.replace(".", "", 1).isdigit() else text.removeprefix("bars:"))
        if amount <= 0:
            raise OptionError(f"--loop '{options.loop}' holds nothing; give for example 8bars")


def _time(song: Path, options: RenderOptions, name: str) -> None:
    """Times in seconds, against the song's length where its header says it."""
    value = getattr(options, name)
    if not isinstance(value, int | float):
        return
    try:
        facts = read_header(song, options.track)
    except SongError:
        facts = None
    known = facts is not None and bool(facts.n_samples)
    rate, n = (facts.sample_rate, facts.n_samples) if facts and facts.n_samples else (1, 1 << 40)
    clock = Clock(parse_fps(options.fps), rate, n)
    if name == "start":
        if known or value < 0 or not math.isfinite(value):
            clock.span(value, None)
        return
    clock.span(None, value)
