"""Numba kernels of the effects: one pass over a picture each, in place.

Pictures are seen as (H, W·3), so that the inner loops are plain rows.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from avwalk.arrays.compile import kernel
from avwalk.arrays.srgb_kernels import decode, encode

Array = NDArray[np.float32]
f = np.float32


POWERS = 8  # of the polynomial of `halftone`


@kernel("void(f4[:,::1], f4[:,::1], f4)")
def screen_light(picture: Array, glare: Array, amount: f) -> None:
    """Adds light over a picture, less where it is bright already: L + amount · glare · (1 − L)."""
    for y in range(picture.shape[0]):
        row, over = picture[y], glare[y]
        for x in range(row.shape[0]):
            v = min(max(row[x], f(0.0)), f(1.0))
            light = decode(v)
            more = min(light + amount * over[x] * (f(1.0) - light), f(1.0))
            # as a difference, so that the polynomials' own error is not seen where nothing is added
            row[x] = min(max(v + encode(more) - encode(light), f(0.0)), f(1.0))


@kernel("void(f4[:,::1], f4, f4)")
def expose(picture: Array, gain: f, knee: f) -> None:
    """Multiplies light; above the knee it rolls off to 1 where the brightest light arrives."""
    room, span = f(1.0) - knee, max(gain, f(1.0)) - knee
    bend = f(1.0) / room - f(1.0) / span if gain > f(1.0) else f(0.0)
    for y in range(picture.shape[0]):
        row = picture[y]
        for x in range(row.shape[0]):
            light = decode(min(max(row[x], f(0.0)), f(1.0))) * gain
            over = max(light - knee, f(0.0))
            # x/(1 + x·(1/room − 1/span)): slope 1 at the knee, ``room`` at ``span``
            light = min(light, knee) + over / (f(1.0) + over * bend)
            row[x] = min(max(encode(light), f(0.0)), f(1.0))


@kernel("void(f4[:,::1], f4[:,::1], f4, f4)")
def decay_max(picture: Array, memory: Array, keep: f, loss: f) -> None:
    """memory = max(picture, keep · memory − loss), in place."""
    for y in range(picture.shape[0]):
        row, left = picture[y], memory[y]
        for x in range(row.shape[0]):
            left[x] = max(row[x], keep * left[x] - loss)


@kernel("void(f4[:,::1], f4[:,::1], f4)")
def lighten(picture: Array, over: Array, amount: f) -> None:
    """Blends a picture with its pixelwise maximum with ``over``, by ``amount``."""
    for y in range(picture.shape[0]):
        row, light = picture[y], over[y]
        for x in range(row.shape[0]):
            row[x] += amount * max(light[x] - row[x], f(0.0))


@kernel("void(f4[:,::1], f4[:,::1], f4[:,::1], f4[::1], f4)")
def halftone(picture: Array, threshold: Array, width: Array, growth: Array, amount: f) -> None:
    """Dots of the picture's hue on black, their area proportional to its light.

    A pixel is half taken by its dot at ``threshold`` (H, W), and wholly ``width`` (H, W) / 2 later;
    ``growth`` (`POWERS`,) is a polynomial: how far dots have grown for an sRGB value, highest power first.
    """
    for y in range(picture.shape[0]):
        row, limit, soft = picture[y], threshold[y], width[y]
        for x in range(limit.shape[0]):
            r, g, b = row[3 * x], row[3 * x + 1], row[3 * x + 2]
            lr, lg, lb = decode(r), decode(g), decode(b)
            value, grown = min(max(max(r, g), b), f(1.0)), growth[0]
            for k in range(1, POWERS):
                grown = grown * value + growth[k]
            ink = min(max((grown - limit[x]) / soft[x] + f(0.5), f(0.0)), f(1.0))
            ink = ink / max(max(lr, lg), max(lb, f(1e-6)))
            row[3 * x] = r + amount * (min(encode(lr * ink), f(1.0)) - r)
            row[3 * x + 1] = g + amount * (min(encode(lg * ink), f(1.0)) - g)
            row[3 * x + 2] = b + amount * (min(encode(lb * ink), f(1.0)) - b)


@kernel(inline=True)
def _flat(tone: f, dx: f, dy: f, levels: f) -> f:
    """The tone of a band; a border between two is as soft as it takes to be smooth."""
    place = tone * levels
    border = min(max(np.floor(place + f(0.5)), f(1.0)), levels - f(1.0))
    half = min(max(f(0.4) * levels * np.sqrt(dx * dx + dy * dy), f(0.1)), f(0.5))
    s = min(max((place - border + half) / (half + half), f(0.0)), f(1.0))
    band = border - f(1.0) + s * s * (f(3.0) - f(2.0) * s)
    # from nearly black to nearly white, evenly
    return f((f(0.2) + band * (levels - f(0.4)) / (levels - f(1.0))) / levels)


@kernel("void(f4[:,::1], f4[:,::1], f4[::1], f4, f4)")
def posterise(picture: Array, tone: Array, flat: Array, levels: f, amount: f) -> None:
    """Moves every pixel's luma to that of its band of tones; hue and saturation stay.

    ``tone`` (H, W) says which band; ``flat`` (W,) is scratch.
    """
    height, width = tone.shape
    for y in range(height):
        row, above, here, below = picture[y], tone[max(y - 1, 0)], tone[y], tone[min(y + 1, height - 1)]
        for x in range(1, width - 1):  # neighbours without a test: vector code
            flat[x] = _flat(here[x], here[x + 1] - here[x - 1], below[x] - above[x], levels)
        for x in (0, width - 1):
            dx = here[min(x + 1, width - 1)] - here[max(x - 1, 0)]
            flat[x] = _flat(here[x], dx, below[x] - above[x], levels)
        for x in range(width):
            r, g, b = row[3 * x], row[3 * x + 1], row[3 * x + 2]
            luma = f(0.2126) * r + f(0.7152) * g + f(0.0722) * b
            # brighter by at most three, so that the noise of what is nearly black gets no colour; the rest is grey
            ratio = min(flat[x] / max(luma, f(1e-4)), f(3.0))
            rest = flat[x] - luma * ratio
            row[3 * x] = r + amount * (min(r * ratio + rest, f(1.0)) - r)
            row[3 * x + 1] = g + amount * (min(g * ratio + rest, f(1.0)) - g)
            row[3 * x + 2] = b + amount * (min(b * ratio + rest, f(1.0)) - b)


@kernel("void(f4[:,::1], f4[::1], f4[::1], f4)")
def scan(picture: Array, lines: Array, mask: Array, gain: f) -> None:
    """Darkens rows by ``lines`` (H,), bright light less than dark, and columns by ``mask`` (W·3,)."""
    for y in range(picture.shape[0]):
        row, line = picture[y], lines[y]
        for x in range(row.shape[0]):
            v = row[x]
            row[x] = min(v * (f(1.0) - line * (f(1.0) - f(0.6) * v)) * (f(1.0) - mask[x]) * gain, f(1.0))
