"""What the proxy pass measures of every frame in the small: flashes, light, change of the picture, and its tones.

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
from avwalk.frames.compose import draw_shots, levelled
from avwalk.frames.generators import GeneratorPool
from avwalk.frames.matter import MatterLayer
from avwalk.plan.plan import Plan
from avwalk.rendering.segment_label import ASPECTS, SegmentLabels
from avwalk.runners.segments import Segment
from avwalk.video.emptiness import ToneMeter
from avwalk.video.flashes import FlashMeter
from avwalk.video.salience import DetailMeter
from avwalk.video.sync import HEIGHT, SIGMA, WIDTH, picture_steps, without_trend

Array = NDArray[np.float64]

BLOCK = 64  # frames looked at together
PIECE_SECONDS = 5
MEASURES = 2  # raised when more, or something else, is measured
LIMIT = 256 << 20  # bytes, about fifteen hours of films
_CACHE = ByteCache("proxies", LIMIT, "each plan looks through the whole film")


class ProxyMeasures(NamedTuple):
    """A film in the small, float64.

    Attributes:
        flashes: in the second that ends with each frame, (n_frames,).
        light: mean relative luminance, (n_frames,).
        change: of the picture from frame to frame, see `avwalk.video.sync`, (n_frames,).
        detail: change of detail in each ninth, see `avwalk.video.salience`, (n_frames, 9).
        tones: mean and standard deviation of luma, see `avwalk.video.emptiness`, (n_frames, 2).
    """

    flashes: Array
    light: Array
    change: Array
    detail: Array
    tones: Array


def measure_proxy(plan: Plan, generators: GeneratorPool, i0: int, i1: int) -> ProxyMeasures:
    """Draws frames [i0, i1) in the small; nothing but a few numbers is kept of each.

    In this thread alone: pictures so small are many short calls, and threads that hand them to each other cost half as
    much again and are no sooner done.
    """
    height, width = thumbnails(plan, generators, i0, i0 + 1, MatterLayer(plan, wakes=False)).shape[1:3]
    sigma = SIGMA * math.sqrt(width * height / (WIDTH * HEIGHT))
    labels = SegmentLabels(replace(plan, preset_spans=()))
    meter, pieces, matter = FlashMeter(plan.fps), list[Piece](), MatterLayer(plan)
    step = max(1, round(PIECE_SECONDS * plan.fps))
    for a in range(i0, i1, step):
        b, first = min(i1, a + step), max(i0, a - 1)  # the frame before it, from which it changes
        name = _name(labels.aspects(Segment(first, b)), meter.state(), [MEASURES, first, a, b, width, height])
        piece = _recalled(name)
        if piece is None:
            piece = _measured(plan, generators, (first, a, b), meter, sigma, matter)
            _remember(name, piece)
        else:
            meter.go_on(piece.marks, piece.state)
        pieces.append(piece)
    _CACHE.trim()
    light, change, luma, detail, tones = (np.concatenate(each) for each in zip(*(p[2:] for p in pieces), strict=True))
    if len(detail) > 1 and not i0:
        detail[0] = detail[1]
    return ProxyMeasures(meter.per_second(), light, without_trend(change, luma)[0], detail, tones)


class Piece(NamedTuple):
    """What was measured of some frames.

    Attributes:
        marks: what the meter of flashes counted, (n,) int64.
        state: of the meter behind them.
        light: mean relative luminance, (n,) float64.
        change: from frame to frame, see `picture_steps`, (n,) float64.
        luma: mean luma, (n,) float64.
        detail: change of detail, (n, 9) float64.
        tones: of luma, (n, 2) float64.
    """

    marks: NDArray[np.int64]
    state: Mapping[str, NDArray[Any]]
    light: Array
    change: Array
    luma: Array
    detail: Array
    tones: Array


def _measured(
    plan: Plan,
    generators: GeneratorPool,
    span: tuple[int, int, int],
    meter: FlashMeter,
    sigma: float,
    matter: MatterLayer,
) -> Piece:
    """Frames [a, b), whose change is from ``first`` on; pushed into the meter."""
    first, a, b = span
    light: list[float] = []
    detail, tone = DetailMeter(sigma), ToneMeter()

    def lumas() -> Iterator[NDArray[np.float32]]:
        if first < a:
            yield from thumbnails(plan, generators, first, a, matter) @ LUMA
        for i in range(a, b, BLOCK):
            frames = thumbnails(plan, generators, i, min(b, i + BLOCK), matter)
            light.extend(meter.push(frames).mean(axis=(1, 2), dtype=np.float64))
            yield from frames @ LUMA

    change, luma = picture_steps(detail.watch(tone.watch(lumas())), sigma)
    k = a - first
    own = change[k:], luma[k:], detail.change[k:], tone.tones[k:]
    return Piece(meter.marks[a - b :], meter.state(), np.array(light), *own)


def thumbnails(plan: Plan, generators: GeneratorPool, i0: int, i1: int, matter: MatterLayer | None = None) -> Frames:
    """Frames [i0, i1) in the small, (n, h, w, 3); whoever asks for one run after the other keeps their ``matter``."""
    matter = matter or MatterLayer(plan)

    def draw(shot: Shot, drive: Drive) -> Frames:
        generator = generators.of_shot(shot)
        assert isinstance(generator, Previewable)
        return matter.apply(generator.thumbnails(drive), shot, drive, generator)

    return levelled(draw_shots(plan, i0, i1, draw), plan, i0)


def _name(aspects: Mapping[str, str], state: Mapping[str, NDArray[Any]], numbers: list[int]) -> str:
    """What stands for all that a piece depends on; what is written over the picture is not seen in the small."""
    digest = hashlib.sha256(" ".join([*(aspects[name] for name in ASPECTS if name != "text"), str(numbers)]).encode())
    for name, array in sorted(state.items()):
        digest.update(f"{name} {array.dtype} {array.shape}".encode())
        digest.update(np.ascontiguousarray(array).data)
    return digest.hexdigest()


def _remember(name: str, piece: Piece) -> None:
    data = io.BytesIO()
    arrays: dict[str, Any] = {"marks": piece.marks, "rows": np.column_stack(piece[2:]), **piece.state}
    np.savez_compressed(data, **arrays)
    _CACHE.store(name, data.getvalue())


def _recalled(name: str) -> Piece | None:
    if (data := _CACHE.find(name)) is None:
        return None
    try:
        with np.load(io.BytesIO(data)) as stored:
            state = {part: stored[part] for part in stored.files if part not in ("marks", "rows")}
            rows = stored["rows"]
            light, change, luma = rows[:, :3].T
            return Piece(stored["marks"], state, light, change, luma, rows[:, 3:12], rows[:, 12:14])
    except (ValueError, KeyError, EOFError, TypeError, zipfile.BadZipFile):  # of another version
        return None
