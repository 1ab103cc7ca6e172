"""The settings of a codex, each once: what ``codex.toml`` holds and ``avwalk codex new`` takes."""

from __future__ import annotations

from typing import Literal

from avwalk.config.fields import Model, Opt, option


class CodexOptions(Model):
    """How scenes and attributes become pictures. Of `Opt` it uses how options are written."""

    name: str = option("", "of the codex; default that of its folder", Opt("Output", "TEXT"), max_length=200)
    cycles: int = option(
        1, "how often each scene is drawn, each time with other attributes", Opt("Time", "N"), ge=1, le=100_000
    )
    variations: int = option(1, "pictures of each prompt, with different seeds", Opt("Time", "1-4"), ge=1, le=4)
    inclusion: float = option(
        1.0, "share of the pictures that have a value of a category", Opt("Look", "0-1"), ge=0, le=1
    )
    format: str = option("landscape", "landscape, portrait, square or WxH: what is drawn", Opt("Output", "FORMAT"))
    deliver: str = option("", "a second, scaled copy of each picture, such as 2376x1344", Opt("Output", "WxH"))
    universe: str = option("", "where all of it plays: before each scene", Opt("Look", "TEXT"), max_length=500)
    style: str = option("", "how all pictures are made: behind each prompt", Opt("Look", "TEXT"), max_length=500)
    negative: str = option("", "what is not to be seen", Opt("Look", "TEXT"), max_length=2000)
    override: str = option(
        "",
        "a prompt with <SCENE> in it, in place of attributes; or the name of one in [overrides]",
        Opt("Look", "TEXT"),
        max_length=5000,
    )
    painter: str = option(
        "worlds", "who paints, see avwalk paint; several: a,b", Opt("Look", "KIND[@URL]", ("--painter", "-p"))
    )
    several: Literal["random", "all"] = option(
        "random", "of several painters: one for each picture, or every one", Opt("Look")
    )
    seed: int = option(0, "of the order of attributes and of all pictures", Opt("Look", "N"), ge=0, le=2**63 - 1)
    concurrency: int = option(
        4, "pictures at once, if the painter takes so many", Opt("Running and recovery", "N"), ge=1, le=64
    )
