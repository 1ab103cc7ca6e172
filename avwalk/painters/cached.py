"""Keeps the answers of services by a hash of all that they depend on: a picture is asked and paid for once."""

from __future__ import annotations

import hashlib
import json
import struct
from collections.abc import Mapping
from typing import Any

import numpy as np

from avwalk.arrays.colour import to_8bit
from avwalk.contracts import Frames
from avwalk.files.byte_cache import ByteCache
from avwalk.files.image import pixels_of
from avwalk.painters.answers import png_of
from avwalk.painters.contract import Painter, Painting, PaintRequest

LIMIT = 4 << 30  # bytes; what was used longest ago goes first
_CACHE = ByteCache("paintings", LIMIT, "a picture made anew is asked for anew")


def request_name(identity: Mapping[str, Any], request: PaintRequest) -> str:
    """The name of a picture: sha256 of painter and request, 64 hex digits."""
    values = [dict(identity), request.prompt, request.negative, request.seed, list(request.size)]
    digest = hashlib.sha256(json.dumps(values, sort_keys=True, ensure_ascii=False).encode())
    if request.init_image is not None:
        digest.update(json.dumps([list(request.init_image.shape), request.strength]).encode())
        digest.update(np.ascontiguousarray(to_8bit(request.init_image)).data)
    return digest.hexdigest()


def identity_sha(identity: Mapping[str, Any]) -> str:
    """sha256 of what a painter is, 64 hex digits."""
    return hashlib.sha256(json.dumps(dict(identity), sort_keys=True, ensure_ascii=False).encode()).hexdigest()


class CachedPainter:
    """A painter whose pictures are kept on disk, in eight bits.

    Args:
        painter: of a service.
        fresh: paint anew what is kept.

    Attributes:
        painter: of the service.
    """

    remote = True

    def __init__(self, painter: Painter, *, fresh: bool = False) -> None:
        self.painter, self._fresh = painter, fresh
        self.kind, self.identity, self.jobs, self.price = painter.kind, painter.identity, painter.jobs, painter.price

    def has(self, request: PaintRequest) -> bool:
        """Whether the picture is kept, and would not be asked for."""
        return not self._fresh and _CACHE.find(request_name(self.identity, request)) is not None

    def paint(
        self,
        prompt: str,
        negative: str = "",
        seed: int = 0,
        size: tuple[int, int] = (512, 512),
        init_image: Frames | None = None,
        strength: float = 0.5,
    ) -> Painting:
        """See `avwalk.painters.contract.Painter`."""
        name = request_name(self.identity, PaintRequest(prompt, negative, seed, size, init_image, strength))
        if not self._fresh and (found := _unpacked(_CACHE.find(name))):
            return found
        made = self.painter.paint(prompt, negative, seed, size, init_image, strength)
        picture = to_8bit(made.picture).astype(np.float32) / np.float32(255)  # as it will be next time
        _CACHE.store(name, _packed(Painting(picture, made.used)))
        _CACHE.trim()
        return Painting(picture, made.used)


def _packed(painting: Painting) -> bytes:
    """Length of the record, the record as JSON, the picture as PNG."""
    used = json.dumps(dict(painting.used), ensure_ascii=False, default=str).encode()
    return struct.pack(">I", len(used)) + used + png_of(painting.picture)


def _unpacked(data: bytes | None) -> Painting | None:
    if data is None or len(data) < 4:
        return None
    length = struct.unpack_from(">I", data)[0]
    pixels = pixels_of(data[4 + length :])
    try:
        used = json.loads(data[4 : 4 + length])
    except ValueError:
        return None
    if pixels is None or not isinstance(used, dict):
        return None
    return Painting(pixels.astype(np.float32) / np.float32(255), used)
