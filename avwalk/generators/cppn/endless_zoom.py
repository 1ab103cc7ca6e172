"""Endless zoom (a visual Shepard tone) without copies: the world at a given depth.

What R. N. Shepard's tones do for the ear (J. Acoust. Soc. Am. 36, 1964) in the plane: waves a fixed ratio apart all
grow at one rate about one point; the coarsest fade while a new finest comes in, with its own direction, phase and
weights in the network. The spectrum stays as it is, so detail, slopes and light do; the picture goes inwards for
ever, never comes back, and costs what it costs at rest. Masses grow, leave and are born again small.

The coarsest waves must fade slowly: they are the strongest, and where they fade fast the picture boils more than it
moves.
"""

from __future__ import annotations

import math
from dataclasses import replace
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from avwalk.arrays.interpolation import smoothstep
from avwalk.generators.cppn.kernels import field_slots as layout
from avwalk.generators.cppn.world import BENDS, World

Vector = NDArray[np.float32]
Array = NDArray[np.float64]
Rung = tuple[Array, ...]  # of a ladder: waves (per, 4), what the latent and the flow do to their phases, weights
Point = tuple[float, float]

BEGIN = 2.0  # octaves until the slow fade is complete and the network no longer depends on the absolute position
DEEPEST = 1e6  # octaves; beyond, float32 cannot tell consecutive frames apart
LIFE = 3.0  # octaves by which a mass grows
FADE = 0.6  # of these: in which it comes, and in which it goes
FIXED_WAVES = {layout.WEAVE: 2}
"""Number of coarse waves that do not scale: longer than a wallpaper cell they set its tone, not its form."""
MASS_AGES = (1.3, 0.5, 2.1, 0.9, 2.5, 1.7)  # octaves that each mass has behind it at rest


class Ladder(NamedTuple):
    """Waves at a constant frequency ratio.

    Attributes:
        ratio: of neighbouring frequencies.
        falloff: amplitude ∝ frequency^−falloff.
        slow: levels over which the coarsest fade, and ``gain`` of the remainder.
        purpose: random stream of the waves that come in.
    """

    ratio: float
    falloff: float
    slow: float
    gain: float
    purpose: int


WAVES, FINE = Ladder(1.62, 1.35, 3.0, 1.4, 0xD1), Ladder(1.8, 1.6, 1.5, 1.0, 0xD2)
WARPS = Ladder(1.75, 1.0, 3.0, 1.0, 0xD3)


def at_depth(world: World, depth: float, topology: int) -> World:
    """The world at a depth in octaves; itself at 0.

    For maps of the plane, about ``world.focus``. Where the picture is a way already (tunnel, horizon, a polar map) a
    dive is a step along it, see `World.frame_vector`, and the waves stay as they are.
    """
    depth = min(max(depth, -DEEPEST), DEEPEST)
    if depth == 0 or topology in (layout.TUNNEL, layout.HORIZON, layout.NAVE):
        return world
    if world.polar:
        return replace(world, net=_faded(world.net, depth))
    centre = (0.0, 0.0) if topology == layout.WEAVE else world.focus(topology)
    net, waves, waves_z, waves_rate = _waves(world, depth, centre, FIXED_WAVES.get(topology, 0))
    (fine, fine_z), now = _climbed(world, FINE, depth, centre)
    at = np.minimum(np.maximum(now.levels, 0.0), 2.0)
    below = np.minimum(at.astype(np.int64), 1)
    follow = world.follow[below] + (at - below)[:, None] * (world.follow[below + 1] - world.follow[below])
    follow[:, 0] = world.follow[:, 0] * np.append(0.0, now.coarse[:-1])
    (warps, warps_z, warps_rate), now = _climbed(world, WARPS, depth, centre)
    if topology in BENDS:  # the strength of a place is that of the slot, and places lie between slots
        strength = BENDS[topology]
        warps[..., 3] *= (np.interp(now.levels, np.arange(4), strength) / strength)[:, None]
    balls = _masses(world, depth, centre) if topology in (layout.VOID, layout.INK) else world.balls
    return replace(
        world,
        net=net,
        waves=waves,
        waves_z=waves_z,
        waves_rate=waves_rate,
        fine=fine[:, 0],
        fine_z=fine_z[:, 0],
        follow=follow,
        warps=warps.reshape(-1, 8),
        warps_z=warps_z,
        warps_rate=warps_rate,
        balls=balls,
    )


def _waves(world: World, depth: float, centre: Point, n_fixed: int) -> tuple[Vector, Array, Array, Array]:
    """The network's weights, its Fourier inputs, and what moves their phases; the first ``n_fixed`` waves stay."""
    net = _faded(world.net, depth)
    moved, _ = _climbed(world, WAVES, depth, centre, n_fixed)
    if n_fixed:
        own = (array[:n_fixed] for array in _at_rest(world, WAVES))
        moved = tuple(np.concatenate(pair) for pair in zip(own, moved, strict=True))
    waves, waves_z, rate, columns = moved
    net[: layout.W2].reshape(16, 16)[:, 4:] = columns.reshape(12, 16).T
    return net, waves.reshape(12, 4), waves_z.reshape(12, -1), rate.ravel()


@lru_cache(maxsize=256)
def _at_rest(world: World, ladder: Ladder) -> Rung:
    """The waves of a ladder at rest: arrays whose first axis is the kind, the first of them waves (n, per, 4)."""
    if ladder is FINE:
        return world.fine[:, None], world.fine_z[:, None]
    if ladder is WARPS:
        return world.warps.reshape(-1, 2, 4), world.warps_z, world.warps_rate
    columns = world.net[: layout.W2].reshape(16, 16)[:, 4:].T.reshape(6, 2, 16).astype(np.float64)
    return world.waves.reshape(6, 2, 4), world.waves_z.reshape(6, 2, -1), world.waves_rate.reshape(6, 2), columns


class LadderState(NamedTuple):
    """Waves on a ladder of n levels, from coarse to fine.

    Attributes:
        kinds: wave indices, 0 … n − 1 are those at rest, (n,).
        levels: their levels, 0 is the coarsest at rest, (n,).
        coarse: fade weights at the coarse end, (n,).
        fine: fade weights at the fine end, (n,).
    """

    kinds: NDArray[np.int64]
    levels: Array
    coarse: Array
    fine: Array


def ladder_state(depth: float, ladder: Ladder, n: int) -> LadderState:
    """The state of a ladder at a depth in octaves.

    Waves enter and leave with weight 0, so nothing jumps; at rest all weights are 1, the fine end fades
    during the first step, the coarse end during the first octaves.
    """
    steps = depth / math.log2(ladder.ratio)
    first = math.floor(steps) if steps >= 0 else math.ceil(steps)
    foot = -1.0 if steps >= 0 else 0.0
    ends, slow = _eased(abs(steps)), _eased(abs(depth) / BEGIN)
    kinds = range(first, first + n)
    at = [kind - steps for kind in kinds]  # so few numbers are quicker one by one than by numpy
    coarse = [(1 - ends * (1 - _eased(x - foot))) * (1 - slow * (1 - _eased((x - foot) / ladder.slow))) for x in at]
    fine = [1 - ends * (1 - _eased(foot + n - x)) for x in at]
    return LadderState(np.array(kinds), np.array(at), np.array(coarse), np.array(fine))


def _climbed(
    world: World, ladder: Ladder, depth: float, centre: Point, n_fixed: int = 0
) -> tuple[tuple[Array, ...], LadderState]:
    """The waves of a ladder at a depth, arrays as in `_at_rest`; and the ladder's state.

    Args:
        world: at rest.
        ladder: which of its ladders.
        depth: octaves.
        centre: the point that stays where it is.
        n_fixed: leading waves that are not part of it.
    """
    n = len(_at_rest(world, ladder)[0]) - n_fixed
    now = ladder_state(depth, ladder, n)
    seen, *others = _rungs(world, ladder, int(now.kinds[0]), centre, n_fixed)
    found, grown = seen.copy(), ladder.ratio ** now.levels[:, None, None]
    found[..., :2] *= grown
    found[..., 2] -= found[..., :2] @ np.array(centre)
    gain = 1 + (ladder.gain - 1) * _eased(abs(depth) / BEGIN)
    found[..., 3] *= grown[..., 0] ** -ladder.falloff * (gain * now.coarse * now.fine)[:, None]
    return (found, *others), now


@lru_cache(maxsize=256)
def _rungs(world: World, ladder: Ladder, first: int, centre: Point, n_fixed: int) -> Rung:
    """The waves of a ladder from ``first`` on, normalised to level 0, relative to the centre.

    The same over many frames: only their levels change.
    """
    own = tuple(array[n_fixed:] for array in _at_rest(world, ladder))
    waves, n = own[0], len(own[0])
    rest = ladder.ratio ** -np.arange(n)[:, None, None]
    phases, gains = waves[..., 2:3] + waves[..., :2] @ np.array(centre)[:, None], waves[..., 3:] * rest**-ladder.falloff
    base = np.concatenate([waves[..., :2] * rest, phases, gains], axis=2)
    coarsest = np.array([np.hypot(*base[0, 0, :2])] * 2 + [1.0, base[..., 3].mean()])
    rungs: list[Rung] = []
    for kind in range(first, first + n):
        if 0 <= kind < n:
            rungs.append((base[kind], *(array[kind] for array in own[1:])))
        else:
            drawn = _drawn(ladder, kind, world.origin, tuple(array.shape[1:] for array in own))
            rungs.append((drawn[0] * coarsest, *drawn[1:]))
    return tuple(np.stack(arrays) for arrays in zip(*rungs, strict=True))


@lru_cache(maxsize=4096)
def _drawn(ladder: Ladder, kind: int, origin: tuple[int, ...], shapes: tuple[tuple[int, ...], ...]) -> Rung:
    """A random wave that is absent at rest, normalised to level 0, in units of the coarsest: kx, ky, phase, gain."""
    rng = np.random.default_rng([*origin, ladder.purpose, kind % 2**32])
    per = shapes[0][0]
    if ladder is WARPS:  # x is moved by waves that run along y and the other way round
        turns, gain = np.array([0.25, 0.0]) + rng.uniform(-0.11, 0.11, per), rng.uniform(0.75, 1.25, per)
    else:
        turns = (0.381966 * (per * kind + np.arange(per)) + 0.06 * rng.standard_normal(per)) % 1.0
        gain = np.ones(per)
    angle = layout.TURN * turns
    waves = np.stack([np.cos(angle), np.sin(angle), rng.uniform(size=per), gain], axis=1)
    spread, rate = {WAVES: (0.022, (0.2, 0.5)), FINE: (0.03, (0.0, 0.0)), WARPS: (0.02, (0.15, 0.45))}[ladder]
    more = [rng.normal(0, spread, shapes[1])]
    if len(shapes) > 2:
        more.append(rng.choice([-1.0, 1.0], shapes[2]) * rng.uniform(*rate, shapes[2]))
    if len(shapes) > 3:
        more.append(0.62 * rng.standard_normal(shapes[3]))
    return (waves, *more)


def _faded(net: Vector, depth: float) -> Vector:
    """The weights with those of x, y and r faded out: position-dependent structure would not zoom."""
    net = net.copy()
    net[: layout.W2].reshape(16, 16)[:, :3] *= np.float64(1 - _eased(abs(depth) / BEGIN))
    return net


def _masses(world: World, depth: float, centre: Point) -> Array:
    """The masses of a body, (6, 4): each goes outwards, grows with its distance, and is followed by a small one."""
    balls, begun = world.balls.copy(), _eased(abs(depth / 0.5))
    for k, ball in enumerate(balls):
        life, age = divmod(depth + MASS_AGES[k], LIFE)
        if life:
            ball[:] = _born(k, int(life), world.origin)
            ball[:3] *= world.subject[2] / 0.62  # the scale of the world
            ball[:2] += centre
        grown = 2.0 ** (age - (LIFE / 2 if life else MASS_AGES[k]))
        ball[0], ball[1] = centre[0] + grown * (ball[0] - centre[0]), centre[1] + grown * (ball[1] - centre[1])
        ball[2] *= grown
        ball[3] *= 1 - begun * (1 - _eased(age / FADE) * _eased((LIFE - age) / FADE))
    return balls


@lru_cache(maxsize=4096)
def _born(k: int, life: int, origin: tuple[int, ...]) -> tuple[float, float, float, float]:
    """A mass in mid-life, in a later life than its first: x and y from the centre, radius, weight."""
    rng = np.random.default_rng([*origin, 0xD4, k, life % 2**32])
    angle, reach = layout.TURN * rng.random(), rng.uniform(0.1, 0.6)
    return 1.25 * reach * math.cos(angle), reach * math.sin(angle), rng.uniform(0.20, 0.40), rng.uniform(0.55, 0.95)


def _eased(x: float) -> float:
    """From 0 to 1, at rest at both ends."""
    return smoothstep(min(max(x, 0.0), 1.0))
