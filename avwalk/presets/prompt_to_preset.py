"""Maps a prompt's words to preset, palette and world seed of the built-in generator.

The generator has no text encoder; keywords select a preset and a palette (water: ink, city: façade, gold: gold), and
the whole text seeds the world, so that two prompts never share one.
"""

from __future__ import annotations

import hashlib
import re
from typing import NamedTuple

KINDS = {
    "sumi": "ink smoke mist fog cloud calligraphy watercolour watercolor silk ghost breath steam piano wind",
    "lagoon": "water sea ocean wave lagoon river lake rain dye aquarium whirl underwater liquid swim fish coral reef",
    "fauna": (
        "animal bird moth butterfly insect wing beast horn creature dragon wolf owl spider cat dog fox horse "
        "lion tiger deer bear skull"
    ),
    "iris": "iris eye petal rose tulip poppy peony watercolours bloom blossom orchid",
    "flora": "flower garden leaf plant fern forest jungle tree meadow spring botanical mandala",
    "lotus": "lotus sunflower star galaxy universe infinite silver chrome cosmos nebula supernova crystal",
    "idol": "portrait face woman man girl boy statue idol body figure goddess king queen head bust robot",
    "arcade": "neon cyberpunk game mask arcade glitch computer retro circuit",
    "lava": "lava wax lamp blob bubble jelly cell amoeba honey oil",
    "lsd": "metal molten gold fire flame volcano explosion trippy psychedelic lsd bronze dragonfire",
    "dream": "dream light aurora sleep cave ice angel heaven soft",
    "burin": "engraving drawing sketch line etching map pencil topographic contour lithograph",
    "facade": "city building tower house architecture skyscraper castle temple palace street facade bridge",
    "rosace": "window glass stained church cathedral lace ornament rosette tracery clock",
    "halcyon": (
        "landscape mountain beach sunset sunrise desert horizon sun field hill dusk dawn sky plain dune sand "
        "lighthouse harbour harbor storm"
    ),
    "nocturne": "night moon moonlight road midnight winter snow planet",
    "papercut": "paper collage cutout origami poster cubist bauhaus carpet quilt",
    "throat": "tunnel corridor passage throat vortex hole spiral wormhole abyss stairs subway",
    "riso": "comic pop punk print risograph halftone zine",
}
"""Presets and the keywords that select them. Fixed, so that a prompt keeps its appearance."""
COLOURS = {
    "ember": "fire flame ember orange lava volcano autumn hot molten copper gold golden sunflower honey amber",
    "abyss": "blue deep ocean sea reef abyss ice underwater cold",
    "ultraviolet": "night violet purple ultraviolet amethyst twilight cosmic galaxy nebula",
    "bone": "bone ivory white marble skull cream pale",
    "verdigris": "teal turquoise verdigris lagoon patina emerald",
    "orchid": "pink magenta orchid rose blossom candy peony petal",
    "aurora": "aurora mint northern arctic",
    "gilt": "gilt brass bronze baroque antique",
    "moss": "green yellow moss forest jungle leaf fern garden plant tree",
    "carmine": "red carmine blood crimson ruby scarlet",
    "neon": "neon cyberpunk glowing fluorescent bioluminescent",
    "graphite": "grey gray graphite monochrome silver steel pencil charcoal",
    "indigo": "indigo navy rain ink",
    "dusk": "dusk sunset sunrise dawn evening",
}
"""Palettes and the keywords that select them."""
IN_THE_DARK = {"sumi": "idol", "lagoon": "lava", "fauna": "arcade", "iris": "lotus"}
"""Dark alternatives to the ink presets with light ground."""
DARKNESS = {"night", "dark", "darkness", "black", "midnight", "bioluminescent", "glowing", "shadows"}


class PresetChoice(NamedTuple):
    """Preset, palette and seed of a prompt.

    Attributes:
        preset: name of the preset.
        palette: name of its palette; empty: one that the preset lists, see `pick`.
        seed: of its world.
        pick: random number for choices without keywords.
    """

    preset: str
    palette: str
    seed: int
    pick: int


def choose_preset(name: str, text: str, preset: str = "") -> PresetChoice:
    """Chooses preset, palette and seed of a prompt, deterministically.

    Args:
        name: of the prompt.
        text: its words; the first preset keyword and the first palette keyword count.
        preset: overrides the keywords.
    """
    digest = hashlib.sha256(f"{name.strip()}\0{' '.join(text.split())}".encode()).digest()
    seed, pick = int.from_bytes(digest[:4], "big"), int.from_bytes(digest[4:8], "big")
    words = _words(f"{text} {name}")
    if not preset:
        preset = _first(words, KINDS) or list(KINDS)[pick % len(KINDS)]
        preset = IN_THE_DARK.get(preset, preset) if DARKNESS & set(words) else preset
    return PresetChoice(preset, _first(words, COLOURS), seed, pick // len(KINDS))


def _words(text: str) -> list[str]:
    """Lower-case words, each also with plural endings removed."""
    found = re.findall(r"[a-z]+", text.lower())
    endings = (("", ""), ("s", ""), ("es", ""), ("ies", "y"))
    return [word.removesuffix(many) + one for word in found for many, one in endings if word.endswith(many)]


def _first(words: list[str], table: dict[str, str]) -> str:
    asked = {word: key for key, listed in reversed(table.items()) for word in (key, *listed.split())}
    return next((asked[word] for word in words if word in asked), "")
