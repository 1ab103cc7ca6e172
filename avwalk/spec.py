"""Everything that decides a film: typed, frozen, with a JSON form that is hashed and stored.

The JSON form keeps its keys and the spelling of its numbers, so that hashes and stored films stay valid: a field that
is added later is declared with `later`, and left out of the JSON while it has its old meaning.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction
from functools import cached_property
from types import UnionType
from typing import Any, Literal, Self, get_args, get_origin, get_type_hints

PIXELS_VERSION = 13
"""Raised whenever the same plan would give other pixels."""

PACKAGES = ("numpy", "numba", "opencv-python-headless", "av")
"""Their versions are part of a film: other versions may draw other bits."""


def later(default: Any) -> Any:
    """A field that films made before did not have: left out of the JSON while it has its default."""
    return field(default=default, metadata={"later": True})


class Spec:
    """A frozen dataclass with a JSON form; fields become keys in their order."""

    def to_json(self) -> dict[str, Any]:
        """Plain JSON values: tuples are lists, fractions ``"30000/1001"``."""
        tree: dict[str, Any] = {}
        for each in dataclasses.fields(self):  # type: ignore[arg-type]  # every subclass is a dataclass
            value = getattr(self, each.name)
            if each.metadata.get("later") and value == each.default:
                continue
            if each.metadata.get("inline"):
                tree |= _plain(value)
            else:
                tree[each.metadata.get("key", each.name)] = _plain(value)
        return tree

    @classmethod
    def from_json(cls, tree: Mapping[str, Any]) -> Self:
        """What `to_json` gave.

        Raises:
            ValueError: keys are missing or unknown, with the path to them.
        """
        return _read(cls, tree, "")  # type: ignore[no-any-return]

    @cached_property
    def hash(self) -> str:
        """sha256 of the JSON form, keys sorted: 64 hexadecimal digits."""
        text = json.dumps(self.to_json(), sort_keys=True, ensure_ascii=False, separators=(",", ":"))
        return hashlib.sha256(text.encode()).hexdigest()


@dataclass(frozen=True)
class SongSpec(Spec):
    """The song: sha256 of its file, samples per second, exact samples per channel, which of the file's tracks."""

    sha256: str
    sample_rate: int
    n_samples: int
    track: int = later(1)


@dataclass(frozen=True)
class PresetSpec(Spec):
    """A preset: its name, and every value of it as `avwalk.config.preset.Preset` dumps them to JSON."""

    name: str
    values: Mapping[str, Any]


@dataclass(frozen=True)
class GeneratorSpec(Spec):
    """What draws: a name of the registry, and the keywords that build it, as JSON values."""

    name: str
    options: Mapping[str, Any]

    @property
    def model(self) -> str | None:
        """sha256 of its weights; None: it draws without."""
        return self.options.get("model")

    @property
    def classes(self) -> tuple[int, ...]:
        """Indices of the classes that are seen; empty where it knows none."""
        return tuple(self.options.get("classes", ()))

    @property
    def recipe(self) -> Mapping[str, Any] | None:
        """Steps, guidance scale, scheduler, … of a diffusion model; None: it is none."""
        return self.options.get("recipe")


@dataclass(frozen=True)
class ControlSpec(Spec):
    """The ControlNet of a restyle: what it sees, sha256 of its weights, and of images if it sees files."""

    kind: str
    model: str
    images: str


@dataclass(frozen=True)
class RestyleSpec(Spec):
    """Restyling by img2img diffusion.

    Attributes:
        model: sha256 of the weights.
        recipe: steps, guidance scale, scheduler, size, … of `avwalk.diffusion.recipes.Recipe`.
        control: the ControlNet, if there is one.
        negative: negative prompt.
        every: source frames from one key to the next.
        between: how the frames between two keys are made.
        noise: how noise follows from key to key.
        motion: where the optical flow comes from.
        window: frames on each side over which keys are blended.
        seed: of the noise.
        safety: whether pictures pass the model's safety checker.
        chunks: whether prompts longer than the model reads are read in chunks.
        prompts: in turn.
        frames: frame on which each prompt arrives, counted from the start of the song.
        beside: whether the source is shown beside the result.
    """

    model: str
    recipe: Mapping[str, Any]
    control: ControlSpec | None
    negative: str
    every: int
    between: str
    noise: str
    motion: str
    window: int
    seed: int
    safety: bool
    chunks: bool
    prompts: tuple[str, ...]
    frames: tuple[int, ...]
    beside: bool


@dataclass(frozen=True)
class LookSpec(Spec):
    """What a preset makes of a film: its values, what draws, and sha256 of the files that take part.

    Attributes:
        preset: name and values.
        generator: what draws.
        restyle: the img2img restyle, if there is one.
        effects: name → the keywords that build it, in the order of the preset.
        curves: file name → sha256 of a drawn curve.
        upscale: sha256 of the network that upscales; empty: none does.
    """

    preset: PresetSpec
    generator: GeneratorSpec
    restyle: RestyleSpec | None
    effects: Mapping[str, Mapping[str, Any]]
    curves: Mapping[str, str]
    upscale: str


@dataclass(frozen=True)
class PinnedSpec(Spec):
    """A preset that cues pin: its look, and the seed of its worlds."""

    look: LookSpec = field(metadata={"inline": True})
    seed: int


@dataclass(frozen=True)
class SourceSpec(Spec):
    """A video or folder of images whose frames stand in for a generator's.

    Attributes:
        sha256: of its content.
        name: of its file.
        end: what is behind its end: ``hold``, ``loop`` or ``black``.
        read_as: what its code values need beside being decoded, see `avwalk.frames.files.VideoSource`.
    """

    sha256: str
    name: str
    end: Literal["hold", "loop", "black"] = later("hold")
    read_as: str = later("")


@dataclass(frozen=True)
class CuesSpec(Spec):
    """Cues as `avwalk.score.cues.Cues` spells them: rows (at, until, what, value, ease)."""

    rows: tuple[tuple[str, ...], ...]
    removed: tuple[str, ...]
    kept: tuple[str, ...]


@dataclass(frozen=True)
class TextSpec(Spec):
    """What is written over the picture: ``none``, ``card``, ``credit`` or ``both``, and the words."""

    show: str
    title: str
    artist: str


NO_TEXT = TextSpec("none", "", "")

AudioPolicy = Literal["aac", "lossless"]
SMOOTH_GRADIENTS = "aq-mode=3:aq-strength=1.3:dct-decimate=0:pbratio=1.15"
"""Dark gradients get bits, and faint dither is not thrown away, least of all in B-frames, or they band."""
FINE_DITHER = "aq-mode=3:aq-strength=1.2:dct-decimate=0:pbratio=1.15:deadzone-inter=8:deadzone-intra=5"
"""Half the bits of the former for the same SSIM. Most went into dither, kept grain by grain: now its faintest is rounded
away, but narrow dead zones keep its mean, so that a dark gradient, blurred by σ = 4 pixels, is as near to the drawn one as
before (rms 0.21 to 0.29 levels against 0.15 to 0.30, on six presets)."""
FEWER_SEARCHES = "b-adapt=0:weightp=0:subme=2:scenecut=0:ref=2"
"""Left out: what buys little at this quality. Quarter pixels and a second reference pay: a third of the bits for 5 ms."""


@dataclass(frozen=True)
class Encoder(Spec):
    """All that decides the bits of a film but its frames: part of the plan.

    Attributes:
        codec: FFmpeg's name of the video encoder.
        crf: x264's quality, smaller is better; for a hardware encoder its constant quantiser.
        preset: x264's speed.
        gop_seconds: at most so many seconds between key frames; 0 makes every frame one.
        bframes: B-frames between two others, 0–2.
        pix_fmt: pixel format of the film.
        threads: of one segment. x264's output depends on it; segments are encoded side by side instead.
        suffix: of the file, ``".mp4"`` or ``".mov"``.
        audio: ``"aac"`` copies AAC and encodes all else; ``"lossless"`` copies PCM and ALAC, else PCM.
        audio_bit_rate: of AAC, bits per second.
        size: default width and height, or None when the film's own default stands.
        params: further x264 parameters, ``"name=value:name=value"``.
        bit_rate: bits per second of the picture, on average, instead of ``crf``; 0: as ``crf`` says.
    """

    codec: str = "libx264"
    crf: int = 21
    preset: str = "superfast"
    gop_seconds: float = 2.0
    bframes: int = 2
    pix_fmt: str = "yuv420p"
    threads: int = 1
    suffix: str = ".mp4"
    audio: AudioPolicy = "aac"
    audio_bit_rate: int = 320_000
    size: tuple[int, int] | None = None
    params: str = f"{FINE_DITHER}:{FEWER_SEARCHES}"
    bit_rate: int = later(0)

    def gop(self, fps: Fraction) -> int:
        """Frames between key frames."""
        return max(1, round(self.gop_seconds * fps))


@dataclass(frozen=True)
class FilmSpec(Spec):
    """A film of a song.

    Attributes:
        format: of this JSON, 1.
        avwalk: version that made it.
        pixels_version: `PIXELS_VERSION`.
        versions: package → version, of `PACKAGES`, and of torch where it takes part; ``hearing``: sha256 of the
            network that hears beats and drums.
        song: what is heard.
        look: what the preset makes of it.
        source: file that stands in for the generator, if there is one.
        device: ``"cpu"``, ``"cuda"`` or ``"mps"``.
        compile: whether torch compiles the networks.
        seed: of everything random.
        fps: frames per second.
        song_frames: frames of the whole song.
        span: frames [i0, i1) of the film.
        size: width and height in pixels.
        profile: name of the encoder's profile.
        encoder: settings.
        segment_frames: frames of a segment.
        bpm: tempo that overrules the one found.
        first_beat: seconds that overrule where the beats begin.
        av_offset_ms: picture later than sound, milliseconds.
        stems: name → sha256 of a part of the song, with ``:2`` for the second track of its file.
        explain: whether the routed parameters are drawn over it.
        allow_flashes: whether flashes above three a second stay.
        loop: frames over which a loop's beginning comes in; 0: it is no loop.
        cues: the artist's.
        text: title and artist.
        presets: name → what a pinned preset makes of it.
    """

    format: int
    avwalk: str
    pixels_version: int
    versions: Mapping[str, str]
    song: SongSpec
    look: LookSpec = field(metadata={"inline": True})
    source: SourceSpec | None
    device: str
    compile: bool
    seed: int
    fps: Fraction
    song_frames: int
    span: tuple[int, int] = field(metadata={"key": "range"})
    size: tuple[int, int]
    profile: str
    encoder: Encoder
    segment_frames: int
    bpm: float | None
    first_beat: float | None
    av_offset_ms: float
    stems: Mapping[str, str]
    explain: bool
    allow_flashes: bool
    loop: int
    cues: CuesSpec
    text: TextSpec
    presets: Mapping[str, PinnedSpec] = field(metadata={"key": "looks"})

    def with_preset(self, name: str) -> FilmSpec:
        """The same film in a pinned preset, with nothing written over it."""
        pinned = self.presets[name]
        return replace(self, look=pinned.look, seed=pinned.seed, presets={}, explain=False, text=NO_TEXT)


def _plain(value: Any) -> Any:
    """A value as JSON has it."""
    if isinstance(value, Spec):
        return value.to_json()
    if isinstance(value, Fraction):
        return f"{value.numerator}/{value.denominator}"
    if isinstance(value, Mapping):
        return {name: _plain(each) for name, each in value.items()}
    if isinstance(value, tuple | list):
        return [_plain(each) for each in value]
    return value


_SCALARS: dict[Any, tuple[type, ...]] = {int: (int,), bool: (bool,), str: (str,), float: (float, int)}


def _read(kind: Any, value: Any, path: str) -> Any:
    """A value of a type out of JSON; the path is for messages."""
    origin, inner = get_origin(kind), get_args(kind)
    if isinstance(kind, type) and issubclass(kind, Spec):
        return _read_spec(kind, value, path)
    if origin is UnionType:
        return None if value is None else _read(inner[0], value, path)
    if kind is Fraction:
        if not (isinstance(value, str) and re.fullmatch(r"-?[0-9]{1,12}(/[1-9][0-9]{0,11})?", value)):
            raise ValueError(f"{path} is no fraction")
        return Fraction(value)
    if kind in _SCALARS and type(value) not in _SCALARS[kind]:
        raise ValueError(f"{path} is {type(value).__name__}, not {kind.__name__}")
    if origin is Literal and value not in inner:
        raise ValueError(f"{path} is none of {', '.join(map(str, inner))}")
    if origin is tuple and not isinstance(value, list | tuple):
        raise ValueError(f"{path} is {type(value).__name__}, no list")
    if isinstance(origin, type) and issubclass(origin, Mapping) and not isinstance(value, Mapping):
        raise ValueError(f"{path} is {type(value).__name__}, no table")
    if origin is tuple:
        kinds = [inner[0]] * len(value) if inner[-1] is ... else inner
        return tuple(_read(each, v, f"{path}[{k}]") for k, (each, v) in enumerate(zip(kinds, value, strict=True)))
    if isinstance(origin, type) and issubclass(origin, Mapping) and inner[1] is not Any:
        return {name: _read(inner[1], each, f"{path}.{name}") for name, each in value.items()}
    return value


def _read_spec(kind: type[Spec], tree: Any, path: str) -> Spec:
    if not isinstance(tree, Mapping):
        raise ValueError(f"{path or 'film'} is {type(tree).__name__}, no table")
    hints = get_type_hints(kind)
    values: dict[str, Any] = {}
    known: set[str] = set()
    for each in dataclasses.fields(kind):  # type: ignore[arg-type]
        if each.metadata.get("inline"):
            own = {_key(f) for f in dataclasses.fields(hints[each.name])}
            known |= own
            values[each.name] = _read(hints[each.name], {k: v for k, v in tree.items() if k in own}, path)
            continue
        key = _key(each)
        known.add(key)
        if key in tree:
            values[each.name] = _read(hints[each.name], tree[key], f"{path}.{key}".lstrip("."))
        elif each.default is dataclasses.MISSING:
            raise ValueError(f"key '{path}.{key}' is missing".replace("'.", "'"))
    if unknown := [key for key in tree if key not in known]:
        raise ValueError(f"unknown key '{path}.{unknown[0]}'".replace("'.", "'"))
    return kind(**values)


def _key(each: dataclasses.Field[Any]) -> str:
    return str(each.metadata.get("key", each.name))
