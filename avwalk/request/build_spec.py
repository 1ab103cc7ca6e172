"""Builds the film's spec from what was asked for."""

from __future__ import annotations

import hashlib
import importlib.metadata
from collections.abc import Mapping
from fractions import Fraction
from pathlib import Path
from typing import Any

from avwalk._version import __version__
from avwalk.clock import Clock
from avwalk.contracts import Song
from avwalk.errors import OptionError
from avwalk.plan.class_weights import cast_of
from avwalk.presets import LoadedPreset
from avwalk.registry import WEIGHTS
from avwalk.request.diffusion import Asked, restyle_inputs, sd_options
from avwalk.request.generators import effect_options, generator_options, model_sha
from avwalk.score.cues import Cues
from avwalk.spec import PACKAGES, PIXELS_VERSION, SEGMENT_SECONDS


def film_inputs(
    song: Song,
    clock: Clock,
    preset: LoadedPreset,
    generator: str,
    device: str,
    compile: bool,
    *,
    span: tuple[int, int],
    size: tuple[int, int],
    seed: int,
    profile: str,
    encoder: Mapping[str, Any],
    bpm: float | None,
    first_beat: float | None,
    av_offset_ms: float,
    stems: Mapping[str, Song],
    explain: bool,
    allow_flashes: bool,
    loop: int,
    cues: Mapping[str, Any],
    text: Mapping[str, Any],
    pinned: Mapping[str, tuple[LoadedPreset, str]],
    asked: Asked,
    source: Mapping[str, Any] | None,
) -> dict[str, Any]:
    """Everything that decides the film, as plain JSON values; `make_plan` turns it into arrays."""
    told = Cues.from_json(cues)
    own = _look_inputs(preset, generator, clock.fps, seed, told, asked)
    # a preset that says its seed is a world that was chosen
    seeds = {name: each.values.seed or seed for name, (each, _) in pinned.items()}
    pinned_inputs = {
        name: {**_look_inputs(each, drawer, clock.fps, seeds[name], told, asked), "seed": seeds[name]}
        for name, (each, drawer) in pinned.items()
    }
    has_networks = any(
        each["generator"]["name"] in WEIGHTS or each["restyle"] for each in (own, *pinned_inputs.values())
    )
    uses_torch = device != "cpu" or has_networks
    return {
        "format": 1,
        "avwalk": __version__,
        "pixels_version": PIXELS_VERSION,
        "versions": {name: _version(name) for name in (*PACKAGES, *(("torch",) if uses_torch else ()))},
        "song": {"sha256": song.sha256, "sample_rate": song.sample_rate, "n_samples": song.n_samples},
        **own,
        "source": dict(source) if source else None,
        "device": device,
        "compile": compile and has_networks,  # its last bits are others
        "seed": seed,
        "fps": f"{clock.fps.numerator}/{clock.fps.denominator}",
        "song_frames": clock.n_frames,
        "range": list(span),
        "size": list(size),
        "profile": profile,
        "encoder": dict(encoder),
        "segment_frames": max(8, round(clock.fps * SEGMENT_SECONDS)),
        "bpm": bpm,
        "first_beat": first_beat,
        "av_offset_ms": av_offset_ms,
        "stems": {name: stem.sha256 for name, stem in stems.items()},
        "explain": explain,
        "allow_flashes": allow_flashes,
        "loop": loop,
        "cues": dict(cues),
        "text": dict(text),
        "looks": pinned_inputs,
    }


def _look_inputs(
    preset: LoadedPreset, generator: str, fps: Fraction, seed: int, cues: Cues, asked: Asked
) -> dict[str, Any]:
    weights = model_sha(generator, preset.values, asked.model)
    cast = cast_of(preset.values, seed, cues) if generator == "biggan" else []
    if generator == "sd":
        options = sd_options(preset.values, weights, seed, cues, asked)
    else:
        options = generator_options(generator, preset.values, weights, cast)
    return {
        "preset": {"name": preset.name, "values": preset.values.model_dump(mode="json")},
        "generator": {"name": generator, "options": options},
        "restyle": restyle_inputs(preset.values, generator, cues, asked),
        "effects": {name: effect_options(name, preset.values, fps) for name in preset.values.effects},
        "curves": {name: curve.sha256 for name, curve in preset.curves.items()},
        "upscale": _file_sha(preset.values.upscale.model),
    }


def _file_sha(path: str) -> str:
    """sha256 of a file that takes part, empty where there is none."""
    if not path:
        return ""
    try:
        return hashlib.sha256(Path(path).read_bytes()).hexdigest()
    except OSError as error:
        raise OptionError(f"upscale.model '{path}' cannot be read: {error.strerror or error}") from None


def _version(package: str) -> str:
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return "none"
