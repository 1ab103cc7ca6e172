"""Subtitles as a track of a film: 3GPP timed text (``mov_text``), which players show when asked.

A packet is two bytes that say how long its text is, and the text in UTF-8 (3GPP TS 26.245, 5.17); FFmpeg's muxer puts
empty ones where nothing is said.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence
from fractions import Fraction
from typing import TYPE_CHECKING, Any, NamedTuple

from avwalk.errors import VideoError

if TYPE_CHECKING:
    from av.container import OutputContainer
    from av.packet import Packet

TICKS = 1000
"""A second in the track's clock."""
MAX_BYTES = 0xFFFF
"""Of a text: its length is a number of 16 bits."""
_HEADER = b"""[Script Info]
ScriptType: v4.00+
[V4+ Styles]
Format: Name, Fontname, Fontsize, PrimaryColour, SecondaryColour, OutlineColour, BackColour, Bold, Italic, Underline, \
StrikeOut, ScaleX, ScaleY, Spacing, Angle, BorderStyle, Outline, Shadow, Alignment, MarginL, MarginR, MarginV, Encoding
Style: Default,Sans,16,&Hffffff,&Hffffff,&H0,&H0,0,0,0,0,100,100,0,0,1,1,0,2,10,10,10,1
[Events]
Format: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text
"""  # the encoder wants to know of a style, as ASS says it


class Subtitle(NamedTuple):
    """A text from ``start`` to ``end``, seconds of the film."""

    start: float
    end: float
    text: str


def add_subtitles(container: OutputContainer, subtitles: Sequence[Subtitle]) -> Iterator[Packet[Any]]:
    """Adds a track of subtitles to a film and gives its packets in order.

    Args:
        container: MP4 or MOV; nothing is written to it yet.
        subtitles: in any order; those that begin together are one text of several rows, those that overlap end where
            the next begins.

    Raises:
        VideoError: the container takes none.
    """
    import av

    try:
        stream = container.add_stream("mov_text")
        context: Any = stream.codec_context
        context.subtitle_header = _HEADER
        stream.time_base = context.time_base = Fraction(1, TICKS)
    except (av.error.FFmpegError, ValueError) as error:
        raise VideoError(f"subtitles cannot be a track of this film: {error}; leave --subtitles soft away") from None
    return _packets(stream, in_turn(subtitles))


def in_turn(subtitles: Sequence[Subtitle]) -> list[Subtitle]:
    """Subtitles one after the other, on the track's clock: a track shows one text at a time."""
    found: list[Subtitle] = []
    for each in sorted(subtitles, key=lambda each: each.start):
        start, end = round(each.start * TICKS) / TICKS, round(each.end * TICKS) / TICKS
        if found and found[-1].start == start:
            found[-1] = Subtitle(start, max(end, found[-1].end), f"{found[-1].text}\n{each.text}")
            continue
        if found and found[-1].end > start:
            found[-1] = found[-1]._replace(end=start)
        found.append(Subtitle(start, end, each.text))
    return [each for each in found if each.end > each.start]


def _packets(stream: Any, subtitles: Sequence[Subtitle]) -> Iterator[Packet[Any]]:
    from av.packet import Packet

    for each in subtitles:
        data = each.text.encode("utf-8")[:MAX_BYTES].decode("utf-8", "ignore").encode("utf-8")
        packet: Packet[Any] = Packet(struct.pack(">H", len(data)) + data)
        packet.stream, packet.time_base = stream, Fraction(1, TICKS)
        packet.pts = packet.dts = round(each.start * TICKS)
        packet.duration = round((each.end - each.start) * TICKS)
        yield packet
