"""Reader based on FFmpeg (PyAV): mp3, m4a, aac, sound of video files, and whatever soundfile cannot read.

FFmpeg takes off encoder delay itself (edit lists, LAME tags, codec delay), so the first decoded frame is the
start of the song: its time stamp is time zero. Padding at the end is taken off by the length that the
container states. Where the time stamps leave a gap, there is silence.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from avwalk.arrays.sound_times import SoundTimes
from avwalk.arrays.speakers import Speakers
from avwalk.audio.header import Header, clean_tag
from avwalk.errors import SongError
from avwalk.files.media import SOUND_FORMATS, open_media
from avwalk.files.sound_stream import FloatFrames, has_times, sound_stream, speakers_of

if TYPE_CHECKING:
    from av.audio.frame import AudioFrame
    from av.audio.stream import AudioStream
    from av.container import InputContainer
    from av.packet import Packet

_PREROLL = 16384  # samples decoded ahead of a start inside the song: MDCT overlap, MP3 bit reservoir
_TRIED = 24  # frames looked at to tell sound from noise that happens to hold a frame's header
_JITTER = Fraction(1, 1000)  # s by which packets may miss each other and still be without gaps
_PADDING = 4096  # at most so many samples of encoder padding at the end
_SILENCE = 65536  # samples of a gap that are given at once
_MOST_SILENCE = 6 * 3600  # seconds of gaps in all: behind them the file makes no sense


def open_sound(path: Path) -> InputContainer:
    """Opens a local file and nothing it may point to.

    Raises:
        av.error.FFmpegError: not a file that FFmpeg reads.
    """
    return open_media(path, SOUND_FORMATS)


def header(path: Path, track: int | None = None) -> Header | None:
    """Facts of the file, or None when FFmpeg finds no sound in it that decodes.

    Args:
        path: the file.
        track: which of its audio tracks, from 1; None: the one marked as the default, else the first that decodes.

    Raises:
        SongError: it does not have the track.
    """
    import av
    from av.stream import Disposition

    try:
        with open_sound(path) as container:
            tracks = container.streams.audio
            marked = [bool(each.disposition & Disposition.default) for each in tracks]
    except (av.error.FFmpegError, ValueError):
        return None
    if track is not None and marked and not 1 <= track <= len(marked):
        raise SongError(no_track(path, track, len(marked)))
    in_turn = sorted(range(1, len(marked) + 1), key=lambda k: not marked[k - 1])
    found = (_header(path, k) for k in ([track] if track else in_turn))
    facts = next((each for each in found if each), None)
    if facts is None or track or len(marked) == 1:
        return facts
    said = f"the file has {len(marked)} audio tracks; track {facts.track} is taken, --track N takes another"
    return replace(facts, warnings=(said, *facts.warnings))


def _header(path: Path, track: int) -> Header | None:
    """Facts of a track, or None when it does not decode."""
    import av

    try:
        with open_sound(path) as container:
            stream, speakers = sound_stream(container, track)
            first = _first_frame(container, stream)
            if first is None:
                return None
            tags = {k.lower(): v for k, v in {**stream.metadata, **container.metadata}.items()}
            codec, family = stream.codec_context.codec.canonical_name, container.format.name
            speakers = speakers_of(first.layout) or speakers
    except (av.error.FFmpegError, ValueError, IndexError):
        return None
    n_samples, claimed, regular = _length(path, track, family, first)
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
        speakers=speakers,
        track=track,
        regular=regular,
        warnings=("the file is cut short; what is there is used",) if cut else (),
    )


def no_track(path: Path, track: int, n_tracks: int) -> str:
    """That a file does not have a track."""
    has = "one audio track" if n_tracks == 1 else f"{n_tracks} audio tracks"
    return f"'{path.name}' has {has}, so there is no track {track}; --track takes 1{f' to {n_tracks}' * (n_tracks > 1)}"


def named_speakers(path: Path) -> Speakers:
    """The speakers that a file names for its channels; empty where it does not."""
    import av

    try:
        with open_sound(path) as container:
            return sound_stream(container)[1] if container.streams.audio else ()
    except (av.error.FFmpegError, ValueError):
        return ()


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


def _length(path: Path, track: int, family: str, first: AudioFrame) -> tuple[int | None, int | None, bool]:
    """(samples per channel where packet times tell them, what the file claims, whether its times have no gaps)."""
    with open_sound(path) as container:
        stream = container.streams.audio[track - 1]
        if "mp4" not in family and family != "mp3":
            states_it = family in ("flac", "wav", "w64", "aiff", "caf") and stream.duration
            return None, stream.duration if states_it else None, False
        base, rate = stream.time_base or Fraction(1, 1), first.sample_rate
        zero = first.pts or 0
        pcm = stream.codec_context.name.startswith("pcm_")  # packets of any length
        end, frame, last, regular = 0, 0, None, True
        for packet in _packets(container, stream):
            if packet.pts is None:
                continue
            frame = frame or packet.duration or 0
            # MP4 has no gaps of its own: the packet before one lasts longer
            regular = regular and (pcm or last is None or abs(packet.pts - last - frame) * base <= _JITTER)
            last = packet.pts
            end = max(end, packet.pts + (packet.duration or 0))
        present = round((end - zero) * base * rate)
        claimed = round(stream.duration * base * rate) if stream.duration else None
    if family == "mp3" and (zero == 0 or claimed is None or not 0 <= present - claimed <= _PADDING):
        # no LAME tag, or one that does not fit: the frames' number says too much by the unknown padding
        return None, claimed if zero else None, regular
    if claimed is not None and 0 <= present - claimed <= _PADDING:
        return claimed, claimed, regular
    return present, claimed, regular


def _samples(path: Path, facts: Header, start: int) -> Iterator[NDArray[np.float32]]:
    """Decoded samples from ``start`` on, a packet's worth at a time."""
    # where packet times are exact to the sample, what lies well before the start need not be decoded
    jump = facts.n_samples is not None and facts.regular and start > _PREROLL
    zero = _time_zero(path, facts.track) if jump else None
    times = SoundTimes(facts.sample_rate, None if jump else 0)
    as_float = FloatFrames()
    done = start  # the sample that is given next
    silent = 0  # samples of gaps
    with open_sound(path) as container:
        stream, _ = sound_stream(container, facts.track)
        per_tick, is_timed = (stream.time_base or Fraction(1)) * facts.sample_rate, has_times(container)
        for packet in _packets(container, stream):
            if jump and packet.pts is not None and (packet.pts - (zero or 0)) * per_tick < start - _PREROLL:
                continue
            for frame, n_lost in _decode(packet):
                if frame is None:
                    if times.next:
                        times.place(None, round(n_lost * per_tick))
                    continue
                if frame.sample_rate != facts.sample_rate or frame.layout.nb_channels != facts.channels:
                    return
                samples = as_float(frame)
                zero = frame.pts if zero is None else zero
                at = None if frame.pts is None or zero is None else round((frame.pts - zero) * per_tick)
                position = times.place(at if is_timed or times.next is None else None, len(samples))
                silent += max(0, position - done)
                if silent > _MOST_SILENCE * facts.sample_rate:
                    return
                while done < position:
                    n = min(_SILENCE, position - done)
                    yield np.zeros((n, facts.channels), np.float32)
                    done += n
                if position + len(samples) > done:
                    yield samples[done - position :]
                    done = position + len(samples)
        left = _MOST_SILENCE * facts.sample_rate - silent
        while times.next is not None and done < times.next <= done + left:  # the last packets were damaged
            n = min(_SILENCE, times.next - done)
            yield np.zeros((n, facts.channels), np.float32)
            done += n


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


def _time_zero(path: Path, track: int) -> int:
    """Time stamp of the first decoded frame: the start of the song."""
    with open_sound(path) as container:
        frame = _first_frame(container, sound_stream(container, track)[0])
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
