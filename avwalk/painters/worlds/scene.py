"""What a meaning looks like: colours, light, ground, distance and air of the picture, as numbers."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from avwalk.painters.worlds.colour_names import Lab, from_lch
from avwalk.painters.worlds.reading import Meaning


class Place(NamedTuple):
    """How a place is built.

    Attributes:
        ground: kind of ground.
        far: what stands at the horizon, far to near.
        horizon: its height, share of the picture from the top.
        colour: of the ground by day.
        far_colour: of what stands at the horizon by day.
    """

    ground: str
    far: tuple[str, ...]
    horizon: float
    colour: Lab
    far_colour: Lab


_BLUE_GREY, _STONE = from_lch(0.5, 0.035, 250), from_lch(0.52, 0.03, 70)
_GREEN = from_lch(0.40, 0.085, 145)
PLACES: Mapping[str, Place] = {
    "sea": Place("water", (), 0.46, from_lch(0.47, 0.085, 232), _BLUE_GREY),
    "beach": Place("shore", ("coast",), 0.42, from_lch(0.80, 0.06, 82), _BLUE_GREY),
    "lake": Place("water", ("mountains", "hills"), 0.52, from_lch(0.52, 0.06, 225), _GREEN),
    "river": Place("river", ("hills", "trees"), 0.45, from_lch(0.56, 0.10, 135), _GREEN),
    "waterfall": Place("river", ("mountains", "cliffs"), 0.56, from_lch(0.52, 0.10, 138), from_lch(0.46, 0.045, 110)),
    "harbour": Place("water", ("hills", "houses"), 0.5, from_lch(0.46, 0.06, 235), from_lch(0.55, 0.06, 50)),
    "island": Place("water", ("coast",), 0.55, from_lch(0.58, 0.09, 205), from_lch(0.47, 0.08, 140)),
    "mountain": Place(
        "rock", ("mountains", "mountains", "mountains"), 0.68, from_lch(0.42, 0.04, 120), from_lch(0.5, 0.04, 255)
    ),
    "hill": Place("grass", ("hills", "hills", "hills"), 0.6, from_lch(0.6, 0.12, 128), from_lch(0.52, 0.09, 140)),
    "desert": Place("sand", ("dunes", "dunes", "dunes"), 0.5, from_lch(0.74, 0.10, 68), from_lch(0.70, 0.11, 58)),
    "field": Place("field", ("hills", "trees"), 0.44, from_lch(0.76, 0.125, 86), from_lch(0.5, 0.08, 135)),
    "meadow": Place("meadow", ("hills", "trees"), 0.46, from_lch(0.66, 0.14, 128), from_lch(0.48, 0.09, 140)),
    "garden": Place("meadow", ("trees", "trees"), 0.36, from_lch(0.58, 0.13, 132), _GREEN),
    "forest": Place("moss", ("pines", "pines", "pines"), 0.66, from_lch(0.36, 0.07, 140), from_lch(0.42, 0.07, 150)),
    "jungle": Place("moss", ("trees", "trees", "trees"), 0.72, from_lch(0.40, 0.10, 140), from_lch(0.44, 0.12, 142)),
    "swamp": Place("water", ("trees", "trees"), 0.5, from_lch(0.36, 0.05, 125), from_lch(0.38, 0.05, 130)),
    "snowfield": Place("snow", ("mountains", "hills"), 0.5, from_lch(0.93, 0.015, 240), from_lch(0.72, 0.035, 245)),
    "volcano": Place("lava", ("volcano",), 0.64, from_lch(0.30, 0.03, 40), from_lch(0.30, 0.03, 30)),
    "city": Place("wet", ("skyline", "skyline", "skyline"), 0.74, from_lch(0.42, 0.02, 260), from_lch(0.52, 0.03, 255)),
    "village": Place("grass", ("hills", "houses"), 0.56, from_lch(0.58, 0.11, 130), from_lch(0.60, 0.07, 55)),
    "street": Place("road", ("skyline", "houses"), 0.56, from_lch(0.40, 0.015, 260), from_lch(0.52, 0.04, 50)),
    "castle": Place("grass", ("hills", "castle"), 0.66, from_lch(0.48, 0.09, 135), _STONE),
    "ruin": Place("grass", ("hills", "columns"), 0.66, from_lch(0.60, 0.08, 110), from_lch(0.70, 0.045, 80)),
    "sky": Place("cloudsea", (), 0.80, from_lch(0.86, 0.02, 250), _BLUE_GREY),
}
"""Places with a horizon."""
ENCLOSED = ("interior", "cave", "underwater", "space", "fire", "flower")
"""Places without one."""
WATER = ("sea", "waterfall", "lake", "river", "harbour", "island", "swamp", "beach")
SKIES: Mapping[str, tuple[Lab, Lab]] = {
    "night": (from_lch(0.18, 0.055, 275), from_lch(0.39, 0.065, 262)),
    "dawn": (from_lch(0.64, 0.06, 275), from_lch(0.86, 0.075, 50)),
    "day": (from_lch(0.62, 0.11, 248), from_lch(0.87, 0.045, 228)),
    "noon": (from_lch(0.66, 0.125, 246), from_lch(0.93, 0.035, 220)),
    "dusk": (from_lch(0.38, 0.10, 300), from_lch(0.75, 0.15, 52)),
}
"""Sky overhead and at the horizon."""
EXPOSURES = {"night": 0.46, "dawn": 0.84, "day": 1.0, "noon": 1.07, "dusk": 0.64}
"""Lightness of the ground against day."""


@dataclass(frozen=True)
class Scene:
    """A picture to be drawn.

    Attributes:
        kind: ``"open"``, one of `ENCLOSED`, or ``"form"``.
        ground: kind of ground, see `PLACES`.
        far: what stands at the horizon, far to near.
        horizon: share of the picture from the top.
        top: sky overhead.
        low: sky at the horizon.
        earth: colour of the ground.
        distance: colour of what stands at the horizon.
        shine: colour of sun, moon or lamps.
        figure: colour of the subject.
        time: of day.
        exposure: lightness against day.
        clouds: cover, 0 to 1.
        fog: 0 to 1.
        rough: how high waves are, 0 to 1.
        motion: speed of what moves, 1 is usual.
        place_seed: of everything that stays when the place is seen again.
        seed: of everything else.
        meaning: what it shows.
    """

    kind: str
    ground: str
    far: tuple[str, ...]
    horizon: float
    top: Lab
    low: Lab
    earth: Lab
    distance: Lab
    shine: Lab
    figure: Lab
    time: str
    exposure: float
    clouds: float
    fog: float
    rough: float
    motion: float
    place_seed: int
    seed: int
    meaning: Meaning

    @property
    def body(self) -> str:
        """What stands in the sky: ``"sun"``, ``"moon"`` or nothing."""
        lights, hidden = self.meaning.lights, self.clouds > 0.75 or self.fog > 0.8
        if "moon" in lights or (self.time == "night" and not hidden and "stars" not in lights):
            return "moon"
        return "sun" if "sun" in lights or (self.time in ("dawn", "dusk", "noon") and not hidden) else ""

    @property
    def is_dark(self) -> bool:
        """Whether lamps are lit."""
        return self.time in ("night", "dusk") or self.meaning.tone < -0.5


def mix(a: Lab, b: Lab, share: float) -> Lab:
    """A colour between two in OKLab."""
    return (a[0] + (b[0] - a[0]) * share, a[1] + (b[1] - a[1]) * share, a[2] + (b[2] - a[2]) * share)


def scaled(colour: Lab, lightness: float, chroma: float = 1.0) -> Lab:
    """A colour made lighter and stronger by factors; lightness stays below 0.985."""
    return min(0.985, colour[0] * lightness), colour[1] * chroma, colour[2] * chroma


class _Colours(NamedTuple):
    """Of sky overhead, sky at the horizon, ground, distance."""

    top: Lab
    low: Lab
    earth: Lab
    distance: Lab


def compose(meaning: Meaning, seed: int) -> Scene:
    """The scene of a meaning.

    Args:
        meaning: of a prompt.
        seed: picks among what the words leave open.
    """
    places = [place for place in meaning.places if place in PLACES and place != "sky"] or [
        place for place in meaning.places if place in PLACES
    ]
    first = PLACES[next((p for p in places if p in WATER), places[0] if places else _open_default(meaning))]
    standing = next((PLACES[p] for p in places if PLACES[p].far and p not in WATER), first)
    place_seed = int.from_bytes(hashlib.sha256(meaning.key.encode()).digest()[:4], "big")
    time = meaning.time or _time_of(meaning)
    exposure = EXPOSURES[time] * (1 - 0.22 * ("storm" in meaning.weathers))
    exposure *= 1 + 0.16 * max(-1.0, min(1.0, meaning.tone))
    fog = 1.0 if "fog" in meaning.weathers else 0.0
    colours = _named(_natural(meaning, first, standing, time, exposure, place_seed), meaning, first, standing, exposure)
    lift = 0.05 * float(np.random.default_rng([place_seed, 0x11F]).uniform(-1, 1))
    moon = time == "night"
    return Scene(
        kind=_kind(meaning, places),
        ground=_ground(first.ground, meaning),
        far=standing.far or first.far,
        horizon=(first.horizon if first.far or first is standing else max(first.horizon, 0.5)) + lift,
        **colours._asdict(),
        shine=meaning.colours.get("light")
        or from_lch(0.93 if moon else 0.95, 0.03 if moon else 0.09, 95 if moon else 85),
        figure=meaning.colours.get("subject") or scaled(colours.earth, 0.35, 0.6),
        time=time,
        exposure=exposure,
        clouds=_cloud_cover(meaning, seed),
        fog=fog,
        rough=_roughness(meaning),
        motion=2.0 ** (1.8 * meaning.energy),
        place_seed=place_seed,
        seed=seed,
        meaning=meaning,
    )


def _natural(meaning: Meaning, first: Place, standing: Place, time: str, exposure: float, place_seed: int) -> _Colours:
    """Colours by hour and weather, with a turn of hue that the place has of its own."""
    weathers, storm = meaning.weathers, "storm" in meaning.weathers
    grey = max(0.75 * storm, 0.6 * ("rain" in weathers), 0.5 * ("cloud" in weathers), 0.4 * ("fog" in weathers))
    top, low = SKIES[time]
    top = scaled(top, 1 - 0.28 * grey, 1 - 0.8 * grey)
    low = scaled(low, 1 - 0.28 * grey * storm, 1 - 0.8 * grey)
    earth = first.colour
    if "snow" in weathers and first.ground not in ("water", "wet", "road", "lava"):
        earth = PLACES["snowfield"].colour
    found = (top, low, _lit(earth, low, exposure), _lit(standing.far_colour, low, exposure))
    rng = np.random.default_rng([place_seed, 0x1D])
    turn, strength = float(16 * rng.uniform(-1, 1)), float(rng.uniform(0.85, 1.2))
    return _Colours(*(_turned(each, turn, strength) for each in found))


def _named(colours: _Colours, meaning: Meaning, first: Place, standing: Place, exposure: float) -> _Colours:
    """The same with the colours that the words name, and what they do to the rest."""
    named, (top, low, earth, distance) = meaning.colours, colours
    if "neon" in meaning.styles:
        top, low = mix(top, from_lch(0.20, 0.10, 300), 0.7), mix(low, from_lch(0.46, 0.19, 335), 0.75)
    if sky := named.get("sky") or named.get("air"):
        top, low = scaled(sky, 0.8), scaled(sky, 1.12)
    low = named.get("air", low)
    if whole := named.get("all"):
        top = mix(top, scaled(whole, 0.86 * (0.4 + 0.6 * exposure)), 0.88)
        low = mix(low, scaled(whole, 1.22), 0.72)
        earth, distance = (mix(each, scaled(whole, factor), 0.9) for each, factor in ((earth, 0.92), (distance, 0.72)))
    if far := named.get("far"):
        distance, wide = far, 0.35 if "skyline" in standing.far or "fog" in meaning.weathers else 0.06
        top = mix(top, scaled(far, 0.8), wide)
        low = mix(low, (0.5 * (low[0] + far[0]), far[1], far[2]), 1.5 * wide)
        earth = mix(earth, scaled(far, 0.8), 0.8 if first.ground == "grass" else 0.5)
    earth = named.get("ground", earth)
    if meaning.tone:
        top, low = (scaled(each, 1 + 0.22 * max(-1.0, min(1.0, meaning.tone))) for each in (top, low))
    return _Colours(top, low, earth, distance)


_OUTDOORS = {
    "boat", "lighthouse", "house", "tower", "tree", "bird", "balloon", "bridge", "person", "whale", "horse", "wolf",
    "deer", "cat", "bear", "rabbit", "dragon",
}  # fmt: skip
"""Subjects that are seen under the sky where nothing says otherwise."""


def _kind(meaning: Meaning, places: Sequence[str]) -> str:
    in_fire = meaning.places == ("fire",) and not set(meaning.subjects) & _OUTDOORS
    if meaning.places and meaning.places[0] in ENCLOSED and (in_fire or meaning.places[0] != "fire"):
        return meaning.places[0]
    if places or (meaning.places == ("fire",) and set(meaning.subjects) & _OUTDOORS):
        return "open"
    return next((place for place in meaning.places if place in ENCLOSED), _kind_without_place(meaning))


def _kind_without_place(meaning: Meaning) -> str:
    if meaning.materials:
        return "form"
    if "flower" in meaning.subjects:
        return "flower"
    if meaning.subjects == ("fish",):
        return "underwater"
    if set(meaning.subjects) & _OUTDOORS or meaning.time or meaning.weathers or meaning.lights:
        return "open"
    return "form"


def _open_default(meaning: Meaning) -> str:
    for subject, place in (
        ("boat", "sea"),
        ("lighthouse", "sea"),
        ("whale", "sea"),
        ("deer", "forest"),
        ("bear", "forest"),
        ("wolf", "forest"),
        ("dragon", "mountain"),
        ("house", "hill"),
        ("tree", "hill"),
        ("tower", "castle"),
    ):
        if subject in meaning.subjects:
            return place
    return "snowfield" if "snow" in meaning.weathers else "hill" if meaning.subjects else "sky"


def _time_of(meaning: Meaning) -> str:
    """The time of day where no word says it."""
    if "moon" in meaning.lights or "stars" in meaning.lights or meaning.tone <= -1 or "aurora" in meaning.weathers:
        return "night"
    return "noon" if meaning.tone >= 1 else "day"


def _cloud_cover(meaning: Meaning, seed: int) -> float:
    cover = 0.18 + 0.3 * float(np.random.default_rng([seed, 0xC1]).random())
    for weather, least in (("cloud", 0.72), ("rain", 0.8), ("storm", 0.86), ("snow", 0.62), ("fog", 0.45)):
        if weather in meaning.weathers:
            cover = max(cover, least)
    return 0.04 if "clear" in meaning.weathers or "stars" in meaning.lights or "aurora" in meaning.weathers else cover


def _roughness(meaning: Meaning) -> float:
    base = 0.5 + 0.5 * meaning.energy
    return min(1.0, base + 0.3) if "storm" in meaning.weathers else base


def _ground(kind: str, meaning: Meaning) -> str:
    soft = ("grass", "meadow", "field", "moss", "rock", "sand")
    return "snow" if "snow" in meaning.weathers and kind in soft else kind


def _turned(colour: Lab, degrees: float, strength: float) -> Lab:
    """A colour with its hue turned and its chroma scaled: what a place has of its own."""
    angle = np.deg2rad(degrees)
    a, b = colour[1] * strength, colour[2] * strength
    return colour[0], float(a * np.cos(angle) - b * np.sin(angle)), float(a * np.sin(angle) + b * np.cos(angle))


def _lit(colour: Lab, low: Lab, exposure: float) -> Lab:
    """A thing's colour under a sky: darker, and tinted by it."""
    tinted = mix(colour, (colour[0], low[1], low[2]), 0.28 if exposure < 0.9 else 0.12)
    return scaled(tinted, exposure, 0.55 + 0.45 * min(1.0, exposure))
