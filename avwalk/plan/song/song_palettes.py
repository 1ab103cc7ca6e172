"""Palettes that a song has of its own: the preset's, in the hues of the song's key and of its neighbours."""

from __future__ import annotations

from avwalk.config.preset import Preset
from avwalk.contracts import Analysis
from avwalk.features.tonal import key_name
from avwalk.generators.named_palettes import PALETTES
from avwalk.generators.palette_in_key import KEYS, apart, name_in_key, neighbour, parallel, relative
from avwalk.plan.song.character import UNPITCHED, character_of

KEYLESS = ("B minor", "E minor", "A minor", "D minor", "D# minor", "F minor", "G major", "C major")
"""Keys whose hues a song without a key gets, from dark to bright."""


def key_of(analysis: Analysis) -> str:
    """The key of a song, ``"A minor"``; of one without a clear key, one that looks as bright as it sounds."""
    traits = analysis.traits
    if traits.get("key", -1.0) >= 0 and traits["key_clarity"] >= UNPITCHED:
        return key_name(int(traits["key"]))
    return KEYLESS[min(len(KEYLESS) - 1, int(character_of(analysis).brightness * len(KEYLESS)))]


def song_palettes(preset: Preset, analysis: Analysis) -> tuple[str, ...]:
    """The palettes of a film's labels, in turn: as the preset says, in another order, or in keys that belong to the
    song's.

    The first is in the song's key or its relative, which has the same notes and lies across the circle of hues:
    whichever is nearer to the preset's own hue, so that a song does not get one hue in all presets. The others are in
    keys that a modulation would go to: the other of these two, the dominant, the subdominant, the parallel. So labels
    differ, and belong together.
    """
    palette, names = preset.palette, preset.structure.palettes
    if palette.hues == "own" or palette.own:
        return names
    if palette.hues == "order":
        first = list(KEYS).index(key_of(analysis)) % max(1, len(names))
        return names[first:] + names[:first]
    names, song = names or (palette.name,), character_of(analysis)
    density = (song.liveliness + 1) / 2
    key = key_of(analysis)
    key = min(key, relative(key), key=lambda each: hue_distance(names[0], each))
    keys = (key, relative(key), neighbour(key, 1), neighbour(key, -1), parallel(key))
    return tuple(name_in_key(name, keys[k % len(keys)], song.brightness, density) for k, name in enumerate(names))


def hue_distance(palette: str, key: str) -> float:
    """Degrees between the middle hues of a named palette and of a key, 0 to 180."""
    return apart(PALETTES[palette].base.hues[1], KEYS[key].middle)
