"""Optical flow of the source between consecutive frames, in both directions, with a confidence per pixel.

Exact flow where the source knows it, else OpenCV's DIS (T. Kroeger et al., "Fast optical flow using dense inverse
search", ECCV 2016) on luma. The confidence is the forward-backward consistency (N. Sundaram,
T. Brox, K. Keutzer, "Dense point trajectories by GPU-accelerated large displacement optical flow", ECCV 2010).
All at a limited size; flow is smooth, and is enlarged with the pictures that it carries.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Sequence
from typing import NamedTuple, Protocol

import cv2
import numpy as np
from numpy.typing import NDArray

from avwalk.restyle.frame_cache import FrameCache, Picture

Plane = NDArray[np.float32]
LONGER = 320  # pixels of the longer side, at most, at which flow is found and kept: finer is only slower
INVERSE_ROUNDS = 6  # of g = −f(p + g): the error shrinks with the slope of the flow, a few hundredths
ALIKE = 0.93  # correlation of detail below which a step may be a cut; moved pictures have 0.97 and more
BENT = 0.06  # mean slope of flow above which it is one: between unrelated pictures DIS finds irregular flow
LOW = 0.02  # confidence of inconsistent flow inside the picture: better than nothing
FLAT = 4.0  # slope of luma, of 255 a pixel, below which flow is ill-defined: soft light moves too
COARSE = 4  # downscaling of smooth fields
REACH = 12.0  # sigma over which flat places follow their surroundings, pixels; beyond, flow is 0
DETAIL = 6.0  # sigma that parts detail from light, pixels; finer detail is grain
MAX_STEPS = 96  # steps in memory, all workers together: 1.4 MB each at 320×180


class Flows(Protocol):
    """Exact flow of a source, where it is known."""

    def __call__(self, i0: int, i1: int) -> Sequence[Plane | None]:
        """Of frames [i0, i1) each (h, w, 2): the content at p was at p + flow in the frame before, in pixels of its own
        size, to the right and downwards; None where that is not known, as after a cut.
        """
        ...


class FlowField(NamedTuple):
    """Optical flow from one frame to another.

    Attributes:
        flow: (h, w, 2), pixels to the right and downwards.
        confidence: (h, w), 0 to 1.
    """

    flow: Plane
    confidence: Plane


class FlowStep(NamedTuple):
    """Flow between frame i − 1 and frame i.

    Attributes:
        back: from frame i to the one before.
        ahead: from frame i − 1 to the next.
        cut: the frames are unrelated.
    """

    back: FlowField
    ahead: FlowField
    cut: bool


class Motion:
    """The motion of a source; a step is a function of the plan and its index.

    Args:
        frames: the source's frames; read where exact flow is missing or to be refined.
        size: width and height of the source's frames.
        flows: exact flow, or None.
        refine: add the optical flow that remains after the exact flow; source frames must be drawn for it.
    """

    def __init__(
        self, frames: FrameCache, size: tuple[int, int], flows: Flows | None = None, *, refine: bool = False
    ) -> None:
        self._source_frames, self._flows, self._refine = frames, flows, refine
        shrink = min(1.0, LONGER / max(size))
        self.size = max(16, round(size[0] * shrink)), max(16, round(size[1] * shrink))
        self._kept: OrderedDict[int, FlowStep] = OrderedDict()
        self._lock = threading.Lock()

    def steps(self, a: int, b: int) -> list[FlowStep]:
        """The steps that lead from frame ``a`` to frame ``b``, ascending: b − a of them."""
        with self._lock:
            found = {i: self._kept[i] for i in range(a + 1, b + 1) if i in self._kept}
        for i in range(a + 1, b + 1):
            if i not in found:
                found[i] = self._estimate(i)
                with self._lock:
                    self._kept[i] = found[i]
                    while len(self._kept) > MAX_STEPS:
                        self._kept.popitem(last=False)
        return [found[i] for i in range(a + 1, b + 1)]

    def _estimate(self, i: int) -> FlowStep:
        exact = self._flows(i, i + 1)[0] if self._flows else None
        back = None if exact is None else resized_flow(exact, self.size)
        if back is not None and not self._refine:
            ahead = inverse(back)
            return FlowStep(
                FlowField(back, flow_confidence(back, ahead)), FlowField(ahead, flow_confidence(ahead, back)), cut=False
            )
        before, now = (luma(picture, self.size) for picture in self._source_frames.pictures(i - 1, i + 1))
        return estimate_step(before, now, back)


def estimate_step(before: Picture, now: Picture, exact: Plane | None = None) -> FlowStep:
    """The step between two pictures by optical flow.

    Args:
        before: luma, (h, w).
        now: the same of the next frame.
        exact: known flow from ``now`` to ``before``, (h, w, 2); only the residual is estimated.
    """
    start = np.zeros((*now.shape, 2), np.float32) if exact is None else exact
    start_ahead = start if exact is None else inverse(exact)
    residual = optical(now, sampled_luma(before, start))
    residual_ahead = optical(before, sampled_luma(now, start_ahead))
    back, ahead = composed_flow(residual, start), composed_flow(residual_ahead, start_ahead)
    cut = exact is None and is_torn(back, now, before)
    confidence, confidence_ahead = flow_confidence(back, ahead), flow_confidence(ahead, back)
    texture, texture_before = texturedness(now), texturedness(before)
    back = composed_flow(regularised(residual, texture, confidence), start)
    ahead = composed_flow(regularised(residual_ahead, texture_before, confidence_ahead), start_ahead)
    # in textured places the confidence from before the regularisation: else occluded places would look reliable
    confidence = texture * confidence + (1 - texture) * flow_confidence(back, ahead)
    confidence_ahead = texture_before * confidence_ahead + (1 - texture_before) * flow_confidence(ahead, back)
    return FlowStep(FlowField(back, confidence), FlowField(ahead, confidence_ahead), cut)


def composed_flow(first: Plane, then: Plane) -> Plane:
    """One flow followed by another."""
    return first + sampled(then, first)


def sampled_luma(picture: Picture, flow: Plane) -> Picture:
    """Luma warped by a flow."""
    return np.asarray(sampled(picture.astype(np.float32), flow, cv2.INTER_CUBIC).clip(0, 255) + 0.5, np.uint8)


def texturedness(picture: Picture) -> Plane:
    """Texture measure of luma, (h, w): 0 where flat, so that motion is undefined, to 1."""
    across, down = (cv2.Sobel(picture, cv2.CV_32F, dx, 1 - dx, scale=1 / 8) for dx in (1, 0))
    energy = cv2.GaussianBlur(across * across + down * down, (0, 0), 2.0)
    return np.asarray(energy / (energy + np.float32(FLAT**2)), np.float32)


def regularised(flow: Plane, textured: Plane, confidence: Plane) -> Plane:
    """Replaces flow in flat or untrusted places by that of the surroundings, or by 0 where those are unreliable too."""
    weight = textured * confidence
    small = max(1, weight.shape[1] // COARSE), max(1, weight.shape[0] // COARSE)
    near = cv2.resize(np.dstack([flow * weight[..., None], weight]), small, interpolation=cv2.INTER_AREA)
    near = cv2.GaussianBlur(near, (0, 0), REACH / COARSE)
    around = near[..., :2] / (near[..., 2:] + np.float32(0.02))
    around = cv2.resize(around, weight.shape[::-1], interpolation=cv2.INTER_LINEAR)
    return np.asarray(around + weight[..., None] * (flow - around), np.float32)


def identity_flow(size: tuple[int, int]) -> FlowField:
    """The flow of a frame to itself: 0 with confidence 1."""
    return FlowField(np.zeros((size[1], size[0], 2), np.float32), np.ones((size[1], size[0]), np.float32))


def composed(first: FlowField, then: FlowField) -> FlowField:
    """One flow followed by another, with the smaller confidence."""
    beyond, known = sampled(then.flow, first.flow), sampled(then.confidence, first.flow)
    return FlowField(first.flow + beyond, np.minimum(first.confidence, known))


def target_coordinates(flow: Plane) -> tuple[Plane, Plane]:
    """Target coordinates of a flow: columns and rows, each (h, w)."""
    h, w = flow.shape[:2]
    u, v = cv2.split(flow)
    columns, rows = np.arange(w, dtype=np.float32), np.arange(h, dtype=np.float32)[:, None]
    return np.asarray(u + columns, np.float32), np.asarray(v + rows, np.float32)


def sampled(field: Plane, flow: Plane, how: int = cv2.INTER_LINEAR, beyond: int = cv2.BORDER_REPLICATE) -> Plane:
    """A field read at p + flow, (h, w) or (h, w, c); beyond its edges as at the edge, or as OpenCV names it."""
    return np.asarray(cv2.remap(field, *target_coordinates(flow), how, borderMode=beyond), np.float32)


def flow_confidence(flow: Plane, other: Plane) -> Plane:
    """Forward-backward consistency, (h, w): 1 where consistent, `LOW` where not, 0 outside the picture."""
    x, y = target_coordinates(flow)
    back = np.asarray(cv2.remap(other, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE), np.float32)
    # to the nearest pixel: what has left by less than half of one is as good as at the edge
    inside = cv2.remap(np.ones(flow.shape[:2], np.float32), x, y, cv2.INTER_NEAREST)
    allowed = np.float32(0.01) * (_square(flow) + _square(back)) + np.float32(0.5)
    return np.asarray(np.clip(1.5 - _square(flow + back) / allowed, LOW, 1) * inside, np.float32)


def _square(flow: Plane) -> Plane:
    """Square of its length, (h, w)."""
    return np.asarray(cv2.transform(flow * flow, np.ones((1, 2), np.float32)), np.float32)


def is_torn(flow: Plane, now: Picture, before: Picture) -> bool:
    """Whether two pictures are unrelated (a cut): their flow is irregular and the warped picture does not match."""
    coarse = np.asarray(flow[::2, ::2] / 2, np.float32)
    down, across = np.diff(coarse, axis=0)[:, :-1], np.diff(coarse, axis=1)[:-1]
    if float(np.sqrt(_square(down) + _square(across)).mean()) < BENT:
        return False
    detail, warped = (
        p - cv2.GaussianBlur(p, (0, 0), DETAIL)
        for p in (now.astype(np.float32), sampled(before.astype(np.float32), flow))
    )
    likeness = float((detail * warped).sum()) / (float((detail**2).sum() * (warped**2).sum()) ** 0.5 + 1)
    return bool(likeness < ALIKE)


def inverse(flow: Plane) -> Plane:
    """The inverse flow g = −f(p + g), iterated from g = −f; approximate where f folds or tears."""
    found = -flow
    for _ in range(INVERSE_ROUNDS):
        found = -sampled(flow, found)
    return found


def resized_flow(flow: Plane, size: tuple[int, int]) -> Plane:
    """A flow for pictures of another size (width, height)."""
    h, w = flow.shape[:2]
    if (w, h) == size:
        return flow
    how = cv2.INTER_AREA if size[0] < w else cv2.INTER_LINEAR
    enlarged = np.array([size[0] / w, size[1] / h], np.float32)
    resized = np.asarray(cv2.resize(flow, size, interpolation=how), np.float32)
    return np.multiply(resized, enlarged, out=resized)


def optical(now: Picture, then: Picture) -> Plane:
    """DIS optical flow: content at p in ``now`` is at p + flow in ``then``; both luma (h, w)."""
    seeker = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_MEDIUM)
    return np.asarray(seeker.calc(now, then, np.zeros((*now.shape, 2), np.float32)), np.float32)


def luma(picture: Picture, size: tuple[int, int]) -> Picture:
    """Luma at a size (width, height), 8 bits."""
    grey = cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY)
    return np.asarray(cv2.resize(grey, size, interpolation=cv2.INTER_AREA), np.uint8)
