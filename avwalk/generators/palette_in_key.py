"""Palettes in the hues of a musical key.

A palette keeps its character: how strong its colours are, how deep they reach into shadow and highlight, whether its
two ramps are neighbours or a contrast, how its accent glows. The hues are the key's. Neighbours on the circle of fifths
are neighbours in hue, and C major is red, as Scriabin has it in *Prometheus* (B. M. Galeyev and I. L. Vanechkina, "Was
Scriabin a synesthete?", Leonardo 34, 2001); his greens are gathered into few keys here, since most of what lies
between yellow and green is the colour of nothing that shines. Major keys climb from their middle towards yellow, or
towards pink where that is far, as light does; minor keys lie on the cool side of the major keys on their tonic, are
deeper.

A contrast is never what lies opposite: complementary hues meet in grey, gold and green in olive, green and rose
look sick beside each other. Warm hues have night blue, blues and violets have amber, greens have indigo (`contrast`).

Chosen by eye on swatches and on pictures of generated songs. Plans name such palettes, so a change of the table is a
change of pixels (`avwalk.spec.PIXELS_VERSION`).
"""

from __future__ import annotations

import re
from typing import NamedTuple

from avwalk.generators.palette import HueRamp, Palette

FIFTHS = ("C", "G", "D", "A", "E", "B", "F#", "C#", "G#", "D#", "A#", "F")
"""The circle of fifths, as pitches are spelled here."""

CONTRAST = 80.0  # degrees between the middles of two ramps from which on they are a contrast
FAR = 50.0  # degrees: a neighbour beyond that is no neighbour in hue; gold and emerald would meet in olive
SICKLY = (96.0, 175.0)  # degrees: what glows in these hues is pale gold instead
DULL, BRIGHT = 0.82, 1.12  # factors on chroma of the darkest and the brightest songs
MINOR_CHROMA, MINOR_GAMMA = 0.94, 0.85  # of minor keys: a little less strong, deeper into the shadows


class Hues(NamedTuple):
    """Hues of shadow, middle and highlight, degrees of OKLCH, unwrapped; and the most chroma that they bear."""

    shadow: float
    middle: float
    highlight: float
    chroma: float


KEYS: dict[str, Hues] = {
    "C major": Hues(12, 34, 68, 0.20),  # embers
    "G major": Hues(34, 56, 84, 0.16),  # amber
    "D major": Hues(58, 80, 100, 0.13),  # gold
    "A major": Hues(182, 156, 140, 0.12),  # emerald
    "E major": Hues(204, 180, 158, 0.12),  # jade
    "B major": Hues(230, 204, 176, 0.13),  # lagoon
    "F# major": Hues(262, 236, 206, 0.15),  # sky
    "C# major": Hues(284, 262, 230, 0.18),  # ultramarine
    "G# major": Hues(274, 292, 324, 0.19),  # violet
    "D# major": Hues(294, 318, 352, 0.19),  # orchid
    "A# major": Hues(320, 346, 384, 0.18),  # rose
    "F major": Hues(350, 372, 406, 0.20),  # carmine
    "C minor": Hues(46, 70, 92, 0.11),  # brass
    "G minor": Hues(178, 149, 136, 0.09),  # pine
    "D minor": Hues(206, 184, 160, 0.11),  # sea green
    "A minor": Hues(246, 216, 188, 0.12),  # petrol
    "E minor": Hues(268, 243, 214, 0.15),  # steel blue
    "B minor": Hues(288, 265, 236, 0.18),  # night blue
    "F# minor": Hues(270, 286, 312, 0.19),  # indigo
    "C# minor": Hues(282, 304, 332, 0.19),  # purple
    "G# minor": Hues(300, 325, 358, 0.17),  # plum
    "D# minor": Hues(322, 347, 382, 0.16),  # old rose
    "A# minor": Hues(344, 368, 398, 0.16),  # wine
    "F minor": Hues(4, 29, 62, 0.16),  # rust
}

_NAME = re.compile(r"(?P<name>.+) in (?P<key>[A-G]#? (?:major|minor)) (?P<brightness>0(?:\.\d+)?|1(?:\.0+)?)")


def name_in_key(name: str, key: str, brightness: float) -> str:
    """What a named palette in a key is called: ``"ember in A minor 0.42"``; brightness is 0 to 1."""
    return f"{name} in {key} {brightness:.2f}"


def parts_of(name: str) -> tuple[str, str, float] | None:
    """Palette, key and brightness of such a name; None: it is none."""
    match = _NAME.fullmatch(name)
    if not match or match["key"] not in KEYS:
        return None
    return match["name"], match["key"], float(match["brightness"])


def neighbour(key: str, steps: int) -> str:
    """The key of the same mode so many steps upwards on the circle of fifths: 1 is the dominant."""
    tonic, mode = key.split()
    return f"{FIFTHS[(FIFTHS.index(tonic) + steps) % 12]} {mode}"


def relative(key: str) -> str:
    """The key of the other mode with the same notes: A minor of C major."""
    tonic, mode = key.split()
    major = mode == "major"
    return f"{FIFTHS[(FIFTHS.index(tonic) + (3 if major else -3)) % 12]} {'minor' if major else 'major'}"


def parallel(key: str) -> str:
    """The key of the other mode on the same tonic: C minor of C major."""
    tonic, mode = key.split()
    return f"{tonic} {'minor' if mode == 'major' else 'major'}"


def contrast(key: str) -> Hues:
    """The hues that stand against those of a key: what both meet in is a colour, neither grey nor olive."""
    middle = KEYS[key].middle % 360
    if 100 < middle < 188:
        return Hues(284, 270, 248, 0.16)  # indigo
    if 188 <= middle < 335:
        return Hues(14, 46, 76, 0.18)  # amber, far enough from plum
    return Hues(288, 264, 238, 0.17)  # night blue


def in_key(character: Palette, key: str, brightness: float) -> Palette:
    """A palette of the same character in the hues of a key.

    Args:
        character: whose chroma, gamma and contrast it has.
        key: of `KEYS`.
        brightness: of the song, 0 dark to 1 bright: the stronger the colours.
    """
    minor = key.endswith("minor")
    gain = (DULL + (BRIGHT - DULL) * brightness) * (MINOR_CHROMA if minor else 1.0)
    middle = character.base.hues[1]
    second = contrast(key) if apart(character.companion.hues[1], middle) > CONTRAST else KEYS[_next(key)]
    lightness, chroma, hue = character.accent
    if minor:
        glow = KEYS[relative(key)].highlight % 360
    else:
        glow = (KEYS[neighbour(key, 6)].middle if apart(hue, middle) > CONTRAST else KEYS[key].highlight) % 360
    if SICKLY[0] < glow < SICKLY[1]:
        glow = SICKLY[0]
    base, companion = _ramp(character.base, KEYS[key], gain, minor), _ramp(character.companion, second, gain, minor)
    return Palette(base, companion, (lightness, chroma, glow))


def _next(key: str) -> str:
    """The neighbour whose hue a companion has: the brighter one of major, the darker one of minor keys; or the other,
    where that is far."""
    step = -1 if key.endswith("minor") else 1
    far = apart(KEYS[key].middle, KEYS[neighbour(key, step)].middle) > FAR
    return neighbour(key, -step if far else step)


def apart(one: float, other: float) -> float:
    """Degrees between two hues, 0 to 180."""
    return abs((one - other + 180) % 360 - 180)


def _ramp(ramp: HueRamp, hues: Hues, gain: float, minor: bool) -> HueRamp:
    gamma = ramp.gamma * (MINOR_GAMMA if minor else 1.0)
    return HueRamp(hues[:3], min(ramp.chroma * gain, hues.chroma), gamma)
