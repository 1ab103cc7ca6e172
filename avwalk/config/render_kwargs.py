"""What `avwalk.render` takes, for editors. Written by tests/config/make_render_kwargs.py."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from os import PathLike
from typing import Literal, TypedDict


class RenderKwargs(TypedDict, total=False):
    """The fields of `avwalk.config.options.RenderOptions`, as Python callers may give them."""

    preset: str | PathLike[str]
    """name or file of the preset; auto: the one that suits the song."""
    out: str | PathLike[str] | None
    """file (or folder/ for PNG frames); default SONG_PRESET_SEED.mp4."""
    set: Sequence[str]
    """overrules the preset: camera.zoom=1.2; repeatable."""
    generator: Literal["auto", "cppn", "biggan", "sd", "testcard"]
    """what draws the frames."""
    model: str | PathLike[str] | None
    """weights: a name of avwalk models list, or a folder or file."""
    restyle_model: str | PathLike[str] | None
    """weights of the restyle: a name, or a folder or file."""
    restyle: bool | None
    """restyle the frames by image-to-image diffusion; default what the preset says."""
    painter: str | None
    """with --restyle: who restyles instead of weights here: a1111[@URL], comfyui, openai, …; see avwalk paint."""
    side_by_side: bool
    """with --restyle: source and result side by side."""
    keep_source: bool
    """with --restyle: also write the film before it was restyled."""
    prompt: Sequence[str]
    """what to show; repeated: one after the other over the song."""
    scenes: str | PathLike[str] | None
    """a picture for each scene on its time, by --painter, or as prompts of --generator cppn or sd: a table of
    avwalk script; auto: SONG.scenes.csv, else made of the words."""
    source: str | PathLike[str] | None
    """a video or a folder of pictures, instead of a generator's frames."""
    source_end: Literal["hold", "loop", "black"]
    """of a source shorter than the song: its last picture stays, it begins again, or black."""
    source_follows: bool
    """the source follows the music: cuts on bars, faster in build-ups, hits push it on and zoom in."""
    subject: str | PathLike[str] | None
    """a picture that becomes part of the worlds of the built-in generator: their relief, light and colours."""
    overlay: str | None
    """a picture over the film: logo.png@lower-right, or @centre,size=30,margin=5,opacity=0.8."""
    redo: Sequence[str]
    """FROM-TO, bar:33-bar:40: roll this part again, with --seed or the next one; the rest stays; repeatable."""
    intensity: float
    """how strongly the picture reacts: 0 not at all, it still walks; 1 as the preset has it; 2 twice as much."""
    device: Literal["auto", "cpu", "cuda", "mps"]
    """what draws: a GPU (needs torch) where there is one, else the CPU."""
    compile: bool
    """compile the networks with torch first, which takes minutes: for long renders on a GPU."""
    seed: int | None
    """of everything random; default: the preset's, else the song's own."""
    fps: str | float | Fraction
    """frames per second: 30, 29.97, 30000/1001, …."""
    size: str | tuple[int, int] | None
    """WIDTHxHEIGHT; default 1280x720, or the profile's."""
    start: float | str | None
    """begin here: seconds, m:ss, bar:17, drop:1-2bars, …."""
    duration: float | str | None
    """only so long: seconds, m:ss, 8bars, 16beats."""
    profile: Literal[
        "youtube",
        "vertical",
        "square",
        "story",
        "canvas",
        "master",
        "vj",
        "hevc",
        "10bit",
        "av1",
        "webm",
        "prores",
        "hap",
        "gif",
        "webp",
    ]
    """what the video is for."""
    bpm: float | None
    """tempo, instead of the one that was detected."""
    first_beat: float | str | None
    """time of the first beat, instead of the one detected: seconds or m:ss."""
    av_offset_ms: float
    """show the picture so much later than the sound (negative: earlier)."""
    explain: bool
    """draw the routed parameters over the picture's lower edge."""
    allow_flashes: bool
    """do not limit flashes to three a second (WCAG 2.3.1)."""
    loop: str | None
    """a loop of so many bars, 8bars; from --start, else where it is loudest."""
    cues: str | PathLike[str] | None
    """file of cues; default SONG.cues.csv beside the song, if it is there."""
    no_cues: bool
    """ignore the cues file beside the song."""
    encoding: str | None
    """of cues and other tables that are not UTF-8, such as cp1251 or shift_jis."""
    track: int | None
    """which audio track of the song's file, from 1; default the one marked so."""
    stem: Sequence[str]
    """NAME=FILE: a part of the song for routes, NAME.kick; FILE:2 is its second track; repeatable."""
    text: Literal["none", "card", "credit", "both", "lyrics", "all"]
    """write title and artist: a card at the start, a credit line at the end, or both; lyrics: the words; or all."""
    words: str | PathLike[str] | None
    """file of words: .lrc, .srt, .vtt, .ass, .words.csv, …; default the one beside the song, if there is any."""
    no_words: bool
    """ignore the words beside the song."""
    subtitles: Literal["none", "soft"]
    """soft: the words as a subtitle track of the film, which players show or not."""
    title: str | None
    """of the song; default from its tags."""
    artist: str | None
    """of the song; default from its tags."""
    audio: Literal["auto", "copy"]
    """copy: never re-encode the sound."""
    quality: Literal["draft", "good", "high", "max"]
    """of the picture: draft is less than half the size of good, high twice, max six times."""
    bitrate: int | str | None
    """of the picture, such as 8M or 800k bits per second, instead of a quality."""
    alpha: bool
    """an alpha channel: the subject; for --profile prores or webm, and PNG frames."""
    encoder: str
    """video encoder, such as h264_nvenc; one other than libx264 is tried before the render."""
    segment: float
    """seconds of the film that a worker draws and encodes at a time; shorter ones share a film among more
    workers."""
    metadata: bool
    """store preset, seed and song hash in the video."""
    passes: str | Sequence[str]
    """depth,normal,mask,flow: PNG files of these beside the film, for compositing."""
    poster: bool
    """also write the most telling frame beside the film, as JPEG."""
    force: bool
    """replace a finished file."""
    fresh: bool
    """start over: discard the work folder."""
    workers: int | None
    """segments rendered in parallel; default the number of cores."""
    runner: Literal["auto", "threads", "processes"]
    """what draws in parallel; auto: threads, or with several CUDA cards a process for each."""
    ray: str | None
    """draw on a Ray cluster: auto, HOST:PORT or ray://HOST:PORT (needs avwalk[cluster])."""
    work: str | PathLike[str] | None
    """folder for work in progress, such as one that a cluster shares, or a URL, s3://BUCKET/FOLDER; default beside
    --out."""
    stats: bool
    """say at the end where the time went."""
    estimate: bool
    """draw a few frames, say how long the film will take, and stop."""
    price: float | None
    """of an hour on this machine, for --estimate."""
