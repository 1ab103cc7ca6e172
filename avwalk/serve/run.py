"""Runs a server until it is stopped."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable
from typing import Any

from avwalk.errors import ModelError, OptionError
from avwalk.serve.settings import ServeSettings, checked

INSTALL = "a server needs FastAPI and uvicorn; install them with: pip install 'avwalk[serve]'"
_BACKLOG = 2048


def application(settings: ServeSettings) -> Any:
    """The application of a server, ASGI, for any server that runs such.

    Raises:
        ModelError: the packages of the extra ``serve`` are missing.
        AvwalkError: see `avwalk.serve.app.create_app`.
    """
    try:
        from avwalk.serve.app import create_app
    except ImportError as error:
        if (error.name or "").startswith("avwalk"):
            raise
        raise ModelError(INSTALL) from None
    return create_app(settings)


def serve(settings: ServeSettings, on_start: Callable[[str], None] = print) -> None:
    """Serves until Ctrl-C.

    Args:
        settings: of the server.
        on_start: called with its address when it listens.

    Raises:
        ModelError: the packages of the extra ``serve`` are missing.
        OptionError: the address cannot be listened on.
        AvwalkError: see `avwalk.serve.app.create_app`.
    """
    app = application(checked(settings))
    import uvicorn

    listener = listen(settings)
    try:
        host, port = listener.getsockname()[:2]
        on_start(f"http://{f'[{host}]' if ':' in host else host}:{port}")
        uvicorn.Server(config(app)).run(sockets=[listener])
    finally:
        listener.close()


def config(app: Any) -> Any:
    """How uvicorn runs the application: it writes only what is wrong, and says nothing of itself."""
    import uvicorn

    return uvicorn.Config(
        app, log_level="warning", access_log=False, server_header=False, timeout_keep_alive=15, backlog=_BACKLOG,
        timeout_graceful_shutdown=10, ws="none",
    )  # fmt: skip


def listen(settings: ServeSettings) -> socket.socket:
    """A socket that listens.

    Raises:
        OptionError: the address cannot be had.
    """
    try:
        family, _, _, _, address = socket.getaddrinfo(settings.host, settings.port, type=socket.SOCK_STREAM)[0]
        listener = socket.socket(family, socket.SOCK_STREAM)
        try:
            if os.name != "nt":  # there it would let another program take the port away
                listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.bind(address)
            listener.listen(_BACKLOG)
        except BaseException:
            listener.close()
            raise
    except OSError as error:
        reason = error.strerror or str(error)
        raise OptionError(
            f"cannot listen on {settings.host}:{settings.port}: {reason}; choose another with --host, --port"
        ) from None
    return listener
