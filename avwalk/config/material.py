"""The section [material] of presets: what surfaces of the built-in generator are made of."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from avwalk.config.fields import Model, knob


class Material(Model):
    """What surfaces of the built-in generator are made of."""

    structure: Literal["none", "brushed", "pored", "hammered", "engraved"] = Field(
        "none", description="fine structure of the surface, which comes in as the camera comes near"
    )
    size: float = Field(1.0, ge=0.25, le=4, description="size of the structure's marks, 2 doubles them")
    relief: float = knob(1.0, 0, 2, "×", "depth of the structure")
    roughness: float = knob(0.5, 0, 1, "", "0 a mirror, 1 satin: how soft reflections are")
    rim: float = knob(1.0, 0, 3, "×", "light along the edges of a form")
    glint: float = knob(0.0, 0, 4, "×", "small hard highlights")
    tubes: float = knob(0.0, 0, 1, "", "bright lines of a studio that the surface mirrors")
    subsurface: float = knob(0.0, 0, 1, "", "light that goes in and comes out elsewhere: wax, petals, flesh")
    dispersion: float = knob(0.0, 0, 1, "", "how far highlights split into colours at their edges")
    glass: float = knob(0.0, 0, 1, "", "of a body on void: light that goes through it, and is bent")
    facets: float = knob(0.0, 0, 1, "", "of a body on void: how far it is cut into facets")
    contact: float = knob(0.5, 0, 1, "", "shadow where a body or a relief meets what is behind it")
