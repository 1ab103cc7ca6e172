"""`World`: seeded weights, waves and masses of the network, and how a latent position moves them.

The seed picks the world, the latent moves in it: it shifts biases, phases and masses, never the weights,
so the picture is continuous in the latent.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from avwalk.generators.cppn.kernels import field_slots as layout
from avwalk.generators.cppn.kernels import frame_vector as frame
from avwalk.generators.cppn.kernels.frame_vector import OCTAVE
from avwalk.generators.cppn.kernels.maps import ALONG, LAP
from avwalk.generators.cppn.land import Land
from avwalk.generators.cppn.stamp import Stamp

LATENT_DIM = 12
N_WAVES, N_FINE, N_WARPS, N_BALLS = 12, 3, 4, 6
FALLOFF = 1.35  # β: amplitude of a Fourier input ∝ frequency^−β
TURN = layout.TURN
FLOW_DIRECTIONS = {
    layout.TUNNEL: ((-0.62, 0.10), 0.3),
    layout.HORIZON: ((0.0, 1.0), 0.3),
    layout.INK: ((0.0, 0.0), 0.7),
    layout.NAVE: ((-0.17, 0.0), 1.0),  # of what is two cells away
}
"""Shift of the pattern per radian of flow, and the remaining share of each wave's own drift."""
BENDS = {layout.TUNNEL: np.array([0.3, 0.35, 0.35, 0.3]), layout.INK: np.array([0.8, 1.1, 1.5, 2.0])}
"""Strength of the four warps, or pairs of waves of the flow, from coarse to fine."""
DIVE_DIRECTIONS = {layout.TUNNEL: (-OCTAVE, 0.0), layout.HORIZON: (0.0, float(ALONG) * OCTAVE)}
"""Shift of the pattern per octave of a dive, for topologies with perspective."""
FOLLOW = np.array([[0.0, 0.45, 0.0], [0.35, 0.0, 0.6], [0.35, 0.5, 0.0]])
"""What bends the phase of the details, from coarse to fine: the detail before, the height, the hue; in turns."""
Vector = NDArray[np.float32]
Array = NDArray[np.float64]


def _directions(rng: np.random.Generator, n: int) -> Array:
    """n unit vectors, spread evenly and turned by chance, (n, 2)."""
    angle = TURN * (np.arange(n) * 0.381966 + rng.uniform() + 0.06 * rng.standard_normal(n))
    return np.stack([np.cos(angle), np.sin(angle)], axis=1)


@dataclass(frozen=True)
class Geometry:
    """What is given of a world, where its seed decides the rest.

    Attributes:
        aspect: width over height of the picture, so that the subject stands on a third of it.
        scale: size of its forms; 2 doubles them.
        mirrors: 0 none, 1 left and right, n ≥ 2 a kaleidoscope of n.
        polar: whether the map is polar around the subject.
        rest: share of the detail outside the subject, 0 to 1.
        salt: another number gives other worlds for the same seeds.
    """

    aspect: float
    scale: float = 1.0
    mirrors: int = 0
    polar: bool = False
    rest: float = 0.15
    salt: int = 0


@dataclass(frozen=True, eq=False)  # two are the same if they are one: it can be a key
class World:
    """The seeded parameters of a world.

    Attributes:
        net: weights of the network, (NET_SIZE,) float32.
        bias: (36,) of its three layers; bias_z: (36, LATENT_DIM), how the latent moves them.
        waves: (12, 4): kx, ky (turns per half-height), phase (turns), amplitude; waves_z, waves_rate: how
            latent and flow phase move the phases.
        fine: (3, 4), the same for detail; follow: (3, 3), how it follows the form, see `FOLLOW`.
        warps: (4, 8), the same for the domain warp. balls: (6, 4).
        subject: x, y and radius of the subject, half-heights.
        mirrors: how many mirrors fold the plane, 0 to 6.
        polar: whether the map is polar around the subject.
        origin: seed and attempt, and the salt if there is one.
        rest: share of the detail outside the subject.
        bright: whether a tunnel ends in light.
        land: of a horizon.
        helix: of a tunnel, how many threads wind along it; 0: rings.
        stamp: a picture that is pressed into its fields.
    """

    net: Vector
    bias: Array
    bias_z: Array
    waves: Array
    waves_z: Array
    waves_rate: Array
    fine: Array
    fine_z: Array
    follow: Array
    warps: Array
    warps_z: Array
    warps_rate: Array
    balls: Array
    balls_z: Array
    balls_rate: Array
    subject: tuple[float, float, float]
    mirrors: int
    polar: bool
    origin: tuple[int, ...]
    rest: float
    bright: bool
    helix: int
    land: Land
    stamp: Stamp | None = None

    @classmethod
    def from_seed(cls, seed: int, attempt: int, geometry: Geometry) -> World:
        """Draws a world.

        Args:
            seed: ≥ 0; the same seed and attempt give the same world.
            attempt: which of the seed's candidate worlds.
            geometry: what the seed does not decide.
        """
        scale = geometry.scale
        origin = (seed, attempt, geometry.salt) if geometry.salt else (seed, attempt)
        rng, place = (np.random.default_rng([*origin, purpose]) for purpose in (0xC99, 0x0FE))
        sx, sy = _subject(rng, geometry)
        freq = 0.17 / scale * 1.62 ** np.repeat(np.arange(6.0), 2)
        waves = _waves(rng, freq, 1.15, FALLOFF)
        fine = _waves(rng, np.array([2.1, 3.9, 6.8]) / scale, 0.035, 1.6)
        warps, balls = _warps(rng, scale), _balls(rng, scale, sx, sy)
        return cls(
            net=_weights(rng),
            bias=np.concatenate([rng.normal(0, 0.35, 16), rng.normal(0, 0.3, 16), np.zeros(4)]),
            bias_z=rng.normal(0, 1, (36, LATENT_DIM)) * np.repeat([0.17, 0.12, 0.05], [16, 16, 4])[:, None],
            waves=waves,
            waves_z=rng.normal(0, 0.022, (N_WAVES, LATENT_DIM)),
            waves_rate=rng.choice([-1.0, 1.0], N_WAVES) * rng.uniform(0.25, 0.6, N_WAVES) * freq**0.25,
            fine=fine,
            fine_z=rng.normal(0, 0.03, (N_FINE, LATENT_DIM)),
            follow=FOLLOW,
            warps=warps,
            warps_z=rng.normal(0, 0.02, (N_WARPS, 2, LATENT_DIM)),
            warps_rate=rng.choice([-1.0, 1.0], (N_WARPS, 2)) * rng.uniform(0.15, 0.45, (N_WARPS, 2)),
            balls=balls,
            balls_z=rng.normal(0, 0.055, (N_BALLS, 2, LATENT_DIM)),
            balls_rate=rng.choice([-1.0, 1.0], N_BALLS) * rng.uniform(0.3, 0.8, N_BALLS),
            subject=(sx, sy, 0.62 * scale),
            mirrors=geometry.mirrors,
            polar=geometry.polar,
            origin=origin,
            rest=geometry.rest,
            bright=bool(place.random() < 0.5),
            helix=int(place.choice([0, 0, 1, -1, 2, -2, 3, -3])),
            land=Land.sample(place),
        )

    @property
    def level(self) -> float:
        """Where the horizon is, half-heights below the middle."""
        return self.land.level

    def focus(self, topology: int) -> tuple[float, float]:
        """Where the subject is, half-heights: the masses, the end of the tunnel, the sun; on the mirrors, if any."""
        x, y = self.subject[:2]
        if self.mirrors:
            x, y = 0.0, (y if self.mirrors == 1 else 0.0)
        if topology == layout.HORIZON:
            return 0.95 * self.land.aside * x, self.level - self.land.sun
        if topology == layout.WEAVE:
            return x, y
        return 0.55 * x, 0.55 * y

    def frame_vector(self, latent: Vector, params: Mapping[str, float], topology: int) -> Vector:
        """The field kernel's vector of one frame, (FRAME_SIZE,) float32; see also `endless_zoom.at_depth`.

        Args:
            latent: (LATENT_DIM,).
            params: every target of the generator.
            topology: one of those of `kernels.field_slots`.
        """
        z = 2.6 * np.tanh(latent.astype(np.float64) / 2.6)  # far outside is as good as the edge
        z[np.isnan(z)] = 0.0
        phase = params["cppn.phase"]
        stream, boil = FLOW_DIRECTIONS.get(topology, ((0.0, 0.0), 1.0))
        depth = params["camera.depth"]
        way = (-OCTAVE, 0.0) if self.polar and topology != layout.WEAVE else DIVE_DIRECTIONS.get(topology, (0.0, 0.0))
        fr = np.zeros(layout.FRAME_SIZE)
        n = np.zeros(frame.N_NUMBERS)
        n[: frame.FLOW_DIRECTION] = phase, depth, params["camera.zoom"], params["cppn.detail"], boil
        n[frame.FLOW_DIRECTION : frame.FOLD] = *stream, *way
        # details are folded small in a wallpaper; drawn together towards the centre of a polar map
        n[frame.FOLD] = 0.5 if topology == layout.WEAVE or self.polar else 1.0
        n[frame.WOUND], n[frame.POLAR] = self.polar or topology == layout.TUNNEL, self.polar
        n[frame.BEND :] = params["cppn.warp"]
        if topology in BENDS:
            n[frame.BEND :] *= BENDS[topology]
        own = (
            self.bias,
            self.bias_z,
            self.waves,
            self.waves_z,
            self.waves_rate,
            self.fine,
            self.fine_z,
            self.warps,
            self.warps_z,
            self.warps_rate,
            self.balls,
            self.balls_z,
            self.balls_rate,
        )
        frame.move(fr, n, z, *own)
        fr[layout.FOLLOW : layout.LAND] = self.follow.ravel()
        fr[layout.LAND :] = *self.land.near, *self.land.far
        fr[layout.VIEW : layout.SUBJECT] = view(params)
        fr[layout.SUBJECT : layout.FOLD] = *self.subject[:2], 1 / self.subject[2] ** 2, 0.0
        fr[layout.FOLD : layout.MIX] = mirrors(self.mirrors).ravel()
        fr[layout.MIX] = self.rest
        fr[layout.PLACE : layout.RIBS] = self.focus(topology)
        rings = 0.1 + 0.35 * abs(self.subject[1]) / 0.3
        run = (layout.RINGS * stream[0] + self.helix * stream[1] / TURN) * phase + layout.RINGS * way[0] * depth
        fr[layout.RIBS : layout.RIBS + 4] = rings, 0.5 - rings, run % 1.0, self.helix
        fr[layout.ROLL] = (OCTAVE * LAP * depth) % 1.0
        if topology == layout.HORIZON:
            fr[layout.PLACE + 1] = self.level
        return fr.astype(np.float32)


def view(params: Mapping[str, float]) -> tuple[float, ...]:
    """From the screen to the world: xx, xy, x0, yx, yy, y0, in half-heights, y downwards."""
    turn = math.radians(params["camera.angle"])
    c, s = math.cos(turn) / params["camera.zoom"], math.sin(turn) / params["camera.zoom"]
    return c, -s, params["camera.x"], s, c, params["camera.y"]


def _subject(rng: np.random.Generator, geometry: Geometry) -> tuple[float, float]:
    """Where the subject stands, half-heights: on a third of the picture."""
    wide, mirrors = min(max(geometry.aspect, 0.56), 2.4), geometry.mirrors
    sx = wide / 3 * rng.choice([-1.0, 1.0]) * rng.uniform(0.75, 1.1)
    sy = rng.choice([-1.0, 1.0]) * rng.uniform(0.08, 0.3)
    if mirrors:  # where it is not folded away: in the middle of the wedge
        wedge, far = math.pi / 2 * (1 - 1 / mirrors), math.hypot(sx, sy)
        sx, sy = (abs(sx), sy) if mirrors == 1 else (far * math.cos(wedge), far * math.sin(wedge))
    return float(sx), float(sy)


def _waves(rng: np.random.Generator, freq: Array, strength: float, falloff: float) -> Array:
    """Waves of these frequencies in all directions, (n, 4); the amplitude is the strength times a power of them."""
    waves = np.zeros((len(freq), 4))
    waves[:, :2] = _directions(rng, len(freq)) * freq[:, None]
    waves[:, 2] = rng.uniform(size=len(freq))
    waves[:, 3] = strength * (freq / freq[0]) ** -falloff
    return waves


def _warps(rng: np.random.Generator, scale: float) -> Array:
    """Waves of the domain warp, (N_WARPS, 8)."""
    warps = np.zeros((N_WARPS, 8))
    pitch = 0.19 / scale * 1.75 ** np.arange(N_WARPS)
    for side in (0, 4):  # x is moved by waves that run along y and the other way round: shears that curl
        turn = np.pi / 2 * (side == 0) + rng.uniform(-0.7, 0.7, N_WARPS)
        warps[:, side] = pitch * np.cos(turn)
        warps[:, side + 1] = pitch * np.sin(turn)
        warps[:, side + 2] = rng.uniform(size=N_WARPS)
        warps[:, side + 3] = 0.072 / pitch * rng.uniform(0.75, 1.25, N_WARPS)
    return warps


def _balls(rng: np.random.Generator, scale: float, sx: float, sy: float) -> Array:
    """Masses around the subject, (N_BALLS, 4)."""
    balls = np.zeros((N_BALLS, 4))
    angle = TURN * (np.arange(N_BALLS) / N_BALLS + rng.uniform())
    reach = rng.uniform(0.35, 0.75, N_BALLS) * scale
    reach[0] = 0.05
    balls[:, 0] = 0.55 * sx + reach * np.cos(angle) * 1.25
    balls[:, 1] = 0.55 * sy + reach * np.sin(angle)
    balls[:, 2] = rng.uniform(0.20, 0.36, N_BALLS) * scale
    balls[0, 2] = 0.46 * scale
    balls[:, 3] = rng.uniform(0.55, 0.95, N_BALLS)
    return balls


def _weights(rng: np.random.Generator) -> Vector:
    net = rng.standard_normal(layout.NET_SIZE)
    first = net[layout.W1 : layout.W2].reshape(16, 16)
    first *= 0.62
    first[:, 2] *= 0.6  # distance from the middle says little: no bull's eye
    first[:, 3] *= 1.6  # the subject says much
    net[layout.W2 : layout.W3] *= 0.46
    net[layout.W3 :] *= 0.36
    return net.astype(np.float32)


@cache
def mirrors(n: int) -> Array:
    """Normals of the mirrors, (6, 2): n of them, π / n apart, fold the plane onto a wedge. Not to be written to."""
    normals = np.zeros((6, 2))
    for k in range(n):
        angle = math.pi * k / n
        normals[k] = math.cos(angle), math.sin(angle)
    return normals
