"""Frames of presets over songs, small: what the measures of tone and form look at."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from avwalk.arrays.colour import LUMA
from avwalk.pipeline import plan_of, source_of
from avwalk.request.resolve import resolve
from tests.benchmarks.songs import ROOT, real_songs

FRAMES = 24
SIZE = (320, 180)

Pictures = NDArray[np.float32]


def songs() -> list[Path]:
    """The demo song, and real ones where there are any."""
    return [ROOT / "media" / "demo-song.ogg", *real_songs()]


@cache
def pictures(song: Path, preset: str, size: tuple[int, int] = SIZE, count: int = FRAMES) -> Pictures:
    """Frames evenly spread over a song, (count, h, w, 3) sRGB."""
    plan, worlds, _ = plan_of(resolve(song, {"preset": preset, "generator": "cppn", "size": size}))
    source = source_of(plan, worlds)
    at = (plan.i0 + (np.arange(count) + 0.5) / count * plan.n_frames).astype(int)
    return np.concatenate([source.frames(i, i + 1) for i in at.tolist()])


def luma(rgb: Pictures) -> Pictures:
    """Y′ of sRGB values, (…)."""
    return np.asarray(rgb @ LUMA, np.float32)


def linear(rgb: Pictures) -> Pictures:
    """Linear luminance Y, (…)."""
    light = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    return np.asarray(light @ LUMA, np.float32)
