"""The sound itself in a frame: waveform, spectrum or pitches as ring, relief, ribbon, lissajous figure or petals.

Each is a closed form of the trace's rows up to its frame, in the perspective and the colours of the world. Their
constants are set by eye.
"""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from avwalk.arrays.colour import curve_at
from avwalk.contracts import Drive, Frames, Perspective
from avwalk.matter.colours import Colours
from avwalk.matter.layer import view_of
from avwalk.matter.primitives import MODES
from avwalk.matter.sound_shapes import kernels
from avwalk.matter.sound_shapes.annuli import draw_rings
from avwalk.matter.sound_shapes.curves import SHAPES, Curve
from avwalk.matter.sound_shapes.relief import draw_ridge
from avwalk.matter.sound_shapes.sounding import Sounding
from avwalk.matter.view import View, images_of

RELIEFS = {"ridge": draw_ridge, "ring": draw_rings, "chroma": draw_rings}


def draw_sound(frames: Frames, drive: Drive, perspective: Perspective, colours: Colours, shape: str) -> Frames:
    """Draws the sound over frames.

    Args:
        frames: (n, H, W, 3), written in place.
        drive: of these frames, with its ``trace``.
        perspective: of the world that they show.
        colours: of the scene, fully lit and saturated.
        shape: one of those of the preset's ``sound.shape``.

    Returns:
        The frames.
    """
    past = len(drive.trace) - len(drive)
    if shape == "none" or past < 0:
        return frames
    frames = np.ascontiguousarray(frames, np.float32)
    for k in range(len(frames)):
        sound = Sounding(
            np.asarray(drive.trace[k : k + past + 1], np.float64),
            (drive.i0 + k) / float(drive.fps),
            float(drive.fps),
            float(curve_at(drive.params, "sound.size", k, 1)),
            float(curve_at(drive.params, "sound.reach", k, 1)),
            float(curve_at(drive.params, "sound.opacity", k, 1)),
            perspective,
        )
        if sound.opacity > 0:
            _draw(frames[k], drive, k, sound, colours, shape)
    return frames


def _draw(picture: Frames, drive: Drive, k: int, sound: Sounding, colours: Colours, shape: str) -> None:
    height, width = picture.shape[:2]

    def at(name: str, usual: float) -> float:
        return float(curve_at(drive.params, name, k, usual))

    view = view_of(drive, k, (width, height))
    azimuth = math.radians(at("light.azimuth", 125))
    lit = replace(
        colours,
        saturation=at("palette.saturation", 1),
        gain=min(1.5, at("light.gain", 1)),
        light=(math.cos(azimuth), -math.sin(azimuth)),
    )
    if shape in RELIEFS:
        RELIEFS[shape](picture, view, sound, lit)
        return
    rows = picture.reshape(height, width * 3)
    scratch = np.empty((3, kernels.STRIP, width), np.float32)
    for curve in SHAPES[shape](sound, lit):
        _draw_curve(rows, scratch, view, curve, sound)


def _draw_curve(rows: Frames, scratch: Frames, view: View, curve: Curve, sound: Sounding) -> None:
    style = np.zeros(kernels.STYLE, np.float32)
    style[kernels.GLOW], style[kernels.GLOWING] = curve.glow[0] * view.scale, curve.glow[1]
    style[kernels.RED : kernels.MODE] = curve.colours.ravel()
    style[kernels.MODE] = MODES[curve.mode]
    points = np.empty((len(curve.points), kernels.POINT), np.float32)
    points[:, 2] = np.maximum(np.asarray(curve.half) * view.scale, 0.3)
    points[:, 3], points[:, 4] = np.asarray(curve.share) * sound.opacity, curve.mix
    for group in images_of(sound.perspective.mirrors if curve.mirrored else 0):
        points[:, :2] = (curve.points @ group.T - view.eye) @ view.turn.T * view.scale + view.middle
        kernels.draw_curve(rows, scratch, points, style)
