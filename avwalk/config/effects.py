"""What a preset says of each effect: a table of its own name."""

from __future__ import annotations

from typing import Literal, get_args

from pydantic import Field

from avwalk.config.fields import Model, knob


class Bloom(Model):
    """Light that spills over."""

    amount: float = knob(1.0, 0, 3, "×", "strength of the glow")


class Grain(Model):
    """Film grain."""

    amount: float = knob(1.0, 0, 3, "sigma of 255", "strength of the grain")


class Vignette(Model):
    """Darker corners."""

    amount: float = knob(1.0, 0, 2, "×", "how much darker the corners are")


class Aberration(Model):
    """Colours drawn apart towards the edges."""

    amount: float = knob(1.5, 0, 8, "‰ of the frame", "how far red and blue are apart at the edge")


class Trails(Model):
    """Light that stays for a moment."""

    amount: float = knob(0.7, 0, 1, "", "strength of the trails")
    seconds: float = Field(0.4, ge=0.05, le=1, description="until a trail is gone, s")


class Halftone(Model):
    """The picture as dots."""

    amount: float = knob(0.85, 0, 1, "", "share of the dots")
    pitch: float = Field(10, ge=2, le=100, description="from dot to dot, 1/1000 of the shorter side")
    angle: float = Field(22.5, ge=-90, le=90, description="of the rows of dots, degrees")


class Posterise(Model):
    """Few flat tones."""

    amount: float = knob(1.0, 0, 1, "", "share of the flat picture")
    levels: float = knob(5, 2, 16, "tones", "how many tones there are")


class Scanlines(Model):
    """Lines and mask of a picture tube."""

    amount: float = knob(0.6, 0, 1, "", "strength of the lines")
    pitch: float = Field(4.6, ge=1, le=50, description="from line to line, 1/1000 of the shorter side")


class Mosaic(Model):
    """The picture of an old games console: few, large pixels."""

    amount: float = knob(1.0, 0, 1, "", "share of the large pixels")
    pitch: float = Field(11, ge=2, le=100, description="size of a pixel, 1/1000 of the shorter side")


class Overprint(Model):
    """A print of two inks, each through a screen of its own, on paper."""

    amount: float = knob(1.0, 0, 1, "", "share of the print")
    pair: float = knob(
        0.0, 0, 5, "", "which two inks; the song's key and the label of a section go on from it", wraps=True
    )
    shift: float = knob(3.0, 0, 40, "‰ of the shorter side", "how far the second ink is out of register")
    pitch: float = Field(10, ge=2, le=100, description="from dot to dot, 1/1000 of the shorter side")
    angle: float = Field(15, ge=-90, le=90, description="of the first screen, degrees; the second is 30 on")
    negative: bool = Field(False, description="what is light is printed, what is dark stays paper")


class Engrave(Model):
    """Lines of ink on paper, which follow the form, as thick as it is dark."""

    amount: float = knob(1.0, 0, 1, "", "share of the engraving")
    bend: float = knob(5.0, -20, 20, "lines", "how far lines are bent by what is light")
    pitch: float = Field(12, ge=3, le=100, description="from line to line, 1/1000 of the shorter side")
    angle: float = Field(18, ge=-90, le=90, description="of the lines, degrees")


Effect = Literal[
    "light",
    "bloom",
    "aberration",
    "vignette",
    "grain",
    "trails",
    "halftone",
    "posterise",
    "scanlines",
    "mosaic",
    "overprint",
    "engrave",
]
EFFECTS: tuple[str, ...] = get_args(Effect)
