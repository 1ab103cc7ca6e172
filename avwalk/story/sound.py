"""The sound of a story's film: the voice at its loudness, and music that makes way for it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from avwalk.audio.decode import read_song
from avwalk.contracts import Song
from avwalk.files.atomic import whole_file
from avwalk.speech.voice import Speech
from avwalk.story_music.loudness import SILENT, loudness
from avwalk.story_music.mixing import limited

Samples = NDArray[np.float32]
SAMPLE_RATE = 48_000
"""Of a film in which only a voice is heard."""
VOICE_LUFS = -18.0
"""Of the voice, one channel: played by two loudspeakers that is −15 LUFS, as loud as spoken word usually is."""
MUSIC_LUFS = -22.0
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
    with (
        whole_file(path) as part,
        soundfile.SoundFile(part, "w", samplerate=rate, channels=channels, format="FLAC", subtype="PCM_16") as file,
    ):
        for spoken in voice:
            block = spoken[:, None]
            if under is not None:
                block = limited(block + next(under), rate, PEAK)
            file.write(block)


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
            if k not in there:
                there[k] = limited(_resampled(speech, rate)[:, None] * np.float32(gain), rate, PEAK)[:, 0]
            sound = there[k]
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
    return gain_for(np.concatenate(chosen)[:, None], speeches[0].sample_rate, VOICE_LUFS) if chosen else 1.0


def gain_for(samples: Samples, rate: int, lufs: float) -> float:
    """The factor that gives (n, channels) samples a loudness; 1 for silence."""
    measured = loudness(samples, rate)
    return 1.0 if measured <= SILENT else float(10 ** ((lufs - measured) / 20))


def _resampled(speech: Speech, rate: int) -> Samples:
    from scipy.signal import resample_poly

    if speech.sample_rate == rate:
        return speech.samples
    ratio = Fraction(rate, speech.sample_rate)
    return np.asarray(resample_poly(speech.samples, ratio.numerator, ratio.denominator), np.float32)


def duck_gain(speeches: Sequence[tuple[float, Speech]], times: NDArray[np.float64]) -> Samples:
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


def _music_blocks(music: Song, speeches: Sequence[tuple[float, Speech]], n: int, rate: int) -> Iterator[Samples]:
    """Music alone, ducked and faded, (block, 2) each."""
    sound = _stereo(music, min(music.n_samples, n + rate))
    level = gain_for(sound, rate, MUSIC_LUFS if speeches else VOICE_LUFS)
    lap = max(1, len(sound) - round(OVERLAP * rate))
    block = _BLOCK_SECONDS * rate
    for a in range(0, n, block):
        b = min(n, a + block)
        out = np.zeros((b - a, 2), np.float32)
        for k in range(a // lap - 1, (b - 1) // lap + 1):
            if k >= 0:
                _add_turn(out, sound, a, k * lap, len(sound) - lap)
        times = np.arange(a, b) / rate
        gain = level * duck_gain(speeches, times) * np.clip((n / rate - times) / FADE, 0, 1)
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
