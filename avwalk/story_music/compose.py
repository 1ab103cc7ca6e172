"""Composes music for a story: moods and lengths in, sound and beats out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from avwalk.errors import OptionError
from avwalk.files.atomic import whole_file
from avwalk.story_music.arrangement import arranged
from avwalk.story_music.harmony import key_name
from avwalk.story_music.mixing import mixed
from avwalk.story_music.moods import Mood, mood_of
from avwalk.story_music.score import Note, Section, sections_of

_PURPOSE = 0x5C02E
_TONICS = (0, 2, 3, 5, 7, 10)  # C, D, Eb, F, G, Bb: where the instruments sound well


@dataclass(frozen=True)
class Music:
    """A piece.

    Attributes:
        samples: (n, 2) float32 in [−1, 1], −16 LUFS.
        rate: samples per second.
        beats: seconds, exact: where the bars' beats are.
        bars: seconds: where bars begin.
        sections: one for each mood, in order.
        notes: all that is played.
        key: such as ``"G major"``, of the first section.
        seed: that it was drawn with.
    """

    samples: NDArray[np.float32]
    rate: int
    beats: tuple[float, ...]
    bars: tuple[float, ...]
    sections: tuple[Section, ...]
    notes: tuple[Note, ...]
    key: str
    seed: int

    def as_json(self) -> list[dict[str, Any]]:
        """The sections: when, mood, tempo, key, and where their bars begin."""
        return [
            {
                "start": section.start,
                "end": section.end,
                "mood": section.mood.name,
                "tempo_bpm": section.bpm,
                "minor": section.minor,
                "bars": [bar.start for bar in section.bars],
            }
            for section in self.sections
        ]


def compose(moods: Sequence[Mood | str], lengths_s: Sequence[float], seed: int = 0, rate: int = 44100) -> Music:
    """Music for a story: each storylet has the mood that it names, and lasts as long as it takes to tell.

    One theme comes back over the chords of each mood. Tempo, loudness, instruments and how busy they are follow the
    mood; minor is the relative minor, so that all is in one key. The last bars are an authentic cadence. The same
    arguments give the same bits on one model of processor with the same NumPy.

    Args:
        moods: of each storylet: a `Mood`, its name, or any text, whose words are looked up by `mood_of`.
        lengths_s: seconds of each storylet, 0.1 to 3600, together at most 3600.
        seed: 0 to 2⁶³ − 1.
        rate: samples per second, 8000 to 192000.

    Raises:
        OptionError: an argument is out of range.
    """
    if not 8000 <= rate <= 192_000:
        raise OptionError(f"a rate of {rate} is out of range; give 8000 to 192000")
    if not 0 <= seed < 2**63:
        raise OptionError(f"seed {seed} is out of range; give 0 to 2^63 − 1")
    rng = np.random.default_rng([seed, _PURPOSE])
    feelings = [mood if isinstance(mood, Mood) else mood_of(mood) for mood in moods]
    tonic = _TONICS[int(rng.integers(len(_TONICS)))]
    sections = sections_of(feelings, lengths_s, rng)
    notes = arranged(sections, tonic, rng)
    bars = [bar for section in sections for bar in section.bars]
    return Music(
        samples=mixed(notes, sections, rate),
        rate=rate,
        beats=tuple(bar.at(beat) for bar in bars for beat in range(bar.beats)),
        bars=tuple(bar.start for bar in bars),
        sections=tuple(sections),
        notes=tuple(notes),
        key=key_name(tonic, sections[0].minor),
        seed=seed,
    )


def write_music(music: Music, path: Path) -> None:
    """Writes a piece as WAV, 24 bits, in one step.

    Raises:
        OutputError: it cannot be written.
    """
    import soundfile

    with whole_file(path) as part, part.open("wb") as file:
        soundfile.write(file, music.samples, music.rate, "PCM_24", format="WAV")
