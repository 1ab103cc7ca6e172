"""Pictures of texts, a few at once; others wait in a line of bounded length."""

from __future__ import annotations

import asyncio
import base64
import math
import secrets
import time
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from pathlib import Path

from avwalk.arrays.colour import to_8bit
from avwalk.errors import AvwalkError
from avwalk.files import jpeg_text, png_text
from avwalk.files.atomic import make_folder, write_file
from avwalk.painters.contract import Painter, Painting, PaintRequest
from avwalk.painters.pictures import texts
from avwalk.painters.several import Commission
from avwalk.request.output import safe_stem
from avwalk.serve.settings import Limits

JPEG_QUALITY = 92


class Busy(Exception):
    """The line is full.

    Attributes:
        retry_after: seconds after which there may be room.
    """

    def __init__(self, retry_after: int) -> None:
        super().__init__(f"too many pictures are waiting; ask again in {retry_after} s")
        self.retry_after = retry_after


class ClientGone(Exception):
    """Nobody waits for the pictures any more."""


class PictureQueue:
    """Paints pictures in the order in which they were asked for.

    Args:
        painter: that paints.
        limits: how many at once, and how many may wait.
    """

    def __init__(self, painter: Painter, limits: Limits) -> None:
        self.painter = painter
        self.concurrency = max(1, min(limits.concurrency, painter.jobs) if painter.remote else limits.concurrency)
        self._pool = ThreadPoolExecutor(self.concurrency, "paint")
        self._free = asyncio.Semaphore(self.concurrency)
        self._most = limits.queue
        self._mean_s = 1.0
        self.waiting = self.running = 0

    async def paint(
        self, requests: Sequence[PaintRequest], is_gone: Callable[[], Awaitable[bool]]
    ) -> list[tuple[Commission, Painting]]:
        """The pictures of one client.

        Args:
            requests: what it asks for.
            is_gone: whether it has hung up; looked at before each picture.

        Raises:
            Busy: the line is full.
            ClientGone: it hung up.
            AvwalkError: a picture cannot be painted.
        """
        if self.waiting + len(requests) > self._most + max(0, self.concurrency - self.running):
            raise Busy(min(600, max(1, math.ceil(self.waiting * self._mean_s / self.concurrency))))
        self.waiting += len(requests)
        left, done = len(requests), []
        try:
            for request in requests:
                async with self._free:
                    self.waiting -= 1
                    left -= 1
                    if await is_gone():
                        raise ClientGone
                    done.append((Commission(self.painter, request), await self._painted(request)))
        finally:
            self.waiting -= left
        return done

    async def _painted(self, r: PaintRequest) -> Painting:
        self.running += 1
        begun = time.monotonic()
        try:
            # What was begun is awaited even when the client goes: a thread cannot be stopped, and holds its place.
            job = asyncio.get_running_loop().run_in_executor(
                self._pool, self.painter.paint, r.prompt, r.negative, r.seed, r.size
            )
            painting = await asyncio.shield(job)
        except asyncio.CancelledError:
            await asyncio.wait([job])
            raise
        finally:
            self.running -= 1
        self._mean_s += 0.2 * (time.monotonic() - begun - self._mean_s)
        return painting

    def close(self) -> None:
        """Ends the threads; what is being painted is let go."""
        self._pool.shutdown(wait=False, cancel_futures=True)


def paint_requests(text: str, count: int, size: tuple[int, int], seed: int | None) -> list[PaintRequest]:
    """What `/generate` asks for: so many pictures of a text, with seeds from ``seed`` on; None: new ones each time."""
    first = secrets.randbelow(2**31) if seed is None else seed
    return [PaintRequest(text, seed=first + k, size=size) for k in range(count)]


def encoded(commission: Commission, painting: Painting, img_format: str) -> bytes:
    """A picture as JPEG or PNG, which says how it was made."""
    import cv2

    eight, said = to_8bit(painting.picture)[..., ::-1], texts(commission, painting)
    if img_format == "png":
        return png_text.with_text(cv2.imencode(".png", eight)[1].tobytes(), said)
    done = cv2.imencode(".jpg", eight, [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY])[1].tobytes()
    return jpeg_text.with_text(done, said)


def base64_text(data: bytes) -> str:
    """Base64, as JSON carries it."""
    return base64.b64encode(data).decode("ascii")


def save(pictures: Sequence[bytes], text: str, folder: Path, img_format: str, now: datetime) -> Path:
    """Saves pictures as ``<folder>/<time>_<text>/<number>.<format>``; a name that is there gets a number.

    Returns:
        The folder.

    Raises:
        AvwalkError: it cannot be written.
    """
    stem = safe_stem(f"{now:%Y-%m-%d_%H-%M-%S}_{' '.join(text.split())}")
    place, number = folder / stem, 2
    make_folder(folder)
    while True:
        try:
            place.mkdir()
            break
        except FileExistsError:
            place, number = folder / f"{stem}_{number}", number + 1
        except OSError as error:
            raise AvwalkError(f"'{place}' cannot be made: {error.strerror}") from None
    for k, data in enumerate(pictures):
        write_file(place / f"{k}.{img_format.lower()}", data)
    return place
