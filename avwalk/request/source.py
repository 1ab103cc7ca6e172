"""The video or folder whose frames stand in for a generator's."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

from avwalk.clock import parse_fps
from avwalk.config.options import RenderOptions
from avwalk.errors import OptionError
from avwalk.files.names import as_there
from avwalk.frames.files import open_source
from avwalk.frames.timed_pictures import TimedPictures
from avwalk.presets import LoadedPreset
from avwalk.spec import SourceSpec

HALF_A_SECOND = Fraction(1, 2)


def ask_for_source(options: RenderOptions, stored: str | None) -> None:
    """Refuses to draw a generator's frames where a film that is made again was made from a source."""
    if stored and not (options.source or options.scenes):
        raise OptionError(
            f"the film was made from a source that it does not hold; give it: --source FILE (sha256 {stored})"
        )


def source_spec(
    options: RenderOptions, size: tuple[int, int], until: Fraction, preset: LoadedPreset, stored: str | None = None
) -> tuple[SourceSpec | None, list[str]]:
    """The video or folder whose frames stand in for a generator's, None if there is none; and what is odd about it.

    Args:
        options: of the render.
        size: of the film.
        until: when the film ends, seconds of the song.
        preset: of the film.
        stored: sha256 of the source that a film made again has.

    Raises:
        VideoError: it cannot be read.
        OptionError: its sha256 is not the one that a film has stored.
    """
    if not options.source:
        return None, []
    path = as_there(Path(options.source))
    opened = open_source(path, size, parse_fps(options.fps), fit=preset.values.camera.fit)
    sha256, notes = opened.sha256, list(opened.notes)
    if stored and sha256 != stored:
        raise OptionError(
            f"--source '{path}' is not what the film was made of: its sha256 is {sha256}, the film says {stored}"
        )
    follows = float(opened.duration) if options.source_follows else 0.0
    if not (follows or isinstance(opened, TimedPictures)) and until - opened.duration > HALF_A_SECOND:
        then = {"hold": "then its last picture stays", "loop": "then it begins again", "black": "then it is black"}
        others = " or ".join(f"--source-end {end}" for end in then if end != options.source_end)
        notes.append(
            f"source '{path.name}' is {float(opened.duration):.1f} s long, the film ends at {float(until):.1f} s: "
            f"{then[options.source_end]} ({others})"
        )
    return SourceSpec(sha256, path.name, options.source_end, opened.read_as, follows), notes
