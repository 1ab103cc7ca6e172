"""Makes phrases for songs in which somebody speaks: words without sense in many voices, by eSpeak NG."""

from __future__ import annotations

import random
import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

COUNT, SEED = 72, 5
"""Of the phrases that the shipped weights learned from."""
_WORDS = tuple(
    re.findall(
        r"\w+",
        """
    love night fire dance baby never always heart rain city light shadow dream river gold silver mountain stranger story
    forever yesterday morning summer wild broken open road money time people world hands eyes voice falling rising
    running burning waiting walking alone together tonight tomorrow the a of and my your our in on under over
""",
    )
)
_VOICES = (
    "en-us", "en-gb", "en-us+f2", "en-us+m3", "en-gb+f4", "de", "fr", "es", "it", "en-us+m7", "en-us+croak", "pt",
)  # fmt: skip


@dataclass(frozen=True)
class Phrase:
    """What is said, in which voice of eSpeak NG, how fast (words per minute) and how high (0 to 99)."""

    text: str
    voice: str
    speed: int
    pitch: int


def draw_phrases(count: int = COUNT, seed: int = SEED) -> list[Phrase]:
    """Phrases of three to ten words; the same for the same seed."""
    rng = random.Random(seed)
    phrases = []
    for _ in range(count):
        text = " ".join(rng.choice(_WORDS) for _ in range(rng.randint(3, 10)))
        phrases.append(Phrase(text, rng.choice(_VOICES), rng.randint(120, 230), rng.randint(20, 80)))
    return phrases


def make_speech(out: Path) -> None:
    """Writes ``000.wav``, ``001.wav`` and so on, those that are not there.

    Raises:
        subprocess.CalledProcessError: eSpeak NG failed.
    """
    out.mkdir(parents=True, exist_ok=True)
    for k, phrase in enumerate(draw_phrases()):
        path = out / f"{k:03d}.wav"
        if not path.exists():
            part = path.with_suffix(".part")
            how = ("-v", phrase.voice, "-s", str(phrase.speed), "-p", str(phrase.pitch), "-w", str(part))
            subprocess.run(["espeak-ng", *how, phrase.text], check=True, capture_output=True)
            part.rename(path)
