"""A source that paints another one anew: keys by image-to-image diffusion, the frames between carried from them."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import cv2
import numpy as np
from numpy.typing import NDArray

from avwalk.contracts import Drive, Frames, Source
from avwalk.errors import OptionError
from avwalk.restyle.frame_cache import Picture, Shelf
from avwalk.restyle.key_cache import KeyFrames, Painted, name_of
from avwalk.restyle.noise import Noise
from avwalk.restyle.optical_flow import Flows, Motion, Plane
from avwalk.restyle.schedule import Schedule
from avwalk.restyle.warp import WAYS, Ways, alone, between, smoothed

STRENGTH, GUIDANCE, PROMPT = "restyle.input_image_strength", "restyle.unconditional_guidance_scale", "restyle.prompt"
CONTROL = "restyle.control_scale"
HOLD = 4  # keys that failed in a row and are bridged; where there are more, the source is seen
KEPT = 96 * 1024 * 1024  # bytes of painted keys in memory


@dataclass(frozen=True)
class Wish:
    """How keys are to be painted, a row each.

    Attributes:
        indices: of their frames, counted from the start of the song.
        strength: how far from the source, 0 to 1.
        guidance: pull of the prompt.
        prompt: place on the row of prompts: 1.25 is a quarter of the way from the second to the third.
        noise: (n, channels, h, w), standard normal.
        control: how strongly a ControlNet holds, where there is one.
    """

    indices: tuple[int, ...]
    strength: NDArray[np.float32]
    guidance: NDArray[np.float32]
    prompt: NDArray[np.float32]
    noise: NDArray[np.float32]
    control: NDArray[np.float32]


class Repaint(Protocol):
    """Paints pictures anew; a row does not depend on the others.

    Attributes:
        settings: JSON values that decide its pictures beside the wish: model sha256, prompts, steps, scheduler, size.
        size: width and height of what it takes.
        noise_shape: (channels, h, w) of its initial noise.
    """

    settings: Mapping[str, Any]
    size: tuple[int, int]
    noise_shape: tuple[int, int, int]

    def __call__(self, frames: Frames, wish: Wish) -> Frames:
        """Pictures (n, H, W, 3) of any size, one for each; a row that failed or was blocked is NaN."""
        ...


@dataclass(frozen=True)
class Footage:
    """What is painted anew, and what is known of it.

    Attributes:
        source: its frames; no effects.
        size: width and height of them, and of what is made of them.
        drive: parameters of frames [i0, i1), see `avwalk.plan.build.Plan.drive`; strength and guidance are theirs.
        flows: its exact flow, or None.
        look: beside exact flow, seek in its frames what moves by itself; all of them are drawn for it.
    """

    source: Source
    size: tuple[int, int]
    drive: Callable[[int, int], Drive]
    flows: Flows | None = None
    look: bool = False


@dataclass(frozen=True)
class Coherence:
    """How frames follow from each other.

    Attributes:
        seed: of the noise.
        noise: ``"carried"``, ``"fixed"`` or ``"fresh"``, see `Noise`.
        between: ``"carry"`` by the source's motion, ``"fade"`` from key to key, or ``"hold"`` the key before.
        window: frames before and behind that each is averaged with, along the motion; 0: none.
    """

    seed: int
    noise: str = "carried"
    between: str = "carry"
    window: int = 0


class Restyled:
    """Frames of a source, painted anew; a frame is a function of (plan, index).

    Keys that failed are held: the frames around them come from the keys before and behind. They are counted.

    Args:
        footage: what is painted.
        repaint: paints.
        schedule: which frames are painted.
        coherence: how the others follow from them.
        batch: keys painted at once.
        kept: where painted keys are kept.

    Raises:
        OptionError: an unknown way from key to key.
    """

    def __init__(
        self,
        footage: Footage,
        repaint: Repaint,
        schedule: Schedule,
        coherence: Coherence,
        *,
        batch: int = 1,
        kept: KeyFrames | None = None,
    ) -> None:
        between = coherence.between
        if between not in WAYS:
            raise OptionError(f"restyle.between '{between}' is unknown; use {', '.join(WAYS)}")
        self._repaint, self._schedule, self._size, self._drive = repaint, schedule, footage.size, footage.drive
        self._between, self._window, self._batch = between, coherence.window, max(1, batch)
        self._shelf = Shelf(footage.source)
        self._motion = Motion(self._shelf, footage.size, footage.flows, look=footage.look)
        self._noise = Noise(coherence.seed, repaint.noise_shape, schedule, self._motion, coherence.noise)
        self._kept = kept or KeyFrames(None)
        self._painted: OrderedDict[int, Painted] = OrderedDict()
        self._failed: set[int] = set()
        self._lock = threading.RLock()  # one painting at a time: it fills the machine

    @property
    def failed_frames(self) -> tuple[int, ...]:
        """Keys that could not be painted so far."""
        with self._lock:
            return tuple(sorted(self._failed))

    def frames(self, i0: int, i1: int) -> Frames:
        """Frames [i0, i1), counted from the start of the song: (i1 − i0, H, W, 3) float32 in [0, 1]."""
        a, b = max(self._schedule.i0, i0 - self._window), min(self._schedule.i1, i1 + self._window)
        ways: dict[tuple[int, int], Ways] = {}
        made = {i: self._made(i, ways) for i in range(a, b)}
        if self._window:
            made = {i: self._averaged(i, made) for i in range(i0, i1)}
        return np.stack([self._fitted(made[i]) for i in range(i0, i1)])

    def _made(self, i: int, ways: dict[tuple[int, int], Ways]) -> Plane:
        """A frame as large as it is painted; ``ways`` from key to key, kept while there is need."""
        before, after = self._sides(i)
        if before is None and after is None:
            return self._source_frame(i)
        if before is None or after is None or before == i or self._between == "hold":
            key = before if before is not None else after
            assert key is not None
            return self._from_one(key, i)
        a, b, share = self._picture(before), self._picture(after), (i - before) / (after - before)
        if self._between == "fade":
            return np.asarray(cv2.addWeighted(a, 1 - share, b, share, 0), np.float32)
        if (before, after) not in ways:
            ways[before, after] = Ways(self._motion, before, after)
        found = ways[before, after]
        return between(a, b, found.back(i), found.ahead(i), share)

    def _from_one(self, key: int, i: int) -> Plane:
        """A frame that one key alone is left for."""
        picture = self._picture(key)
        if key == i or self._between != "carry":
            return picture
        way = Ways(self._motion, key, i).back(i) if key < i else Ways(self._motion, i, key).ahead(i)
        return alone(picture, way)

    def _sides(self, i: int) -> tuple[int | None, int | None]:
        """The keys around a frame that could be painted, at most `HOLD` farther than the nearest."""
        before, after = self._schedule.around(i)
        return self._good(before, -1), self._good(after, 1)

    def _good(self, key: int, way: int) -> int | None:
        """The first of this key and those beyond it, in its run, that could be painted."""
        (a, b), place = self._schedule.run(key), self._schedule.place(key)
        for k in range(place, place + way * (HOLD + 1), way):
            if not (0 <= k < len(self._schedule.keys) and a <= self._schedule.keys[k] < b):
                return None
            if self._is_painted(self._schedule.keys[k]):
                return self._schedule.keys[k]
        return None

    def _picture(self, key: int) -> Plane:
        """A painted key, (h, w, 3) in [0, 1]."""
        with self._lock:
            self._is_painted(key)
            self._painted.move_to_end(key)
            picture = self._painted[key]
        return picture.astype(np.float32) / np.float32(65535)

    def _is_painted(self, key: int) -> bool:
        """Sees to it that a key is painted, together with its neighbours; False if it failed."""
        with self._lock:
            if key not in self._painted and key not in self._failed:
                first = self._schedule.place(key) // self._batch * self._batch
                block = self._schedule.keys[first : first + self._batch]
                self._paint([k for k in block if k not in self._painted and k not in self._failed])
            return key not in self._failed

    def _paint(self, keys: Sequence[int]) -> None:
        """Paints the keys that are not kept, all at once."""
        todo: list[tuple[int, str, Picture, Plane, tuple[float, ...]]] = []
        for key in keys:
            picture, noise, values = self._input(key), self._noise.of(key), self._values(key)
            name = name_of(picture, self._repaint.settings, values, noise)
            found = self._kept.find(name)
            if found is not None:
                self._remember(key, found)
            else:
                todo.append((key, name, picture, noise, values))
        if not todo:
            return
        rows, names, pictures, noises, values_ = zip(*todo, strict=True)
        strength, guidance, prompt, control = np.array(values_, np.float32).T
        frames = np.stack(pictures).astype(np.float32) / np.float32(255)
        made = self._repaint(frames, Wish(rows, strength, guidance, prompt, np.stack(noises), control))
        for key, name, picture in zip(rows, names, made, strict=True):
            if not np.isfinite(picture).all():
                self._failed.add(key)
                continue
            stored = (np.clip(picture, 0, 1) * 65535 + 0.5).astype(np.uint16)
            self._kept.keep(name, stored)
            self._remember(key, stored)

    def _remember(self, key: int, picture: Painted) -> None:
        self._painted[key] = picture
        while len(self._painted) > max(2 * self._batch + 2, KEPT // picture.nbytes):
            self._painted.popitem(last=False)

    def _input(self, key: int) -> Picture:
        """The source at a key, as large as the painter takes it."""
        picture = self._shelf.pictures(key, key + 1)[0]
        if self._repaint.size == (picture.shape[1], picture.shape[0]):
            return picture
        how = cv2.INTER_AREA if self._repaint.size[0] < picture.shape[1] else cv2.INTER_CUBIC
        return np.asarray(cv2.resize(picture, self._repaint.size, interpolation=how), np.uint8)

    def _values(self, key: int) -> tuple[float, ...]:
        """Strength, guidance, prompt and control of a key."""
        params = self._drive(key, key + 1).params
        return tuple(
            float(params[name][0]) if name in params else 0.0 for name in (STRENGTH, GUIDANCE, PROMPT, CONTROL)
        )

    def _source_frame(self, i: int) -> Plane:
        return self._shelf.pictures(i, i + 1)[0].astype(np.float32) / np.float32(255)

    def _averaged(self, i: int, made: Mapping[int, Plane]) -> Plane:
        """A frame and its neighbours along the motion, those farther away with less weight."""
        a, b = self._schedule.run(i)
        near = [j for j in range(max(a, i - self._window), min(b, i + self._window + 1))]
        near = [j for j in near if made[j].shape == made[i].shape]
        ways = [Ways(self._motion, j, i).back(i) if j < i else Ways(self._motion, i, j).ahead(i) for j in near]
        weights = [self._window + 1.0 - abs(i - j) for j in near]
        return smoothed([made[j] for j in near], ways, weights)

    def _fitted(self, picture: Plane) -> Plane:
        """A painted picture as large as the film."""
        if self._size == (picture.shape[1], picture.shape[0]):
            return picture
        how = cv2.INTER_LANCZOS4 if self._size[0] > picture.shape[1] else cv2.INTER_AREA
        return np.asarray(np.clip(cv2.resize(picture, self._size, interpolation=how), 0, 1), np.float32)
