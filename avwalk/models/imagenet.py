"""The 1000 ImageNet classes of BigGAN: index, name, synonyms, search.

``classes.csv`` joins the order of classes of ILSVRC 2012, which BigGAN was trained with, with the words of WordNet 3.0
(licence in ``WORDNET_LICENSE.txt``); ``tests/models/make_classes.py`` writes it.

A word may mean several classes: ``crane`` is a bird and a machine. A class with that name precedes one
with that synonym, which precedes wider terms; then exact spelling counts (``cardigan`` is a jacket,
``Cardigan`` a dog), then the lower index: the bird. An index is unambiguous.
"""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from avwalk.errors import OptionError, did_you_mean

N_CLASSES = 1000
_FILE = Path(__file__).with_name("classes.csv")


@dataclass(frozen=True)
class ImageClass:
    """A class of ImageNet.

    Attributes:
        index: 0 … 999, its place in the class vector.
        wnid: its synset in WordNet 3.0, ``n`` and eight digits.
        name: the synset's first word.
        synonyms: its other words.
        narrower: words for kinds of it that mean no other class.
        kinds: what it is a kind of, nearest first.
    """

    index: int
    wnid: str
    name: str
    synonyms: tuple[str, ...]
    narrower: tuple[str, ...]
    kinds: tuple[str, ...]


@cache
def table() -> tuple[ImageClass, ...]:
    """All classes, by index."""
    with _FILE.open(encoding="utf-8", newline="") as file:
        return tuple(
            ImageClass(
                int(row["index"]),
                row["wnid"],
                row["name"],
                _split(row["synonyms"]),
                _split(row["narrower"]),
                _split(row["kinds"]),
            )
            for row in csv.DictReader(file)
        )


def name_of(index: int) -> str:
    """The name of class ``index``, 0 … 999. Two classes may have the same name: a crane is a bird or a machine.

    Raises:
        OptionError: there is no such class.
    """
    if not 0 <= index < N_CLASSES:
        raise OptionError(f"class {index} is not there: ImageNet has 0 to {N_CLASSES - 1}")
    return table()[index].name


def index_of(text: str) -> int:
    """The class that a user means: ``"947"``, ``"mushroom"``, ``"soap bubble"``; case and hyphens do not matter.

    Raises:
        OptionError: no class, or only a kind of many (``"dog"``); the message says what is near.
    """
    wanted = text.strip()
    if wanted.isdecimal():
        if int(wanted) >= N_CLASSES:
            raise OptionError(f"class {wanted} is not there: ImageNet has 0 to {N_CLASSES - 1}")
        return int(wanted)
    if found := namesakes(text):
        return found[0]
    wanted = _plain(text)
    kinds = [one.name for one in table() if wanted in map(_plain, one.kinds)]
    if kinds:
        several = f"'{text}' is a kind with {len(kinds)} classes, such as {', '.join(kinds[:3])}"
        raise OptionError(f"{several}; name one of them: avwalk models classes --search '{text}'")
    near = did_you_mean(wanted, _words())
    raise OptionError(f"class '{text}' is not known{near}; avwalk models classes --search WORD looks for it")


def namesakes(text: str) -> tuple[int, ...]:
    """Every class that a word can mean, the one that `index_of` takes first; empty if it means none."""
    found = [(near, word != text.strip(), index) for near, word, index in _words().get(_plain(text), ())]
    return tuple(index for _, _, index in sorted(found))


def search(text: str) -> list[tuple[int, str, tuple[str, ...]]]:
    """Classes with a word in them, as index, name, synonyms: those of that name, then others that
    have the word in their name, then kinds of it.

    ``bird`` finds all birds. Without text: all classes.
    """
    wanted = _plain(text)
    ranked = sorted((rank, one.index) for one in table() if (rank := _rank(one, wanted)) is not None)
    found = [table()[index] for _, index in ranked]
    return [(one.index, one.name, one.synonyms) for one in found]


def _rank(one: ImageClass, wanted: str) -> int | None:
    """0: its name or a synonym, 1: a word of these, 2: of its kinds, 3: of what is narrower, 4: how a word begins."""
    names = [_plain(word) for word in (one.name, *one.synonyms)]
    if wanted in names:
        return 0
    for rank, words in enumerate((names, map(_plain, one.kinds), map(_plain, one.narrower)), start=1):
        if any(f" {wanted} " in f" {word} " for word in words):
            return rank
    return 4 if any(f" {wanted}" in f" {word}" for word in names) else None


@cache
def _words() -> dict[str, list[tuple[int, str, int]]]:
    """Every word in plain spelling, and of the classes that it can mean: how near, how it is spelt, index."""
    found: dict[str, list[tuple[int, str, int]]] = {}
    for one in table():
        for near, words in enumerate(((one.name,), one.synonyms, one.narrower)):
            for word in words:
                found.setdefault(_plain(word), []).append((near, word, one.index))
    return found


def _plain(text: str) -> str:
    return " ".join(re.sub(r"['’.]", "", re.sub(r"[-_]", " ", text.lower())).split())


def _split(cell: str) -> tuple[str, ...]:
    return tuple(cell.split("|")) if cell else ()
