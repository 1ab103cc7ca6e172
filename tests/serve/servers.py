"""A real server on loopback, in a thread, for a real client."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from avwalk.contracts import Frames
from avwalk.errors import PainterError
from avwalk.painters.contract import Painting
from avwalk.serve.run import config, listen
from avwalk.serve.settings import ServeSettings


class Brush:
    """A painter of one grey, as slow as need be; remembers the prompts that it painted."""

    kind, remote, jobs = "brush", False, 8
    price: float | None = None

    def __init__(self, seconds: float = 0.0) -> None:
        self.identity: Mapping[str, Any] = {"kind": "brush"}
        self.seconds, self.painted, self.most, self._now = seconds, list[str](), 0, 0
        self._lock = threading.Lock()

    def paint(
        self,
        prompt: str,
        negative: str = "",
        seed: int = 0,
        size: tuple[int, int] = (512, 512),
        init_image: Frames | None = None,
        strength: float = 0.5,
    ) -> Painting:
        with self._lock:
            self._now += 1
            self.most = max(self.most, self._now)
        time.sleep(self.seconds)
        with self._lock:
            self._now -= 1
            self.painted.append(prompt)
        if prompt == "fail":
            raise PainterError("the service says no; ask it later")
        return Painting(np.full((size[1], size[0], 3), (seed % 200) / 255, np.float32), {"Seed": seed})


@contextlib.contextmanager
def serving(settings: ServeSettings, painter: Any = None) -> Iterator[Any]:
    """A client of a server that runs meanwhile."""
    import httpx
    import uvicorn

    from avwalk.serve.app import create_app

    listener = listen(settings)
    server = uvicorn.Server(config(create_app(settings, painter)))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    try:
        address = f"http://127.0.0.1:{listener.getsockname()[1]}"
        while not server.started and thread.is_alive():
            time.sleep(0.01)
        with httpx.Client(base_url=address, timeout=30, trust_env=False) as client:
            yield client
    finally:
        server.should_exit = True
        thread.join(30)
        listener.close()
    assert not thread.is_alive()


def settings_in(folder: Path, **changes: Any) -> ServeSettings:
    return ServeSettings(**{"folder": folder / "served", "port": 0, "size": (48, 32), **changes})
