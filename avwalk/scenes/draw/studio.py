"""`Studio`: the artist of a project, which dispatches prompts to drawers and cross-fades between different ones."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from avwalk.arrays.crossfade import crossfade
from avwalk.arrays.fit import Fit
from avwalk.contracts import Frames
from avwalk.files.image_meta import read
from avwalk.scenes.draw.contract import Drawer
from avwalk.scenes.nodes import Node
from avwalk.walk.prompts import Spacing, lengths

if TYPE_CHECKING:
    pass


CLOSER = 0.22  # octaves of zoom of a still picture during a cross-fade
SAMPLES = 17  # thumbnails that measure a cross-fade
PROBE_WIDTH = 64  # pixels across


class Studio:
    """Draws each prompt with its generator; cross-fades between pictures of different generators and imported ones.

    Args:
        size: width and height of all frames.
        generators: name of a prompt → its generator; other nodes are imported pictures.
        make_drawer: creates the drawer of a generator, on first use.
        picture: path of an imported picture.
        notes: deviations from the project, one line each.
    """

    def __init__(
        self,
        size: tuple[int, int],
        generators: Mapping[str, str],
        make_drawer: Callable[[str], Drawer],
        picture: Callable[[Node], Path],
        notes: Sequence[str] = (),
    ) -> None:
        self.size, self.generators, self.notes = size, dict(generators), tuple(notes)
        self._hire, self._picture, self._fit = make_drawer, picture, Fit(size)
        self._drawers: dict[str, Drawer] = {}

    def frames(self, a: Node, b: Node, positions: Sequence[float]) -> Iterator[Frames]:
        """See `Artist.frames`.

        Raises:
            VideoError: an imported picture cannot be read.
        """
        one, other = self.drawer(a), self.drawer(b)
        if one is not None and one is other:
            yield from one.frames(a, b, positions)
            return
        first, last = self._still(a, one), self._still(b, other)
        if a == b:
            yield from (first.copy() for _ in positions)
            return
        shares, length = spacing(first, last)
        for position in positions:
            yield crossfaded(first, last, float(np.interp(position, length, shares)))

    def fingerprint(self, a: Node, b: Node) -> str:
        """See `Artist.fingerprint`."""
        one, other = self.drawer(a), self.drawer(b)
        if one is not None and one is other:
            return one.fingerprint(a, b)
        inputs = [
            drawer.fingerprint(node, node) if drawer else self._bytes(node) for node, drawer in ((a, one), (b, other))
        ]
        return hashlib.sha256(f"{self.size} {inputs}".encode()).hexdigest()[:16]

    def drawer(self, node: Node) -> Drawer | None:
        """The drawer of a node; None: an imported picture."""
        name = self.generators.get(node.name) if node.seed is not None else None
        if name is None:
            return None
        if name not in self._drawers:
            self._drawers[name] = self._hire(name)
        return self._drawers[name]

    def _still(self, node: Node, drawer: Drawer | None) -> Frames:
        if drawer is None:
            return np.ascontiguousarray(self._fit.apply(read(self._picture(node))[None])[0])
        return next(iter(drawer.frames(node, node, [0.0])))

    def _bytes(self, node: Node) -> str:
        path = self._picture(node)
        return hashlib.sha256(path.read_bytes()).hexdigest()[:16] if path.is_file() else ""


def spacing(first: Frames, last: Frames) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Shares of a cross-fade, and the cumulative change of the picture; both from 0 to 1."""
    import cv2

    size = (PROBE_WIDTH, max(2, round(PROBE_WIDTH * first.shape[0] / first.shape[1])))
    a, b = (np.asarray(cv2.resize(p, size, interpolation=cv2.INTER_AREA), np.float32) for p in (first, last))
    at = np.linspace(0, 1, SAMPLES)
    seen = np.stack([crossfaded(a, b, float(t)) for t in at])
    return lengths(Spacing(at, np.abs(np.diff(seen, axis=0)).mean(axis=(1, 2, 3), dtype=np.float64)))


def crossfaded(first: Frames, last: Frames, t: float) -> Frames:
    """A cross-fade of two pictures that zoom: the first in, the other to rest."""
    if t >= 1:
        return last.copy()
    going = _closer(first, CLOSER * t)
    if t > 0:
        crossfade(going, _closer(last, CLOSER * (1 - t)), t)
    return going


def _closer(picture: Frames, octaves: float) -> Frames:
    """The centre of a picture, zoomed in; a copy."""
    import cv2

    if octaves <= 0:
        return picture.copy()
    h, w = picture.shape[:2]
    zoom = 2.0**octaves
    matrix = np.array([[zoom, 0, (1 - zoom) * (w - 1) / 2], [0, zoom, (1 - zoom) * (h - 1) / 2]])
    moved = cv2.warpAffine(picture, matrix, (w, h), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REFLECT_101)
    return np.ascontiguousarray(np.clip(moved, 0, 1), np.float32)
