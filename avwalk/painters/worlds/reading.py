"""Reads a prompt: which of the words in the tables it holds, what they belong to, and what is said not to be there."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from avwalk.painters.worlds import lexicon
from avwalk.painters.worlds.colour_names import Lab, find_colour, oklab_of
from avwalk.painters.worlds.fair_weather import OVER

ENDINGS = (
    ("", ""), ("s", ""), ("es", ""), ("ies", "y"), ("ves", "f"), ("y", ""), ("y", "e"), ("ly", ""), ("ily", "y"),
    ("ed", ""), ("ed", "e"), ("ing", ""), ("ing", "e"), ("er", ""), ("est", ""), ("ish", ""), ("en", ""), ("ful", ""),
    ("ous", ""), ("ness", ""), ("lit", ""), ("ity", ""), ("ic", ""), ("al", ""), ("men", "man"),
)  # fmt: skip
TAILS = frozenset(
    re.findall(
        r"\w+",
        "light lit fall rise time side scape land ward wards bound shine top line swept kissed filled clad torn",
    )
)
SOFT = {
    "sun",
    "sunny",
    "sunlight",
    "sunlit",
    "sunshine",
    "star",
    "moon",
    "bright",
    "summer",
    "spring",
    "light",
    "broad",
    "day",
}
"""Words that say a time of day only where nothing else does."""
OPPOSITE = {"calm": "lively", "gentle": "lively", "lively": "calm", "storm": "calm", "dark": "bright", "bright": "dark"}
NEAR = 3  # words between a colour and what it colours
LONGEST = 48  # letters of a word that is looked at; all its parts are tried, so a longer one would take its square
AMBIGUOUS = frozenset(
    re.findall(
        r"\w+",
        """
        apple apricot asparagus avocado banana barney blood booger bruise butter butterscotch camo carnation
    caramel cherry     chocolate cocoa coffee coral cream custard dirt earth eggplant fawn fire grape grass green
    heather honey kiwi     lavender leather lemon lilac lime linen mango melon mud mulberry olive orchid peach pea
    peanut pear pearl pitch plum pumpkin     putty raspberry rose sand seashell seaweed snow spearmint squash
    stone strawberry straw tan tea tomato tree walnut     watermelon wheat wine
""",
    )
)
"""Names of colours that are things, too: colours only right before something that they can colour."""
_PHRASES = (
    (re.compile(r"\b(?:northern|southern|polar) lights\b"), "aurora"),
    (OVER, "clear"),
    (re.compile(r"\bblue whale"), "whale"),
    (
        re.compile(r"\b(?:under|beneath|below) (?:the )?(?:water|sea|waves|surface)\b|\bbottom of the sea\b"),
        "underwater",
    ),
    (re.compile(r"\b(?:candles?|lamps?|lanterns?|torch(?:es)?|stars?|sun|lights?)((?: \w+)?) burn\w*"), r"lamp\1"),
    (re.compile(r"\b(?:on fire|in flames|burned down|burnt down|caught fire|set fire to)\b"), "ablaze"),
    (
        re.compile(r"\b(?:by|round|around|beside|near|before|at) (?:the|a|an|their|his|her) (?:\w+ )?fire\b"),
        "by the campfire",
    ),
)
"""What several words mean together: pattern → what is read for it."""
_WORN = frozenset(lexicon.WORN.split())
_TABLES: Mapping[str, Mapping[str, str]] = {
    "place": lexicon.PLACES,
    "subject": lexicon.SUBJECTS,
    "time": lexicon.TIMES,
    "weather": lexicon.WEATHERS,
    "light": lexicon.LIGHTS,
    "style": lexicon.STYLES,
    "material": lexicon.MATERIALS,
    "part": lexicon.PARTS,
    "energy": {name: words for name, (_, words) in lexicon.ENERGIES.items()},
    "tone": {name: words for name, (_, words) in lexicon.TONES.items()},
}


@dataclass(frozen=True)
class Meaning:
    """What a prompt says, as far as the tables know its words.

    Attributes:
        places: in the order of the text.
        subjects: who or what is there.
        time: of day; empty where nothing says it.
        weathers: what the air does.
        lights: what shines.
        styles: how it is made.
        materials: forms to show where there is no place.
        energy: how much moves, −1 to 1.
        tone: −1 dark to 1 bright, beside the time of day.
        colours: part of the picture, or who or what is there → its colour; ``subject`` that of the first of these,
            ``all`` what belongs to nothing in particular.
        words: words that were understood → what as.
        key: the words of the place, in order: two prompts that share them show the same place.
    """

    places: tuple[str, ...] = ()
    subjects: tuple[str, ...] = ()
    time: str = ""
    weathers: frozenset[str] = frozenset()
    lights: frozenset[str] = frozenset()
    styles: tuple[str, ...] = ()
    materials: tuple[str, ...] = ()
    energy: float = 0.0
    tone: float = 0.0
    colours: Mapping[str, Lab] = field(default_factory=dict)
    words: Mapping[str, str] = field(default_factory=dict)
    key: str = ""

    def summary(self) -> dict[str, Any]:
        """What was understood, for people."""
        found: dict[str, Any] = {
            "place": ", ".join(self.places),
            "subject": ", ".join(self.subjects),
            "time": self.time,
            "weather": ", ".join(sorted(self.weathers)),
            "light": ", ".join(sorted(self.lights)),
            "style": ", ".join(self.styles),
            "form": ", ".join(self.materials),
            "colours": ", ".join(word for word, what in self.words.items() if what.startswith("colour")),
        }
        return {name: value for name, value in found.items() if value} | {"energy": round(self.energy, 2)}


def read_prompt(prompt: str, negative: str = "") -> Meaning:
    """What a prompt means.

    Args:
        prompt: text in English; words that are not known do nothing.
        negative: what is not to be there: its words are taken out.
    """
    text = prompt.lower()
    for said, meant in _PHRASES:
        text = said.sub(meant, text)
    tokens = re.findall(r"[a-z]+", text.replace("'s", ""))
    unwanted = {each for word in re.findall(r"[a-z]+", negative.lower()) for each in senses(word)}
    found: dict[str, list[tuple[str, str]]] = {aspect: [] for aspect in _TABLES}
    words: dict[str, str] = {}
    colours = dict(_colours(tokens, words))
    for k, token in enumerate(tokens):
        if words.get(token, "").startswith("colour"):
            continue
        denied = token.endswith("less") or any(each in lexicon.WITHOUT for each in tokens[max(0, k - 2) : k])
        for aspect, concept in senses(token.removesuffix("less")):
            if denied or (aspect, concept) in unwanted:
                if aspect in ("weather", "energy") and denied and concept in ("wind", "storm", "lively"):
                    found["energy"].append(("calm", token))
                continue
            found[aspect].append((concept, token))
            if aspect != "part" and concept not in words.get(token, "").split(", "):  # a word may be said often
                words[token] = f"{words[token]}, {concept}" if token in words else concept
    return _meaning(found, colours, words)


def _meaning(found: Mapping[str, list[tuple[str, str]]], colours: dict[str, Lab], words: dict[str, str]) -> Meaning:
    def concepts(aspect: str) -> tuple[str, ...]:
        return tuple(dict.fromkeys(concept for concept, _ in found[aspect]))

    places, weathers, energies = concepts("place"), set(concepts("weather")), concepts("energy")
    if not places and "boat" in concepts("subject"):
        places = ("sea",)
    energy = [lexicon.ENERGIES[name][0] for name in energies]
    if "storm" in weathers:
        energy.append(1.0)
    lights = set(concepts("light"))
    if own := [part for part in colours if part in lexicon.SUBJECTS]:
        colours = {"subject": colours[own[0]], **colours}
    if "subject" not in colours:
        natural = next(
            (
                lexicon.NATURAL[stem]
                for _, token in found["subject"]
                for stem in stems(token)
                if stem in lexicon.NATURAL
            ),
            "",
        )
        colours |= {"subject": oklab_of(natural)} if natural else {}
    for vague in ("sky", "fire"):  # of another place it is only a part
        places = tuple(place for place in places if place != vague) or places
    return Meaning(
        places,
        concepts("subject"),
        _time(found["time"]),
        frozenset(weathers),
        frozenset(lights),
        concepts("style"),
        concepts("material"),
        max(-1.0, min(1.0, sum(energy) / max(1, len(energy)))) if energy else 0.0,
        sum(lexicon.TONES[name][0] for name in concepts("tone")),
        colours,
        words,
        " ".join(dict.fromkeys(token for place, token in found["place"] if place in places)),
    )


def _time(found: Sequence[tuple[str, str]]) -> str:
    """The time of day: the first word that says it outright, else the first that hints at it."""
    outright = [time for time, token in found if token not in SOFT]
    return (outright or [time for time, _ in found] or [""])[0]


def _colours(tokens: Sequence[str], words: dict[str, str]) -> Iterator[tuple[str, Lab]]:
    """Part and colour for each name of a colour; the longest name counts."""
    k = 0
    while k < len(tokens):
        for length in (3, 2, 1):
            some = tokens[k : k + length]
            if len(some) < length or not (found := find_colour(some)) or (length == 1 and not _names_colour(tokens, k)):
                continue
            if any(each in lexicon.WITHOUT for each in tokens[max(0, k - 1) : k]):
                continue
            part = _coloured(tokens, k, length)
            for word in some:
                words[word] = f"colour {found} of {part}"
            yield part, oklab_of(found)
            k += length - 1
            break
        k += 1


def _names_colour(tokens: Sequence[str], k: int) -> bool:
    """Whether a single word that names a colour means it here."""
    things = {aspect for aspect, _ in senses(tokens[k])} & {"place", "subject", "time", "weather", "part", "light"}
    if not things and tokens[k] not in AMBIGUOUS:
        return True
    if k and find_colour([tokens[k - 1]]):
        return False  # golden wheat
    following = {what for token in tokens[k + 1 : k + 2] for what in senses(token)}
    return tokens[k] in AMBIGUOUS and any(aspect in ("part", "subject") for aspect, _ in following)


def _coloured(tokens: Sequence[str], k: int, length: int) -> str:
    """The part of the picture that a colour belongs to: of the words behind it, else of the one before ``is``."""
    for token in tokens[k + length : k + length + NEAR]:
        if _WORN.intersection(stems(token)):
            return "person"
        for aspect, concept in senses(token):
            if aspect in ("part", "subject"):
                return concept
    if tokens[max(0, k - 1)] in ("is", "was", "turns", "turned", "are", "were", "glows", "glowed", "all"):
        for token in tokens[max(0, k - 3) : k]:
            for aspect, concept in senses(token):
                if aspect == "part":
                    return concept
    return "all"


@cache
def _index() -> dict[str, tuple[tuple[str, str], ...]]:
    """Word → its aspects and concepts."""
    found: dict[str, dict[tuple[str, str], None]] = {}
    for aspect, table in _TABLES.items():
        for concept, listed in table.items():
            for word in listed.split():
                found.setdefault(word, {})[aspect, concept] = None
    return {word: tuple(each) for word, each in found.items()}


@cache
def senses(word: str) -> tuple[tuple[str, str], ...]:
    """Aspects and concepts of a word: as it stands, by its stem, or by the parts of a compound; empty if unknown."""
    if len(word) > LONGEST:
        return ()
    if found := stem_senses(word):
        return found
    for k in range(len(word) - 3, 2, -1):
        if head := stem_senses(word[:k]):
            tail = stem_senses(word[k:])
            if tail or word[k:] in TAILS:
                return tuple(dict.fromkeys([*head, *tail]))
    if word.startswith("un"):
        return tuple((aspect, OPPOSITE[what]) for aspect, what in senses(word[2:]) if what in OPPOSITE)
    return next((found for k in range(3, len(word) - 4) if (found := stem_senses(word[k:]))), ())


def stem_senses(word: str) -> tuple[tuple[str, str], ...]:
    """Aspects and concepts of a word as it stands, and of all its stems."""
    index = _index()
    if len(word) > _reach():
        return ()
    return tuple(dict.fromkeys(sense for stem in stems(word) for sense in index.get(stem, ())))


@cache
def _reach() -> int:
    """Letters of the longest word that may have a stem in the tables: with an ending, and a letter doubled for it."""
    return max(map(len, _index())) + max(len(ending) for ending, _ in ENDINGS) + 1


def stems(word: str) -> Iterator[str]:
    """A word, and what it may be a form of."""
    for ending, instead in ENDINGS:
        if not word.endswith(ending):
            continue
        stem = word.removesuffix(ending) + instead
        if len(stem) >= 3:
            yield stem
            if ending and len(stem) > 3 and stem[-1] == stem[-2]:
                yield stem[:-1]  # foggy, running
