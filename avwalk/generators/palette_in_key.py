"""Palettes in the hues of a musical key.

A palette keeps its character: how strong its colours are, how deep they reach into shadow and highlight, whether its
two ramps are neighbours or a contrast, how its accent glows. The hues are the key's. Neighbours on the circle of fifths
are neighbours in hue, and C major is red, as Scriabin has it in *Prometheus* (B. M. Galeyev and I. L. Vanechkina, "Was
Scriabin a synesthete?", Leonardo 34, 2001); his greens are gathered into few keys here, since most of what lies
between yellow and green is the colour of nothing that shines. Major keys climb from their middle towards yellow, or
towards pink where that is far, as light does; minor keys lie on the cool side of the major keys on their tonic, are
deeper.

How bright a song sounds is how strong its colours are. How dense it is says how far its two ramps are apart: a calm
song is nearly of one colour, or its contrast is faint; a dense one has two.

A contrast is never what lies opposite: complementary hues meet in grey, gold and green in olive, green and rose
look sick beside each other. Warm hues have blue to violet, blues and violets have amber to coral, greens have indigo
(`contrast`).

Chosen by eye on swatches and on pictures of generated songs. Plans name such palettes, so a change of the table is a
change of pixels (`avwalk.spec.PIXELS_VERSION`).
"""

from __future__ import annotations

import re
from typing import NamedTuple

import numpy as np

from avwalk.generators.palette import HueRamp, Palette

FIFTHS = ("C", "G", "D", "A", "E", "B", "F#", "C#", "G#", "D#", "A#", "F")
"""The circle of fifths, as pitches are spelled here."""

CONTRAST = 80.0  # degrees between the middles of two ramps from which on they are a contrast
FAR = 50.0  # degrees: a neighbour beyond that is no neighbour in hue; gold and emerald would meet in olive
SICKLY = (96.0, 175.0)  # degrees: what glows in these hues is pale gold instead
DULL, BRIGHT = 0.74, 1.28  # factors on chroma of the darkest and the brightest songs
CALM_APART, CALM_CONTRAST = 0.3, 0.75
"""Of the calmest songs: how far neighbouring ramps are apart, of the way; and a factor on the chroma of a contrast."""
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

_NAME = re.compile(
    r"(?P<name>.+) in (?P<key>[A-G]#? (?:major|minor)) (?P<brightness>0(?:\.\d+)?|1(?:\.0+)?)"
    r"(?: (?P<density>0(?:\.\d+)?|1(?:\.0+)?))?"
)


def name_in_key(name: str, key: str, brightness: float, density: float = 1.0) -> str:
    """What a named palette in a key is called: ``"ember in A minor 0.42 0.80"``; brightness and density are 0 to 1."""
    return f"{name} in {key} {brightness:.2f} {density:.2f}"


def parts_of(name: str) -> tuple[str, str, float, float] | None:
    """Palette, key, brightness and density of such a name; None: it is none."""
    match = _NAME.fullmatch(name)
    if not match or match["key"] not in KEYS:
        return None
    return match["name"], match["key"], float(match["brightness"]), float(match["density"] or 1.0)


def neighbour(key: str, steps: int) -> str:
    """The key of the same mode so many steps upwards on the circle of fifths: 1 is the dominant."""
    tonic, mode = key.split()
    return f"{FIFTHS[(FIFTHS.index(tonic) + steps) % 12]} {mode}"


def near_key(key: str) -> str:
    """The neighbour of a key that is near in hue: of two the one that is farther from yellow-green."""
    both = [neighbour(key, step) for step in (1, -1)]
    near = [each for each in both if apart(KEYS[each].middle, KEYS[key].middle) <= FAR] or both
    return max(near, key=lambda each: apart(KEYS[each].middle, sum(SICKLY) / 2))


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
    """The hues that stand against those of a key: what both meet in is a colour, neither grey nor olive.

    It goes along with the key: rose has blue, gold has violet; petrol has amber, violet has coral.
    """
    middle = KEYS[key].middle % 360
    if 100 < middle < 188:  # indigo
        at = float(np.interp(middle, (140, 184), (284, 268)))
        return Hues(at + 14, at, at - 22, 0.16)
    if 188 <= middle < 335:  # amber, far enough from plum, and from what lies opposite of blue
        at = float(np.interp(middle, (188, 206, 232, 290, 304, 335), (40, 46, 58, 28, 34, 56)))
        return Hues(at - 32, at, at + 30, 0.18)
    warm = (middle + 180) % 360 - 180
    at = float(np.interp(warm, (-14, 34, 80), (260, 266, 290)))
    return Hues(at + 24, at, at - 26, 0.17)


def in_key(character: Palette, key: str, brightness: float, density: float = 1.0) -> Palette:
    """A palette of the same character in the hues of a key.

    Args:
        character: whose chroma, gamma and contrast it has.
        key: of `KEYS`.
        brightness: of the song, 0 dark to 1 bright: the stronger the colours.
        density: of the song, 0 calm to 1 dense: the farther the ramps are apart.
    """
    minor = key.endswith("minor")
    gain = (DULL + (BRIGHT - DULL) * brightness) * (MINOR_CHROMA if minor else 1.0)
    middle = character.base.hues[1]
    against = apart(character.companion.hues[1], middle) > CONTRAST
    second = contrast(key) if against else _between(KEYS[key], KEYS[_next(key)], density)
    lightness, chroma, hue = character.accent
    if minor:
        glow = KEYS[relative(key)].highlight % 360
    else:
        glow = (KEYS[neighbour(key, 6)].middle if apart(hue, middle) > CONTRAST else KEYS[key].highlight) % 360
    if SICKLY[0] < glow < SICKLY[1]:
        glow = SICKLY[0]
    base = _ramp(character.base, KEYS[key], gain, minor)
    faint = CALM_CONTRAST + (1 - CALM_CONTRAST) * density if against else 1.0
    companion = _ramp(character.companion, second, gain * faint, minor)
    return Palette(base, companion, (lightness, chroma, glow))


def _between(one: Hues, other: Hues, density: float) -> Hues:
    """Hues on the shorter way from one to another."""
    share = CALM_APART + (1 - CALM_APART) * density
    turn = (other.middle - one.middle + 180) % 360 - 180 - (other.middle - one.middle)
    shadow, middle, highlight, chroma = (a + share * (b - a) for a, b in zip(one, _turned(other, turn), strict=True))
    return Hues(shadow, middle, highlight, chroma)


def _turned(hues: Hues, degrees: float) -> Hues:
    return Hues(hues.shadow + degrees, hues.middle + degrees, hues.highlight + degrees, hues.chroma)


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
