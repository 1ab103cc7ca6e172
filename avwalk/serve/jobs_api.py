"""Paths of songs and jobs."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

from fastapi import Request
from fastapi.responses import FileResponse, JSONResponse, Response, StreamingResponse
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException

from avwalk.errors import OptionError
from avwalk.files.atomic import part_of, rename_whole
from avwalk.files.names import is_bare, too_long
from avwalk.serve.job_kinds import KINDS, checked_options
from avwalk.serve.job_store import Job
from avwalk.serve.jobs import JobRunner
from avwalk.serve.pictures import Busy
from avwalk.serve.settings import ServeSettings


class JobRequest(BaseModel):
    """A job: its kind, and its options by name."""

    kind: str = Field(description=f"{', '.join(KINDS)}")
    options: dict[str, Any] = Field({}, description="by name; GET /kinds says which")


def add_job_paths(app: Any, settings: ServeSettings, runner: JobRunner, songs: Path) -> None:
    """Adds the paths of songs and jobs to an application."""
    _add_songs(app, songs)
    _add_jobs(app, runner, songs)
    _add_results(app, runner, settings.limits.streams)


def _add_songs(app: Any, songs: Path) -> None:
    async def put(name: str, request: Request) -> Response:
        """Sends a song, as the body; jobs name it."""
        path = songs / name
        if not is_bare(name) or name.endswith(".part") or too_long(path, len(".part")):
            raise OptionError(f"'{name[:60]}' is no name of a song; give one without folders")
        part = part_of(path)
        try:
            with part.open("wb") as out:
                async for block in request.stream():
                    out.write(block)
            if not part.stat().st_size:
                raise OptionError("no sound was sent; send the file as the body")
            there = path.exists()
            rename_whole(part, path)
        finally:
            part.unlink(missing_ok=True)
        return JSONResponse({"song": name, "bytes": path.stat().st_size}, 200 if there else 201)

    async def every() -> dict[str, Any]:
        """The songs that were sent."""
        files = sorted(path for path in songs.iterdir() if path.is_file() and path.suffix != ".part")
        return {"songs": [{"song": path.name, "bytes": path.stat().st_size} for path in files]}

    app.add_api_route("/songs/{name}", put, methods=["PUT"], response_model=None)
    app.add_api_route("/songs", every, methods=["GET"])


def _add_jobs(app: Any, runner: JobRunner, songs: Path) -> None:
    async def submit(asked: JobRequest) -> Response:
        """Queues a job: kind ``paint``, ``render`` or ``story``, and its options."""
        job = await runner.submit(asked.kind, checked_options(asked.kind, asked.options, songs))
        return JSONResponse(job.as_json(), 202, {"Location": f"/jobs/{job.id}"})

    async def kinds() -> dict[str, Any]:
        """The kinds of jobs and their options, as JSON Schema."""
        return {name: options.model_json_schema() for name, options in KINDS.items()}

    async def every() -> dict[str, Any]:
        """All jobs, the oldest first."""
        return {"jobs": [job.as_json() for job in runner.all()]}

    async def one(name: str) -> dict[str, Any]:
        """How a job stands."""
        return _job(runner, name).as_json()

    async def cancel(name: str) -> dict[str, Any]:
        """Cancels a job that waits or runs."""
        try:
            return (await runner.cancel(_job(runner, name))).as_json()
        except OptionError as error:
            raise HTTPException(409, str(error)) from None

    async def remove(name: str) -> Response:
        """Deletes a job that has ended, and its results."""
        try:
            await runner.remove(_job(runner, name))
        except OptionError as error:
            raise HTTPException(409, str(error)) from None
        return Response(status_code=204)

    app.add_api_route("/jobs", submit, methods=["POST"], response_model=None, status_code=202)
    app.add_api_route("/kinds", kinds, methods=["GET"])
    app.add_api_route("/jobs", every, methods=["GET"])
    app.add_api_route("/jobs/{name}", one, methods=["GET"])
    app.add_api_route("/jobs/{name}", remove, methods=["DELETE"], response_model=None, status_code=204)
    app.add_api_route("/jobs/{name}/cancel", cancel, methods=["POST"])


def _add_results(app: Any, runner: JobRunner, most: int) -> None:
    streams = 0

    async def events(name: str, request: Request) -> Response:
        """What happens to a job, as server-sent events; ends when it does. ``Last-Event-ID`` says what is known."""
        job, after = _job(runner, name), request.headers.get("last-event-id", "0")
        if streams >= most:
            raise Busy(30)
        lines = _lines(runner, job, int(after) if after.isdecimal() else 0)
        return StreamingResponse(counted(lines), media_type="text/event-stream", headers={"Cache-Control": "no-store"})

    async def counted(lines: AsyncIterator[str]) -> AsyncIterator[str]:
        nonlocal streams
        streams += 1
        try:
            async for line in lines:
                yield line
        finally:
            streams -= 1

    async def result(name: str) -> Response:
        """The first result of a job, its film or picture."""
        job = _job(runner, name)
        if not job.results:
            raise HTTPException(409, f"job {name} is {job.state} and has no result")
        return _file(runner, job, job.results[0])

    async def file(name: str, result_name: str) -> Response:
        """A result of a job, by its name."""
        return _file(runner, _job(runner, name), result_name)

    app.add_api_route("/jobs/{name}/events", events, methods=["GET"], response_model=None)
    app.add_api_route("/jobs/{name}/result", result, methods=["GET"], response_model=None)
    app.add_api_route("/jobs/{name}/results/{result_name}", file, methods=["GET"], response_model=None)


async def _lines(runner: JobRunner, job: Job, after: int) -> AsyncIterator[str]:
    async for found in runner.events(job, after):
        if found is None:
            yield ": still here\n\n"
            continue
        number, event = found
        yield f"id: {number}\nevent: {event.get('event', 'message')}\ndata: {json.dumps(event)}\n\n"


def _job(runner: JobRunner, name: str) -> Job:
    job = runner.find(name)
    if job is None:
        raise HTTPException(404, f"there is no job '{name[:40]}'")
    return job


def _file(runner: JobRunner, job: Job, name: str) -> Response:
    path = runner.store.result(job, name)
    if path is None:
        raise HTTPException(404, f"job {job.id} has no result '{name[:60]}'")
    return FileResponse(path, filename=name, headers={"Content-Security-Policy": "default-src 'none'; sandbox"})
