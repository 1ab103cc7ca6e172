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


@dataclass(frozen=True)
class Stamp:
    """A picture, prepared for pressing.

    Attributes:
        planes: (5, h, w) float32: luminance, the same as relief and without detail, cover, and for alpha the signed
            distance from its outline in half-heights, positive inside.
        half: its half width and height, half-heights.
        steep: 90th percentile of its luminance's slope, per half-height.
        is_cut: whether it has an alpha channel that cuts it out.
    """

    planes: Plane
    half: tuple[float, float]
    steep: float
    is_cut: bool

    @classmethod
    def of(cls, picture: NDArray[np.uint8]) -> Stamp:
        """A picture (h, w, 4), R G B and straight alpha."""
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
            distance = cv2.GaussianBlur(np.clip(near - away, -SIDE, SIDE), (0, 0), 2.0) / unit
        else:
            distance = np.zeros_like(alpha)
        light = np.asarray(cv2.GaussianBlur(light, (0, 0), 0.8), np.float32)
        soft = cv2.GaussianBlur(light, (0, 0), SMOOTH)  # grain and the steps of eight bits are no relief
        slope = np.hypot(*np.gradient(soft)) * unit
        calm = cv2.GaussianBlur(light, (0, 0), SIDE / 40)
        planes = np.stack([light, soft, calm, alpha, distance]).astype(np.float32)
        return cls(planes, half, max(float(np.percentile(slope[inside], 90)) if inside.any() else 0.0, 0.3), is_cut)

    def press(self, fields: Plane, at: Plane, topology: int, relief: float) -> None:
        """Presses the picture into fields, in place.

        Args:
            fields: height, tone, gate, field 3 of every node, (4, rows, columns).
            at: where each node is from the picture's middle, half-heights of the world: x and y, (2, rows, columns).
            topology: one of those of `kernels.field_slots`.
            relief: gain on height of the world's material.
        """
        height, tone, gate, inside = fields
        sway = np.tanh(height - height.mean())
        u = (at[0] + np.float32(SWAY) * sway) / self.half[0]
        v = (at[1] + np.float32(2 * SWAY) * (tone - np.float32(0.5))) / self.half[1]
        h, w = self.planes.shape[1:]
        x, y = (u + 1) * np.float32(w / 2) - np.float32(0.5), (v + 1) * np.float32(h / 2) - np.float32(0.5)
        border = cv2.BORDER_CONSTANT if self.is_cut else cv2.BORDER_REFLECT
        x, y = x.astype(np.float32), y.astype(np.float32)
        light, soft, calm, cover = (
            cv2.remap(plane, x, y, cv2.INTER_LINEAR, borderMode=border, borderValue=0.0) for plane in self.planes[:4]
        )
        distance = cv2.remap(self.planes[4], x, y, cv2.INTER_LINEAR, borderMode=border, borderValue=-0.2)
        if not self.is_cut:
            edge = np.minimum(1 - np.abs(u), 1 - np.abs(v)) / np.float32(FEATHER) + EATEN * (tone - np.float32(0.5)) * 2
            edge = np.clip(edge, 0, 1)
            cover = edge * edge * (3 - 2 * edge)
        raised = np.float32(STEEPNESS / (self.steep * max(relief, 1e-6)))
        height += cover * (WORLD_SHARE * height + raised * (soft - np.float32(0.5)) - height)
        tone += cover * (np.float32(0.05) + np.float32(0.95) * light - tone)
        gate += cover * (np.float32(0.25) + np.float32(0.75) * light - gate)
        _follow(inside, topology, (soft, calm, cover, distance), self.is_cut)


def _follow(inside: Plane, topology: int, picture: tuple[Plane, ...], is_cut: bool) -> None:
    """What field 3 means in a topology, out of the picture; in place."""
    light, calm, cover, distance = picture
    half = np.float32(0.5)
    if topology == layout.VOID:
        body = distance * np.float32(1.6) if is_cut else (cover - half) * np.float32(0.5)
        np.maximum(inside - np.float32(0.6), body, out=inside)  # the world's own masses step back
    elif topology == layout.INK:
        dark = np.float32(0.8 if is_cut else 0.5)  # all of a logo is ink, of a photo what is dark
        inside += cover * ((dark - light) * np.float32(0.9) - inside)
    elif topology == layout.WEAVE:
        inside += cover * (np.float32(1.8) * light - np.float32(0.9) - inside)
    elif topology == layout.LINES:
        inside += cover * np.float32(0.35) * (light - half)
    elif topology == layout.RELIEF:
        inside += cover * (np.float32(2) * (calm - half) - inside)


def _stretched(light: Plane, inside: NDArray[np.bool_]) -> Plane:
    """Luminance whose 2nd and 98th percentile are 0 and 1; of one tone: full."""
    low, high = np.percentile(light[inside], (2, 98)) if inside.any() else (0.0, 1.0)
    if high - low < 0.04:
        return np.ones_like(light)
    return np.asarray(np.clip((light - low) / (high - low), 0, 1), np.float32)
