"""How each species of matter is drawn: its name in `avwalk.config.matter.SPECIES` → its pieces as primitives."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from avwalk.config.matter import SPECIES
from avwalk.matter import bodies, lights, solids
from avwalk.matter.colours import Colours
from avwalk.matter.primitives import Layer
from avwalk.matter.swarm import Swarm

DRAW: Mapping[str, Callable[[Swarm, Colours], list[Layer]]] = {
    "ring": lights.ring,
    "ripple": lights.ripple,
    "echo": lights.echo,
    "spark": lights.spark,
    "ray": lights.ray,
    "glint": lights.glint,
    "star": lights.star,
    "meteor": lights.meteor,
    "crack": lights.crack,
    "beam": lights.beam,
    "block": lights.block,
    "pollen": lights.pollen,
    "drop": bodies.drop,
    "shard": bodies.shard,
    "flake": bodies.flake,
    "petal": bodies.petal,
    "bird": bodies.bird,
    "dot": bodies.dot,
    "bead": bodies.bead,
    "bubble": bodies.bubble,
    "solid": solids.solid,
    "wire": solids.wire,
}
BY_NUMBER = tuple(DRAW[name] for name in SPECIES)
