"""A picture in the world: pressed into its fields as relief, tone and mask, so that the world's own material, light,
palette and camera make it theirs.

Its luminance is the height of the surface and what it reflects, which the palette colours; its alpha, else a soft
rectangle that the world's fields eat into, says where. What follows field 3 follows it: the outline of a body on
void, the lines of an engraving, the ink, the sheets of cut paper.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from avwalk.arrays.colour import LUMA
from avwalk.generators.cppn.kernels import field_slots as layout

Plane = NDArray[np.float32]

SIDE = 512  # pixels of the longer side: two to a node of the grid at 720p
EXTENT = 0.70  # half the picture's longer side, half-heights of the frame
SMOOTH = 2.4  # σ of its relief, pixels
STEEPNESS = 0.75  # slope of its 90th percentile, on the scale on which a world's own is 0.84
SWAY = 0.045  # half-heights by which the world's height and tone move it
FEATHER = 0.16  # of an opaque picture's edge, in parts of its half side
EATEN = 0.55  # how far the world's tone eats into that edge, in feathers
WORLD_SHARE = 0.15  # of the world's own height in it
_FAR = -0.2  # half-heights from the outline, beyond the picture


@dataclass(frozen=True)
class Stamp:
    """A picture, prepared for pressing.

    Attributes:
        planes: (h, w, 4) float32: luminance, the same as relief, cover; and the luminance without detail, or on void
            the signed distance from the outline in half-heights, positive inside.
        topology: one of those of `kernels.field_slots`.
        half: its half width and height, half-heights.
        steep: 90th percentile of its luminance's slope, per half-height.
        is_cut: whether it has an alpha channel that cuts it out.
    """

    planes: Plane
    topology: int
    half: tuple[float, float]
    steep: float
    is_cut: bool

    @classmethod
    def of(cls, picture: NDArray[np.uint8], topology: int) -> Stamp:
        """A picture (h, w, 4), R G B and straight alpha, for worlds of a topology."""
        h, w = picture.shape[:2]
        share = SIDE / max(h, w)
        size = (max(8, round(w * share)), max(8, round(h * share)))
        small = cv2.resize(picture, size, interpolation=cv2.INTER_AREA if share < 1 else cv2.INTER_CUBIC)
        alpha = small[..., 3].astype(np.float32) / 255
        light: Plane = np.asarray(small[..., :3].astype(np.float32) @ LUMA / np.float32(255), np.float32)
        inside = alpha > 0.5
        is_cut = bool((~inside).mean() > 0.01)
        light = _stretched(light, inside if is_cut else np.ones_like(inside))
        half = (EXTENT * size[0] / SIDE, EXTENT * size[1] / SIDE)
        unit = SIDE / (2 * EXTENT)  # pixels of a half-height
        if is_cut:
            near = cv2.distanceTransform(inside.astype(np.uint8), cv2.DIST_L2, 5)
            away = cv2.distanceTransform((~inside).astype(np.uint8), cv2.DIST_L2, 5)
            light = np.where(alpha > 0.02, light, np.float32(0))  # what lies under nothing has no colour
            distance = cv2.GaussianBlur(np.clip(near - away, -SIDE, SIDE), (0, 0), 3.5) / unit
        else:
            distance = np.zeros_like(alpha)
        light = np.asarray(cv2.GaussianBlur(light, (0, 0), 0.8), np.float32)
        soft = cv2.GaussianBlur(light, (0, 0), SMOOTH)  # grain and the steps of eight bits are no relief
        slope = np.hypot(*np.gradient(soft)) * unit
        more = distance if topology == layout.VOID else cv2.GaussianBlur(light, (0, 0), SIDE / 40)
        planes = np.dstack([light, soft, alpha, more]).astype(np.float32)
        steep = float(np.percentile(slope[inside], 90)) if inside.any() else 0.0
        return cls(planes, topology, half, max(steep, 0.3), is_cut)

    def press(self, fields: Plane, at: Plane, relief: float) -> None:
        """Presses the picture into fields, in place.

        Args:
            fields: height, tone, gate, field 3 of every node, (4, rows, columns).
            at: where each node is from the picture's middle, half-heights of the world: x and y, (2, rows, columns).
            relief: gain on height of the world's material.
        """
        middle = np.float32(fields[0].mean())
        if self.topology == layout.VOID:  # the world's own masses step back
            np.maximum(fields[3] - np.float32(0.6), np.float32(_FAR * 1.6), out=fields[3])
        reach = [np.float32(1.2 * half + 2 * SWAY) for half in self.half]
        near = (np.abs(at[0]) < reach[0]) & (np.abs(at[1]) < reach[1])
        rows, columns = np.flatnonzero(near.any(axis=1)), np.flatnonzero(near.any(axis=0))
        if len(rows):
            part = (slice(None), slice(rows[0], rows[-1] + 1), slice(columns[0], columns[-1] + 1))
            self._press(fields[part], at[part], middle, relief)

    def _press(self, fields: Plane, at: Plane, middle: np.float32, relief: float) -> None:
        """The same of the nodes that it may reach."""
        height, tone, gate, inside = fields
        half, (h, w) = np.float32(0.5), self.planes.shape[:2]
        u = (at[0] + np.float32(SWAY) * np.tanh(height - middle)) / np.float32(self.half[0])
        v = (at[1] + np.float32(2 * SWAY) * (tone - half)) / np.float32(self.half[1])
        x, y = (u + 1) * np.float32(w / 2) - half, (v + 1) * np.float32(h / 2) - half
        border = cv2.BORDER_CONSTANT if self.is_cut else cv2.BORDER_REFLECT
        found = cv2.remap(self.planes, x, y, cv2.INTER_LINEAR, borderMode=border, borderValue=(0.0, 0.0, 0.0, _FAR))
        light, soft, cover, more = (np.asarray(plane, np.float32) for plane in cv2.split(found))
        if not self.is_cut:
            within = np.minimum(1 - np.abs(u), 1 - np.abs(v)) / np.float32(FEATHER)
            edge = np.clip(within + np.float32(2 * EATEN) * (tone - half), 0, 1)
            cover = edge * edge * (3 - 2 * edge)
        raised = np.float32(STEEPNESS / (self.steep * max(relief, 1e-6)))
        height += cover * (np.float32(WORLD_SHARE) * height + raised * (soft - half) - height)
        tone += cover * (np.float32(0.05) + np.float32(0.95) * light - tone)
        gate += cover * (np.float32(0.25) + np.float32(0.75) * light - gate)
        self._follow(inside, soft, cover, more)

    def _follow(self, inside: Plane, light: Plane, cover: Plane, more: Plane) -> None:
        """What field 3 means in the topology, out of the picture; in place."""
        half = np.float32(0.5)
        if self.topology == layout.VOID:
            body = more * np.float32(1.6) if self.is_cut else (cover - half) * half
            np.maximum(inside, body, out=inside)
        elif self.topology == layout.INK:
            dark = np.float32(0.8 if self.is_cut else 0.5)  # all of a logo is ink, of a photo what is dark
            inside += cover * ((dark - light) * np.float32(0.9) - inside)
        elif self.topology == layout.WEAVE:
            inside += cover * (np.float32(1.8) * light - np.float32(0.9) - inside)
        elif self.topology == layout.LINES:
            inside += cover * np.float32(0.35) * (light - half)
        elif self.topology == layout.RELIEF:
            inside += cover * (np.float32(2) * (more - half) - inside)


def _stretched(light: Plane, inside: NDArray[np.bool_]) -> Plane:
    """Luminance whose 2nd and 98th percentile are 0 and 1; of one tone: full."""
    low, high = np.percentile(light[inside], (2, 98)) if inside.any() else (0.0, 1.0)
    if high - low < 0.04:
        return np.ones_like(light)
    return np.asarray(np.clip((light - low) / (high - low), 0, 1), np.float32)
