"""A batch of stories: a table with a column ``story``, columns as the options of `avwalk story`.

    story,out,style,music,voice
    fox.txt,,watercolour,compose,
    sea.md,films/sea,,,none

Each row becomes the folder of a story. Empty cells mean the default; a column ``note`` is ignored. File paths are
relative to the table's folder.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from avwalk.batch.outcome import Outcome, Report
from avwalk.batch.table import MAX_BYTES, NOTES, Job
from avwalk.config.fields import bare
from avwalk.config.story_options import StoryOptions
from avwalk.contracts import Event
from avwalk.errors import AvwalkError, OptionError
from avwalk.files.csv_table import Cell, Record, below_header, header_problems, open_table, with_point
from avwalk.files.names import as_there, is_regular, name_problem, same_name
from avwalk.request.output import safe_stem
from avwalk.story.build import tell_story
from avwalk.story.folder import story_options

COLUMNS = ("story", *StoryOptions.model_fields)
NUMBERS = tuple(name for name, field in StoryOptions.model_fields.items() if bare(field.annotation) is float)

_Problem = tuple[Cell, str]


def tells_stories(file: Path) -> bool:
    """Whether a table is one of stories: its header names a column ``story``, and none ``song``.

    Raises:
        OptionError: it cannot be read.
    """
    head, _, _ = below_header(open_table(file, "table", MAX_BYTES))
    names = _names(head)
    return "story" in names and "song" not in names


def read_story_jobs(file: Path, common: Mapping[str, Any] | None = None) -> list[Job]:
    """Reads and checks a table of stories.

    Args:
        file: in any encoding that a spreadsheet writes, delimited by commas, semicolons or tabs.
        common: options of every row that has none of its own.

    Returns:
        A job for each row: its ``song`` is the story's file, ``options`` are those of `StoryOptions`.

    Raises:
        OptionError: one line for each problem: ``file:line:column: what, which value, what to do``.
    """
    head, records, problems = below_header(
        open_table(file, "table", MAX_BYTES), lambda text: is_regular(file.parent / text)
    )
    names = _names(head)
    if head:
        problems += header_problems(["" if name in NOTES else name for name in names], head, COLUMNS, ("story",))
        told = {id(cell) for cell, _ in problems}
        for name, cell in zip(names, head.cells, strict=True):
            if name and name not in (*COLUMNS, *NOTES) and id(cell) not in told:
                problems.append(
                    (cell, f"unknown column '{cell.text}'; there are story and the options of avwalk story")
                )
    jobs: list[Job] = []
    folders: dict[str, str] = {}
    for record in records if "story" in names else ():
        cells = {name: cell for name, cell in zip(names, record.cells, strict=False) if name in COLUMNS}
        job, wrong = _row(record, cells, file, common or {})
        if job:
            out = str(job.options["out"])
            key = same_name(Path(out).absolute())
            if key in folders:
                wrong = [(record.cells[0], f"'{out}' is the folder of {folders[key]} too; give each an out of its own")]
            folders.setdefault(key, job.location)
            jobs.append(job)
        problems += wrong
    if problems:
        problems.sort(key=lambda problem: (problem[0].line, problem[0].column))
        raise OptionError("\n".join(f"{file.name}:{cell.line}:{cell.column}: {text}" for cell, text in problems))
    if not jobs:
        raise OptionError(f"table '{file}' holds no stories; its columns are story, out and options of avwalk story")
    return jobs


def run_story_job(job: Job, report: Report, *, workers: int | None = None) -> Outcome:
    """Tells one story, or what is missing of it. Errors become its outcome; KeyboardInterrupt passes.

    Args:
        job: which.
        report: called with what `avwalk.story.build.tell_story` reports.
        workers: pieces of the film made in parallel, unless the job says how many.
    """
    began, painted = time.perf_counter(), 0

    def watch(event: Event) -> None:
        nonlocal painted
        painted += event["event"] == "picture"
        report(event)

    try:
        options = story_options({**({"workers": workers} if workers else {}), **job.options})
        done = tell_story(job.song, options, watch)
    except AvwalkError as error:
        return Outcome(job, "failed", str(error))
    except Exception as error:
        text = " ".join(str(error).split()) or "no message"
        message = f"unexpected {type(error).__name__}: {text}; avwalk story with AVWALK_DEBUG=1 says more"
        return Outcome(job, "failed", message)
    failed = ", ".join(map(str, done["failed"]))
    note = f"{done['storylets']} storylet{'s' * (done['storylets'] != 1)}" + (
        f"; pictures that failed: {failed}" if failed else ""
    )
    is_there = not painted and done["n_frames"] == done["resumed_frames"]
    return Outcome(job, "there" if is_there else "made", note, done["n_frames"], round(time.perf_counter() - began, 3))


def _names(head: Record | None) -> list[str]:
    return [cell.text.lower().strip("-").replace("-", "_").replace(" ", "_") for cell in head.cells] if head else []


def _row(
    record: Record, cells: Mapping[str, Cell], file: Path, common: Mapping[str, Any]
) -> tuple[Job | None, list[_Problem]]:
    """A row's story, or its problems."""
    named = cells.get("story")
    first = named or record.cells[0]
    if named is None or not named.text:
        return None, [(first, "column 'story' is empty; name a file or take the row out")]
    if problem := name_problem(Path(named.text)):
        return None, [(first, f"story {problem}")]
    path = as_there(file.parent / named.text)
    if not is_regular(path):
        return None, [(first, f"story '{named.text}' does not exist; names count from the folder of {file.name}")]
    options: dict[str, Any] = dict(common)
    problems: list[_Problem] = []
    for name, cell in cells.items():
        if name == "story" or not cell.text:
            continue
        value = with_point(cell.text) if name in NUMBERS else cell.text
        if name == "out" or (name == "music" and value != "compose"):
            value = str((file.parent / value).absolute())
        try:
            story_options({name: value})
        except OptionError as error:
            problems.append((cell, str(error)))
        else:
            options[name] = value
    options.setdefault("out", str(file.parent.absolute() / f"{safe_stem(path.stem)}_story"))
    return (None, problems) if problems else (Job(path.absolute(), options, f"{file.name}:{record.cells[0].line}"), [])
