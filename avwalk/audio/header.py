"""`Header`: format, length and tags of a sound file, known before it is decoded."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Header:
    """Format, length and tags of a sound file, and the reader that decodes it.

    Attributes:
        reader: which module decodes it.
        sample_rate: samples per second.
        channels: number of channels.
        codec: name as FFmpeg spells it.
        n_samples: exact samples per channel, or None where only a full decode tells.
        claimed: samples per channel according to the file; None: not stated.
        may_hold_nan: floating-point samples, which may be NaN or infinite.
        title: from its tags, or None.
        artist: from its tags, or None.
        speakers: a name for each channel; empty where the file does not say.
        track: which of the file's audio tracks it is, from 1.
        regular: its times have no gaps, so that a place inside can be found by them.
        warnings: tolerable defects, one line each.
    """

    reader: Literal["soundfile", "pyav"]
    sample_rate: int
    channels: int
    codec: str
    n_samples: int | None
    claimed: int | None = None
    may_hold_nan: bool = False
    title: str | None = None
    artist: str | None = None
    speakers: tuple[str, ...] = ()
    track: int = 1
    regular: bool = True
    warnings: tuple[str, ...] = ()


def clean_tag(text: str | None) -> str | None:
    """A tag as one short printable line; None when nothing is left of it."""
    line = " ".join("".join(c if c.isprintable() else " " for c in text or "").split())
    return line[:200] or None
