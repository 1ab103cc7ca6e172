"""What the proxy pass measures of every frame in the small: flashes, light, change of the picture.

Measured in pieces of a few seconds, which are kept in the user's cache: after an edit of the film those are measured
again whose frames are others. The meter of flashes goes on from piece to piece, so its state is part of what a piece
depends on, and of what is kept of it.
"""

from __future__ import annotations

import hashlib
import io
import math
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from avwalk.arrays.colour import LUMA
from avwalk.contracts import Drive, Frames, Previewable, Shot
from avwalk.files.byte_cache import ByteCache
from avwalk.frames.compose import draw_shots
from avwalk.frames.generators import GeneratorPool
from avwalk.frames.matter import with_matter
from avwalk.plan.plan import Plan
from avwalk.rendering.segment_label import ASPECTS, SegmentLabels
from avwalk.runners.segments import Segment
from avwalk.video.flashes import FlashMeter
from avwalk.video.sync import HEIGHT, SIGMA, WIDTH, picture_steps, without_trend

Array = NDArray[np.float64]

BLOCK = 64  # frames looked at together
PIECE_SECONDS = 10
LIMIT = 256 << 20  # bytes, about fifteen hours of films
_CACHE = ByteCache("proxies", LIMIT, "each plan looks through the whole film")


class ProxyMeasures(NamedTuple):
    """A film in the small: flashes in the second that ends with each frame, mean relative luminance, change of the
    picture from frame to frame; each (n_frames,) float64.
    """

    flashes: Array
    light: Array
    change: Array


def measure_proxy(plan: Plan, generators: GeneratorPool, i0: int, i1: int) -> ProxyMeasures:
    """Draws frames [i0, i1) in the small; nothing but a few numbers is kept of each.

    In this thread alone: pictures so small are many short calls, and threads that hand them to each other cost half as
    much again and are no sooner done.
    """
    height, width = thumbnails(plan, generators, i0, i0 + 1).shape[1:3]
    sigma = SIGMA * math.sqrt(width * height / (WIDTH * HEIGHT))
    labels = SegmentLabels(replace(plan, preset_spans=()))
    meter, pieces = FlashMeter(plan.fps), list[Piece]()
    step = max(1, round(PIECE_SECONDS * plan.fps))
    for a in range(i0, i1, step):
        b, first = min(i1, a + step), max(i0, a - 1)  # the frame before it, from which it changes
        name = _name(labels.aspects(Segment(first, b)), meter.state(), [first, a, b, width, height])
        piece = _recalled(name)
        if piece is None:
            piece = _measured(plan, generators, (first, a, b), meter, sigma)
            _remember(name, piece)
        else:
            meter.go_on(piece.marks, piece.state)
        pieces.append(piece)
    _CACHE.trim()
    light, change, luma = (np.concatenate(each) for each in zip(*(p[1:4] for p in pieces), strict=True))
    return ProxyMeasures(meter.per_second(), light, without_trend(change, luma)[0])


class Piece(NamedTuple):
    """What was measured of some frames.

    Attributes:
        marks: what the meter of flashes counted, (n,) int64.
        light: mean relative luminance, (n,) float64.
        change: from frame to frame, see `picture_steps`, (n,) float64.
        luma: mean luma, (n,) float64.
        state: of the meter behind them.
    """

    marks: NDArray[np.int64]
    light: Array
    change: Array
    luma: Array
    state: Mapping[str, NDArray[Any]]


def _measured(
    plan: Plan, generators: GeneratorPool, span: tuple[int, int, int], meter: FlashMeter, sigma: float
) -> Piece:
    """Frames [a, b), whose change is from ``first`` on; pushed into the meter."""
    first, a, b = span
    light: list[float] = []

    def lumas() -> Iterator[NDArray[np.float32]]:
        if first < a:
            yield from thumbnails(plan, generators, first, a) @ LUMA
        for i in range(a, b, BLOCK):
            frames = thumbnails(plan, generators, i, min(b, i + BLOCK))
            light.extend(meter.push(frames).mean(axis=(1, 2), dtype=np.float64))
            yield from frames @ LUMA

    change, luma = (each[a - first :] for each in picture_steps(lumas(), sigma))
    return Piece(meter.marks[a - b :], np.array(light), change, luma, meter.state())


def thumbnails(plan: Plan, generators: GeneratorPool, i0: int, i1: int) -> Frames:
    """Frames [i0, i1) in the small, (n, h, w, 3)."""

    def draw(shot: Shot, drive: Drive) -> Frames:
        generator = generators.of_shot(shot)
        assert isinstance(generator, Previewable)
        return with_matter(generator.thumbnails(drive), plan, shot, drive, generator)

    return draw_shots(plan, i0, i1, draw)


def _name(aspects: Mapping[str, str], state: Mapping[str, NDArray[Any]], numbers: list[int]) -> str:
    """What stands for all that a piece depends on; what is written over the picture is not seen in the small."""
    digest = hashlib.sha256(" ".join([*(aspects[name] for name in ASPECTS if name != "text"), str(numbers)]).encode())
    for name, array in sorted(state.items()):
        digest.update(f"{name} {array.dtype} {array.shape}".encode())
        digest.update(np.ascontiguousarray(array).data)
    return digest.hexdigest()


def _remember(name: str, piece: Piece) -> None:
    data = io.BytesIO()
    arrays: dict[str, Any] = {"marks": piece.marks, "rows": np.stack(piece[1:4]), **piece.state}
    np.savez_compressed(data, **arrays)
    _CACHE.store(name, data.getvalue())


def _recalled(name: str) -> Piece | None:
    if (data := _CACHE.find(name)) is None:
        return None
    try:
        with np.load(io.BytesIO(data)) as stored:
            state = {part: stored[part] for part in stored.files if part not in ("marks", "rows")}
            light, change, luma = stored["rows"]
            return Piece(stored["marks"], light, change, luma, state)
    except (ValueError, KeyError, EOFError, TypeError, zipfile.BadZipFile):  # of another version
        return None
