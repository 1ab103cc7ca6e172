"""The door: host, origin, token, rate and size are looked at before anything else happens (ASGI)."""

from __future__ import annotations

import asyncio
import hmac
import json
import math
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from avwalk.serve.settings import ServeSettings, host_allowed, origin_allowed

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[MutableMapping[str, Any], Receive, Send], Awaitable[None]]
OPEN = ("/", "/health")
"""Paths that answer without a token: they say nothing of anybody."""
_MOST_CLIENTS = 4096
_LINGER_S, _LINGER_BYTES = 2.0, 1 << 26
"""What is still read, and thrown away, of a body that is refused: see `_thrown_away`."""


class BadBody(Exception):
    """A body has more bytes than are taken, or did not come in time."""


class Guard:
    """Lets requests through that may be answered.

    Args:
        app: what answers them.
        settings: of the server.
        upload_paths: beginnings of paths that take more than JSON.
        clock: seconds; for tests.
    """

    def __init__(
        self,
        app: App,
        settings: ServeSettings,
        upload_paths: tuple[str, ...] = (),
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._app, self._settings, self._upload_paths, self._clock = app, settings, upload_paths, clock
        self._rates: OrderedDict[str, tuple[float, float]] = OrderedDict()  # address → requests left, at which time

    async def __call__(self, scope: MutableMapping[str, Any], receive: Receive, send: Send) -> None:
        """Answers a request, or refuses it."""
        if scope["type"] != "http":
            if scope["type"] == "lifespan":
                await self._app(scope, receive, send)
            return  # there are no websockets here
        headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}
        if refusal := self._refusal(scope, headers):
            await refuse(send, *refusal)
            return
        most = self._settings.limits.upload if self._is_upload(scope["path"]) else self._settings.limits.body
        length = headers.get("content-length", "0")
        if not length.isdecimal() or int(length) > most:
            await refuse(send, 413, too_large(most), linger=receive)
            return
        body = _Body(receive, most, self._settings.limits.body_s)
        answered = False

        async def sent(message: Message) -> None:
            nonlocal answered
            if body.problem:  # whatever the application makes of it: a framework takes it for a syntax error
                if not answered:
                    answered = True
                    await refuse(send, *body.problem, linger=receive if body.problem[0] == 413 else None)
                return
            if message["type"] == "http.response.start":
                answered = True
                message["headers"] = [*message.get("headers", ()), (b"x-content-type-options", b"nosniff")]
            await send(message)

        try:
            await self._app(scope, body.receive, sent)
        except BadBody:
            await sent({"type": "http.response.start"})

    def _refusal(self, scope: MutableMapping[str, Any], headers: dict[str, str]) -> tuple[int, str, int | None] | None:
        """Status, reason and seconds to wait; None: come in."""
        host, origin = headers.get("host", ""), headers.get("origin")
        if not host_allowed(host, self._settings):
            return (
                421,
                f"this server is not called '{host[:100]}'; ask by its address, or allow the name: --allow-host",
                None,
            )
        if origin is not None and not origin_allowed(origin, host, self._settings):
            return 403, f"pages of '{origin[:100]}' may not ask here; allow them: --allow-origin", None
        if wait := self._wait((scope.get("client") or ("", 0))[0]):
            return 429, f"more than {self._settings.limits.rate} requests a minute; wait {wait} s", wait
        preflight = scope["method"] == "OPTIONS" and "access-control-request-method" in headers
        if self._settings.token and scope["path"] not in OPEN and not preflight:
            scheme, _, given = headers.get("authorization", "").partition(" ")
            given = given.strip() if scheme.lower() == "bearer" else headers.get("x-avwalk-token", "")
            if not hmac.compare_digest(given.encode("utf-8"), self._settings.token.encode("utf-8")):
                return 401, "a token is needed: header 'Authorization: Bearer TOKEN'", None
        return None

    def _wait(self, client: str) -> int:
        """Seconds until an address may ask again; 0: now. A bucket that refills (token bucket)."""
        rate = self._settings.limits.rate
        if not rate:
            return 0
        now = self._clock()
        left, at = self._rates.pop(client, (float(rate), now))
        left = min(float(rate), left + (now - at) * rate / 60)
        allowed = left >= 1
        self._rates[client] = (left - allowed, now)
        if len(self._rates) > _MOST_CLIENTS:
            self._rates.popitem(last=False)
        return 0 if allowed else max(1, math.ceil((1 - left) * 60 / rate))

    def _is_upload(self, path: str) -> bool:
        return path.startswith(self._upload_paths) if self._upload_paths else False


class _Body:
    """A body of so many bytes, which has to come in time."""

    def __init__(self, receive: Receive, most: int, seconds: float) -> None:
        self._receive, self._most = receive, most
        self._seconds, self._deadline = seconds, time.monotonic() + seconds
        self._count, self._whole = 0, False
        self.problem: tuple[int, str] | None = None

    async def receive(self) -> Message:
        """The next part.

        Raises:
            BadBody: it is too much, or too late.
        """
        if self._whole:  # what comes now is that the client has gone
            return await self._receive()
        try:
            message = await asyncio.wait_for(self._receive(), max(0.001, self._deadline - time.monotonic()))
        except TimeoutError:
            self.problem = (408, f"the body did not come within {self._seconds:g} s")
            raise BadBody from None
        self._count += len(message.get("body", b""))
        if self._count > self._most:
            self.problem = (413, too_large(self._most))
            raise BadBody
        self._whole = not message.get("more_body", False)
        return message


def too_large(most: int) -> str:
    """What is wrong with a body of more bytes."""
    return f"the body is larger than {most} bytes, which is the most that is taken"


async def refuse(
    send: Send, status: int, reason: str, retry_after: int | None = None, linger: Receive | None = None
) -> None:
    """An answer that says in one line what was wrong.

    Args:
        send: to whoever asked.
        status: of HTTP.
        reason: the line.
        retry_after: seconds until it may be asked again.
        linger: where a body may still be coming from, which is thrown away before the connection is closed.
    """
    body = json.dumps({"error": reason}).encode()
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
    if retry_after is not None:
        headers.append((b"retry-after", str(retry_after).encode()))
    if status == 401:
        headers.append((b"www-authenticate", b"Bearer"))
    if status in (408, 413):
        headers.append((b"connection", b"close"))
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body, "more_body": linger is not None})
    if linger is not None:
        await _thrown_away(linger)
        await send({"type": "http.response.body", "body": b""})


async def _thrown_away(receive: Receive) -> None:
    """Reads the rest of a body that nobody wants, within limits.

    A connection that is closed while bytes are unread is reset, and a client that is still sending then loses the
    answer with it (RFC 9112, 9.6; nginx calls the remedy a lingering close).
    """
    deadline, count, more = time.monotonic() + _LINGER_S, 0, True
    while more and count <= _LINGER_BYTES and (left := deadline - time.monotonic()) > 0:
        try:
            message = await asyncio.wait_for(receive(), left)
        except TimeoutError:
            return
        count += len(message.get("body", b""))
        more = message["type"] == "http.request" and message.get("more_body", False)
