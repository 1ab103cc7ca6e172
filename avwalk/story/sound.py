"""The sound of a story's film: the voice at an even loudness, and music that makes way for it.

Loudness after ITU-R BS.1770-5: K-weighting, blocks of 400 ms, gates at −70 LUFS and 10 LU below what is left.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from avwalk.audio.decode import read_song
from avwalk.contracts import Song
from avwalk.files.atomic import whole_file
from avwalk.speech.voice import Speech

Samples = NDArray[np.float32]
SAMPLE_RATE = 48_000
"""Of a film in which only a voice is heard."""
VOICE_LUFS = -18.0
"""Of the voice: −16 is usual for spoken word in stereo; less leaves its peaks as they are."""
MUSIC_LUFS = -24.0
"""Of music under a story, where nobody speaks."""
DUCK_DB = -10.0
"""How much softer music is while somebody speaks."""
PEAK = 10 ** (-1.5 / 20)
"""No sample is larger."""
ATTACK, RELEASE = 0.35, 0.9
"""Seconds in which music makes way, before the voice, and comes back, after it."""
FADE = 3.0
"""Seconds in which music ends."""
OVERLAP = 2.0
"""Seconds over which music that is too short begins again."""
_BLOCK_SECONDS = 10


class Loudness(NamedTuple):
    """What was measured of a sound.

    Attributes:
        lufs: integrated loudness; −inf: silence.
        peak: largest sample, 1 is full scale.
    """

    lufs: float
    peak: float


def loudness(samples: Samples, sample_rate: int) -> Loudness:
    """Integrated loudness and peak of (n,) or (n, channels) samples."""
    from scipy.signal import lfilter  # late: it takes a while

    channels = samples.reshape(len(samples), -1).astype(np.float64)
    if not len(channels):
        return Loudness(-np.inf, 0.0)
    for b, a in k_weighting(sample_rate):
        weighted = lfilter(b, a, channels, axis=0)
        channels = weighted
    block, hop = round(0.4 * sample_rate), round(0.1 * sample_rate)
    energy = np.concatenate([[0.0], np.cumsum((channels**2).sum(axis=1))])
    starts = np.arange(0, max(1, len(channels) - block + 1), hop)
    stops = np.minimum(starts + block, len(channels))
    power = (energy[stops] - energy[starts]) / np.maximum(stops - starts, 1)
    level = -0.691 + 10 * np.log10(np.maximum(power, 1e-20))
    loud = power[level > -70]
    if not len(loud):
        return Loudness(-np.inf, float(np.abs(samples).max()))
    gate = -0.691 + 10 * np.log10(loud.mean()) - 10
    kept = power[(level > -70) & (level > gate)]
    return Loudness(float(-0.691 + 10 * np.log10(kept.mean())), float(np.abs(samples).max()))


def k_weighting(sample_rate: int) -> list[tuple[NDArray[np.float64], NDArray[np.float64]]]:
    """The two filters of BS.1770 at any rate, (b, a) each: a shelf for the head, a high-pass (De Man 2014)."""
    found = []
    for kind, f0, q, gain in (("shelf", 1681.974450955533, 0.7071752369554196, 3.999843853973347),
                              ("highpass", 38.13547087602444, 0.5003270373238773, 0.0)):  # fmt: skip
        k = np.tan(np.pi * f0 / sample_rate)
        a0 = 1 + k / q + k * k
        if kind == "shelf":
            vh = 10 ** (gain / 20)
            vb = vh**0.4996667741545416
            b = [(vh + vb * k / q + k * k) / a0, 2 * (k * k - vh) / a0, (vh - vb * k / q + k * k) / a0]
        else:
            b = [1.0, -2.0, 1.0]
        found.append((np.array(b), np.array([1.0, 2 * (k * k - 1) / a0, (1 - k / q + k * k) / a0])))
    return found


def gain_for(measured: Loudness, lufs: float) -> float:
    """The factor that gives a sound a loudness, or less where its peaks would be too large."""
    if not np.isfinite(measured.lufs):
        return 1.0
    return min(10 ** ((lufs - measured.lufs) / 20), PEAK / max(measured.peak, 1e-9))


def write_sound(
    path: Path,
    speeches: Sequence[tuple[float, Speech]],
    seconds: float,
    music: Song | None = None,
) -> None:
    """Writes the sound of a film as FLAC: a voice, music, or both.

    Args:
        path: the file.
        speeches: when each begins, ascending, seconds; none: nobody speaks.
        seconds: length of the film.
        music: played under it from the start, again and again where it is shorter.

    Raises:
        OutputError: it cannot be written.
    """
    import soundfile

    rate = music.sample_rate if music else SAMPLE_RATE
    n, channels = max(1, round(seconds * rate)), 2 if music else 1
    voice = _voice_blocks(speeches, n, rate)
    under = _music_blocks(music, speeches, n, rate) if music else None
    with whole_file(path) as part, soundfile.SoundFile(
        part, "w", samplerate=rate, channels=channels, format="FLAC", subtype="PCM_16"
    ) as file:
        for spoken in voice:
            block = spoken[:, None]
            if under is not None:
                block = _limited(block + next(under))
            file.write(block)


def _limited(block: Samples) -> Samples:
    """A sum of voice and music whose peaks stay below full scale: above the knee they are bent (tanh), not cut."""
    knee = PEAK * 0.8
    size = np.abs(block)
    bent = knee + (PEAK - knee) * np.tanh((size - knee) / (PEAK - knee))
    return np.where(size > knee, np.sign(block) * bent, block).astype(np.float32)


def _voice_blocks(speeches: Sequence[tuple[float, Speech]], n: int, rate: int) -> Iterator[Samples]:
    """The voice alone, in blocks."""
    gain = _voice_gain([speech for _, speech in speeches])
    begun = [round(at * rate) for at, _ in speeches]
    there: dict[int, Samples] = {}
    block = _BLOCK_SECONDS * rate
    for a in range(0, n, block):
        b = min(n, a + block)
        out = np.zeros(b - a, np.float32)
        for k, (_, speech) in enumerate(speeches):
            stop = begun[k] + int(speech.seconds * rate) + 2
            if begun[k] >= b or stop <= a:
                there.pop(k, None)
                continue
            sound = there.setdefault(k, _resampled(speech, rate) * np.float32(gain))
            lo, hi = max(a, begun[k]), min(b, begun[k] + len(sound))
            if lo < hi:
                out[lo - a : hi - a] += sound[lo - begun[k] : hi - begun[k]]
        yield out


def _voice_gain(speeches: Sequence[Speech]) -> float:
    """One factor for all of a voice: it stays louder where it is louder. Measured on up to five minutes of it."""
    chosen, total = list[Samples](), 0
    for speech in speeches:
        if total > 300 * speech.sample_rate:
            break
        chosen.append(speech.samples)
        total += len(speech.samples)
    if not chosen:
        return 1.0
    measured = loudness(np.concatenate(chosen), speeches[0].sample_rate)
    peak = max(float(np.abs(speech.samples).max(initial=0.0)) for speech in speeches)
    return gain_for(measured._replace(peak=peak), VOICE_LUFS)


def _resampled(speech: Speech, rate: int) -> Samples:
    from scipy.signal import resample_poly

    if speech.sample_rate == rate:
        return speech.samples
    ratio = Fraction(rate, speech.sample_rate)
    return np.asarray(resample_poly(speech.samples, ratio.numerator, ratio.denominator), np.float32)


def duck(speeches: Sequence[tuple[float, Speech]], times: NDArray[np.float64]) -> Samples:
    """How loud music is at times, 0 to 1: it makes way before a voice and comes back after it; never abruptly.

    Args:
        speeches: when each begins, and what is said.
        times: (n,) seconds, ascending.
    """
    low = 10 ** (DUCK_DB / 20)
    share = np.zeros(len(times))  # how much it makes way
    for at, speech in speeches:
        end = at + speech.seconds
        a, b = np.searchsorted(times, [at - ATTACK, end + RELEASE])
        t = times[a:b]
        ramp = np.minimum(np.clip((t - at + ATTACK) / ATTACK, 0, 1), np.clip((end + RELEASE - t) / RELEASE, 0, 1))
        share[a:b] = np.maximum(share[a:b], ramp * ramp * (3 - 2 * ramp))
    return np.asarray(low**share, np.float32)


def _music_blocks(
    music: Song, speeches: Sequence[tuple[float, Speech]], n: int, rate: int
) -> Iterator[Samples]:
    """Music alone, ducked and faded, (block, 2) each."""
    sound = _stereo(music, min(music.n_samples, n + rate))
    level = gain_for(loudness(sound, rate), MUSIC_LUFS if speeches else VOICE_LUFS)
    lap = max(1, len(sound) - round(OVERLAP * rate))
    block = _BLOCK_SECONDS * rate
    for a in range(0, n, block):
        b = min(n, a + block)
        out = np.zeros((b - a, 2), np.float32)
        for k in range(a // lap - 1, (b - 1) // lap + 1):
            if k >= 0:
                _add_turn(out, sound, a, k * lap, len(sound) - lap)
        times = np.arange(a, b) / rate
        gain = level * duck(speeches, times) * np.clip((n / rate - times) / FADE, 0, 1)
        yield out * gain[:, None].astype(np.float32)


def _add_turn(out: Samples, sound: Samples, a: int, begin: int, overlap: int) -> None:
    """Adds one turn of music that is played again: it comes in while the one before goes, with equal power."""
    lo, hi = max(a, begin), min(a + len(out), begin + len(sound))
    if lo >= hi:
        return
    at = np.arange(lo, hi) - begin
    coming = np.clip(at / max(1, overlap), 0, 1) if begin else 1.0
    share = np.sqrt(coming * np.clip((len(sound) - at) / max(1, overlap), 0, 1))
    out[lo - a : hi - a] += sound[lo - begin : hi - begin] * share[:, None].astype(np.float32)


def _stereo(music: Song, stop: int) -> Samples:
    blocks = [block if block.shape[1] > 1 else np.repeat(block, 2, axis=1) for block in read_song(music, 0, stop)]
    sound = np.concatenate(blocks)
    return np.ascontiguousarray(sound[:, :2])
