"""How strongly a film reacts, one factor on all of its routes that do."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from avwalk.config.preset import RATES
from avwalk.modulation.routes import Route
from avwalk.modulation.sources import kind_of, stem_of


def reacts(route: Route, kinds: Mapping[str, str]) -> bool:
    """Whether a route makes the picture react: to hits, or to a level that moves a value.

    A level that drives a speed is the walk itself, and what is generated, drawn or counted has heard nothing.
    """
    kind = kind_of(route.signal, kinds)
    if kind == "impulse":
        return True
    heard = route.signal in kinds or stem_of(route.signal, kinds) is not None
    return kind == "level" and heard and not (route.integrate or route.target in RATES)


def with_intensity(routes: Iterable[Route], intensity: float, kinds: Mapping[str, str]) -> tuple[Route, ...]:
    """The routes in their places, the amounts of those that react times a factor.

    Args:
        routes: of a preset.
        intensity: 0: nothing reacts, the worlds still walk; 1: as the preset has it; 2: twice as much.
        kinds: of the song's signals.
    """
    if intensity == 1:
        return tuple(routes)
    return tuple(
        route.model_copy(update={"amount": replace(route.amount, value=route.amount.value * intensity)})
        if reacts(route, kinds)
        else route
        for route in routes
    )
