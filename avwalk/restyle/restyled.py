"""A source restyled by image-to-image diffusion: keyframes are painted, frames between are warped from them."""

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
from avwalk.restyle.frame_cache import FrameCache, Picture
from avwalk.restyle.key_cache import KeyCache, KeyImage, name_of
from avwalk.restyle.noise import SPAN, Noise
from avwalk.restyle.optical_flow import Flows, Motion, Plane
from avwalk.restyle.schedule import Schedule
from avwalk.restyle.warp import INTERPOLATIONS, KeyFlows, averaged, between, warped_alone

STRENGTH, GUIDANCE, PROMPT = "restyle.input_image_strength", "restyle.unconditional_guidance_scale", "restyle.prompt"
CONTROL = "restyle.control_scale"
HOLD = 4  # failed keyframes in a row that are bridged; beyond, the source is shown
KEY_BYTES = 96 * 1024 * 1024  # bytes of painted keys in memory


@dataclass(frozen=True)
class KeyRequest:
    """Diffusion parameters of a batch of keyframes, one row each.

    Attributes:
        indices: of their frames, counted from the start of the song.
        strength: of image-to-image, 0 to 1.
        guidance: guidance scale.
        prompt: position on the list of prompts: 1.25 is a quarter from the second to the third.
        noise: (n, channels, h, w), standard normal.
        control: ControlNet conditioning scale, if any.
    """

    indices: tuple[int, ...]
    strength: NDArray[np.float32]
    guidance: NDArray[np.float32]
    prompt: NDArray[np.float32]
    noise: NDArray[np.float32]
    control: NDArray[np.float32]


class Repaint(Protocol):
    """Image-to-image painter of a batch; rows are independent.

    Attributes:
        settings: JSON values that determine its pictures besides the request: model sha256, prompts, steps, scheduler,
            size.
        size: width and height of its input.
        noise_shape: (channels, h, w) of its initial noise.
    """

    settings: Mapping[str, Any]
    size: tuple[int, int]
    noise_shape: tuple[int, int, int]

    def __call__(self, frames: Frames, wish: KeyRequest) -> Frames:
        """Pictures (n, H, W, 3) of any size, one for each; a row that failed or was blocked is NaN."""
        ...


@dataclass(frozen=True)
class Footage:
    """What is restyled, and what is known of it.

    Attributes:
        source: its frames; no effects.
        size: width and height of them, and of what is made of them.
        drive: parameters of frames [i0, i1), see `avwalk.plan.build.Plan.drive`; strength and guidance are theirs.
        flows: its exact flow, or None.
        refine: refine exact flow by optical flow of the source; all its frames are drawn for it.
    """

    source: Source
    size: tuple[int, int]
    drive: Callable[[int, int], Drive]
    flows: Flows | None = None
    refine: bool = False


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


def reach(every: int, coherence: Coherence) -> tuple[int, int]:
    """How many frames back and ahead of a frame its restyled picture depends on at most.

    On the keys on both sides, and where these fail on those beyond; a key's noise on the motion that carried it there.
    """
    keys = coherence.window + (HOLD + 1) * every
    return keys + (2 * SPAN if coherence.noise == "carried" else 0), keys


class Restyled:
    """The restyled frames of a source; a frame is a function of (plan, index).

    Failed keyframes are bridged by their neighbours and reported by `failed_frames`.

    Args:
        footage: the source, and what is known of it.
        repaint: the painter.
        schedule: the keyframes.
        coherence: how other frames follow from them.
        film: frames that will be asked for; None: all of the schedule. Only keys that they need are painted.
        batch: keyframes painted at once.
        key_cache: disk cache of painted keyframes.

    Raises:
        OptionError: ``between`` or ``noise`` is unknown.
    """

    def __init__(
        self,
        footage: Footage,
        repaint: Repaint,
        schedule: Schedule,
        coherence: Coherence,
        *,
        film: tuple[int, int] | None = None,
        batch: int = 1,
        key_cache: KeyCache | None = None,
    ) -> None:
        between = coherence.between
        if between not in INTERPOLATIONS:
            raise OptionError(f"restyle.between '{between}' is unknown; use {', '.join(INTERPOLATIONS)}")
        self._repaint, self._schedule, self._size, self._drive = repaint, schedule, footage.size, footage.drive
        self._between, self._window, self._batch = between, coherence.window, max(1, batch)
        self._source_frames = FrameCache(footage.source)
        self._motion = Motion(self._source_frames, footage.size, footage.flows, refine=footage.refine)
        self._noise = Noise(coherence.seed, repaint.noise_shape, schedule, self._motion, coherence.noise)
        self._key_cache = key_cache or KeyCache(None)
        i0, i1 = film or (schedule.i0, schedule.i1)
        self._needed = i0 - self._window - schedule.every, i1 + self._window + schedule.every
        self._painted: OrderedDict[int, KeyImage] = OrderedDict()
        self._failed: set[int] = set()
        self._lock = threading.RLock()  # one painting at a time: it fills the machine

    @property
    def failed_frames(self) -> tuple[int, ...]:
        """Keyframes that could not be painted so far."""
        with self._lock:
            return tuple(sorted(self._failed))

    def frames(self, i0: int, i1: int) -> Frames:
        """Frames [i0, i1), counted from the start of the song: (i1 − i0, H, W, 3) float32 in [0, 1]."""
        a, b = max(self._schedule.i0, i0 - self._window), min(self._schedule.i1, i1 + self._window)
        key_flows: dict[tuple[int, int], KeyFlows] = {}
        made = {i: self._made(i, key_flows) for i in range(a, b)}
        if self._window:
            made = {i: self._averaged(i, made) for i in range(i0, i1)}
        return np.stack([self._fitted(made[i]) for i in range(i0, i1)])

    def _made(self, i: int, key_flows: dict[tuple[int, int], KeyFlows]) -> Plane:
        """A frame at the painter's size; ``key_flows`` caches the flows between keyframes."""
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
        if (before, after) not in key_flows:
            key_flows[before, after] = KeyFlows(self._motion, before, after)
        flows = key_flows[before, after]
        return between(a, b, flows.back(i), flows.ahead(i), share)

    def _from_one(self, key: int, i: int) -> Plane:
        """A frame warped from a single keyframe."""
        picture = self._picture(key)
        if key == i or self._between != "carry":
            return picture
        flow = KeyFlows(self._motion, key, i).back(i) if key < i else KeyFlows(self._motion, i, key).ahead(i)
        return warped_alone(picture, flow)

    def _sides(self, i: int) -> tuple[int | None, int | None]:
        """The painted keyframes around a frame, at most `HOLD` beyond the nearest."""
        before, after = self._schedule.around(i)
        return self._good(before, -1), self._good(after, 1)

    def _good(self, key: int, direction: int) -> int | None:
        """The first paintable keyframe from this one on in a direction, within its run."""
        (a, b), place = self._schedule.run(key), self._schedule.index(key)
        for k in range(place, place + direction * (HOLD + 1), direction):
            if not (0 <= k < len(self._schedule.keys) and a <= self._schedule.keys[k] < b):
                return None
            if self._ensure_key(self._schedule.keys[k]):
                return self._schedule.keys[k]
        return None

    def _picture(self, key: int) -> Plane:
        """A painted keyframe, (h, w, 3) in [0, 1]."""
        with self._lock:
            self._ensure_key(key)
            self._painted.move_to_end(key)
            picture = self._painted[key]
        return picture.astype(np.float32) / np.float32(65535)

    def _ensure_key(self, key: int) -> bool:
        """Paints a keyframe's batch if needed; False if it failed."""
        with self._lock:
            if key not in self._painted and key not in self._failed:
                first = self._schedule.index(key) // self._batch * self._batch
                block = self._schedule.keys[first : first + self._batch]
                a, b = self._needed
                own = [k for k in block if k == key or a < k < b]
                self._paint([k for k in own if k not in self._painted and k not in self._failed])
            return key not in self._failed

    def _paint(self, keys: Sequence[int]) -> None:
        """Paints the keyframes that are not cached, in one batch."""
        todo: list[tuple[int, str, Picture, Plane, tuple[float, ...]]] = []
        for key in keys:
            picture, noise, values = self._input(key), self._noise.of(key), self._values(key)
            name = name_of(picture, self._repaint.settings, values, noise)
            cached = self._key_cache.find(name)
            if cached is not None:
                self._remember(key, cached)
            else:
                todo.append((key, name, picture, noise, values))
        if not todo:
            return
        rows, names, pictures, noises, values_ = zip(*todo, strict=True)
        strength, guidance, prompt, control = np.array(values_, np.float32).T
        frames = np.stack(pictures).astype(np.float32) / np.float32(255)
        made = self._repaint(frames, KeyRequest(rows, strength, guidance, prompt, np.stack(noises), control))
        for key, name, picture in zip(rows, names, made, strict=True):
            if not np.isfinite(picture).all():
                self._failed.add(key)
                continue
            stored = (np.clip(picture, 0, 1) * 65535 + 0.5).astype(np.uint16)
            self._key_cache.store(name, stored)
            self._remember(key, stored)

    def _remember(self, key: int, picture: KeyImage) -> None:
        self._painted[key] = picture
        while len(self._painted) > max(2 * self._batch + 2, KEY_BYTES // picture.nbytes):
            self._painted.popitem(last=False)

    def _input(self, key: int) -> Picture:
        """The source frame of a keyframe at the painter's size."""
        picture = self._source_frames.pictures(key, key + 1)[0]
        if self._repaint.size == (picture.shape[1], picture.shape[0]):
            return picture
        how = cv2.INTER_AREA if self._repaint.size[0] < picture.shape[1] else cv2.INTER_CUBIC
        return np.asarray(cv2.resize(picture, self._repaint.size, interpolation=how), np.uint8)

    def _values(self, key: int) -> tuple[float, ...]:
        """Strength, guidance, prompt and control of a keyframe."""
        params = self._drive(key, key + 1).params
        return tuple(
            float(params[name][0]) if name in params else 0.0 for name in (STRENGTH, GUIDANCE, PROMPT, CONTROL)
        )

    def _source_frame(self, i: int) -> Plane:
        return self._source_frames.pictures(i, i + 1)[0].astype(np.float32) / np.float32(255)

    def _averaged(self, i: int, made: Mapping[int, Plane]) -> Plane:
        """A frame averaged with its warped neighbours, triangular weights."""
        a, b = self._schedule.run(i)
        near = [j for j in range(max(a, i - self._window), min(b, i + self._window + 1))]
        near = [j for j in near if made[j].shape == made[i].shape]
        flows = [KeyFlows(self._motion, j, i).back(i) if j < i else KeyFlows(self._motion, i, j).ahead(i) for j in near]
        weights = [self._window + 1.0 - abs(i - j) for j in near]
        return averaged([made[j] for j in near], flows, weights)

    def _fitted(self, picture: Plane) -> Plane:
        """A painted picture at the film's size."""
        if self._size == (picture.shape[1], picture.shape[0]):
            return picture
        how = cv2.INTER_LANCZOS4 if self._size[0] > picture.shape[1] else cv2.INTER_AREA
        return np.asarray(np.clip(cv2.resize(picture, self._size, interpolation=how), 0, 1), np.float32)
