"""Restyles key frames by a painter: a service, or avwalk's own drawing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from avwalk.contracts import Frames
from avwalk.errors import PainterError, PlanError
from avwalk.generators.stable_diffusion import working_size
from avwalk.painters.cached import identity_sha
from avwalk.painters.contract import PaintRequest
from avwalk.painters.registry import open_painter
from avwalk.painters.several import Commission, paint_all
from avwalk.restyle.restyled import KeyRequest
from avwalk.spec import RestyleSpec


class PainterRepaint:
    """Paints frames by a painter, from picture to picture; see `avwalk.restyle.restyled.Repaint`.

    Args:
        restyle: of the film.
        size: of the film.

    Raises:
        PlanError: the painter is another than when the film was planned.
        PainterError: it cannot run here.
    """

    noise_shape = (1, 1, 1)

    def __init__(self, restyle: RestyleSpec, size: tuple[int, int]) -> None:
        self._restyle, self._painter = restyle, open_painter(restyle.painter)
        if identity_sha(self._painter.identity) != restyle.model:
            raise PlanError(f"painter '{restyle.painter}' is another than this film was planned with; add --fresh")
        self.size = working_size(size, int(restyle.recipe["size"]))
        self.batch = self._painter.jobs
        self.settings: Mapping[str, Any] = {
            "painter": dict(self._painter.identity),
            "prompts": list(restyle.prompts),
            "negative": restyle.negative,
            "seed": restyle.seed,
        }

    def __call__(self, frames: Frames, wish: KeyRequest) -> Frames:
        """Pictures (n, h, w, 3), one for each; those that the service blocked are NaN."""
        prompts, made = self._restyle.prompts, np.empty((len(frames), self.size[1], self.size[0], 3), np.float32)
        work = []
        for frame, at, strength in zip(frames, wish.prompt, wish.strength, strict=True):
            prompt = prompts[min(len(prompts) - 1, round(float(at)))]
            request = PaintRequest(
                prompt, self._restyle.negative, self._restyle.seed, self.size, frame, float(np.clip(strength, 0, 1))
            )
            work.append(Commission(self._painter, request))
        for k, delivery in enumerate(paint_all(work)):
            if delivery.painting is not None:
                made[k] = delivery.painting.picture
            elif delivery.blocked:
                made[k] = np.nan
            else:
                raise PainterError(delivery.error)
        return made
