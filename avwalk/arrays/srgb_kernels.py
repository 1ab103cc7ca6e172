"""sRGB's two curves for compiled kernels, as polynomials: right to 4e-5 (decoding) and 4e-5 (encoding)."""

from __future__ import annotations

import numpy as np

from avwalk.arrays.compile import kernel

f = np.float32


@kernel(inline=True)
def decode(v: f) -> f:
    """sRGB in [0, 1] to linear light."""
    high = f(0.54574018) + v * (f(0.59446851) + v * (f(-0.22331862) + v * f(0.05301674)))
    curve = f(0.0010585) + v * (f(0.02904625) + v * high)
    return curve if v > f(0.04045) else v * f(1 / 12.92)


@kernel(inline=True)
def encode(light: f) -> f:
    """Linear light in [0, 1] to sRGB: a polynomial in its square root, fitted to the least largest error."""
    q = np.sqrt(light)
    high = f(-23.64999771) + q * (f(36.05329895) + q * (f(-33.51390457) + q * (f(17.22473145) + q * f(-3.74349236))))
    curve = f(-0.04496991) + q * (f(1.6662873) + q * (f(-2.9753759) + q * (f(9.98338795) + q * high)))
    return curve if light > f(0.0031308) else light * f(12.92)
