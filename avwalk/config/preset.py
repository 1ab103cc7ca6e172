"""The preset format: all its settings with defaults, ranges, units and descriptions.

Help texts, the list of targets and the documentation are made from these fields.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from pydantic import BaseModel, Field, field_validator, model_serializer, model_validator

from avwalk.config.effects import (
    Aberration,
    Bloom,
    Effect,
    Engrave,
    Grain,
    Halftone,
    Mosaic,
    Overprint,
    Posterise,
    Scanlines,
    Trails,
    Vignette,
)
from avwalk.config.fields import Model, knob
from avwalk.config.generators import Biggan, Classes, Restyle, Sd
from avwalk.config.lock import Lock
from avwalk.config.material import Material
from avwalk.config.text import Text
from avwalk.registry import GENERATORS

MAX_ANCESTORS = 24


class Walk(Model):
    """The path in latent space."""

    kind: Literal["bands", "chroma", "tour", "recurrence"] = Field("bands", description="how the path is made")
    classic: bool = Field(
        False, description="the formulas as they were: bands those of DIGCREA, chroma those of Deep Music Visualizer"
    )
    truncation: float = knob(0.7, 0.01, 1, "", "how far from the middle of latent space")
    extra_detail: float = Field(0.9, ge=0, lt=1, description="bands: 0 only the loudest band counts, near 1 all do")
    max_frequency_level: float = Field(11000, gt=0, le=96000, description="bands: highest frequency, Hz")
    low_frequency_skip: float = Field(16, ge=0, le=20000, description="bands: lowest frequency, Hz")
    frequency_band_growth_rate: float = Field(1.01, ge=1.0001, le=2, description="bands: each is this much wider")
    smoothing_factor: float = Field(0.1, ge=0, le=1, description="bands: mixing of neighbouring bands' vectors")
    iterations: int = Field(2, ge=0, le=10, description="bands: how often neighbours are mixed")
    smoothing_ms: float = Field(120, ge=0, le=10_000, description="smoothing over time, FWHM in ms")
    level: float = Field(0.6, ge=0, le=1, description="how much loudness widens the walk; 0: spectral shape alone")
    reach: float = Field(0.8, ge=0, le=2, description="bands: size of the swing around the slow path")
    arrive: Literal["beats", "bars", "sections"] = Field("bars", description="tour: what anchors arrive on")
    every: int = Field(4, ge=1, le=64, description="tour: one anchor in so many beats, bars or sections")
    anchor_seconds: float = Field(10, gt=0, le=600, description="seconds between anchors at speed 1")
    speed: float = knob(1.0, 0, 8, "×", "how fast the slow path is walked")


class Chroma(Model):
    """The walk `chroma`: pitches choose the classes, loudness moves the rest. Frames are of 512 / 22050 s."""

    pitch_sensitivity: float = Field(220, ge=1, le=299, description="how fast classes follow the pitches")
    tempo_sensitivity: float = Field(0.25, ge=0.01, le=2, description="how far the picture moves in a frame")
    depth: float = Field(1.0, gt=0, le=1, description="largest share of a class")
    jitter: float = Field(0.5, ge=0, le=1, description="against repetition: some coordinates are this much slower")
    smooth_factor: float = Field(20, ge=0, le=300, description="smoothing of the classes, frames")
    num_classes: int = Field(12, ge=1, le=12, description="only the strongest pitches count")
    sort_by_power: bool = Field(False, description="the first class belongs to the strongest pitch, not to C")


class Upscale(Model):
    """Frames drawn smaller than the film."""

    factor: int = Field(1, ge=1, le=8, description="the generator draws this many times smaller")
    model: str = Field("", description="file of an upscaling network (.safetensors, needs spandrel); none: Lanczos")


class Camera(Model):
    """The camera: a map from the screen to the world."""

    symmetry: Literal["none", "mirror", "kaleidoscope", "kaleidoscope6"] = Field(
        "none", description="mirrors that stand in the world: none, one, three, six"
    )
    map: Literal["plane", "polar"] = Field("plane", description="polar: the world is wound around a centre")
    fit: Literal["crop", "mirror", "blur"] = Field(
        "crop", description="pictures of another shape: cut to the frame's, or whole, their sides mirrored or blurred"
    )
    zoom: float = knob(1.0, 0.25, 4, "×", "above 1 is closer")
    x: float = knob(0.0, -2, 2, "half-heights", "to the right")
    y: float = knob(0.0, -2, 2, "half-heights", "downwards")
    angle: float = knob(0.0, -360, 360, "degrees", "turn of the camera, clockwise", wraps=True)
    spin: float = knob(0.0, -180, 180, "degrees/s", "speed of the turn")
    dive: float = knob(0.0, -4, 4, "octaves/s", "speed of the endless zoom")
    depth: float = knob(0.0, -1000, 1000, "octaves", "how far the endless zoom has come", wraps=True)


class Ancestor(Model):
    """A parent world: a seed, written as its number, or itself a child of others."""

    seed: int = Field(ge=0, le=2**63 - 1, description="picks the world, or which of its parents' children it is")
    parents: tuple[Ancestor, ...] = Field((), max_length=8, description="worlds that it comes from; none: the seed's")
    variation: float = Field(0.3, ge=0, le=1, description="how far it is from its parents")

    @model_validator(mode="before")
    @classmethod
    def _number(cls, value: Any) -> Any:
        return {"seed": value} if isinstance(value, int) and not isinstance(value, bool) else value

    @model_serializer(mode="wrap")
    def _short(self, whole: Any) -> Any:
        return whole(self) if self.parents else self.seed

    @property
    def count(self) -> int:
        """Number of worlds in this ancestry."""
        return 1 + sum(parent.count for parent in self.parents)


class Cppn(Model):
    """The built-in generator."""

    topology: Literal["relief", "void", "lines", "tunnel", "horizon", "ink", "weave", "coral", "nave"] = Field(
        "relief", description="what kind of world"
    )
    parents: tuple[Ancestor, ...] = Field(
        (), max_length=8, description="seeds of the worlds that this one comes from; the film's seed picks the child"
    )
    variation: float = Field(0.3, ge=0, le=1, description="how far a child is from its parents")
    salt: int = Field(
        0, ge=0, le=2**31 - 1, description="worlds of this preset's own: another number, others for the same seeds"
    )
    accent: float = Field(1.0, ge=0, le=2, description="strength of the glowing vein in the accent colour")
    warp: float = knob(1.0, 0, 2, "×", "bending of the world before it is drawn")
    flow: float = knob(0.12, -4, 4, "rad/s", "speed at which the world streams")
    phase: float = knob(0.0, -1000, 1000, "rad", "how far the world has streamed", wraps=True)
    detail: float = knob(0.5, 0, 1, "", "fine structure on the subject")
    height: float = knob(1.0, 0, 2, "×", "strength of the relief")

    @field_validator("parents")
    @classmethod
    def _few(cls, parents: tuple[Ancestor, ...]) -> tuple[Ancestor, ...]:
        if (count := sum(parent.count for parent in parents)) > MAX_ANCESTORS:
            raise ValueError(f"{count} ancestors in all, more than {MAX_ANCESTORS}; begin anew from a seed")
        return parents


class Testcard(Model):
    """The test card."""

    camera: bool = Field(False, description="the camera moves it; else it only shows the camera, and can be read")


class Structure(Model):
    """How the picture follows the form of the song."""

    worlds: Literal["one", "sections"] = Field("one", description="one world, or one for each label of a section")
    longest_shot: int = Field(
        32, ge=8, le=4096, description="bars after which another world comes in within a section, on a bar line"
    )
    palettes: tuple[str, ...] = Field((), description="one for each label in turn; none: the palette of the preset")
    transition: Literal["cut", "whip", "melt"] = Field("cut", description="how a section comes in, on its downbeat")
    transition_bars: float = Field(1.0, gt=0, le=8, description="length of a melt, bars")
    development: float = Field(0.15, ge=0, le=1, description="how far a section that returns has moved on, each time")
    camera: tuple[Literal["still", "drift", "orbit", "push", "pull"], ...] = Field(
        ("still",), min_length=1, description="camera programmes; each label begins with one, each phrase has the next"
    )
    anticipation: float = Field(0.0, ge=0, le=1, description="before a drop: narrower, greyer, slower, a beat of rest")
    release: float = Field(0.0, ge=0, le=1, description="on a drop: the world opens with a push")
    rest: float = Field(0.0, ge=0, le=1, description="how much less everything moves where the song is quiet for it")
    phrase_bars: int = Field(
        0, ge=0, le=64, description="bars after which light, framing, hues change in a shot, on a bar line; 0: never"
    )
    pace: float = Field(0.0, ge=0, le=1, description="how far speed, scale, detail follow the song's tempo and energy")
    path: Literal["seed", "song"] = Field("seed", description="song: each song has its own way through a seed's worlds")


class Light(Model):
    """Light on the scene."""

    azimuth: float = knob(125.0, -360, 360, "degrees", "where the light comes from", wraps=True)
    gain: float = knob(1.0, 0, 2, "×", "brightness of the light")


class HueRamp(Model):
    """A family of hues, from shadow to highlight."""

    hues: tuple[float, float, float] = Field(description="OKLCH hues of shadow, middle and highlight, degrees")
    chroma: float = Field(ge=0, le=0.3, description="OKLCH chroma in the middle tones")
    gamma: float = Field(0.7, gt=0, le=4, description="smaller keeps colour deeper into shadows and highlights")


class CustomPalette(Model):
    """A custom palette."""

    base: HueRamp
    companion: HueRamp
    accent: tuple[float, float, float] = Field(description="OKLCH lightness, chroma, hue of what glows")
    sha256: str = Field("", description="of the picture they were taken from")


class Palette(Model):
    """Colours, from near black to near white."""

    name: str = Field("ember", description="a named palette")
    hues: Literal["own", "song", "order"] = Field(
        "own",
        description="song: named palettes in the hues of the song's key, and of keys near it for its sections;"
        " order: structure.palettes as they are, beginning with one by the song's key",
    )
    image: str = Field("", description="a picture beside the preset: its colours, instead of all named palettes")
    own: CustomPalette | None = Field(None, description="colours of your own, instead of all named palettes")
    shift: float = knob(0.0, -0.5, 0.5, "", "moves along the palette")
    saturation: float = knob(1.0, 0, 1, "×", "0 is grey")


class Matter(Model):
    """What hits make, see the targets ``spawn.…``."""

    opacity: float = knob(1.0, 0, 1, "×", "how dense matter is")
    size: float = knob(1.0, 0.1, 3, "×", "how large it is")
    wake: Literal["none", "zoom", "swirl", "shear", "curl"] = Field(
        "none", description="what carries off the light that matter leaves behind; none: it leaves none"
    )
    wake_seconds: float = Field(0.6, ge=0.1, le=3, description="until a tenth of that light is left, s")
    glow: float = knob(0.8, 0, 1, "×", "strength of the light that a wake leaves")


class Sound(Model):
    """The sound itself in the picture: its waveform, spectrum or pitches as a line or a relief of the world."""

    shape: Literal["none", "ring", "ridge", "ribbon", "lissajous", "chroma"] = Field(
        "none", description="ridge: mountains one behind the other; chroma: twelve petals, one for each pitch"
    )
    source: Literal["waveform", "spectrum"] = Field("waveform", description="what ring, ridge and ribbon are made of")
    opacity: float = knob(1.0, 0, 1, "×", "how dense it is")
    size: float = knob(1.0, 0.1, 3, "×", "how large it is")
    reach: float = knob(1.0, 0, 4, "×", "how far the sound moves it")


class Suits(Model):
    """The song that a preset is made for, as ``--preset auto`` compares it; what is left out hardly counts."""

    tempo: float | None = Field(None, ge=0, le=400, description="BPM; 0: without a beat")
    drums: float | None = Field(None, ge=0, le=1, description="0 none to 1 throughout")
    energy: float | None = Field(None, ge=0, le=1, description="0 calm to 1 dense and percussive")
    brightness: float | None = Field(None, ge=0, le=1, description="0 dark to 1 bright")
    dynamics: float | None = Field(None, ge=0, le=1, description="0 equally loud to 1 from very soft to very loud")
    speech: float = Field(0.0, ge=0, le=1, description="1: somebody speaks, and nothing else sounds")


if TYPE_CHECKING:
    GeneratorName = str
else:  # the names of the registry, so that a new generator need not be named here
    GeneratorName = Literal[tuple(GENERATORS)]


class Preset(Model):
    """A preset: everything but the song."""

    version: Literal[1] = Field(1, description="of the preset format")
    title: str = Field("", description="shown in lists")
    description: str = Field("", description="one sentence")
    extends: str | None = Field(None, description="the preset this one starts from")
    generators: tuple[GeneratorName, ...] = Field(
        ("cppn",), min_length=1, description="the first of these that can run here is used"
    )
    reactive: bool = Field(True, description="moves with the beat")
    seed: int | None = Field(
        None, ge=0, le=2**63 - 1, description="of everything random; none: each song has one by its samples"
    )
    routes: tuple[Any, ...] = Field((), description="signal -> target amount; ~> integrates; or a table of the same")
    effects: tuple[Effect, ...] = Field((), description="in this order")
    walk: Walk = Walk()
    camera: Camera = Camera()
    structure: Structure = Structure()
    cppn: Cppn = Cppn()
    chroma: Chroma = Chroma()
    classes: Classes = Classes()
    biggan: Biggan = Biggan()
    sd: Sd = Sd()
    testcard: Testcard = Testcard()
    upscale: Upscale = Upscale()
    light: Light = Light()
    material: Material = Material()
    palette: Palette = Palette()
    matter: Matter = Matter()
    sound: Sound = Sound()
    bloom: Bloom = Bloom()
    grain: Grain = Grain()
    vignette: Vignette = Vignette()
    aberration: Aberration = Aberration()
    trails: Trails = Trails()
    halftone: Halftone = Halftone()
    posterise: Posterise = Posterise()
    scanlines: Scanlines = Scanlines()
    mosaic: Mosaic = Mosaic()
    overprint: Overprint = Overprint()
    engrave: Engrave = Engrave()
    text: Text = Text()
    suits: Suits = Suits()
    lock: Lock = Lock()
    restyle: Restyle = Restyle()


class Target(NamedTuple):
    """A parameter that routes can reach: its default, range, unit and meaning."""

    default: float
    low: float
    high: float
    unit: str
    text: str
    wraps: bool


RATES = {
    "walk.speed": "walk.phase",
    "camera.spin": "camera.angle",
    "camera.dive": "camera.depth",
    "cppn.flow": "cppn.phase",
}
"""Targets that are speeds, and what their integral over the song is added to."""


@cache
def targets() -> dict[str, Target]:
    """Every parameter that routes can reach, ``"camera.zoom"`` → `Target`, read off the models."""
    found = {}
    for section, outer in Preset.model_fields.items():
        model = outer.annotation
        if not (isinstance(model, type) and issubclass(model, BaseModel)):
            continue
        for name, inner in model.model_fields.items():
            extra = inner.json_schema_extra
            if not (isinstance(extra, dict) and extra.get("routable")):
                continue
            low, high = (next(getattr(m, a) for m in inner.metadata if hasattr(m, a)) for a in ("ge", "le"))
            found[f"{section}.{name}"] = Target(
                inner.default, low, high, str(extra["unit"]), inner.description or "", bool(extra["wraps"])
            )
    return found
