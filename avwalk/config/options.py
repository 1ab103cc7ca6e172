"""The options of a render, and every default of them, once: what the command line and `avwalk.render` take."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field

from avwalk.config.fields import Model

MAX_SIZE = 8192
MIN_SIZE = 16
DEFAULT_SIZE = (1280, 720)

Pass = Literal["depth", "normal", "mask", "flow"]


def _listed(value: Any) -> Any:
    """``"depth,flow"`` → ``("depth", "flow")``, each once."""
    words = value.split(",") if isinstance(value, str) else value
    return tuple(dict.fromkeys(w.strip() for w in words if w.strip())) if isinstance(words, list | tuple) else words


class RenderOptions(Model):
    """The options of a render: what the command line and `avwalk.render` take beside the song."""

    preset: str = Field("lsd", description="name or file of the look")
    out: str | None = Field(None, description="file (or folder/ for PNG frames); default SONG_PRESET_SEED.mp4")
    generator: Literal["auto", "biggan", "sd", "cppn", "testcard"] = Field("auto", description="what draws the frames")
    model: str | None = Field(None, description="weights: a name of avwalk models list, or a folder or file")
    prompt: tuple[str, ...] = Field((), description="what is to be seen; repeated: one after the other over the song")
    restyle: bool | None = Field(None, description="paint the frames anew by diffusion; default what the preset says")
    restyle_model: str | None = Field(None, description="weights of the restyle: a name, or a folder or file")
    source: str | None = Field(None, description="a video or a folder of pictures, instead of a generator's frames")
    keep_source: bool = Field(False, description="with --restyle: also write the film that is painted over")
    side_by_side: bool = Field(False, description="with --restyle: the source beside what it became")
    device: Literal["auto", "cpu", "cuda", "mps"] = Field(
        "auto", description="what draws: a graphics card (needs torch) where there is one, else the processor"
    )
    compile: bool = Field(
        False, description="torch compiles the networks first, which takes minutes: for long renders on a card"
    )
    size: str | None = Field(None, description="WIDTHxHEIGHT; default 1280x720, or the profile's")
    fps: str = Field("30", description="frames per second: 30, 29.97, 30000/1001, …")
    start: float | str | None = Field(None, description="begin here: seconds, m:ss, bar:17, drop:1-2bars, …")
    duration: float | str | None = Field(None, description="only so long: seconds, m:ss, 8bars, 16beats")
    seed: int | None = Field(None, ge=0, le=2**63 - 1, description="of everything random; default the preset's")
    set: tuple[str, ...] = Field((), description="key=value, overrules the preset: camera.zoom=1.2")
    profile: Literal["youtube", "vertical", "square", "master", "vj"] = Field(
        "youtube", description="what the video is for"
    )
    bpm: Annotated[float, Field(gt=10, lt=1000)] | None = Field(None, description="overrules the tempo found")
    first_beat: float | None = Field(None, ge=0, description="overrules where the beats begin, seconds or m:ss")
    cues: str | None = Field(None, description="file of cues; default SONG.cues.csv beside the song, if it is there")
    no_cues: bool = Field(False, description="leave the cues beside the song out")
    av_offset_ms: float = Field(0.0, ge=-2000, le=2000, description="picture later than sound (negative: earlier)")
    loop: str | None = Field(None, description="a loop of so many bars, 8bars; from --start, else where it is loudest")
    allow_flashes: bool = Field(False, description="do not hold flashes back to three a second (WCAG 2.3.1)")
    audio: Literal["auto", "copy"] = Field("auto", description="copy: never encode the sound again")
    encoder: str = Field("libx264", description="video encoder; hardware ones are tried first: h264_nvenc, …")
    workers: int | None = Field(None, ge=1, le=256, description="segments drawn at once; default the number of cores")
    fresh: bool = Field(False, description="start anew, discard the work folder")
    force: bool = Field(False, description="replace a finished file")
    metadata: bool = Field(True, description="store preset, seed and song hash in the video")
    stem: tuple[str, ...] = Field((), description="NAME=FILE: a part of the song for routes, NAME.kick; repeatable")
    text: Literal["none", "card", "credit", "both"] = Field(
        "none", description="write title and artist: a card at the start, a credit line at the end"
    )
    title: str | None = Field(None, max_length=300, description="of the song; default from its tags")
    artist: str | None = Field(None, max_length=300, description="of the song; default from its tags")
    passes: Annotated[tuple[Pass, ...], BeforeValidator(_listed)] = Field(
        (), description="depth,normal,mask,flow: PNG files of these beside the film, for compositing"
    )
    estimate: bool = Field(False, description="draw a few frames, say what all of them will take, and stop")
    price: float | None = Field(None, ge=0, description="of an hour on this machine, for --estimate")
    poster: bool = Field(False, description="also write the most telling frame beside the film, as JPEG")
    explain: bool = Field(False, description="draw the routed parameters over the picture's lower edge")
