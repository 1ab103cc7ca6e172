"""Layout of the vectors and scratch buffers shared by the field kernels, and small scalar functions."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from avwalk.arrays.compile import kernel

Array = NDArray[np.float32]
f = np.float32

TILE = 64
UNITS = 16  # inputs and units of either hidden layer
N_FIELDS = 4
N_PLANES = N_FIELDS + 2  # on the grid: the fields, and the place in the pattern
SCRATCH_SLOTS = 72

# static weights: two hidden layers and the outputs
W1, W2, W3 = 0, UNITS * UNITS, 2 * UNITS * UNITS
NET_SIZE = W3 + N_FIELDS * UNITS

# what changes with the frame, one flat vector (see World.frame_vector)
B1, B2, B3 = 0, 16, 32
WAVE = 36  # 12 × (kx, ky, phase, amplitude): Fourier inputs, phases in turns
FINE = 84  # 3 × (kx, ky, phase, amplitude): detail beyond the network
WARP = 96  # 4 × (kx, ky, phase, ax, lx, ly, phase, ay): domain warp, or 8 waves of a flow
BALL = 128  # 6 × (x, y, 1/r², weight): masses of an object on void
VIEW = 152  # xx, xy, x0, yx, yy, y0: screen to world
SUBJECT = 158  # x, y, 1/r²
FOLD = 162  # 6 × (nx, ny): mirrors
MIX = 174  # rest: how much detail where the subject is not
PLACE = (
    175  # x, y: the end of a tunnel, or y: the level of a horizon; RIBS: rings, flutes, phase and starts of the rings
)
RIBS = 177
ROLL = 182  # of a polar wallpaper, along the radius
FOLLOW = 183  # 3 × (of the detail before, of the height, of the hue): what bends the phase of each detail, turns
LAND = 192  # of a horizon: lift, height, pitch and phase of the near and of the far ridge
FRAME_SIZE = 200

TURN = 6.283185307179586
RINGS, FLUTES = 1.9, 7  # of a tunnel: rings in each factor e of depth, flutes around
ROUND = 3.6  # of a polar map: masses come again at this distance in the logarithm of the radius

RELIEF, VOID, LINES, TUNNEL, HORIZON, INK, WEAVE, CORAL, NAVE = range(9)

# slots of the scratch buffer: place in the pattern, inputs, layers, outputs, detail and its gate, masses or land,
# place in the picture, depth; the last output is the vein
X, Y, IN, H1, H2, OUT, EXTRA, MASS, PX, PY, DEPTH = 0, 1, 2, 18, 34, 50, 54, 56, 57, 58, 59
VEIN = OUT + 3
FAR_LAND = 60  # of a horizon: the ridge behind the land


@kernel()
def wave(turns: f) -> f:
    """Cosine of an angle in turns, to 2e-6 (least-squares odd polynomial of degree 7 on a quarter turn)."""
    d = abs(turns - np.floor(turns + f(0.5))) - f(0.25)
    e = d * d
    return f(-d * (f(6.28316949) + e * (f(-41.33798067) + e * (f(81.37184201) + e * f(-71.3144184)))))


@kernel()
def squash(x: f) -> f:
    """Padé approximant of tanh, exactly ±1 with slope 0 from |x| = 3 on."""
    x = min(max(x, f(-3.0)), f(3.0))
    q = x * x
    return x * (f(27.0) + q) / (f(27.0) + f(9.0) * q)


@kernel()
def ramp(a: f, b: f, x: f) -> f:
    """Smoothstep from a to b."""
    t = min(max((x - a) / (b - a), f(0.0)), f(1.0))
    return t * t * (f(3.0) - f(2.0) * t)
