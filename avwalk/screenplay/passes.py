"""Both passes by a chat endpoint: scenes are defined, then prompted, a few at a time; what fails the rules do."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, Field, StringConstraints

from avwalk.config.lock import SCENE
from avwalk.screenplay.chat import ChatEndpoint, ChatError
from avwalk.screenplay.prompting import Style, clean, merged, plain, prompt_by_rules
from avwalk.screenplay.scene import DEFINED, Scene
from avwalk.screenplay.templates import filled, template

TOGETHER = 6
"""Scenes in a question."""
BEGINNING = 1500
"""Letters of the whole text that are told with each question."""
_TOKENS = 350  # of an answer, for each scene
_log = logging.getLogger(__name__)

Line = Annotated[str, StringConstraints(strip_whitespace=True, max_length=400)]


class Definition(BaseModel):
    """What a scene shows, as an endpoint says it; see `avwalk.screenplay.scene.Scene`."""

    happening: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=600)]
    cast: Annotated[list[Line], Field(max_length=12)]
    place: Line
    time: Line
    weather: Line
    light: Line
    camera: Line
    mood: Line
    aesthetic: Line


class Definitions(BaseModel):
    """One for each scene."""

    scenes: list[Definition]


class Prompts(BaseModel):
    """One for each scene."""

    prompts: list[Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=2000)]]


def with_chat(scenes: Sequence[Scene], style: Style, chat: ChatEndpoint, folder: Path | None = None) -> list[Scene]:
    """Scenes that were defined by rules, defined and prompted by an endpoint, as far as it answers.

    A scene that it does not answer for stays as the rules have it; one line says so, and how many.

    Args:
        scenes: defined by rules.
        style: of the prompts.
        chat: the endpoint.
        folder: of templates; None: the usual ones.
    """
    asker = _Asker(scenes, style, chat, folder)
    defined = asker.passed(scenes, asker.define)
    told = [
        replace(
            scene, aesthetic=scene.aesthetic or clean(style.style), negative=scene.negative or clean(style.negative)
        )
        for scene in defined
    ]
    prompted = asker.passed(told, asker.prompt)
    made = [scene if scene.prompt else replace(scene, prompt=prompt_by_rules(scene, style)) for scene in prompted]
    if asker.problem:
        n = sum(not scene.prompt for scene in prompted)
        _log.warning("chat: %s; the rules wrote %d of %d prompts", asker.problem, n, len(made))
    return made


class _Asker:
    """Asks an endpoint about scenes in groups, until it turns out that it does not answer."""

    def __init__(self, scenes: Sequence[Scene], style: Style, chat: ChatEndpoint, folder: Path | None) -> None:
        self._style, self._chat = style, chat
        self._beginning = " ".join(scene.text for scene in scenes)[:BEGINNING]
        self._templates = {name: template(f"{name}.txt", folder) for name in ("define", "prompt")}
        self.problem, self._over = "", False

    def passed(
        self, scenes: Sequence[Scene], act: Callable[[Sequence[Scene], Scene | None], list[Scene]]
    ) -> list[Scene]:
        """All scenes through one pass, group by group; those that are not answered for stay as they are."""
        found: list[Scene] = []
        size = TOGETHER
        while len(found) < len(scenes):
            group = scenes[len(found) : len(found) + size]
            try:
                found += act(group, found[-1] if found else None) if not self._over else group
            except ChatError as error:
                if error.too_long and len(group) > 1:
                    size = (len(group) + 1) // 2
                    continue
                self.problem, self._over = self.problem or str(error), error.lasting
                found += group
        return found

    def define(self, scenes: Sequence[Scene], before: Scene | None) -> list[Scene]:
        """The first pass over a group."""
        data = {
            "text_begins": self._beginning,
            "before": _seen(before) if before else None,
            "scenes": [{"number": s.index + 1, "speaker": s.speaker, "text": s.text} for s in scenes],
        }
        answer = self._ask("define", data, Definitions, len(scenes), lambda found: len(found.scenes), 0.2)
        return [
            replace(
                scene,
                cast=tuple(filter(None, (plain(name)[:80] for name in made.cast)))[:8],
                **dict[str, Any]({name: plain(getattr(made, name)) for name in DEFINED}),
            )
            for scene, made in zip(scenes, answer.scenes, strict=True)
        ]

    def prompt(self, scenes: Sequence[Scene], before: Scene | None) -> list[Scene]:
        """The second pass over a group."""
        data = {"scenes": [{"number": s.index + 1, **_seen(s)} for s in scenes]}
        answer = self._ask("prompt", data, Prompts, len(scenes), lambda found: len(found.prompts), 0.7)
        return [
            replace(scene, prompt=merged(prompt, self._style, scene.cast, scene.aesthetic))
            for scene, prompt in zip(scenes, answer.prompts, strict=True)
        ]

    def _ask(
        self, name: str, data: Any, schema: type[Any], wanted: int, count: Callable[[Any], int], temperature: float
    ) -> Any:
        style = self._style
        looks = "; ".join(f"{who}: {look}" for who, look in style.appearances.items()) or "as the text says"
        values = {"count": wanted, "words": style.words, "universe": style.universe or "as the text says"}
        said = style.style.replace(SCENE, "…") or "free"
        system = filled(self._templates[name], values | {"style": said, "looks": looks})

        def check(found: Any) -> str:
            return "" if count(found) == wanted else f"{count(found)} scenes instead of {wanted}"

        return self._chat.ask(system, data, schema, check, temperature=temperature, tokens=200 + _TOKENS * wanted)


def _seen(scene: Scene) -> dict[str, Any]:
    """What is seen in a scene, as JSON."""
    return {**{name: getattr(scene, name) for name in DEFINED}, "cast": list(scene.cast)}
