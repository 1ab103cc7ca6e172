"""Initial diffusion noise of keyframes, advected with the source's optical flow so that texture moves with the picture.

Carried noise is a lattice of particles, one per cell of the latent picture: each keeps its value and its offset within
the cell, is advected along the source's flow from keyframe to keyframe, and falls into the cell where it ends. Of two
in a cell the one nearer to its centre stays; an empty cell gets a new one. So every cell holds one standard normal
number, independent of its neighbours, and motion smaller than a cell accumulates.

Lattices restart every `SPAN` frames and are cross-faded with weights cos and sin: unit variance, no jump, and a
function of at most the 2 · `SPAN` frames before.
"""

from __future__ import annotations

import math
import threading
from collections import OrderedDict
from typing import NamedTuple

import cv2
import numpy as np

from avwalk.errors import OptionError
from avwalk.restyle.optical_flow import FlowField, Motion, Plane, resized_flow, sampled
from avwalk.restyle.schedule import Schedule
from avwalk.restyle.warp import KeyFlows

KINDS = ("carried", "fixed", "fresh")
SPAN = 32  # frames: about a second
MAX_LATTICES = 64  # lattices in memory, 80 kB each at 512×512
PURPOSE = 0x6E6F6973


class Lattice(NamedTuple):
    """Noise values with particle offsets.

    Attributes:
        values: (c, h, w), standard normal.
        offset: (h, w, 2): where in its cell each particle is, −½ to ½ to the right and downwards.
    """

    values: Plane
    offset: Plane


class Noise:
    """The initial noise of keyframes, a function of the seed, the keyframe, and the source's motion before it.

    Args:
        seed: ≥ 0.
        shape: (channels, height, width) of the latent picture.
        schedule: of the keys.
        motion: of the source.
        kind: ``"carried"`` with the source; ``"fixed"``: the same for all, texture sticks to the screen (DIGCREA);
            ``"fresh"``: independent for each keyframe.

    Raises:
        OptionError: an unknown kind.
    """

    def __init__(
        self, seed: int, shape: tuple[int, int, int], schedule: Schedule, motion: Motion, kind: str = "carried"
    ) -> None:
        if kind not in KINDS:
            raise OptionError(f"noise '{kind}' is unknown; use {', '.join(KINDS)}")
        self._seed, self._shape, self._schedule, self._motion, self._kind = seed, shape, schedule, motion, kind
        self._kept: OrderedDict[tuple[int, int], Lattice] = OrderedDict()
        self._lock = threading.Lock()

    def of(self, key: int) -> Plane:
        """The noise of a key, (channels, height, width)."""
        if self._kind == "fixed":
            return fresh(self._seed, self._shape)
        if self._kind == "fresh":
            return fresh(self._seed, self._shape, key)
        epoch, age = divmod(key, SPAN)
        share = math.pi / 2 * age / SPAN
        going, coming = self._lattice(epoch - 1, key).values, self._lattice(epoch, key).values
        return np.asarray(np.float32(math.cos(share)) * going + np.float32(math.sin(share)) * coming, np.float32)

    def _lattice(self, epoch: int, key: int) -> Lattice:
        """The lattice of an epoch at a keyframe, started at the epoch's first keyframe or the first of the run."""
        keys, a = self._schedule.keys, self._schedule.run(key)[0]
        first = max(a, epoch * SPAN)
        path = [key]
        while True:
            with self._lock:
                found = self._kept.get((epoch, path[-1]))
            before = keys[self._schedule.index(path[-1]) - 1] if self._schedule.index(path[-1]) else -1
            if found is not None or before < first:
                break
            path.append(before)
        if found is None:
            found = self._keep(epoch, path[-1], new_lattice(fresh(self._seed, self._shape, epoch + 1, path[-1])))
        for before, k in zip(path[::-1], path[-2::-1], strict=False):
            ahead = KeyFlows(self._motion, before, k).ahead(before)
            new = fresh(self._seed, self._shape, epoch + 1, k)
            found = self._keep(epoch, k, new_lattice(new) if ahead is None else advected(found, ahead, new))
        return found

    def _keep(self, epoch: int, key: int, lattice: Lattice) -> Lattice:
        with self._lock:
            self._kept[epoch, key] = lattice
            while len(self._kept) > MAX_LATTICES:
                self._kept.popitem(last=False)
        return lattice


def fresh(seed: int, shape: tuple[int, int, int], *what: int) -> Plane:
    """Standard normal numbers of (seed, purpose, what)."""
    return np.random.default_rng([seed, PURPOSE, *what]).standard_normal(shape, np.float32)


def new_lattice(values: Plane) -> Lattice:
    """A lattice whose particles are in the middle of their cells."""
    return Lattice(values, np.zeros((*values.shape[1:], 2), np.float32))


def advected(lattice: Lattice, ahead: FlowField, new: Plane) -> Lattice:
    """A lattice with its particles advected by a flow; particles with untrusted flow are dropped.

    Args:
        lattice: at the first frame of the flow.
        ahead: the forward flow, of any size.
        new: values for cells that are left empty, (c, h, w).
    """
    h, w = lattice.offset.shape[:2]
    place = lattice.offset + np.dstack(np.meshgrid(np.arange(w), np.arange(h))).astype(np.float32)
    flow, known = resized_flow(ahead.flow, (w, h)), cv2.resize(ahead.confidence, (w, h), interpolation=cv2.INTER_AREA)
    read = sampled(np.dstack([flow, known]), lattice.offset)
    to = (place + read[..., :2]).reshape(-1, 2)
    cell = np.floor(to + 0.5).astype(np.int64)
    left = to - cell
    lives = (read[..., 2].ravel() > 0.5) & (cell >= 0).all(axis=1) & (cell < (w, h)).all(axis=1)
    at = np.flatnonzero(lives)
    target = cell[at, 1] * w + cell[at, 0]
    order = np.lexsort((at, (left[at] ** 2).sum(axis=1), target))
    target, at = target[order], at[order]
    nearest = np.append(True, target[1:] != target[:-1]) if len(target) else np.zeros(0, bool)
    target, at = target[nearest], at[nearest]
    values, offset = new.reshape(len(new), -1).copy(), np.zeros((h * w, 2), np.float32)
    values[:, target] = lattice.values.reshape(len(new), -1)[:, at]
    offset[target] = left[at]
    return Lattice(values.reshape(new.shape), offset.reshape(h, w, 2))
