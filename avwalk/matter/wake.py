"""The wake of matter: its light is left in a buffer that the world carries off, warps and lets fade.

A buffer that follows from frame to frame would make a frame depend on all before it. Here are two, each cleared on the
absolute grid of frames, i mod P = 0, the second half a period later; they are cross-faded by sin², so that each has no
weight where it is cleared. A frame thus needs no more than the P frames before it, whoever draws them, and what is
drawn for it is matter alone, in the small.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from avwalk.contracts import Perspective
from avwalk.matter.view import View
from avwalk.matter.wake_kernels import LANES, carry_light

Plane = NDArray[np.float32]
MESH = (17, 31)  # rows and columns of the motion mesh, odd: a node lies in the middle
FLOWS = ("none", "zoom", "swirl", "shear", "curl")
_ZOOM, _SWIRL, _SHEAR, _CURL = 0.45, 1.5, 0.35, 0.30  # a second: log of the size, radians, half-heights, half-heights


@dataclass
class Buffers:
    """What is left of earlier matter, and which frame comes next.

    Attributes:
        at: the frame that comes next.
        left: (h + 2, w + 2, `LANES`): red, green and blue of the first buffer and of the second, within a black border.
        spare: as much memory, black at its border.
    """

    at: int
    left: Plane
    spare: Plane

    @classmethod
    def empty(cls, at: int, size: tuple[int, int]) -> Buffers:
        """Nothing yet; ``size`` is (width, height)."""
        shape = (size[1] + 2, size[0] + 2, LANES)
        return cls(at, np.zeros(shape, np.float32), np.zeros(shape, np.float32))


@dataclass(frozen=True)
class Carrier:
    """How the world has gone on since the frame before.

    Attributes:
        now: the camera.
        before: the camera of the frame before.
        perspective: of the world.
        grown: how much larger what lies around the focus has become (tunnels and dives), a factor.
        turned: by how much it has turned about the focus, radians.
        seconds: between the two.
        phase: of the world's flow, radians.
    """

    now: View
    before: View
    perspective: Perspective
    grown: float
    turned: float
    seconds: float
    phase: float


def period(fps: float, seconds: float) -> int:
    """P: frames from one clearing of a buffer to the next, even. What is left fades to a tenth in half of them."""
    return 2 * max(2, math.ceil(2.0 * seconds * fps))


def start(i: int, frames: int) -> int:
    """The first frame that frame ``i`` needs, with a period of so many: the earlier of the two last clearings."""
    half = frames // 2
    return i - max(i % frames, (i + half) % frames)


def follow(buffers: Buffers, light: Plane, carrier: Carrier, flow: str, frames: int, seconds: float) -> Plane:
    """Goes on by a frame.

    Args:
        buffers: of the frames before; changed.
        light: matter of this frame on black, (h, w, 3) sRGB.
        carrier: how the world has gone on.
        flow: one of `FLOWS`.
        frames: the period.
        seconds: in which what is left fades to a tenth.

    Returns:
        What is to be laid over this frame, (h, w, 3).
    """
    i, half = buffers.at, frames // 2
    height, width = light.shape[:2]
    keep = 10 ** (-carrier.seconds / seconds)
    share = math.sin(math.pi * (i % frames) / frames) ** 2
    rules = [keep * (i % frames != 0), keep * ((i + half) % frames != 0), share, 1 - share]
    out, line = np.empty_like(light), np.empty((4, max(width, MESH[1])), np.float32)
    mesh = _mesh(carrier, flow, (width, height))
    carry_light(buffers.left, buffers.spare, light, out, mesh, line, np.array(rules, np.float32))
    buffers.left, buffers.spare = buffers.spare, buffers.left
    buffers.at = i + 1
    return out


def _mesh(carrier: Carrier, flow: str, size: tuple[int, int]) -> Plane:
    """Where what is at a node was in the frame before, pixels: (*MESH, 2) float32."""
    width, height = size
    x, y = np.meshgrid(np.linspace(0, width - 1, MESH[1]), np.linspace(0, height - 1, MESH[0]))
    points = np.stack([x.ravel(), y.ravel()], axis=1)
    world = (points - carrier.now.middle) / carrier.now.scale @ carrier.now.turn + carrier.now.eye
    offset = world - np.array(carrier.perspective.focus)
    c, s = math.cos(-carrier.turned), math.sin(-carrier.turned)
    offset = offset @ np.array([[c, s], [-s, c]]) / carrier.grown
    offset = offset - carrier.seconds * _velocity(offset, flow, carrier.phase)
    world = offset + np.array(carrier.perspective.focus)
    before = (world - carrier.before.eye) @ carrier.before.turn.T * carrier.before.scale + carrier.before.middle
    return np.asarray(before.reshape(*MESH, 2), np.float32)


def _velocity(offset: NDArray[np.float64], flow: str, phase: float) -> NDArray[np.float64]:
    """Half-heights a second at offsets from the focus, (n, 2)."""
    x, y = offset.T
    if flow == "zoom":
        return _ZOOM * offset
    if flow == "swirl":
        turn = _SWIRL / (1 + 1.5 * (x * x + y * y))
        return np.stack([-turn * y + 0.12 * x, turn * x + 0.12 * y], axis=1)
    if flow == "shear":
        return np.stack([_SHEAR * np.sin(4.2 * y + phase), 0.25 * _SHEAR * np.sin(2.9 * x - phase)], axis=1)
    if flow == "curl":
        u, v = np.zeros_like(x), np.zeros_like(x)
        for kx, ky, begin in ((2.3, 1.1, 0.4), (-1.6, 3.1, 2.2), (4.4, -2.7, 4.1), (3.7, 5.3, 1.0)):
            slope = np.cos(kx * x + ky * y + begin + 0.8 * phase) / math.hypot(kx, ky)
            u, v = u + ky * slope, v - kx * slope
        return np.stack([_CURL * u, _CURL * v - 0.10], axis=1)  # smoke rises
    return np.zeros_like(offset)
