"""What the user sees while a film is made: one bar on a terminal, plain lines elsewhere, JSON if asked."""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable, Mapping
from typing import Any

LINE_SECONDS = 10
CLEAR = 0.25  # a correlation below it gives no lag worth saying


def reporter(*, as_json: bool, quiet: bool) -> Callable[[Mapping[str, Any]], None]:
    """What to do with each event."""
    if as_json:
        return _json
    if quiet:
        return _quiet
    return Bar() if can_animate() else Lines()


def can_animate() -> bool:
    """Whether a bar can move: on a terminal, but not on that which a notebook gives to its commands."""
    return sys.stderr.isatty() and "JPY_PARENT_PID" not in os.environ and os.environ.get("TERM") != "dumb"


def clock_text(seconds: float) -> str:
    """``75`` → ``"1:15"``; above an hour ``"1:02:03"``."""
    whole = max(0, round(seconds))
    hours, rest = divmod(whole, 3600)
    return f"{hours}:{rest // 60:02d}:{rest % 60:02d}" if hours else f"{rest // 60}:{rest % 60:02d}"


def sync_text(found: Mapping[str, Any]) -> str:
    """How the picture follows the hits, for people."""
    if found["correlation"] < CLEAR:
        return f"the picture follows the hits loosely, r = {found['correlation']:.2f}"
    return f"the picture is {found['lag_frames']:+d} frames from the hits, r = {found['correlation']:.2f}"


def cues_text(file: str, rows: int) -> str:
    """That there are cues, for people: their rows count, those that avwalk wrote and nobody changed do not."""
    if not rows:
        return f"cues: no rows of your own in {file}"
    return f"cues: {rows} row{'s' * (rows != 1)} from {file}"


def say(text: str) -> None:
    """A line for people, on stderr: stdout belongs to results."""
    print(text, file=sys.stderr, flush=True)


def _json(event: Mapping[str, Any]) -> None:
    print(json.dumps(event, ensure_ascii=False), flush=True)


def _quiet(event: Mapping[str, Any]) -> None:
    if event["event"] == "warning":
        say(f"avwalk: {event['message']}")


def _sentence(event: Mapping[str, Any]) -> str | None:
    kind = event["event"]
    if kind == "warning":
        return f"note: {event['message']}"
    if kind == "resolved":
        return (
            f"{event['song']} → {event['out']}\n"
            f"{clock_text(event['duration'])} at {event['size']}, {_fps(event['fps'])} fps, "
            f"preset {event['preset']}, generator {event['generator']}{_on(event)}, seed {event['seed']}"
            + (f"\n{cues_text(**event['cues'])}" if event.get("cues") else "")
            + ("\nreading weights, which may take a minute" if event.get("model") or event.get("restyle") else "")
        )
    if kind == "plan":
        tempo = f"{event['tempo_bpm']:.1f} BPM" if event["tempo_bpm"] else "no steady beat"
        kept = f", {event['resumed_frames']} frames are there already" if event["resumed_frames"] else ""
        n = event["n_segments"]
        return f"heard {tempo}; {event['n_frames']} frames in {n} segment{'s' * (n != 1)}{kept}"
    if kind == "done":
        sync = f"; {sync_text(event)}" if event.get("lag_frames") is not None else ""
        sync += f"; flicker {event['flicker']:.4f}" if event.get("flicker") is not None else ""
        passes = f", passes in {event['passes']}" if event.get("passes") else ""
        return f"done in {clock_text(event['wall_s'])}: {event['out']} ({event['n_frames']} frames{sync}){passes}"
    return None


def _on(event: Mapping[str, Any]) -> str:
    """The device, where it is not the processor."""
    device = event.get("device", "cpu")
    return "" if device == "cpu" else f" on {device}"


def _fps(text: str) -> str:
    n, _, d = text.partition("/")
    return f"{int(n) / int(d or 1):.6g}"


class Lines:
    """Plain lines, a progress line every ten seconds: for logs and notebooks."""

    def __init__(self) -> None:
        self._last = time.monotonic()

    def __call__(self, event: Mapping[str, Any]) -> None:
        """Says what is worth a line."""
        if text := _sentence(event):
            say(text)
        elif event["event"] == "progress" and time.monotonic() - self._last >= LINE_SECONDS:
            self._last = time.monotonic()
            say(
                f"{event['done']}/{event['total']} frames, {event['fps']:.1f} fps, "
                f"{clock_text(event['eta_s'])} to go, limited by the {event['limit']}"
            )


class Bar:
    """One progress bar with speed, time to go and the limiting stage."""

    def __init__(self) -> None:
        self._progress: Any = None
        self._task: Any = None

    def __call__(self, event: Mapping[str, Any]) -> None:
        """Moves the bar, or says a line above it."""
        if event["event"] == "progress":
            self._update(event)
            return
        if event["event"] == "done" and self._progress is not None:
            self._progress.stop()
            self._progress = None
        if text := _sentence(event):
            (self._progress.console.print if self._progress else say)(text)

    def _update(self, event: Mapping[str, Any]) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, Progress, TextColumn

        if self._progress is None:
            self._progress = Progress(
                BarColumn(),
                TextColumn("{task.completed}/{task.total} frames  {task.fields[speed]:.1f} fps"),
                TextColumn("{task.fields[eta]} to go  [dim]limit: {task.fields[limit]}"),
                console=Console(stderr=True),
                transient=True,
            )
            self._task = self._progress.add_task("", total=event["total"], speed=0.0, eta="", limit="")
            self._progress.start()
        self._progress.update(
            self._task,
            completed=event["done"],
            speed=event["fps"],
            eta=clock_text(event["eta_s"]),
            limit=event["limit"],
        )

    def close(self) -> None:
        """Takes the bar off the terminal, whatever happened."""
        if self._progress is not None:
            self._progress.stop()
            self._progress = None
