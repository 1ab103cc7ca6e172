"""Palettes that a song has of its own: the preset's, in the hues of the song's key and of its neighbours."""

from __future__ import annotations

from avwalk.config.preset import Preset
from avwalk.contracts import Analysis
from avwalk.features.tonal import key_name
from avwalk.generators.palette_in_key import name_in_key, neighbour, parallel, relative

CLEAR = 0.15
"""Least `key_clarity` of a key: generated music has .28 to .68, drums, speech and noise .03 to .07."""

DARK, BRIGHT = 5.8, 7.9
"""Octaves above 20 Hz of the spectral centroid: dark and bright ones of generated songs (a pad 5.9, guitars 7.9)."""

KEYLESS = ("B minor", "E minor", "A minor", "D minor", "D# minor", "F minor", "G major", "C major")
"""Keys whose hues a song without a key gets, from dark to bright."""


def brightness(analysis: Analysis) -> float:
    """How bright a song is against others, 0 to 1."""
    octaves = float(analysis.traits.get("brightness", 0.0))
    return min(1.0, max(0.0, (octaves - DARK) / (BRIGHT - DARK)))


def key_of(analysis: Analysis) -> str:
    """The key of a song, ``"A minor"``; of one without a clear key, one that looks as bright as it sounds."""
    traits = analysis.traits
    if traits.get("key", -1.0) >= 0 and traits["key_clarity"] >= CLEAR:
        return key_name(int(traits["key"]))
    return KEYLESS[min(len(KEYLESS) - 1, int(brightness(analysis) * len(KEYLESS)))]


def song_palettes(preset: Preset, analysis: Analysis) -> tuple[str, ...]:
    """The palettes of a film's labels, in turn: as the preset says, or in keys that belong to the song's.

    The first is in the song's key, the others in keys that a modulation would go to: its relative, its dominant, its
    subdominant, its parallel. So labels differ, and belong together.
    """
    palette, names = preset.palette, preset.structure.palettes
    if palette.hues == "own" or palette.own:
        return names
    key, bright = key_of(analysis), brightness(analysis)
    keys = (key, relative(key), neighbour(key, 1), neighbour(key, -1), parallel(key))
    return tuple(name_in_key(name, keys[k % len(keys)], bright) for k, name in enumerate(names or (palette.name,)))
