"""Extracts a palette from an image: two hue ramps from shadow to highlight, and an accent."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from avwalk.arrays.oklab import linear_to_oklab
from avwalk.errors import OptionError
from avwalk.files.picture_header import header_problem
from avwalk.files.transparency import alpha_of
from avwalk.generators.palette import HueRamp, Palette

Array = NDArray[np.float64]
SIDE = 128  # pixels: what the picture is shrunk to
CLUSTERS = 8
FAMILY = 50.0  # degrees: what is no further is one family of hues
APART = 40.0  # degrees: what is further can be the other family, or the accent
DRIFT = (30.0, 60.0)  # degrees: least and largest way of a hue from shadow to highlight
CHROMA = (0.03, 0.21)  # of a shore; the least is grey with a cast
LEAST = 0.04  # share of the picture: what is less can glow, but not be a shore
GREY = 0.02  # chroma below which a colour has no hue
_BANDS = (0.25, 0.55, 0.85)  # lightness of shadow, middle, highlight
_YELLOW = 100.0  # degrees: light turns towards it where a picture says nothing else


class Cluster(NamedTuple):
    """Colours that are alike: share of the picture, and OKLCH of their middle."""

    mass: float
    lightness: float
    chroma: float
    hue: float


def palette_of(data: bytes) -> Palette:
    """The palette of a picture; the same bytes give the same palette.

    Args:
        data: of a JPEG, PNG, WebP or other file that OpenCV reads.

    Raises:
        OptionError: the bytes are no picture.
    """
    import cv2

    if problem := header_problem(data):
        raise OptionError(f"it is no picture that can be read: {problem}; give a JPEG or PNG")
    try:
        picture = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR) if data else None
    except cv2.error:
        picture = None
    if picture is None:
        raise OptionError("it is no picture that can be read; give a JPEG or PNG")
    if (alpha := alpha_of(data, picture.shape[:2])) is not None:  # what is not seen has no colour
        picture = np.asarray(picture * alpha[..., None] + np.float32(0.5), np.uint8)
    small = cv2.resize(picture, (SIDE, SIDE), interpolation=cv2.INTER_AREA)
    values = small.reshape(-1, 3)[:, ::-1].astype(np.float64) / 255
    light = np.where(values <= 0.04045, values / 12.92, ((values + 0.055) / 1.055) ** 2.4)
    lab = linear_to_oklab(light)
    return _palette(lab, _clusters(lab))


def _clusters(lab: Array) -> list[Cluster]:
    """Colour clusters, by share of the picture times chroma, descending."""
    import cv2

    cv2.setRNGSeed(1)
    stop = (cv2.TERM_CRITERIA_EPS | cv2.TERM_CRITERIA_MAX_ITER, 40, 1e-4)
    start = np.zeros((len(lab), 1), np.int32)
    _, labels, middles = cv2.kmeans(lab.astype(np.float32), CLUSTERS, start, stop, 3, cv2.KMEANS_PP_CENTERS)
    shares = np.bincount(labels.ravel(), minlength=CLUSTERS) / len(lab)
    found = [
        Cluster(float(share), float(c[0]), float(np.hypot(c[1], c[2])), float(np.degrees(np.arctan2(c[2], c[1])) % 360))
        for share, c in zip(shares, middles, strict=True)
    ]
    return sorted(found, key=lambda c: -c.mass * c.chroma)


def _palette(lab: Array, clusters: list[Cluster]) -> Palette:
    lightness, chroma = lab[:, 0], np.hypot(lab[:, 1], lab[:, 2])
    hue = np.degrees(np.arctan2(lab[:, 2], lab[:, 1]))
    coloured = [c for c in clusters if c.chroma >= GREY]
    if not coloured:
        grey = (CHROMA[0], 0.7)
        return Palette(HueRamp((262, 248, 230), *grey), HueRamp((40, 56, 76), *grey), (0.8, 0.12, 70))
    first = coloured[0]
    base = _ramp(lightness, chroma, hue, first.hue)
    others = [c for c in coloured if abs(_turn(c.hue, first.hue)) > APART and c.mass > LEAST]
    if others:
        companion = _ramp(lightness, chroma, hue, others[0].hue)
    else:  # a picture of one colour: its neighbour, away from the way that light turns
        aside = -32.0 if _turn(_YELLOW, first.hue) > 0 else 32.0
        companion = HueRamp((base.hues[0] + aside, base.hues[1] + aside, base.hues[2] + aside), base.chroma, base.gamma)
    middles = (base.hues[1], companion.hues[1])

    def worth(c: Cluster) -> float:
        return c.chroma * (0.1 + min(abs(_turn(c.hue, middle)) for middle in middles) / 90)

    glow = max(coloured, key=worth)
    accent = (min(max(glow.lightness, 0.62), 0.90), min(max(1.3 * glow.chroma, 0.12), 0.22), glow.hue)
    return Palette(base, companion, tuple(round(v, 3) for v in accent))  # type: ignore[arg-type]


def _ramp(lightness: Array, chroma: Array, hue: Array, middle: float) -> HueRamp:
    """The hue ramp of the colours around one hue."""
    turn = (hue - middle + 180) % 360 - 180
    weight = np.where(np.abs(turn) < FAMILY, chroma, 0.0)
    knots = []
    for band in _BANDS:
        near = weight * np.exp(-(((lightness - band) / 0.2) ** 2))
        # where a band has no colour its hue stays near the family's middle
        knots.append(float((near * turn).sum() / (near.sum() + 0.02 * weight.sum() + 1e-9)))
    low, mid, high = knots
    way = high - low
    if abs(way) < DRIFT[0]:
        sign = np.sign(way) if abs(way) > 8 else (1.0 if _turn(_YELLOW, middle) >= 0 else -1.0)
        way = float(sign) * DRIFT[0]
    way = float(np.clip(way, -DRIFT[1], DRIFT[1]))
    low, high = (low + high) / 2 - way / 2, (low + high) / 2 + way / 2
    mid = float(np.clip(mid, min(low, high), max(low, high)))
    family = (weight > GREY) & (lightness > 0.1) & (lightness < 0.95)
    strength = CHROMA[0]
    if family.any():
        bell = (4 * lightness[family] * (1 - lightness[family])) ** 0.7
        strength = float(np.clip(np.percentile(chroma[family] / np.maximum(bell, 0.3), 80), *CHROMA))
    hues = tuple(round(middle + turn, 1) for turn in (low, mid, high))
    return HueRamp(hues, round(strength, 3))  # type: ignore[arg-type]


def _turn(a: float, b: float) -> float:
    """From hue b to hue a the short way, degrees in [−180, 180)."""
    return (a - b + 180) % 360 - 180
