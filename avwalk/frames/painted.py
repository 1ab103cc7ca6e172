"""Restyles key frames by a painter: a service, or avwalk's own drawing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from avwalk.contracts import Frames
from avwalk.errors import PainterError, PlanError
from avwalk.generators.stable_diffusion import working_size
from avwalk.painters.cached import identity_sha
from avwalk.painters.contract import PaintRequest
from avwalk.painters.pictures import estimated
from avwalk.painters.registry import open_painter
from avwalk.painters.several import Commission, Estimate, paint_all
from avwalk.painters.times import LEAST_SECONDS, remember_seconds
from avwalk.plan.plan import Plan
from avwalk.restyle.restyled import KeyRequest
from avwalk.restyle.schedule import Schedule
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
            if delivery.painting is not None and delivery.seconds >= LEAST_SECONDS:
                remember_seconds(self._painter, delivery.seconds)
            if delivery.painting is not None:
                made[k] = delivery.painting.picture
            elif delivery.blocked:
                made[k] = np.nan
            else:
                raise PainterError(delivery.error)
        return made


def keys_to_paint(plan: Plan) -> Estimate | None:
    """What the key frames of a film will take, of those of its looks that a painter restyles; None: none does.

    What the service answered before is kept, but which of the keys that are is not known before they are drawn.
    """
    work: list[Commission] = []
    spans = [(span.i0, span.i1, plan.presets[span.preset]) for span in plan.preset_spans if span.preset]
    rest = set(range(plan.first, plan.last)).difference(*(range(i0, i1) for i0, i1, _ in spans))
    for frames, each in [(rest, plan), *((range(i0, i1), preset) for i0, i1, preset in spans)]:
        restyle = each.film.look.restyle
        if restyle and restyle.painter and frames:
            schedule = Schedule(min(frames), max(frames) + 1, restyle.every, cuts_of(each))
            request = PaintRequest(" ".join(restyle.prompts), size=working_size(plan.size, int(restyle.recipe["size"])))
            work += [Commission(open_painter(restyle.painter), request)] * sum(key in frames for key in schedule.keys)
    return estimated(work) if work else None


def without_painter(plan: Plan) -> Plan:
    """The same film without what a painter restyles."""
    look = plan.film.look
    if look.restyle and look.restyle.painter:
        plan = replace(plan, film=replace(plan.film, look=replace(look, restyle=None)))
    return replace(plan, presets={name: without_painter(preset) for name, preset in plan.presets.items()})


def cuts_of(plan: Plan) -> list[int]:
    """Frames that have nothing to do with the one before."""
    return [] if plan.film.source else [shot.i0 for shot in plan.shots if not shot.lead]
