"""The options of a render, each once: the command line, `avwalk.render`, batches and `--again` are derived from them.

Stored options are in the order in which films store them, so that a film made today spells its metadata as one made
before.
"""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field

from avwalk.config.fields import Model, Opt, option

MAX_SIZE = 8192
MIN_SIZE = 16
DEFAULT_SIZE = (1280, 720)

Pass = Literal["depth", "normal", "mask", "flow"]

Profile = Literal[
    "youtube", "vertical", "square", "story", "canvas", "master", "vj", "hevc", "10bit", "av1", "webm", "prores", "hap",
    "gif", "webp",
]  # fmt: skip

_PATH = "str | PathLike[str]"
_TIME = "float | str"
_NOT_A_PIXEL = "changes no pixel of the film"
_BESIDE = "concerns another file, beside the film"


def _listed(value: Any) -> Any:
    """``"depth,flow"`` → ``("depth", "flow")``, each once."""
    words = value.split(",") if isinstance(value, str) else value
    return tuple(dict.fromkeys(w.strip() for w in words if w.strip())) if isinstance(words, list | tuple) else words


def _bits_per_second(value: Any) -> Any:
    """``"8M"`` → 8000000."""
    found = re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*([kKmM]?)\s*", value) if isinstance(value, str) else None
    return round(float(found[1]) * {"": 1, "k": 1e3, "m": 1e6}[found[2].lower()]) if found else value


class RenderOptions(Model):
    """The options of a render: what the command line and `avwalk.render` take beside the song."""

    preset: str = option(
        "lsd",
        "name or file of the preset; auto: the one that suits the song",
        Opt("Look", "NAME|FILE", ("--preset", "-p"), accepts=_PATH, file="perhaps"),
    )
    out: str | None = option(
        None,
        "file (or folder/ for PNG frames); default SONG_PRESET_SEED.mp4",
        Opt(
            "Output",
            "FILE",
            ("--out", "-o"),
            accepts=_PATH,
            file="always",
            unstored="a film does not say where it was made",
            unhashed=_NOT_A_PIXEL,
        ),
    )
    set: tuple[str, ...] = option(
        (),
        "overrules the preset: camera.zoom=1.2; repeatable",
        Opt("Look", "KEY=VALUE", unstored="the stored preset has it in its values"),
    )
    generator: Literal["auto", "cppn", "biggan", "sd", "testcard"] = option(
        "auto", "what draws the frames", Opt("Look")
    )
    model: str | None = option(
        None,
        "weights: a name of avwalk models list, or a folder or file",
        Opt("Models", "NAME|DIR", accepts=_PATH, file="perhaps"),
    )
    restyle_model: str | None = option(
        None,
        "weights of the restyle: a name, or a folder or file",
        Opt("Models", "NAME|DIR", accepts=_PATH, file="perhaps"),
    )
    restyle: bool | None = option(
        None,
        "restyle the frames by image-to-image diffusion; default what the preset says",
        Opt("Look", flags=("--restyle/--no-restyle",)),
    )
    painter: str | None = option(
        None,
        "with --restyle: who restyles instead of weights here: a1111[@URL], comfyui, openai, …; see avwalk paint",
        Opt("Models", "KIND[@URL]"),
    )
    side_by_side: bool = option(False, "with --restyle: source and result side by side", Opt("Look"))
    keep_source: bool = option(
        False,
        "with --restyle: also write the film before it was restyled",
        Opt("Output", unstored=_BESIDE, unhashed=_BESIDE),
    )
    prompt: tuple[str, ...] = option(
        (), "what to show; repeated: one after the other over the song", Opt("Look", "TEXT")
    )
    scenes: str | None = option(
        None,
        "a picture for each scene on its time, by --painter, or as prompts of --generator cppn or sd: a table of "
        "avwalk script; auto: SONG.scenes.csv, else made of the words",
        Opt(
            "Look",
            "FILE|auto",
            accepts=_PATH,
            file="perhaps",
            unstored="a film stores the source or the cues made of it",
        ),
    )
    source: str | None = option(
        None,
        "a video or a folder of pictures, instead of a generator's frames",
        Opt("Look", "VIDEO|FOLDER", accepts=_PATH, file="always"),
    )
    source_end: Literal["hold", "loop", "black"] = option(
        "hold",
        "of a source shorter than the song: its last picture stays, it begins again, or black",
        Opt("Look", sparse=True),
    )
    source_follows: bool = option(
        False,
        "the source follows the music: cuts on bars, faster in build-ups, hits push it on and zoom in",
        Opt("Look", sparse=True),
    )
    subject: str | None = option(
        None,
        "a picture that becomes part of the worlds of the built-in generator: their relief, light and colours",
        Opt("Look", "PICTURE", accepts=_PATH, file="always", sparse=True),
    )
    overlay: str | None = option(
        None,
        "a picture over the film: logo.png@lower-right, or @centre,size=30,margin=5,opacity=0.8",
        Opt("Look", "PICTURE@PLACE", sparse=True),
    )
    redo: tuple[str, ...] = option(
        (),
        "FROM-TO, bar:33-bar:40: roll this part again, with --seed or the next one; the rest stays; repeatable",
        Opt("Look", "FROM-TO", unstored="a film stores it as a cue"),
    )
    intensity: float = option(
        1.0,
        "how strongly the picture reacts: 0 not at all, it still walks; 1 as the preset has it; 2 twice as much",
        Opt("Look", "X", sparse=True),
        ge=0,
        le=2,
    )
    device: Literal["auto", "cpu", "cuda", "mps"] = option(
        "auto",
        "what draws: a GPU (needs torch) where there is one, else the CPU",
        Opt("Models", before="cpu"),
    )
    compile: bool = option(
        False, "compile the networks with torch first, which takes minutes: for long renders on a GPU", Opt("Models")
    )
    seed: int | None = option(
        None, "of everything random; default: the preset's, else the song's own", Opt("Look", "N"), ge=0, le=2**63 - 1
    )
    fps: str = option(
        "30", "frames per second: 30, 29.97, 30000/1001, …", Opt("Output", "FPS", accepts="str | float | Fraction")
    )
    size: str | None = option(
        None,
        "WIDTHxHEIGHT; default 1280x720, or the profile's",
        Opt("Output", "WxH", accepts="str | tuple[int, int]"),
    )
    start: float | str | None = option(
        None, "begin here: seconds, m:ss, bar:17, drop:1-2bars, …", Opt("Time", "TIME", accepts=_TIME)
    )
    duration: float | str | None = option(
        None, "only so long: seconds, m:ss, 8bars, 16beats", Opt("Time", "TIME", accepts=_TIME)
    )
    profile: Profile = option("youtube", "what the video is for", Opt("Output", "NAME"))
    bpm: Annotated[float, Field(gt=10, lt=1000)] | None = option(
        None, "tempo, instead of the one that was detected", Opt("Time", "X")
    )
    first_beat: float | None = option(
        None,
        "time of the first beat, instead of the one detected: seconds or m:ss",
        Opt("Time", "TIME", accepts=_TIME),
        ge=0,
    )
    av_offset_ms: float = option(
        0.0, "show the picture so much later than the sound (negative: earlier)", Opt("Time", "MS"), ge=-2000, le=2000
    )
    explain: bool = option(False, "draw the routed parameters over the picture's lower edge", Opt("Look"))
    allow_flashes: bool = option(False, "do not limit flashes to three a second (WCAG 2.3.1)", Opt("Look"))
    loop: str | None = option(
        None, "a loop of so many bars, 8bars; from --start, else where it is loudest", Opt("Time", "N_bars")
    )
    cues: str | None = option(
        None,
        "file of cues; default SONG.cues.csv beside the song, if it is there",
        Opt("Time", "FILE", accepts=_PATH, file="always"),
    )
    no_cues: bool = option(
        False, "ignore the cues file beside the song", Opt("Time", unstored="the stored cues are empty then")
    )
    encoding: str | None = option(
        None,
        "of cues and other tables that are not UTF-8, such as cp1251 or shift_jis",
        Opt("Time", "NAME", unstored="what was read is stored", unhashed="what was read decides the film"),
    )
    track: int | None = option(
        None,
        "which audio track of the song's file, from 1; default the one marked so",
        Opt("Time", "N", sparse=True),
        ge=1,
    )
    stem: tuple[str, ...] = option(
        (),
        "NAME=FILE: a part of the song for routes, NAME.kick; FILE:2 is its second track; repeatable",
        Opt("Time", "NAME=FILE", unstored="files that come with the song; routes ask for them by name"),
    )
    text: Literal["none", "card", "credit", "both", "lyrics", "all"] = option(
        "none",
        "write title and artist: a card at the start, a credit line at the end, or both; lyrics: the words; or all",
        Opt("Text"),
    )
    words: str | None = option(
        None,
        "file of words: .lrc, .srt, .vtt, .ass, .words.csv, …; default the one beside the song, if there is any",
        Opt("Text", "FILE", accepts=_PATH, file="always", sparse=True),
    )
    no_words: bool = option(False, "ignore the words beside the song", Opt("Text", unstored="no words are stored then"))
    subtitles: Literal["none", "soft"] = option(
        "none", "soft: the words as a subtitle track of the film, which players show or not", Opt("Text", sparse=True)
    )
    title: str | None = option(None, "of the song; default from its tags", Opt("Text", "TEXT"), max_length=300)
    artist: str | None = option(None, "of the song; default from its tags", Opt("Text", "TEXT"), max_length=300)
    audio: Literal["auto", "copy"] = option(
        "auto", "copy: never re-encode the sound", Opt("Output", sparse=True, unhashed=_NOT_A_PIXEL)
    )
    quality: Literal["draft", "good", "high", "max"] = option(
        "good",
        "of the picture: draft is less than half the size of good, high twice, max six times",
        Opt("Output", sparse=True),
    )
    bitrate: Annotated[int, BeforeValidator(_bits_per_second), Field(ge=50_000, le=500_000_000)] | None = option(
        None,
        "of the picture, such as 8M or 800k bits per second, instead of a quality",
        Opt("Output", "BITS", accepts="int | str", sparse=True),
    )
    alpha: bool = option(
        False,
        "an alpha channel: the subject; for --profile prores or webm, and PNG frames",
        Opt("Output", sparse=True),
    )
    encoder: str = option(
        "libx264",
        "video encoder, such as h264_nvenc; one other than libx264 is tried before the render",
        Opt("Output", "NAME", sparse=True),
    )
    segment: float = option(
        10.0,
        "seconds of the film that a worker draws and encodes at a time; shorter ones share a film among more workers",
        Opt("Output", "SECONDS", sparse=True),
        ge=0.5,
        le=600,
    )
    metadata: bool = option(
        True,
        "store preset, seed and song hash in the video",
        Opt(
            "Output",
            flags=("--no-metadata",),
            negated="store nothing about the render in the video",
            unstored="a film made without it stores nothing",
            unhashed=_NOT_A_PIXEL,
        ),
    )
    passes: Annotated[tuple[Pass, ...], BeforeValidator(_listed)] = option(
        (),
        "depth,normal,mask,flow: PNG files of these beside the film, for compositing",
        Opt("Output", "NAME,NAME", accepts="str | Sequence[str]", unstored=_BESIDE, unhashed=_BESIDE),
    )
    poster: bool = option(
        False,
        "also write the most telling frame beside the film, as JPEG",
        Opt("Output", unstored=_BESIDE, unhashed=_BESIDE),
    )
    force: bool = option(
        False,
        "replace a finished file",
        Opt("Running and recovery", unstored="of this run alone", unhashed=_NOT_A_PIXEL),
    )
    fresh: bool = option(
        False,
        "start over: discard the work folder",
        Opt("Running and recovery", unstored="of this run alone", unhashed=_NOT_A_PIXEL),
    )
    workers: int | None = option(
        None,
        "segments rendered in parallel; default the number of cores",
        Opt("Running and recovery", "N", unstored="of the machine", unhashed=_NOT_A_PIXEL),
        ge=1,
        le=256,
    )
    runner: Literal["auto", "threads", "processes"] = option(
        "auto",
        "what draws in parallel; auto: threads, or with several CUDA cards a process for each",
        Opt("Running and recovery", unstored="of the machine", unhashed=_NOT_A_PIXEL),
    )
    ray: str | None = option(
        None,
        "draw on a Ray cluster: auto, HOST:PORT or ray://HOST:PORT (needs avwalk[cluster])",
        Opt("Running and recovery", "ADDRESS", unstored="of the machine", unhashed=_NOT_A_PIXEL),
    )
    work: str | None = option(
        None,
        "folder for work in progress, such as one that a cluster shares, or a URL, s3://BUCKET/FOLDER; default "
        "beside --out",
        Opt(
            "Running and recovery",
            "FOLDER|URL",
            accepts=_PATH,
            file="perhaps",
            unstored="of the machine",
            unhashed=_NOT_A_PIXEL,
        ),
    )
    stats: bool = option(
        False,
        "say at the end where the time went",
        Opt("Running and recovery", unstored="of this run alone", unhashed=_NOT_A_PIXEL),
    )
    estimate: bool = option(
        False,
        "draw a few frames, say how long the film will take, and stop",
        Opt("Running and recovery", unstored="no film comes of it", unhashed="no film comes of it"),
    )
    price: float | None = option(
        None,
        "of an hour on this machine, for --estimate",
        Opt("Running and recovery", "PER_HOUR", unstored="no film comes of it", unhashed="no film comes of it"),
        ge=0,
    )
