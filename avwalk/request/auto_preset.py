"""``--preset auto``: the preset that suits a song, by what each says in its ``[suits]``."""

from __future__ import annotations

import math
from collections.abc import Mapping

from avwalk import presets
from avwalk.config.preset import Suits
from avwalk.errors import OptionError, PresetError
from avwalk.plan.song.character import Character

WEIGHTS = {"drums": 1.0, "energy": 1.2, "brightness": 0.7, "dynamics": 0.6, "speech": 1.5}
OCTAVE = 0.8
"""What a tempo twice as fast costs: nearly as much as drums where there are none."""
UNSAID = 0.25
"""How far a preset is taken to be from a song in what it does not say."""


def chosen_preset(song: Character) -> str:
    """The name of the preset that suits a song best; of several as near, the first by name.

    Presets of the user's take part that say what they suit; those with mistakes do not.

    Raises:
        OptionError: none says it.
    """
    found: dict[str, Suits] = {}
    for name in presets.names():
        try:
            suits = presets.load(name).values.suits
        except PresetError:
            continue
        if suits.model_fields_set:
            found[name] = suits
    if not found:
        raise OptionError("--preset auto: no preset says in [suits] what it suits; name one: avwalk presets list")
    return nearest(song, found)


def nearest(song: Character, presets: Mapping[str, Suits]) -> str:
    """The one of some presets that a song is least far from; the first by name of several."""
    return min(sorted(presets), key=lambda name: distance(song, presets[name]))


def distance(song: Character, suits: Suits) -> float:
    """How far a song is from what a preset suits, ≥ 0."""
    far = 0.0
    for name, weight in WEIGHTS.items():
        wanted = getattr(suits, name)
        far += weight * (UNSAID if wanted is None else abs(getattr(song, name) - wanted))
    if suits.tempo is None or song.speech:
        return far + OCTAVE * UNSAID
    if not (song.tempo and suits.tempo):
        return far + (OCTAVE if bool(song.tempo) != bool(suits.tempo) else 0.0)
    return far + OCTAVE * min(1.0, abs(math.log2(song.tempo / suits.tempo)))
