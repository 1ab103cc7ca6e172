"""Scene pictures and transitions by the built-in generator: a prompt picks a world, a seed a position in it.

Within a scene a transition stays in one world: slerp of latents, interpolated camera and flow. Between scenes both
worlds move on while one cross-fades into the other. Positions are spaced so that the picture changes evenly.
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
from avwalk.presets.prompt_to_preset import PresetChoice, choose_preset
from avwalk.registry import make_effect
from avwalk.request.generators import effect_options, generator_options
from avwalk.scenes.draw.ordered_pool import in_order
from avwalk.scenes.draw.seeds import mixed, varied
from avwalk.scenes.nodes import Node
from avwalk.spec import PIXELS_VERSION
from avwalk.walk.prompts import Spacing, lengths

Array = NDArray[np.float64]

NORM = 0.7  # norm of latents, in units of √dim, as in walks and world selection
TRIES = 5  # candidate moments of a world; the best composed one is used
MOMENT = 0.3  # rad between them
PROBES = 6  # positions at which a world's rate of change is measured
LINES = 0.6  # thumbnails hardly show lines, which change the most
LONGEST = 3.0  # maximum factor on time distances in slow worlds
VARIETY = 0.35  # minimum factor on latent distances in fast worlds: seeds must differ
SAMPLES = 33  # thumbnails that measure a transition
PUSH = 0.22  # octaves of zoom during a transition between two worlds, on each side
ONWARD = 0.45  # share towards another latent that each world moves meanwhile
STREAM = 0.5  # rad that each world streams meanwhile
CHANGE = 3.6 / 255
"""Target change of a picture per 1/32 of a transition; faster worlds get smaller distances."""
SALT_SCALE = 1 << 20
_PURPOSE_NOISE, _PURPOSE_CAMERA, _PURPOSE_WAY = 0x7A, 0xCA, 0x3A7


class WorldPosition(NamedTuple):
    """Position of a picture in a world: latent (dim,), and parameters that differ from the preset's."""

    latent: Array
    params: dict[str, float]


class World:
    """The world of a prompt.

    Args:
        choice: preset, palette and seed of the prompt.
        size: width and height of the pictures.
        settings: overrides of the preset's targets, such as ``cppn.warp``.
        device: as in `Cppn`.
    """

    def __init__(
        self, choice: PresetChoice, size: tuple[int, int], settings: Mapping[str, float], device: str = "cpu"
    ) -> None:
        self.choice = choice
        preset = presets.load(choice.preset).values
        options = generator_options("cppn", preset)
        if palette := choice.palette or _listed(preset, choice.pick):
            options["palette"] = palette
        self._generator = Cppn(size, choice.seed, **options, device=device)
        self._symmetry, self._polar = preset.camera.symmetry, preset.camera.map == "polar"
        self._topology = preset.cppn.topology
        self.base = _at_rest(preset) | dict(settings)
        self._effects: list[Effect] = [
            make_effect(name, effect_options(name, preset, Fraction(30)))
            for name in preset.effects
            if name not in (*Cppn.finishes, "trails")
        ]
        self._places: dict[int, WorldPosition] = {}
        self.latent_reach, self.reach = self._reaches()

    def position(self, seed: int) -> WorldPosition:
        """The position of a seed."""
        if seed not in self._places:
            latent = slerp(_latent(self.choice.seed), mixed(seed, _latent), np.asarray(self.latent_reach))
            params = self._camera(mixed(seed, _pose))
            moments = [{**params, "cppn.phase": params["cppn.phase"] + MOMENT * self.reach * k} for k in range(TRIES)]
            shown = self.thumbnails([WorldPosition(latent, moment) for moment in moments])
            faults = [self._generator.fault(shown[k : k + 1]) for k in range(TRIES)]
            best = WorldPosition(latent, moments[int(np.argmin(faults))])
            if near := varied(seed):  # what is near another picture is at its moment
                best.params["cppn.phase"] = self.position(near.parent).params["cppn.phase"]
            self._places[seed] = WorldPosition(latent, {**best.params, **self._metered(best)})
        return self._places[seed]

    def draw(self, position: WorldPosition, salt: int) -> Frames:
        """The picture of a position, (H, W, 3), with the preset's effects; ``salt`` seeds its grain."""
        drive = self._drive([position], salt)
        frames = self._generator.draw(drive)
        for effect in self._effects:
            frames = effect.apply(frames, drive)
        return np.ascontiguousarray(frames[0])

    def moved(self, seed: int, curves: Mapping[str, float]) -> Frames:
        """The picture of a seed under a film's curves: camera and flow relative to its position, the rest as given."""
        position = self.position(seed)
        params = {name: value for name, value in curves.items() if name in targets()}
        for name in ("camera.x", "camera.y", "camera.angle", "camera.depth"):
            if name in position.params:
                params[name] = position.params[name] + curves[name] - self.base[name]
        params["camera.zoom"] = position.params["camera.zoom"] * curves["camera.zoom"] / self.base["camera.zoom"]
        params["cppn.phase"] = position.params["cppn.phase"] + self.reach * (
            curves["cppn.phase"] - self.base["cppn.phase"]
        )
        there = WorldPosition(position.latent, params)
        return self.draw(WorldPosition(position.latent, {**params, **self._metered(there)}), 0)

    def thumbnails(self, positions: Sequence[WorldPosition]) -> Frames:
        """Thumbnails of positions, (n, h, w, 3)."""
        return self._generator.thumbnails(self._drive(positions, 0))

    def _reaches(self) -> tuple[float, float]:
        """Scales of the distances between pictures for an even rate of change: of latents ≤ 1, of time ≤ `LONGEST`."""
        middle, params = _latent(self.choice.seed), {"cppn.phase": self.base["cppn.phase"] + 1.0}
        start = [WorldPosition(slerp(middle, _latent(k), np.asarray(0.3)), params) for k in range(PROBES)]
        step = np.asarray(1 / 256)
        further = [
            WorldPosition(slerp(position.latent, _latent(k + PROBES), step), params) for k, position in enumerate(start)
        ]
        later = [WorldPosition(position.latent, {"cppn.phase": params["cppn.phase"] + 1 / 256}) for position in start]
        shown = self.thumbnails([*start, *further, *later]).reshape(3, PROBES, -1)
        change = [float(np.abs(shown[k] - shown[0]).mean(axis=1).max()) for k in (1, 2)]
        wanted = CHANGE * (LINES if self._topology == "lines" else 1.0)
        latent, moment = (wanted / max(1e-6, 8 * each) for each in change)
        return min(1.0, max(VARIETY, latent)), min(LONGEST, moment)

    def _metered(self, position: WorldPosition) -> dict[str, float]:
        """Exposure of a position."""
        points = self._generator.meter(self._drive([position], 0))[0]
        return dict(zip(EXPOSURE, points.tolist(), strict=True))

    def _drive(self, positions: Sequence[WorldPosition], salt: int) -> Drive:
        rows = [{**self.base, **position.params} for position in positions]
        names = [name for name in rows[0] if all(name in row for row in rows)]
        params = {name: np.array([row[name] for row in rows], np.float32) for name in names}
        latents = np.stack([position.latent for position in positions]).astype(np.float32)
        return Drive(salt & 0x3FFFFFFF, latents, params, Fraction(30), self.choice.seed)

    def _camera(self, pose: Array) -> dict[str, float]:
        """Camera and flow phase of a picture; parameters that would break a symmetry stay fixed.

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
        preset_names: name of a prompt → its preset; else chosen by its words.
        settings: overrides of the presets' targets, such as ``cppn.warp``.
        device: ``"cpu"``, or as in `Cppn`.
    """

    def __init__(
        self,
        size: tuple[int, int],
        texts: Mapping[str, str],
        *,
        preset_names: Mapping[str, str] | None = None,
        settings: Mapping[str, float] | None = None,
        device: str = "cpu",
    ) -> None:
        self.size = size
        self._texts, self._preset_names, self._device = dict(texts), dict(preset_names or {}), device
        self._settings = dict(settings or {})
        self._worlds: dict[str, World] = {}
        self._lock = threading.Lock()

    def frames(self, a: Node, b: Node, positions: Sequence[float]) -> Iterator[Frames]:
        """See `avwalk.scenes.draw.studio.Artist`."""
        way = self._transition(a, b)
        spacing = way.spacing() if any(0 < position < 1 for position in positions) else None

        def draw(position: float) -> Frames:
            at = position if spacing is None else float(np.interp(position, spacing[1], spacing[0]))
            return way.draw(at, int(position * SALT_SCALE))

        yield from in_order(draw, positions) if len(positions) > 1 else map(draw, positions)

    def fingerprint(self, a: Node, b: Node) -> str:
        """See `avwalk.scenes.draw.studio.Artist`."""
        inputs = [PIXELS_VERSION, self._settings, self.size]
        inputs += [[node.id, self.choice(node.name)] for node in (a, b)]
        return hashlib.sha256(json.dumps(inputs, sort_keys=True).encode()).hexdigest()[:16]

    def metadata(self, node: Node) -> tuple[str, str, dict[str, object]]:
        """Prompt, negative prompt and values of a picture, see `avwalk.files.infotext.infotext`."""
        choice, size = self.choice(node.name), f"{self.size[0]}x{self.size[1]}"
        return self._texts[node.name], "", {"Seed": node.seed, "Size": size, "Model": "cppn", "Preset": choice.preset}

    def choice(self, name: str) -> PresetChoice:
        """Preset, palette and seed of a prompt."""
        return choose_preset(name, self._texts[name], self._preset_names.get(name, ""))

    def world(self, name: str) -> World:
        """The world of a prompt, created on first use."""
        with self._lock:
            if name not in self._worlds:
                self._worlds[name] = World(self.choice(name), self.size, self._settings, self._device)
            return self._worlds[name]

    def _transition(self, a: Node, b: Node) -> WithinWorld | BetweenWorlds:
        assert a.seed is not None and b.seed is not None, "pictures put there by hand are not drawn here"
        one, other = self.world(a.name), self.world(b.name)
        if one is other:
            return WithinWorld(one, one.position(a.seed), one.position(b.seed))
        return BetweenWorlds(one, other, one.position(a.seed), other.position(b.seed), _latent(_transition_seed(a, b)))


class WithinWorld:
    """A transition within one world."""

    def __init__(self, world: World, a: WorldPosition, b: WorldPosition) -> None:
        self._world, self._a, self._b = world, a, b

    def at(self, t: float) -> WorldPosition:
        """The position at share t."""
        latent = slerp(self._a.latent, self._b.latent, np.asarray(t))
        return WorldPosition(latent, _between(self._a.params, self._b.params, t))

    def draw(self, t: float, salt: int) -> Frames:
        """The frame at share t."""
        return self._world.draw(self.at(t), salt)

    def spacing(self) -> tuple[Array, Array]:
        """Shares of the transition, and the cumulative change of the picture; both from 0 to 1."""
        return _spaced(self._world.thumbnails([self.at(t) for t in np.linspace(0, 1, SAMPLES)]))


class BetweenWorlds:
    """A transition from one world to another."""

    def __init__(self, one: World, other: World, a: WorldPosition, b: WorldPosition, towards: Array) -> None:
        self._one, self._other, self._a, self._b, self._towards = one, other, a, b, towards

    def _moved(self, world: World, position: WorldPosition, t: float) -> WorldPosition:
        """A position moved by t before (< 0) or after the picture's own moment."""
        params = dict(position.params)
        params["camera.zoom"] *= 2 ** (PUSH * t)
        params["cppn.phase"] += STREAM * world.reach * t
        return WorldPosition(
            slerp(position.latent, self._towards, np.asarray(ONWARD * world.latent_reach * abs(t))), params
        )

    def draw(self, t: float, salt: int) -> Frames:
        """The frame at share t."""
        if t >= 1:
            return self._other.draw(self._b, salt)
        going = self._one.draw(self._moved(self._one, self._a, t), salt)
        if t > 0:
            crossfade(going, self._other.draw(self._moved(self._other, self._b, t - 1), salt), t)
        return going

    def spacing(self) -> tuple[Array, Array]:
        """Shares of the transition, and the cumulative change of the picture; both from 0 to 1."""
        at = np.linspace(0, 1, SAMPLES)
        going = np.ascontiguousarray(self._one.thumbnails([self._moved(self._one, self._a, t) for t in at]))
        coming = self._other.thumbnails([self._moved(self._other, self._b, t - 1) for t in at])
        for k, t in enumerate(at):
            crossfade(going[k], coming[k], float(t))
        return _spaced(going)


def _spaced(pictures: Frames) -> tuple[Array, Array]:
    """Shares and cumulative change from evenly spaced thumbnails."""
    steps = np.abs(np.diff(pictures, axis=0)).mean(axis=(1, 2, 3), dtype=np.float64)
    return lengths(Spacing(np.linspace(0, 1, len(pictures)), steps))


def _between(a: Mapping[str, float], b: Mapping[str, float], t: float) -> dict[str, float]:
    """Interpolated parameters: linear, the zoom logarithmic."""
    found = {name: (1 - t) * a[name] + t * b[name] for name in a}
    found["camera.zoom"] = a["camera.zoom"] ** (1 - t) * b["camera.zoom"] ** t
    return found


def _latent(seed: int) -> Array:
    z = np.random.default_rng([seed, _PURPOSE_NOISE]).standard_normal(Cppn.latent_dim)
    return np.asarray(z * (NORM * math.sqrt(Cppn.latent_dim) / np.linalg.norm(z)))


def _pose(seed: int) -> Array:
    return np.random.default_rng([seed, _PURPOSE_CAMERA]).standard_normal(6)


def _transition_seed(a: Node, b: Node) -> int:
    """The same in both directions."""
    first, last = sorted((a.id, b.id))
    return int.from_bytes(hashlib.sha256(f"{first}\0{last}\0{_PURPOSE_WAY}".encode()).digest()[:8], "big")


@lru_cache(maxsize=64)
def _listed_of(palettes: tuple[str, ...], name: str, pick: int) -> str:
    return palettes[pick % len(palettes)] if palettes else name


def _listed(preset: Any, pick: int) -> str:
    """A palette listed by a preset; empty for a custom palette."""
    return "" if preset.palette.own else _listed_of(preset.structure.palettes, preset.palette.name, pick)


def _at_rest(preset: Any) -> dict[str, float]:
    """All parameters of a preset without modulation; unlisted effects are off."""
    found = {}
    for target in targets():
        section, name = target.split(".")
        value = float(getattr(getattr(preset, section), name))
        found[target] = 0.0 if name == "amount" and section not in preset.effects else value
    return found
