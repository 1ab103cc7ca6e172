"""The first pass by rules: what happens in each scene, who is there, where, when, in what light and mood."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from avwalk.painters.worlds.reading import read_prompt
from avwalk.screenplay import vocabulary as v
from avwalk.screenplay.foreign import visible_things
from avwalk.screenplay.persons import Persons, names_in, persons_in, with_names
from avwalk.screenplay.scene import Scene
from avwalk.screenplay.sentences import split
from avwalk.screenplay.setting import Setting, light_words, setting_of, strongest, weather_words

HAPPENING_WORDS = 22
"""Of what happens; the rest of a prompt is place, light and style."""
_QUOTED = re.compile(r"[\"“”«»„][^\"“”«»„]*[\"“”«»„]?")
_SPEAKER = re.compile(r"^[A-Z][\w'’-]*(?: [A-Z][\w'’-]*){0,2}:\s+")
"""Before what somebody says, as conversations have it."""
_TOLD = re.compile(
    r"\b(?:told|talked|spoke|thought|think|considering|considered|wondered|wondering|mind|knew|believed?|remembered|"
    r"dreamed|wished|heard|name was)\b",
    re.I,
)
"""Of what nothing is seen."""
_CLAUSE = re.compile(r"(?<=[,;:—–])\s+|\s+(?=(?:when|while|and then|and (?:she|he|they|it)|but)\b)")
_FEW, _MANY = 4, 16  # words of a clause that can stand by itself; clauses that are looked at
_SOON = 2  # scenes in which it is said where it is
_SAID = re.compile(r"\b(?:said|asked|replied|answered|cried|whispered|shouted|says|asks)\b", re.I)


def define_by_rules(scenes: Sequence[Scene]) -> list[Scene]:
    """Scenes with what is seen in them, as far as rules can tell.

    Place, hour, weather and light stay as they were until the text says otherwise; pronouns mean the last person whom
    they fit. The rules read English: of a scene in another language they list what it names, where they know the words,
    else they give its text.

    Args:
        scenes: with texts and languages.
    """
    persons = Persons(names_in("\n".join(scene.text for scene in scenes if scene.language == "en")))
    setting, mood, found = Setting(), "", list[Scene]()
    for scene in scenes:
        if scene.language != "en":
            found.append(_foreign(scene))
            continue
        told, settings, who = [], list[Setting](), list[str]()
        before = setting
        for sentence in _marked_speech(split(scene.text, "en")):
            named = with_names(sentence, persons)
            who += persons_in(named, persons)
            setting = setting_of(_without_speech(sentence), setting)
            told.append(named)
            settings.append(setting)
        at, happening = _moment(told, persons)
        shown = settings[at]
        mood = strongest(scene.text, v.MOODS) or _energy(scene.text) or mood
        everybody = tuple(dict.fromkeys([*who, *_speaker(scene, who)]))[:4]
        found.append(
            replace(
                scene,
                happening=happening,
                cast=everybody,
                place=shown.place,
                time=shown.time,
                weather=weather_words(shown),
                light=light_words(shown),
                camera=_camera(told[at], shown, before, everybody, first=not found),
                mood=mood,
            )
        )
    return _from_where_it_begins(found)


def _from_where_it_begins(scenes: list[Scene]) -> list[Scene]:
    """Scenes that begin before the text says where it is: in what is said next of that, if nothing can be seen in
    them."""
    first = next((k for k, scene in enumerate(scenes[: _SOON + 1]) if scene.place and scene.language == "en"), 0)
    unseen = [not scene.place and not read_prompt(scene.text).words for scene in scenes[:first]]
    known = scenes[first] if first else None
    return [
        replace(scene, place=known.place, time=known.time, light=known.light)
        if known and k < first and unseen[k]
        else scene
        for k, scene in enumerate(scenes)
    ]


def _foreign(scene: Scene) -> Scene:
    """A scene in another language: what is named in it, as far as words are known; else its text."""
    named = visible_things(scene.text, scene.language)
    if not named:
        return replace(scene, happening=_short(scene.text))
    setting = setting_of(", ".join(f"in the {word}" for word in named.split(", ")), Setting())
    weather, light = weather_words(setting), light_words(setting)
    return replace(scene, happening=named, time=setting.time, weather=weather, light=light, camera="wide shot")


def _speaker(scene: Scene, cast: Sequence[str]) -> list[str]:
    """Who tells a scene in the first person is in it."""
    first_person = re.search(r"\b(?:I|we|me|my|us|our)\b", scene.text)
    return [scene.speaker] if scene.speaker and first_person and scene.speaker not in cast else []


def _marked_speech(sentences: Sequence[str]) -> list[str]:
    """Sentences, those that go on with what somebody says with a mark before them."""
    found, is_open = list[str](), False
    for sentence in sentences:
        found.append(f'"{sentence}' if is_open else sentence)
        for mark in re.findall(r"[\"“”«»]", sentence):
            is_open = not is_open if mark == '"' else mark in "“«"
    return found


def _without_speech(sentence: str) -> str:
    return " ".join(_QUOTED.sub(" ", _SPEAKER.sub("", sentence)).split())


def _moment(sentences: Sequence[str], persons: Persons) -> tuple[int, str]:
    """The sentence in which the most can be seen: its number, and what it says but for speech, shortly."""
    best, most, at = "", -99.0, 0
    for k, sentence in enumerate(sentences):
        seen = _without_speech(sentence)
        if len(seen.split()) < 3 or (_SAID.search(seen) and len(seen.split()) < 6):
            seen = ""
        score = _visible(seen, persons) - 0.1 * k if seen else -9.0 - k
        if score > most:
            best, most, at = seen or _short(_SPEAKER.sub("", sentence)), score, k
    first, _, rest = _short(_clauses(best, persons)).partition(" ")
    named = first in persons.parts or first == "I" or first.lower() in v.TITLES
    return at, f"{first if named else first[:1].lower() + first[1:]} {rest}".strip()


def _clauses(sentence: str, persons: Persons) -> str:
    """Of a long sentence those clauses in a row in which the most can be seen, within `HAPPENING_WORDS`."""
    if len(sentence.split()) <= HAPPENING_WORDS:
        return sentence
    cut = [each.strip() for each in _CLAUSE.split(sentence) if each.strip()][:_MANY]
    best, most = sentence, -1.0
    for k in range(len(cut)):
        stop = k + 1
        while stop < len(cut) and len(" ".join(cut[k : stop + 1]).split()) <= HAPPENING_WORDS:
            stop += 1
        run = " ".join(cut[k:stop])
        if _FEW <= len(run.split()) <= HAPPENING_WORDS and (score := _visible(run, persons) - 0.05 * k) > most:
            best, most = run, score
    return re.sub(r"^(?:and|but|so|when|while)\s+(?:then\s+)?", "", best, flags=re.I)


def _visible(sentence: str, persons: Persons) -> float:
    """How much of a sentence can be seen: places, things, colours, weathers; and persons."""
    meaning = read_prompt(sentence)
    told = 2.0 * bool(_TOLD.search(sentence))
    return (
        len(meaning.words)
        + len(persons.named_in(sentence))
        - told
        - 0.04 * max(0, len(sentence.split()) - HAPPENING_WORDS)
    )


def _short(text: str) -> str:
    """A text within `HAPPENING_WORDS`: cut at the last comma that leaves half of it, else between words."""
    bare = " ".join(text.split()).strip(" .,;:!?…\"'“”«»—–-")
    words = bare.split()
    if len(words) > HAPPENING_WORDS:
        head = " ".join(words[:HAPPENING_WORDS])
        comma = max(head.rfind(mark) for mark in ",;:—–")
        bare = head[:comma] if comma > len(head) / 2 else head
    return bare[:240].strip(" .,;:!?…\"'“”«»—–-")


def _energy(text: str) -> str:
    """A mood by how much moves, and how dark it is, where no word tells of one."""
    meaning = read_prompt(text)
    if meaning.energy >= 0.6:
        return "dramatic"
    if meaning.energy <= -0.6:
        return "calm"
    return "gloomy" if meaning.tone < 0 else ""


def _camera(text: str, setting: Setting, before: Setting, cast: Sequence[str], *, first: bool) -> str:
    """How near it is: as the words want it; where we come to a new place, wide; else by who is there."""
    asked = strongest(text, v.CAMERAS)
    if asked in ("aerial view", "tracking shot", "close-up"):
        return asked
    if first or setting.place != before.place:
        return "wide shot"
    if asked:
        return asked
    return "medium shot" if cast else "wide shot"
