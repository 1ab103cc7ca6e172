"""Plans a path through the pictures of a sequence that needs the fewest new transitions.

Each row of the sequence is entered at one picture and makes ``duration`` hops inside its scene; one more hop
leads to the next row. The last row's hops count like those of the others. Criteria, in order:

1. no picture comes twice; where a scene is asked for more pictures than it has, each has come before one comes again;
2. no hop leads straight back;
3. the fewest transitions are to be rendered, or finished;
4. chance, by the seed.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from avwalk.errors import ScenesError
from avwalk.scenes.graph.graph import Graph, counted, listed
from avwalk.scenes.graph.path_csv import Hop
from avwalk.scenes.graph.search import BEGUN, NEW, Search, SearchResult, Stop, TransitionCost
from avwalk.scenes.nodes import Edge, Node
from avwalk.scenes.project.sequence_csv import SceneRow


@dataclass(frozen=True)
class ChosenPath:
    """A chosen path.

    Attributes:
        hops: in order.
        new: incomplete transitions, each once, in the order of the path.
        notes: for the artist.
    """

    hops: tuple[Hop, ...]
    new: tuple[Edge, ...]
    notes: tuple[str, ...]


def plan(graph: Graph, seed: int = 0, *, thrifty: bool = True) -> ChosenPath:
    """A path along the rows, a different one for each seed where several are as good.

    A row's ``start`` is its first picture; of several one is drawn at random, of all with ``random``.

    Args:
        graph: of the sequence.
        seed: of every choice.
        thrifty: minimise new transitions; else ignore existing ones.

    Raises:
        ScenesError: there is no path: one line for each row that stands in the way.
    """
    _check(graph.rows, graph.members)
    numbers = {node: k for k, node in enumerate(graph.nodes)}
    price = {pair: 0 if way.complete else BEGUN for way in graph.existing.values() for pair in both(way.edge, numbers)}

    def ways(a: int, b: int) -> int:
        return price.get((a, b), NEW) if thrifty else 0

    rng = random.Random(f"plan {seed}")
    stops = [stop(row, graph.members[row.scene], numbers, row.duration, row.duration) for row in graph.rows]
    stops = choose_starts(graph.rows, stops, numbers, ways, rng)
    search = Search(stops, ways)
    found = search.best(rng)
    if found is None:
        raise ScenesError(explain_no_path(graph, stops, search))
    hops = hops_of(graph, found)
    if not hops:
        row = graph.rows[0]
        raise ScenesError(
            f"{location(row)}scene '{row.scene}' is the only one, and its duration is 0: there is no hop; "
            "make it longer, or add a scene"
        )
    return ChosenPath(hops, still_new(graph, hops), (*crowded(graph.rows, graph.members), *_unproven(found, thrifty)))


def path_through(graph: Graph, nodes: Sequence[Node]) -> ChosenPath:
    """The path through given pictures.

    Args:
        graph: of the sequence.
        nodes: for each row its first picture and one for each hop.

    Raises:
        ScenesError: they do not fit the sequence: one line for each picture that does not.
    """
    _check(graph.rows, graph.members)
    wanted = [(k, row) for k, row in enumerate(graph.rows) for _ in range(row.duration + 1)]
    if len(nodes) != len(wanted):
        shares = listed((f"{row.scene} {row.duration + 1}" for row in graph.rows), 12)
        raise ScenesError(f"the path has {counted(len(nodes), 'picture')}, the sequence {len(wanted)}: {shares}")
    problems = []
    for number, (node, (_, row)) in enumerate(zip(nodes, wanted, strict=True), 1):
        if node not in graph.members[row.scene]:
            there = listed(n.id for n in graph.members[row.scene])
            problems.append(f"picture {number} of the path, {node.id}, is not of scene '{row.scene}'; it has {there}")
        elif number > 1 and node == nodes[number - 2]:
            problems.append(f"picture {number} of the path, {node.id}, is that before it; give another one")
    if problems:
        raise ScenesError("\n".join(problems))
    numbers = {node: k for k, node in enumerate(graph.nodes)}
    visits = tuple((k, numbers[node]) for node, (k, _) in zip(nodes, wanted, strict=True))
    hops = hops_of(graph, SearchResult(visits, 0, True))
    return ChosenPath(hops, still_new(graph, hops), ())


def stop(row: SceneRow, members: Sequence[Node], numbers: Mapping[Node, int], least: int, most: int) -> Stop:
    """A row as a stop of the search, without its start."""
    pictures = tuple(numbers[node] for node in members)
    return Stop(pictures, row.duration, None, least, most, free=row.transition is not None)


def choose_starts(
    rows: Sequence[SceneRow],
    stops: Sequence[Stop],
    numbers: Mapping[Node, int],
    cost: TransitionCost,
    rng: random.Random,
) -> list[Stop]:
    """The stops with their starts: fixed ones first, then random ones that leave a path.

    A picture that starts another row is used only if there is no other.
    """
    found = list(stops)
    several = []
    for k, row in enumerate(rows):
        if row.start is not None:
            nodes = [numbers[node] for node in row.start] if row.start != "random" else list(found[k].pictures)
            rng.shuffle(nodes)
            several.append((k, nodes))
    several.sort(key=lambda one: len(one[1]) > 1)
    for k, nodes in several:
        taken = {other.start for other in found}
        nodes.sort(key=lambda picture: picture in taken)
        found[k] = replace(found[k], start=nodes[0])
    if Search(found, cost).possible:
        return found
    found = [replace(stop, start=None) for stop in found]
    for k, nodes in several:
        tries = [[*found[:k], replace(found[k], start=picture), *found[k + 1 :]] for picture in nodes]
        found = next((one for one in tries if Search(one, cost).possible), tries[0])
    return found


def hops_of(graph: Graph, result: SearchResult) -> tuple[Hop, ...]:
    """The hops of a search result; new transitions are rendered in the direction of `Edge.sorted`."""
    hops: list[Hop] = []
    part = 0
    for (k, a), (after, b) in zip(result.visits, result.visits[1:], strict=False):
        row, edge = graph.rows[k], Edge(graph.nodes[a], graph.nodes[b])
        transition = graph.rows[after].transition if after != k else None
        there = graph.existing.get(edge.sorted)
        if transition:
            hops.append(Hop(edge, row.scene, row.section, False, "", k, transition, part))
        else:
            drawn = there.edge if there else edge.sorted
            folder = there.folder if there else drawn.folder
            hops.append(Hop(edge, row.scene, row.section, drawn != edge, folder, k, "", part))
        part += after != k and graph.rows[after].start is not None
    return tuple(hops)


def still_new(graph: Graph, hops: Iterable[Hop]) -> tuple[Edge, ...]:
    """The incomplete transitions of a path, each once."""
    return tuple(
        dict.fromkeys(hop.stored_edge for hop in hops if not hop.transition and not graph.is_complete(hop.edge))
    )


def crowded(rows: Sequence[SceneRow], members: Mapping[str, Sequence[Node]]) -> list[str]:
    """Notes on scenes whose hops need more pictures than they have."""
    visits: dict[str, int] = {}
    for row in rows:
        visits[row.scene] = visits.get(row.scene, 0) + row.duration + 1
    return [
        f"scene '{scene}' is asked for {counted(number, 'picture')} and has {len(members[scene])}: "
        "pictures come again; more seeds or fewer hops keep them apart"
        for scene, number in visits.items()
        if number > len(members[scene])
    ]


def explain_no_path(graph: Graph, stops: Sequence[Stop], search: Search) -> str:
    """Why there is no path: the first unreachable row, or the first whose hops are impossible."""
    reached = search.reachable()
    k, j = next((place for place, pictures in reached.items() if not pictures), (len(stops) - 1, stops[-1].hops))
    row, n = graph.rows[k], counted(len(stops[k].pictures), "picture")
    if j:
        return f"{location(row)}scene '{row.scene}' has {n}, and none leads on at hop {j} of {row.duration}; add seeds"
    before, start = graph.rows[k - 1], stops[k].start
    into = f"its start {graph.nodes[start].id}" if start is not None else f"its {n}"
    return (
        f"{location(row)}scene '{row.scene}' cannot be entered by {into}: '{before.scene}' before it can end in no "
        "other picture; change the start or the duration there, or add seeds"
    )


def both(edge: Edge, numbers: Mapping[Node, int]) -> list[tuple[int, int]]:
    """Node numbers of a transition, in both orders; empty if not both are in the sequence."""
    a, b = numbers.get(edge.a), numbers.get(edge.b)
    return [] if a is None or b is None else [(a, b), (b, a)]


def location(row: SceneRow) -> str:
    """``file:line:column: ``, where the row is from a file."""
    return f"{row.location}: " if row.location else ""


def _check(rows: Sequence[SceneRow], members: Mapping[str, Sequence[Node]]) -> None:
    """Checks that every scene has the pictures that its hops need.

    Raises:
        ScenesError: one line for each row that has not.
    """
    problems = []
    for row in rows:
        n = len(members[row.scene])
        if not n:
            problems.append(
                f"{location(row)}scene '{row.scene}' has no pictures; give its prompt seeds "
                f"(`avwalk explore --name {row.scene}`), or put pictures into scenes/{row.scene}"
            )
        elif n == 1 and row.duration:
            problems.append(
                f"{location(row)}scene '{row.scene}' has 1 picture, and a duration of {row.duration} needs at least 2; "
                "add a seed, or make the duration 0"
            )
    if problems:
        raise ScenesError("\n".join(problems))


def _unproven(result: SearchResult, thrifty: bool) -> list[str]:
    if result.proven or not thrifty:
        return []
    return ["there may be a path with fewer new transitions: the search was ended before it had seen all"]
