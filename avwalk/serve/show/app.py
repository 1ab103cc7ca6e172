"""The server that shows a folder. Its address holds a secret: who does not know it sees nothing (ASGI)."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import html
import time
from collections.abc import MutableMapping
from importlib import resources
from typing import Any, get_args

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, JSONResponse, Response
from starlette.routing import Route

from avwalk.codex.folder import CodexFolder, Mark
from avwalk.codex.page import codex_marks, codex_page, codex_pictures, marked_at
from avwalk.errors import AvwalkError, CodexError, OptionError
from avwalk.files.bounded import parse_json
from avwalk.serve.guard import Guard, Message, Receive, Send, refuse
from avwalk.serve.settings import ServeSettings, checked
from avwalk.serve.show.schedule import Schedule
from avwalk.serve.show.watched import KINDS, WatchedFolder, caption_of

MAX_SCREENS = 16
SECONDS = (0.5, 3600.0)
"""That a picture stays, least and most."""
_LOOK_S = 0.4
_PRIVATE = {"Referrer-Policy": "no-referrer", "Cache-Control": "no-store"}


def create_show(settings: ServeSettings, seconds: float = 6.0) -> Any:
    """The application that shows a folder, ASGI; all its addresses begin with the token of the settings.

    Args:
        settings: of the server; its folder is the one that is shown.
        seconds: that a picture stays.

    Raises:
        OptionError: it cannot be run with these settings.
        OutputError: the folder is not there.
    """
    settings = checked(settings)
    if not settings.token:
        raise OptionError("a folder is shown to those who know its token; give one")
    if not SECONDS[0] <= seconds <= SECONDS[1]:
        raise OptionError(f"--seconds {seconds:g} is out of range; give {SECONDS[0]:g} to {SECONDS[1]:g}")
    show = _Show(WatchedFolder(settings.folder, _LOOK_S), seconds)
    app = Starlette(routes=show.routes(), exception_handlers={HTTPException: _of_http, AvwalkError: _of_avwalk})
    return SecretPath(Guard(app, settings), settings.token)


class SecretPath:
    """Lets those through who know the secret with which the path begins; a page's pictures carry no headers.

    Args:
        app: what answers them; it sees the path behind the secret, and the secret as a header.
        secret: printable ASCII.
    """

    def __init__(self, app: Any, secret: str) -> None:
        self._app, self._secret = app, secret

    async def __call__(self, scope: MutableMapping[str, Any], receive: Receive, send: Send) -> None:
        """Answers a request, or refuses it."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        first, slash, rest = scope["path"].lstrip("/").partition("/")
        if not hmac.compare_digest(first.encode("utf-8", "replace"), self._secret.encode()):
            await refuse(send, 404, "nothing is here; open the address that avwalk has said, all of it")
            return
        if not slash:  # pictures are relative to the address, whose last slash was forgotten
            there = [(b"location", f"/{self._secret}/".encode()), (b"content-length", b"0")]
            await send({"type": "http.response.start", "status": 307, "headers": there})
            await send({"type": "http.response.body", "body": b""})
            return
        headers = [(b"x-avwalk-token", self._secret.encode()), *scope["headers"]]
        inner = {**scope, "path": f"/{rest}", "raw_path": f"/{rest}".encode("utf-8", "replace"), "headers": headers}

        async def sent(message: Message) -> None:
            if message["type"] == "http.response.start":
                more = [(name.lower().encode(), value.encode()) for name, value in _PRIVATE.items()]
                message["headers"] = [*message.get("headers", ()), *more]
            await send(message)

        await self._app(inner, receive, sent)


class _Show:
    """What is answered."""

    def __init__(self, folder: WatchedFolder, seconds: float) -> None:
        self.folder, self.seconds, self.codex = folder, seconds, CodexFolder(folder.path)
        self._schedules = {screens: Schedule(screens, seconds) for screens in range(1, MAX_SCREENS + 1)}

    def routes(self) -> list[Route]:
        """All paths."""
        return [
            Route("/", self.page),
            Route("/show", self.slideshow),
            Route("/steps", self.steps),
            Route("/list", self.list),
            Route("/state", self.state),
            Route("/marks", self.mark, methods=["POST"]),
            Route("/{place}/{name}", self.picture),
        ]

    def page(self, request: Request) -> Response:
        """The page of a codex, as its folder is now; of other folders the slideshow."""
        if not codex_pictures(self.codex):
            return self.slideshow(request)
        return HTMLResponse(codex_page(self.codex))

    def slideshow(self, request: Request) -> Response:
        """Full screen, one picture after the other."""
        return HTMLResponse(slideshow_page(self.folder.path.resolve().name))

    def steps(self, request: Request) -> Response:
        """What one of several screens shows, and when; with the time that it is here."""
        screens = _number(request, "screens", MAX_SCREENS)
        screen = _number(request, "screen", screens)
        pictures = {each.url: each for each in self.folder.pictures()}
        now = time.time()
        steps = self._schedules[screens].steps(now, list(pictures))
        shown = {step: urls[screen - 1] for step, urls in steps.items()}
        told = {step: [url, caption_of(pictures[url])] for step, url in shown.items() if url in pictures}
        version = hashlib.sha256("\n".join(pictures).encode()).hexdigest()[:12]
        facts = {"now": time.time(), "seconds": self.seconds, "count": len(pictures), "version": version}
        return JSONResponse({**facts, "steps": told})

    def list(self, request: Request) -> Response:
        """All pictures in order, with what is seen in them."""
        return JSONResponse({"pictures": [[each.url, caption_of(each)] for each in self.folder.pictures()]})

    def state(self, request: Request) -> Response:
        """How many pictures there are, and how they are marked."""
        n = len(self.folder.pictures())
        return JSONResponse({"pictures": n, "marks": codex_marks(self.codex), "marked": marked_at(self.codex)})

    async def mark(self, request: Request) -> Response:
        """Keeps what is thought of a picture: ``{"picture": "00012.png", "mark": "good"}``."""
        try:
            told = parse_json(await request.body())
            picture, mark = told["picture"], told["mark"]
        except (ValueError, TypeError, KeyError):
            raise CodexError('a mark is {"picture": "00012.png", "mark": "good"}') from None
        if not isinstance(picture, str) or mark not in get_args(Mark):
            raise CodexError(f"a mark is one of {', '.join(get_args(Mark))}, of a picture")
        await asyncio.to_thread(self.codex.add_mark, picture, mark)
        return JSONResponse({"picture": picture, "mark": mark}, 201)

    def picture(self, request: Request) -> Response:
        """A picture of the folder; nothing else of it can be had."""
        found = self.folder.picture(f"{request.path_params['place']}/{request.path_params['name']}")
        if found is None:
            raise HTTPException(404, "there is no such picture")
        return FileResponse(found.path, media_type=KINDS[found.path.suffix.lower()])


def slideshow_page(title: str) -> str:
    """The slideshow as HTML; nothing comes from elsewhere, and the hash of its script is that script's permission."""
    own = resources.files("avwalk.serve.show")
    style, script = (own.joinpath(f"slideshow.{kind}").read_text(encoding="utf-8") for kind in ("css", "js"))
    permission = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    policy = (
        f"default-src 'none'; img-src 'self' data:; style-src 'unsafe-inline'; script-src 'sha256-{permission}'; "
        "connect-src 'self'; base-uri 'none'; form-action 'none'"
    )
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<link rel="icon" href="data:,">
<meta http-equiv="Content-Security-Policy" content="{policy}">
<title>{html.escape(title)}</title>
<style>{style}</style>
</head>
<body>
<p id="waiting">Waiting for pictures in {html.escape(title)}</p>
<p id="caption" aria-live="polite"></p>
<p id="hint"><kbd>f</kbd> full screen <kbd>←</kbd> <kbd>→</kbd> by hand <kbd>Space</kbd> pause <kbd>c</kbd> captions
<kbd>Esc</kbd> leave</p>
<script>{script}</script>
</body>
</html>
"""


def _number(request: Request, name: str, most: int) -> int:
    text = request.query_params.get(name, "1")
    if not (text.isdecimal() and len(text) < 4 and 1 <= int(text) <= most):
        raise OptionError(f"{name} is 1 to {most}")
    return int(text)


def _of_http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    return JSONResponse({"error": str(error.detail)}, error.status_code)


def _of_avwalk(request: Request, error: Exception) -> Response:
    return JSONResponse({"error": " ".join(str(error).split("\n"))}, 422)
