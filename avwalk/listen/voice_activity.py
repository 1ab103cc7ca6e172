"""When somebody speaks: utterances cut out of a stream of sound, by its level against the room's own noise."""

from __future__ import annotations

from collections import deque
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Mono = NDArray[np.float32]
FRAME_S = 0.02
_BAND = (150.0, 4000.0)  # Hz: where speech is, and hum and hiss are not
_ABOVE_DB = 9.0  # over the noise
_QUIETEST_DB = -60.0  # below full scale: nothing quieter is speech
_NOISE_S = 3.0  # of which the quiet tenth is the room
_START_FRAMES = 4  # of the last 6: a click is no speech
_WINDOW = 6
_FIRST = 10  # frames in which the room is listened to before anything counts
_STEADY_DB = 2.0  # speech goes up and down by more than this; a fan that was switched on does not


class Spoken(NamedTuple):
    """An utterance.

    Attributes:
        samples: (n,) float32.
        start_s: where it begins in the stream, seconds.
        end_s: where it ends.
    """

    samples: Mono
    start_s: float
    end_s: float


class UtteranceCutter:
    """Cuts a stream into utterances.

    Args:
        rate: samples per second.
        pause_s: silence that ends an utterance.
        shortest_s: of the voice in an utterance; what is shorter is a noise.
        longest_s: of an utterance; longer ones are cut.
        before_s: what is kept before the first sound, which may be a soft consonant.
    """

    def __init__(
        self,
        rate: int,
        pause_s: float = 0.6,
        shortest_s: float = 0.14,
        longest_s: float = 20.0,
        before_s: float = 0.25,
    ) -> None:
        self._rate, self._size = rate, max(1, round(FRAME_S * rate))
        self._pause, self._shortest = round(pause_s / FRAME_S), round(shortest_s / FRAME_S)
        self._longest, self._before = round(longest_s / FRAME_S), round(before_s / FRAME_S)
        freqs = np.fft.rfftfreq(self._size, 1 / rate)
        self._bins = (freqs >= _BAND[0]) & (freqs < _BAND[1])
        self._window = np.hanning(self._size).astype(np.float32)
        self._rest: Mono = np.zeros(0, np.float32)
        self._levels: deque[float] = deque(maxlen=round(_NOISE_S / FRAME_S))
        self._recent: deque[bool] = deque(maxlen=_WINDOW)
        self._history: deque[Mono] = deque(maxlen=self._before + _WINDOW)
        self._frames: list[Mono] = []
        self._spoken_levels: list[float] = []
        self._count = self._silent = self._voiced = 0  # frames so far; silent ones at the end; voiced ones
        self._speaking = False

    @property
    def is_speaking(self) -> bool:
        """Whether somebody speaks just now."""
        return self._speaking

    @property
    def seconds(self) -> float:
        """How much of the stream was looked at."""
        return self._count * self._size / self._rate

    def push(self, samples: Mono) -> list[Spoken]:
        """Takes the next samples, (n,); gives the utterances that ended in them."""
        stream = np.concatenate([self._rest, np.asarray(samples, np.float32)])
        n = len(stream) // self._size
        self._rest = stream[n * self._size :]
        found = []
        for frame in stream[: n * self._size].reshape(n, self._size):
            if spoken := self._take(frame):
                found.append(spoken)
        return found

    def finish(self) -> list[Spoken]:
        """The utterance that was not over when the stream ended."""
        spoken = self._ended() if self._speaking else None
        return [spoken] if spoken else []

    def _take(self, frame: Mono) -> Spoken | None:
        self._count += 1
        level = self._level(frame)
        voiced = len(self._levels) >= _FIRST and level > max(
            float(np.percentile(self._levels, 10)) + _ABOVE_DB, _QUIETEST_DB
        )
        self._recent.append(voiced)
        if not self._speaking:
            self._levels.append(level)
            self._history.append(frame)
            if sum(self._recent) >= _START_FRAMES:
                self._speaking, self._frames, self._silent = True, list(self._history), 0
                self._voiced, self._spoken_levels = sum(self._recent), []
            return None
        self._frames.append(frame)
        self._spoken_levels.append(level)
        self._voiced += voiced
        if not voiced:  # while somebody speaks, the room is what is between the words
            self._levels.append(level)
        self._silent = 0 if voiced else self._silent + 1
        if len(self._frames) >= self._longest and np.std(self._spoken_levels) < _STEADY_DB:
            self._levels.extend(self._spoken_levels)
            self._voiced = 0
        if self._silent >= self._pause or len(self._frames) >= self._longest:
            return self._ended()
        return None

    def _level(self, frame: Mono) -> float:
        """Of the band of speech, dB below full scale (Parseval; 8/3: the window's loss)."""
        power = float((np.abs(np.fft.rfft(frame * self._window)[self._bins]) ** 2).sum())
        return float(10 * np.log10(power * 2 * 8 / 3 / self._size**2 + 1e-12))

    def _ended(self) -> Spoken | None:
        frames, silent, voiced = self._frames, self._silent, self._voiced
        self._speaking, self._frames, self._silent, self._voiced = False, [], 0, 0
        self._recent.clear()
        self._history.clear()
        self._history.extend(frames[-self._before :] if silent else [])
        if voiced < self._shortest:
            return None
        cut = max(0, silent - 5)  # a tenth of a second of the pause stays: words fade
        samples = np.concatenate(frames[: len(frames) - cut])
        end = (self._count - cut) * self._size / self._rate
        return Spoken(samples, end - len(samples) / self._rate, end)
