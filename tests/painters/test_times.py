"""How long painters take, by size."""

from __future__ import annotations

from typing import Any, cast

import pytest

from avwalk.painters.contract import Painter
from avwalk.painters.times import remember_seconds, seconds_each


class Named:
    def __init__(self, name: str) -> None:
        self.identity = {"kind": name}


def test_a_size_that_was_measured_goes_before_others() -> None:
    painter = cast(Painter, cast(Any, Named("a")))
    assert seconds_each(painter, (64, 64)) is None and seconds_each(painter) is None
    remember_seconds(painter, 2.0)
    assert seconds_each(painter, (64, 64)) == 2.0, "of no size, all are alike"
    remember_seconds(painter, 2.0, (8, 8))
    assert seconds_each(painter, (300, 300)) == 2.0, "small ones say nothing of large ones"
    remember_seconds(painter, 4.0, (300, 300))
    assert seconds_each(painter, (300, 300)) == 4.0
    assert seconds_each(painter, (600, 300)) == pytest.approx(8.0, rel=1e-4), "as pixels go"
    remember_seconds(painter, 3.0, (600, 300))
    assert seconds_each(painter, (600, 300)) == 3.0 and seconds_each(painter, (300, 300)) == 4.0
    assert seconds_each(cast(Painter, cast(Any, Named("b"))), (300, 300)) is None
