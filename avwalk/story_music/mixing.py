"""The mix: notes at their places, each voice with its level and room, and a master that neither clips nor clicks."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from avwalk.story_music.instruments import sound_of
from avwalk.story_music.loudness import SILENT, loudness
from avwalk.story_music.score import Note, Section

Stereo = NDArray[np.float32]
LOUDNESS = -16.0
"""LUFS of a piece."""
CEILING = 10 ** (-1.5 / 20)
"""Largest sample."""
_RANGE = 9.0
"""LU between moods of arousal 0 and 1."""
_FADER = 9.0
"""dB by which a section may be turned up or down at most."""
_LEVELS = {  # dB; and how much goes to the room
    "pad": (-5.0, 0.35),
    "strings": (-7.0, 0.4),
    "piano": (-4.0, 0.3),
    "pluck": (-6.5, 0.3),
    "bells": (-10.0, 0.5),
    "bass": (-10.0, 0.02),
    "drum": (-8.5, 0.1),
    "tom": (-8.0, 0.2),
    "shaker": (-17.0, 0.1),
    "cymbal": (-17.0, 0.3),
}


def mixed(notes: Sequence[Note], sections: Sequence[Section], rate: int) -> Stereo:
    """The sound of notes, (round(seconds · rate), 2), mastered to `LOUDNESS`; it begins and ends in silence."""
    n = round(sections[-1].end * rate)
    dry, send = np.zeros((n, 2), np.float32), np.zeros((n, 2), np.float32)
    for note in notes:
        level, room = _LEVELS[note.voice]
        sound = sound_of(note.voice, note.pitch, note.seconds, note.velocity, rate)
        first = round(note.start * rate)
        sound = sound[: max(0, n - first)]
        angle = (note.pan + 1) * np.pi / 4
        gain = 10 ** (level / 20) * note.velocity**1.2 * np.sqrt(2)
        placed = sound[:, None] * np.array([np.cos(angle), np.sin(angle)], np.float32) * np.float32(gain)
        dry[first : first + len(sound)] += placed
        send[first : first + len(sound)] += placed * np.float32(room)
    return _mastered(_balanced(dry + _room(send, rate), sections, rate), rate)


def _room(x: Stereo, rate: int, decay: float = 2.0) -> Stereo:
    """A hall: noise in three bands, each with its own decay, after 20 ms. ``decay``: RT60 in seconds."""
    from scipy.signal import oaconvolve

    n = round(1.2 * decay * rate)
    t = np.arange(n)[:, None] / rate
    f = np.fft.rfftfreq(n, 1 / rate)
    response = np.zeros((n, 2))
    for k, (low, high, speed) in enumerate(((200, 900, 1.0), (900, 3500, 0.8), (3500, 8000, 0.5))):
        noise = np.random.default_rng([k, 0x4A11]).standard_normal((n, 2))
        gain = (1 / np.sqrt(1 + (f / high) ** 4) * f**2 / np.sqrt(low**4 + f**4))[:, None]
        response += np.fft.irfft(np.fft.rfft(noise, axis=0) * gain, n, axis=0) * np.exp(-6.9 * t / (decay * speed))
    response *= np.minimum(1, t / 0.015)
    response /= np.sqrt((response**2).sum(axis=0))
    early = np.zeros((round(0.02 * rate), 2))
    wet = oaconvolve(x, np.concatenate([early, response]).astype(np.float32), axes=0)[: len(x)]
    return np.asarray(wet, np.float32)


def _balanced(x: Stereo, sections: Sequence[Section], rate: int) -> Stereo:
    """Each section as loud as its mood asks for: a fader that moves for 0.6 s where one goes over into the next."""
    gains = []
    for section in sections:
        part = x[round(section.start * rate) : round(section.end * rate)]
        wanted = LOUDNESS - 4.0 + _RANGE * (section.mood.arousal - 0.5)
        gains.append(float(np.clip(wanted - loudness(part, rate), -_FADER, _FADER)))
    mean = float(np.mean(gains))  # as a whole it is made as loud as it should be later on
    turn = [min(0.3, 0.25 * (section.end - section.start)) for section in sections]
    times, levels = [0.0], [gains[0] - mean]
    for before, section, gain in zip(range(len(gains)), sections[1:], gains[1:], strict=False):
        times += [section.start - turn[before], section.start + turn[before + 1]]
        levels += [gains[before] - mean, gain - mean]
    fader = np.interp(np.arange(len(x)) / rate, times, levels)
    return np.asarray(x * (10 ** (fader / 20)).astype(np.float32)[:, None], np.float32)


def _mastered(x: Stereo, rate: int) -> Stereo:
    """No rumble, the loudness asked for, no sample above the ceiling, silence at both ends."""
    from scipy.signal import butter, sosfilt

    sections = np.vstack([butter(2, 28, "highpass", fs=rate, output="sos"), _shelf(rate, 2200.0, 5.0)])
    x = np.asarray(sosfilt(sections, x, axis=0), np.float32)
    ends = _ends(len(x), rate)
    x *= ends
    for _ in range(3):  # limiting takes some loudness away: come near in steps
        measured = loudness(x, rate)
        if measured <= SILENT:
            return x
        x = limited(x * np.float32(10 ** ((LOUDNESS - measured) / 20)), rate, CEILING)
    return x


def _shelf(rate: int, corner: float, gain_db: float) -> NDArray[np.float64]:
    """A high shelf as a second-order section (Bristow-Johnson's cookbook, slope 1)."""
    a, w = 10 ** (gain_db / 40), 2 * np.pi * min(corner, 0.4 * rate) / rate
    cos, beta = np.cos(w), np.sqrt(2 * a) * np.sin(w)
    b = a * np.array([(a + 1) + (a - 1) * cos + beta, -2 * ((a - 1) + (a + 1) * cos), (a + 1) + (a - 1) * cos - beta])
    c = np.array([(a + 1) - (a - 1) * cos + beta, 2 * ((a - 1) - (a + 1) * cos), (a + 1) - (a - 1) * cos - beta])
    return np.asarray(np.concatenate([b, c])[None] / c[0], np.float64)


def _ends(n: int, rate: int) -> Stereo:
    rise, fall = max(2, min(n // 4, round(0.004 * rate))), max(2, min(n // 3, round(2.5 * rate)))
    at = np.arange(n)
    up = 0.5 - 0.5 * np.cos(np.pi * np.minimum(1, at / rise))
    down = 0.5 - 0.5 * np.cos(np.pi * np.minimum(1, at[::-1] / fall))
    return np.asarray(up * down, np.float32)[:, None]


def limited(x: Stereo, rate: int, ceiling: float) -> Stereo:
    """A limiter that sees 5 ms ahead and lets go in 100 ms: gain alone, so nothing is distorted by shape."""
    from scipy.ndimage import minimum_filter1d, uniform_filter1d

    need = np.minimum(1.0, ceiling / np.maximum(np.abs(x).max(axis=1), 1e-9))
    if need.min() >= 1.0:
        return x
    ahead = max(1, round(0.005 * rate))
    held = minimum_filter1d(need, 2 * ahead + 1)
    block = 32
    lows = np.pad(held, (0, -len(held) % block), mode="edge").reshape(-1, block).min(axis=1)
    fall, gain = float(np.exp(-block / rate / 0.1)), np.empty_like(lows)
    at = 1.0
    for k, low in enumerate(lows):
        at = min(low, 1 - (1 - at) * fall)
        gain[k] = at
    smooth = minimum_filter1d(np.minimum(np.repeat(gain, block)[: len(held)], held), ahead)
    gains = np.minimum(uniform_filter1d(smooth, ahead), need)
    return np.asarray(x * gains[:, None], np.float32)
