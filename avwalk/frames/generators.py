"""The generators of a film, one for each world and palette, built when a shot first needs it."""

from __future__ import annotations

import gc
import threading
from typing import Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from avwalk.contracts import Batched, Generator, Lineage, Shot
from avwalk.registry import make_generator
from avwalk.spec import FilmSpec


@runtime_checkable
class ShowsPicture(Protocol):
    """A generator that can make a picture the subject of its worlds."""

    def press(self, picture: NDArray[np.uint8]) -> None:
        """Takes a picture, (h, w, 4) R G B and straight alpha.

        Raises:
            OptionError: not on this device.
        """
        ...


class GeneratorPool:
    """The generators of a film: one for each world and palette, made when it is first needed, kept.

    Args:
        film: everything that decides it.
        source: path of the video or folder whose pictures it shows instead; empty: none.
        subject: picture in its worlds, (h, w, 4) R G B and straight alpha; None: none.
    """

    def __init__(self, film: FilmSpec, source: str = "", subject: NDArray[np.uint8] | None = None) -> None:
        self.source, self._subject = source, subject
        self._film, self._entry = film, film.look.generator
        self._presets: dict[str, GeneratorPool] = {}
        self._batch: int | None = None
        smaller = int(film.look.preset.values["upscale"]["factor"])
        self._size = (max(1, film.size[0] // smaller), max(1, film.size[1] // smaller))
        self._made: dict[tuple[Lineage, str | None], Generator] = {}
        self._lock = threading.Lock()
        self._locks: dict[tuple[Lineage, str | None], threading.Lock] = {}

    def of(self, lineage: Lineage, palette: str | None = None) -> Generator:
        """The generator of a world and a palette (None: the preset's)."""
        lineage = lineage._replace(song=0)  # how it is walked through is not the generator's
        with self._lock:
            own_lock = self._locks.setdefault((lineage, palette), threading.Lock())
        with own_lock:  # others may be made meanwhile
            if (lineage, palette) not in self._made:
                options = dict(self._entry.options)
                if palette is not None and "palette" in options:
                    options["palette"] = palette
                own = _own(lineage)
                if "parents" in options:
                    options |= {"parents": own.parents, "variation": own.variation}
                options.pop("frames", None)  # of a timeline: the plan's
                device, compile = self._film.device, self._film.compile
                made = make_generator(self._entry.name, self._size, own.seed, options, device, compile)
                if self._subject is not None and isinstance(made, ShowsPicture):
                    made.press(self._subject)
                with self._lock:
                    self._made[lineage, palette] = made
                    if self._batch is not None and isinstance(made, Batched):
                        made.set_batch(self._batch)
            return self._made[lineage, palette]

    def set_batch(self, batch: int | None) -> None:
        """Pictures drawn at once, as the plan has it; None: the generators decide."""
        with self._lock:
            self._batch = batch
            for made in self._made.values():
                if batch is not None and isinstance(made, Batched):
                    made.set_batch(batch)

    def release(self) -> None:
        """Forgets what was made, so that its memory is free for others; what is needed again is made again."""
        with self._lock:
            self._made.clear()
            self._presets.clear()
        if self._film.device != "cpu":
            import torch

            gc.collect()
            (torch.cuda if self._film.device == "cuda" else torch.mps).empty_cache()

    def of_shot(self, shot: Shot) -> Generator:
        """The generator of a shot."""
        return self.of(shot.lineage, shot.palette)

    def of_preset(self, name: str) -> GeneratorPool:
        """Those of a preset that cues pin; empty name: of the film's own."""
        if not name:
            return self
        with self._lock:
            if name not in self._presets:
                self._presets[name] = GeneratorPool(self._film.with_preset(name), self.source, self._subject)
            return self._presets[name]


def _own(lineage: Lineage) -> Lineage:
    """A world as a generator knows it: a seed of its own for each of a seed's worlds, parents in their order."""
    seed = (
        int(np.random.SeedSequence([lineage.seed, lineage.world]).generate_state(1)[0])
        if lineage.world
        else lineage.seed
    )
    return Lineage(seed, tuple(_own(elder) for elder in lineage.ordered_parents), lineage.variation)
