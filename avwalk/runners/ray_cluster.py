"""Draws and encodes segments on a Ray cluster: an actor for each worker keeps what it has loaded, and draws one by one.

Ray (https://docs.ray.io) finds machines, starts processes there and says when one is lost; its segment is drawn again
by another, twice at most. Ray has no authentication: who reaches its ports may run anything, so clusters belong
behind a firewall.
"""

from __future__ import annotations

import contextlib
import logging
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from avwalk.errors import GeneratorError, OptionError
from avwalk.runners.interrupts import POLITE
from avwalk.runners.processes import Setup
from avwalk.runners.retries import Line, WorkerDied
from avwalk.runners.segment_work import Drawing, Tail, draw_segment
from avwalk.runners.segments import Segment
from avwalk.runners.stages import Stages, Times

PACKAGES = ("avwalk", "numpy", "numba", "opencv-python-headless", "av", "torch")
"""Must be of one version on all machines: others may draw other bits."""
_POLL = 0.5  # s between questions how far actors are
_PATIENCE = 60.0  # s in which actors keep what they have when they are stopped
_ANSWER = 5.0  # s in which a cluster must answer
_NO_NEWS = 30.0  # s without a worker, after which it is said what is waited for


@dataclass(frozen=True)
class Resources:
    """What is taken of a cluster.

    Attributes:
        n_cpus: cores of each worker.
        n_gpus: graphics cards of each worker; several may share one.
        n_workers: None: as many as there is room for now.
    """

    n_cpus: float = 1
    n_gpus: float = 0
    n_workers: int | None = None


def draw_segments(
    todo: Iterable[Segment],
    setup: Setup,
    *,
    address: str,
    resources: Resources,
    on_frames: Callable[[Segment, int, Stages], None],
    on_segment: Callable[[Segment], None],
    on_tail: Callable[[Tail], None] | None = None,
    on_failed_frames: Callable[[Sequence[int]], None] = lambda frames: None,
) -> None:
    """Draws every segment, lowest first; callbacks as of `avwalk.runners.processes.draw_segments`.

    Args:
        todo: segments to draw.
        setup: called in each actor; can be pickled.
        address: ``auto``, ``HOST:PORT`` or ``ray://HOST:PORT``.
        resources: of each actor, and how many there are.
        on_frames: (segment, n, stages) after more frames were encoded, or were lost: n are there now.
        on_segment: a segment is whole.
        on_tail: a segment was cut short by an interrupt.
        on_failed_frames: frames whose own picture could not be had.

    Raises:
        OptionError: there is no Ray, or no cluster.
        GeneratorError: machines differ, or a segment failed three times.
        AvwalkError: of an actor, as it came.
    """
    line = Line(todo)
    if not line:
        return
    with connected(address) as ray:
        room = int(min(_room(ray.cluster_resources(), resources), 1024)) or 1
        crew = _Crew(ray, setup, resources, min(resources.n_workers or room, len(line)))
        try:
            while line or crew.is_busy:
                crew.begin(line)
                crew.hear(line, on_frames, on_segment, on_failed_frames)
        except BaseException:
            crew.stop(on_segment, on_tail)
            raise
        finally:
            crew.end()


@contextmanager
def connected(address: str) -> Iterator[Any]:
    """The module ``ray``, connected to a cluster; not to be left connected.

    Raises:
        OptionError: there is no Ray, or no cluster.
    """
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    try:
        import ray
    except ImportError:
        raise OptionError("--ray needs Ray; install it with: pip install 'avwalk[cluster]'") from None
    try:
        _reach(address)
        with _same_handlers():
            ray.init(address=address, namespace="avwalk", log_to_driver=False, logging_level=logging.ERROR)
    except (ConnectionError, ValueError, RuntimeError, OSError) as error:
        reason = " ".join(str(error).split())
        raise OptionError(
            f"--ray {address}: no cluster ({reason}); start one with `ray start --head`, or give HOST:PORT"
        ) from None
    try:
        yield ray
    finally:
        with _same_handlers():
            ray.shutdown()


def _reach(address: str) -> None:
    """Sees whether anybody answers: Ray itself tries for minutes.

    Raises:
        OSError: nobody does.
        ValueError: it is no address.
    """
    if address == "auto":  # where it looks is Ray's own affair
        try:
            command = [sys.executable, "-m", "ray.scripts.scripts", "health-check"]
            found = subprocess.run(command, capture_output=True, timeout=4 * _ANSWER)
        except subprocess.TimeoutExpired:
            raise ConnectionError("nobody answers") from None
        if found.returncode:
            raise ConnectionError("none runs here")
        return
    host, _, port = address.removeprefix("ray://").rpartition(":")
    if not (host and port.isdigit() and int(port) < 65536):
        raise ValueError("give auto, HOST:PORT or ray://HOST:PORT")
    socket.create_connection((host.strip("[]"), int(port)), _ANSWER).close()


@contextmanager
def _same_handlers() -> Iterator[None]:
    """Ray takes signals for itself, which here cut segments short and keep what there is."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {number: signal.getsignal(number) for number in POLITE}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def machine() -> dict[str, Any]:
    """What is to be known of a machine that draws: its name, and versions that decide bits."""
    found = {}
    for package in PACKAGES:
        with contextlib.suppress(PackageNotFoundError):
            found[package] = version(package)
    return {"host": socket.gethostname(), "versions": found}


def _room(there: dict[str, float], each: Resources) -> float:
    """How many workers a cluster has room for."""
    rooms = [there.get("CPU", 0.0) / each.n_cpus] if each.n_cpus else []
    rooms += [there.get("GPU", 0.0) / each.n_gpus] if each.n_gpus else []
    return min(rooms, default=1.0)


class SegmentActor:
    """What draws in a process of the cluster; Ray makes an actor of it, which answers while it draws."""

    def __init__(self, setup: Setup) -> None:
        self._setup, self._drawing = setup, None
        self._stop, self._lock = threading.Event(), threading.Lock()
        self._news: list[tuple[int, Times]] = []

    def machine(self) -> dict[str, Any]:
        """Where it is, see `machine`."""
        return machine()

    def draw(self, segment: Segment) -> tuple[Tail | None, tuple[int, ...]]:
        """Draws a segment: None, or what there is of it; and frames whose own picture could not be had."""
        self._news = []
        drawing: Drawing[Any] = self._drawing or self._setup()
        self._drawing = drawing  # type: ignore[assignment]
        tail = draw_segment(segment, drawing, self._stop, self._on_frames)
        return tail, tuple(getattr(drawing.source, "failed_frames", ()))

    def _on_frames(self, n: int, times: Times) -> None:
        with self._lock:
            self._news.append((n, times))

    def progress(self) -> list[tuple[int, Times]]:
        """Frames of the segment that is drawn, and how long they took, since the last call."""
        with self._lock:
            news, self._news = self._news, []
        return news

    def stop(self) -> None:
        """Cuts the segment short."""
        self._stop.set()


@dataclass
class _Member:
    """An actor, and what it is at."""

    actor: Any
    arrival: Any  # of its `machine`; None: it is there
    segment: Segment | None = None
    result: Any = None
    news: Any = None


@dataclass
class _Crew:
    """The actors of a film."""

    ray: Any
    setup: Setup
    resources: Resources
    n: int
    members: list[_Member] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.stages, self._quiet_since = Stages(self.n), time.monotonic()
        self.members = [self._hired() for _ in range(self.n)]

    def _hired(self) -> _Member:
        kind = self.ray.remote(
            num_cpus=self.resources.n_cpus, num_gpus=self.resources.n_gpus, max_restarts=0, max_concurrency=3
        )(SegmentActor)
        actor = kind.remote(self.setup)
        return _Member(actor, actor.machine.remote())

    @property
    def is_busy(self) -> bool:
        """Whether any segment is drawn."""
        return any(member.segment for member in self.members)

    def begin(self, line: Line) -> None:
        """Gives segments to those that are at nothing."""
        for k, member in enumerate(self.members):
            if member.arrival is None and not member.segment and (segment := line.take(k, self.n)):
                member.segment, member.result = segment, member.actor.draw.remote(segment)

    def hear(
        self,
        line: Line,
        on_frames: Callable[[Segment, int, Stages], None],
        on_segment: Callable[[Segment], None],
        on_failed_frames: Callable[[Sequence[int]], None],
    ) -> None:
        """What became of them since."""
        refs = [ref for m in self.members for ref in (m.arrival, m.result) if ref is not None]
        ready, _ = self.ray.wait(refs, num_returns=1, timeout=_POLL)
        for k, member in enumerate(self.members):
            segment = member.segment
            try:
                news, failed = self._news(member, ready)
            except Exception as error:
                self.members[k] = self._hired()
                if segment:
                    on_frames(segment, 0, self.stages)
                    line.failed(segment, k, self.n, self._named(error))
                elif not isinstance(error, self.ray.exceptions.RayError):
                    raise
                continue
            if not segment:
                continue
            for n, times in news:
                self.stages.add(times)
                on_frames(segment, n, self.stages)
            if failed is not None:
                member.segment = member.result = member.news = None
                on_failed_frames(failed)
                on_segment(segment)
        self._say_if_nobody_comes()

    def _news(self, member: _Member, ready: list[Any]) -> tuple[list[tuple[int, Times]], tuple[int, ...] | None]:
        """How far a member is since, and if its segment is whole, the frames that failed."""
        if member.arrival in ready:
            self._welcome(self.ray.get(member.arrival))
            member.arrival = None
        if member.result in ready:
            _, failed = self.ray.get(member.result)
            return self.ray.get(member.actor.progress.remote()), failed
        if member.segment and member.news is None:
            member.news = member.actor.progress.remote()  # its answer is heard the next time
        elif member.news is not None and self.ray.wait([member.news], timeout=0)[0]:
            news, member.news = self.ray.get(member.news), None
            return news, None
        return [], None

    def _welcome(self, there: dict[str, Any]) -> None:
        """A worker is there.

        Raises:
            GeneratorError: with other packages.
        """
        own = machine()["versions"]
        differing = [
            name for name in sorted({*own, *there["versions"]}) if own.get(name) != there["versions"].get(name)
        ]
        if differing:
            told = ", ".join(f"{n} {there['versions'].get(n, 'none')}, here {own.get(n, 'none')}" for n in differing)
            raise GeneratorError(f"machine '{there['host']}' has {told}; install the same versions on all machines")

    def _say_if_nobody_comes(self) -> None:
        if any(member.arrival is None for member in self.members):
            self._quiet_since = float("inf")
        elif time.monotonic() - self._quiet_since > _NO_NEWS:
            self._quiet_since = float("inf")
            wanted = f"{self.resources.n_cpus:g} CPU, {self.resources.n_gpus:g} GPU a worker"
            there = {name: self.ray.available_resources().get(name, 0) for name in ("CPU", "GPU")}
            logging.getLogger("avwalk").warning(
                f"waiting for the cluster: it has {there['CPU']:g} CPU and {there['GPU']:g} GPU free; {wanted}"
            )

    def _named(self, error: Exception) -> Exception:
        """An error as it came in the actor; an actor that is lost, as such."""
        cause = getattr(error, "cause", None)
        if isinstance(cause, Exception) and not isinstance(cause, self.ray.exceptions.RayError):
            return cause
        if isinstance(error, self.ray.exceptions.RayError):
            return WorkerDied(f"its machine or process was lost ({type(error).__name__})")
        return error

    def stop(self, on_segment: Callable[[Segment], None], on_tail: Callable[[Tail], None] | None) -> None:
        """Segments that are just done count, others are cut short; what goes wrong now is no news."""
        at_work = {m.result: m for m in self.members if m.segment}
        for member in at_work.values():
            with contextlib.suppress(Exception):
                member.actor.stop.remote()
        until = time.monotonic() + _PATIENCE
        while at_work and time.monotonic() < until:
            for ref in self.ray.wait(list(at_work), num_returns=1, timeout=1.0)[0]:
                member = at_work.pop(ref)
                with contextlib.suppress(Exception):
                    tail, _ = self.ray.get(ref)
                    if tail is None and member.segment:
                        on_segment(member.segment)
                    elif tail and on_tail:
                        on_tail(tail)

    def end(self) -> None:
        """Lets all go."""
        for member in self.members:
            with contextlib.suppress(Exception):
                self.ray.kill(member.actor)
