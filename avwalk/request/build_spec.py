"""Builds the spec of a film from what was asked for: the one place where a `FilmSpec` is made."""

from __future__ import annotations

import hashlib
import importlib.metadata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from avwalk._version import __version__
from avwalk.audio.samples_hash import samples_sha256
from avwalk.clock import Clock
from avwalk.config.options import RenderOptions
from avwalk.config.text import FONTS
from avwalk.contracts import Song
from avwalk.errors import OptionError
from avwalk.features.beats.weights import digest
from avwalk.files.names import is_regular
from avwalk.plan.class_weights import film_classes
from avwalk.presets import LoadedPreset
from avwalk.registry import GENERATORS
from avwalk.request.diffusion import Diffusion, restyle_spec, sd_options
from avwalk.request.generators import effect_options, generator_options, model_sha
from avwalk.score.cues import Cues
from avwalk.spec import (
    PACKAGES,
    PIXELS_VERSION,
    CuesSpec,
    FilmSpec,
    GeneratorSpec,
    LookSpec,
    PinnedSpec,
    PresetSpec,
    SongSpec,
    SourceSpec,
    TextSpec,
    WordsSpec,
)
from avwalk.spec.encoder import Encoder


@dataclass(frozen=True)
class FilmInputs:
    """What a spec is built from, settled.

    Attributes:
        song: probed.
        clock: frames against samples.
        options: of the render; ``start`` and ``duration`` in seconds.
        preset: of the film.
        generator: name of what draws it.
        pinned: name → preset that cues pin, and what draws it.
        device: that is drawn on.
        span: frames [i0, i1).
        size: width and height.
        seed: of the film.
        encoder: settings.
        stems: name → part of the song.
        loop: frames over which a loop's beginning comes in; 0: no loop.
        cues: the artist's.
        text: title and artist.
        words: what is sung or said, where the film needs it.
        source: file that stands in for the generator.
        diffusion: what was asked of networks.
    """

    song: Song
    clock: Clock
    options: RenderOptions
    preset: LoadedPreset
    generator: str
    pinned: Mapping[str, tuple[LoadedPreset, str]]
    device: str
    span: tuple[int, int]
    size: tuple[int, int]
    seed: int
    encoder: Encoder
    stems: Mapping[str, Song]
    loop: int
    cues: Cues
    text: TextSpec
    words: WordsSpec | None
    source: SourceSpec | None
    diffusion: Diffusion


def film_spec(inputs: FilmInputs) -> tuple[FilmSpec, list[str]]:
    """Everything that decides a film, and a note for each thing that is otherwise than asked.

    Raises:
        AvwalkError: weights that are not here, contradictions, files that cannot be read.
    """
    fps, cues, options = inputs.clock.fps, inputs.cues, inputs.options
    look, notes = look_spec(inputs.preset, inputs.generator, fps, inputs.seed, cues, inputs.diffusion)
    pinned: dict[str, PinnedSpec] = {}
    for name, (preset, generator) in inputs.pinned.items():
        # a preset that says its seed is a world that was chosen; in films made before 0 was that of one that says none
        seed = preset.values.seed or inputs.seed
        pinned_look, more = look_spec(preset, generator, fps, seed, cues, inputs.diffusion)
        pinned[name] = PinnedSpec(pinned_look, seed)
        notes += [note for note in more if note not in notes]
    looks = (look, *(each.look for each in pinned.values()))
    has_networks = any(
        GENERATORS[each.generator.name].needs_weights or (each.restyle and not each.restyle.painter) for each in looks
    )
    uses_torch = inputs.device != "cpu" or has_networks
    packages = (*PACKAGES, *(("torch",) if uses_torch else ()))
    spec = FilmSpec(
        format=1,
        avwalk=__version__,
        pixels_version=PIXELS_VERSION,
        versions={name: _version(name) for name in packages} | {"hearing": digest()} | _shaping(inputs.text),
        song=_song_spec(inputs.song, looks),
        look=look,
        source=inputs.source,
        device=inputs.device,
        compile=options.compile and has_networks,  # its last bits are others
        seed=inputs.seed,
        fps=fps,
        song_frames=inputs.clock.n_frames,
        span=inputs.span,
        size=inputs.size,
        profile=options.profile,
        encoder=inputs.encoder,
        segment_frames=max(8, round(float(fps) * options.segment)),
        bpm=options.bpm,
        first_beat=options.first_beat,
        av_offset_ms=options.av_offset_ms,
        stems={name: _stem(stem) for name, stem in inputs.stems.items()},
        explain=options.explain,
        allow_flashes=options.allow_flashes,
        loop=inputs.loop,
        cues=CuesSpec.from_json(cues.as_json()),
        text=inputs.text,
        presets=pinned,
        intensity=options.intensity,
        words=inputs.words,
        subtitles=options.subtitles,
    )
    return spec, notes


def look_spec(
    preset: LoadedPreset, generator: str, fps: Fraction, seed: int, cues: Cues, diffusion: Diffusion
) -> tuple[LookSpec, list[str]]:
    """What one preset makes of a film, and notes."""
    values, entry = preset.values, GENERATORS[generator]
    weights, notes = model_sha(generator, values, diffusion.model), list[str]()
    if entry.takes_prompts:
        options, notes = sd_options(values, weights, seed, cues, diffusion)
    else:
        classes = film_classes(values, seed, cues) if entry.takes_classes else []
        options = generator_options(generator, values, weights, classes)
    restyle, more = restyle_spec(values, generator, cues, diffusion)
    look = LookSpec(
        PresetSpec(preset.name, values.model_dump(mode="json", exclude=None if values.lock.prompt else {"lock"})),
        GeneratorSpec(generator, options),
        restyle,
        {name: effect_options(name, values, fps) for name in values.effects},
        {name: curve.sha256 for name, curve in preset.curves.items()},
        _file_sha(values.upscale.model, "upscale.model", ".safetensors"),
        "" if values.text.font in FONTS else _file_sha(values.text.font, "text.font", ".ttf or .otf"),
    )
    return look, [*notes, *(note for note in more if note not in notes)]


def _song_spec(song: Song, looks: Sequence[LookSpec]) -> SongSpec:
    """The song, with the hash of its samples where a look has a way of its own for each song."""
    own = any(look.preset.values["structure"]["path"] == "song" for look in looks)
    return SongSpec(song.sha256, song.sample_rate, song.n_samples, song.track, samples_sha256(song) if own else "")


def _stem(stem: Song) -> str:
    return stem.sha256 if stem.track == 1 else f"{stem.sha256}:{stem.track}"


def _file_sha(path: str, key: str, kind: str) -> str:
    """sha256 of a file that takes part, empty where there is none; key and kind are for messages."""
    if not path:
        return ""
    if not is_regular(Path(path)):  # a device has no end
        raise OptionError(f"{key} '{path}' cannot be read: there is no such file; name one: {kind}")
    try:
        with Path(path).open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise OptionError(f"{key} '{path}' cannot be read: {error.strerror or error}") from None


def _shaping(text: TextSpec) -> dict[str, str]:
    """What draws lyrics, and the version of it."""
    if text.show not in ("lyrics", "all"):
        return {}
    from avwalk.effects.writing.shaping import can_shape  # late: most films have none

    return {"pillow": _version("pillow"), "raqm": "yes" if can_shape() else "no"}


def _version(package: str) -> str:
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return "none"
