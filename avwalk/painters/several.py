"""Many pictures by one painter or several: who paints which, how many at once, what it will take."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import numpy as np

from avwalk.contracts import Frames
from avwalk.errors import OptionError, PainterError
from avwalk.painters.answers import NoPicture
from avwalk.painters.cached import CachedPainter
from avwalk.painters.contract import Painter, Painting, PaintRequest

_PURPOSE = 0xFA1


class Commission(NamedTuple):
    """A picture to be painted, and who paints it."""

    painter: Painter
    request: PaintRequest


class Delivery(NamedTuple):
    """A picture that was painted, or why it was not.

    Attributes:
        commission: what was to be painted.
        painting: None if it failed.
        error: empty if it did not.
        seconds: that it took.
        blocked: the picture came, and shows nothing.
    """

    commission: Commission
    painting: Painting | None
    error: str
    seconds: float
    blocked: bool = False


@dataclass(frozen=True)
class Estimate:
    """What pictures will take.

    Attributes:
        pictures: how many.
        cached: of these, how many are kept from before.
        seconds: for the others; None: nothing like them was painted yet.
        cost: of the others, in the currency of the prices; None: a price is not known.
    """

    pictures: int
    cached: int
    seconds: float | None
    cost: float | None

    def text(self) -> str:
        """One line."""
        rest = self.pictures - self.cached
        said = f"{self.pictures} pictures, {self.cached} of them kept from before; {rest} to paint"
        if not rest:
            return said + ", so nobody is asked"
        time_said = "time not known yet" if self.seconds is None else f"about {_duration(self.seconds)}"
        cost = "price not known (add ?price=N to the painter)" if self.cost is None else f"cost {self.cost:g}"
        return f"{said}, {time_said}, {cost}"

    def before(self, line: str) -> dict[str, Any]:
        """Its numbers for an event, and one line for people: what comes first, then the line of the film."""
        numbers: dict[str, Any] = {"pictures": self.pictures, "pictures_kept": self.cached}
        numbers |= {"painting_seconds": self.seconds, "painting_cost": self.cost}
        return numbers | {"line": f"{self.text()}; then {line}"}


def share_out(painters: Sequence[Painter], requests: Iterable[PaintRequest], how: str = "") -> list[Commission]:
    """Who paints which picture.

    Args:
        painters: one or several.
        requests: in order.
        how: ``"random"``: one of the painters, by the picture's seed; ``"all"``: each of them.

    Raises:
        OptionError: several painters, and it is not said how.
    """
    if how not in ("", "random", "all"):
        raise OptionError(f"'{how}' is no way to share pictures out; use random or all")
    if len(painters) > 1 and not how:
        raise OptionError("several painters: say --random for one of them for each picture, or --all for every one")
    found = []
    for request in requests:
        if how == "random":
            rng = np.random.default_rng([request.seed & 0xFFFFFFFFFFFFFFFF, _PURPOSE])
            found.append(Commission(painters[int(rng.integers(len(painters)))], request))
        else:
            found += [Commission(painter, request) for painter in painters]
    return found


def paint_all(commissions: Sequence[Commission]) -> Iterator[Delivery]:
    """Paints pictures, as many at once as each painter takes; in order. A failed one does not end the others."""
    pools: dict[int, ThreadPoolExecutor] = {}
    try:
        jobs = []
        for commission in commissions:
            key = id(commission.painter)
            if key not in pools:
                pools[key] = ThreadPoolExecutor(commission.painter.jobs, "painter")
            jobs.append(pools[key].submit(_painted, commission))
        for job in jobs:
            yield job.result()
    finally:
        for pool in pools.values():
            pool.shutdown(wait=False, cancel_futures=True)


def estimate(commissions: Sequence[Commission], seconds_each: Callable[[Painter], float | None]) -> Estimate:
    """What pictures will take.

    Args:
        commissions: the pictures.
        seconds_each: seconds of a picture by a painter, as measured; None: not known.
    """
    rest = [
        each for each in commissions if not (isinstance(each.painter, CachedPainter) and each.painter.has(each.request))
    ]
    prices = [each.painter.price for each in rest]
    known = [price for price in prices if price is not None]
    each_takes = [seconds_each(each.painter) for each in rest]
    times = [taken for taken in each_takes if taken is not None]
    load: dict[int, float] = {}
    for commission, taken in zip(rest, each_takes, strict=True):
        key = id(commission.painter)
        load[key] = load.get(key, 0.0) + (taken or 0.0) / commission.painter.jobs
    return Estimate(
        len(commissions),
        len(commissions) - len(rest),
        max(load.values(), default=0.0) if len(times) == len(rest) else None,
        sum(known) if len(known) == len(prices) else None,
    )


def seeds_from(request: PaintRequest, count: int) -> list[PaintRequest]:
    """A request with so many seeds, from its own on."""
    return [replace(request, seed=request.seed + k) for k in range(count)]


def paint_one(commission: Commission) -> Frames:
    """The picture of a commission, (H, W, 3).

    Raises:
        PainterError: it cannot be painted.
    """
    painter, r = commission
    return painter.paint(r.prompt, r.negative, r.seed, r.size, r.init_image, r.strength).picture


def _painted(commission: Commission) -> Delivery:
    painter, r = commission
    begun = time.monotonic()
    try:
        painting = painter.paint(r.prompt, r.negative, r.seed, r.size, r.init_image, r.strength)
    except PainterError as error:
        return Delivery(commission, None, str(error), time.monotonic() - begun, isinstance(error, NoPicture))
    return Delivery(commission, painting, "", time.monotonic() - begun)


def _duration(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds < 90 else f"{seconds / 60:.0f} min"
