"""Where text may stand."""

from __future__ import annotations

import pytest

from avwalk.effects.safe_area import safe_area


@pytest.mark.parametrize(
    ("size", "profile", "area"),
    [
        ((1000, 500), "youtube", (50, 25, 950, 475)),
        ((1000, 1000), "square", (50, 50, 950, 950)),
        ((1000, 2000), "vertical", (50, 200, 880, 1600)),
        ((1000, 2000), "story", (50, 280, 880, 1600)),
        ((1000, 500), "story", (50, 25, 950, 475)),
    ],
)
def test_margins_are_those_of_the_players(
    size: tuple[int, int], profile: str, area: tuple[float, float, float, float]
) -> None:
    assert safe_area(size, profile) == pytest.approx(area)
