"""The film's audio track: the song's packets copied where the container allows it, else encoded once from the original.

The film's time zero is the song's first sample (of the excerpt, if it is one). Encoders put some samples
ahead of it, decoders throw them away again; packets keep negative times for them, which MP4 and MOV store as
an edit list. So a click stays where it is, copied or encoded.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Literal, cast

import numpy as np
from numpy.typing import NDArray

from avwalk.arrays.sound_times import SoundTimes
from avwalk.arrays.speakers import STEREO, Speakers, guess_speakers, in_order, is_relabelled, nearest, remixed
from avwalk.contracts import Song
from avwalk.errors import VideoError
from avwalk.files.atomic import whole_file
from avwalk.files.media import media_url, open_media
from avwalk.files.sound_stream import has_times, layout_name, sound_frame, sound_stream
from avwalk.spec.encoder import Encoder

if TYPE_CHECKING:
    from av.audio.stream import AudioStream
    from av.container import InputContainer, OutputContainer
    from av.packet import Packet

# MPEG-4 part 3, table of sampling frequencies
_AAC_RATES = (7350, 8000, 11025, 12000, 16000, 22050, 24000, 32000, 44100, 48000, 64000, 88200, 96000)
# Likewise, its channel configurations. Other layouts can be spelled out, but players differ in what they make of them.
_AAC_SPEAKERS: tuple[Speakers, ...] = (
    ("FC",),
    STEREO,
    ("FL", "FR", "FC"),
    ("FL", "FR", "FC", "BC"),
    ("FL", "FR", "FC", "BL", "BR"),
    ("FL", "FR", "FC", "LFE", "BL", "BR"),
    ("FL", "FR", "FC", "LFE", "BL", "BR", "SL", "SR"),
)
_COPIED: dict[str, tuple[str, ...]] = {  # what the containers take as it is
    ".mp4": ("aac", "mp3", "alac", "ac3", "eac3", "flac", "opus"),
    ".mov": ("aac", "mp3", "alac", "ac3", "eac3"),
    ".webm": ("opus", "vorbis"),
}
_OPUS_RATES = (48000,)
# Those of Vorbis, which Opus takes over (RFC 7845, 5.1.1.2), but for the ones that AAC leaves out
_OPUS_SPEAKERS = tuple(each for each in _AAC_SPEAKERS if "BC" not in each)
# Without noise substitution and intensity stereo hiss and cymbals stay the song's own, sample by sample. The encoder's
# default search of quantisers, twoloop, takes two to five times as long and is 0.2 to 5 dB further from the song.
_AAC = {"aac_coder": "fast", "aac_pns": "0", "aac_is": "0"}
_EVEN = ("aac", "mp3", "ac3", "eac3")  # all packets hold as many samples
_LOOKED_AT = 6  # frames that tell how many
_PREROLL = 12_000  # samples kept ahead of an excerpt that is copied: MDCT overlap, MP3 bit reservoir
_BLOCK = 4096


@dataclass(frozen=True)
class Sound:
    """How the song goes into the film.

    Attributes:
        song: the song.
        start: first sample of the film's sound.
        stop: the sample after its last.
        codec: ``"copy"``, or FFmpeg's name of the encoder; ``"none"``: the film is silent.
        sample_rate: of the film's sound.
        channels: of the film's sound.
        speakers: of the film's sound, in FFmpeg's order; empty when it is copied, or without names.
        bit_rate: of AAC and Opus; 0 for others.
        note: a line for the user when something had to change; else None.
    """

    song: Song
    start: int
    stop: int
    codec: str
    sample_rate: int
    channels: int
    speakers: Speakers = ()
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
    if encoder.audio == "none":
        if choice == "copy":
            raise VideoError("--audio copy: films of this profile are silent; leave it away, or choose another profile")
        return Sound(song, start, stop, "none", song.sample_rate, song.channels)
    whole = (start, stop) == (0, song.n_samples)
    pcm = song.codec.startswith("pcm_")
    ordered = in_order(guess_speakers(song.speakers, song.channels)) == song.speakers or not song.speakers
    takes = song.codec in _COPIED[encoder.suffix] or (pcm and ordered and encoder.suffix == ".mov")
    if choice == "copy" and not takes:
        raise VideoError(f"{song.codec} sound cannot be copied into {encoder.suffix}; leave --audio copy away")
    lossless = encoder.audio == "lossless"
    opus = encoder.audio == "opus"
    wanted = (pcm or song.codec == "alac") if lossless else takes if opus else song.codec == "aac"
    if choice == "copy" or (whole and wanted and takes and not song.nonfinite):
        return Sound(song, start, stop, "copy", song.sample_rate, song.channels)
    source = guess_speakers(song.speakers, song.channels)
    name = layout_name(in_order(source), song.channels)
    guess = f"the song does not say where its {song.channels} channels belong; taken as {name}" if source else ""
    guessed = [guess] if guess and source != song.speakers and song.channels > 2 else []
    if lossless:
        codec = "pcm_s16le" if _bits(song) <= 16 else "pcm_s24le"
        note = f"sound: {guess}" if guessed else None
        return Sound(song, start, stop, codec, song.sample_rate, song.channels, in_order(source), note=note)
    rate = min(_OPUS_RATES if opus else _AAC_RATES, key=lambda r: (abs(r - song.sample_rate), -r))
    target = nearest(source, _OPUS_SPEAKERS if opus else _AAC_SPEAKERS) if source else STEREO
    changes = []
    if rate != song.sample_rate:
        changes.append(f"{song.sample_rate} Hz becomes {rate} Hz")
    if not source:
        changes.append(f"{song.channels} channels become {len(target)}")
    elif not is_relabelled(source, target):
        changes.append(f"{name} becomes {layout_name(target, len(target))}")
    said = guessed + ([f"{' and '.join(changes)}, the nearest that {'Opus' if opus else 'AAC'} has"] if changes else [])
    note = f"sound: {'; '.join(said)}" if said else None
    bit_rate = encoder.audio_bit_rate * max(2, len(target)) // 2  # it is meant for stereo
    return Sound(song, start, stop, "libopus" if opus else "aac", rate, len(target), target, bit_rate, note)


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
            source = open_media(sound.song.path)
            stream = container.add_stream_from_template(source.streams.audio[sound.song.track - 1])
            return _copied(source, stream, sound)
        options = _AAC if sound.codec == "aac" else {}
        stream = cast("AudioStream", container.add_stream(sound.codec, rate=sound.sample_rate, options=options))
        context = stream.codec_context
        context.layout = layout_name(sound.speakers, sound.channels)
        context.format = {"aac": "fltp", "libopus": "flt", "pcm_s16le": "s16", "pcm_s24le": "s32"}[sound.codec]
        if sound.bit_rate:
            context.bit_rate = sound.bit_rate
        context.open()
    except (av.error.FFmpegError, ValueError, IndexError) as error:
        reason = getattr(error, "strerror", None) or error
        raise VideoError(f"the sound of '{sound.song.path}' cannot go into the film: {reason}") from None
    return _encoded(stream, sound, blocks)


def encode_sound(
    sound: Sound,
    blocks: Iterable[NDArray[np.float32]],
    out: Path,
    record: Callable[[Path, Path], None] | None = None,
) -> None:
    """Encodes the sound into a file of its own, whose packets a film can copy: see ``copied_from``.

    Args:
        sound: from `plan_sound`; not ``"copy"``.
        blocks: samples [start, stop) of the song, (n, channels) float32.
        out: an MP4 file, renamed to its final name when complete.
        record: called with the file when it is complete, and with that name.

    Raises:
        VideoError: the encoder refuses the sound.
        OutputError: the file cannot be written.
    """
    import av

    options = {"movie_timescale": str(sound.sample_rate)}  # or the edit list rounds one sample to none
    with whole_file(out) as part:
        with av.open(media_url(part), "w", format="mp4", options=options) as container:
            for packet in add_sound(container, sound, blocks):
                container.mux(packet)
        if record:
            record(part, out)


def copied_from(path: Path, sound: Sound) -> Sound:
    """The same sound, copied from the file that ``encode_sound`` made."""
    song = replace(sound.song, path=path, track=1)
    return replace(sound, song=song, start=0, stop=sound.stop - sound.start, codec="copy")


def _bits(song: Song) -> int:
    """Bits per sample that the song's decoded sound is worth."""
    if song.codec in ("pcm_u8", "pcm_s8", "pcm_mulaw", "pcm_alaw") or song.codec.startswith("pcm_s16"):
        return 16
    if song.codec in ("flac", "alac"):
        with open_media(song.path) as container:
            return 16 if container.streams.audio[song.track - 1].codec_context.format.bits <= 16 else 24
    return 24


def _copied(source: InputContainer, stream: AudioStream, sound: Sound) -> Iterator[Packet[AudioStream]]:
    """The song's own packets; the first sample that a decoder gives is the song's sample 0."""
    with source:
        origin = source.streams.audio[sound.song.track - 1]
        base, rate = origin.time_base or Fraction(1), sound.sample_rate
        scale = base * rate
        per_tick = int(scale) if scale == int(scale) else scale  # samples; nearly always 1, and whole numbers are quick
        zero, regular = _time_zero(sound.song, scale)
        times, is_timed, length = SoundTimes(rate), has_times(source), sound.stop - sound.start
        for packet in source.demux(origin):
            if packet.pts is None:
                continue
            n = regular or round((packet.duration or 0) * per_tick)
            timed = round((packet.pts - zero) * per_tick)
            if times.next is None and regular and abs(timed - regular * round(timed / regular)) <= rate // 1000:
                timed = regular * round(timed / regular)  # times in whole milliseconds, as Matroska has them
            at = times.place(timed if is_timed or times.next is None else None, n) - sound.start
            if at + n <= -_PREROLL or at >= length:
                continue
            packet.time_base = Fraction(1, rate)
            packet.pts = packet.dts = at
            packet.duration = min(n, length - at)
            packet.stream = stream
            yield packet


def _time_zero(song: Song, scale: Fraction) -> tuple[int, int]:
    """Time stamp of the first decoded frame, in ticks of its stream; samples of a packet, 0 where they differ.

    A decoder's frames tell them: times in a file may be rounded, or hold gaps.
    """
    import av

    zero: int | None = None
    sizes: list[int] = []
    with open_media(song.path) as container:
        stream, _ = sound_stream(container, song.track)
        for packet in container.demux(stream):
            try:
                for frame in packet.decode():
                    zero = (frame.pts or 0) if zero is None else zero
                    sizes.append(frame.samples)
            except av.error.FFmpegError:
                continue
            if len(sizes) >= _LOOKED_AT:
                break
    whole = max(sizes, default=0)
    even = song.codec in _EVEN and sizes[1:-1].count(whole) == len(sizes[1:-1])
    return zero or 0, whole if even else 0


def _encoded(stream: AudioStream, sound: Sound, blocks: Iterable[NDArray[np.float32]]) -> Iterator[Packet[AudioStream]]:
    import av

    same_rate = sound.sample_rate == sound.song.sample_rate
    layout, source = (
        layout_name(sound.speakers, sound.channels),
        guess_speakers(sound.song.speakers, sound.song.channels),
    )
    context = stream.codec_context
    resampler = None if same_rate else av.AudioResampler(context.format.name, layout, sound.sample_rate)
    size = context.frame_size or _BLOCK
    at = 0
    try:
        for piece in _pieces(blocks, size):
            placed = remixed(piece, source, sound.speakers, sound.channels)
            frame = sound_frame(placed, context.format.name, layout, sound.song.sample_rate)
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
