"""Reader based on FFmpeg (PyAV): mp3, m4a, aac, sound of video files, and whatever soundfile cannot read.

FFmpeg takes off encoder delay itself (edit lists, LAME tags, codec delay), so the first decoded frame is the
start of the song: its time stamp is time zero. Padding at the end is taken off by the length that the
container states.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from avwalk.audio.header import Header, clean_tag

if TYPE_CHECKING:
    from av.audio.frame import AudioFrame
    from av.audio.stream import AudioStream
    from av.container import InputContainer
    from av.packet import Packet

# Formats that hold sound and point to nothing outside the file: no playlists, no image sequences, no network.
_FORMATS = (
    "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,mp3,aac,ogg,flac,wav,w64,aiff,caf,asf,avi,flv,mpeg,mpegts,"
    "ac3,eac3,ape,wv,tta,amr,au,dts,mpc,mpc8,loas,oma"
)
_PREROLL = 16384  # samples decoded ahead of a start inside the song: MDCT overlap, MP3 bit reservoir
_TRIED = 24  # frames looked at to tell sound from noise that happens to hold a frame's header
_PADDING = 4096  # at most so many samples of encoder padding at the end
_FULL_SCALE = {"u8": 128.0, "s16": 32768.0, "s32": 2147483648.0, "s64": 9223372036854775808.0}


def open_sound(path: Path) -> InputContainer:
    """Opens a local file and nothing it may point to.

    Raises:
        av.error.FFmpegError: not a file that FFmpeg reads.
    """
    import av

    # "file:" keeps a name such as "concat:a|b" or "-x" from being more than a name
    return av.open(
        f"file:{path.absolute()}",
        mode="r",
        metadata_errors="replace",
        options={"protocol_whitelist": "file", "format_whitelist": _FORMATS},
    )


def header(path: Path) -> Header | None:
    """Facts of the file, or None when FFmpeg finds no sound in it that decodes."""
    import av

    try:
        with open_sound(path) as container:
            if not container.streams.audio:
                return None
            stream = container.streams.audio[0]
            first = _first_frame(container, stream)
            if first is None:
                return None
            tags = {k.lower(): v for k, v in {**stream.metadata, **container.metadata}.items()}
            codec, family = stream.codec_context.codec.canonical_name, container.format.name
    except (av.error.FFmpegError, ValueError, IndexError):
        return None
    n_samples, claimed = _length(path, family, first)
    cut = claimed is not None and n_samples is not None and claimed - n_samples > _PADDING
    return Header(
        reader="pyav",
        sample_rate=first.sample_rate,
        channels=first.layout.nb_channels,
        codec=codec,
        n_samples=n_samples,
        claimed=claimed,
        may_hold_nan=codec.startswith("pcm_f"),
        title=clean_tag(tags.get("title")),
        artist=clean_tag(tags.get("artist")),
        warnings=("the file is cut short; what is there is used",) if cut else (),
    )


def blocks(path: Path, facts: Header, start: int, block: int) -> Iterator[NDArray[np.float32]]:
    """Samples from ``start`` on, (n, channels) float32, n ≤ block; packets that do not decode are silence.

    Ends where the sound changes its rate or channels, or where the file stops making sense.
    """
    held: list[NDArray[np.float32]] = []
    n_held = 0
    for samples in _trim_padding(_samples(path, facts, start), start, facts.n_samples):
        held.append(samples)
        n_held += len(samples)
        if n_held >= block:
            joined = np.concatenate(held)
            for i in range(0, n_held - block + 1, block):
                yield joined[i : i + block]
            held = [joined[n_held - n_held % block :]]
            n_held = len(held[0])
    if n_held:
        yield np.concatenate(held)


def _first_frame(container: InputContainer, stream: AudioStream) -> AudioFrame | None:
    """The first frame that decodes; None when the first packets are mostly rubbish, as noise is."""
    first: AudioFrame | None = None
    good = bad = 0
    for packet in _packets(container, stream):
        for frame, _ in _decode(packet):
            good, bad = good + (frame is not None), bad + (frame is None)
            first = first or frame
        if good + bad >= _TRIED:
            break
    return first if good > 2 * bad else None


def _length(path: Path, family: str, first: AudioFrame) -> tuple[int | None, int | None]:
    """(exact samples per channel where packet times tell it without decoding, what the file claims)."""
    with open_sound(path) as container:
        stream = container.streams.audio[0]
        if "mp4" not in family and family != "mp3":
            states_it = family in ("flac", "wav", "w64", "aiff", "caf") and stream.duration
            return None, stream.duration if states_it else None
        base, rate = stream.time_base or Fraction(1, 1), first.sample_rate
        zero = first.pts or 0
        end = 0
        for packet in _packets(container, stream):
            if packet.pts is not None:
                end = max(end, packet.pts + (packet.duration or 0))
        present = round((end - zero) * base * rate)
        claimed = round(stream.duration * base * rate) if stream.duration else None
    if family == "mp3" and (zero == 0 or claimed is None or not 0 <= present - claimed <= _PADDING):
        # no LAME tag, or one that does not fit: the frames' number says too much by the unknown padding
        return None, claimed if zero else None
    if claimed is not None and 0 <= present - claimed <= _PADDING:
        return claimed, claimed
    return present, claimed


def _samples(path: Path, facts: Header, start: int) -> Iterator[NDArray[np.float32]]:
    """Decoded samples from ``start`` on, a packet's worth at a time."""
    # where packet times are exact to the sample, what lies well before the start need not be decoded
    jump = facts.n_samples is not None and start > _PREROLL
    zero = _time_zero(path) if jump else 0
    position: int | None = None if jump else 0  # sample at which the next decoded frame begins
    with open_sound(path) as container:
        stream = container.streams.audio[0]
        samples_per_tick = (stream.time_base or Fraction(1)) * facts.sample_rate
        for packet in _packets(container, stream):
            if jump and packet.pts is not None and (packet.pts - zero) * samples_per_tick < start - _PREROLL:
                continue
            for frame, n_lost in _decode(packet):
                if frame is None:
                    if position:
                        lost = round(n_lost * samples_per_tick)
                        yield np.zeros((max(0, min(lost, position + lost - start)), facts.channels), np.float32)
                        position += lost
                    continue
                if frame.sample_rate != facts.sample_rate or frame.layout.nb_channels != facts.channels:
                    return
                if position is None:
                    position = round(((frame.pts or 0) - zero) * samples_per_tick)
                samples = as_float(frame)
                if position + len(samples) > start:
                    yield samples[max(0, start - position) :]
                position += len(samples)


def _packets(container: InputContainer, stream: AudioStream) -> Iterator[Packet[AudioStream]]:
    """Packets up to the end or to where the file is torn."""
    import av

    with contextlib.suppress(av.error.FFmpegError):
        yield from container.demux(stream)


def _decode(packet: Packet[AudioStream]) -> Iterator[tuple[AudioFrame | None, int]]:
    """Frames of a packet; (None, its duration in ticks) when it is damaged."""
    import av

    try:
        for frame in packet.decode():
            yield frame, 0
    except av.error.FFmpegError:
        yield None, packet.duration or 0


def _time_zero(path: Path) -> int:
    """Time stamp of the first decoded frame: the start of the song."""
    with open_sound(path) as container:
        frame = _first_frame(container, container.streams.audio[0])
        return (frame.pts or 0) if frame is not None else 0


def _trim_padding(
    parts: Iterator[NDArray[np.float32]], position: int, end: int | None
) -> Iterator[NDArray[np.float32]]:
    for samples in parts:
        if end is not None and position + len(samples) >= end:
            if position < end:
                yield samples[: end - position]
            return
        yield samples
        position += len(samples)


def as_float(frame: AudioFrame) -> NDArray[np.float32]:
    """A decoded frame as (n, channels) float32, full scale ±1."""
    data: NDArray[Any] = frame.to_ndarray()
    name = frame.format.name
    data = data.T if name.endswith("p") else data.reshape(-1, frame.layout.nb_channels)
    kind = name.removesuffix("p")
    if kind in ("flt", "dbl"):
        return np.ascontiguousarray(data, np.float32)
    centred = data.astype(np.float64) - (128.0 if kind == "u8" else 0.0)
    return (centred / _FULL_SCALE[kind]).astype(np.float32)
