"""The options of a film of scenes, each once: what ``avwalk scenes assemble`` and ``build`` take."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BeforeValidator, Field

from avwalk.clock import parse_time
from avwalk.config.fields import Model, Opt, option

Arrive = Literal["auto", "bars", "beats", "given"]
Pace = Literal["flow", "even", "rest"]


class FilmOptions(Model):
    """How a film of scenes is made. Of `Opt` it uses how options are written."""

    out: str = option("film", "name of this version, a folder in stories/", Opt("Output", "NAME", ("--out", "-o")))
    stories: tuple[str, ...] = option(
        (), "path of an earlier film, or a table; repeated: one by one", Opt("Look", "NAME|FILE", ("--story",))
    )
    fps: str = option("30", "frames per second: 30, 29.97, 30000/1001, …", Opt("Output", "FPS"))
    size: str | None = option(None, "WIDTHxHEIGHT; default that of the frames, or the profile's", Opt("Output", "WxH"))
    fit: Literal["crop", "mirror", "blur"] = option("crop", "how frames of another shape fill it", Opt("Look"))
    arrive: Arrive = option("auto", "pictures are reached on bars or beats; given: only times given count", Opt("Time"))
    pace: Pace = option("flow", "even: equal speed from picture to picture; rest: a halt at each", Opt("Time"))
    text: Literal["none", "card", "credit", "both"] = option("none", "write title and artist over it", Opt("Text"))
    title: str | None = option(None, "of the song; default from its tags", Opt("Text", "TEXT"), max_length=300)
    artist: str | None = option(None, "of the song; default from its tags", Opt("Text", "TEXT"), max_length=300)
    profile: Literal["youtube", "vertical", "square", "master", "vj"] = option(
        "youtube", "what the video is for", Opt("Output")
    )
    bpm: Annotated[float, Field(gt=10, lt=1000)] | None = option(
        None, "tempo, instead of the one that was detected", Opt("Time", "X")
    )
    first_beat: Annotated[float, BeforeValidator(parse_time), Field(ge=0)] | None = option(
        None, "time of the first beat, instead of the one detected: seconds or m:ss", Opt("Time", "TIME")
    )
    track: int | None = option(
        None, "which audio track of the song's file, from 1; default the one marked so", Opt("Time", "N"), ge=1
    )
    workers: int | None = option(
        None, "pieces made side by side; default the number of cores", Opt("Running and recovery", "N"), ge=1, le=256
    )
    force: bool = option(False, "replace another film of this name", Opt("Running and recovery"))
