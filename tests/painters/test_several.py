"""Several pictures, several painters."""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest

from avwalk.contracts import Frames
from avwalk.errors import OptionError, PainterError
from avwalk.painters.contract import Painting, PaintRequest
from avwalk.painters.several import estimate, paint_all, seeds_from, share_out


class Slow:
    """Counts how many paint at once."""

    remote = True

    def __init__(self, kind: str, jobs: int, price: float | None = None, fails: tuple[int, ...] = ()) -> None:
        self.kind, self.jobs, self.price, self.fails = kind, jobs, price, fails
        self.identity: Mapping[str, Any] = {"kind": kind}
        self.now = self.most = 0
        self.lock = threading.Lock()

    def paint(
        self,
        prompt: str,
        negative: str = "",
        seed: int = 0,
        size: tuple[int, int] = (512, 512),
        init_image: Frames | None = None,
        strength: float = 0.5,
    ) -> Painting:
        with self.lock:
            self.now += 1
            self.most = max(self.most, self.now)
        time.sleep(0.03)
        with self.lock:
            self.now -= 1
        if seed in self.fails:
            raise PainterError("it cannot")
        return Painting(np.full((2, 2, 3), seed / 100, np.float32), {"Seed": seed})


REQUESTS = seeds_from(PaintRequest("a sea", size=(8, 8)), 9)


def test_no_more_at_once_than_a_painter_takes_and_in_order() -> None:
    painter = Slow("a", 3)
    made = list(paint_all(share_out([painter], REQUESTS)))
    assert 1 < painter.most <= 3
    assert [delivery.commission.request.seed for delivery in made] == list(range(9))


def test_a_failed_picture_does_not_end_the_others() -> None:
    made = list(paint_all(share_out([Slow("a", 2, fails=(1, 4))], REQUESTS)))
    assert [k for k, delivery in enumerate(made) if delivery.error] == [1, 4]
    assert made[1].painting is None and made[1].error == "it cannot"


def test_one_of_several_by_the_seed_or_each_of_them() -> None:
    painters: list[Any] = [Slow("a", 1), Slow("b", 1)]
    chosen = [each.painter.kind for each in share_out(painters, REQUESTS, "random")]
    assert set(chosen) == {"a", "b"}
    assert chosen == [each.painter.kind for each in share_out(painters, REQUESTS, "random")]
    every = [each.painter.kind for each in share_out(painters, REQUESTS, "all")]
    assert every == ["a", "b"] * 9
    with pytest.raises(OptionError, match="several painters: say (--)?random"):
        share_out(painters, REQUESTS)


def test_an_estimate_knows_jobs_and_prices() -> None:
    work = share_out([Slow("a", 3, price=0.04)], REQUESTS)
    found = estimate(work, lambda painter: 6.0)
    assert found.pictures == 9 and found.cached == 0
    assert found.seconds == pytest.approx(18.0) and found.cost == pytest.approx(0.36)
    assert "about 18 s, cost 0.36" in found.text()
    unknown = estimate(share_out([Slow("a", 3)], REQUESTS), lambda painter: None)
    assert unknown.seconds is None and unknown.cost is None and "not known" in unknown.text()
