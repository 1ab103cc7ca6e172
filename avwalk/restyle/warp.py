"""Interpolates frames between painted keyframes by warping them along the optical flow from both sides."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np

from avwalk.contracts import Frames
from avwalk.restyle.optical_flow import LOW, FlowField, Motion, Plane, composed, identity_flow, resized_flow, sampled

INTERPOLATIONS = ("carry", "fade", "hold")
SOFT = 1.5  # sigma of the confidence's smoothing, flow pixels


class KeyFlows:
    """Flows from every frame between two keyframes to both of them.

    Args:
        motion: of the source.
        a: the keyframe before, or the first frame.
        b: the keyframe after, or the last frame.
    """

    def __init__(self, motion: Motion, a: int, b: int) -> None:
        self._a, self._steps = a, motion.steps(a, b)
        self._size = motion.size
        self._back, self._ahead = [identity_flow(motion.size)], [identity_flow(motion.size)]

    def back(self, i: int) -> FlowField | None:
        """Flow from frame ``i`` to ``a``; None over a cut."""
        n = i - self._a
        if any(step.cut for step in self._steps[:n]):
            return None
        while len(self._back) <= n:
            self._back.append(composed(self._steps[len(self._back) - 1].back, self._back[-1]))
        return self._back[n]

    def ahead(self, i: int) -> FlowField | None:
        """Flow from frame ``i`` to ``b``; None over a cut."""
        n = len(self._steps) - (i - self._a)
        if any(step.cut for step in self._steps[len(self._steps) - n :]):
            return None
        while len(self._ahead) <= n:
            self._ahead.append(composed(self._steps[len(self._steps) - len(self._ahead)].ahead, self._ahead[-1]))
        return self._ahead[n]


def warped(picture: Plane, flow: FlowField) -> tuple[Plane, Plane]:
    """A painted picture warped by a flow, (H, W, 3), and its confidence, (H, W).

    Cubic, so that warped frames are as sharp as painted ones.
    """
    h, w = picture.shape[:2]
    moved = sampled(picture, resized_flow(flow.flow, (w, h)), cv2.INTER_CUBIC, cv2.BORDER_REFLECT_101)
    known = cv2.resize(cv2.GaussianBlur(flow.confidence, (0, 0), SOFT), (w, h), interpolation=cv2.INTER_LINEAR)
    return np.clip(moved, 0, 1, out=moved), np.asarray(known, np.float32)


def between(a: Plane, b: Plane, to_before: FlowField | None, to_after: FlowField | None, share: float) -> Plane:
    """Interpolates between painted pictures ``a`` and ``b`` at ``share``, (H, W, 3).

    Blended by confidence: where one side is unreliable the other is used; where both are, a cross-fade of the warped
    pictures, and where both flows leave the picture, of the unwarped ones.

    Args:
        a: picture of the keyframe before, (H, W, 3).
        b: picture of the keyframe after.
        to_before: flow from the frame to ``a``; None: a cut lies between.
        to_after: flow to ``b``.
        share: 0 to 1.
    """
    if to_before is None or to_after is None:
        if to_before is None and to_after is None:
            return a + np.float32(share) * (b - a)
        return warped_alone(a, to_before) if to_before is not None else warped_alone(b, to_after)
    (old, old_known), (new, new_known) = warped(a, to_before), warped(b, to_after)
    mixed = cv2.blendLinear(old, new, np.float32(1 - share) * old_known, np.float32(share) * new_known)
    known = np.minimum(np.maximum(old_known, new_known) / np.float32(LOW), 1)
    if float(known.min()) < 1:
        faded = cv2.addWeighted(a, 1 - share, b, share, 0)
        mixed = cv2.blendLinear(mixed, faded, known, 1 - known)
    return np.asarray(mixed, np.float32)


def warped_alone(picture: Plane, flow: FlowField | None) -> Plane:
    """A frame warped from a single picture, mirrored beyond its edges."""
    return picture if flow is None else warped(picture, flow)[0]


def averaged(runs: Sequence[Frames], flows: Sequence[FlowField | None], weights: Sequence[float]) -> Plane:
    """Pictures of neighbouring frames warped to one frame and averaged by confidence.

    Args:
        runs: pictures (H, W, 3).
        flows: from the frame to each of them; None: a cut lies between.
        weights: of each, > 0.
    """
    mean, sum_ = runs[0], np.zeros(runs[0].shape[:2], np.float32)
    for picture, flow, weight in zip(runs, flows, weights, strict=True):
        if flow is not None:
            moved, known = warped(picture, flow)
            mean = np.asarray(cv2.blendLinear(mean, moved, sum_, np.float32(weight) * known), np.float32)
            sum_ = sum_ + np.float32(weight) * known
    return mean
