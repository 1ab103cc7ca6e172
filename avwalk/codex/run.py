"""Draws a codex: what is missing is painted, what is there stays; a picture that fails ends nothing."""

from __future__ import annotations

import hashlib
import json
import multiprocessing
import os
import signal
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import (
    FIRST_COMPLETED,
    BrokenExecutor,
    Executor,
    Future,
    ProcessPoolExecutor,
    ThreadPoolExecutor,
    wait,
)
from dataclasses import asdict, dataclass, field, replace
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

from avwalk.codex.codex import Codex, load_codex, public_address
from avwalk.codex.folder import CodexFolder
from avwalk.codex.page import write_page
from avwalk.codex.record import Record, record_texts
from avwalk.codex.settings_file import settings_of
from avwalk.codex.sheet import write_sheet
from avwalk.errors import GeneratorError, PainterError, VideoError
from avwalk.files.atomic import make_folder, write_file
from avwalk.files.bounded import parse_json
from avwalk.files.image_meta import image_info, read, write
from avwalk.files.png_text import read_text
from avwalk.painters.answers import fitted
from avwalk.painters.cached import CachedPainter
from avwalk.painters.contract import Painter, PaintRequest
from avwalk.painters.registry import open_painter
from avwalk.painters.several import Commission, Estimate, estimate
from avwalk.painters.times import remember_seconds, seconds_each
from avwalk.painters.worlds.painter import WorldsPainter

FAILURES_IN_A_ROW = 10
"""After so many the painter itself is taken to fail, and the run ends."""
PROCESSES_FROM = 24
"""Pictures of avwalk's own drawing for which processes are worth their start."""
_CACHED_SECONDS = 0.05  # less is no painting, but an answer from before
Report = Callable[[Mapping[str, Any]], None]


class PictureOrder(NamedTuple):
    """A picture that is to be painted.

    Attributes:
        record: how it comes about.
        painter: who paints it.
        key: sha256 of all that it depends on.
        path: its file.
    """

    record: Record
    painter: Painter
    key: str
    path: Path


@dataclass(frozen=True)
class RunPlan:
    """What a run will do.

    Attributes:
        codex: that is drawn.
        orders: all pictures, whether they are there or not.
        missing: those that are to be painted.
        changed: those that are there, but of an earlier state of the codex or by another painter.
    """

    codex: Codex
    orders: Sequence[PictureOrder]
    missing: Sequence[PictureOrder]
    changed: Sequence[PictureOrder]

    @property
    def estimate(self) -> Estimate:
        """What the missing pictures will take; of several at once, as many as the settings say."""
        work = [Commission(each.painter, request_of(each.record)) for each in self.missing]
        size = self.codex.settings.size
        return estimate(work, lambda painter: seconds_each(painter, size))


@dataclass
class RunResult:
    """What a run did.

    Attributes:
        folder: of the codex.
        pictures: that are there now, of all.
        total: of all.
        painted: in this run.
        failed: index → reason.
        wall_s: seconds that it took.
    """

    folder: Path
    pictures: int
    total: int
    painted: int = 0
    failed: dict[int, str] = field(default_factory=dict)
    wall_s: float = 0.0


def request_of(record: Record) -> PaintRequest:
    """What a painter is asked for."""
    return PaintRequest(record.prompt, record.negative, record.seed, (record.width, record.height))


def plan_run(
    folder: CodexFolder,
    given: Mapping[str, Any] | None = None,
    *,
    count: int | None = None,
    fresh: bool = False,
    redraw: bool = False,
) -> RunPlan:
    """Looks at what is there and what is to be painted.

    Args:
        folder: of the codex.
        given: settings in place of those of the codex, for this run.
        count: of pictures, from the first on; None: all cycles.
        fresh: ask services anew for what is kept.
        redraw: paint those anew that are of an earlier state of the codex.

    Raises:
        CodexError: the codex is wrong.
        OptionError: the count or the painter is wrong.
        PainterError: a painter cannot run here.
    """
    codex = load_codex(folder)
    if given:
        codex = replace(codex, settings=settings_of({**codex.settings.model_dump(), **given}))
    records = codex.records(count)
    painters = {public_address(name): open_painter(name, fresh=fresh) for name in codex.painters}
    orders, missing, changed = list[PictureOrder](), list[PictureOrder](), list[PictureOrder]()
    for record in records:
        opened, path = painters[record.painter], folder.picture(record.index)
        order = PictureOrder(record, opened, key_of(record, opened), path)
        orders.append(order)
        info = image_info(path)
        is_changed = info is not None and info.fingerprint != order.key
        changed += [order] * is_changed
        missing += [order] * (info is None or (is_changed and redraw))
    return RunPlan(codex, orders, missing, changed)


def key_of(record: Record, painter: Painter) -> str:
    """sha256 of all that a picture depends on, 64 hex digits; the name of the codex is not among it."""
    values = asdict(record) | {"codex": "", "painter": dict(painter.identity)}
    return hashlib.sha256(json.dumps(values, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


def run_codex(folder: CodexFolder, plan: RunPlan, report: Report = lambda event: None) -> RunResult:
    """Paints what a plan has missing, makes the scaled copies, the contact sheet and the page.

    Args:
        folder: of the codex; locked by the caller.
        plan: of the run.
        report: gets an event for each picture: ``picture`` with index, file, done, total, seconds, eta_s and error.

    Raises:
        PainterError: many pictures in a row failed; those that are finished are kept.
        OutputError: a file cannot be written.
    """
    begun = time.monotonic()
    make_folder(folder.pictures)
    result = RunResult(folder.path, len(plan.orders) - len(plan.missing), len(plan.orders))
    _take_back_marks(folder, plan)
    try:
        _paint(folder, plan, plan.missing, result, report)
        again = [order for order in plan.missing if order.record.index in result.failed]
        if again:
            _paint(folder, plan, again, result, report)
    finally:
        _write_failed(folder, result.failed, {order.record.index for order in plan.orders})
    _deliver(folder, plan)
    write_sheet(
        folder.sheet,
        [order.record for order in plan.orders],
        [order.path for order in plan.orders],
        len(plan.codex.matrix.scenes),
    )
    write_page(folder.path)
    result.wall_s = time.monotonic() - begun
    return result


def _paint(
    folder: CodexFolder, plan: RunPlan, orders: Sequence[PictureOrder], result: RunResult, report: Report
) -> None:
    """Paints pictures, several at once; each is written where it was painted, so that an end in between loses none."""
    begun, in_a_row = time.monotonic(), 0
    delivery = plan.codex.settings.delivery
    painted = _painted(orders, plan.codex.settings.concurrency, folder, delivery)
    for done, (order, error, seconds) in enumerate(painted, 1):
        index = order.record.index
        if error:
            result.failed[index] = error
            in_a_row += 1
        else:
            result.failed.pop(index, None)
            result.painted += 1
            result.pictures += 1
            in_a_row = 0
        eta = (time.monotonic() - begun) / done * (len(orders) - done)
        report(
            {
                "event": "picture",
                "index": index,
                "file": str(order.path),
                "scene": order.record.scene,
                "done": done,
                "total": len(orders),
                "seconds": round(seconds, 3),
                "eta_s": round(eta, 1),
                "error": error,
            }
        )
        if in_a_row >= FAILURES_IN_A_ROW:
            raise PainterError(f"{in_a_row} pictures in a row failed; the last: {error}; the same command goes on")


def _painted(
    orders: Sequence[PictureOrder], concurrency: int, folder: CodexFolder, delivery: tuple[int, int] | None
) -> Iterator[tuple[PictureOrder, str, float]]:
    """Each picture as it is finished, with the error or nothing, and the seconds that it took."""
    pools: dict[int, Executor] = {}
    running: dict[Future[tuple[str, float]], PictureOrder] = {}
    rest = iter(orders)
    try:
        for order in orders:
            if id(order.painter) not in pools:
                pools[id(order.painter)] = _pool(order.painter, concurrency, len(orders))
        while True:
            for order in islice(rest, concurrency + 1 - len(running)):
                running[pools[id(order.painter)].submit(_paint_one, order, folder, delivery)] = order
            if not running:
                return
            for job in wait(running, return_when=FIRST_COMPLETED).done:
                order = running.pop(job)
                yield (order, *job.result())
    except BrokenExecutor:
        raise PainterError(
            "a process that painted has died, for want of memory perhaps; the same command goes on"
        ) from None
    finally:
        for pool in pools.values():
            pool.shutdown(wait=True, cancel_futures=True)  # what is being painted is finished and written


def _pool(painter: Painter, concurrency: int, pictures: int) -> Executor:
    """Threads, or processes where threads would wait for each other: what is drawn by Python alone."""
    cores = min(concurrency, os.cpu_count() or 1)
    if isinstance(painter, WorldsPainter) and cores > 1 and pictures >= PROCESSES_FROM:
        return ProcessPoolExecutor(cores, multiprocessing.get_context("spawn"), _ignore_interrupts)
    return ThreadPoolExecutor(min(concurrency, painter.jobs), "codex")


def _ignore_interrupts() -> None:
    """Ctrl-C reaches all processes of a terminal; the one that started these says when they end."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def _paint_one(order: PictureOrder, folder: CodexFolder, delivery: tuple[int, int] | None) -> tuple[str, float]:
    """The error, or nothing, and seconds."""
    begun, request = time.monotonic(), request_of(order.record)
    try:
        made = order.painter.paint(request.prompt, request.negative, request.seed, request.size)
    except GeneratorError as error:
        return str(error), time.monotonic() - begun
    seconds = time.monotonic() - begun
    used = dict(made.used)
    facts = {"drawn": order.key, "notes": used.pop("notes", []), "painter": dict(order.painter.identity)}
    texts = record_texts(order.record, used, **facts)
    write(order.path, made.picture, texts, sync="no")
    if delivery:
        make_folder(folder.delivered)
        write(folder.delivered / order.path.name, fitted(made.picture, delivery), texts, sync="no")
    if not (isinstance(order.painter, CachedPainter) and seconds < _CACHED_SECONDS):
        remember_seconds(order.painter, seconds, request.size)
    return "", seconds


def _deliver(folder: CodexFolder, plan: RunPlan) -> None:
    """Makes the scaled copies of pictures that have none, or one of another size."""
    size = plan.codex.settings.delivery
    if size is None:
        return
    make_folder(folder.delivered)
    for order in plan.orders:
        out = folder.delivered / order.path.name
        info = image_info(out)
        drawn = image_info(order.path)
        if drawn is None or (info is not None and info.size == size and info.fingerprint == drawn.fingerprint):
            continue
        try:
            write(out, fitted(read(order.path), size), read_text(order.path), sync="no")
        except VideoError as error:
            raise PainterError(str(error)) from None


def _take_back_marks(folder: CodexFolder, plan: RunPlan) -> None:
    """What was said of a picture is not said of the one that takes its place."""
    marks, _ = folder.read_marks()
    again = {order.path.name for order in plan.changed} & {order.path.name for order in plan.missing}
    for name in sorted(again & set(marks)):
        folder.add_mark(name, "none")


def _write_failed(folder: CodexFolder, failed: Mapping[int, str], drawn: set[int]) -> None:
    """Keeps which pictures failed and why; those of earlier runs that this one did not come to stay."""
    known = {index: reason for index, reason in read_failed(folder).items() if index not in drawn}
    known |= failed
    if known:
        lines = {str(index): known[index] for index in sorted(known)}
        write_file(folder.failed, json.dumps(lines, ensure_ascii=False, indent=1) + "\n")
    else:
        folder.failed.unlink(missing_ok=True)


def read_failed(folder: CodexFolder) -> dict[int, str]:
    """Index → reason of the pictures that failed in earlier runs."""
    try:
        tree = parse_json(folder.failed.read_bytes())
        return {int(index): str(reason) for index, reason in tree.items()}
    except (OSError, ValueError, AttributeError):
        return {}
