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


@kernel(inline=True)
def _grown(value: f, growth: Array) -> f:
    """How far dots have grown for an sRGB value, see `halftone`."""
    total = growth[0]
    for k in range(1, POWERS):
        total = total * value + growth[k]
    return f(total)


@kernel("void(f4[:,::1], f4[:,::1], f4[:,::1], f4[:,::1], f4[::1], f4[:,::1], f4[:,::1], f4[::1], f4[::1], f4)")
def overprint(
    picture: Array,
    second: Array,
    limit_1: Array,
    soft_1: Array,
    growth_1: Array,
    limit_2: Array,
    soft_2: Array,
    growth_2: Array,
    inks: Array,
    amount: f,
) -> None:
    """Two screens of ink on paper, which multiply, over a picture.

    The first screen prints what lacks red in ``picture`` (H, W·3), the other what lacks blue in ``second``; of a
    negative ``amount`` its absolute value counts, and ink is where light is not. Screens as in `halftone`; ``inks``
    (9,): paper and what each ink lets through, linear light.
    """
    share, print_light = abs(amount), amount > f(0.0)
    for y in range(picture.shape[0]):
        row, other = picture[y], second[y]
        for x in range(limit_1.shape[1]):
            red, blue = min(max(row[3 * x], f(0.0)), f(1.0)), min(max(other[3 * x + 2], f(0.0)), f(1.0))
            a = min(max((_grown(red, growth_1) - limit_1[y, x]) / soft_1[y, x] + f(0.5), f(0.0)), f(1.0))
            b = min(max((_grown(blue, growth_2) - limit_2[y, x]) / soft_2[y, x] + f(0.5), f(0.0)), f(1.0))
            if not print_light:
                a, b = f(1.0) - a, f(1.0) - b
            for c in range(3):
                light = inks[c] * (f(1.0) - a * (f(1.0) - inks[3 + c])) * (f(1.0) - b * (f(1.0) - inks[6 + c]))
                row[3 * x + c] += share * (min(encode(light), f(1.0)) - row[3 * x + c])


@kernel("void(f4[:,::1], f4[:,::1], f4[:,::1], f4[::1], f4, f4)")
def engrave(picture: Array, tone: Array, form: Array, across: Array, bend: f, amount: f) -> None:
    """Lines of ink on paper over a picture.

    ``tone`` (H, W): its luma, which is how thick they are; ``form`` (H, W): the same, smooth, which bends them;
    ``across`` (2,): lines per pixel to the right and downwards.
    """
    height, width = tone.shape
    ax, ay = across[0], across[1]
    for y in range(height):
        row, above, below = picture[y], form[max(y - 1, 0)], form[min(y + 1, height - 1)]
        dy = (f(y) + f(0.5)) / f(height) * f(2.0) - f(1.0)
        for x in range(width):
            dx = (f(x) + f(0.5)) / f(width) * f(2.0) - f(1.0)
            r2 = dx * dx + dy * dy
            clear = min(max((f(1.45) - r2) / f(0.6), f(0.0)), f(1.0))  # paper alone in the corners
            v = min(max(tone[y, x], f(0.0)), f(1.0))
            gx = f(0.5) * bend * (form[y, min(x + 1, width - 1)] - form[y, max(x - 1, 0)])
            gy = f(0.5) * bend * (below[x] - above[x])
            place = ax * f(x) + ay * f(y) + bend * form[y, x]
            fine = np.sqrt((ax + gx) * (ax + gx) + (ay + gy) * (ay + gy)) + f(1e-4)
            share = f(0.86) * clear * (f(1.0) - v) * (f(1.0) - f(0.35) * v)
            off = abs(place - np.floor(place + f(0.5)))
            ink = min(max((f(0.5) * share - off) / fine + f(0.5), f(0.0)), min(share / fine, f(1.0)))
            ink = ink + (share - ink) * min(max(fine * f(2.5) - f(0.75), f(0.0)), f(1.0))  # crowded lines are a tone
            # others across them, in the shadows
            place = ay * f(x) - ax * f(y) - f(0.6) * bend * form[y, x]
            gx, gy = ay - f(0.6) * gx, -ax - f(0.6) * gy
            fine = np.sqrt(gx * gx + gy * gy) + f(1e-4)
            share = clear * min(max(f(0.55) - f(1.6) * v, f(0.0)), f(0.42))
            off = abs(place - np.floor(place + f(0.5)))
            over = min(max((f(0.5) * share - off) / fine + f(0.5), f(0.0)), min(share / fine, f(1.0)))
            ink = ink + over - ink * over
            r, g, b = row[3 * x], row[3 * x + 1], row[3 * x + 2]
            most, least = max(max(r, g), max(b, f(1e-3))), min(min(r, g), b)
            hue = f(0.18) / most
            row[3 * x] = r + amount * (encode(f(0.90) * (f(1.0) - ink * (f(0.97) - hue * (r - least)))) - r)
            row[3 * x + 1] = g + amount * (encode(f(0.83) * (f(1.0) - ink * (f(0.97) - hue * (g - least)))) - g)
            row[3 * x + 2] = b + amount * (encode(f(0.71) * (f(1.0) - ink * (f(0.95) - hue * (b - least)))) - b)
