"""Where, when and in what weather and light a text plays; what is not said anew stays as it was."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache

from avwalk.painters.worlds import lexicon
from avwalk.painters.worlds.fair_weather import CALM, FAIR, OVER
from avwalk.painters.worlds.reading import SOFT, stem_senses
from avwalk.screenplay import vocabulary as v
from avwalk.screenplay.vocabulary import word_set

_WORD = re.compile(r"[a-z]+(?:['’][a-z]+)?")
_ADJECTIVES = 2  # words between the determiner of a place and its noun


@dataclass(frozen=True)
class Setting:
    """Where a scene plays.

    Attributes:
        place: in the words of the text, ``"the old lighthouse"``; empty: not said so far.
        where: concept of `avwalk.painters.worlds.lexicon.PLACES`.
        time: of `TIMES` there.
        weathers: of `WEATHERS` there.
        lights: of `LIGHTS` there.
    """

    place: str = ""
    where: str = ""
    time: str = ""
    weathers: tuple[str, ...] = ()
    lights: tuple[str, ...] = ()


def setting_of(sentence: str, before: Setting) -> Setting:
    """The setting in a sentence.

    A place counts by the words before it: ``in the forest`` is where we are, ``of the forest`` is only spoken of; the
    strongest counts, of equals the first. Another place has its own lights; indoors there is no weather. What is only
    told of, dreamt or remembered is nowhere.

    Args:
        sentence: in English.
        before: of the sentence before.
    """
    if _ONLY_TOLD.search(sentence):
        return before
    sights = list(_sights(sentence))
    found = before
    places = [sight for sight in sights if sight.aspect == "place"]
    strength = max((sight.strength for sight in places), default=0)
    if strength >= (2 if before.place else 1):
        best = next(sight for sight in places if sight.strength == strength)
        if best.concept != before.where or _head(best.phrase) != _head(before.place):
            indoors = best.concept in _INDOORS
            found = replace(found, lights=(), weathers=() if indoors else found.weathers)
        found = replace(found, place=best.phrase, where=best.concept)
    outright = [sight.concept for sight in sights if sight.aspect == "time" and sight.word not in SOFT]
    hints = [sight.concept for sight in sights if sight.aspect == "time"]
    if outright or (hints and not before.time):
        time = (outright or hints)[0]
        found = replace(found, time=time, lights=() if time != before.time else found.lights)
    found = replace(found, weathers=_weathers(sentence, sights, found))
    lights = [sight.concept for sight in sights if sight.aspect == "light"]
    return replace(found, lights=tuple(dict.fromkeys(lights))[:2]) if lights else found


_ONLY_TOLD = re.compile(
    r"\b(?:told|tell|tells|telling|spoke|talked|dreamed|dreamt|dreams|thought|sang|wrote|read|heard|asked|stories|story|"
    r"remembered|imagined|believed)\b[^,;.]*\b(?:about|of|that)\b|\b(?:like|as if|as though) (?:a|an|the)\b",
    re.I,
)
_LATER = re.compile(
    r"\bthe (?:next|following) (?:day|morning|evening|night|week|month|year|spring|summer)\b"
    r"|\b(?:days|weeks|months|years) (?:later|after|passed)\b|\b(?:day|week|month|year) later\b|\bone (?:fine )?day\b",
    re.I,
)
"""Another day, with a weather of its own."""
_ROUGH = ("storm", "rain", "wind", "cloud")
_LASTING = ("snow", "clear")
"""Weather that is still there on another day: snow on the ground."""


def _weathers(sentence: str, sights: Sequence[_Sight], found: Setting) -> tuple[str, ...]:
    """The weather after a sentence: as it was, but for what the sentence says of it."""
    told = [sight.concept for sight in sights if sight.aspect == "weather" and sight.word not in _OF_PLACES]
    lying = tuple(name for name in found.weathers if name == "snow" and not re.search(r"\bmelt", sentence, re.I))
    fair = FAIR.search(sentence) and not set(told) - {"clear"}
    if OVER.search(sentence) or fair:
        return (*lying, *(() if found.where in _INDOORS else ("clear",)))
    carried = found.weathers
    if _LATER.search(sentence):
        carried = tuple(name for name in carried if name in _LASTING)
    if CALM.search(sentence):
        carried = tuple(name for name in carried if name not in _ROUGH)
    return tuple(dict.fromkeys(told))[:2] if told else carried


_OF_PLACES = word_set("snowy icy frozen frosty misty foggy smoky bright")
"""Words for the weather that tell how a place looks; the next place has its own."""
_INDOORS = ("interior", "cave", "underwater", "space")
_BUILT = ("boat", "lighthouse", "house", "tower", "bridge")
"""Things of the painter's in or on which one can be."""


@dataclass(frozen=True)
class _Sight:
    """A word that the painter knows: what it means, how surely, and the phrase that it is in."""

    aspect: str
    concept: str
    word: str
    strength: int
    phrase: str


def _sights(sentence: str) -> Iterator[_Sight]:
    words = _WORD.findall(sentence.lower().replace("’", "'"))
    words = ["night" if word == "tonight" else word.removesuffix("'s") for word in words]
    for k, word in enumerate(words):
        if word in v.NEVER or len(word) > 24 or any(each in lexicon.WITHOUT for each in words[max(0, k - 2) : k]):
            continue
        for aspect, concept in stem_senses(word):
            if aspect in ("place", "subject") and (aspect, concept) not in _as_noun(word):
                continue  # a corner is no field of corn
            strength, phrase = _strength(words, k)
            if aspect == "subject" and concept in _BUILT and strength == 3 and not word.endswith("s"):
                aspect = "place"
            if aspect not in ("place", "time", "weather", "light"):
                continue
            if word in v.MISLEADING and strength < 3:
                continue
            if aspect == "place" and (strength == 0 or _is_verb(word) or (concept in ("sky", "fire") and strength < 3)):
                continue
            if aspect == "light" and (concept not in v.LIGHTS or word in ("light", "lights", "bright")):
                continue
            yield _Sight(aspect, concept, word, strength, phrase)


@cache
def _as_noun(word: str) -> frozenset[tuple[str, str]]:
    """What a word means as it stands, or as a plural."""
    table = {"place": lexicon.PLACES, "subject": lexicon.SUBJECTS}
    forms = {word, re.sub(r"s$", "", word), re.sub(r"es$", "", word), re.sub(r"ies$", "y", word)}
    return frozenset(
        (aspect, name) for aspect, rows in table.items() for name, listed in rows.items() if forms & set(listed.split())
    )


def _is_verb(word: str) -> bool:
    """Whether a word is in the tables only as the stem of a verb's form: ``crossed``."""
    return word.endswith(("ed", "ing")) and not any(word in listed.split() for listed in lexicon.PLACES.values())


def _strength(words: Sequence[str], k: int) -> tuple[int, str]:
    """How surely a place is where something happens, 0 to 3, and its phrase: adjectives and noun."""
    begin = k
    while begin > 0 and k - begin <= _ADJECTIVES and words[begin - 1] not in v.DETERMINERS | v.WHERE | v.LEFT:
        begin -= 1
    before = words[begin - 1] if begin else ""
    if before in v.DETERMINERS and k - begin <= _ADJECTIVES:
        phrase = " ".join([*([before] if before in ("the", "a", "an") else []), *words[begin : k + 1]])
        ahead = words[begin - 2] if begin > 1 else ""
        if ahead in v.WHERE or (ahead in ("to", "reached", "entered", "crossed", "left")):
            return 3, phrase
        return (1 if ahead in v.LEFT else 2), phrase
    if before in v.WHERE and k - begin <= _ADJECTIVES:
        return 3, " ".join(words[begin : k + 1])
    return (1, words[k]) if before in v.LEFT or not before else (0, words[k])


def _head(phrase: str) -> str:
    return phrase.split()[-1] if phrase else ""


def weather_words(setting: Setting) -> str:
    """The weather for a prompt: what is heaviest comes first."""
    names = [name for name in v.WEATHERS if name in setting.weathers]
    if "snowfall" in names and "snow" in names:
        names.remove("snow")
    return ", ".join(v.WEATHERS[name] for name in names[:2])


def light_words(setting: Setting) -> str:
    """The light for a prompt: what shines, else that of the hour outdoors."""
    names = list(dict.fromkeys(v.LIGHTS[name] for name in v.LIGHTS if name in setting.lights))
    if (
        not names
        and setting.where not in _INDOORS
        and not {"storm", "rain", "snow", "fog", "cloud"} & set(setting.weathers)
    ):
        names = [v.HOUR_LIGHT[setting.time]] if setting.time in v.HOUR_LIGHT else []
    return " and ".join(names[:2])


def strongest(text: str, table: Mapping[str, str]) -> str:
    """The name in a table of which a text holds the most words; empty: none."""
    words = Counter(re.findall(r"[a-z]+", text.lower()))
    counts = {name: sum(words[word] for word in set(listed.split())) for name, listed in table.items()}
    best = max(counts, key=lambda name: counts[name])
    return best if counts[best] else ""
