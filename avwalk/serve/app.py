"""The server's paths (FastAPI). It uses the Python API of avwalk, and nothing else of it."""

from __future__ import annotations

import asyncio
import contextlib
import secrets
import tempfile
from collections.abc import AsyncIterator
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse, JSONResponse, Response
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException
from starlette.middleware.cors import CORSMiddleware

from avwalk._version import __version__
from avwalk.errors import AvwalkError, OptionError, OutputError, PainterError
from avwalk.files.atomic import make_folder
from avwalk.listen.recognition import NoRecogniser, recognised
from avwalk.painters.contract import Painter
from avwalk.painters.registry import open_painter
from avwalk.serve import pages
from avwalk.serve.guard import Guard
from avwalk.serve.job_store import JobStore
from avwalk.serve.jobs import JobRunner
from avwalk.serve.jobs_api import add_job_paths
from avwalk.serve.pictures import Busy, ClientGone, PictureQueue, base64_text, encoded, paint_requests, save
from avwalk.serve.settings import ServeSettings, checked
from avwalk.words.transcript import Transcript

UPLOADS = ("/transcribe", "/songs/")
"""Beginnings of paths that take sound."""


class GenerateRequest(BaseModel):
    """A text, and how many pictures of it."""

    text: str = Field(description="what is to be seen")
    num_images: int = Field(1, ge=1, description="pictures")
    seed: Annotated[int, Field(ge=0, le=2**63 - 1001)] | None = Field(
        None, description="of the first picture; new ones each time if it is left out"
    )


class GenerateAnswer(BaseModel):
    """Pictures in base64, and their format."""

    generatedImgs: list[str]
    generatedImgsFormat: str


def create_app(settings: ServeSettings, painter: Painter | None = None) -> Any:
    """The application of a server, ASGI.

    Args:
        settings: of the server.
        painter: what paints for `/generate`; None: as the settings say.

    Raises:
        OptionError: it cannot be run with these settings.
        PainterError: its painter cannot run here.
        OutputError: its folder cannot be made.
    """
    settings = checked(settings)
    painter = painter or open_painter(settings.painter)
    songs = settings.folder / "songs"
    make_folder(songs)
    queue = PictureQueue(painter, settings.limits)
    runner = JobRunner(JobStore(settings.folder / "jobs"), songs, settings.painter, settings.limits.jobs)

    @contextlib.asynccontextmanager
    async def lifespan(app: Any) -> AsyncIterator[None]:
        runner.start()
        yield
        await runner.stop()
        queue.close()

    app = FastAPI(
        title="avwalk",
        version=__version__,
        description="Pictures of texts, and films as jobs.",
        lifespan=lifespan,
        docs_url=None,  # they would load scripts from elsewhere
        redoc_url=None,
    )
    _add_errors(app)
    _add_pages(app, settings, queue, runner)
    _add_generate(app, settings, queue)
    _add_transcribe(app)
    add_job_paths(app, settings, runner, songs)
    guarded: Any = Guard(app, settings, UPLOADS)
    if settings.allow_origins:
        headers = ["Authorization", "Content-Type", "X-Avwalk-Token", "Last-Event-ID"]
        methods = ["GET", "POST", "PUT", "DELETE"]
        guarded = CORSMiddleware(guarded, settings.allow_origins, methods, headers)
    return guarded


def _add_errors(app: Any) -> None:
    """Every error is JSON, with one line that says what is wrong."""

    async def of_avwalk(request: Request, error: Exception) -> Response:
        status = 502 if isinstance(error, PainterError) else 507 if isinstance(error, OutputError) else 422
        status = 501 if isinstance(error, NoRecogniser) else status
        return _error(status, " ".join(str(error).split("\n")))

    async def of_values(request: Request, error: Exception) -> Response:
        assert isinstance(error, RequestValidationError)
        said = [
            f"{'.'.join(str(part) for part in each['loc'][1:]) or 'body'}: {each['msg']}" for each in error.errors()
        ]
        return _error(422, "; ".join(said))

    async def of_http(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        return _error(error.status_code, str(error.detail), error.headers)

    async def of_line(request: Request, error: Exception) -> Response:
        assert isinstance(error, Busy)
        return _error(503, str(error), {"Retry-After": str(error.retry_after)})

    async def of_the_gone(request: Request, error: Exception) -> Response:
        return _error(499, "the client has gone")

    app.add_exception_handler(AvwalkError, of_avwalk)
    app.add_exception_handler(RequestValidationError, of_values)
    app.add_exception_handler(HTTPException, of_http)
    app.add_exception_handler(Busy, of_line)
    app.add_exception_handler(ClientGone, of_the_gone)


def _error(status: int, said: str, headers: Any = None) -> Response:
    return JSONResponse({"error": said}, status, headers)


def _add_pages(app: Any, settings: ServeSettings, queue: PictureQueue, runner: JobRunner) -> None:
    async def start(request: Request) -> Response:
        """``{"success": true}``; browsers get a page."""
        if "text/html" not in request.headers.get("accept", ""):
            return JSONResponse({"success": True}, headers={"Vary": "Accept"})
        nonce = secrets.token_urlsafe(16)
        page = pages.start_page(nonce, queue.painter.kind, settings.limits.images, bool(settings.token))
        policy = pages.POLICY.format(nonce=nonce)
        return HTMLResponse(page, headers={"Content-Security-Policy": policy, "Vary": "Accept"})

    async def health() -> dict[str, Any]:
        """Whether it works, and how much there is to do."""
        return {
            "status": "ok",
            "version": __version__,
            "painter": queue.painter.kind,
            "pictures": {"waiting": queue.waiting, "running": queue.running},
            "jobs": {"waiting": runner.waiting, "running": sum(job.state == "running" for job in runner.all())},
        }

    async def docs() -> Response:
        """This page."""
        policy = pages.POLICY.format(nonce=secrets.token_urlsafe(16))
        return HTMLResponse(pages.docs_page(app.openapi()), headers={"Content-Security-Policy": policy})

    app.add_api_route("/", start, methods=["GET"], response_model=None)
    app.add_api_route("/health", health, methods=["GET"])
    app.add_api_route("/docs", docs, methods=["GET"], response_model=None)


def _add_generate(app: Any, settings: ServeSettings, queue: PictureQueue) -> None:
    async def generate(asked: GenerateRequest, request: Request) -> Response:
        """Pictures of a text, in base64."""
        limits = settings.limits
        text = asked.text.strip()
        if not text:
            raise OptionError("text is empty; say what is to be seen")
        if len(text) > limits.text:
            raise OptionError(f"text has {len(text)} characters; give at most {limits.text}")
        if asked.num_images > limits.images:
            raise OptionError(f"num_images {asked.num_images} is out of range; give 1 to {limits.images}")
        wanted = paint_requests(text, asked.num_images, settings.size, asked.seed)
        painted = await queue.paint(wanted, request.is_disconnected)
        made = [encoded(commission, painting, settings.img_format) for commission, painting in painted]
        if settings.output_dir is not None:
            now = datetime.now()
            await asyncio.to_thread(save, made, text, settings.output_dir, settings.img_format, now)
        answer = {"generatedImgs": [base64_text(data) for data in made], "generatedImgsFormat": settings.img_format}
        return JSONResponse(answer, headers={"X-Avwalk-Seeds": ",".join(str(each.seed) for each in wanted)})

    app.add_api_route("/generate", generate, methods=["POST"], response_model=GenerateAnswer)


def _add_transcribe(app: Any) -> None:
    async def transcribe(request: Request, language: str = "", translate: bool = False) -> dict[str, Any]:
        """What is said in a sound: the body is the file, or a form with the field ``file``."""
        with tempfile.TemporaryDirectory(prefix="avwalk-") as folder:
            path = Path(folder) / "speech"
            await _write_body(request, path)
            if not path.stat().st_size:
                raise OptionError("no sound was sent; send a file as the body, or as the field 'file' of a form")
            said, spoken = await asyncio.to_thread(recognised, path, language, translate)
        return {"text": _plain(said), "language": spoken, "words": _timed(said)}

    app.add_api_route("/transcribe", transcribe, methods=["POST"])


def _plain(said: Transcript) -> str:
    return " ".join("".join(word.text for word in line.words).strip() for line in said.lines)


def _timed(said: Transcript) -> list[dict[str, Any]]:
    """The words with their times, seconds."""
    words = [word for line in said.lines for word in line.words]
    return [{"text": word.text.strip(), "start": word.start, "end": word.end} for word in words]


async def _write_body(request: Request, path: Path) -> None:
    """Writes what was sent into a file, block by block."""
    with path.open("wb") as out:
        if request.headers.get("content-type", "").startswith("multipart/form-data"):
            async with request.form(max_files=1, max_fields=8) as form:
                file = form.get("file")
                while file is not None and not isinstance(file, str) and (block := await file.read(1 << 16)):
                    out.write(block)
        else:
            async for block in request.stream():
                out.write(block)
