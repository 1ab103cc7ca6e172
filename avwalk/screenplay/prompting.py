"""The second pass by rules: one line for a painter, of what the first pass found, within the painter's limit."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from avwalk.config.lock import SCENE
from avwalk.screenplay import vocabulary as v
from avwalk.screenplay.scene import MAX_PROMPT_WORDS, Scene

MAX_LETTERS = 850
"""Letters of a prompt: EchoAI's limit, which every service takes."""
SCENE_WORDS = 12
"""Words that a scene has beside a style that is put around it, however long that is."""
SHOT = "{camera}, {happening}, {place}, {time}, {weather}, {light}, {mood} mood"
"""The line that is written where no template says otherwise; universe and style are put around it."""
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\ufeff\ufffd\ud800-\udfff]")
_MARKUP = re.compile(r"[<>{}\[\]|\\`]")


@dataclass(frozen=True)
class Style:
    """What all prompts of a screenplay share.

    Attributes:
        universe: where all of it plays; put before each scene.
        style: how all of it is made; put behind each scene, or around it, where it says ``<SCENE>``.
        negative: what is not to be seen.
        appearances: name → how somebody looks, put in the place of the name.
        shot: the line of a prompt, see `SHOT`.
        words: of a prompt, at most.
        fits: whether a prompt is within a painter's own limit; None: it is counted in words.
    """

    universe: str = ""
    style: str = ""
    negative: str = ""
    appearances: Mapping[str, str] = field(default_factory=dict)
    shot: str = SHOT
    words: int = MAX_PROMPT_WORDS
    fits: Callable[[str], bool] | None = None


def prompt_by_rules(scene: Scene, style: Style) -> str:
    """The prompt of a scene that was defined.

    Parts that are empty, or said already, are left out with the words around them, up to the commas.
    """
    values = {name: getattr(scene, name) for name in ("happening", "place", "weather", "light", "mood", "camera")}
    values["aesthetic"] = "" if SCENE in scene.aesthetic else scene.aesthetic  # that is put around the whole
    values["time"] = v.HOURS.get(scene.time, scene.time)
    values["cast"] = ", ".join(scene.cast)
    values["text"] = scene.text
    parts: list[str] = []
    for piece in style.shot.split(","):
        names = re.findall(r"\{(\w+)\}", piece)
        said = " ".join(parts).lower()
        if any(not values.get(name) for name in names):
            continue
        if len(names) == 1 and names[0] in ("place", "time", "weather", "light") and _is_said(values[names[0]], said):
            continue
        text = re.sub(r"\{(\w+)\}", lambda match: str(values.get(match[1], "")), piece).strip()
        parts.append(" ".join(text.split()))
    return merged(", ".join(parts), style, scene.cast, scene.aesthetic)


def merged(prompt: str, style: Style, names: Sequence[str] = (), aesthetic: str = "") -> str:
    """A prompt with universe, looks and style, as EchoAI merges them: the universe before it, the style behind it, or
    around it where it says ``<SCENE>``; repeated and empty parts dropped, cut between parts to the limit. What is
    behind in the prompt goes first, the style only when nothing else is left.

    Args:
        prompt: of a scene.
        style: of all scenes.
        names: of who is in it, whose looks stand for their names.
        aesthetic: of this scene instead of the style; empty: the style. A style that is put around stays.
    """
    said = plain(prompt)
    for name in names:
        if look := style.appearances.get(name):
            said = re.sub(rf"\b{re.escape(name)}\b", clean(look).replace("\\", ""), said, count=1)
    before, around, behind = clean(style.style if SCENE in style.style else aesthetic or style.style).partition(SCENE)
    behind_all = (aesthetic if SCENE not in aesthetic else "") if around else before
    if around:
        style = replace(style, words=max(style.words, SCENE_WORDS + len(f"{before} {behind}".split())))
    tail = [each for each in _parts(clean(behind_all)) if each.lower() not in said.lower()]
    head = [each for each in _parts(clean(style.universe)) if each.lower() not in said.lower()]
    body = list(dict.fromkeys(_parts(said)))
    while True:
        middle = [f"{before}{', '.join(body)}{behind}".strip(" ,")] if around else body
        line = ", ".join([*head, *middle, *tail])
        if _within(line, style):
            return line
        if len(body) > 1:
            body.pop()
        elif head:
            head.pop(0)
        elif tail:
            tail.pop()
        elif around and body and " " in body[0]:
            body = [body[0].rpartition(" ")[0]]
        else:
            words = line.split()
            while len(words) > 1 and not _within(" ".join(words), style):
                words.pop()
            return " ".join(words)[:MAX_LETTERS].rstrip(" ,")


def clean(text: str) -> str:
    """A text in one line, without controls and what has no width."""
    return " ".join(_CONTROL.sub(" ", text).split())


def plain(text: str) -> str:
    """A text that is told, without signs that some painters take for commands (``<lora:…>``): it is data."""
    return clean(_MARKUP.sub(" ", text))


def with_prompts(scenes: Sequence[Scene], style: Style) -> list[Scene]:
    """Scenes with prompts by rules, and the negative of all."""
    told = [replace(scene, aesthetic=scene.aesthetic or clean(style.style)) for scene in scenes]
    return [
        replace(scene, prompt=prompt_by_rules(scene, style), negative=scene.negative or clean(style.negative))
        for scene in told
    ]


def _parts(text: str) -> list[str]:
    return [part.strip() for part in text.split(",") if part.strip(" .")]


def _within(line: str, style: Style) -> bool:
    if len(line) > MAX_LETTERS:
        return False
    return style.fits(line) if style.fits else len(line.split()) <= style.words


def _is_said(value: str, said: str) -> bool:
    """Whether what a part says is there already: its last word, which is the noun."""
    words = re.findall(r"[a-z]+", value.lower())
    return bool(words) and words[-1] in re.findall(r"[a-z]+", said)
