"""Routes that prepare a drop (anticipation) and open it (release); they need the drop's time in advance.

Before a drop the camera narrows, saturation and speeds decrease, then a beat of near-stillness; the release is on the
drop's own frame. Each line is a route at full strength; presets scale it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from avwalk.modulation.routes import Amount, Route, parse_route

ANTICIPATION = (
    "build -> camera.zoom +18% exp d-41",
    "time_to_drop -> camera.zoom +12% exp w8b d-41 max",  # a drop without a build-up is awaited, too
    "build -> palette.saturation -75% smoothstep d-41",
    "build -> light.gain -25% smoothstep d-41",
    "build -> walk.speed -85% smoothstep d-41 *",
    "build -> cppn.flow -85% smoothstep d-41 *",
    "build -> camera.dive -85% smoothstep d-41 *",
    "time_to_drop -> walk.speed -100% w1b g0.01 d-41 *",
    "time_to_drop -> cppn.flow -100% w1b g0.01 d-41 *",
    "time_to_drop -> camera.dive -100% w1b g0.01 d-41 *",
)
"""``d-41``: a frame early at 12.5 fps, one or two at others, so that the restraint has ended on the drop's frame."""
RELEASE = (
    "drop -> camera.zoom -17% s1.1:0.35",
    "drop -> cppn.warp +25% s1.5:0.4",
    "drop -> light.gain +35% r1.5b",
    "drop -> bloom.amount +1.2 r2b",
    "drop ~> cppn.flow +4 r3b",
    "drop ~> walk.speed +4 r4b",
)


def programmes(anticipation: float, release: float, kinds: Mapping[str, str]) -> tuple[Route, ...]:
    """The routes of both programmes with scaled amounts; none at 0.

    Args:
        anticipation: 0 to 1.
        release: 0 to 1.
        kinds: of the song's signals.
    """
    found = []
    for lines, share in ((ANTICIPATION, anticipation), (RELEASE, release)):
        for line in lines if share > 0 else ():
            route = parse_route(line, kinds)
            found.append(route.model_copy(update={"amount": _scaled(route.amount, share)}))
    return tuple(found)


def _scaled(amount: Amount, share: float) -> Amount:
    return replace(amount, value=amount.value * share)
