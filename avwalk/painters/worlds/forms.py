"""Pictures of no place: forms of the built-in generator, in the colours of the words."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np

from avwalk.config.preset import targets
from avwalk.contracts import EXPOSURE, Drive, Frames
from avwalk.painters.worlds.colour_names import Lab, from_lch
from avwalk.painters.worlds.scene import Scene
from avwalk.registry import make_generator

NORM = 0.7  # of latents, in units of √dim, as in walks
SUBJECTS = {"tree": ("weave", "mirror"), "bird": ("ink", "mirror")}
"""Subjects without a place → topology and symmetry."""


def draw_form(scene: Scene, size: tuple[int, int], time: float) -> Frames:
    """A form of the built-in generator, (H, W, 3)."""
    meaning = scene.meaning
    topology, symmetry = "relief", "none"
    if meaning.materials:
        topology = meaning.materials[0]
        symmetry = "kaleidoscope6" if topology == "weave" else "none"
    elif meaning.subjects and meaning.subjects[0] in SUBJECTS:
        topology, symmetry = SUBJECTS[meaning.subjects[0]]
    elif meaning.subjects:
        topology = "void"
    if "ink" in meaning.styles or "watercolour" in meaning.styles:
        topology = "ink"
    if "engraving" in meaning.styles:
        topology = "lines"
    options: dict[str, Any] = {"topology": topology, "symmetry": symmetry, "palette": _palette(scene)}
    generator: Any = make_generator("cppn", size, scene.place_seed or 1, options)
    rng = np.random.default_rng([scene.seed, 0xF0])
    latent = rng.standard_normal(generator.latent_dim)
    latent *= NORM * np.sqrt(generator.latent_dim) / np.linalg.norm(latent)
    params = {name: np.array([target.default], np.float32) for name, target in targets().items()}
    params["grain.amount"][:] = 0
    params["cppn.phase"][:] = 1.0 + 0.12 * time * scene.motion
    params["cppn.warp"][:] = 1.0 + 0.6 * meaning.energy
    params["light.gain"][:] = 0.6 if scene.is_dark else 1.0 + 0.12 * meaning.tone
    drive = Drive(0, latent[None].astype(np.float32), params, Fraction(30), scene.seed)
    metered = generator.meter(drive)[0]
    params |= {name: np.array([value], np.float32) for name, value in zip(EXPOSURE, metered, strict=True)}
    return np.asarray(generator.draw(drive)[0], np.float32)


def _palette(scene: Scene) -> dict[str, Any]:
    """A palette around the named colours, else around one that the mood suggests."""
    named = list(scene.meaning.colours.values())
    if not named:
        energy = scene.meaning.energy
        named = [from_lch(0.6, 0.06 + 0.08 * max(0.0, energy), 235 - 195 * max(0.0, energy))]
    base, companion = named[0], named[-1]
    accent_hue = _hue(companion) + (150 if len(named) == 1 else 0)
    return {
        "base": _ramp(base, 18),
        "companion": _ramp(companion, -22 if len(named) == 1 else 12),
        "accent": [0.82, min(0.17, 0.05 + _chroma(companion)), accent_hue],
    }


def _ramp(colour: Lab, drift: float) -> dict[str, Any]:
    hue = _hue(colour)
    return {"hues": [hue - drift * 0.6, hue, hue + drift], "chroma": min(0.3, _chroma(colour) * 1.1), "gamma": 0.6}


def _hue(colour: Lab) -> float:
    return float(np.rad2deg(np.arctan2(colour[2], colour[1])))


def _chroma(colour: Lab) -> float:
    return float(np.hypot(colour[1], colour[2]))
