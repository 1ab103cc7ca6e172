"""Everything that decides a film: typed, frozen, with a JSON form that is hashed and stored."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import Any, Literal

from avwalk.spec.encoder import Encoder
from avwalk.spec.json_form import Spec, later

PIXELS_VERSION = 17
"""Raised whenever the same plan would give other pixels."""

PACKAGES = ("numpy", "numba", "opencv-python-headless", "av")
"""Their versions are part of a film: other versions may draw other bits."""


@dataclass(frozen=True)
class SongSpec(Spec):
    """The song: sha256 of its file, its rate, exact samples per channel, track of the file, sha256 of the samples."""

    sha256: str
    sample_rate: int
    n_samples: int
    track: int = later(1)
    samples: str = later("")


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
        painter: who paints instead of weights here, ``KIND[@URL]``; ``model`` is then the sha256 of its identity.
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
    painter: str = later("")


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
        font: sha256 of the file of the font; empty: it is one that comes along.
    """

    preset: PresetSpec
    generator: GeneratorSpec
    restyle: RestyleSpec | None
    effects: Mapping[str, Mapping[str, Any]]
    curves: Mapping[str, str]
    upscale: str
    font: str = later("")


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
        follows: how many seconds of it follow the music, all; 0: it is shown as it runs.
    """

    sha256: str
    name: str
    end: Literal["hold", "loop", "black"] = later("hold")
    read_as: str = later("")
    follows: float = later(0.0)


@dataclass(frozen=True)
class PictureSpec(Spec):
    """A picture that is in every frame.

    Attributes:
        sha256: of its file.
        name: of its file.
        place: where it lies over the frame: a key of `avwalk.effects.overlay.PLACES`; empty: it is in the world.
        size: its longer side, percent of the frame's shorter one.
        margin: from the frame's edges, percent of its shorter side; below 0: as players leave it free.
        opacity: 0 to 1.
    """

    sha256: str
    name: str
    place: str = later("")
    size: float = later(0.0)
    margin: float = later(-1.0)
    opacity: float = later(1.0)


@dataclass(frozen=True)
class CuesSpec(Spec):
    """Cues as `avwalk.score.cues.Cues` spells them: rows (at, until, what, value, ease)."""

    rows: tuple[tuple[str, ...], ...]
    removed: tuple[str, ...]
    kept: tuple[str, ...]


@dataclass(frozen=True)
class WordsSpec(Spec):
    """What is sung or said: rows (start, end, text with times of words, speaker), times in seconds to a thousandth."""

    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class TextSpec(Spec):
    """What is written over the picture: ``none``, ``card``, ``credit``, ``both``, ``lyrics`` or ``all``; title and
    artist."""

    show: str
    title: str
    artist: str


NO_TEXT = TextSpec("none", "", "")


@dataclass(frozen=True)
class FilmSpec(Spec):
    """A film of a song.

    Attributes:
        format: of this JSON, 1.
        avwalk: version that made it.
        pixels_version: `PIXELS_VERSION`.
        versions: package → version, of `PACKAGES` and of torch if it takes part; ``hearing``: sha256 of the network.
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
        intensity: factor on all that reacts.
        overlay: picture over every frame.
        subject: picture in every world.
        words: what is sung or said, where the film shows it or moves with it.
        subtitles: whether they are a track of the film: ``soft``; ``none``.
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
    intensity: float = later(1.0)
    overlay: PictureSpec | None = field(default=None, metadata={"later": True})
    subject: PictureSpec | None = field(default=None, metadata={"later": True})
    words: WordsSpec | None = field(default=None, metadata={"later": True})
    subtitles: str = later("none")

    def with_preset(self, name: str) -> FilmSpec:
        """The same film in a pinned preset, with nothing written over it."""
        pinned = self.presets[name]
        return replace(self, look=pinned.look, seed=pinned.seed, presets={}, explain=False, text=NO_TEXT, overlay=None)
