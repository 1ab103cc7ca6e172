"""What a server is asked to do, and what it allows."""

from __future__ import annotations

import ipaddress
import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from avwalk.errors import OptionError

TOKEN_VARIABLE = "AVWALK_SERVE_TOKEN"
FORMATS = ("JPEG", "jpeg", "png")
"""What `/generate` makes; ``JPEG`` and ``jpeg`` are the same pictures."""
_SHORTEST_TOKEN = 16
_YES = ("true", "yes", "y", "1", "t", "on")
_NO = ("false", "no", "n", "0", "f", "off")


@dataclass(frozen=True)
class Limits:
    """What one server takes.

    Attributes:
        rate: requests a minute of one address; as many at once. 0: any.
        concurrency: pictures painted at once.
        queue: pictures that wait, at most; more are refused with 503.
        jobs: jobs that wait, at most.
        body: bytes of a request of JSON.
        upload: bytes of a sound that is sent.
        text: characters of a text.
        images: pictures of one request.
        streams: progress streams at once.
        body_s: seconds in which a body has to come.
    """

    rate: int = 240
    concurrency: int = 2
    queue: int = 64
    jobs: int = 32
    body: int = 1 << 20
    upload: int = 128 << 20
    text: int = 2000
    images: int = 6
    streams: int = 64
    body_s: float = 60.0


@dataclass(frozen=True)
class ServeSettings:
    """A server.

    Attributes:
        folder: where its songs and jobs are.
        host: address that it listens on.
        port: 0: any that is free.
        painter: what paints, as ``--painter`` has it.
        size: of pictures, width and height.
        img_format: of ``FORMATS``.
        output_dir: where pictures of `/generate` are saved too; None: nowhere.
        token: that requests must carry; empty: none.
        allow_origins: web pages of other origins that may ask.
        allow_hosts: names by which it may be asked, beside addresses and ``localhost``.
        limits: what it takes.
    """

    folder: Path
    host: str = "127.0.0.1"
    port: int = 8000
    painter: str = "worlds"
    size: tuple[int, int] = (512, 512)
    img_format: str = "JPEG"
    output_dir: Path | None = None
    token: str = field(default="", repr=False)
    allow_origins: tuple[str, ...] = ()
    allow_hosts: tuple[str, ...] = ()
    limits: Limits = Limits()


def checked(settings: ServeSettings) -> ServeSettings:
    """The settings, if a server can be run with them.

    Raises:
        OptionError: it would be open to others without a token, or a value is none.
    """
    if not 0 <= settings.port <= 65535:
        raise OptionError(f"--port {settings.port} is out of range; give 0 to 65535")
    if settings.img_format not in FORMATS:
        raise OptionError(f"--img-format '{settings.img_format}' is not known; use {', '.join(FORMATS)}")
    if not all(16 <= side <= 4096 for side in settings.size):
        raise OptionError(f"--size {settings.size[0]}x{settings.size[1]} is out of range; give sides of 16 to 4096")
    if not is_loopback(settings.host) and not settings.token:
        raise OptionError(f"--host {settings.host} can be reached by others; set {TOKEN_VARIABLE} or --token-file FILE")
    for name in ("rate", "concurrency", "queue", "jobs"):
        if getattr(settings.limits, name) < (name in ("concurrency", "jobs")):
            raise OptionError(f"--{name} {getattr(settings.limits, name)} is too small")
    for origin in settings.allow_origins:
        parts = urlsplit(origin)
        if origin == "*" or parts.scheme not in ("http", "https") or not parts.netloc or parts.path:
            raise OptionError(f"--allow-origin '{origin}' is no origin; write https://example.org")
    return settings


def token_from(file: Path | None) -> str:
    """The token of a file, else of the environment; empty: none.

    Raises:
        OptionError: the file cannot be read, or the token is too short.
    """
    if file is None:
        token, place = os.environ.get(TOKEN_VARIABLE, "").strip(), TOKEN_VARIABLE
    else:
        place = f"--token-file '{file}'"
        try:
            token = file.read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            raise OptionError(f"{place} cannot be read: {getattr(error, 'strerror', None) or 'no text'}") from None
        if not token:
            raise OptionError(f"{place} is empty; write a token of {_SHORTEST_TOKEN} characters or more into it")
    if token and (len(token) < _SHORTEST_TOKEN or not token.isascii() or not token.isprintable()):
        raise OptionError(f"{place} holds no token of {_SHORTEST_TOKEN} printable ASCII characters or more")
    return token


def yes_or_no(text: str, option: str) -> bool:
    """``true``, ``yes``, ``y``, ``1``, ``t``, or their opposites.

    Raises:
        OptionError: it is none of them.
    """
    if text.strip().lower() not in _YES + _NO:
        raise OptionError(f"{option} '{text}' is neither yes nor no")
    return text.strip().lower() in _YES


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach an address."""
    if host.lower() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def host_allowed(header: str, settings: ServeSettings) -> bool:
    """Whether a ``Host`` header names this server.

    A page of another site whose name is made to point here (DNS rebinding) asks by that name; so names are only those
    that were said, while addresses, which cannot be rebound, are all right.
    """
    try:
        name = urlsplit(f"//{header}").hostname or ""
    except ValueError:
        return False
    if name == "localhost" or name in _lower((settings.host, *settings.allow_hosts)):
        return True
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


def origin_allowed(origin: str, host: str, settings: ServeSettings) -> bool:
    """Whether a page of an origin may ask: one of this server's own, or one that was said."""
    return origin in settings.allow_origins or urlsplit(origin).netloc.lower() == host.lower()


def _lower(names: Sequence[str]) -> list[str]:
    return [name.lower() for name in names]
