"""The source of a planned film: a generator with a path, then the effects."""

from __future__ import annotations

from avwalk.config import targets
from avwalk.contracts import Effect, Frames, Generator
from avwalk.effects.explain import Explain
from avwalk.features.signals import KINDS
from avwalk.plan import Plan
from avwalk.score.routes import parse_route


class DrawnSource:
    """Frames of a plan: drawn by its generator, passed through its effects.

    Effects that need neighbours get them: the range is widened by the sum of what they need, cut at the ends
    of the film, and the extra frames are dropped.
    """

    def __init__(self, plan: Plan, generator: Generator, effects: tuple[Effect, ...]) -> None:
        self._plan, self._generator, self._effects = plan, generator, effects
        self._before = sum(effect.needs[0] for effect in effects)
        self._after = sum(effect.needs[1] for effect in effects)

    def frames(self, i0: int, i1: int) -> Frames:
        """Frames [i0, i1), counted from the start of the song: (i1 − i0, H, W, 3) float32 in [0, 1]."""
        a, b = max(self._plan.i0, i0 - self._before), min(self._plan.i1, i1 + self._after)
        drive = self._plan.drive(a, b)
        frames = self._generator.draw(drive)
        for effect in self._effects:
            frames = effect.apply(frames, drive)
        return frames[i0 - a : i1 - a]


def explained(plan: Plan) -> Effect:
    """The last stage of a film that explains itself: the parameters that its routes move, as lanes."""
    routes = [parse_route(text, KINDS) for text in plan.film["preset"]["values"]["routes"]]
    names = [name for name in dict.fromkeys(route.target for route in routes) if name in plan.params]
    units = {name: targets()[name].unit.replace("×", "x") for name in names if len(targets()[name].unit) < 3}
    return Explain({name: plan.params[name] for name in names}, units, plan.i0, plan.fps)
