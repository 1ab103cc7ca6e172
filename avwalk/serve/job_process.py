"""A job in a process of its own: what it does is said on stdout, an event of JSON a line.

    python -m avwalk.serve.job_process KIND FOLDER SONGS PAINTER     options as JSON on the first line of stdin

It ends when stdin does: when the server has gone, or has the job cancelled.
"""

from __future__ import annotations

import _thread
import json
import os
import sys
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from avwalk.errors import AvwalkError, at_command_line

Report = Callable[[Mapping[str, Any]], None]
_GRACE_S = 20.0
MOST_STORYLETS = 120
"""Of a story."""


def paint_job(options: Mapping[str, Any], out: Path, painter: str, report: Report) -> None:
    """Paints the pictures of a prompt.

    Args:
        options: of a `avwalk.serve.job_kinds.PaintJob`.
        out: folder of the results.
        painter: ``KIND[@URL]``.
        report: takes events.

    Raises:
        AvwalkError: no picture could be painted.
    """
    from avwalk.painters.contract import PaintRequest
    from avwalk.painters.pictures import commissions, paint_files
    from avwalk.painters.several import Delivery

    width, height = (int(side) for side in options["size"].split("x"))
    request = PaintRequest(options["prompt"], options["negative"], options["seed"], (width, height))
    work = commissions(request, painter, count=options["count"])
    paths = [out / f"picture_{k:04d}.png" for k in range(len(work))]

    def tell(number: int, delivery: Delivery) -> None:
        report({"event": "progress", "done": number + 1, "total": len(work)})
        if delivery.error:
            report({"event": "warning", "message": f"picture {number}: {delivery.error}"})

    paint_files(work, paths, tell)


def render_job(options: Mapping[str, Any], out: Path, songs: Path, report: Report) -> None:
    """Renders a film; what an earlier try has done of it is used.

    Args:
        options: of a `avwalk.serve.job_kinds.RenderJob`.
        out: folder of the results.
        songs: folder of the songs that were sent.
        report: takes events.

    Raises:
        AvwalkError: it cannot be rendered.
    """
    import avwalk

    given: dict[str, Any] = dict(options)
    song, suffix = songs / given.pop("song"), ".webm" if given["profile"] == "webm" else ".mp4"

    def tell(event: Mapping[str, Any]) -> None:
        if event["event"] in ("plan", "progress", "warning", "segment"):
            report({name: value for name, value in event.items() if name not in ("out", "path")})

    avwalk.render(song, on_event=tell, **{**given, "out": out / f"film{suffix}", "force": True})


def story_job(options: Mapping[str, Any], out: Path, painter: str, report: Report) -> None:
    """Makes a film of a story, and a ZIP of its page, pictures and tables; what an earlier try has done is used.

    Args:
        options: of a `avwalk.serve.job_kinds.StoryJob`.
        out: folder of the results; the story's own folder is made beside it.
        painter: ``KIND[@URL]``.
        report: takes events.

    Raises:
        AvwalkError: it cannot be made.
    """
    from avwalk.config.story_options import StoryOptions
    from avwalk.files.atomic import write_file
    from avwalk.story.build import tell_story
    from avwalk.story.export import export_story
    from avwalk.story.folder import StoryFolder

    file, place = out.parent / "story.txt", out.parent / "story"
    write_file(file, options["text"] + "\n")
    given = {name: value for name, value in options.items() if name not in ("text", "compose")}
    music = "compose" if options["compose"] else None
    asked = StoryOptions(**given, out=str(place), painter=painter, music=music, limit=MOST_STORYLETS)

    def tell(event: Mapping[str, Any]) -> None:
        if event["event"] in ("step", "picture", "progress", "warning"):
            report({name: value for name, value in event.items() if name not in ("out", "path", "folder")})

    done = tell_story(file, asked, tell)
    export_story(StoryFolder(place), "", (), "zip", out / "story.zip", force=True)
    film = Path(done["out"])
    if film.suffix == ".mp4":
        film.replace(out / "film.mp4")


def main(arguments: list[str]) -> int:
    """Does a job; the exit code."""
    kind, out, songs, painter = arguments[0], Path(arguments[1]), Path(arguments[2]), arguments[3]
    options = json.loads(sys.stdin.readline())
    threading.Thread(target=_end_with_stdin, daemon=True).start()

    def report(event: Mapping[str, Any]) -> None:
        told = {name: without_folders(value, (out.parent, songs)) for name, value in event.items()}
        print(json.dumps(told, ensure_ascii=False, default=str), flush=True)  # noqa: T201

    try:
        with _alone(out.parent):
            if kind == "render":
                render_job(options, out, songs, report)
            else:
                (paint_job if kind == "paint" else story_job)(options, out, painter, report)
    except AvwalkError as error:
        report({"event": "failed", "error": " ".join(str(error).split("\n"))})
        return 1
    except KeyboardInterrupt:
        return 130
    except Exception as error:  # a fault of ours: its place is in the job's stderr.txt
        report({"event": "failed", "error": f"unexpected {type(error).__name__}: {' '.join(str(error).split())[:200]}"})
        raise
    report({"event": "made"})
    return 0


def without_folders(value: Any, folders: Sequence[Path]) -> Any:
    """A value of an event, in which files of the server are named without where they are."""
    if not isinstance(value, str | Path):
        return value
    text = str(value)
    for folder in folders:
        for name in (folder.resolve(), folder.absolute(), folder):
            text = text.replace(f"{name}{os.sep}", "")
    return text


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Waits for the process of a server that was killed, which ends a moment after it."""
    from filelock import FileLock, Timeout

    try:
        with FileLock(folder / ".lock", timeout=2 * _GRACE_S):
            yield
    except Timeout:
        raise AvwalkError("another process works on this job still; try again when it has ended") from None


def _end_with_stdin() -> None:
    """Ends the job when nobody holds the other end any more; at once, if it does not end by itself."""
    sys.stdin.read()
    threading.Timer(_GRACE_S, os._exit, (130,)).start()
    _thread.interrupt_main()


if __name__ == "__main__":
    for stream in (sys.stdin, sys.stdout):
        stream.reconfigure(encoding="utf-8")  # type: ignore[union-attr]
    with at_command_line(False):
        sys.exit(main(sys.argv[1:]))
