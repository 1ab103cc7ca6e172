"""What an edit of a film may reach: which keys can leave frames as they are, and what is decided without some cues.

A cue that pins a value or asks for a world is about its own time. The exposure of a shot, and which world a seed means,
are decided by all of the shot: were they decided with the pinned frames, such a cue would change the film from end
to end.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from avwalk.config.preset import targets
from avwalk.spec import FilmSpec

EDITS = (
    "format", "avwalk", "generator", "preset", "restyle", "effects", "curves", "bpm", "first_beat", "av_offset_ms",
    "stems", "explain", "allow_flashes", "cues", "text", "looks",
)  # fmt: skip
"""Keys of a film's JSON that may differ while some of its frames are the same."""
WORLD_CUES = ("seed", "palette")
"""Cues that change the world of a shot, or its colours."""
_WHAT = 2  # column of a row of cues


def without_pins(film: FilmSpec) -> FilmSpec:
    """The film without values that cues pin; itself if there are none."""
    return _without(film, targets())


def without_world_cues(film: FilmSpec) -> FilmSpec:
    """The film without values that cues pin and without worlds that they ask for; itself if there are none."""
    return _without(film, (*targets(), *WORLD_CUES))


def _without(film: FilmSpec, kinds: Collection[str]) -> FilmSpec:
    rows = tuple(row for row in film.cues.rows if row[_WHAT] not in kinds)
    return film if len(rows) == len(film.cues.rows) else replace(film, cues=replace(film.cues, rows=rows))
