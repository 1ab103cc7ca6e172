"""Writes avwalk/models/classes.csv from WordNet 3.0 and the order of classes in pytorch_pretrained_biggan.

    apt-get install wordnet-base        # or WordNet-3.0.tar.gz of Princeton; not 3.1: offsets differ
    PYTHONPATH=. python tests/models/make_classes.py [/usr/share/wordnet/data.noun]

A class of ImageNet is a noun synset of WordNet 3.0, named by its byte offset in ``data.noun`` (see wndb(5WN)).
Columns, lists separated by ``|``:
    index, wnid (``n`` and the offset), name (the synset's first word), synonyms (its other words),
    narrower (words of what is a kind of it, down to the leaves, if they mean this class alone),
    kinds (what it is a kind of, nearest first).
"""

from __future__ import annotations

import csv
import io
import sys
from collections import Counter
from pathlib import Path
from typing import NamedTuple

WORDNET = Path("/usr/share/wordnet/data.noun")
SHIPPED = Path(__file__).parents[2] / "avwalk" / "models" / "classes.csv"
TOO_WIDE = {
    "entity", "physical entity", "abstraction", "object", "whole", "living thing", "organism", "matter", "substance",
    "attribute", "causal agent", "abstract entity", "psychological feature", "thing", "relation", "part",
}  # fmt: skip


class Synset(NamedTuple):
    words: list[str]
    above: list[int]
    below: list[int]


def synset(data: bytes, offset: int) -> Synset:
    """The noun synset at a byte offset."""
    line = data[offset : data.index(b"\n", offset)].decode("ascii")
    fields = line.split(" | ")[0].split()
    if int(fields[0]) != offset or fields[2] != "n":
        raise ValueError(f"no noun synset at {offset}: this is not data.noun of WordNet 3.0")
    n_words = int(fields[3], 16)
    words = [word.replace("_", " ") for word in fields[4 : 4 + 2 * n_words : 2]]
    pointers = fields[4 + 2 * n_words + 1 :]
    found: dict[str, list[int]] = {"@": [], "~": []}
    for symbol, target, part in zip(pointers[0::4], pointers[1::4], pointers[2::4], strict=False):
        if symbol[0] in found and part == "n":
            found[symbol[0]].append(int(target))
    return Synset(words, found["@"], found["~"])


def ancestors(data: bytes, offset: int) -> list[str]:
    """First words of what is above, nearest first."""
    names: list[str] = []
    level = synset(data, offset).above
    while level:
        nodes = [synset(data, one) for one in level]
        names += [node.words[0] for node in nodes if node.words[0] not in names]
        level = [up for node in nodes for up in node.above]
    return [name for name in names if name not in TOO_WIDE]


def descendants(data: bytes, offset: int, stop: set[int]) -> list[str]:
    """All words of what is below; not through another class."""
    names: list[str] = []
    for down in synset(data, offset).below:
        if down not in stop:
            names += [*synset(data, down).words, *descendants(data, down, stop)]
    return names


def rows(data: bytes, order: dict[int, int]) -> list[list[str]]:
    """The table, with its header."""
    classes = set(order)
    own = {word.lower() for offset in order for word in synset(data, offset).words}
    below = {offset: list(dict.fromkeys(descendants(data, offset, classes))) for offset in order}
    uses = Counter(word.lower() for words in below.values() for word in {w.lower(): w for w in words}.values())
    out = [["index", "wnid", "name", "synonyms", "narrower", "kinds"]]
    for offset, index in sorted(order.items(), key=lambda item: item[1]):
        words = synset(data, offset).words
        narrower = [word for word in below[offset] if uses[word.lower()] == 1 and word.lower() not in own]
        lists = ["|".join(part) for part in (words[1:], narrower, ancestors(data, offset))]
        out.append([str(index), f"n{offset:08d}", words[0], *lists])
    return out


def as_csv(data: bytes) -> str:
    from pytorch_pretrained_biggan.utils import IMAGENET

    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows(data, IMAGENET))
    return text.getvalue()


if __name__ == "__main__":
    source = Path(sys.argv[1]) if len(sys.argv) > 1 else WORDNET
    SHIPPED.write_text(as_csv(source.read_bytes()), encoding="utf-8")
    print(SHIPPED)
