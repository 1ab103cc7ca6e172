"""Where the scores that others wrote are from, and whether they are learned from or only judge."""

from __future__ import annotations

from dataclasses import dataclass

LIBRARY = "/usr/share/mma/lib/stdlib"
"""Where Debian's package mma puts the grooves of its bands."""


@dataclass(frozen=True)
class Collection:
    """A public repository of scores.

    Attributes:
        home: its address.
        commit: what the shipped weights learned from, or were judged by.
        licence: of the scores.
        files: where they lie in it.
        validation: its pieces only judge.
    """

    home: str
    commit: str
    licence: str
    files: str
    validation: bool = False


COLLECTIONS = {
    "freedoom": Collection(
        "https://github.com/freedoom/freedoom",
        "d14dbbee3b6fbfb2c11cdb65eb61216e86d4ee85",
        "BSD 3-clause",
        "musics/*.mid",
    ),
    "nottingham": Collection(
        "https://github.com/jukedeck/nottingham-dataset",
        "0992bb6cd864f6d4b90d6663e08c0ef53ffaa08f",
        "GPL 3",
        "MIDI/*.mid",
    ),
    "simutrans": Collection(
        "https://github.com/aburch/simutrans",
        "eb7dafc31b1046420d5ed4c33824d8749bb54175",
        "Artistic 1.0",
        "simutrans/music/*.mid",
        validation=True,
    ),
    "easyrpg": Collection(
        "https://github.com/EasyRPG/RTP",
        "993d88cbc78c658d348bbfa74a3b424d393d27e5",
        "CC BY 4.0, CC0",
        "Music/*.mid",
        validation=True,
    ),
}
"""Name, which is that of its folder too → collection."""
