"""Who is in a text: names, nouns of persons and animals, and whom pronouns mean."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from avwalk.screenplay import vocabulary as v

_WORD = re.compile(r"[^\W\d_]+(?:['’\-][^\W\d_]+)*")
_START = re.compile(r"(?:^|[.!?…]['\"”’»)]*\s+|['\"“‘«(]\s*|[:—–]\s+)$")
_ADJECTIVES = 2  # words between a determiner and its noun that go along
_MANY = 4  # persons in a picture


@dataclass
class Persons:
    """Who has been named so far; it goes on from scene to scene.

    Attributes:
        names: proper names of the whole text.
        gender: name → ``m``, ``f``, ``p`` or empty.
        last: persons as they were mentioned, the latest at the end.
    """

    names: frozenset[str] = frozenset()
    gender: dict[str, str] = field(default_factory=dict)
    last: list[str] = field(default_factory=list)

    @cached_property
    def parts(self) -> Mapping[str, str]:
        """Each word of a name, titles apart → the name."""
        return {part: name for name in sorted(self.names) for part in name.split() if part.lower() not in v.TITLES}

    def named_in(self, text: str) -> set[str]:
        """Names that a text holds."""
        return {self.parts[word] for word in re.findall(r"[^\W\d_]+", text) if word in self.parts}

    def mention(self, who: str) -> None:
        """Makes somebody the one that pronouns mean."""
        if who in self.last:
            self.last.remove(who)
        self.last = [*self.last, who][-8:]

    def meant_by(self, pronoun: str) -> str:
        """The last one mentioned whom a pronoun fits; empty: nobody. Who had no gender has the pronoun's from now."""
        wanted = v.PRONOUNS.get(pronoun.lower(), "")
        for who in reversed(self.last):
            if self.gender.get(who, "") == wanted:
                return who
        human = sorted(reversed(self.last), key=lambda who: who.split()[-1].lower() in v.ANIMALS)
        for who in human:
            if not self.gender.get(who, "") and wanted != "p":
                self.gender[who] = wanted
                return who
        return ""


def names_in(text: str) -> frozenset[str]:
    """Proper names of persons in a whole text: capitalised in the middle of a sentence, or with a title.

    A name counts where it is written so twice, or is a known given name, or has a title, or does what persons do: it
    stands before a verb in the past, or behind ``said``.
    """
    found: Counter[str] = Counter()
    sure: set[str] = set()
    low = {match[0] for match in _WORD.finditer(text) if match[0].islower()}
    for name, at_start, before, after in _capitalised(text):
        first = name.split()[0].lower().rstrip(".")
        bare = name.split()[-1].lower()
        if bare in v.NO_NAMES or first in v.NO_NAMES or (at_start and " " not in name and bare in low):
            continue
        titled = first in v.TITLES and " " in name
        if titled or bare in v.HERS or bare in v.HIS or first in v.HERS or first in v.HIS:
            sure.add(name)
        elif before in v.WHERE or before in ("to", "from", "of", "the"):
            found[name] -= 1  # a place
        elif (
            before in ("said", "asked", "cried", "named", "called", "and", "with")
            or after in v.ACTS
            or (not at_start and after in ("he", "she", "who"))
            or (re.fullmatch(r"\w+ed", after) and not at_start)
        ):
            sure.add(name)
        found[name] += 1
    names = {name for name in found if name in sure or (found[name] >= 2 and " " not in name)}
    parts = {part for name in names if " " in name for part in name.split()}
    return frozenset(name for name in names if " " in name or name not in parts)


def _capitalised(text: str) -> Iterable[tuple[str, bool, str, str]]:
    """Runs of capitalised words: text, whether they begin a sentence, the words before and behind, lower case."""
    words = list(_WORD.finditer(text))
    k = 0
    while k < len(words):
        word = words[k][0]
        if not word[0].isupper() or len(word) < 2 or word.isupper():
            k += 1
            continue
        at_start = bool(_START.search(text[max(0, words[k].start() - 8) : words[k].start()]))
        j = k + 1
        while (
            j < len(words) and words[j][0][0].isupper() and text[words[j - 1].end() : words[j].start()] in (" ", ". ")
        ):
            dotted = text[words[j - 1].end() : words[j].start()] == ". "
            if dotted and words[j - 1][0].lower() not in v.TITLES:
                break
            j += 1
        run = [each[0] for each in words[k:j]]
        if (
            at_start
            and len(run) > 1
            and run[0].lower() in (*v.DETERMINERS, *v.OPENERS)
            and run[0].lower() not in v.TITLES
        ):
            run, at_start = run[1:], False
        before = words[k - 1][0].lower() if k else ""
        after = words[j][0].lower() if j < len(words) else ""
        yield " ".join(re.sub(r"['’]s$", "", each) for each in run[:3]), at_start, before, after
        k = j


def persons_in(sentence: str, persons: Persons) -> list[str]:
    """Who is in a sentence, in the order of the text, by name or as they are called; pronouns are resolved.

    Args:
        sentence: in English.
        persons: so far; those found are mentioned in it.
    """
    found: list[str] = []
    if told := re.search(r"\b(his|her) name (?:was|is) ([A-Z]\w+)", sentence, re.I):
        persons.gender[told[2]] = "m" if told[1].lower() == "his" else "f"
    for name in persons.named_in(sentence):  # Leo, the young pilot: one person
        last = re.escape(name.split()[-1])
        sentence = re.sub(rf"\b({last}), (?:the|an?|his|her|their) [a-z][a-z ]{{1,30}}(?=[,.;!?]|$)", r"\1", sentence)
    words = _WORD.findall(sentence)
    lower = [re.sub(r"['’]s$", "", word).lower() for word in words]
    for k, word in enumerate(lower):
        who = _named(words, k, persons) or _called(lower, k)
        if not who and word in v.PRONOUNS and not (word == "her" and lower[k + 1 : k + 2] and _is_noun(lower, k + 1)):
            who = persons.meant_by(word)
        if who:
            persons.gender.setdefault(who, _gender(who))
            persons.mention(who)
            found.append(who)
    return list(dict.fromkeys(found))[:_MANY]


def _named(words: Sequence[str], k: int, persons: Persons) -> str:
    """The name of which a word is a part; of a title, that of the name behind it."""
    word = re.sub(r"['’]s$", "", words[k])
    if word.lower() in v.TITLES and word[0].isupper() and k + 1 < len(words):
        word = re.sub(r"['’]s$", "", words[k + 1])
    return persons.parts.get(word, "")


def _called(lower: Sequence[str], k: int) -> str:
    """A noun of persons with its adjectives: ``old man``; empty: it is none."""
    word = lower[k]
    if word not in v.FEMALE | v.MALE | v.NEUTRAL | v.PLURAL:
        return ""
    own: list[str] = []
    for j in range(k - 1, max(-1, k - 2 - _ADJECTIVES), -1):
        if lower[j] in v.DETERMINERS or lower[j] in ("two", "three", "four", "many", "old", "young"):
            own = list(lower[j + (lower[j] in v.DETERMINERS) : k])
            break
    return " ".join([*own, word])


def _is_noun(lower: Sequence[str], k: int) -> bool:
    """Whether ``her`` before this word is possessive: it mostly is, but before a preposition or at the end."""
    return lower[k] not in v.WHERE | v.LEFT | v.DETERMINERS | {"and", "but", "to", "as", "when", "that"}


def _gender(who: str) -> str:
    """``m``, ``f``, ``p`` for several, or empty where nothing tells."""
    words = who.lower().split()
    if words[-1] in v.PLURAL:
        return "p"
    if words[0] in v.TITLES and len(words) > 1 and v.TITLES[words[0]]:
        return v.TITLES[words[0]]
    for word in words[::-1]:
        if word in v.FEMALE or word in v.HERS:
            return "f"
        if word in v.MALE or word in v.HIS:
            return "m"
    return ""


def with_names(sentence: str, persons: Persons) -> str:
    """A sentence whose first ``he``, ``she`` or ``they`` became whom it means, where nobody is named before it."""
    found = re.search(r"\b(he|she|they)\b(?![\"”»])", sentence, re.I)
    if not found or persons.named_in(sentence[: found.start()]):
        return sentence
    lower = [word.lower() for word in _WORD.findall(sentence[: found.start()])]
    who = "" if any(_called(lower, k) for k in range(len(lower))) else persons.meant_by(found[1])
    if not who:
        return sentence
    said = who if who in persons.names or who.lower() in v.PLURAL else f"the {who}"
    return f"{sentence[: found.start()]}{said}{sentence[found.end() :]}"
