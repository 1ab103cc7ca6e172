"""``avwalk codex rank DIR [GOOD BAD]``."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from avwalk.cli.progress import say
from avwalk.cli.terminal import echo, json_text

if TYPE_CHECKING:
    from avwalk.codex.folder import SortedPictures
    from avwalk.codex.ranking.ranking import Rank, Ranking

SHOWN = 8
"""Complex attributes, and pairs, that are printed; the JSON has all."""


def add(app: typer.Typer) -> None:
    """Adds the command to the group."""
    app.command()(rank)


def rank(
    directory: str = typer.Argument(..., metavar="DIR", help="The codex."),
    good: str = typer.Argument(None, metavar="[GOOD]", help="Folder of pictures you like [default: DIR/good/]."),
    bad: str = typer.Argument(None, metavar="[BAD]", help="Folder of those you don't [default: DIR/bad/]."),
    *,
    plot: str = typer.Option(None, "--plot", metavar="FILE.png", help="all attributes with their intervals"),
    optimise: bool = typer.Option(
        False, "--optimise", help="write scene-optimized.csv and structure-optimized.csv beside the originals"
    ),
    force: bool = typer.Option(False, "--force", help="replace optimised tables that are there"),
    as_json: bool = typer.Option(False, "--json", help="everything as one JSON object"),
) -> None:
    """What you like: each attribute and scene by your marks and by the folders good/ and bad/, chance told apart."""
    from avwalk.codex.folder import CodexFolder
    from avwalk.codex.ranking.ranking import rank_pictures
    from avwalk.codex.ranking.sorted_folders import sorted_folders

    folder = CodexFolder(Path(directory))
    pictures = sorted_folders(folder, Path(good) if good else None, Path(bad) if bad else None)
    for each in pictures.left_out:
        say(f"left out  {each.name}: {each.reason}")
    ranking = rank_pictures(pictures)
    if as_json:
        echo(json_text(_tree(ranking, pictures)))
    else:
        for line in _lines(ranking):
            echo(line)
    if plot:
        from avwalk.cli.plots.ranking import plot_ranking

        plot_ranking(ranking, Path(plot), folder.path.resolve().name)
        say(plot)
    if optimise:
        from avwalk.codex.ranking.optimised import write_optimised
        from avwalk.codex.tables import read_matrix

        structure = folder.structure if folder.structure.exists() else None
        for path in write_optimised(read_matrix(folder.scenes, structure), ranking, folder.path, force=force):
            say(str(path))


def _lines(ranking: Ranking) -> list[str]:
    """The ranking for people."""
    marks, sure = ranking.good + ranking.bad, ranking.of("liked") + ranking.of("disliked")
    prior = ranking.prior
    lines = [
        f"marks     {marks}: {ranking.good} good, {ranking.bad} bad",
        f"prior     {prior.mean:.0%} are liked here; each attribute begins there, as if {prior.strength:g} pictures "
        "had said so: what was seen seldom stays near it",
    ]
    if ranking.caveat:
        lines.append(f"note      {ranking.caveat}")
    lines.append(f"findings  {len(sure)} of {len(ranking.ranks)} attributes and scenes; at most 1 in 20 is chance")
    lines += [f"  {each.verdict:<9} {_line(each)}" for each in sure]
    if not sure:
        lines.append("  none: what was liked cannot be told from chance")
    lines.append("best      of each category, found or not; the best of many is lucky, too")
    lines += [f"  {each.verdict:<9} {_line(each)}" for each in _best(ranking)]
    divided = sorted(ranking.of("complex"), key=lambda each: -min(each.likes, each.dislikes))
    lines.append(
        f"complex   {len(divided)} were liked and disliked, 3 times or more each, and cannot be told from the rest"
    )
    lines += [f"            {_line(each)}" for each in divided[:SHOWN]]
    if len(divided) > SHOWN:
        lines.append(f"  … and {len(divided) - SHOWN} more; --json has all")
    return lines + _pair_lines(ranking) + [_model_line(ranking)]


def _line(each: Rank) -> str:
    marks = each.likes + each.dislikes
    return f"{each.mean:>4.0%} ({each.low:.0%} to {each.high:.0%})  {each.likes} of {marks}  {each.name}"


def _best(ranking: Ranking) -> list[Rank]:
    """The most liked of each category; they are in order already."""
    first: dict[str | None, Rank] = {}
    for each in ranking.ranks:
        first.setdefault(each.category, each)
    return list(first.values())


def _pair_lines(ranking: Ranking) -> list[str]:
    if not ranking.tested_pairs:
        return [f"pairs     none of {ranking.possible_pairs} was marked often enough (8 times) to say anything"]
    head = f"{len(ranking.pairs)} findings among {ranking.tested_pairs} pairs with enough marks"
    lines = [f"pairs     {head} (of {ranking.possible_pairs}); at most 1 in 20 is chance"]
    for pair in ranking.pairs[:SHOWN]:
        both, more = pair.likes + pair.dislikes, "more" if pair.likes > pair.expected else "less"
        lines.append(
            f"  {more} than each alone  {pair.likes} of {both}, expected {pair.expected:.1f}  "
            f"{pair.first.name} + {pair.second.name}"
        )
    return lines


def _model_line(ranking: Ranking) -> str:
    """What a model knows that is asked about pictures that it was not shown."""
    if ranking.auc is None:
        return "model     too few marks to test what it knows: 4 good and 4 bad are the least"
    text = f"model     {ranking.auc.text}"
    if ranking.pairs_auc is not None:
        text += f"; with pairs {ranking.pairs_auc.value:.2f}"
    return text


def _tree(ranking: Ranking, pictures: SortedPictures) -> dict[str, Any]:
    """The ranking as JSON."""

    def model(name: str) -> dict[str, Any] | None:
        found = getattr(ranking, name)
        return None if found is None else {**asdict(found), "knows": found.knows}

    return {
        "good": ranking.good,
        "bad": ranking.bad,
        "prior": ranking.prior._asdict(),
        "caveat": ranking.caveat,
        "ranks": [asdict(each) for each in ranking.ranks],
        "pairs": [
            {
                **asdict(pair),
                "first": [pair.first.category, pair.first.value],
                "second": [pair.second.category, pair.second.value],
            }
            for pair in ranking.pairs
        ],
        "tested_pairs": ranking.tested_pairs,
        "possible_pairs": ranking.possible_pairs,
        "auc": model("auc"),
        "pairs_auc": model("pairs_auc"),
        "left_out": [asdict(each) for each in pictures.left_out],
    }
