"""Settings of a locked style: the prompt that is written around every scene."""

from __future__ import annotations

import re

from pydantic import Field, field_validator

from avwalk.config.fields import Model

SCENE = "<SCENE>"
"""Stands for what is seen in a scene, as EchoAI writes it."""
MAX_LETTERS = 850
"""Of a prompt: what every service takes."""
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\ufeff\ufffd\ud800-\udfff]")
_PAINTER = re.compile(r"[a-z][a-z0-9]{0,19}|sd@\w[\w.\-]{0,99}", re.A)  # behind the @ of sd is the name of a model


def with_scene(text: str) -> str:
    """A prompt in one line, which says where the scene stands; empty stays empty.

    Raises:
        ValueError: it does not, or twice.
    """
    line = " ".join(_CONTROL.sub(" ", text).split())
    if line and line.count(SCENE) != 1:
        raise ValueError(f"it says {SCENE} {line.count(SCENE)} times; write once where the scene goes: oil, {SCENE}")
    return line


class Lock(Model):
    """A locked style, see `avwalk codex lock`."""

    prompt: str = Field(
        "", max_length=MAX_LETTERS, description="of every picture; <SCENE> in it stands for what is seen in a scene"
    )
    style: str = Field("", max_length=200, description="said behind it: CINEMATIC, or words of your own")
    negative: str = Field("", max_length=MAX_LETTERS, description="what is not to be seen")
    painter: str = Field("", description="what paints the scenes of a song: worlds, sd or sd@MODEL; none: worlds")

    @field_validator("prompt")
    @classmethod
    def _scene_once(cls, value: str) -> str:
        return with_scene(value)

    @field_validator("style", "negative")
    @classmethod
    def _one_line(cls, value: str) -> str:
        return " ".join(_CONTROL.sub(" ", value).replace(SCENE, " ").split())

    @field_validator("painter")
    @classmethod
    def _no_address(cls, value: str) -> str:
        if value and not _PAINTER.fullmatch(value):
            raise ValueError("it names a place; a lock names a kind, such as worlds, and --painter where it is")
        return value

    @property
    def template(self) -> str:
        """The prompt with its style behind it; empty: nothing is locked."""
        words = self.style.lower() if self.style.isupper() else self.style
        return f"{self.prompt}, {words}" if self.prompt and words else self.prompt
