"""A pattern that moves in a known way, and painters without a network."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from typing import Any

import cv2
import numpy as np

from avwalk.arrays.colour import LUMA
from avwalk.contracts import Drive, Frames
from avwalk.restyle.optical_flow import FlowField, Plane, sampled
from avwalk.restyle.restyled import Coherence, Footage, KeyRequest, Restyled
from avwalk.restyle.schedule import Schedule

MOVES: dict[str, dict[str, Any]] = {
    "shift": {"x": 2.3, "y": -1.1},
    "zoom": {"zoom": 1.03},
    "turn": {"angle": 1.5},
    "all": {"x": 1.0, "y": 0.7, "zoom": 1.012, "angle": 0.8},
}


def luma(frames: Iterable[Frames]) -> list[Plane]:
    """Of frames (h, w, 3): (h, w) each."""
    return [np.asarray(frame @ LUMA, np.float32) for frame in frames]


def change_along(lumas: Sequence[Plane], ways: Sequence[FlowField]) -> np.ndarray:
    """As `avwalk.video.sync.luma_change`, but along ways from each frame to the one before, where they are known: what
    moves as it should is no change. The first way is not used."""
    found = [0.0]
    for i in range(1, len(lumas)):
        known = ways[i].confidence
        change = np.abs(lumas[i] - sampled(lumas[i - 1], ways[i].flow)) * known
        found.append(float(change.sum(dtype=np.float64) / max(float(known.sum()), 1.0)))
    return np.array(found)


class Moving:
    """Frames of a plane with many tones, seen by a camera that moves alike from frame to frame."""

    def __init__(
        self,
        size: tuple[int, int] = (192, 108),
        *,
        x: float = 0.0,
        y: float = 0.0,
        zoom: float = 1.0,
        angle: float = 0.0,
        cut: int = 10**9,
    ) -> None:
        self.size, self.cut = size, cut
        c, s = zoom * math.cos(math.radians(angle)), zoom * math.sin(math.radians(angle))
        self._step = np.array([[c, -s, x], [s, c, y], [0, 0, 1]])  # of a place, from a frame to the next
        self.asked: list[int] = []
        self._toned: dict[tuple[int, int], Plane] = {}
        rng = np.random.default_rng(3)
        self.waves = [(*rng.normal(0, 0.13, 2), rng.uniform(0, 7), rng.normal(0, 1, 3)) for _ in range(10)]
        self.fine = [(*rng.normal(0, 0.5, 2), rng.uniform(0, 7), rng.normal(0, 1, 3)) for _ in range(10)]

    def world(self, i: int) -> tuple[Plane, Plane]:
        """Where in the world the pixels of a frame are."""
        w, h = self.size
        x, y = np.meshgrid(np.arange(w) - (w - 1) / 2, np.arange(h) - (h - 1) / 2)
        back = np.linalg.matrix_power(np.linalg.inv(self._step), i)
        u, v = back[0, 0] * x + back[0, 1] * y + back[0, 2], back[1, 0] * x + back[1, 1] * y + back[1, 2]
        return (u + 5000, v) if i >= self.cut else (u, v)

    def toned(self, i: int, waves: Sequence[tuple[Any, ...]]) -> Plane:
        """A sum of waves of the world, seen in a frame, (h, w, 3); kept, since it is asked for often."""
        if (i, id(waves)) not in self._toned:
            self._toned[i, id(waves)] = self._sum(i, waves)
        return self._toned[i, id(waves)]

    def _sum(self, i: int, waves: Sequence[tuple[Any, ...]]) -> Plane:
        u, v = self.world(i)
        total = sum(np.sin(a * u + b * v + p)[..., None] * colour for a, b, p, colour in waves)
        return np.asarray(0.5 + 0.5 * np.tanh(total / 4), np.float32)

    failed_frames: tuple[int, ...] = ()

    def frames(self, i0: int, i1: int) -> Frames:
        self.asked.extend(range(i0, i1))
        return np.stack([self.toned(i, self.waves) for i in range(i0, i1)])

    def flows(self, i0: int, i1: int) -> list[Plane | None]:
        """Exact flow; not known at the cut."""
        flow = self.flow()
        return [None if i == self.cut else flow for i in range(i0, i1)]

    def flow(self) -> Plane:
        """Exact flow of every frame but that of the cut: (h, w, 2)."""
        w, h = self.size
        x, y = np.meshgrid(np.arange(w) - (w - 1) / 2, np.arange(h) - (h - 1) / 2)
        back = np.linalg.inv(self._step)
        u, v = back[0, 0] * x + back[0, 1] * y + back[0, 2], back[1, 0] * x + back[1, 1] * y + back[1, 2]
        return np.asarray(np.dstack([u - x, v - y]), np.float32)

    def drive(self, i0: int, i1: int, strength: float = 0.5) -> Drive:
        params = {
            "restyle.input_image_strength": np.full(i1 - i0, strength, np.float32),
            "restyle.unconditional_guidance_scale": np.full(i1 - i0, 7.5, np.float32),
        }
        return Drive(i0, np.zeros((i1 - i0, 1), np.float32), params, Fraction(30), 0)


class Painter:
    """What a painter would do: other tones, and brushwork that lies in the world."""

    def __init__(self, shot: Moving, fails: Sequence[int] = ()) -> None:
        self.settings: Mapping[str, Any] = {"model": "brush"}
        self.size, self.noise_shape = shot.size, (4, shot.size[1] // 8, shot.size[0] // 8)
        self.calls: list[tuple[int, ...]] = []
        self.wishes: list[KeyRequest] = []
        self._shot, self._fails = shot, set(fails)

    def __call__(self, frames: Frames, wish: KeyRequest) -> Frames:
        self.calls.append(tuple(wish.indices))
        self.wishes.append(wish)
        made = np.stack([self.painted(f, i) for f, i in zip(frames, wish.indices, strict=True)])
        for k, i in enumerate(wish.indices):
            if i in self._fails:
                made[k] = np.nan
        return made

    def painted(self, frame: Plane, i: int) -> Plane:
        """A frame, painted."""
        tones = np.clip(1.1 * frame[..., ::-1] ** 1.4, 0, 1)
        return np.asarray(np.clip(0.7 * tones + 0.3 * self._shot.toned(i, self._shot.fine), 0, 1), np.float32)


class Grainy:
    """A painter whose brushwork is its noise, enlarged: texture is where its noise is, as with diffusion."""

    def __init__(self, size: tuple[int, int], amount: float = 0.5, cell: int = 8) -> None:
        self.settings: Mapping[str, Any] = {"model": "grain", "amount": amount}
        self.size, self.noise_shape, self._amount = size, (4, size[1] // cell, size[0] // cell), amount

    def __call__(self, frames: Frames, wish: KeyRequest) -> Frames:
        made = np.empty_like(frames)
        for k, frame in enumerate(frames):
            grain = cv2.resize(wish.noise[k, :3].transpose(1, 2, 0), self.size, interpolation=cv2.INTER_CUBIC)
            light = cv2.GaussianBlur(frame, (0, 0), 2)
            made[k] = np.clip(light * (1 + self._amount * wish.strength[k] * np.tanh(grain)), 0, 1)
        return made


def repainted(shot: Moving, painter: Any, schedule: Schedule, *, batch: int = 1, **options: Any) -> Restyled:
    """A shot painted anew; flows and refine of its `Footage`, the rest of its `Coherence`."""
    known = {name: options.pop(name) for name in ("flows", "refine") if name in options}
    return Restyled(
        Footage(shot, shot.size, shot.drive, **known), painter, schedule, Coherence(1, **options), batch=batch
    )
