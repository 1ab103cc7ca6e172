"""Moods, as points of Russell's circumplex (1980): how pleasant, how much is going on; and how much it pulls."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Mood:
    """What music is to feel like.

    Attributes:
        name: for lists.
        valence: −1 (unpleasant) to 1 (pleasant); below 0 the music is in minor.
        arousal: 0 (asleep) to 1 (frantic): tempo, loudness, how many notes and instruments.
        tension: 0 to 1: how much the harmony pulls, and how low and plain the sound is.
    """

    name: str
    valence: float
    arousal: float
    tension: float = 0.0


MOODS: Mapping[str, Mood] = {
    mood.name: mood
    for mood in (
        Mood("neutral", 0.2, 0.35, 0.1),
        Mood("calm", 0.5, 0.15, 0.0),
        Mood("tender", 0.6, 0.25, 0.05),
        Mood("wonder", 0.6, 0.4, 0.1),
        Mood("hopeful", 0.7, 0.5, 0.1),
        Mood("joyful", 0.9, 0.75, 0.0),
        Mood("playful", 0.8, 0.65, 0.05),
        Mood("triumphant", 0.9, 0.95, 0.2),
        Mood("sad", -0.6, 0.2, 0.2),
        Mood("lonely", -0.4, 0.12, 0.2),
        Mood("mysterious", -0.2, 0.3, 0.5),
        Mood("tense", -0.5, 0.6, 0.8),
        Mood("fearful", -0.8, 0.5, 1.0),
        Mood("angry", -0.7, 0.9, 0.8),
        Mood("dramatic", -0.3, 0.9, 0.6),
    )
}
"""By name."""

_WORDS: Mapping[str, str] = {
    "neutral": "neutral plain everyday",
    "calm": (
        "calm peace quiet still serene rest sleep gentle slow silent hush tranquil asleep lake meadow snow breeze "
        "evening meditative soothing drift soft"
    ),
    "tender": "tender love kiss warm mother embrace hug kind lullaby heart romantic intimate dear friend home gentle",
    "wonder": (
        "wonder magic dream star galaxy space marvel miracle enchanted fairy glow shimmer aurora awe surreal "
        "dreamy ethereal infinite moon wondrous"
    ),
    "hopeful": (
        "hope dawn sunrise begin journey light rise spring bright promise optimistic uplifting morning future leave "
        "discover bloom inspiring"
    ),
    "joyful": "joy happy happily merry laugh dance feast celebrate delight sun festival sing glad cheer smile wedding",
    "playful": "play funny game kitten puppy mischief whimsical jump tickle trick skip comic clown giggle",
    "triumphant": "triumph victory win won hero crown king glory epic heroic conquer majestic proud champion",
    "sad": (
        "sad sorrow tear cry wept weep grief mourn lost death die died dead grave farewell melancholy goodbye regret "
        "nostalgic nostalgia rain autumn bittersweet ashes sorrowful melancholic gloomy"
    ),
    "lonely": "lonely alone empty solitude abandon desolate nobody forgotten winter desert far cold",
    "mysterious": "mystery mysterious secret fog mist shadow strange hidden riddle ruin whisper ancient cave door",
    "tense": "tense tension danger chase hide run escape hurry threat watch hunt creep suspense nervous anxious wait",
    "fearful": "fear afraid terror horror dread ghost monster scream nightmare dark eerie haunted wolf evil ominous",
    "angry": "anger angry rage fury fight war battle shout hate revenge sword attack fierce violent soldier",
    "dramatic": "drama dramatic storm thunder lightning wreck fire explode fall crash flood wave volcano tempest",
}
_ENDINGS = re.compile(r"(?:ing|edly|ed|ly|es|s|ful|fully|y|er|ness)$")


def _stem(word: str) -> str:
    """A word without its commonest endings, never shorter than three letters."""
    short = _ENDINGS.sub("", word)
    return short if len(short) >= 3 else word


_BY_STEM: Mapping[str, str] = {
    _stem(word): name for name, text in reversed(list(_WORDS.items())) for word in (name, *text.split())
}


def mood_of(text: str) -> Mood:
    """The mood that a word or a sentence names, by a table of English words; ``neutral`` where it names none.

    Where several are named, the one named most often counts, of several the first.
    """
    plain = text.strip().lower()
    if plain in MOODS:
        return MOODS[plain]
    counts: dict[str, int] = {}
    for word in re.findall(r"[a-z]+", plain):
        if name := _BY_STEM.get(_stem(word)):
            counts[name] = counts.get(name, 0) + 1
    return MOODS[max(counts, key=lambda name: counts[name])] if counts else MOODS["neutral"]
