"""Story: a new path through a sequence that uses existing transitions only, forwards or reversed.

Scenes keep their order. Rules are those of a plan (see `plan_path`), but nothing is rendered: where the transitions
of a scene do not allow the requested number of hops, a story makes fewer, or more to reach an exit.
"""

from __future__ import annotations

import random
from collections.abc import Sequence

from avwalk.errors import ScenesError
from avwalk.scenes.graph.graph import Graph, counted, listed
from avwalk.scenes.graph.plan_path import ChosenPath, both, choose_starts, crowded, hops_of, location, stop
from avwalk.scenes.graph.search import Search, SearchResult, Stop
from avwalk.scenes.nodes import Edge

DETOUR_HOPS = 20
"""Maximum hops beyond a scene's duration, where that is the only continuation."""


def story(graph: Graph, seed: int = 0) -> ChosenPath:
    """A path of transitions that are whole, with whichever settings they were drawn; the seed decides among equals.

    Args:
        graph: of the sequence.
        seed: of every choice.

    Raises:
        ScenesError: there is none; names the scenes and their existing transitions.
    """
    numbers = {node: k for k, node in enumerate(graph.nodes)}
    there = {pair for edge in graph.edges if graph.is_whole(edge) for pair in both(edge, numbers)}

    def ways(a: int, b: int) -> int | None:
        return 0 if (a, b) in there else None

    if not there:
        begun = sum(graph.is_partial(edge) for edge in graph.edges)
        told = f"; {counted(begun, 'transition')} {'is' if begun == 1 else 'are'} begun" if begun else ""
        raise ScenesError(
            f"no transition of the sequence is whole yet{told}; `avwalk scenes plan` and `scenes transitions` make some"
        )
    rng = random.Random(f"story {seed}")
    stops = []
    for row in graph.rows:
        members = graph.members[row.scene]
        most = max(row.duration, min(row.duration + DETOUR_HOPS, len(members) - 1))
        stops.append(stop(row, members, numbers, 0, most))
    stops = choose_starts(graph.rows, stops, numbers, ways, rng)
    search = Search(stops, ways)
    found = search.best(rng)
    if found is None:
        raise ScenesError(_broken(graph, stops, search))
    hops = hops_of(graph, found)
    if not any(hop.folder for hop in hops):
        raise ScenesError("the starts of the sequence leave no hop with existing transitions; change or empty them")
    notes = [
        f"{counted(n, 'transition')} {'is' if n == 1 else 'are'} as the settings '{name}' draw them; "
        "`avwalk scenes transitions` adds what these settings ask for"
        for name, n in graph.whole_with.items()
    ]
    notes += [*crowded(graph.rows, graph.members), *_otherwise(graph, found), *_longer(found)]
    return ChosenPath(hops, (), tuple(notes))


def _otherwise(graph: Graph, result: SearchResult) -> list[str]:
    """Notes on rows with more or fewer hops than requested."""
    made = [-1] * len(graph.rows)
    for k, _ in result.visits:
        made[k] += 1
    return [
        f"{location(row)}scene '{row.scene}' has {counted(hops, 'hop')} and is asked for {row.duration}: "
        "the transitions that exist allow no better"
        for row, hops in zip(graph.rows, made, strict=True)
        if hops != row.duration
    ]


def _longer(result: SearchResult) -> list[str]:
    return [] if result.proven else ["there may be a story nearer to the durations asked: the search was ended early"]


def _broken(graph: Graph, stops: Sequence[Stop], search: Search) -> str:
    """Between which rows the existing transitions break off."""
    reached = search.reachable()
    k = next((k for k in range(len(stops)) if not reached[k, 0]), len(stops) - 1)
    before, row = graph.rows[max(0, k - 1)], graph.rows[k]
    ways = {Edge(a, b).sorted for a in graph.members[before.scene] for b in graph.members[row.scene] if a != b}
    whole = sorted(edge for edge in ways if graph.is_whole(edge))
    start = stops[k].start
    into = f"'{row.scene}'" if start is None else f"{graph.nodes[start].id}, the start of '{row.scene}',"
    if not whole:
        told = f"none of the {counted(len(ways), 'transition')} between them is whole"
    else:
        told = f"whole between them: {listed(edge.folder for edge in whole)}; the path before comes to no end of it"
    return (
        f"{location(row)}no story: from '{before.scene}' nothing leads into {into} with existing transitions; {told}; "
        "`avwalk scenes plan` and `scenes transitions` make the missing ones"
    )
