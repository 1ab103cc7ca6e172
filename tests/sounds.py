"""Files of sound with a tone of its own in every channel."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
from av.stream import Disposition

from avwalk.files.sound_stream import sound_frame, speakers_of

RATE = 48000


def tones(layout: str, seconds: float = 1.0) -> tuple[np.ndarray, tuple[str, ...]]:
    """One tone after the other from one speaker after the other, (n, channels) float32; their names."""
    known = av.AudioLayout(layout)
    n, channels = round(seconds * RATE), known.nb_channels
    sound = np.zeros((n, channels), np.float32)
    each = n // channels
    for k in range(channels):  # deep enough for a subwoofer
        sound[k * each : (k + 1) * each, k] = 0.5 * np.sin(2 * np.pi * 90 * np.arange(each) / RATE)
    return sound, speakers_of(known)


def heard_from(sound: np.ndarray, channels: int) -> list[int]:
    """The loudest channel of each of so many equal parts."""
    each = len(sound) // channels
    parts = [sound[k * each + each // 4 : (k + 1) * each - each // 4] for k in range(channels)]
    return [int(np.argmax((part**2).mean(axis=0))) for part in parts]


def encoded(
    path: Path,
    sound: np.ndarray,
    layout: str,
    codec: str,
    *,
    rate: int = RATE,
    at: Callable[[int], int] = lambda n: n,
) -> None:
    """Writes a file of sound; its suffix says which container.

    Args:
        path: where it goes.
        sound: (n, channels) float32.
        layout: as FFmpeg calls it.
        codec: as FFmpeg calls it.
        rate: samples per second.
        at: gives the time stamp of each packet from its own, in samples; one below 0 leaves the packet out.
    """
    names = {".m4a": "ipod", ".mkv": "matroska", ".ts": "mpegts"}
    with av.open(str(path), "w", format=names.get(path.suffix, path.suffix[1:])) as out:
        stream: Any = out.add_stream(codec, rate=rate)
        context = stream.codec_context
        context.layout = layout
        context.format = {"aac": "fltp", "libopus": "flt", "flac": "s16", "libmp3lame": "fltp"}.get(codec, "s16")
        context.bit_rate = 96_000 * sound.shape[1]
        context.open()
        packets = []
        for start in range(0, len(sound), 4096):
            frame = sound_frame(sound[start : start + 4096], context.format.name, layout, rate)
            frame.pts, frame.time_base = start, Fraction(1, rate)
            packets += stream.encode(frame)
        for packet in [*packets, *stream.encode(None)]:
            time = at(packet.pts) if packet.pts >= 0 else packet.pts
            if time >= 0 or packet.pts < 0:
                packet.pts = packet.dts = time
                out.mux(packet)


def two_tracks(path: Path, first: np.ndarray, second: np.ndarray, rate: int = 44100) -> Path:
    """Writes a Matroska file of two tracks, (n, 1) and (n, 2) float32, of which the second is marked as the default."""
    with av.open(str(path), "w", format="matroska") as out:
        streams: list[Any] = [out.add_stream("pcm_s16le", rate=rate, layout=name) for name in ("mono", "stereo")]
        streams[0].disposition, streams[1].disposition = Disposition(0), Disposition.default
        for stream, sound in zip(streams, (first, second), strict=True):
            frame = sound_frame(sound, "s16", stream.codec_context.layout.name, rate)
            frame.pts, frame.time_base = 0, Fraction(1, rate)
            out.mux(stream.encode(frame))
            out.mux(stream.encode(None))
    return path
