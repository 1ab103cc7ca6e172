"""HTTP to a painter's service: verified TLS, deadlines, bounded sizes, retries with backoff, errors in one line.

Of the standard library alone. A time limit is one for the whole exchange: a server that sends a byte a second is slow,
however often it sends. Redirects are not followed: a key would go with them.
"""

from __future__ import annotations

import base64
import http.client
import json
import os
import ssl
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from time import sleep
from typing import Any, NamedTuple
from urllib.parse import SplitResult, urlsplit
from urllib.request import getproxies, proxy_bypass

from avwalk._version import __version__
from avwalk.errors import OptionError, PainterError, clipped

MAX_BYTES = 128 << 20
"""Largest answer."""
RETRIES = 3
"""Further attempts after a failure that may pass."""
PASSING = frozenset({408, 425, 429, 500, 502, 503, 504})
"""Statuses that may pass."""
MAX_WAIT = 60.0  # seconds that a server may ask for before the next attempt
_BLOCK = 1 << 16
_WORDS = 300  # letters of a server's own words that are shown
_LOCAL = ("127.0.0.1", "localhost", "::1")


class Answer(NamedTuple):
    """A server's answer with a status of 2xx."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> Any:
        """The body as JSON; None if there is none.

        Raises:
            ValueError: it is no JSON.
        """
        return json.loads(self.body) if self.body.strip() else None


@dataclass(frozen=True)
class Connection:
    """A service at an address.

    Attributes:
        base: its address, ``http://…`` or ``https://…``, without a query.
        headers: sent with every request; may hold keys, which are shown nowhere.
        timeout: seconds for a request and its whole answer.
        backoff: seconds before the second attempt; doubled each time.
        secrets: texts that are taken out of all messages.
    """

    base: str
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    timeout: float = 120.0
    backoff: float = 1.0
    secrets: tuple[str, ...] = field(default=(), repr=False)

    def get(self, path: str, *, retries: int = RETRIES) -> Answer:
        """``GET``; see `request`."""
        return self.request("GET", path, retries=retries)

    def post(self, path: str, value: Any) -> Answer:
        """``POST`` of a JSON value; see `request`."""
        return self.request("POST", path, json.dumps(value).encode(), "application/json")

    def request(
        self, method: str, path: str, body: bytes | None = None, content_type: str = "", *, retries: int = RETRIES
    ) -> Answer:
        """A request, repeated while its failure may pass.

        Args:
            method: ``GET``, ``POST``, …
            path: behind the base; or a whole address, which gets no keys unless it is of the same origin.
            body: what is sent.
            content_type: of the body.
            retries: further attempts.

        Raises:
            PainterError: no answer in time, an answer that breaks off, or an error in the server's own words.
        """
        url = path if "://" in path else self.base.rstrip("/") + "/" + path.lstrip("/")
        for attempt in range(retries + 1):
            wait = self.backoff * 2**attempt
            try:
                answer = self._once(method, url, body, content_type)
            except _Broken as error:
                if attempt == retries or not error.passing:
                    raise PainterError(self._clean(f"{_place(url)}: {error}")) from None
            else:
                if 200 <= answer.status < 300:
                    return answer
                if answer.status not in PASSING or attempt == retries:
                    raise PainterError(self._clean(_refusal(url, answer)))
                wait = _wait_of(answer.headers.get("retry-after", ""), wait)
            sleep(wait)
        raise AssertionError("the last attempt returns or raises")

    def _once(self, method: str, url: str, body: bytes | None, content_type: str) -> Answer:
        """One exchange, within the time limit."""
        parts = urlsplit(url)
        try:
            connection = _open(parts, self.timeout)
        except ValueError as error:
            raise PainterError(f"'{clipped(_place(url))}' is no address: {error}") from None
        late = threading.Event()

        def stop() -> None:
            late.set()
            _shut(connection)

        watch = threading.Timer(self.timeout, stop)
        watch.daemon = True
        watch.start()
        headers = {"User-Agent": f"avwalk/{__version__}", "Accept": "*/*", "Connection": "close"}
        if _origin(parts) == _origin(urlsplit(self.base)):
            headers |= self.headers
        if body is not None:
            headers["Content-Type"] = content_type
        try:
            connection.request(method, parts.path + (f"?{parts.query}" if parts.query else ""), body, headers)
            answer = connection.getresponse()
            return Answer(answer.status, {k.lower(): v for k, v in answer.getheaders()}, _read(answer))
        except ssl.SSLError as error:
            raise _Broken(f"its certificate or TLS is not accepted ({error.reason or error})", False) from None
        except (OSError, http.client.HTTPException, ValueError, AttributeError) as error:
            if late.is_set() or isinstance(error, TimeoutError):
                raise _Broken(f"no whole answer within {self.timeout:g} s; see whether it is busy", False) from None
            raise _Broken(_reason(error), not isinstance(error, ConnectionRefusedError)) from None
        finally:
            watch.cancel()
            connection.close()

    def _clean(self, text: str) -> str:
        for secret in filter(None, self.secrets):
            text = text.replace(secret, "…")
        return text


class _Broken(Exception):
    """An exchange without an answer; whether another attempt may help."""

    def __init__(self, text: str, passing: bool) -> None:
        super().__init__(text)
        self.passing = passing


def connect(
    base: str, headers: Mapping[str, str] | None = None, *, timeout: float = 120.0, key: str = ""
) -> Connection:
    """A service at an address that a user gave.

    Args:
        base: ``http://host:port/path`` or ``https://…``.
        headers: for every request.
        timeout: seconds for each.
        key: a secret in the headers; it goes over TLS, or stays on this machine.

    Raises:
        OptionError: no address, one that holds a password, or a key that would go through the net in the clear.
    """
    parts = urlsplit(base)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise OptionError(f"'{clipped(base)}' is no address of a service; write http://HOST:PORT or https://HOST")
    if parts.username or parts.password:
        raise OptionError("an address with a password in it would be stored; keys come from the environment alone")
    if key and parts.scheme == "http" and parts.hostname not in _LOCAL:
        raise OptionError(f"'{parts.scheme}://{parts.netloc}' would get a key in the clear; use https")
    encoded = base64.b64encode(key.encode()).decode() if ":" in key else ""
    return Connection(base.rstrip("/"), dict(headers or {}), timeout, secrets=(key, encoded))


def multipart(fields: Mapping[str, str], files: Mapping[str, tuple[str, bytes]]) -> tuple[bytes, str]:
    """A form with files: its body and content type.

    Args:
        fields: name → value.
        files: name → file name and PNG.
    """
    boundary = "avwalk" + os.urandom(16).hex()
    parts = []
    for name, value in fields.items():
        parts.append(f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode())
    for name, (file_name, data) in files.items():
        head = (
            f'Content-Disposition: form-data; name="{name}"; filename="{file_name}"\r\nContent-Type: image/png\r\n\r\n'
        )
        parts.append(f"--{boundary}\r\n{head}".encode() + data + b"\r\n")
    return b"".join([*parts, f"--{boundary}--\r\n".encode()]), f"multipart/form-data; boundary={boundary}"


def server_message(body: bytes) -> str:
    """What a server says is wrong, from the fields in which the known services say it; else the text itself."""
    text = " ".join(body[: 1 << 16].decode("utf-8", "replace").split())
    try:
        value = json.loads(body)
    except ValueError:
        return clipped(text, _WORDS)
    found = list(dict.fromkeys(filter(None, _messages(value))))
    return clipped("; ".join(found) or text, _WORDS)


def _messages(value: Any) -> list[str]:
    """Messages in the error objects of A1111, ComfyUI, OpenAI and FastAPI, outermost first."""
    if isinstance(value, str):
        return [" ".join(value.split())]
    if isinstance(value, list):
        return [each for item in value[:5] for each in _messages(item)]
    if not isinstance(value, dict):
        return []
    found: list[str] = []
    for name in ("message", "error", "detail", "details", "errors", "msg", "exception_message"):
        if value.get(name):
            found += _messages(value[name])
    nodes = value.get("node_errors")
    if isinstance(nodes, dict):
        for number, node in list(nodes.items())[:5]:
            found += [f"node {number}: {each}" for each in _messages(node)]
    return found


def _refusal(url: str, answer: Answer) -> str:
    said = server_message(answer.body)
    advice = {
        401: "; is the key right?",
        403: "; it refuses this client or key",
        404: "; is this the address of the service?",
    }.get(answer.status, "")
    if 300 <= answer.status < 400:
        return f"{_place(url)} sends elsewhere ({clipped(answer.headers.get('location', ''))}); give that address"
    return f"{_place(url)} answers {answer.status}{f': {said}' if said else ''}{advice}"


def _reason(error: BaseException) -> str:
    if isinstance(error, ConnectionRefusedError):
        return "nothing answers there; is the service running?"
    if isinstance(error, http.client.RemoteDisconnected | ConnectionError | http.client.IncompleteRead):
        return "the connection was closed in the middle"
    if isinstance(error, _TooLarge):
        return str(error)
    said = getattr(error, "strerror", None) or str(error) or type(error).__name__
    return f"no connection: {said}"


class _TooLarge(OSError):
    pass


def _read(answer: http.client.HTTPResponse) -> bytes:
    blocks, total = [], 0
    while block := answer.read(_BLOCK):
        blocks.append(block)
        total += len(block)
        if total > MAX_BYTES:
            raise _TooLarge(f"its answer is larger than {MAX_BYTES >> 20} MB")
    if answer.length:  # fewer bytes than it said
        raise http.client.IncompleteRead(b"")
    return b"".join(blocks)


def _open(parts: SplitResult, timeout: float) -> http.client.HTTPConnection:
    """A connection, through the proxy of the environment if there is one for this host."""
    secure, host = parts.scheme == "https", parts.hostname or ""
    port = parts.port or (443 if secure else 80)
    proxy = getproxies().get(parts.scheme, "") if host not in _LOCAL and not proxy_bypass(host) else ""
    through = urlsplit(proxy if "://" in proxy else f"http://{proxy}") if proxy else None
    at = (through.hostname or "", through.port or 8080) if through else (host, port)
    if secure:
        made: http.client.HTTPConnection = http.client.HTTPSConnection(
            *at, timeout=timeout, context=ssl.create_default_context()
        )
    else:
        made = http.client.HTTPConnection(*at, timeout=timeout)
    if through:
        login = {}
        if through.username:
            word = base64.b64encode(f"{through.username}:{through.password or ''}".encode()).decode()
            login = {"Proxy-Authorization": f"Basic {word}"}
        made.set_tunnel(host, port, login)
    return made


def _shut(connection: http.client.HTTPConnection) -> None:
    """Ends a connection that another thread waits for."""
    import contextlib
    import socket

    with contextlib.suppress(OSError, AttributeError):
        connection.sock.shutdown(socket.SHUT_RDWR)


def _origin(parts: SplitResult) -> tuple[str, str, int]:
    return parts.scheme, parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80)


def _place(url: str) -> str:
    """An address without its query, which may hold prompts."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}{parts.path}"


def _wait_of(text: str, usual: float) -> float:
    """Seconds that a server asks to wait for, within reason."""
    try:
        return min(MAX_WAIT, max(0.0, float(text)))
    except ValueError:
        return min(MAX_WAIT, usual)
