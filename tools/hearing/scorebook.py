"""Collections of scores that others wrote: where they are from, and which pieces are learned from or only judge."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TypeVar

import numpy as np

from tools.hearing.accompaniment import accompany
from tools.hearing.arrangement import arrange
from tools.hearing.bandbook import TAPPINGS
from tools.hearing.collected import COLLECTIONS, LIBRARY
from tools.hearing.doubts import checked
from tools.hearing.make_songs import SECONDS, Inputs, play_songs
from tools.hearing.piece import Piece
from tools.hearing.scores import DoubtfulScore, Score, read_score
from tools.hearing.tunes import Tune, read_tune

T = TypeVar("T")

_TUNES = "nottingham"
_SHARE = 5  # one piece of so many is for validation, and one groove of the bands
_TUNED = 0.4  # share of the songs to learn from that are tunes
_TRIES = 20


@dataclass(frozen=True)
class Book:
    """What is played.

    Attributes:
        scores: whole pieces.
        tunes: melodies with chords.
        grooves: files of the bands' grooves that play the tunes.
        validation: it only judges.
    """

    scores: tuple[Score, ...]
    tunes: tuple[Tune, ...]
    grooves: tuple[str, ...]
    validation: bool


def read_book(folder: Path, validation: bool) -> Book:
    """The pieces that are learned from, or those that only judge; what is doubtful is left out.

    Args:
        folder: of the collections' folders.
        validation: which of both.
    """
    scores: list[Score] = []
    for name, collection in COLLECTIONS.items():
        if name != _TUNES and (validation or not collection.validation):
            paths = sorted((folder / name).glob(collection.files))
            kept = paths if collection.validation else _part(paths, validation)
            scores += _readable(kept, partial(_score, name))
    tunes = _part(sorted((folder / _TUNES).glob(COLLECTIONS[_TUNES].files)), validation)
    return Book(
        tuple(scores), tuple(_readable(tunes, read_tune)), tuple(_part(sorted(TAPPINGS), validation)), validation
    )


def _score(collection: str, path: Path) -> Score:
    return checked(read_score(path, f"{collection}/{path.stem}"))


def _part(items: Sequence[T], validation: bool) -> list[T]:
    return [item for k, item in enumerate(items) if (k % _SHARE == _SHARE // 2) == validation]


def _readable(paths: Sequence[Path], read: Callable[[Path], T]) -> list[T]:
    out = []
    for path in paths:
        try:
            out.append(read(path))
        except DoubtfulScore as error:
            print(f"left out: {error}", file=sys.stderr)
    return out


def make_scored_songs(book: Book, out: Path, inputs: Inputs, seed: int, numbers: range) -> None:
    """Makes the songs of a book that are not there: those that only judge play each score once, then tunes.

    Args:
        book: what is played.
        out: folder, made where it is missing.
        inputs: what they are made of.
        seed: of the set.
        numbers: of the songs.
    """
    with tempfile.TemporaryDirectory() as scratch:

        def written(rng: np.random.Generator, number: int) -> Piece:
            score = _drawn(rng, book, number)
            return arrange(rng, score or _accompanied(rng, book, Path(scratch)), SECONDS)

        play_songs(out, inputs, seed, numbers, written)


def _drawn(rng: np.random.Generator, book: Book, number: int) -> Score | None:
    """The score of a song; None for a tune with a band."""
    if book.validation:
        return book.scores[number] if number < len(book.scores) else None
    return book.scores[int(rng.integers(len(book.scores)))] if rng.random() > _TUNED else None


def _accompanied(rng: np.random.Generator, book: Book, scratch: Path) -> Score:
    """A tune that is drawn, with a band that fits; another where MMA fails."""
    for _ in range(_TRIES):
        file = str(rng.choice(book.grooves))
        fitting = [tune for tune in book.tunes if tune.meter in TAPPINGS[file].fits]
        if not fitting:
            continue
        try:
            return accompany(rng, fitting[int(rng.integers(len(fitting)))], file, Path(LIBRARY), scratch)
        except DoubtfulScore as error:
            print(f"left out: {error}", file=sys.stderr)
    raise DoubtfulScore(f"MMA played none of {_TRIES} tunes")
