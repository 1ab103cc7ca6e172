"""What kind of song it is: its traits on scales from 0 to 1, by which a film is made to fit."""

from __future__ import annotations

import math
from dataclasses import dataclass

from avwalk.contracts import Analysis

DARK, BRIGHT = 5.8, 7.9
"""Octaves above 20 Hz of the spectral centroid: dark and bright ones of generated songs (a pad 5.9, guitars 7.9)."""
DRUMS = 3.0
"""Kicks and snares in a second of a song that is full of them: of generated dance music 2.5 to 3.7, of a ballad .6."""
DENSE = 5.0
"""Onsets in a second of dense music; a pad has .2, a ballad 2.7, rock 5.2."""
PERCUSSIVE = 0.6
"""Share of percussive energy in which nothing rings; a pad has .3, a piano .25, techno .56."""
FLAT, WIDE = 5.0, 17.0
"""Range of loudness, dB: of a loud master, and of an orchestra."""
UNPITCHED = 0.15
"""Least `key_clarity` of pitch: generated music has .28 to .68, drums, speech and noise .03 to .07."""
PAUSES = 0.04
"""Least share of pauses of somebody who speaks."""
CALM, LIVELY = 0.3, 0.9
"""Energy of generated pads (.3), of rock and dance music (.9); ballads and a piano have .56."""
SLOW, FAST = 60.0, 180.0
"""BPM between which a tempo counts."""


@dataclass(frozen=True)
class Character:
    """A song against others.

    Attributes:
        tempo: BPM; 0 without a beat.
        drums: 0 none to 1 throughout.
        energy: 0 calm to 1 dense, loud all the way, percussive.
        brightness: 0 dark to 1 bright.
        dynamics: 0 equally loud to 1 from very soft to very loud.
        speech: 0, or 1: somebody speaks and nothing else sounds.
    """

    tempo: float = 0.0
    drums: float = 0.0
    energy: float = 0.0
    brightness: float = 0.0
    dynamics: float = 0.0
    speech: float = 0.0

    @property
    def pace(self) -> float:
        """How fast it is, −1 to 1: its tempo (by octaves, 104 BPM is the middle) and its energy, of which the tempo
        is half where there are drums and a quarter where there are none. Without a beat it is slow."""
        share = 0.25 + 0.25 * self.drums if self.tempo else 0.5
        middle, reach = math.sqrt(SLOW * FAST), 0.5 * math.log2(FAST / SLOW)
        tempo = max(-1.0, min(1.0, math.log2((self.tempo or SLOW) / middle) / reach))
        return share * tempo + (1 - share) * self.liveliness

    @property
    def liveliness(self) -> float:
        """Its energy from −1 to 1, 0 between a pad and dance music."""
        return max(-1.0, min(1.0, 2 * (self.energy - CALM) / (LIVELY - CALM) - 1))

    def __str__(self) -> str:
        """In words: ``128 BPM, drums, bright, dense``."""
        if self.speech:
            return "speech"
        words = [f"{self.tempo:.0f} BPM" if self.tempo else "no beat"]
        words.append("drums" if self.drums >= 0.5 else "few drums" if self.drums >= 0.1 else "no drums")
        words += ["dark"] * (self.brightness < 1 / 3) + ["bright"] * (self.brightness > 2 / 3)
        words += ["calm"] * (self.energy < 0.5) + ["dense"] * (self.energy > 0.75)
        words += ["from soft to loud"] * (self.dynamics > 0.6)
        return ", ".join(words)


def character_of(analysis: Analysis) -> Character:
    """The character of a song, from its traits and its tempo."""
    traits = analysis.traits
    if not traits:
        middle = 0.5 * (CALM + LIVELY)  # nothing is known of it
        return Character(tempo=float(analysis.score.tempo_bpm), energy=middle, brightness=0.5)
    dynamics = _share(traits["dynamics"] - FLAT, WIDE - FLAT)
    drums = _share(traits["kicks"] + traits["snares"], DRUMS)
    speech = drums < 0.05 and traits["key_clarity"] < UNPITCHED and traits["pauses"] > PAUSES
    energy = 0.45 * _share(traits["onsets"], DENSE) + 0.35 * _share(traits["percussive"], PERCUSSIVE)
    return Character(
        tempo=0.0 if speech else float(analysis.score.tempo_bpm),
        drums=drums,
        energy=0.3 if speech else energy + 0.2 * (1 - dynamics),
        brightness=_share(traits["brightness"] - DARK, BRIGHT - DARK),
        dynamics=dynamics,
        speech=float(speech),
    )


def _share(value: float, whole: float) -> float:
    return min(1.0, max(0.0, value / whole))
