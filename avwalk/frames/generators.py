"""The generators of a film, each built when a shot first needs it."""

from __future__ import annotations

import threading
from typing import Any

import numpy as np

from avwalk.contracts import Batched, Generator, Kin, Scene
from avwalk.registry import make_generator
from avwalk.spec import film_of


class Worlds:
    """The generators of a film: one for each world and palette, made when it is first needed, kept.

    Args:
        film: its inputs.
        source: path of the video or folder whose pictures it shows instead; empty: none.
    """

    def __init__(self, film: Any, source: str = "") -> None:
        self.source = source
        self._film, self._whole, self._device = film["generator"], film, str(film["device"])
        self._compile = bool(film["compile"])
        self._looks: dict[str, Worlds] = {}
        self._batch: int | None = None
        smaller = int(film["preset"]["values"]["upscale"]["factor"])
        self._size = (max(1, int(film["size"][0]) // smaller), max(1, int(film["size"][1]) // smaller))
        self._made: dict[tuple[Kin, str | None], Generator] = {}
        self._lock = threading.Lock()
        self._locks: dict[tuple[Kin, str | None], threading.Lock] = {}

    def of(self, kin: Kin, palette: str | None = None) -> Generator:
        """The generator of a world and a palette (None: the preset's)."""
        with self._lock:
            own_lock = self._locks.setdefault((kin, palette), threading.Lock())
        with own_lock:  # others may be made meanwhile
            if (kin, palette) not in self._made:
                options = dict(self._film["options"])
                if palette is not None and "palette" in options:
                    options["palette"] = palette
                own = _own(kin)
                if "parents" in options:
                    options |= {"parents": own.parents, "variation": own.variation}
                options.pop("frames", None)  # of a timeline: the plan's
                name = self._film["name"]
                made = make_generator(name, self._size, own.seed, options, self._device, self._compile)
                with self._lock:
                    self._made[kin, palette] = made
                    if self._batch is not None and isinstance(made, Batched):
                        made.settled(self._batch)
            return self._made[kin, palette]

    def settle(self, batch: int | None) -> None:
        """Pictures drawn at once, as the plan has it; None: the generators decide."""
        with self._lock:
            self._batch = batch
            for made in self._made.values():
                if batch is not None and isinstance(made, Batched):
                    made.settled(batch)

    def of_scene(self, scene: Scene) -> Generator:
        """The generator of a scene."""
        return self.of(scene.kin, scene.palette)

    def of_look(self, name: str) -> Worlds:
        """Those of a preset that cues pin; empty name: of the film's own."""
        if not name:
            return self
        with self._lock:
            if name not in self._looks:
                self._looks[name] = Worlds(film_of(self._whole, name), self.source)
            return self._looks[name]


def _own(kin: Kin) -> Kin:
    """A world as a generator knows it: a seed of its own for each of a seed's worlds, parents in their order."""
    seed = int(np.random.SeedSequence([kin.seed, kin.world]).generate_state(1)[0]) if kin.world else kin.seed
    return Kin(seed, tuple(_own(elder) for elder in kin.elders), kin.variation)
