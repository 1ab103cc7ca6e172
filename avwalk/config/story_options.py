"""The options of a story, each once: what ``avwalk story`` takes."""

from __future__ import annotations

from typing import Literal

from avwalk.config.fields import Model, Opt, option

Written = Literal["none", "line", "karaoke", "word"]


class StoryOptions(Model):
    """How a story becomes pictures and a film. Of `Opt` it uses how options are written."""

    out: str | None = option(
        None, "folder of the story; default NAME_story here", Opt("Output", "DIR", ("--out", "-o"))
    )
    chapter: int | None = option(None, "of an .epub, from 1", Opt("Time", "N"), ge=1)
    sentences: int = option(3, "of a storylet, which has one picture", Opt("Time", "N"), ge=1, le=20)
    limit: int = option(120, "storylets that are allowed", Opt("Time", "N"), ge=1, le=2000)
    painter: str = option("worlds", "who paints, see avwalk paint", Opt("Look", "KIND[@URL]", ("--painter", "-p")))
    preset: str | None = option(
        None, "a preset with a locked style, see avwalk codex lock", Opt("Look", "NAME|FILE", file="perhaps")
    )
    style: str = option(
        "", "how all pictures are made: behind each prompt, or around <SCENE>", Opt("Look", "TEXT"), max_length=1200
    )
    universe: str = option("", "where all of it plays: before each prompt", Opt("Look", "TEXT"), max_length=500)
    negative: str = option("", "what is not to be seen", Opt("Look", "TEXT"), max_length=1200)
    chat: str | None = option(
        None, "a chat endpoint that writes the prompts, see avwalk script; default rules", Opt("Look", "URL")
    )
    seed: int = option(0, "of all pictures; each storylet has its own of it", Opt("Look", "N"), ge=0, le=2**32 - 1)
    anchor: float | None = option(
        None,
        "pictures of one place begin as its first, and go so far from it; default each by itself",
        Opt("Look", "0-1"),
        ge=0,
        le=1,
    )
    picture_size: str | None = option(None, "of the pictures; default a little more than the film", Opt("Look", "WxH"))
    narrate: bool | None = option(
        None,
        "a voice tells it; default yes, unless music sets the time",
        Opt("Time", flags=("--narrate/--no-narrate",)),
    )
    voice: str = option("auto", "auto, none, espeak, espeak:VARIANT, kokoro, kokoro:NAME", Opt("Time", "NAME"))
    speed: float = option(1.0, "of the voice", Opt("Time", "X"), ge=0.7, le=2)
    language: str = option("", "of the text, such as en or fr; default found out", Opt("Time", "CODE"), max_length=20)
    music: str | None = option(
        None,
        "a song that sets the time, under the voice with --narrate; compose: made for the story",
        Opt("Time", "FILE|compose", file="perhaps"),
    )
    film: bool = option(True, "a film of it", Opt("Output", flags=("--no-film",), negated="pictures and page, no film"))
    size: str | None = option(None, "of the film; default the profile's, else 1280x720", Opt("Output", "WxH"))
    fps: str = option("30", "frames per second", Opt("Output", "FPS"))
    profile: Literal["youtube", "vertical", "square", "story", "master"] = option(
        "youtube", "what the film is for", Opt("Output")
    )
    walk: bool = option(False, "pictures melt into each other; default they are cut", Opt("Look"))
    still: bool = option(False, "the camera rests", Opt("Look"))
    card: bool = option(True, "the title", Opt("Text", flags=("--no-card",), negated="no title before the first word"))
    title: str | None = option(None, "of the story; default as it is in the file", Opt("Text", "TEXT"), max_length=200)
    author: str = option("", "written under the title", Opt("Text", "TEXT"), max_length=200)
    subtitles: Literal["soft", "none"] = option("soft", "a track that players show when asked", Opt("Text"))
    text: Written = option("none", "what is told, written over the pictures", Opt("Text"))
    workers: int | None = option(
        None, "pieces of the film made side by side; default the number of cores", Opt("Running and recovery", "N"),
        ge=1, le=256,
    )  # fmt: skip
    encoding: str | None = option(
        None, "of a text that is not UTF-8, such as cp1251", Opt("Running and recovery", "NAME")
    )
