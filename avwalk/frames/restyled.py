"""The frames of a plan before its effects: from its generators or its file, restyled by diffusion if it says so."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from avwalk.arrays.fit import Fit
from avwalk.arrays.interpolation import slerp_float32
from avwalk.contracts import Drive, Frames, RendersPasses, Source
from avwalk.diffusion.conditioning import Conditioning
from avwalk.diffusion.tiers import Placement
from avwalk.effects.camera import Camera
from avwalk.frames.compose import GeneratorSource
from avwalk.frames.files import FolderSource, VideoSource, open_source
from avwalk.frames.generators import GeneratorPool
from avwalk.frames.painted import PainterRepaint, cuts_of
from avwalk.frames.timed_pictures import TimedPictures
from avwalk.generators.stable_diffusion import open_painter, working_size
from avwalk.plan.plan import Plan
from avwalk.plan.source_time import TIME
from avwalk.restyle.controlnet import canny, near_is_white, scribble
from avwalk.restyle.key_cache import KeyCache, cache_folder
from avwalk.restyle.optical_flow import Flows
from avwalk.restyle.restyled import Coherence, Footage, KeyRequest, Repaint, Restyled
from avwalk.restyle.schedule import Schedule
from avwalk.spec import RestyleSpec

Plane = NDArray[np.float32]
Guide = Callable[[Sequence[int], Frames], Frames]
BATCH = 8  # keys painted at once on a card; the painter makes that fit its memory


class FileSource:
    """A video or a folder of pictures as the camera of a film sees it.

    Args:
        source: its pictures on the film's clock.
        camera: of the preset.
        drive: parameters of frames [i0, i1).
    """

    def __init__(self, source: Source, camera: Camera, drive: Callable[[int, int], Drive]) -> None:
        self._source, self._camera, self._drive = source, camera, drive

    @property
    def failed_frames(self) -> tuple[int, ...]:
        """Frames whose picture could not be had."""
        return self._source.failed_frames

    def frames(self, i0: int, i1: int) -> Frames:
        """Frames [i0, i1), counted from the start of the song."""
        return self._camera.apply(self._source.frames(i0, i1), self._drive(i0, i1))


class FollowingSource:
    """A video or a folder of pictures at the times of its own that a plan has for it, see `avwalk.plan.source_time`.

    Args:
        source: the file or folder.
        plan: with the curve of these times.
    """

    def __init__(self, source: VideoSource | FolderSource | TimedPictures, plan: Plan) -> None:
        self._source, self._plan = source, plan

    @property
    def failed_frames(self) -> tuple[int, ...]:
        """Frames whose picture could not be had."""
        return self._source.failed_frames

    def frames(self, i0: int, i1: int) -> Frames:
        """Frames [i0, i1), counted from the start of the song."""
        return self._source.frames_at([Fraction(float(time)) for time in self._plan.drive(i0, i1).params[TIME]])


class DiffusionRepaint:
    """Paints frames by image-to-image diffusion; see `avwalk.restyle.restyled.Repaint`.

    Args:
        restyle: of the film.
        size: of the film.
        device: ``"cpu"``, ``"cuda"`` or ``"mps"``.
        compile: let torch compile the blocks of the network.
        guide: what a ControlNet sees of frames (their indices and pictures), (n, h, w, 3); None: there is none.
    """

    def __init__(
        self,
        restyle: RestyleSpec,
        size: tuple[int, int],
        device: str,
        guide: Guide | None = None,
        *,
        compile: bool = False,
    ) -> None:
        self._guide = guide
        decisive = ("model", "recipe", "prompts", "negative", "safety", "chunks", "control")
        self.settings: Mapping[str, Any] = {name: restyle.to_json()[name] for name in decisive}
        if compile:
            self.settings = {**self.settings, "compile": True}  # key frames differ in their last bits
        self.size = working_size(size, int(restyle.recipe["size"]))
        texts = tuple(dict.fromkeys([*restyle.prompts, *([restyle.negative] if restyle.negative else [])]))
        recipe = json.dumps(dict(restyle.recipe), sort_keys=True)
        self._painter, self._words = open_painter(
            restyle.model,
            recipe,
            texts,
            restyle.chunks,
            restyle.safety,
            Placement(device, compile=compile),
            True,
            restyle.control.model if restyle.control else "",
        )
        self._rows = [self._words.rows[text] for text in restyle.prompts]
        self._negative = self._words.rows[restyle.negative] if restyle.negative else None
        self._steps = int(restyle.recipe["steps"])
        self.noise_shape: tuple[int, int, int] = self._painter.noise([0], self.size).shape[1:]

    def __call__(self, frames: Frames, wish: KeyRequest) -> Frames:
        """Pictures (n, h, w, 3), one for each; those that failed or were blocked are NaN."""
        words, failed_frames = self._words, list[int]()
        tokens = np.stack([self._said(words.tokens, at) for at in wish.prompt])
        pooled = None if words.pooled is None else np.stack([self._said(words.pooled, at) for at in wish.prompt])
        no = self._negative
        towards = Conditioning(
            tokens,
            wish.guidance,
            pooled,
            None if no is None else words.tokens[no],
            None if no is None or words.pooled is None else words.pooled[no],
            None if self._guide is None else self._guide(wish.indices, frames),
            None if self._guide is None else wish.control,
        )
        made = self._painter.repaint(
            frames, towards, wish.noise, wish.strength, self._steps, failed_frames=failed_frames
        )
        made[failed_frames] = np.nan
        return np.asarray(made)

    def _said(self, rows: Plane, at: float) -> Plane:
        k = min(int(at), len(self._rows) - 1)
        return slerp_float32(rows[self._rows[k]], rows[self._rows[min(k + 1, len(self._rows) - 1)]], float(at) - k)


class Beside:
    """The middle of one source beside the middle of another: the left half of the picture, and the right.

    Args:
        left: of the same size as
        right: the other.
    """

    def __init__(self, left: Source, right: Source) -> None:
        self._left, self._right = left, right

    @property
    def failed_frames(self) -> tuple[int, ...]:
        """Frames whose picture could not be had."""
        return self._right.failed_frames

    def frames(self, i0: int, i1: int) -> Frames:
        """Frames [i0, i1), counted from the start of the song, with a thin dark line down the middle."""
        frames = self._right.frames(i0, i1).copy()
        half = frames.shape[2] // 2
        middle = slice((frames.shape[2] - half) // 2, (frames.shape[2] - half) // 2 + half)
        both = self._left.frames(i0, i1)[:, :, middle], frames[:, :, middle].copy()
        frames[:, :, :half], frames[:, :, -half:] = both
        frames[:, :, half - 1 : frames.shape[2] - half + 1] = 0.02
        return frames


def source_before_effects(plan: Plan, generators: GeneratorPool) -> Source:
    """Frames of a plan before its effects: of its generators or its file, painted anew if it says so."""
    restyle, source = plan.film.look.restyle, source_before_restyle(plan, generators)
    if not restyle:
        return source
    repaint: Repaint
    if restyle.painter:
        repaint = painter = PainterRepaint(restyle, plan.size)
        batch = painter.batch
    else:
        guide = _guide(plan, restyle, generators)
        repaint = DiffusionRepaint(restyle, plan.size, plan.film.device, guide, compile=plan.film.compile)
        batch = 1 if plan.film.device == "cpu" else BATCH
    exact = None if plan.film.source or restyle.motion == "seen" else _flows(plan, generators)
    made = Restyled(
        Footage(source, plan.size, plan.drive, exact, refine=restyle.motion == "both"),
        repaint,
        Schedule(plan.first, plan.last, restyle.every, cuts_of(plan)),
        Coherence(restyle.seed, restyle.noise, restyle.between, restyle.window),
        film=(plan.i0, plan.i1),
        key_cache=KeyCache(cache_folder()),
        batch=batch,
    )
    return Beside(source, made) if restyle.beside else made


def source_before_restyle(plan: Plan, generators: GeneratorPool) -> Source:
    """Frames of the generators or the file of a plan; without any effect where something comes over them."""
    if not plan.film.source:
        return GeneratorSource(plan, generators, bare=plan.film.look.restyle is not None)
    camera = plan.preset.camera
    opened_file = open_source(Path(generators.source), plan.size, plan.fps, fit=camera.fit, end=plan.film.source.end)
    shown: Source = FollowingSource(opened_file, plan) if plan.film.source.follows else opened_file
    drive = _zoomed_only(plan.drive) if isinstance(opened_file, TimedPictures) else plan.drive
    return FileSource(shown, Camera(symmetry=camera.symmetry, map=camera.map), drive)


def _zoomed_only(drive: Callable[[int, int], Drive]) -> Callable[[int, int], Drive]:
    """What a camera needs to know over pictures that have a slow one of their own: hits zoom, nothing turns or pans."""

    def still(i0: int, i1: int) -> Drive:
        own = drive(i0, i1)
        rest = {name: np.zeros(i1 - i0, np.float32) for name in _TURNS if name in own.params}
        return replace(own, params={**own.params, **rest})

    return still


_TURNS = ("camera.angle", "camera.x", "camera.y", "camera.depth")


def _guide(plan: Plan, restyle: RestyleSpec, generators: GeneratorPool) -> Guide | None:
    """What the ControlNet of a film sees, in the size that it is painted in."""
    if not restyle.control:
        return None
    kind, images = restyle.control.kind, plan.preset.restyle.control_images
    size = working_size(plan.size, int(restyle.recipe["size"]))
    if images:
        pictures = open_source(Path(images), size, plan.fps, fit="crop")
        return lambda indices, frames: np.concatenate([pictures.frames(i, i + 1) for i in indices])
    if kind in ("canny", "scribble"):
        draw = canny if kind == "canny" else scribble
        return lambda indices, frames: draw(frames)

    def known(indices: Sequence[int], frames: Frames) -> Frames:
        """Depth or mask, exact."""
        planes = [_pass(plan, generators, i, kind) for i in indices]
        shown = near_is_white(np.stack(planes)) if kind == "depth" else np.repeat(np.stack(planes)[..., None], 3, 3)
        return Fit(size).apply(np.asarray(shown, np.float32))

    return known


def _pass(plan: Plan, generators: GeneratorPool, i: int, name: str) -> Plane:
    """What the generator of a frame knows of it, (h, w)."""
    shot = next(shot for shot in plan.shots if shot.i0 <= i < shot.i1)
    generator = generators.of_shot(shot)
    assert isinstance(generator, RendersPasses)
    return np.asarray(generator.passes(plan.drive(i, i + 1), (name,))[name][0], np.float32)


def _flows(plan: Plan, generators: GeneratorPool) -> Flows | None:
    """The source's own flow, where its generators know it."""
    if not isinstance(generators.of_shot(plan.shots[0]), RendersPasses):
        return None

    def flows(i0: int, i1: int) -> Sequence[Plane | None]:
        found: list[Plane | None] = []
        for i in range(i0, i1):
            shot = next((s for s in plan.shots if s.i0 < i < s.i1), None)
            melting = any(s.i0 - s.lead <= i < s.i0 for s in plan.shots)
            generator = generators.of_shot(shot) if shot else None
            if i <= plan.first or melting or not isinstance(generator, RendersPasses):
                found.append(None)
            else:
                found.append(np.asarray(generator.passes(plan.drive(i - 1, i + 1), ("flow",))["flow"][1]))
        return found

    return flows
