"""Settings of what is written over the picture."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from avwalk.config.fields import Model

FONTS = ("sans", "bold", "serif", "mono")
"""The DejaVu fonts that come along."""


def _font(value: str) -> str:
    if value not in FONTS and Path(value).suffix.lower() not in (".ttf", ".otf", ".ttc", ".otc"):
        raise ValueError(f"'{value}' is no font; it is {', '.join(FONTS)}, or a file .ttf, .otf or .ttc")
    return value


class Text(Model):
    """Title card, credit line, the words of the cues, and lyrics."""

    size: float = Field(8, ge=1, le=40, description="of the title, 1/100 of the shorter side")
    position: Literal["lower-left", "lower-third", "centre", "upper-third"] = Field(
        "lower-left", description="where the card is"
    )
    font: Annotated[str, AfterValidator(_font)] = Field(
        "sans", description="a DejaVu font, sans, bold, serif or mono, or the file of another: .ttf, .otf, .ttc"
    )
    spacing: float = Field(1, ge=-10, le=100, description="between letters, 1/100 of the size")
    colour: str = Field("light", pattern="^(light|#[0-9a-fA-F]{6})$", description="#rrggbb; light: from the picture")
    shadow: float = Field(0.7, ge=0, le=1, description="strength of the shadow under the letters")
    at: float = Field(1.0, ge=0, description="when the card comes, seconds of the song")
    seconds: float = Field(4.0, gt=0, le=3600, description="how long the card is there")
    ease: float = Field(0.8, ge=0, le=60, description="how long captions take to come and to go, seconds")
    lyrics: Literal["line", "karaoke", "word"] = Field(
        "line", description="a line at a time; with its words lit as they are sung; or single words, on the beat"
    )
    lyrics_size: float = Field(7.2, ge=1, le=40, description="of lyrics, 1/100 of the shorter side")
    lyrics_position: Literal["lower-third", "centre", "upper-third"] = Field(
        "lower-third", description="where lyrics are; single words: always the centre"
    )
