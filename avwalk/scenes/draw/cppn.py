"""Pictures and ways of the built-in generator: a prompt is a world, a seed is a place in it.

Inside a scene the way leads through one world: latents along an arc, the world streams on, the camera goes with it.
Between scenes both worlds move on while one melts into the other. Places are spaced so that the picture changes evenly.
"""

from __future__ import annotations

import hashlib
import json
import math
import threading
from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from avwalk import presets
from avwalk.arrays.crossfade import crossfade
from avwalk.arrays.interpolation import slerp
from avwalk.config.preset import targets
from avwalk.contracts import EXPOSURE, Drive, Effect, Frames
from avwalk.generators.cppn.generator import Cppn
from avwalk.registry import make_effect
from avwalk.request.generators import effect_options, generator_options
from avwalk.scenes.draw.ordered_pool import in_order
from avwalk.scenes.draw.prompt_to_preset import Look, look_of
from avwalk.scenes.draw.seeds import mixed, varied
from avwalk.scenes.nodes import Node
from avwalk.spec import PIXELS_VERSION
from avwalk.walk.prompts import Spacing, lengths

Array = NDArray[np.float64]

NORM = 0.7  # of latents, in units of √dim: where walks go and worlds are judged
TRIES = 5  # moments of a world that are looked at; the one that is composed best is taken
MOMENT = 0.3  # rad between them
PROBES = 6  # places at which a world's liveliness is measured
LINES = 0.6  # small pictures hardly show lines, which change the most
LONGEST = 3.0  # a slow world has its pictures so many times further from each other in time
VARIETY = 0.35  # at least of their distance in latents, however lively a world is: seeds must differ
SAMPLES = 33  # small pictures by which a way is spaced
PUSH = 0.22  # octaves that the camera comes closer on a way between two worlds, on each side
ONWARD = 0.45  # share of the way to another latent that each world goes meanwhile
STREAM = 0.5  # rad that each world streams meanwhile
CHANGE = 3.6 / 255
"""Of a picture, on one of 32 steps of a way; worlds that change faster have their pictures nearer to each other."""
WHOLE = 1 << 20
_PURPOSE_NOISE, _PURPOSE_CAMERA, _PURPOSE_WAY = 0x7A, 0xCA, 0x3A7


class Place(NamedTuple):
    """Where in a world a picture is: latent (dim,), and the values of parameters that differ from the look's."""

    latent: Array
    params: dict[str, float]


class World:
    """The world of a prompt.

    Args:
        look: of the prompt.
        size: width and height of the pictures.
        settings: targets that are set otherwise than the preset has them, such as ``cppn.warp``.
        device: as in `Cppn`.
    """

    def __init__(self, look: Look, size: tuple[int, int], settings: Mapping[str, float], device: str = "cpu") -> None:
        self.look = look
        preset = presets.load(look.preset).values
        options = generator_options("cppn", preset)
        if palette := look.palette or _listed(preset, look.pick):
            options["palette"] = palette
        self._generator = Cppn(size, look.seed, **options, device=device)
        self._symmetry, self._polar = preset.camera.symmetry, preset.camera.map == "polar"
        self._topology = preset.cppn.topology
        self.base = _at_rest(preset) | dict(settings)
        self._effects: list[Effect] = [
            make_effect(name, effect_options(name, preset, Fraction(30)))
            for name in preset.effects
            if name not in (*Cppn.finishes, "trails")
        ]
        self._places: dict[int, Place] = {}
        self.latent_reach, self.reach = self._reaches()

    def place(self, seed: int) -> Place:
        """Where the picture of a seed is."""
        if seed not in self._places:
            latent = slerp(_latent(self.look.seed), mixed(seed, _latent), np.asarray(self.latent_reach))
            params = self._camera(mixed(seed, _pose))
            moments = [{**params, "cppn.phase": params["cppn.phase"] + MOMENT * self.reach * k} for k in range(TRIES)]
            shown = self.small([Place(latent, moment) for moment in moments])
            faults = [self._generator.fault(shown[k : k + 1]) for k in range(TRIES)]
            best = Place(latent, moments[int(np.argmin(faults))])
            if near := varied(seed):  # what is near another picture is at its moment
                best.params["cppn.phase"] = self.place(near.parent).params["cppn.phase"]
            self._places[seed] = Place(latent, {**best.params, **self._metered(best)})
        return self._places[seed]

    def draw(self, place: Place, salt: int) -> Frames:
        """The picture of a place, (H, W, 3), with the effects of the look. The salt is that of its grain."""
        drive = self._drive([place], salt)
        frames = self._generator.draw(drive)
        for effect in self._effects:
            frames = effect.apply(frames, drive)
        return np.ascontiguousarray(frames[0])

    def moved(self, seed: int, curves: Mapping[str, float]) -> Frames:
        """The picture of a seed as curves of a film move it: camera and time from its own place, the rest as there."""
        place = self.place(seed)
        params = {name: value for name, value in curves.items() if name in targets()}
        for name in ("camera.x", "camera.y", "camera.angle", "camera.depth"):
            if name in place.params:
                params[name] = place.params[name] + curves[name] - self.base[name]
        params["camera.zoom"] = place.params["camera.zoom"] * curves["camera.zoom"] / self.base["camera.zoom"]
        params["cppn.phase"] = place.params["cppn.phase"] + self.reach * (
            curves["cppn.phase"] - self.base["cppn.phase"]
        )
        there = Place(place.latent, params)
        return self.draw(Place(place.latent, {**params, **self._metered(there)}), 0)

    def small(self, places: Sequence[Place]) -> Frames:
        """Small pictures of places, (n, h, w, 3)."""
        return self._generator.thumbnails(self._drive(places, 0))

    def _reaches(self) -> tuple[float, float]:
        """Shares of their usual distance at which pictures lie: in latents at most 1, in time at most `LONGEST`."""
        middle, params = _latent(self.look.seed), {"cppn.phase": self.base["cppn.phase"] + 1.0}
        start = [Place(slerp(middle, _latent(k), np.asarray(0.3)), params) for k in range(PROBES)]
        step = np.asarray(1 / 256)
        further = [Place(slerp(place.latent, _latent(k + PROBES), step), params) for k, place in enumerate(start)]
        later = [Place(place.latent, {"cppn.phase": params["cppn.phase"] + 1 / 256}) for place in start]
        shown = self.small([*start, *further, *later]).reshape(3, PROBES, -1)
        change = [float(np.abs(shown[k] - shown[0]).mean(axis=1).max()) for k in (1, 2)]
        wanted = CHANGE * (LINES if self._topology == "lines" else 1.0)
        latent, moment = (wanted / max(1e-6, 8 * each) for each in change)
        return min(1.0, max(VARIETY, latent)), min(LONGEST, moment)

    def _metered(self, place: Place) -> dict[str, float]:
        """Exposure of a place."""
        points = self._generator.meter(self._drive([place], 0))[0]
        return dict(zip(EXPOSURE, points.tolist(), strict=True))

    def _drive(self, places: Sequence[Place], salt: int) -> Drive:
        rows = [{**self.base, **place.params} for place in places]
        names = [name for name in rows[0] if all(name in row for row in rows)]
        params = {name: np.array([row[name] for row in rows], np.float32) for name in names}
        latents = np.stack([place.latent for place in places]).astype(np.float32)
        return Drive(salt & 0x3FFFFFFF, latents, params, Fraction(30), self.look.seed)

    def _camera(self, pose: Array) -> dict[str, float]:
        """Camera and moment of a picture; what would break a symmetry stays.

        Args:
            pose: (6,) standard normal.
        """
        x, y, turn, near, moment, dive = np.tanh(pose)
        base, folded = self.base, self._symmetry != "none"
        wound = self._polar or self._topology == "tunnel" or self._symmetry.startswith("kaleidoscope")
        upright = self._topology == "horizon" or self._symmetry == "mirror"
        found = {
            "camera.zoom": base["camera.zoom"] * 2 ** (0.16 * near),
            "camera.x": base["camera.x"] + (0.0 if folded or wound else 0.14 * x),
            "camera.y": base["camera.y"] + (0.0 if wound else (0.04 if upright else 0.10) * y),
            "camera.angle": base["camera.angle"] + (0.0 if upright else (14.0 if wound else 5.0) * turn),
            "cppn.phase": base["cppn.phase"] + 1.0 + 0.6 * self.reach * moment,
        }
        if wound:
            found["camera.depth"] = base["camera.depth"] + 0.35 * min(1.0, self.reach) * dive
        return {name: float(value) for name, value in found.items()}


class CppnArtist:
    """Draws prompts as worlds of the built-in generator.

    Args:
        size: width and height of the pictures.
        texts: name of a prompt → its text.
        looks: name of a prompt → the preset whose look it is to have; the others' follow from their words.
        settings: targets, such as ``cppn.warp``, set otherwise than the presets have them.
        device: ``"cpu"``, or as in `Cppn`.
    """

    def __init__(
        self,
        size: tuple[int, int],
        texts: Mapping[str, str],
        *,
        looks: Mapping[str, str] | None = None,
        settings: Mapping[str, float] | None = None,
        device: str = "cpu",
    ) -> None:
        self.size = size
        self._texts, self._looks, self._device = dict(texts), dict(looks or {}), device
        self._settings = dict(settings or {})
        self._worlds: dict[str, World] = {}
        self._lock = threading.Lock()

    def frames(self, a: Node, b: Node, places: Sequence[float]) -> Iterator[Frames]:
        """See `avwalk.scenes.draw.studio.Artist`."""
        way = self._way(a, b)
        spacing = way.spacing() if any(0 < place < 1 for place in places) else None

        def draw(place: float) -> Frames:
            at = place if spacing is None else float(np.interp(place, spacing[1], spacing[0]))
            return way.draw(at, int(place * WHOLE))

        yield from in_order(draw, places) if len(places) > 1 else map(draw, places)

    def drawn(self, a: Node, b: Node) -> str:
        """See `avwalk.scenes.draw.studio.Artist`."""
        told = [PIXELS_VERSION, self._settings, self.size]
        told += [[node.id, self.look(node.name)] for node in (a, b)]
        return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()[:16]

    def said(self, node: Node) -> tuple[str, str, dict[str, object]]:
        """Prompt, negative prompt and values of a picture, see `avwalk.files.infotext.infotext`."""
        look, size = self.look(node.name), f"{self.size[0]}x{self.size[1]}"
        return self._texts[node.name], "", {"Seed": node.seed, "Size": size, "Model": "cppn", "Preset": look.preset}

    def look(self, name: str) -> Look:
        """The look of a prompt."""
        return look_of(name, self._texts[name], self._looks.get(name, ""))

    def world(self, name: str) -> World:
        """The world of a prompt, made when it is first needed."""
        with self._lock:
            if name not in self._worlds:
                self._worlds[name] = World(self.look(name), self.size, self._settings, self._device)
            return self._worlds[name]

    def _way(self, a: Node, b: Node) -> Inside | Between:
        assert a.seed is not None and b.seed is not None, "pictures put there by hand are not drawn here"
        one, other = self.world(a.name), self.world(b.name)
        if one is other:
            return Inside(one, one.place(a.seed), one.place(b.seed))
        return Between(one, other, one.place(a.seed), other.place(b.seed), _latent(_way_seed(a, b)))


class Inside:
    """A way in one world."""

    def __init__(self, world: World, a: Place, b: Place) -> None:
        self._world, self._a, self._b = world, a, b

    def at(self, t: float) -> Place:
        """Where the way is."""
        latent = slerp(self._a.latent, self._b.latent, np.asarray(t))
        return Place(latent, _between(self._a.params, self._b.params, t))

    def draw(self, t: float, salt: int) -> Frames:
        """The picture there."""
        return self._world.draw(self.at(t), salt)

    def spacing(self) -> tuple[Array, Array]:
        """Shares of the way, and the change of the picture up to there; both from 0 to 1."""
        return _spaced(self._world.small([self.at(t) for t in np.linspace(0, 1, SAMPLES)]))


class Between:
    """A way from one world to another."""

    def __init__(self, one: World, other: World, a: Place, b: Place, towards: Array) -> None:
        self._one, self._other, self._a, self._b, self._towards = one, other, a, b, towards

    def _moved(self, world: World, place: Place, t: float) -> Place:
        """Where a world is, t before (< 0) or after its picture's own moment."""
        params = dict(place.params)
        params["camera.zoom"] *= 2 ** (PUSH * t)
        params["cppn.phase"] += STREAM * world.reach * t
        return Place(slerp(place.latent, self._towards, np.asarray(ONWARD * world.latent_reach * abs(t))), params)

    def draw(self, t: float, salt: int) -> Frames:
        """The picture there."""
        if t >= 1:
            return self._other.draw(self._b, salt)
        going = self._one.draw(self._moved(self._one, self._a, t), salt)
        if t > 0:
            crossfade(going, self._other.draw(self._moved(self._other, self._b, t - 1), salt), t)
        return going

    def spacing(self) -> tuple[Array, Array]:
        """Shares of the way, and the change of the picture up to there; both from 0 to 1."""
        at = np.linspace(0, 1, SAMPLES)
        going = np.ascontiguousarray(self._one.small([self._moved(self._one, self._a, t) for t in at]))
        coming = self._other.small([self._moved(self._other, self._b, t - 1) for t in at])
        for k, t in enumerate(at):
            crossfade(going[k], coming[k], float(t))
        return _spaced(going)


def _spaced(pictures: Frames) -> tuple[Array, Array]:
    """Shares and lengths of a way by small pictures of it, evenly taken."""
    steps = np.abs(np.diff(pictures, axis=0)).mean(axis=(1, 2, 3), dtype=np.float64)
    return lengths(Spacing(np.linspace(0, 1, len(pictures)), steps))


def _between(a: Mapping[str, float], b: Mapping[str, float], t: float) -> dict[str, float]:
    """Parameters between two places: straight, the zoom in octaves."""
    found = {name: (1 - t) * a[name] + t * b[name] for name in a}
    found["camera.zoom"] = a["camera.zoom"] ** (1 - t) * b["camera.zoom"] ** t
    return found


def _latent(seed: int) -> Array:
    z = np.random.default_rng([seed, _PURPOSE_NOISE]).standard_normal(Cppn.latent_dim)
    return np.asarray(z * (NORM * math.sqrt(Cppn.latent_dim) / np.linalg.norm(z)))


def _pose(seed: int) -> Array:
    return np.random.default_rng([seed, _PURPOSE_CAMERA]).standard_normal(6)


def _way_seed(a: Node, b: Node) -> int:
    """The same in both directions."""
    first, last = sorted((a.id, b.id))
    return int.from_bytes(hashlib.sha256(f"{first}\0{last}\0{_PURPOSE_WAY}".encode()).digest()[:8], "big")


@lru_cache(maxsize=64)
def _listed_of(palettes: tuple[str, ...], name: str, pick: int) -> str:
    return palettes[pick % len(palettes)] if palettes else name


def _listed(preset: Any, pick: int) -> str:
    """A palette that a preset lists; empty where it has colours of its own."""
    return "" if preset.palette.own else _listed_of(preset.structure.palettes, preset.palette.name, pick)


def _at_rest(preset: Any) -> dict[str, float]:
    """Every parameter as a preset has it in silence; effects that it does not list are off."""
    found = {}
    for target in targets():
        section, name = target.split(".")
        value = float(getattr(getattr(preset, section), name))
        found[target] = 0.0 if name == "amount" and section not in preset.effects else value
    return found
