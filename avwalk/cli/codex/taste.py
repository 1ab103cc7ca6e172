"""``avwalk codex taste TASTE.json [SHEET.png]``."""

from __future__ import annotations

from pathlib import Path

import typer

from avwalk.cli.terminal import echo, json_text

SHOWN = 8
LEAST_WEIGHT = 0.05
"""Log-odds below which a liking is not worth a line."""


def add(app: typer.Typer) -> None:
    """Adds the command to the group."""
    app.command()(taste)


def taste(
    file: str = typer.Argument(..., metavar="TASTE.json", help="What is learnt; made if it is not there."),
    sheet: str = typer.Argument(None, metavar="[SHEET.png]", help="A sheet of `avwalk explore` whose rows you marked."),
    *,
    good: str = typer.Option("", "--good", metavar="3,7", help="rows of the sheet that you like"),
    bad: str = typer.Option("", "--bad", metavar="1,2", help="rows that you don't"),
    as_json: bool = typer.Option(False, "--json", help="what it knows as one JSON object"),
) -> None:
    """Learn a taste for worlds from marks on a sheet of `avwalk explore`; without a sheet, say what it knows."""
    from avwalk.errors import OptionError
    from avwalk.explore.marked_sheet import marks_of
    from avwalk.explore.taste import Taste, read_taste, write_taste

    path, rows = Path(file), {"good": _names(good), "bad": _names(bad)}
    if sheet is None and (rows["good"] or rows["bad"]):
        raise OptionError("--good and --bad are rows of a sheet; name it: avwalk codex taste taste.json SHEET.png")
    if sheet is not None and not (rows["good"] or rows["bad"]):
        raise OptionError(f"say which rows of '{sheet}' you like and which you don't: --good 3,7 --bad 1,2")
    known = read_taste(path) if path.exists() or sheet is None else Taste(())
    if sheet is not None:
        known = known.with_marks(marks_of(Path(sheet), rows["good"], rows["bad"]))
        write_taste(path, known)
    likings = [(name, weight) for name, weight in known.likings() if abs(weight) >= LEAST_WEIGHT]
    n_good = int(known.good.sum())
    if as_json:
        auc = known.auc and {"value": known.auc.value, "low": known.auc.low, "high": known.auc.high}
        tree = {"good": n_good, "bad": len(known.marks) - n_good, "auc": auc, "caveat": known.caveat}
        echo(json_text({**tree, "weights": dict(likings)}))
        return
    echo(f"marks     {len(known.marks)}: {n_good} good, {len(known.marks) - n_good} bad")
    if known.caveat:
        echo(f"note      {known.caveat}")
    elif known.auc:
        echo(f"it        {known.auc.text}")
    for weight_of, text in ((1, "more"), (-1, "less")):
        names = [f"{name} ({weight:+.2f})" for name, weight in likings if weight * weight_of > 0]
        if names:
            echo(f"{text}      {', '.join(names[:SHOWN])}")
    if known.marks:
        echo(f"then      avwalk explore SONG --like {path} -n 12")


def _names(text: str) -> list[str]:
    return [name for name in text.replace(" ", "").split(",") if name]
