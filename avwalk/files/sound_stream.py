"""Sound streams and frames of PyAV, read and made in ways that do not crash.

PyAV 18 counts the planes of a frame up to the first null pointer, and of eight and more there is none; and it frees
the order of a stream's channels twice where that is not the usual one. Nothing else in avwalk turns frames of sound
into arrays, or arrays into frames.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from avwalk.arrays.speakers import Speakers

if TYPE_CHECKING:
    from av.audio.frame import AudioFrame
    from av.audio.layout import AudioLayout
    from av.audio.resampler import AudioResampler
    from av.audio.stream import AudioStream
    from av.container import InputContainer

_TIMED = {"mp4", "matroska", "mpegts", "mpeg", "flv", "asf", "ogg"}
_MOST_PLANES = 7
_FULL_SCALE = {"u8": 128.0, "s16": 32768.0, "s32": 2147483648.0}


def sound_stream(container: InputContainer, track: int = 1) -> tuple[AudioStream, Speakers]:
    """A sound stream that can be decoded, and the speakers that the container names for it.

    Args:
        container: nothing of it is decoded yet.
        track: 1 for its first sound stream.

    Raises:
        IndexError: there are fewer.
        ValueError: FFmpeg does not know its codec.
    """
    stream = container.streams.audio[track - 1]
    context = stream.codec_context
    if context is None:
        raise ValueError("the codec of its sound is not known here")
    layout = context.layout
    speakers = speakers_of(layout)
    if "+" in layout.name:  # an order of its own; decoded frames would bring it back
        context.layout = f"{layout.nb_channels} channels"
    return stream, speakers


def has_times(container: InputContainer) -> bool:
    """Whether its time stamps are in the file; those of others, such as AVI and MP3, are reckoned from bytes."""
    return not _TIMED.isdisjoint(container.format.name.split(","))


def speakers_of(layout: AudioLayout) -> Speakers:
    """Names of a layout's speakers; empty where it only counts them."""
    names = tuple(channel.name for channel in layout.channels)
    return () if "NONE" in names else names


def layout_name(speakers: Speakers, channels: int) -> str:
    """How FFmpeg calls speakers in the usual order, such as ``"5.1"``; ``"6 channels"`` without names."""
    import av

    return av.AudioLayout("+".join(speakers)).name if speakers else f"{channels} channels"


class FloatFrames:
    """Turns decoded frames into arrays."""

    def __init__(self) -> None:
        self._kind: tuple[Any, ...] = ()
        self._packer: AudioResampler | None = None

    def __call__(self, frame: AudioFrame) -> NDArray[np.float32]:
        """A frame's samples, (n, channels), full scale ±1."""
        many = frame.format.is_planar and frame.layout.nb_channels > _MOST_PLANES
        if not many and not frame.format.name.startswith("s64"):
            return _as_float(frame)
        parts = [_as_float(packed) for packed in self._packed(frame)]
        return np.concatenate(parts) if parts else np.zeros((0, frame.layout.nb_channels), np.float32)

    def _packed(self, frame: AudioFrame) -> list[AudioFrame]:
        import av

        kind = (frame.format.name, frame.layout.name, frame.sample_rate, frame.time_base)
        if kind != self._kind or self._packer is None:
            form = frame.format.packed.name
            self._kind, self._packer = kind, av.AudioResampler("dbl" if form == "s64" else form)
        return self._packer.resample(frame)


def _as_float(frame: AudioFrame) -> NDArray[np.float32]:
    data: NDArray[Any] = frame.to_ndarray()
    name = frame.format.name
    data = data.T if name.endswith("p") else data.reshape(-1, frame.layout.nb_channels)
    kind = name.removesuffix("p")
    if kind in ("flt", "dbl"):
        return np.ascontiguousarray(data, np.float32)
    centred = data.astype(np.float64) - (128.0 if kind == "u8" else 0.0)
    return (centred / _FULL_SCALE[kind]).astype(np.float32)


def sound_frame(samples: NDArray[np.float32], form: str, layout: str, rate: int) -> AudioFrame:
    """A frame for an encoder or a resampler; its samples are packed, whatever the encoder wants.

    Args:
        samples: (n, channels), full scale ±1.
        form: that the encoder wants: ``"s16"``, ``"s32"`` (24 bits, in the upper part), or floats.
        layout: as FFmpeg calls it.
        rate: samples per second.
    """
    import av

    data: NDArray[Any]
    if form == "s16":
        data = np.clip(np.rint(samples * 32768.0), -32768, 32767).astype(np.int16)
    elif form == "s32":
        wide = np.clip(np.rint(samples.astype(np.float64) * 8388608.0), -8388608, 8388607)
        data = wide.astype(np.int32) << 8
    else:
        form, data = "flt", np.ascontiguousarray(samples, np.float32)
    frame = av.AudioFrame.from_ndarray(data.reshape(1, -1), format=form, layout=layout)
    frame.sample_rate = rate
    return frame
