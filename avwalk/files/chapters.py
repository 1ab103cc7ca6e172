"""Chapters of a film: the parts that players list and jump to, in MP4, MOV and WebM."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from avwalk.errors import VideoError
from avwalk.files.media import open_media

if TYPE_CHECKING:
    from av.container import OutputContainer

TICKS = 1000
"""A second in the clock of chapters."""
MOST = 255
"""In MP4: Nero's atom counts them in one byte."""
_LETTERS = 120


class Chapter(NamedTuple):
    """A part of a film from ``start`` to ``end``, seconds."""

    start: float
    end: float
    title: str


def set_chapters(container: OutputContainer, chapters: Sequence[Chapter]) -> None:
    """Gives a film chapters, before anything is written to it; of more than `MOST`, neighbours become one.

    Args:
        container: MP4, MOV or WebM.
        chapters: ascending.
    """
    step = -(-len(chapters) // MOST)
    merged = [
        Chapter(run[0].start, run[-1].end, run[0].title)
        for run in (chapters[k : k + step] for k in range(0, len(chapters), step))
    ]
    container.set_chapters(
        [
            {
                "id": k,
                "start": round(each.start * TICKS),
                "end": round(each.end * TICKS),
                "time_base": Fraction(1, TICKS),
                "metadata": {"title": each.title[:_LETTERS]},
            }
            for k, each in enumerate(merged, 1)
        ]
    )


def read_chapters(path: Path) -> list[Chapter]:
    """The chapters of a film.

    Raises:
        VideoError: it cannot be opened.
    """
    import av

    try:
        with open_media(path) as container:
            told = container.chapters()
    except (av.error.FFmpegError, OSError, ValueError) as error:
        raise VideoError(f"video '{path}' cannot be opened: {getattr(error, 'strerror', None) or error}") from None
    found = []
    for each in told:
        base = float(each["time_base"] or 0)
        found.append(Chapter(each["start"] * base, each["end"] * base, str(each["metadata"].get("title", ""))))
    return found
