"""Zero-phase smoothing of curves and scaling to [0, 1].

Widths are given in milliseconds, never in frames, so that a film looks the same at any frame rate.
"""

from __future__ import annotations

import math
from fractions import Fraction
from typing import TypeVar

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from avwalk.contracts import Curve

Float = TypeVar("Float", np.float32, np.float64)

FWHM_PER_SIGMA = 2.0 * math.sqrt(2.0 * math.log(2.0))  # of a Gaussian
BALANCE = 0.6  # share of the whole-song scale in `balance`
_LOW, _HIGH = 2.0, 98.0  # percentiles that become 0 and 1


def smooth(curve: NDArray[Float], fps: Fraction | float, fwhm_ms: float) -> NDArray[Float]:
    """Zero-phase Gaussian of the given full width at half maximum.

    At the ends the kernel is cut and renormalised: a constant stays constant, nothing wraps around, and
    nothing leaves the curve's own range.

    Args:
        curve: (n,) or (n, k) float32 or float64, finite, smoothed along the first axis.
        fps: values per second.
        fwhm_ms: full width at half maximum, ms; 0 or less returns a copy.

    Returns:
        The same shape and dtype.
    """
    sigma = fwhm_ms / 1000.0 * float(fps) / FWHM_PER_SIGMA
    n = len(curve)
    if sigma <= 0.05 or n < 2:  # the neighbours' weight would be exp(-200)
        return curve.copy()
    radius = min(n - 1, math.ceil(4.0 * sigma))
    kernel = np.exp(-0.5 * (np.arange(-radius, radius + 1) / sigma) ** 2)
    weight = _convolve(np.ones(n), kernel, radius)
    out = np.empty_like(curve)
    for source, target in zip(curve.reshape(n, -1).T, out.reshape(n, -1).T, strict=True):  # views of columns
        smoothed = _convolve(source.astype(np.float64), kernel, radius) / weight
        target[:] = np.clip(smoothed, source.min(), source.max())
    return out


def _convolve(x: NDArray[np.float64], kernel: NDArray[np.float64], radius: int) -> NDArray[np.float64]:
    """The middle of the linear convolution, as long as ``x``. By numpy: a film that was heard needs no scipy."""
    if len(kernel) <= 64:
        return np.convolve(x, kernel)[radius : radius + len(x)]
    size = 1 << (len(x) + len(kernel) - 2).bit_length()
    full: NDArray[np.float64] = np.fft.irfft(np.fft.rfft(x, size) * np.fft.rfft(kernel, size), size)
    return full[radius : radius + len(x)]


def normalise(curve: Curve, floor: float) -> Curve:
    """The curve's 2nd–98th percentile becomes [0, 1]; what lies outside is clipped.

    Args:
        curve: (n,) float32, finite.
        floor: the least span that counts as movement, in the curve's own unit (> 0): a curve that moves less
            stays near 0.5 instead of having its noise blown up. A curve of zeros (silence) stays 0.

    Returns:
        (n,) float32 in [0, 1].
    """
    if not np.any(curve):
        return np.zeros(len(curve), np.float32)
    low, high = (float(p) for p in np.percentile(curve, (_LOW, _HIGH)))
    return _scale(curve, low, high, floor)


def balance(curve: Curve, fps: Fraction | float, window_s: float, floor: float, amount: float = BALANCE) -> Curve:
    """``normalise`` over the whole song mixed with the same over a window: s = global^a · local^(1−a).

    So a song mastered flat still breathes, and a quiet verse is still quieter than the chorus.

    Args:
        curve: (n,) float32, finite.
        fps: values per second.
        window_s: length of the local window in seconds, usually 8 bars.
        floor: as for ``normalise``.
        amount: a in [0, 1]; 1 is the whole song alone.

    Returns:
        (n,) float32 in [0, 1].
    """
    whole = normalise(curve, floor)
    n, width = len(curve), max(2, round(window_s * float(fps)))
    if amount >= 1.0 or n <= width or not np.any(curve):
        return whole
    step = max(1, width // 16)
    low, high = _sliding_percentiles(curve, width, step)
    low, high = (
        smooth(low, 1.0, 4000.0),
        smooth(high, 1.0, 4000.0),
    )  # it glides
    centres = np.arange(len(low)) * step + width / 2
    frames = np.arange(n)
    span_low, span_high = np.interp(frames, centres, low), np.interp(frames, centres, high)
    # where little moves locally, the local scale must not magnify it by more than 5
    least = max(floor, 0.2 * float(np.percentile(curve, _HIGH) - np.percentile(curve, _LOW)))
    local = _scale(curve, span_low, span_high, least)
    mixed: Curve = whole**amount * local ** (1.0 - amount)
    return mixed.astype(np.float32)


def _sliding_percentiles(curve: Curve, width: int, step: int) -> tuple[Curve, Curve]:
    """2nd and 98th percentile of windows [k·step, k·step + width)."""
    windows = sliding_window_view(curve, width)[::step]
    ranks = round((width - 1) * _LOW / 100), round((width - 1) * _HIGH / 100)
    found = [  # in blocks: the windows overlap, all of them at once would be 16 curves
        np.partition(windows[k : k + 64], ranks, axis=1)[:, ranks] for k in range(0, len(windows), 64)
    ]
    both = np.concatenate(found)
    return both[:, 0], both[:, 1]


def _scale(curve: Curve, low: float | NDArray[np.float64], high: float | NDArray[np.float64], floor: float) -> Curve:
    """(curve − low) / (high − low) in [0, 1], the span widened about its middle to at least ``floor``."""
    extra = np.maximum(0.0, floor - (np.asarray(high, np.float64) - low)) / 2
    span = np.maximum(np.asarray(high, np.float64) - low, floor)
    return np.clip((curve.astype(np.float64) - (low - extra)) / span, 0.0, 1.0).astype(np.float32)
