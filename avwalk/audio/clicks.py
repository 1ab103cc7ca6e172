"""A song with clicks on what was found in it: to hear whether beats, bars and drums are right.

A bar is a high click, a beat a lower one, both in the middle; a kick is low and to the left, a snare a short noise in
the middle, a hat very high and to the right. Each begins on the sample nearest to its time. Levels are such that
nothing clips, even where all sound at once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from avwalk.contracts import Song
from avwalk.errors import OptionError, OutputError
from avwalk.files.atomic import whole_file

FORMATS = {".wav": "WAV", ".flac": "FLAC"}
SONG_PEAK = 0.4
_MAX_GAIN = 10.0  # of a quiet song: silence stays silence
_LEVELS = {  # left and right; with the song 0.98 at most in one channel
    "bar": (0.22, 0.22),
    "beat": (0.14, 0.14),
    "kick": (0.12, 0.02),
    "snare": (0.1, 0.1),
    "hat": (0.0, 0.1),
}
_PITCHES = {"bar": (1976.0, 0.012), "beat": (1319.0, 0.010), "kick": (165.0, 0.015), "hat": (7000.0, 0.004)}  # Hz, s
_SNARE_DECAY = 0.008  # seconds
_LENGTH = 5  # decays until a sound has gone

Times = NDArray[np.float64]


def check_suffix(path: Path) -> None:
    """Raises `OptionError` if clicks cannot be written to a file of this name."""
    if path.suffix.lower() not in FORMATS:
        raise OptionError(f"'{path.name}' is no sound file that clicks go to; give a name that ends in .wav or .flac")


def marks_of(beats: Times, bars: Times, hits: Mapping[str, Times]) -> dict[str, Times]:
    """What clicks: ``bar``, ``beat`` (those that begin no bar), ``kick``, ``snare``, ``hat`` → seconds."""
    drums = {name: hits[name] for name in ("kick", "snare", "hat") if name in hits}
    return {"bar": bars, "beat": beats[~np.isin(beats, bars)], **drums}


def write_clicks(
    song: Song, read: Callable[[], Iterable[NDArray[np.float32]]], marks: Mapping[str, Times], path: Path
) -> None:
    """Writes the song with clicks, in stereo, at its own sample rate.

    Args:
        song: probed.
        read: gives its sound from the beginning, (n, channels) float32; called twice.
        marks: from `marks_of`.
        path: ``.wav`` or ``.flac``; it appears when it is whole.

    Raises:
        OptionError: another kind of file.
        OutputError: it cannot be written.
    """
    import soundfile

    check_suffix(path)
    peak = max((float(np.abs(_stereo(block)).max(initial=0.0)) for block in read()), default=0.0)
    gain = np.float32(min(_MAX_GAIN, SONG_PEAK / max(peak, 1e-9)))
    kind = FORMATS[path.suffix.lower()]
    try:
        with (
            whole_file(path) as part,
            soundfile.SoundFile(part, "w", song.sample_rate, 2, "PCM_16", format=kind) as file,
        ):
            for block in with_clicks(read(), marks, song.sample_rate, gain):
                file.write(block)
    except soundfile.LibsndfileError as error:
        raise OutputError(f"'{path}' cannot be written: {error}; give a .wav instead") from None


def with_clicks(
    blocks: Iterable[NDArray[np.float32]], marks: Mapping[str, Times], rate: int, gain: np.float32
) -> Iterator[NDArray[np.float32]]:
    """Blocks of the song with clicks, (n, 2) float32 within ± 1.

    Args:
        blocks: the song, (n, channels) float32.
        marks: from `marks_of`.
        rate: samples per second.
        gain: of the song, whose peak is at most `SONG_PEAK` with it.
    """
    sounds = {name: _sound(name, rate) for name in marks}
    starts = {name: np.unique(np.rint(np.maximum(times, 0) * rate).astype(np.int64)) for name, times in marks.items()}
    at = 0
    for block in blocks:
        out = _stereo(block) * gain
        for name, sound in sounds.items():
            _add(out, at, starts[name], sound, _LEVELS[name])
        at += len(out)
        yield out


def _add(
    out: NDArray[np.float32], at: int, starts: NDArray[np.int64], sound: NDArray[np.float32], level: tuple[float, float]
) -> None:
    """Adds a sound to a block that begins at sample ``at``. One that is followed by the next of its kind ends there."""
    first = int(np.searchsorted(starts, at - len(sound), "right"))
    last = int(np.searchsorted(starts, at + len(out)))
    for k in range(first, last):
        start = int(starts[k])
        end = min(start + len(sound), int(starts[k + 1]) if k + 1 < len(starts) else start + len(sound), at + len(out))
        begin = max(start, at)
        if end > begin:
            out[begin - at : end - at] += sound[begin - start : end - start, None] * np.array(level, np.float32)


def _sound(name: str, rate: int) -> NDArray[np.float32]:
    """A click, (n,) float32 within ± 1, loudest on its first sample."""
    if name == "snare":
        time = np.arange(int(_LENGTH * _SNARE_DECAY * rate) + 1) / rate
        noise = np.random.default_rng(7).uniform(-1.0, 1.0, len(time))
        noise[0] = 1.0
        return (noise * np.exp(-time / _SNARE_DECAY)).astype(np.float32)
    pitch, decay = _PITCHES[name]
    time = np.arange(int(_LENGTH * decay * rate) + 1) / rate
    return (np.cos(2 * np.pi * min(pitch, 0.4 * rate) * time) * np.exp(-time / decay)).astype(np.float32)


def _stereo(block: NDArray[np.float32]) -> NDArray[np.float32]:
    """(n, 2): two channels as they are; one, or the mean of more, in both."""
    if block.shape[1] == 2:
        return block
    return np.repeat(block.mean(axis=1, dtype=np.float32)[:, None], 2, axis=1)
