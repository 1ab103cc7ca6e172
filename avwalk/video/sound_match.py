"""Verifies that a film's audio is the song and in sync, by cross-correlation of a few windows."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from avwalk.arrays.speakers import Speakers, guess_speakers, mains, remixed
from avwalk.errors import VideoError
from avwalk.files.media import open_media
from avwalk.files.sound_stream import FloatFrames, sound_stream, speakers_of

_RATE = 8000  # Hz; a lag is known to 1/8 ms
_WINDOW = 3.0  # s
_WINDOWS = 4
_REACH = 0.2  # s, largest lag looked for
_QUIET = 1e-4  # rms below which a window says nothing
_EQUAL = 0.01  # correlations so near to the best count as equal; the lag nearest 0 wins


def match(
    video: Path,
    sound: Callable[[int, int], NDArray[np.float32]],
    sample_rate: int,
    n_samples: int,
    audio_duration: Fraction,
    speakers: Speakers = (),
    origin: Fraction = Fraction(0),
) -> tuple[float, float]:
    """Lag of the film's sound in ms (positive: late) and its correlation with the song.

    Of the windows, spread over the song, the worst of each is given; silent ones are left out, and a film of
    silence matches a song of silence.

    Args:
        video: the film.
        sound: gives samples [a, b) of the song, (b − a, channels) float32.
        sample_rate: of the song, Hz.
        n_samples: of the song.
        audio_duration: of the film's sound, seconds.
        speakers: of the song; the film may have others, and is compared with what they make of it.
        origin: time of the film's first picture, seconds; from there both count.

    Raises:
        VideoError: the film's sound does not decode.
    """
    length = min(n_samples / sample_rate, float(audio_duration))
    width = min(_WINDOW, length)
    lag_ms, correlation = 0.0, 1.0
    for begin in sorted({round(k * (length - width) / (_WINDOWS - 1), 3) for k in range(_WINDOWS)}):
        a = round(begin * sample_rate)
        b = min(n_samples, a + round(width * sample_rate))
        t0 = a / sample_rate
        n = max(2, int((b - a) / sample_rate * _RATE))
        film, heard_from, channels = _heard(video, t0 - _REACH, n + 2 * int(_REACH * _RATE), origin)
        if b <= a:  # nothing of the song is left to be heard in it
            return 0.0, 0.0
        whole = sound(a, b)
        placed = remixed(whole, guess_speakers(speakers, whole.shape[1]), heard_from, channels)
        song = _at_rate(placed[:, mains(heard_from, channels)], sample_rate, 0.0, n)
        quiet = [float(np.sqrt(np.mean(x * x))) < _QUIET for x in (song, film)]
        if all(quiet):
            continue
        lag, r = (0.0, 0.0) if any(quiet) else _best_lag(song, film)
        correlation = min(correlation, r)
        lag_ms = max(lag_ms, lag, key=abs)
    return lag_ms, correlation


def _best_lag(song: NDArray[np.float64], film: NDArray[np.float64]) -> tuple[float, float]:
    """Lag in ms and correlation; ``film`` has ``_REACH`` more on both sides."""
    n, reach = len(song), (len(film) - len(song)) // 2
    size = 1 << (len(film) + n).bit_length()
    product = np.fft.irfft(np.fft.rfft(film, size) * np.conj(np.fft.rfft(song, size)), size)[: 2 * reach + 1]
    energy = np.concatenate([[0.0], np.cumsum(film * film)])
    scale = np.sqrt((energy[n : n + 2 * reach + 1] - energy[: 2 * reach + 1]) * (song @ song))
    r = np.where(scale > 1e-9, product / np.maximum(scale, 1e-9), 0.0)
    lags = np.arange(-reach, reach + 1)
    near = np.flatnonzero(r >= r.max() - _EQUAL)
    # of a plateau around one peak take the peak itself
    centre = near[np.argmin(np.abs(lags[near]))]
    lo, hi = max(0, centre - 4), min(len(r), centre + 5)
    peak = lo + int(np.argmax(r[lo:hi]))
    return float(lags[peak]) * 1000.0 / _RATE, float(r[peak])


def _at_rate(samples: NDArray[np.float32], rate: int, offset: float, n: int) -> NDArray[np.float64]:
    """Mono, ``n`` values at 8 kHz from ``offset`` seconds on: the mean over each of their spans.

    The integral of the sound is interpolated, which serves every pair of rates.
    """
    mono = samples.mean(axis=1, dtype=np.float64)
    integral = np.concatenate([[0.0], np.cumsum(mono)])
    edges = (offset + np.arange(n + 1) / _RATE) * rate
    return np.asarray(np.diff(np.interp(edges, np.arange(len(integral)), integral)) * _RATE / rate)


def _heard(video: Path, start: float, n: int, origin: Fraction) -> tuple[NDArray[np.float64], Speakers, int]:
    """`_film`; what FFmpeg cannot read or say is one error.

    Raises:
        VideoError: the film's sound does not decode.
    """
    import av

    try:
        return _film(video, start, n, origin)
    except (av.error.FFmpegError, ValueError, LookupError, OverflowError) as error:  # damaged tags are no text
        reason = getattr(error, "strerror", None) or "it is damaged"
        raise VideoError(f"the sound of '{video}' does not decode: {reason}; render it anew") from None


def _film(video: Path, start: float, n: int, origin: Fraction) -> tuple[NDArray[np.float64], Speakers, int]:
    """``n`` values of the film's sound at 8 kHz from ``start`` seconds on, silence outside of it; its speakers.

    Seconds count from ``origin``.
    """
    with open_media(video) as container:
        stream, speakers = sound_stream(container)
        rate, channels = stream.codec_context.sample_rate, stream.codec_context.layout.nb_channels
        first = round(start * rate)
        held = np.zeros((int(n / _RATE * rate) + 2, 1), np.float32)
        base = stream.time_base or Fraction(1)
        as_float = FloatFrames()
        if start > 1.0:  # half a second ahead: decoders need a packet or two to settle
            container.seek(int((start + float(origin) - 0.5) / base), stream=stream)
        following: int | None = None
        for frame in container.decode(stream):
            speakers, channels = speakers_of(frame.layout) or speakers, frame.layout.nb_channels
            at = round(((frame.pts or 0) * base - origin) * rate) - first
            if following is not None and abs(at - following) <= base * rate:  # times rounded to a tick
                at = following
            following = at + frame.samples
            if at >= len(held):
                break
            mono = as_float(frame)[:, mains(speakers, channels)].mean(axis=1)
            lo, hi = max(0, at), min(len(held), at + len(mono))
            if hi > lo:
                held[lo:hi, 0] = mono[lo - at : hi - at]
    return _at_rate(held, rate, start - first / rate, n), speakers, channels
