"""The seed of a film: the one asked for, else the preset's, else one that the song has."""

from __future__ import annotations

from typing import Literal

from avwalk.audio.samples_hash import samples_sha256
from avwalk.config.options import RenderOptions
from avwalk.contracts import Song

SEEDS = 99_999
"""Seeds of songs are 1 to this: short, as they are part of a film's name."""

Origin = Literal["option", "preset", "song"]


def seed_of_song(song: Song) -> int:
    """The seed that a song has by itself, 1 to `SEEDS`: the first 64 bits of the sha256 of its samples, folded.

    Tags, the file's name and its container have no part in it, see `samples_sha256`.

    Raises:
        SongError: the song cannot be read.
    """
    return 1 + int(samples_sha256(song)[:16], 16) % SEEDS


def usual_seed(song: Song, preset: int | None) -> tuple[int, Origin]:
    """The seed of a film for which none is asked, and whose it is: the preset's, else the song's."""
    return (seed_of_song(song), "song") if preset is None else (preset, "preset")


def film_seeds(
    options: RenderOptions, song: Song, preset: int | None, stored: tuple[int, Origin] | None
) -> tuple[int, int | None, Origin]:
    """The film's seed; that of the parts that are rolled again, None where it is not given; whose the film's is.

    Args:
        options: of the render.
        song: probed.
        preset: the preset's seed; None: it says none.
        stored: seed of the film that is made again, and whose it was.

    Raises:
        SongError: the song cannot be read.
    """
    if stored and stored[1] == "song" and seed_of_song(song) != stored[0]:
        stored = stored[0], "option"  # it was another song's
    if options.redo:  # the option is the seed of the parts
        seed, origin = stored or usual_seed(song, preset)
        return seed, None if stored and options.seed == seed else options.seed, origin
    if stored and options.seed == stored[0]:
        return stored[0], None, stored[1]
    if options.seed is not None:
        return options.seed, None, "option"
    seed, origin = usual_seed(song, preset)
    return seed, None, origin
