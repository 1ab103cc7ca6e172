"""The Plan: song + preset + seed, resolved. Pure data; all that a worker needs to draw any frame."""

from __future__ import annotations

import hashlib
import importlib.metadata
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

import avwalk
from avwalk.clock import Clock
from avwalk.config import Preset, Walk, targets
from avwalk.contracts import Analysis, Drive, Song
from avwalk.errors import PlanError
from avwalk.features.signals import SIGNALS
from avwalk.features.smoothing import smooth
from avwalk.presets import LoadedPreset
from avwalk.registry import effect_options, generator_options
from avwalk.score.cues import Cues
from avwalk.score.pins import apply_pins
from avwalk.score.routes import modulate
from avwalk.walk import bands, interpolation, tour
from avwalk.walk.identity import identity

PIXELS_VERSION = 2
"""Raised whenever the same plan would give other pixels."""

SEGMENT_SECONDS = 10


@dataclass(frozen=True)
class Plan:
    """A film, planned.

    Attributes:
        film: the inputs that decide the film, JSON values only: song hash, preset, seed, fps, size, range,
            generator, encoder, versions. `hash` is made of these.
        latents: (i1 − i0, latent_dim) float32; may be memory-mapped.
        params: target → (i1 − i0,) float32.
        events: (n, 2) float64: times (seconds of the song) and heights of the hits the picture should show.
        facts: what was heard, for people: ``tempo_bpm``. Not part of the hash.
    """

    film: Mapping[str, Any]
    latents: NDArray[np.float32]
    params: Mapping[str, NDArray[np.float32]]
    events: NDArray[np.float64]
    facts: Mapping[str, Any] = field(default_factory=dict)

    @property
    def hash(self) -> str:
        """Of everything that decides the pixels; not of worker counts or file names."""
        return film_hash(self.film)

    @property
    def i0(self) -> int:
        """First frame, counted from the start of the song."""
        return int(self.film["range"][0])

    @property
    def i1(self) -> int:
        """One past the last frame."""
        return int(self.film["range"][1])

    @property
    def n_frames(self) -> int:
        """Frames of this film."""
        return self.i1 - self.i0

    @property
    def fps(self) -> Fraction:
        """Frames per second."""
        return Fraction(self.film["fps"])

    @property
    def size(self) -> tuple[int, int]:
        """Width and height in pixels."""
        width, height = self.film["size"]
        return int(width), int(height)

    def drive(self, i0: int, i1: int) -> Drive:
        """What is needed to draw frames [i0, i1) of the song.

        Raises:
            PlanError: frames outside this film.
        """
        if not self.i0 <= i0 < i1 <= self.i1:
            raise PlanError(f"frames {i0}–{i1} are not in this film, which has {self.i0}–{self.i1}")
        a, b = i0 - self.i0, i1 - self.i0
        params = {name: np.asarray(curve[a:b]) for name, curve in self.params.items()}
        return Drive(i0, np.asarray(self.latents[a:b]), params, self.fps, int(self.film["seed"]))

    def save(self, folder: Path) -> None:
        """Writes ``plan.json`` and the arrays, each named by its sha256, into a folder. The JSON comes last."""
        folder.mkdir(parents=True, exist_ok=True)
        arrays: dict[str, NDArray[Any]] = {"latents": self.latents, "events": self.events}
        arrays |= {f"params/{name}": curve for name, curve in self.params.items()}
        index = {name: _save_array(folder, array) for name, array in arrays.items()}
        text = json.dumps({"film": self.film, "facts": self.facts, "arrays": index}, indent=1, ensure_ascii=False)
        part = folder / "plan.json.part"
        part.write_text(text, encoding="utf-8")
        part.replace(folder / "plan.json")

    @classmethod
    def load(cls, folder: Path | str) -> Plan:
        """Reads what `save` wrote; arrays stay on disk and are read by slice.

        Raises:
            PlanError: no plan there, or one that is damaged.
        """
        folder = Path(folder)
        try:
            stored = json.loads((folder / "plan.json").read_text(encoding="utf-8"))
            arrays = {name: _load_array(folder, entry) for name, entry in stored["arrays"].items()}
            params = {name.removeprefix("params/"): a for name, a in arrays.items() if name.startswith("params/")}
            return cls(stored["film"], arrays["latents"], params, np.array(arrays["events"]), stored["facts"])
        except FileNotFoundError as error:
            raise PlanError(f"no plan in '{folder}': {Path(str(error.filename)).name} is missing") from None
        except (ValueError, KeyError, TypeError, OSError) as error:
            raise PlanError(f"the plan in '{folder}' is damaged ({error}); render with --fresh") from None


def film_hash(film: Mapping[str, Any]) -> str:
    """sha256 of the inputs, over sorted JSON."""
    text = json.dumps(film, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def film_inputs(
    song: Song,
    clock: Clock,
    look: LoadedPreset,
    generator: str,
    *,
    span: tuple[int, int],
    size: tuple[int, int],
    seed: int,
    profile: str,
    encoder: Mapping[str, Any],
    bpm: float | None,
    first_beat: float | None,
    av_offset_ms: float,
    cues: Mapping[str, Any],
) -> dict[str, Any]:
    """Everything that decides the film, as plain JSON values; `make_plan` turns it into arrays."""
    return {
        "format": 1,
        "avwalk": avwalk.__version__,
        "pixels_version": PIXELS_VERSION,
        "versions": {name: _version(name) for name in ("numpy", "numba", "opencv-python-headless", "av")},
        "song": {"sha256": song.sha256, "sample_rate": song.sample_rate, "n_samples": song.n_samples},
        "preset": {"name": look.name, "values": look.preset.model_dump(mode="json")},
        "seed": seed,
        "fps": f"{clock.fps.numerator}/{clock.fps.denominator}",
        "song_frames": clock.n_frames,
        "range": list(span),
        "size": list(size),
        "generator": {"name": generator, "options": generator_options(generator, look.preset)},
        "effects": {name: effect_options(name, look.preset) for name in look.preset.effects},
        "profile": profile,
        "encoder": dict(encoder),
        "segment_frames": max(8, round(clock.fps * SEGMENT_SECONDS)),
        "bpm": bpm,
        "first_beat": first_beat,
        "av_offset_ms": av_offset_ms,
        "cues": dict(cues),
    }


def make_plan(film: Mapping[str, Any], look: LoadedPreset, analysis: Analysis, latent_dim: int) -> Plan:
    """Draws up the plan over the whole song, keeps the frames of the film's range.

    Args:
        film: from `film_inputs`.
        look: the preset.
        analysis: of the whole song, corrected by the film's cues.
        latent_dim: of the generator.
    """
    preset = look.preset
    base = {name: _value(preset, name) for name in targets()}
    kinds = {name: kind for name, (kind, _) in SIGNALS.items()}
    params = modulate(look.routes, base, analysis.signals, kinds, analysis.fps, analysis.score.tempo_bpm)
    params = apply_pins(params, Cues.from_json(film["cues"]), analysis)
    phase = params.pop("walk.phase")
    for name in params:
        section, _, knob = name.partition(".")
        if knob == "amount" and section not in preset.effects:
            params[name] = np.zeros_like(params[name])
    latents = walk_positions(preset.walk, analysis, phase, int(film["seed"]), latent_dim)
    i0, i1 = film["range"]
    rows = _shifted(i0, i1, analysis.n_frames, float(film["av_offset_ms"]), analysis.fps)
    return Plan(
        film,
        np.ascontiguousarray(latents[rows], np.float32),
        {name: np.ascontiguousarray(curve[rows]) for name, curve in params.items()},
        hits(analysis, float(film["av_offset_ms"])),
        {"tempo_bpm": round(float(analysis.score.tempo_bpm), 3)},
    )


def walk_positions(
    walk: Walk, analysis: Analysis, phase: NDArray[np.float32], seed: int, dim: int
) -> NDArray[np.float64]:
    """The path of the whole song, (n_frames, dim).

    `tour` visits anchors, which are the song's own; `bands` swings around a slow tour by the weighted sum of the
    bands' vectors. Either way positions stay within 1.5 times the typical norm truncation · √dim, and no step
    exceeds a tenth of it.
    """
    times = np.arange(analysis.n_frames) / float(analysis.fps)
    norm = walk.truncation * np.sqrt(dim)
    slow = phase.astype(np.float64)
    song = identity(analysis.bands)
    if walk.kind == "tour":
        score = analysis.score
        marks = {"beats": score.beats, "bars": score.bars, "sections": np.array([s.start for s in score.sections])}
        arrive = tour.arrivals(marks[walk.arrive], walk.every, analysis.duration, walk.anchor_seconds)
        position = tour.positions_on(arrive, times, slow)
        level = analysis.signals["rms"].astype(np.float64)[:, None]
        z = tour.along(tour.anchors(seed, len(arrive) + 1, dim, walk.truncation, song), position)
        z = z * (1 - 0.25 * walk.level + 0.25 * walk.level * level)
    else:
        vectors = bands.basis(
            seed, analysis.bands.shape[1], dim, walk.truncation, walk.smoothing_factor, walk.iterations
        )
        weighted = bands.weighted_sum(analysis.bands, vectors)
        if walk.classic:
            z = np.clip(weighted, -1, 1)
        else:
            position = slow / walk.anchor_seconds
            path = tour.along(tour.anchors(seed, int(position[-1]) + 2, dim, walk.truncation, song), position)
            z = path + bands.swing(weighted, analysis.signals["rms"], walk.level, walk.reach * norm)
    z = smooth(z, analysis.fps, walk.smoothing_ms)
    z = interpolation.bound_radius(z, 1.5 * norm)
    return interpolation.bound_steps(z, 0.1 * norm * min(1.0, 30 / float(analysis.fps)))


def _value(preset: Preset, target: str) -> float:
    section, name = target.split(".")
    return float(getattr(getattr(preset, section), name))


def _shifted(i0: int, i1: int, n: int, offset_ms: float, fps: Fraction) -> NDArray[np.int64]:
    """Rows of the curves for frames [i0, i1) when the picture comes ``offset_ms`` after the sound."""
    return np.clip(np.arange(i0, i1) - round(offset_ms / 1000 * fps), 0, n - 1)


def hits(analysis: Analysis, offset_ms: float = 0.0) -> NDArray[np.float64]:
    """Kicks (else onsets), what a viewer should see on time: (n, 2) float64, seconds and heights."""
    curve = analysis.signals["kick"] if np.any(analysis.signals["kick"]) else analysis.signals["onset"]
    at = np.flatnonzero(curve)
    return np.stack([at / float(analysis.fps) + offset_ms / 1000, curve[at]], axis=1)


def _version(package: str) -> str:
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return "none"


def _save_array(folder: Path, array: NDArray[Any]) -> dict[str, Any]:
    whole = np.ascontiguousarray(array)
    digest = hashlib.sha256(whole.data if whole.size else b"").hexdigest()
    path = folder / f"{digest}.npy"
    if not path.exists():
        part = folder / f"{digest}.part"
        with part.open("wb") as file:
            np.save(file, whole)
        part.replace(path)
    return {"sha256": digest, "shape": list(whole.shape), "dtype": str(whole.dtype)}


def _load_array(folder: Path, entry: Mapping[str, Any]) -> NDArray[Any]:
    mapped = 0 not in entry["shape"]
    array = np.load(folder / f"{entry['sha256']}.npy", mmap_mode="r" if mapped else None)
    if list(array.shape) != entry["shape"] or str(array.dtype) != entry["dtype"]:
        raise ValueError(f"array {entry['sha256'][:12]} has shape {array.shape}, not {entry['shape']}")
    return array  # type: ignore[no-any-return]
