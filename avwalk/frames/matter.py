"""Sound and matter over the frames of a shot: in its world's perspective, in the colours of its palette."""

from __future__ import annotations

import math
import threading
from collections.abc import Mapping
from dataclasses import replace
from fractions import Fraction
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np

from avwalk.arrays.colour import curve_at
from avwalk.config.matter import SPAWN
from avwalk.contracts import Drive, Frames, Generator, Perspective, Placed, Shot
from avwalk.generators.named_palettes import find_palette
from avwalk.generators.palette import TABLE_SIZE, Palette, accent_colour, ramp_table
from avwalk.matter.colours import Colours
from avwalk.plan.plan import Plan, alive

if TYPE_CHECKING:
    from avwalk.matter.layer import Piece
    from avwalk.matter.wake import Buffers

Size = tuple[int, int]
Scenery = tuple[Perspective, Colours]
WAKE_AREA = 320 * 180  # pixels of a wake, which is soft: smaller than most films


def wake_frames(preset: Mapping[str, Any], fps: Fraction) -> int:
    """How many frames before it a frame needs for the wake of matter; 0 without one.

    Args:
        preset: its values.
        fps: frames per second.
    """
    matter = preset.get("matter", {})
    routes = (route if isinstance(route, str) else route.get("target", "") for route in preset.get("routes", ()))
    if matter.get("wake", "none") == "none" or not any(SPAWN in route for route in routes):
        return 0
    from avwalk.matter.wake import period

    return period(float(fps), float(matter["wake_seconds"]))


class MatterLayer:
    """Draws sound and matter over the frames of a plan. A wake goes on from frame to frame in each thread; where
    another frame is asked for, matter alone is drawn for the frames that its wake needs.

    Args:
        plan: of the film.
        wakes: also the light that matter leaves.
    """

    def __init__(self, plan: Plan, *, wakes: bool = True) -> None:
        self._plan = plan
        self._period = wake_frames(plan.film.look.preset.values, plan.fps) if wakes else 0
        self._local = threading.local()

    def apply(self, frames: Frames, shot: Shot, drive: Drive, generator: Generator) -> Frames:
        """Frames of a shot with the sound as its preset shapes it, and with the matter that was born in it.

        Args:
            frames: (n, H, W, 3), may be written into.
            shot: what they show.
            drive: of these frames.
            generator: what drew them.
        """
        plan = self._plan
        has_matter = len(plan.births) or any("births" in lead for lead in plan.leads)
        if not has_matter and not len(plan.trace):
            return frames
        from avwalk.matter.layer import draw_matter

        perspective = generator.perspective if isinstance(generator, Placed) else Perspective()
        palette = shot.palette or plan.film.look.generator.options.get("palette") or plan.preset.palette.name
        colours = _colours(palette)
        frames = np.ascontiguousarray(frames, np.float32)
        if len(plan.trace):
            from avwalk.matter.sound_shapes.draw import draw_sound

            frames = draw_sound(frames, drive, perspective, colours, plan.preset.sound.shape)
        if not has_matter:
            return frames
        if not self._period:
            return draw_matter(frames, drive, perspective, colours)
        for k in range(len(frames)):
            self._draw_with_wake(frames[k], shot, drive, k, (perspective, colours))
        return frames

    def _draw_with_wake(self, picture: Frames, shot: Shot, drive: Drive, k: int, scene: Scenery) -> None:
        """Draws the matter of a row over its picture, in place, and before that the light that matter left."""
        from avwalk.matter.layer import draw_pieces, pieces_of, view_of
        from avwalk.matter.wake_kernels import lay_over

        height, width = picture.shape[:2]
        pieces = pieces_of(drive, k, *scene)
        left = self._wake(shot, drive.i0 + k, pieces, scene, _smaller(width, height))
        share = float(curve_at(drive.params, "matter.glow", k, 0.8)) * float(
            curve_at(drive.params, "matter.opacity", k, 1)
        )
        lay_over(picture.reshape(height, -1), left.reshape(len(left), -1), share)
        draw_pieces(picture, pieces, view_of(drive, k, (width, height)))

    def _wake(self, shot: Shot, i: int, pieces: list[Piece], scene: Scenery, size: Size) -> Frames:
        """What is left in frame ``i`` of a shot, whose matter are ``pieces``: (h, w, 3) of a size (w, h)."""
        from avwalk.matter.layer import pieces_of
        from avwalk.matter.wake import Buffers, start

        kept: dict[tuple[Shot, Size], Buffers] = self._local.__dict__.setdefault("kept", {})
        begin = max(self._plan.first, shot.i0 - shot.lead)
        buffers = kept.get((shot, size))
        if buffers is None or buffers.at != i:
            for other in [each for each in kept if each[0].i1 < i - self._period or each[0] == shot]:
                del kept[other]  # those of a shot that goes on beside this one stay
            first = max(begin, start(i, self._period))
            buffers = kept[shot, size] = Buffers.empty(first, size)
            for j in range(first, i):
                drive = self._rows(shot, max(j - 1, begin), j + 1)
                self._follow(buffers, drive, pieces_of(drive, len(drive) - 1, *scene), scene, size)
        return self._follow(buffers, self._rows(shot, max(i - 1, begin), i + 1), pieces, scene, size)

    def _follow(self, buffers: Buffers, drive: Drive, pieces: list[Piece], scene: Scenery, size: Size) -> Frames:
        """The wake in the last row of a drive, with that before it."""
        from avwalk.matter.layer import draw_pieces, view_of
        from avwalk.matter.wake import Carrier, follow

        last, now = 0, len(drive) - 1
        light, view = np.zeros((size[1], size[0], 3), np.float32), view_of(drive, now, size)
        draw_pieces(light, pieces, view, glowing=True)
        phases, depths = (
            [float(curve_at(drive.params, name, row, 0)) for row in (last, now)]
            for name in ("cppn.phase", "camera.depth")
        )
        outwards, around = scene[0].stream
        streamed = phases[1] - phases[0] if scene[0].kind == "bore" else 0.0
        grown = math.exp(outwards * streamed + math.log(2) * (depths[1] - depths[0]))
        carrier = Carrier(
            view, view_of(drive, last, size), scene[0], min(max(grown, 0.25), 4.0), around * streamed,
            1 / float(drive.fps), phases[1],
        )  # fmt: skip
        matter = self._plan.preset.matter
        return follow(buffers, light, carrier, matter.wake, self._period, matter.wake_seconds)

    def _rows(self, shot: Shot, i0: int, i1: int) -> Drive:
        """The drive of frames of a shot, some of which may lie in its lead."""
        plan, k = self._plan, self._plan.shots.index(shot)
        if i1 <= shot.i0:
            return plan.lead(k, i0, i1)
        own = replace(plan.drive(max(i0, shot.i0), i1), births=alive(plan.born(k), i0, i1))
        if i0 >= shot.i0:
            return own
        coming = plan.lead(k, i0, shot.i0)
        params = {name: np.concatenate([coming.params[name], curve]) for name, curve in own.params.items()}
        latents = np.concatenate([coming.latents, own.latents])
        return replace(own, i0=i0, latents=latents, params=params)


def _smaller(width: int, height: int) -> Size:
    """Of the wake of a picture."""
    less = max(1, round(math.sqrt(width * height / WAKE_AREA)))
    return max(1, width // less), max(1, height // less)


def _colours(palette: str | Mapping[str, Any]) -> Colours:
    return _of(find_palette(palette))


@lru_cache(maxsize=64)
def _of(palette: Palette) -> Colours:
    base, companion = ramp_table(palette.base, TABLE_SIZE), ramp_table(palette.companion, TABLE_SIZE)
    return Colours(base, companion, np.asarray(accent_colour(palette), np.float32))
