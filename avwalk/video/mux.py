"""The film's audio track: the song's packets copied where the container allows it, else encoded once from the original.

The film's time zero is the song's first sample (of the excerpt, if it is one). Encoders put some samples
ahead of it, decoders throw them away again; packets keep negative times for them, which MP4 and MOV store as
an edit list. So a click stays where it is, copied or encoded.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, cast

import numpy as np
from numpy.typing import NDArray

from avwalk.contracts import Song
from avwalk.errors import VideoError
from avwalk.files.atomic import whole_file
from avwalk.spec import Encoder

if TYPE_CHECKING:
    from av.audio.frame import AudioFrame
    from av.audio.stream import AudioStream
    from av.container import InputContainer, OutputContainer
    from av.packet import Packet

# MPEG-4 part 3, table of sampling frequencies
_AAC_RATES = (7350, 8000, 11025, 12000, 16000, 22050, 24000, 32000, 44100, 48000, 64000, 88200, 96000)
_LAYOUTS = ("", "mono", "stereo", "3.0", "4.0", "5.0", "5.1", "6.1", "7.1")
_COPIED: dict[str, tuple[str, ...]] = {  # what the containers take as it is
    ".mp4": ("aac", "mp3", "alac", "ac3", "eac3", "flac", "opus"),
    ".mov": ("aac", "mp3", "alac", "ac3", "eac3"),
}
# Without noise substitution and intensity stereo hiss and cymbals stay the song's own, sample by sample. The encoder's
# default search of quantisers, twoloop, takes two to five times as long and is 0.2 to 5 dB further from the song.
_AAC = {"aac_coder": "fast", "aac_pns": "0", "aac_is": "0"}
_PREROLL = 12_000  # samples kept ahead of an excerpt that is copied: MDCT overlap, MP3 bit reservoir
_BLOCK = 4096


@dataclass(frozen=True)
class Sound:
    """How the song goes into the film.

    Attributes:
        song: the song.
        start: first sample of the film's sound.
        stop: the sample after its last.
        codec: ``"copy"``, or FFmpeg's name of the encoder.
        sample_rate: of the film's sound.
        channels: of the film's sound.
        bit_rate: of AAC; 0 for others.
        note: a line for the user when something had to change; else None.
    """

    song: Song
    start: int
    stop: int
    codec: str
    sample_rate: int
    channels: int
    bit_rate: int = 0
    note: str | None = None


def plan_sound(
    song: Song,
    encoder: Encoder,
    span: tuple[int, int] | None = None,
    choice: Literal["auto", "copy"] = "auto",
) -> Sound:
    """Decides how the song goes into the film.

    Args:
        song: the song.
        encoder: says which container and which policy.
        span: samples [start, stop) of an excerpt; None for the whole song.
        choice: ``"copy"`` forces copying.

    Raises:
        VideoError: copying is forced and the container does not take the song's codec.
    """
    start, stop = span or (0, song.n_samples)
    whole = (start, stop) == (0, song.n_samples)
    pcm = song.codec.startswith("pcm_")
    takes = song.codec in _COPIED[encoder.suffix] or (pcm and encoder.suffix == ".mov")
    if choice == "copy" and not takes:
        raise VideoError(f"{song.codec} sound cannot be copied into {encoder.suffix}; leave --audio copy away")
    lossless = encoder.audio == "lossless"
    wanted = (pcm or song.codec == "alac") if lossless else song.codec == "aac"
    if choice == "copy" or (whole and wanted and takes and not song.nonfinite):
        return Sound(song, start, stop, "copy", song.sample_rate, song.channels)
    if lossless:
        codec = "pcm_s16le" if _bits(song) <= 16 else "pcm_s24le"
        return Sound(song, start, stop, codec, song.sample_rate, song.channels)
    rate = min(_AAC_RATES, key=lambda r: (abs(r - song.sample_rate), -r))
    channels = song.channels if song.channels < len(_LAYOUTS) else 2
    changes = []
    if rate != song.sample_rate:
        changes.append(f"{song.sample_rate} Hz becomes {rate} Hz")
    if channels != song.channels:
        changes.append(f"{song.channels} channels become {channels}")
    note = f"sound: {' and '.join(changes)}, the nearest that AAC has" if changes else None
    bit_rate = encoder.audio_bit_rate * max(2, channels) // 2  # it is meant for stereo
    return Sound(song, start, stop, "aac", rate, channels, bit_rate, note)


def add_sound(
    container: OutputContainer, sound: Sound, blocks: Iterable[NDArray[np.float32]]
) -> Iterator[Packet[AudioStream]]:
    """Adds the sound's stream to a film and gives its packets in order, time zero at ``sound.start``.

    Args:
        container: of the film; nothing is written to it yet.
        sound: from `plan_sound`.
        blocks: samples [start, stop) of the song, (n, channels) float32; not read when the sound is copied.

    Raises:
        VideoError: the container or the encoder refuses the sound.
    """
    import av

    try:
        if sound.codec == "copy":
            source = _open(sound.song.path)
            stream = container.add_stream_from_template(source.streams.audio[0])
            return _copied(source, stream, sound)
        options = _AAC if sound.codec == "aac" else {}
        stream = cast("AudioStream", container.add_stream(sound.codec, rate=sound.sample_rate, options=options))
        context = stream.codec_context
        context.layout = _layout(sound.channels)
        context.format = {"aac": "fltp", "pcm_s16le": "s16", "pcm_s24le": "s32"}[sound.codec]
        if sound.bit_rate:
            context.bit_rate = sound.bit_rate
        context.open()
    except (av.error.FFmpegError, ValueError, IndexError) as error:
        reason = getattr(error, "strerror", None) or error
        raise VideoError(f"the sound of '{sound.song.path}' cannot go into the film: {reason}") from None
    return _encoded(stream, sound, blocks)


def encode_sound(sound: Sound, blocks: Iterable[NDArray[np.float32]], out: Path) -> None:
    """Encodes the sound into a file of its own, whose packets a film can copy: see ``copied_from``.

    Args:
        sound: from `plan_sound`; not ``"copy"``.
        blocks: samples [start, stop) of the song, (n, channels) float32.
        out: an MP4 file, renamed to its final name when complete.

    Raises:
        VideoError: the encoder refuses the sound.
        OutputError: the file cannot be written.
    """
    import av

    options = {"movie_timescale": str(sound.sample_rate)}  # or the edit list rounds one sample to none
    with whole_file(out) as part, av.open(str(part), "w", format="mp4", options=options) as container:
        for packet in add_sound(container, sound, blocks):
            container.mux(packet)


def copied_from(path: Path, sound: Sound) -> Sound:
    """The same sound, copied from the file that ``encode_sound`` made."""
    return replace(sound, song=replace(sound.song, path=path), start=0, stop=sound.stop - sound.start, codec="copy")


def _bits(song: Song) -> int:
    """Bits per sample that the song's decoded sound is worth."""
    if song.codec in ("pcm_u8", "pcm_s8", "pcm_mulaw", "pcm_alaw") or song.codec.startswith("pcm_s16"):
        return 16
    if song.codec in ("flac", "alac"):
        with _open(song.path) as container:
            return 16 if container.streams.audio[0].codec_context.format.bits <= 16 else 24
    return 24


def _layout(channels: int) -> str:
    return _LAYOUTS[channels] if channels < len(_LAYOUTS) else f"{channels}c"


def _open(path: Path) -> InputContainer:
    import av

    return av.open(f"file:{path.absolute()}", metadata_errors="replace", options={"protocol_whitelist": "file"})


def _copied(source: InputContainer, stream: AudioStream, sound: Sound) -> Iterator[Packet[AudioStream]]:
    """The song's own packets; the first sample that a decoder gives is the song's sample 0."""
    with source:
        origin = source.streams.audio[0]
        base, rate = origin.time_base or Fraction(1), sound.sample_rate
        regular = origin.codec_context.frame_size if "matroska" in source.format.name else 0
        scale = base * rate
        per_tick = int(scale) if scale == int(scale) else scale  # samples; nearly always 1, and whole numbers are quick
        zero = _time_zero(sound.song.path)
        length = sound.stop - sound.start
        counted: int | None = None
        for packet in source.demux(origin):
            if packet.pts is None:
                continue
            at = round((packet.pts - zero) * per_tick) - sound.start
            n = round((packet.duration or 0) * per_tick)
            if regular:  # Matroska's times are whole milliseconds: count samples instead
                at = at if counted is None else counted
                n, counted = regular, at + regular
            if at + n <= -_PREROLL or at >= length:
                continue
            packet.time_base = Fraction(1, rate)
            packet.pts = packet.dts = at
            packet.duration = min(n, length - at)
            packet.stream = stream
            yield packet


def _time_zero(path: Path) -> int:
    """Time stamp of the first decoded frame, in ticks of its stream."""
    import av

    with _open(path) as container:
        for packet in container.demux(container.streams.audio[0]):
            try:
                for frame in packet.decode():
                    return frame.pts or 0
            except av.error.FFmpegError:
                continue
    return 0


def _encoded(stream: AudioStream, sound: Sound, blocks: Iterable[NDArray[np.float32]]) -> Iterator[Packet[AudioStream]]:
    import av

    same_rate = sound.sample_rate == sound.song.sample_rate
    resampler = None if same_rate else av.AudioResampler("fltp", _layout(sound.channels), sound.sample_rate)
    context = stream.codec_context
    size = context.frame_size or _BLOCK
    at = 0
    try:
        for piece in _pieces(blocks, size):
            frame = _frame(_downmix(piece, sound.channels), context.format.name, sound.song.sample_rate)
            frame.pts, frame.time_base = at, Fraction(1, sound.song.sample_rate)
            at += len(piece)
            if resampler is None:
                yield from stream.encode(frame)
            else:
                for resampled in resampler.resample(frame):
                    yield from stream.encode(resampled)
        if resampler is not None:
            for resampled in resampler.resample(None):
                yield from stream.encode(resampled)
        yield from stream.encode(None)
    except av.error.FFmpegError as error:
        raise VideoError(f"the sound of '{sound.song.path}' cannot be encoded: {error.strerror}") from None


def _pieces(blocks: Iterable[NDArray[np.float32]], size: int) -> Iterator[NDArray[np.float32]]:
    """The same samples, ``size`` at a time; the last piece is what remains."""
    held: NDArray[np.float32] | None = None
    for block in blocks:
        data = block if held is None else np.concatenate([held, block])
        whole = len(data) - len(data) % size
        for i in range(0, whole, size):
            yield data[i : i + size]
        held = data[whole:]
    if held is not None and len(held):
        yield held


def _downmix(samples: NDArray[np.float32], channels: int) -> NDArray[np.float32]:
    """As it is, or (more channels than AAC has) the odd ones to the left, the even ones to the right."""
    if samples.shape[1] == channels:
        return samples
    return np.stack([samples[:, 0::2].mean(axis=1), samples[:, 1::2].mean(axis=1)], axis=1)


def _frame(samples: NDArray[np.float32], form: str, rate: int) -> AudioFrame:
    import av

    layout = _layout(samples.shape[1])
    data: NDArray[Any]
    if form == "fltp":
        data = np.ascontiguousarray(samples.T)
    elif form == "s16":
        data = np.clip(np.rint(samples * 32768.0), -32768, 32767).astype(np.int16).reshape(1, -1)
    else:  # 24 bits, in the upper part of 32
        wide = np.clip(np.rint(samples.astype(np.float64) * 8388608.0), -8388608, 8388607)
        data = (wide.astype(np.int32) << 8).reshape(1, -1)
    frame = av.AudioFrame.from_ndarray(data, format=form, layout=layout)
    frame.sample_rate = rate
    return frame
