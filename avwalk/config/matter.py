"""The species of matter that routes can spawn: what they are and how long they live. `avwalk.matter` draws them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

SPAWN = "spawn."
MAX_COUNT = 64
"""Most pieces that one hit makes."""


class Species(NamedTuple):
    """A kind of matter.

    Attributes:
        beats: how long it lives unless a route says otherwise.
        text: for lists.
    """

    beats: float
    text: str


SPECIES: Mapping[str, Species] = {
    "ring": Species(1.5, "a shock wave of light from the subject"),
    "ripple": Species(2.5, "a ring on the ground, on water, along a tunnel; the world carries it on"),
    "echo": Species(1.5, "fine lines around the subject, one behind the other"),
    "spark": Species(1.0, "hot splinters thrown from the subject"),
    "ray": Species(1.0, "shafts of light from the subject"),
    "glint": Species(0.8, "a star of four points that flares on an edge"),
    "star": Species(16.0, "stars that come out in the sky and twinkle"),
    "meteor": Species(1.5, "shooting stars"),
    "crack": Species(1.5, "fissures of light that run out in zigzags"),
    "beam": Species(1.2, "lines of light along the axes of the picture"),
    "block": Species(1.2, "square lights flung out cell by cell"),
    "pollen": Species(6.0, "grains of light that burst out and float off"),
    "drop": Species(4.0, "drops of ink that spread and thin out"),
    "shard": Species(2.0, "splinters with bright facets"),
    "flake": Species(3.0, "scraps of paper that turn as they fall"),
    "petal": Species(4.0, "petals that are thrown off and float away"),
    "bird": Species(8.0, "a flock of birds that is startled"),
    "dot": Species(1.5, "printed discs in a sunflower's order"),
    "bead": Species(3.0, "beads of glass thrown from the subject"),
    "bubble": Species(4.0, "bubbles with light on their rims"),
    "solid": Species(2.5, "crystals and cubes that tumble through space, some past the viewer"),
    "wire": Species(1.5, "polyhedra of wire that open around the subject and turn"),
}
"""Their order is their number in stored plans: new ones come last."""
NUMBERS: Mapping[str, int] = {name: number for number, name in enumerate(SPECIES)}
SPAWNS = tuple(SPAWN + name for name in SPECIES)
"""What routes can spawn, as their targets are written."""
