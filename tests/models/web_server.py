"""A web server on this machine that behaves as badly as it is told."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from avwalk.models import download


@dataclass
class Web:
    """What it serves, and what it was asked.

    Attributes:
        files: path → content.
        breaks: how many bytes an answer has before the line breaks; one number for each answer, then none breaks.
        ranges: whether it understands Range.
        tag: the ETag of everything, or empty.
        leads: path → where it leads on to.
        asked: (path, Range header or empty) of every request.
    """

    files: dict[str, bytes] = field(default_factory=dict)
    breaks: list[int] = field(default_factory=list)
    ranges: bool = True
    tag: str = '"one"'
    leads: dict[str, str] = field(default_factory=dict)
    asked: list[tuple[str, str]] = field(default_factory=list)
    address: str = ""


@contextmanager
def web(**options: Any) -> Iterator[Web]:
    """Serves on a free port of 127.0.0.1 while the block runs."""
    state = Web(**options)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *args: object) -> None:
            pass

        def do_GET(self) -> None:
            wanted = self.headers.get("Range", "")
            state.asked.append((self.path, wanted))
            if self.path in state.leads:
                self.send_response(302)
                self.send_header("Location", state.leads[self.path])
                self.send_header("Content-Length", "0")
                self.end_headers()
                return
            if self.path not in state.files:
                self.send_error(404)
                return
            data = state.files[self.path]
            start = self._start(wanted)
            if start is not None and start >= len(data):
                self.send_response(416)
                self.send_header("Content-Range", f"bytes */{len(data)}")
                self.send_header("Content-Length", "0")
                self.end_headers()
                return
            self._send(data, start)

        def _start(self, wanted: str) -> int | None:
            found = re.fullmatch(r"bytes=(\d+)-", wanted)
            same = self.headers.get("If-Range", state.tag) == state.tag
            return int(found[1]) if found and state.ranges and same else None

        def _send(self, data: bytes, start: int | None) -> None:
            rest = data[start or 0 :]
            self.send_response(200 if start is None else 206)
            if start is not None:
                self.send_header("Content-Range", f"bytes {start}-{len(data) - 1}/{len(data)}")
            if state.tag:
                self.send_header("ETag", state.tag)
            self.send_header("Content-Length", str(len(rest)))
            self.end_headers()
            limit = state.breaks.pop(0) if state.breaks else len(rest)
            self.wfile.write(rest[:limit])
            if limit < len(rest):
                self.wfile.flush()
                self.close_connection = True

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    schemes, download.SCHEMES = download.SCHEMES, ("https", "http")  # it has no certificate
    state.address = f"http://127.0.0.1:{server.server_address[1]}"
    try:
        yield state
    finally:
        download.SCHEMES = schemes
        server.shutdown()
        thread.join()
        server.server_close()
