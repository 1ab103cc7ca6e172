"""The protocols that stages implement."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from avwalk.contracts.film import Drive, Perspective

Frames = NDArray[np.float32]
"""RGB (n, H, W, 3), float32, display-referred sRGB in [0, 1]."""


class Source(Protocol):
    """Gives frames for a range of indices."""

    def frames(self, i0: int, i1: int) -> Frames:
        """Frames [i0, i1) of the film. The same range gives the same bits, whatever was asked before."""
        ...

    @property
    def failed_frames(self) -> tuple[int, ...]:
        """Indices of frames whose own picture could not be had so far, so that one beside it is shown; ascending."""
        ...


class Generator(Protocol):
    """Draws latent positions. Built once by ``(size, seed, options)``, then stateless.

    ``finishes`` names the effects that are part of its own last pass, where they cost less; their amounts are
    parameters of the drive, 0 where the preset does not list them. ``handles`` is ``("camera",)`` where it takes the
    camera as coordinates; the pictures of others are warped.
    """

    latent_dim: int
    finishes: tuple[str, ...]
    handles: tuple[str, ...]

    def draw(self, drive: Drive) -> Frames:
        """One frame for each row of ``drive.latents``; row k does not depend on the other rows."""
        ...


@runtime_checkable
class Placed(Protocol):
    """A generator that says how its world lies; those that do not show a plane."""

    @property
    def perspective(self) -> Perspective:
        """Of its world, whatever the latent position."""
        ...


@runtime_checkable
class Batched(Protocol):
    """A generator that draws several pictures at once, whatever is asked of it."""

    def set_batch(self, batch: int | None = None) -> int:
        """Pictures drawn at once from now on: as given, else what it was before, else what a short trial finds."""
        ...


@runtime_checkable
class Fallible(Protocol):
    """A generator that can fail at single pictures, or have them blocked, and shows the ones beside them."""

    failed_frames: set[int]
    """Indices of those so far."""


@runtime_checkable
class Sketches(Protocol):
    """A generator that gives cheap pictures of positions between prompts."""

    def sketch(self, positions: NDArray[np.floating]) -> Frames:
        """Pictures of positions (n,), where k is prompt k: (n, h, w, 3), small, with few steps."""
        ...


@runtime_checkable
class Previewable(Protocol):
    """A generator that can show any frame in the small for next to nothing."""

    def meter(self, drive: Drive) -> NDArray[np.float32]:
        """Of each row: log2 of the luminance, before exposure, of a dark and of a bright point, (n, 2)."""
        ...

    def thumbnails(self, drive: Drive) -> Frames:
        """Of each row the picture, about 64×36 in the film's shape, (n, h, w, 3)."""
        ...

    def fault(self, thumbnails: Frames) -> float:
        """How badly pictures are composed; 0: well."""
        ...


@runtime_checkable
class RendersPasses(Protocol):
    """A generator that knows more of every pixel than its colour."""

    def passes(self, drive: Drive, names: Sequence[str]) -> Mapping[str, NDArray[np.float32]]:
        """Passes of each row, of the size of its picture, before any effect.

        Args:
            drive: frames that follow each other.
            names: out of those below.

        Returns:
            depth: (n, H, W), 0 near to 1 far, the same for the same world in every frame.
            normal: (n, H, W, 3), unit vectors to the right, upwards, to the viewer.
            mask: (n, H, W), 0 to 1: the subject.
            flow: (n, H, W, 2), pixels to the right and downwards: what is at p in a row was at p + flow in the row
                before. The first row has none before it, and 0.
        """
        ...


class Effect(Protocol):
    """Maps frames to frames, cheaply.

    ``needs = (before, after)`` frames are put around the frames asked for (fewer at the film's ends) and
    the effect returns as many frames as it got; the caller drops the extra ones.
    """

    needs: tuple[int, int]

    def apply(self, frames: Frames, drive: Drive) -> Frames:
        """Frames of the same shape. May write into ``frames`` and return it."""
        ...


Memory = NDArray[np.float32]
"""What an effect with feedback keeps between two frames, such as its last picture (H, W, 3)."""


@runtime_checkable
class Feedback(Protocol):
    """An effect that follows from frame to frame, and forgets.

    ``needs = (W, 0)``: begun afresh W frames earlier it gives the same bits, so keeping its memory is a saving and
    never a state: a frame remains a function of the W frames before it.
    """

    needs: tuple[int, int]

    def follow(self, frames: Frames, drive: Drive, memory: Memory | None) -> tuple[Frames, Memory]:
        """Frames of the same shape, and the memory after the last of them; may write into both. None: begins afresh."""
        ...


Event = Mapping[str, Any]
"""What a run reports: ``event`` is one of resolved, plan, segment, progress, kept, done, warning."""
