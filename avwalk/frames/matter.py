"""Matter over the frames of a shot: in the perspective of its world, in the colours of its palette."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import numpy as np

from avwalk.contracts import Drive, Frames, Generator, Perspective, Placed, Shot
from avwalk.generators.palette import TABLE_SIZE, Palette, accent_colour, find_palette, ramp_table
from avwalk.matter.colours import Colours
from avwalk.plan.plan import Plan


def with_matter(frames: Frames, plan: Plan, shot: Shot, drive: Drive, generator: Generator | None) -> Frames:
    """Frames of a shot with the matter that was born in it.

    Args:
        frames: (n, H, W, 3), may be written into.
        plan: of the film.
        shot: what they show.
        drive: of these frames, with the births that the shot shows.
        generator: what drew them; None: something without a world.
    """
    if not len(drive.births):
        return frames
    from avwalk.matter.layer import draw_matter

    perspective = generator.perspective if isinstance(generator, Placed) else Perspective()
    options = plan.film.look.generator.options
    palette = shot.palette or options.get("palette") or plan.preset.palette.name
    return draw_matter(frames, drive, perspective, _colours(palette))


def _colours(palette: str | Mapping[str, Any]) -> Colours:
    return _of(find_palette(palette))


@lru_cache(maxsize=64)
def _of(palette: Palette) -> Colours:
    base, companion = ramp_table(palette.base, TABLE_SIZE), ramp_table(palette.companion, TABLE_SIZE)
    return Colours(base, companion, np.asarray(accent_colour(palette), np.float32))
