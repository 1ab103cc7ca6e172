"""``avwalk batch TABLE``."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from avwalk.cli.options import with_options
from avwalk.cli.progress import Bar, can_animate, clock_text, say
from avwalk.cli.terminal import echo, json_text
from avwalk.config.options import RenderOptions
from avwalk.runners.interrupts import interruptible

if TYPE_CHECKING:
    from avwalk.batch.outcome import Outcome
    from avwalk.batch.table import Job

app = typer.Typer(rich_markup_mode=None, add_completion=False)


@app.command()
@with_options(RenderOptions, only=("encoding",))
def batch(
    table: str = typer.Argument(
        ...,
        metavar="TABLE.csv",
        help="Columns: song, preset, seed, out, options of render; or story, out, options of story.",
    ),
    *,
    options: dict[str, Any],
    jobs: int = typer.Option(1, "--jobs", "-j", metavar="N", min=1, max=64, help="films made side by side"),
    ray: str = typer.Option(
        None, "--ray", metavar="ADDRESS", help="make them on a Ray cluster: auto or HOST:PORT (needs avwalk[cluster])"
    ),
    cpus: float = typer.Option(1, "--cpus", metavar="N", min=0, max=1024, help="with --ray: cores of each film"),
    gpus: float = typer.Option(0, "--gpus", metavar="N", min=0, max=64, help="with --ray: graphics cards of each film"),
    dry_run: bool = typer.Option(False, "--dry-run", help="check the table, say what would be made, and stop"),
    as_json: bool = typer.Option(False, "--json", help="one JSON object per film, on stdout"),
) -> None:
    """A film for each row of a table of songs, or of stories. What fails stops nothing else; again, it makes what
    is missing."""
    from avwalk.batch.stories import read_story_jobs, tells_stories
    from avwalk.batch.table import read_jobs, song_problems
    from avwalk.errors import SongError

    stories = tells_stories(Path(table))
    todo = (read_story_jobs if stories else read_jobs)(Path(table), options)
    if dry_run:
        for k, job in enumerate(todo, 1):
            echo(f"{_head(k, len(todo), job)} {_told(job)}".rstrip())
        if not stories and (problems := song_problems(todo)):
            raise SongError("\n".join(problems))
        return
    bar = Bar() if can_animate() and not as_json and jobs == 1 and ray is None else None
    failed: list[Outcome] = []
    n = 0
    with interruptible():
        try:
            for n, outcome in enumerate(_outcomes(todo, jobs, bar, ray, (cpus, gpus), stories), 1):
                if bar:
                    bar.close()
                _say(n, len(todo), outcome, as_json)
                failed += [outcome] if outcome.what == "failed" else []
        except KeyboardInterrupt:
            if bar:
                bar.close()
            say(f"stopped after {n} of {len(todo)} films; the same command goes on")
            raise
    if failed:
        say(f"{len(failed)} of {len(todo)} films failed; the same command makes what is missing:")
        for outcome in failed:
            say(f"  {outcome.job.location}: {outcome.job.song.name}: {outcome.message}")
        raise typer.Exit(1)


def _outcomes(
    todo: list[Job], at_once: int, bar: Bar | None, address: str | None, each: tuple[float, float], stories: bool
) -> Iterator[Outcome]:
    make = None
    if stories:
        from avwalk.batch.stories import run_story_job

        share = max(1, int(each[0]) if address else (os.cpu_count() or 1) // min(at_once, len(todo)))
        make = partial(run_story_job, workers=share)
    if address is None:
        from avwalk.batch.run import run_jobs

        return run_jobs(todo, at_once=at_once, on_event=_moves(bar), make=make)
    from avwalk.batch.cluster import run_on_cluster
    from avwalk.runners.ray_cluster import Resources

    return run_on_cluster(todo, address, Resources(*each), make)


def _moves(bar: Bar | None) -> Callable[[Any], None] | None:
    """Of what a render reports only how far it is: a film has one line."""
    return (lambda event: bar(event) if event["event"] == "progress" else None) if bar else None


def _say(n: int, total: int, outcome: Outcome, as_json: bool) -> None:
    job = outcome.job
    if as_json:
        values = {"event": "job", "place": job.location, "song": str(job.song), "out": job.options["out"]}
        values |= {"what": outcome.what, "message": outcome.message, "n_frames": outcome.n_frames}
        echo(json_text({**values, "wall_s": outcome.wall_s}))
        return
    if outcome.what == "failed":
        text = f"failed: {outcome.message.splitlines()[0]}"
    elif outcome.what == "there":
        text = "is there already" + (f"; {outcome.message}" if outcome.message else "")
    else:
        text = f"{outcome.n_frames} frames in {clock_text(outcome.wall_s)}"
        text += f"; {outcome.message}" if outcome.message else ""
    echo(f"{_head(n, total, job)}: {text}")


def _head(n: int, total: int, job: Job) -> str:
    return f"[{n}/{total}] {job.song.name} → {os.path.relpath(job.options['out'])}"


def _told(job: Job) -> str:
    """The options of a job, for people."""
    texts = {name: ";".join(v) if isinstance(v, list) else v for name, v in job.options.items() if name != "out"}
    return " ".join(f"{name}={text}" for name, text in texts.items())
