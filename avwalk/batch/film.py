"""Makes a film of a batch, unless it is there and is what the table asks for."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from avwalk.batch.outcome import Outcome, Report
from avwalk.batch.table import Job
from avwalk.errors import AvwalkError, OutputError, VideoError
from avwalk.files.atomic import make_folder
from avwalk.files.png_text import read_text
from avwalk.pipeline import render
from avwalk.rendering.finish import expected_sound
from avwalk.rendering.soundtrack import samples
from avwalk.request.metadata import metadata
from avwalk.request.resolve import Request, resolve
from avwalk.video.join import read_metadata
from avwalk.video.verify import verify


def run_job(job: Job, report: Report, *, workers: int | None = None) -> Outcome:
    """Makes one film, unless it is there. Errors become its outcome; KeyboardInterrupt passes.

    Args:
        job: which.
        report: called with what `avwalk.render` reports.
        workers: segments rendered in parallel, unless the job says how many.
    """
    began = time.perf_counter()
    options = {**({"workers": workers} if workers else {}), **job.options}
    try:
        request = resolve(job.song, options)
        n_frames = request.film.span[1] - request.film.span[0]
        there = existing_film(request)
        if there is not None:
            return Outcome(job, "there", there, n_frames)
        make_folder(Path(str(job.options["out"])).absolute().parent)
        done = render(job.song, on_event=report, **options)
    except AvwalkError as error:
        return Outcome(job, "failed", str(error))
    except Exception as error:
        text = " ".join(str(error).split()) or "no message"
        message = f"unexpected {type(error).__name__}: {text}; avwalk render with AVWALK_DEBUG=1 says more"
        return Outcome(job, "failed", message)
    return Outcome(job, "made", "", done["n_frames"], round(time.perf_counter() - began, 3))


def existing_film(request: Request) -> str | None:
    """Checks for a finished film of the request: None if there is none, else a note, or empty.

    A film is identified by its metadata: song, preset with every value, seed, size, range, cues. The version of
    avwalk that made it does not matter. One made with ``no_metadata`` is identified by length and sound alone.

    Raises:
        OutputError: another or a damaged film exists, and may not be replaced.
    """
    out = Path(str(request.options.out))
    pictures = out.is_dir()
    if not out.exists() or (pictures and not any(out.glob("*.png"))):
        return None
    wanted = metadata(request)
    try:
        problems = _picture_problems(out, request) if pictures else _film_problems(out, request)
        tags = read_text(min(out.glob("*.png"))) if pictures else read_metadata(out)
    except VideoError as error:
        problems, tags = [str(error)], {}
    if not problems and wanted:
        problems = _differences(tags.get("avwalk", ""), wanted["avwalk"])
    if not problems:
        return "" if wanted else "its plan is not known: it holds no metadata"
    if request.options.force:
        return None
    raise OutputError(f"'{out}' is there, but {'; '.join(problems)}; a column force with yes replaces it")


def _film_problems(out: Path, request: Request) -> list[str]:
    start, stop = samples(request.clock, *request.film.span)
    checked = verify(
        out,
        n_frames=request.film.span[1] - request.film.span[0],
        fps=request.clock.fps,
        sound=expected_sound(request.song, start, stop),
        quick=True,
    )
    return list(checked["problems"])


def _picture_problems(out: Path, request: Request) -> list[str]:
    n, n_frames = sum(1 for _ in out.glob("[0-9]*.png")), request.film.span[1] - request.film.span[0]
    return [] if n == n_frames else [f"it holds {n} pictures instead of {n_frames}"]


def _differences(text: str, wanted: str) -> list[str]:
    """Differences between a film's metadata and the request's, by name; missing metadata counts as a difference."""
    try:
        said = json.loads(text)
    except ValueError:
        said = None
    if not isinstance(said, Mapping):
        return ["it does not say how it was made"]
    asked: dict[str, Any] = json.loads(wanted)
    names = [name for name in asked if name != "version" and said.get(name) != asked[name]]
    return [f"it was made with other settings ({', '.join(names[:4])})"] if names else []
