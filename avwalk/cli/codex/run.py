"""``avwalk codex run``."""

from __future__ import annotations

import shlex
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from avwalk.cli.progress import can_animate, clock_text, say
from avwalk.cli.terminal import echo, json_text

if TYPE_CHECKING:
    from avwalk.codex.run import RunPlan, RunResult

LINE_SECONDS = 10


def add(app: typer.Typer) -> None:
    """Adds the command to the group."""
    app.command()(run)


def run(
    folder: str = typer.Argument(..., metavar="DIR", help="Folder of the codex."),
    count: int = typer.Option(
        None, "--count", "-n", metavar="N", help="of pictures, from the first; default all cycles"
    ),
    painter: str = typer.Option("", "--painter", "-p", metavar="KIND[@URL]", help="in place of that of the settings"),
    deliver: str = typer.Option("", "--deliver", metavar="WxH", help="scaled copies; default those of the settings"),
    redraw: bool = typer.Option(False, "--redraw", help="draw anew what is of an earlier state of the codex"),
    fresh: bool = typer.Option(False, "--fresh", help="ask services anew for pictures that are kept"),
    estimate: bool = typer.Option(False, "--estimate", help="say what it will take and cost, and draw nothing"),
    quiet: bool = typer.Option(False, "--quiet", "-q", help="only problems"),
    as_json: bool = typer.Option(False, "--json", help="one JSON object per event, on stdout"),
) -> None:
    """Draw the pictures of a codex. Called again, it draws what is missing."""
    from avwalk.codex.folder import CodexFolder
    from avwalk.codex.run import plan_run, run_codex
    from avwalk.errors import CodexError
    from avwalk.runners.interrupts import interruptible

    place = CodexFolder(Path(folder))
    if not place.path.is_dir():
        raise CodexError(f"'{folder}' is not there, or no folder; `avwalk codex new {folder}` makes a codex")
    given = {name: value for name, value in (("painter", painter), ("deliver", deliver)) if value}
    with place.locked(), interruptible():
        plan = plan_run(place, given, count=count, fresh=fresh, redraw=redraw)
        _say_plan(plan, quiet=quiet, as_json=as_json, redraw=redraw)
        if estimate:
            if not as_json:
                echo(plan.estimate.text())
            return
        progress = Progress(quiet=quiet, as_json=as_json)
        try:
            result = run_codex(place, plan, progress)
        except KeyboardInterrupt:
            progress.close()
            say("stopped; what is finished is kept. To go on:\n  " + shlex.join(["avwalk", *sys.argv[1:]]))
            raise
        finally:
            progress.close()
    _say_result(result, quiet=quiet, as_json=as_json)
    if result.failed:
        raise typer.Exit(1)


class Progress:
    """Says what becomes of pictures: a bar on a terminal, else a line now and then."""

    def __init__(self, *, quiet: bool, as_json: bool) -> None:
        self._quiet, self._as_json = quiet, as_json
        self._bar: Any = None
        self._task: Any = None
        self._last = time.monotonic()

    def __call__(self, event: Mapping[str, Any]) -> None:
        """Says an event."""
        if self._as_json:
            echo(json_text(event))
            return
        if event["error"]:
            self.say(f"picture {event['index']} failed: {event['error']}")
        if self._quiet:
            return
        text = f"{event['done']}/{event['total']} pictures, {event['seconds']:.1f} s each, "
        text += f"{clock_text(event['eta_s'])} to go" if event["done"] > 1 else "…"
        if can_animate():
            self._move(event, text)
        elif time.monotonic() - self._last >= LINE_SECONDS or event["done"] == event["total"]:
            self._last = time.monotonic()
            say(text)

    def say(self, text: str) -> None:
        """A line, above the bar if there is one."""
        if self._bar is not None:
            self._bar.console.print(text, markup=False, highlight=False, soft_wrap=True)
        else:
            say(text)

    def _move(self, event: Mapping[str, Any], text: str) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, TextColumn
        from rich.progress import Progress as Bar

        if self._bar is None:
            columns = BarColumn(), TextColumn("{task.fields[text]}")
            self._bar = Bar(*columns, console=Console(stderr=True), transient=True)
            self._task = self._bar.add_task("", total=event["total"], text="")
            self._bar.start()
        self._bar.update(self._task, total=event["total"], completed=event["done"], text=text)

    def close(self) -> None:
        """Takes the bar off the terminal."""
        if self._bar is not None:
            self._bar.stop()
            self._bar = None


def _say_plan(plan: RunPlan, *, quiet: bool, as_json: bool, redraw: bool) -> None:
    there = len(plan.orders) - len(plan.missing)
    found = plan.estimate
    if as_json:
        facts = {"pictures": len(plan.orders), "there": there, "changed": len(plan.changed)}
        echo(json_text({"event": "plan", **facts, "estimate": vars(found)}))
        return
    for note in plan.codex.matrix.notes if not quiet else ():
        say(f"note: {note}")
    if plan.changed and not redraw:
        first = plan.changed[0].path.name
        say(
            f"note: {len(plan.changed)} pictures ({first}, …) are of an earlier state of the codex or by another "
            "painter; they stay, and say so themselves; --redraw draws them anew"
        )
    if not quiet:
        text = found.text() if found.cached else found.text().partition("; ")[2]
        say(f"{there} of {len(plan.orders)} pictures are there; {text}")


def _say_result(result: RunResult, *, quiet: bool, as_json: bool) -> None:
    if as_json:
        facts = {"pictures": result.pictures, "total": result.total, "painted": result.painted}
        failed = {str(index): reason for index, reason in result.failed.items()}
        echo(
            json_text({"event": "done", "out": str(result.folder), **facts, "failed": failed, "wall_s": result.wall_s})
        )
        return
    if result.failed:
        some = ", ".join(map(str, sorted(result.failed)[:10])) + (", …" if len(result.failed) > 10 else "")
        say(f"{len(result.failed)} pictures failed: {some}; the same command tries them again")
    if not quiet:
        place = result.folder.absolute()
        echo(
            f"done in {clock_text(result.wall_s)}: {result.painted} painted, {result.pictures} of {result.total} there"
        )
        echo(f"sheet: {place / 'sheet.png'}")
        echo(f"page: {place / 'index.html'}; avwalk codex show {shlex.quote(str(result.folder))} keeps marks at once")
