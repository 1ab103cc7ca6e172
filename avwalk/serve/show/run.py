"""Shows a folder until it is stopped."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from avwalk.errors import ModelError
from avwalk.serve.run import INSTALL, config, listen
from avwalk.serve.settings import Limits, ServeSettings

BODY = 4096
"""Bytes of a mark."""


def show_settings(folder: Path, host: str = "127.0.0.1", port: int = 0, token: str = "") -> ServeSettings:
    """The settings of a server that shows a folder.

    Args:
        folder: that is shown.
        host: address that it listens on; others than this machine's can be asked by those who know the token.
        port: 0: any that is free.
        token: the secret of its address; empty: a new one.
    """
    limits = replace(Limits(), rate=0, body=BODY, upload=BODY, body_s=10.0)  # a page asks for hundreds of pictures
    return ServeSettings(folder, host, port, token=token or secrets.token_urlsafe(16), limits=limits)


def show(settings: ServeSettings, seconds: float = 6.0, on_start: Callable[[str], None] = print) -> None:
    """Shows a folder until Ctrl-C.

    Args:
        settings: of the server, see `show_settings`.
        seconds: that a picture of the slideshow stays.
        on_start: called with its address, its secret included, when it listens.

    Raises:
        ModelError: the packages of the extra ``serve`` are missing.
        OptionError: the address cannot be listened on, or a setting is out of range.
        OutputError: the folder is not there.
    """
    try:
        import uvicorn

        from avwalk.serve.show.app import create_show
    except ImportError as error:
        if (error.name or "").startswith("avwalk"):
            raise
        raise ModelError(INSTALL) from None
    app: Any = create_show(settings, seconds)
    listener = listen(settings)
    try:
        host, port = listener.getsockname()[:2]
        on_start(f"http://{f'[{host}]' if ':' in host else host}:{port}/{settings.token}/")
        uvicorn.Server(config(app)).run(sockets=[listener])
    finally:
        listener.close()
