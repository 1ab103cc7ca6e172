"""The frame clock: frame i is shown at i / fps, with fps an exact fraction."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from fractions import Fraction

from avwalk.errors import OptionError, clipped

MAX_FPS = 240
MAX_TIME = 10**9  # seconds: whole numbers of more are as far away
_TIME = re.compile(r"\s*(-?)(?:(?:(\d{1,6}):)?(\d{1,2}):)?(\d{1,9}(?:\.\d{0,60})?|\.\d{1,60})\s*s?\s*", re.ASCII)
MAX_DENOMINATOR = 100_000
_FPS = re.compile(r"[+-]?(?:\d{1,9}/\d{1,9}|(?:\d{1,9}(?:\.\d{0,30})?|\.\d{1,30})(?:[eE][+-]?\d{1,2})?)", re.ASCII)
_NTSC = {  # the names that people type for n·1000/1001
    "23.976": Fraction(24000, 1001),
    "23.98": Fraction(24000, 1001),
    "29.97": Fraction(30000, 1001),
    "59.94": Fraction(60000, 1001),
    "119.88": Fraction(120000, 1001),
}


def parse_fps(text: str | int | float | Fraction) -> Fraction:
    """``"30"``, ``"12.5"``, ``"30000/1001"`` or ``"29.97"`` (which means 30000/1001) as a fraction.

    Raises:
        OptionError: not a number, ≤ 0, or above 240.
    """
    key = str(text).strip()
    shown = clipped(key)
    try:
        if not _FPS.fullmatch(key):  # before anything is computed: the fraction of 1e999999999 fills the memory
            raise ValueError
        fps = _NTSC.get(key) or Fraction(key).limit_denominator(MAX_DENOMINATOR)
    except (ValueError, ZeroDivisionError):
        raise OptionError(f"fps '{shown}' is not a number; give for example 30, 29.97 or 30000/1001") from None
    if not 0 < fps <= MAX_FPS:
        raise OptionError(f"fps {shown} is out of range; it must be above 0 and at most {MAX_FPS}")
    return fps


def round_half_up(x: Fraction) -> int:
    """Nearest integer; halves go up. ``round()`` would send 0.5 to 0 and 1.5 to 2, an uneven clock."""
    return math.floor(x + Fraction(1, 2))


def seconds_to_fraction(seconds: float) -> Fraction:
    """Seconds as a decimal fraction: 0.1 is 1/10, not the nearest binary fraction."""
    return Fraction(repr(float(seconds)))


@dataclass(frozen=True)
class Clock:
    """Frames against samples for one song.

    Attributes:
        fps: frames per second.
        sample_rate: samples per second of the song.
        n_samples: length of the song in samples (per channel), ≥ 1.
    """

    fps: Fraction
    sample_rate: int
    n_samples: int

    @property
    def n_frames(self) -> int:
        """``max(1, round(n_samples / sample_rate * fps))``."""
        return max(1, round_half_up(Fraction(self.n_samples, self.sample_rate) * self.fps))

    @property
    def duration(self) -> Fraction:
        """Length of the song in seconds."""
        return Fraction(self.n_samples, self.sample_rate)

    def frame(self, seconds: float | Fraction) -> int:
        """The frame nearest to a time."""
        exact = seconds if isinstance(seconds, Fraction) else seconds_to_fraction(seconds)
        return round_half_up(exact * self.fps)

    def time(self, frame: int) -> Fraction:
        """When a frame is shown, in seconds."""
        return frame / self.fps

    def sample(self, frame: int) -> int:
        """The sample at which a frame begins to be shown (the cut for excerpts)."""
        return round_half_up(frame / self.fps * self.sample_rate)

    def span(self, start: float | None, duration: float | None) -> tuple[int, int]:
        """Frames [i0, i1) for ``--start`` and ``--duration`` (seconds); the whole song for None.

        Raises:
            OptionError: a negative start, a duration that holds no frame, or a start past the end.
        """
        end = self.n_frames
        if start is not None and (not math.isfinite(start) or start < 0):
            raise OptionError(f"--start {start:g} is negative; give a time from 0 to {float(self.duration):.2f} s")
        if duration is not None and (not math.isfinite(duration) or duration < 1e-9):
            raise OptionError(f"--duration {duration:g} holds nothing; give seconds above 0")
        begin = seconds_to_fraction(start or 0.0)
        i0 = self.frame(begin)
        if i0 >= end:
            raise OptionError(f"--start {start:g} is past the end of the song ({float(self.duration):.2f} s)")
        if duration is None:
            return i0, end
        i1 = min(end, self.frame(begin + seconds_to_fraction(duration)))
        if i1 <= i0:
            raise OptionError(f"--duration {duration:g} is less than one frame at {float(self.fps):g} fps")
        return i0, i1


def parse_time(text: str | int | float) -> float:
    """Seconds from ``"83.5"``, ``"1:23.5"`` or ``"1:02:03"``.

    Raises:
        OptionError: not a time.
    """
    if isinstance(text, int | float):
        return float(max(-MAX_TIME, min(MAX_TIME, text))) if isinstance(text, int) else text
    match = _TIME.fullmatch(text) if isinstance(text, str) else None
    if not match:
        raise OptionError(f"time '{clipped(text)}' is not understood; give seconds (83.5) or minutes (1:23.5)")
    sign, hours, minutes, seconds = match.groups()
    value = int(hours or 0) * 3600 + int(minutes or 0) * 60 + float(seconds)
    return -value if sign else value
