"""The subject's mask of every frame, as an alpha channel: shots that melt melt in it too."""

from __future__ import annotations

import numpy as np

from avwalk.arrays.fit import Fit
from avwalk.contracts import Drive, Frames, RendersPasses, Shot, Source
from avwalk.frames.compose import Montage, draw_shots
from avwalk.frames.generators import GeneratorPool
from avwalk.plan.plan import Plan


class WithAlpha:
    """Frames of a source with an alpha channel: (n, H, W, 4), straight, not premultiplied.

    Args:
        source: gives the colours.
        plan: of the film, whose subjects the alpha shows.
        generators: which render masks.
    """

    def __init__(self, source: Source, plan: Plan, generators: GeneratorPool) -> None:
        self._source = source
        whole = _Masks(plan, generators)
        presets = {name: _Masks(own, generators.of_preset(name)) for name, own in plan.presets.items()}
        spans = plan.preset_spans
        self._masks: Source = Montage(spans, {**presets, "": whole}, (), plan.drive) if spans else whole

    @property
    def failed_frames(self) -> tuple[int, ...]:
        """Of the source."""
        return self._source.failed_frames

    def frames(self, i0: int, i1: int) -> Frames:
        """Frames [i0, i1): (i1 − i0, H, W, 4) float32 in [0, 1]."""
        return np.concatenate([self._source.frames(i0, i1), self._masks.frames(i0, i1)[..., :1]], axis=-1)


class _Masks:
    """Masks of one preset's shots as grey pictures, so that they melt as pictures do."""

    failed_frames: tuple[int, ...] = ()

    def __init__(self, plan: Plan, generators: GeneratorPool) -> None:
        self._plan, self._generators = plan, generators
        self._fit = Fit(plan.size, plan.preset.camera.fit)  # of a film that is upscaled

    def frames(self, i0: int, i1: int) -> Frames:
        """Frames [i0, i1): (i1 − i0, H, W, 3) float32 in [0, 1], all three the same."""
        return draw_shots(self._plan, i0, i1, self._mask)

    def _mask(self, shot: Shot, drive: Drive) -> Frames:
        generator = self._generators.of_shot(shot)
        assert isinstance(generator, RendersPasses)  # as the request was checked for
        mask = generator.passes(drive, ("mask",))["mask"][..., None]
        return self._fit.apply(np.repeat(np.asarray(mask, np.float32), 3, axis=-1))
