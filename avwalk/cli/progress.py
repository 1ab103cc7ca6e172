"""What the user sees while a film is made: one bar on a terminal, plain lines elsewhere, JSON if asked."""

from __future__ import annotations

import contextlib
import os
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from avwalk.cli.terminal import json_text, printable

LINE_SECONDS = 10
ETA_SECONDS = 4.0  # of drawing, before a time to go is said
ETA_PART = 0.02  # of the film, likewise
STEPS = {
    "read": "read the song and the options",
    "plan": "analysed and planned",
    "draw": "drew and encoded",
    "passes": "wrote passes",
    "finish": "joined and checked",
}
"""What the steps of a render are called."""
CLEAR = 0.25  # a correlation below it gives no lag worth saying


def reporter(*, as_json: bool, quiet: bool, verbose: bool = False) -> Callable[[Mapping[str, Any]], None]:
    """What to do with each event; ``verbose``: say also sync, flicker and the limiting stage."""
    if as_json:
        return _json
    if quiet:
        return _quiet
    return Bar(verbose) if can_animate() else Lines(verbose)


def can_animate() -> bool:
    """Whether a bar can move: on a terminal, but not on that which a notebook gives to its commands."""
    return sys.stderr.isatty() and "JPY_PARENT_PID" not in os.environ and os.environ.get("TERM") != "dumb"


def clock_text(seconds: float) -> str:
    """``75`` → ``"1:15"``; above an hour ``"1:02:03"``."""
    whole = max(0, round(seconds))
    hours, rest = divmod(whole, 3600)
    return f"{hours}:{rest // 60:02d}:{rest % 60:02d}" if hours else f"{rest // 60}:{rest % 60:02d}"


def sync_text(result: Mapping[str, Any]) -> str:
    """How the picture follows the hits, for people."""
    if result["correlation"] < CLEAR:
        return f"the picture follows the hits loosely, r = {result['correlation']:.2f}"
    return f"the picture is {result['lag_frames']:+d} frames from the hits, r = {result['correlation']:.2f}"


def cues_text(file: str, rows: int) -> str:
    """That there are cues, for people: their rows count, those that avwalk wrote and nobody changed do not."""
    if not rows:
        return f"cues: no rows of your own in {file}"
    return f"cues: {rows} row{'s' * (rows != 1)} from {file}"


def stats_text(stats: Mapping[str, Any]) -> str:
    """The table of ``stats`` of a ``done`` event, see `avwalk.runners.stats.stats`."""
    drawn = stats["n_frames"] - stats["n_resumed"]
    rows = [("frames", f"{stats['n_frames']}", f"{stats['n_resumed']} were there, {drawn} drawn")]
    wall = max(1e-9, stats["wall_s"])
    for step, seconds in stats["steps"].items():
        if seconds >= 0.05 or step == "draw":
            rows.append((STEPS[step], f"{seconds:.1f} s", f"{seconds / wall:.0%}"))
    n, draw = stats["n_workers"], stats["steps"]["draw"]
    if drawn:
        of_theirs = max(1e-9, n * draw)
        rows.append((f"of {n} worker{'s' * (n != 1)}", f"{n * draw:.1f} s", "100%"))
        parts = {
            "  drawing pictures": stats["picture_s"],
            "  waiting for the encoder": stats["picture_waited_s"],
            "  idle: loading, ends of segments": stats["idle_s"],
            "  encoding, beside the drawing": stats["encoder_s"],
        }
        rows += [(name, f"{seconds:.1f} s", f"{seconds / of_theirs:.0%}") for name, seconds in parts.items()]
        rows.append(("frames a second, while drawing", f"{drawn / max(1e-9, draw):.1f}", ""))
    rows.append(("in all", f"{stats['wall_s']:.1f} s", ""))
    first, second = (max(len(row[k]) for row in rows) for k in (0, 1))
    return "\n".join(f"{a:<{first}}  {b:>{second}}  {c}".rstrip() for a, b, c in rows)


def say(text: str) -> None:
    """A line for people, on stderr: stdout belongs to results. Where nobody reads any more, nothing."""
    with contextlib.suppress(OSError):
        print(printable(text), file=sys.stderr, flush=True)


def _json(event: Mapping[str, Any]) -> None:
    print(json_text(event), flush=True)


def _quiet(event: Mapping[str, Any]) -> None:
    if event["event"] == "warning":
        say(f"avwalk: {event['message']}")


class _Sentences:
    """What is said of events, apart from progress.

    Args:
        verbose: also how the picture follows the hits, and how much it flickers away from them.
    """

    def __init__(self, verbose: bool) -> None:
        self._verbose = verbose
        self._seconds: float | None = None  # length of the film

    def of(self, event: Mapping[str, Any]) -> str | None:
        """One or more lines, or None."""
        kind = event["event"]
        if kind == "warning":
            return f"note: {event['message']}"
        if kind == "resolved":
            self._seconds = event["duration"]
            return _resolved(event)
        if kind == "plan":
            tempo = f"{event['tempo_bpm']:.1f} BPM" if event["tempo_bpm"] else "no steady beat"
            kept = f", {event['resumed_frames']} frames are there already" if event["resumed_frames"] else ""
            n = event["n_segments"]
            return f"{tempo}; {event['n_frames']} frames in {n} segment{'s' * (n != 1)}{kept}"
        return self._done(event) if kind == "done" else None

    def _done(self, event: Mapping[str, Any]) -> str:
        """Where the film is, how long, how large; the absolute path is what a person opens or copies."""
        out = Path(event["out"]).absolute()
        facts = [f"{event['n_frames']} frames" if self._seconds is None else clock_text(self._seconds)]
        facts += [f"{out.stat().st_size / 1e6:.1f} MB"] if out.is_file() else []
        facts += [f"passes in {event['passes']}"] if event.get("passes") else []
        if self._verbose and event.get("lag_frames") is not None:
            facts.append(sync_text(event))
        if self._verbose and event.get("flicker") is not None:
            facts.append(f"flicker {event['flicker']:.4f}")
        return f"done in {clock_text(event['wall_s'])}: {out} ({', '.join(facts)})"


def _resolved(event: Mapping[str, Any]) -> str:
    """What is going to be made."""
    return (
        f"{event['song']} → {event['out']}\n"
        f"{clock_text(event['duration'])} at {event['size']}, {_fps(event['fps'])} fps, "
        f"preset {event['preset']}{_why(event)}, {_drawn_by(event)}{_on(event)}, seed {event['seed']}{_whose(event)}"
        + (f"\n{cues_text(**event['cues'])}" if event.get("cues") else "")
        + ("\nreading weights, which may take a minute" if event.get("model") or event.get("restyle") else "")
    )


def _why(event: Mapping[str, Any]) -> str:
    """Why this preset, where nobody named it."""
    return f" ({event['preset_why']})" if event.get("preset_why") else ""


def _whose(event: Mapping[str, Any]) -> str:
    """Where the seed comes from, unless somebody said it."""
    return " (from the song)" if event.get("seed_of") == "song" else ""


def _drawn_by(event: Mapping[str, Any]) -> str:
    """Where the frames come from."""
    return f"source {event['source']}" if event.get("source") else f"generator {event['generator']}"


def _on(event: Mapping[str, Any]) -> str:
    """The device, where it is not the processor."""
    device = event.get("device", "cpu")
    return "" if device == "cpu" else f" on {device}"


def _fps(text: str) -> str:
    n, _, d = text.partition("/")
    return f"{int(n) / int(d or 1):.6g}"


class _Eta:
    """Time to go, once enough is drawn for it to mean something."""

    def __init__(self) -> None:
        self._first: tuple[float, int] | None = None

    def text(self, event: Mapping[str, Any]) -> str:
        """``"1:05 to go"``; empty at the beginning, when kernels load and caches are cold."""
        now, done = time.monotonic(), int(event["done"])
        if self._first is None:
            self._first = now, done
        soon = now - self._first[0] < ETA_SECONDS or done - self._first[1] < ETA_PART * event["total"]
        return "" if soon else f"{clock_text(event['eta_s'])} to go"


class Lines:
    """Plain lines, a progress line every ten seconds: for logs and notebooks."""

    def __init__(self, verbose: bool = False) -> None:
        self._last = time.monotonic()
        self._verbose, self._sentences, self._eta = verbose, _Sentences(verbose), _Eta()

    def __call__(self, event: Mapping[str, Any]) -> None:
        """Says what is worth a line."""
        if text := self._sentences.of(event):
            say(text)
        elif event["event"] == "progress":
            eta = self._eta.text(event)
            if time.monotonic() - self._last >= LINE_SECONDS:
                self._last = time.monotonic()
                parts = [f"{event['done']}/{event['total']} frames", f"{event['fps']:.1f} fps", eta]
                parts += [f"limited by the {event['limit']}"] if self._verbose else []
                say(", ".join(part for part in parts if part))


class Bar:
    """One progress bar with speed and time to go."""

    def __init__(self, verbose: bool = False) -> None:
        self._progress: Any = None
        self._task: Any = None
        self._verbose, self._sentences, self._eta = verbose, _Sentences(verbose), _Eta()

    def __call__(self, event: Mapping[str, Any]) -> None:
        """Moves the bar, or says a line above it."""
        if event["event"] == "progress":
            self._update(event)
            return
        if event["event"] == "done":
            self.close()
        if text := self._sentences.of(event):
            if self._progress:
                self._progress.console.print(printable(text), markup=False, highlight=False, soft_wrap=True)
            else:
                say(text)

    def _update(self, event: Mapping[str, Any]) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, Progress, TextColumn

        if self._progress is None:
            self._progress = Progress(
                BarColumn(),
                TextColumn("{task.completed}/{task.total} frames  {task.fields[speed]:.1f} fps  {task.fields[more]}"),
                console=Console(stderr=True),
                transient=True,
            )
            self._task = self._progress.add_task("", total=event["total"], speed=0.0, more="")
            self._progress.start()
        limit = f"[dim]limit: {event['limit']}" if self._verbose else ""
        more = "  ".join(part for part in (self._eta.text(event), limit) if part)
        self._progress.update(self._task, completed=event["done"], speed=event["fps"], more=more)

    def close(self) -> None:
        """Takes the bar off the terminal, whatever happened; the next one counts anew."""
        if self._progress is not None:
            self._progress.stop()
            self._progress, self._eta = None, _Eta()
