"""The frames of a plan: generators drawn shot by shot, cross-faded where shots meet, then effects."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

import numpy as np

from avwalk.arrays.crossfade import crossfade
from avwalk.arrays.fit import Fit
from avwalk.arrays.level import bring_to_level
from avwalk.config.preset import targets
from avwalk.contracts import LEVEL, Drive, Effect, Fallible, Feedback, Frames, Memory, PresetSpan, Shot, Source
from avwalk.effects.camera import Camera
from avwalk.effects.explain import Explain
from avwalk.effects.fade import Fade
from avwalk.effects.writing.text import Area
from avwalk.frames.generators import GeneratorPool
from avwalk.frames.matter import MatterLayer
from avwalk.modulation.silence import FADE
from avwalk.plan.plan import Plan, alive


class GeneratorSource:
    """Frames of a plan as its generators draw them and the camera sees them, before any effect but their own.

    Args:
        plan: what is drawn.
        generators: what draws.
        bare: without the effects that a generator finishes itself: something comes between it and them.
    """

    def __init__(self, plan: Plan, generators: GeneratorPool, *, bare: bool = False) -> None:
        self._plan, self._generators, self._bare = plan, generators, bare
        camera, device = plan.preset.camera, plan.film.device
        self._fit = Fit(plan.size, camera.fit, model=plan.preset.upscale.model, device=device)
        self._camera = Camera(symmetry=camera.symmetry, map=camera.map)
        self._matter = MatterLayer(plan)

    def frames(self, i0: int, i1: int) -> Frames:
        """Frames [i0, i1), counted from the start of the song: (i1 − i0, H, W, 3) float32 in [0, 1]."""
        return levelled(draw_shots(self._plan, i0, i1, self._seen), self._plan, i0)

    @property
    def failed_frames(self) -> tuple[int, ...]:
        """Frames whose own picture could not be had so far."""
        generators = {id(g): g for g in map(self._generators.of_shot, self._plan.shots)}.values()
        return tuple(sorted({i for g in generators if isinstance(g, Fallible) for i in g.failed_frames}))

    def _seen(self, shot: Shot, drive: Drive) -> Frames:
        """Frames of a shot's generator, as the camera sees them."""
        generator = self._generators.of_shot(shot)
        if self._bare:
            none = {f"{name}.amount": np.zeros(len(drive), np.float32) for name in generator.finishes}
            drive = replace(drive, params={**drive.params, **none})
        frames = self._fit.apply(generator.draw(drive))
        frames = frames if "camera" in generator.handles else self._camera.apply(frames, drive)
        return self._matter.apply(frames, shot, drive, generator)


class FinishedSource:
    """Frames of a source, passed through effects.

    Effects that need neighbours get them: the range is widened by the sum of what they need, cut where the song
    begins and ends, and the extra frames are dropped. Effects with feedback go on from what they kept when a thread
    asks for the frames after those it asked for last; else the frames that they need are drawn again.

    Args:
        source: gives the frames.
        effects: in this order.
        drive: what they need to know of frames [i0, i1).
        span: first frame that there is, and one past the last: those of the plan, its margins included.
    """

    def __init__(
        self, source: Source, effects: tuple[Effect, ...], drive: Callable[[int, int], Drive], span: tuple[int, int]
    ) -> None:
        self._source, self._effects, self._drive, self._span = source, effects, drive, span
        self._before = sum(effect.needs[0] for effect in effects)
        self._after = sum(effect.needs[1] for effect in effects)
        plain = [effect for effect in effects if not isinstance(effect, Feedback)]
        self._follows = len(plain) < len(effects) and all(effect.needs == (0, 0) for effect in plain)
        self._last = threading.local()

    @property
    def failed_frames(self) -> tuple[int, ...]:
        """Frames whose own picture could not be had so far, so that one beside it is shown."""
        return self._source.failed_frames

    def frames(self, i0: int, i1: int) -> Frames:
        """Frames [i0, i1), counted from the start of the song: (i1 − i0, H, W, 3) float32 in [0, 1]."""
        if self._follows:
            return self._followed(i0, i1)
        a, b = max(self._span[0], i0 - self._before), min(self._span[1], i1 + self._after)
        return self._passed(a, b, {})[i0 - a : i1 - a]

    def _followed(self, i0: int, i1: int) -> Frames:
        """Frames [i0, i1), with effects that follow from frame to frame."""
        last = self._last
        memories: dict[int, Memory] = last.memories if getattr(last, "at", None) == i0 else {}
        at = i0 if memories else max(self._span[0], i0 - self._before)
        last.at = None  # until all is well
        while at < i0:  # no more at once than was asked for: memory stays what it was
            self._passed(at, min(i0, at + i1 - i0), memories)
            at = min(i0, at + i1 - i0)
        frames = self._passed(i0, i1, memories)
        last.at, last.memories = i1, memories
        return frames

    def _passed(self, i0: int, i1: int, memories: dict[int, Memory]) -> Frames:
        """Frames [i0, i1) through the effects; ``memories``, by place of the effect, go on behind them."""
        frames = self._source.frames(i0, i1)
        drive = self._drive(i0, i1)
        for k, effect in enumerate(self._effects):
            if isinstance(effect, Feedback):
                frames, memories[k] = effect.follow(frames, drive, memories.get(k))
            else:
                frames = effect.apply(frames, drive)
        return frames


class Montage:
    """A film in several presets: each has the picture in its spans; then what is written over all of them.

    Args:
        preset_spans: without gaps over the film.
        sources: name of the preset → its frames.
        overlays: effects of the whole film.
        drive: what the overlays need to know of frames [i0, i1).
    """

    def __init__(
        self,
        preset_spans: Sequence[PresetSpan],
        sources: Mapping[str, Source],
        overlays: Sequence[Effect],
        drive: Callable[[int, int], Drive],
    ) -> None:
        self._turns, self._sources, self._overlays, self._drive = preset_spans, sources, overlays, drive

    @property
    def failed_frames(self) -> tuple[int, ...]:
        """Frames whose own picture could not be had so far, in any preset."""
        return tuple(sorted({i for source in self._sources.values() for i in source.failed_frames}))

    def frames(self, i0: int, i1: int) -> Frames:
        """Frames [i0, i1), counted from the start of the song: (i1 − i0, H, W, 3) float32 in [0, 1]."""
        runs = []
        for span in self._turns:
            a, b = max(i0, span.i0), min(i1, span.i1)
            if a < b:
                runs.append(self._sources[span.preset].frames(a, b))
        frames = np.concatenate(runs) if len(runs) > 1 else runs[0]
        for span in self._turns:
            a, b = max(i0, span.i0 - span.lead), min(i1, span.i0)
            if a < b:
                for j, picture in enumerate(self._sources[span.preset].frames(a, b)):
                    share = (a + j - (span.i0 - span.lead) + 1) / (span.lead + 1)
                    crossfade(frames[a + j - i0], picture, share)
        for effect in self._overlays:
            frames = effect.apply(frames, self._drive(i0, i1))
        return frames


def draw_shots(plan: Plan, i0: int, i1: int, draw: Callable[[Shot, Drive], Frames]) -> Frames:
    """Frames [i0, i1) of all shots, those that come in over those that go."""
    runs = []
    for k, shot in enumerate(plan.shots):
        a, b = max(i0, shot.i0), min(i1, shot.i1)
        if a < b:
            runs.append(draw(shot, replace(plan.drive(a, b), births=alive(plan.born(k), a, b))))
    frames = np.concatenate(runs) if len(runs) > 1 else runs[0]
    for k, shot in enumerate(plan.shots):
        a, b = max(i0, shot.i0 - shot.lead), min(i1, shot.i0)
        if a < b and plan.shots[0].i0 < shot.i0:
            coming = draw(shot, plan.lead(k, a, b))
            for j, picture in enumerate(coming):
                share = (a + j - (shot.i0 - shot.lead) + 1) / (shot.lead + 1)
                crossfade(frames[a + j - i0], picture, share)
    return frames


def levelled(frames: Frames, plan: Plan, i0: int) -> Frames:
    """Frames from ``i0`` on as bright as the plan wants them, in place; as they are where it does not say."""
    i1 = i0 + len(frames)
    if LEVEL not in plan.params:
        return frames
    levels = plan.drive(i0, i1).params[LEVEL].astype(np.float64)
    for shot, lead in zip(plan.shots, plan.leads, strict=True):
        a, b = max(i0, shot.i0 - shot.lead), min(i1, shot.i0)
        if a < b and LEVEL in lead:  # of a loop: its beginning comes in
            at = np.arange(a, b) - (shot.i0 - shot.lead)
            levels[a - i0 : b - i0] += (at + 1) / (shot.lead + 1) * (lead[LEVEL][at] - levels[a - i0 : b - i0])
    for picture, level in zip(frames, levels.tolist(), strict=True):
        bring_to_level(picture, level)
    return frames


def overlays(plan: Plan) -> list[Effect]:
    """The last stages of a film: what is written over it, how it ends, lanes of its routes if it explains them, and a
    picture over all of it."""
    found: list[Effect] = []
    taken: Sequence[Area] = ()
    if plan.captions:
        from avwalk.effects.writing.text import Text

        text = Text(plan.captions, plan.size, plan.preset.text)
        found, taken = [text], text.areas if plan.lyrics else ()
    if plan.lyrics:
        from avwalk.effects.writing.lyrics import Lyrics

        found.append(Lyrics(plan.lyrics, plan.size, plan.preset.text, plan.film.profile, taken))
    if FADE in plan.params:
        found.append(Fade(FADE))
    if plan.film.explain:
        units = {name: targets()[name].unit.replace("×", "x") for name in plan.lanes if len(targets()[name].unit) < 3}
        found.append(Explain(plan.lanes, units, plan.lane_start, plan.fps, plan.lane_ranges))
    if (over := plan.film.overlay) is not None:
        from avwalk.effects.overlay import Overlay

        picture = plan.pictures["overlay"]
        found.append(Overlay(picture, plan.size, over.place, over.size, over.margin, over.opacity))
    return found
