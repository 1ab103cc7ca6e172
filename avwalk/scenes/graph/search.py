"""Path search over the stops of a sequence: beam search with dynamic programming, exact within a budget.

Path costs, lexicographic: pictures repeated out of turn; immediate returns; hops more or fewer than requested;
transitions to render, each once. In turn means: where a sequence visits a scene more often than it has pictures, all
are shown before one repeats. In a scene of two pictures returns are unavoidable.

A state is the current picture and the relevant past: which pictures of coming scenes were shown, and which transitions
were rendered that may be reused. Of paths in the same state only the cheapest is kept (dynamic programming). If there
are too many states, those with the smallest cost plus lower bound are kept (beam search); the bound is exact but for
repetitions. The beam starts with width 1 and widens until the path is proved optimal or the budget is spent.
"""

from __future__ import annotations

import heapq
import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeAlias

REPEAT, BOUNCE, DETOUR, NEW = 1 << 72, 1 << 54, 1 << 36, 1 << 16
"""Costs of a picture out of turn, an immediate return, a hop more or less, and a transition to render."""
BEGUN = NEW - 1
"""Cost of a partial transition: of paths with equally many to render, the one that completes more is better."""
BUDGET = 200_000  # steps examined: about a third of a second

TransitionCost = Callable[[int, int], int | None]


@dataclass(frozen=True)
class Stop:
    """A row of the sequence, pictures as numbers.

    Attributes:
        pictures: of its scene.
        hops: requested inside of it.
        start: its first picture; None: any.
        least: hops inside of it, at least.
        most: hops inside of it, at most.
        free: it is entered without a rendered transition.
    """

    pictures: tuple[int, ...]
    hops: int
    start: int | None = None
    least: int = 0
    most: int = 0
    free: bool = False

    @property
    def starts(self) -> tuple[int, ...]:
        """Possible first pictures."""
        return self.pictures if self.start is None else (self.start,)


@dataclass(frozen=True)
class SearchResult:
    """A path found by the search.

    Attributes:
        visits: (stop, picture), in order.
        cost: as in the module's description.
        proven: proved optimal.
    """

    visits: tuple[tuple[int, int], ...]
    cost: int
    proven: bool


_Path: TypeAlias = "tuple[_Path, int, int] | None"  # what came before, stop, picture
_Key = tuple[int, int, int, frozenset[tuple[int, int]]]  # picture, shown ones, previous one, rendered transitions
_State = tuple[int, _Key, _Path]  # cost first
_Layer = dict[_Key, _State]
_Table = dict[int, list[tuple[int, int]]]  # picture → (successor, cost) pairs
_Position = tuple[int, int]  # stop, hops done inside of it


class Search:
    """Paths along stops.

    Args:
        stops: in order, each with pictures.
        costs: (a, b) → cost of that transition: 0, `BEGUN` or `NEW`; None: it does not exist. Symmetric.
    """

    def __init__(self, stops: Sequence[Stop], costs: TransitionCost) -> None:
        self._stops = stops
        self._bits = [sum(1 << picture for picture in stop.pictures) for stop in stops]
        visits: dict[int, int] = {}
        for stop, bits in zip(stops, self._bits, strict=True):
            visits[bits] = visits.get(bits, 0) + stop.hops + 1
        self._crowded = [visits[bits] > bits.bit_count() for bits in self._bits]
        self._note_repeats()
        self._inner, self._outer = [], []
        for k, stop in enumerate(stops):
            self._inner.append(_table(stop.pictures, stop.pictures, costs) if stop.most else {})
            if k + 1 < len(stops):
                after = stops[k + 1]
                cost: TransitionCost = (lambda a, b: 0) if after.free else costs
                self._outer.append(_table(stop.pictures, after.starts, cost))
        self._ahead = self._bound_costs()
        self._inner_on = {
            (k, j): _leading(self._inner[k], self._ahead[k, j + 1]) for k, j in self.positions() if j < stops[k].most
        }
        self._outer_on = [_leading(self._outer[k], self._ahead[k + 1, 0]) for k in range(len(stops) - 1)]

    def _note_repeats(self) -> None:
        """Precomputes which past pictures matter from each stop on: those of scenes that recur."""
        n = len(self._stops)
        self._kept, self._again, self._later = [0] * n, [0] * n, [0] * n
        kept = again = later = 0
        for k in reversed(range(n)):
            kept |= self._bits[k]
            again |= self._bits[k] if self._crowded[k] else 0
            self._kept[k], self._again[k], self._later[k] = kept, again, later
            start = self._stops[k].start
            if start is not None:
                again |= 1 << start
                later |= 1 << start

    def positions(self) -> Iterator[_Position]:
        """(stop, hops done inside of it), in order."""
        return ((k, j) for k, stop in enumerate(self._stops) for j in range(stop.most + 1))

    def _bound_costs(self) -> dict[_Position, dict[int, int]]:
        """Position → picture → lower bound of the remaining cost; dead ends are omitted."""
        ahead: dict[_Position, dict[int, int]] = {}
        for k, j in reversed(list(self.positions())):
            stop, last = self._stops[k], k + 1 == len(self._stops)
            found: dict[int, int] = {}
            for a in stop.pictures if j else stop.starts:
                costs = []
                if j >= stop.least:
                    off = DETOUR * abs(j - stop.hops)
                    if last:
                        costs.append(off)
                    else:
                        there = ahead[k + 1, 0]
                        ways = self._outer[k][a]
                        back = self._bits[k - 1] if k and not j else 0
                        costs += [off + self._least(a, b, w, back) + there[b] for b, w in ways if b in there]
                if j < stop.most:
                    there = ahead[k, j + 1]
                    costs += [self._least(a, b, w) + there[b] for b, w in self._inner[k][a] if b in there]
                if costs:
                    found[a] = min(costs)
            ahead[k, j] = found
        return ahead

    def _least(self, a: int, b: int, way: int, back: int = 0) -> int:
        """Lower bound of a transition's cost: 0 if it may have been rendered before on this path."""
        again = self._again[0]
        return 0 if again >> b & 1 and (again >> a & 1 or back >> b & 1) else way

    def reachable(self) -> dict[_Position, set[int]]:
        """Position → reachable pictures, up to and including the first position without any."""
        found: dict[_Position, set[int]] = {place: set() for place in self.positions()}
        found[0, 0] = set(self._stops[0].starts)
        for k, j in self.positions():
            for a in found[k, j]:
                if j < self._stops[k].most:
                    found[k, j + 1].update(b for b, _ in self._inner[k][a])
                if j >= self._stops[k].least and k + 1 < len(self._stops):
                    found[k + 1, 0].update(b for b, _ in self._outer[k][a])
        return found

    @property
    def possible(self) -> bool:
        """Whether there is any path."""
        return bool(self._ahead[0, 0])

    def best(self, rng: random.Random) -> SearchResult | None:
        """The cheapest path, ties broken at random; None: there is none."""
        if not self.possible:
            return None
        bound, best = min(self._ahead[0, 0].values()), None
        width, spent = 1, 0
        while True:
            end, steps, cut = self._pass(width, rng, best[0] if best else None)
            best = end or best
            assert best is not None, "a search that cuts keeps what leads to the end"
            spent += steps
            if not cut or best[0] == bound:
                return SearchResult(_visits(best), best[0], True)
            wider = min(8, (BUDGET - spent) // steps)  # as many times the steps
            if wider < 2:
                return SearchResult(_visits(best), best[0], False)
            width *= wider

    def _pass(self, width: int, rng: random.Random, below: int | None) -> tuple[_State | None, int, bool]:
        """One beam search: the cheapest end state below a cost, steps examined, and whether states were dropped."""
        layers: dict[_Position, _Layer] = {place: {} for place in self.positions()}
        first = [(a, 0) for a in self._ahead[0, 0]]
        self._step((0, (-1, 0, -1, frozenset()), None), first, 0, layers[0, 0], rng, entry=True)
        cut, steps, ends = False, 0, list[_State]()
        for k, j in self.positions():
            stop, ahead = self._stops[k], self._ahead[k, j]
            states = [s for s in layers.pop((k, j)).values() if below is None or s[0] + ahead[s[1][0]] < below]
            if len(states) > width:
                cut = True
                states = heapq.nsmallest(width, states, key=lambda s: (s[0] + ahead[s[1][0]], rng.random()))
            on = self._inner_on[k, j] if j < stop.most else {}
            out = self._outer_on[k] if j >= stop.least and k + 1 < len(self._stops) else {}
            for state in states:
                cost, key, path = state
                left = (cost + DETOUR * abs(j - stop.hops), key, path)
                if out:
                    steps += len(out[key[0]])
                    self._step(left, out[key[0]], k + 1, layers[k + 1, 0], rng, entry=True)
                elif j >= stop.least and k + 1 == len(self._stops):
                    ends.append(left)
                if on:
                    steps += len(on[key[0]]) << self._crowded[k]  # of a longer memory, which takes longer
                    self._step(state, on[key[0]], k, layers[k, j + 1], rng, entry=False)
        end = min(ends, key=lambda s: (s[0], rng.random()), default=None)
        return (None if end and below is not None and end[0] >= below else end), steps, cut

    def _step(
        self, state: _State, ways: list[tuple[int, int]], k: int, layer: _Layer, rng: random.Random, *, entry: bool
    ) -> None:
        """Adds the successors of a state at stop ``k`` to a layer: of equal states the cheaper, ties at random."""
        spent, (a, shown, _, drawn), path = state
        before = state[1][2]
        bits, crowded, again = self._bits[k], self._crowded[k], self._again[k]
        shown &= self._kept[k]
        given = entry and self._stops[k].start is not None and not crowded  # who shows it elsewhere pays for it
        barred = 0 if given else shown | (0 if crowded else self._later[k])
        back = a if crowded and path and bits.bit_count() > 2 else -1
        kept = frozenset(p for p in drawn if again >> p[0] & 1 and again >> p[1] & 1) if drawn else drawn
        for b, way in ways:
            bit, cost, walked = 1 << b, spent, kept
            if barred & bit:
                cost += REPEAT
            if b == before:
                cost += BOUNCE
            if way:
                pair = (a, b) if a < b else (b, a)
                if pair not in drawn:
                    cost += way
                    walked = kept | {pair} if again >> a & 1 else kept  # at once, or when both come again
            now = shown | bit
            if crowded and now & bits == bits:
                now &= ~bits
            key = (b, now, back, walked)
            other = layer.get(key)
            if other is None or cost < other[0] or (cost == other[0] and rng.random() < 0.5):
                layer[key] = (cost, key, (path, k, b))


def _table(pictures: Sequence[int], others: Sequence[int], cost: TransitionCost) -> dict[int, list[tuple[int, int]]]:
    """Picture → (successor, cost) pairs."""
    found: dict[int, list[tuple[int, int]]] = {}
    for a in pictures:
        priced = [(b, cost(a, b)) for b in others if b != a]
        found[a] = [(b, price) for b, price in priced if price is not None]
    return found


def _leading(table: _Table, ahead: dict[int, int]) -> _Table:
    """A table without dead ends."""
    return {a: [way for way in ways if way[0] in ahead] for a, ways in table.items()}


def _visits(state: _State) -> tuple[tuple[int, int], ...]:
    visits = []
    path = state[2]
    while path is not None:
        path, k, b = path
        visits.append((k, b))
    return tuple(reversed(visits))
