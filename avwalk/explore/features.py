"""What a world looks like, in numbers: topology and palettes, and statistics of its thumbnails."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from avwalk.arrays.oklab import linear_to_oklab
from avwalk.config.preset import Preset
from avwalk.contracts import Frames
from avwalk.pipeline import plan_of, source_of
from avwalk.request.resolve import resolve

SIZE = "96x54"
MOMENTS = 4
"""Longest sections of the song of which a thumbnail is measured."""
STEP_S = 0.1
"""Seconds over which motion is measured."""
WARM = np.radians(50.0)
"""Hue of OKLab that is warmest, orange; its opposite is coldest."""
EDGE = 0.06
"""Difference of lightness between neighbours that is an edge."""
STATISTICS = (
    "lightness", "contrast", "edges", "symmetry", "warmth", "magenta", "colour", "variety", "darkness", "motion",
)  # fmt: skip
"""Names of the statistics; those of other features have a colon in them, such as ``topology:nave``."""


def world_features(song: str | Path, options: dict[str, Any]) -> dict[str, float]:
    """Features of a world in a song, measured on small thumbnails: the same ones whatever the size of the film.

    Args:
        song: any audio file.
        options: of the film, as in `avwalk.render`.

    Returns:
        Name → value: `STATISTICS`, and shares in [0, 1] such as ``topology:relief`` and ``palette:ember``.
    """
    request = resolve(song, {**options, "size": SIZE})
    plan, worlds, analysis = plan_of(request, proxy=False)
    source, step = source_of(plan, worlds), max(1, round(STEP_S * float(plan.fps)))
    longest = sorted(analysis.score.sections, key=lambda s: s.start - s.end)[:MOMENTS]
    now, later = [], []
    for section in longest:
        i = round((section.start + section.end) / 2 * float(plan.fps))
        i = min(max(plan.i0, plan.i1 - 1 - step), max(plan.i0, i))
        now.append(source.frames(i, i + 1)[0])
        later.append(source.frames(min(plan.i1 - 1, i + step), min(plan.i1, i + step + 1))[0])
    return {**preset_features(request.preset.values), **statistics(np.stack(now), np.stack(later))}


def preset_features(preset: Preset) -> dict[str, float]:
    """Topology, and the share of each palette, of a preset."""
    palettes = preset.structure.palettes or (preset.palette.name,)
    found = {f"topology:{preset.cppn.topology}": 1.0}
    for name in palettes:
        if name:
            found[f"palette:{name}"] = found.get(f"palette:{name}", 0.0) + 1 / len(palettes)
    return found


def statistics(pictures: Frames, later: Frames | None = None) -> dict[str, float]:
    """Statistics of pictures, their mean over all of them.

    Args:
        pictures: (n, h, w, 3) float32 sRGB in [0, 1].
        later: the same, `STEP_S` later; None: motion is not measured.

    Returns:
        Name → value. Lightness and contrast (its standard deviation) are of OKLab; edges and darkness are shares of
        pixels; symmetry is the correlation with the mirrored picture, −1 to 1; warmth and magenta are components of
        the mean colour, towards orange and across it; colour is the mean chroma, variety how far hues are apart, 0
        to 1; motion is the mean difference of lightness.
    """
    linear = np.where(pictures <= 0.04045, pictures / 12.92, ((pictures + 0.055) / 1.055) ** 2.4)
    lab = linear_to_oklab(linear.astype(np.float64))
    light, a, b = lab[..., 0], lab[..., 1], lab[..., 2]
    chroma = np.hypot(a, b)
    mean_a, mean_b, mean_chroma = a.mean(axis=(1, 2)), b.mean(axis=(1, 2)), chroma.mean(axis=(1, 2))
    across = np.abs(np.diff(light, axis=2))[:, :-1] > EDGE
    down = np.abs(np.diff(light, axis=1))[:, :, :-1] > EDGE
    found = {
        "lightness": light.mean(),
        "contrast": light.std(axis=(1, 2)).mean(),
        "edges": (across | down).mean(),
        "symmetry": float(np.mean([_mirrored(each) for each in light])),
        "warmth": (mean_a * np.cos(WARM) + mean_b * np.sin(WARM)).mean(),
        "magenta": (mean_a * np.sin(WARM) - mean_b * np.cos(WARM)).mean(),
        "colour": mean_chroma.mean(),
        "variety": (1 - np.hypot(mean_a, mean_b) / np.maximum(mean_chroma, 1e-6)).mean(),
        "darkness": (light < 0.25).mean(),
    }
    if later is not None:
        found["motion"] = np.abs(_lightness(later) - _lightness(pictures)).mean()
    return {name: round(float(value), 5) for name, value in found.items()}


def _lightness(pictures: Frames) -> NDArray[np.float64]:
    """Roughly even to the eye: the mean of the channels as they are displayed."""
    return np.asarray(pictures.mean(axis=-1), np.float64)


def _mirrored(light: NDArray[np.float64]) -> float:
    """Correlation of a picture with itself, left and right exchanged; 1 where it is flat."""
    rest = light - light.mean()
    power = float((rest**2).sum())
    return float((rest * rest[:, ::-1]).sum()) / power if power > 1e-9 else 1.0
