"""Segments as runs of packets: a film holds those of its segments as they were encoded, and they can be taken out."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Callable, Sequence
from fractions import Fraction
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from avwalk.files.atomic import part_of, rename_whole
from avwalk.files.media import media_url, open_media
from avwalk.spec.encoder import Encoder
from avwalk.video.encode import add_video_stream
from avwalk.video.pixel_formats import video_frame
from avwalk.video.timebase import DELAY, ticks_per_frame, timescale

if TYPE_CHECKING:
    from collections.abc import Iterator

    from av.container import InputContainer
    from av.packet import Packet
    from av.video.stream import VideoStream


def packets_of(container: InputContainer) -> Iterator[Packet[VideoStream]]:
    """The packets of a film's pictures in decoding order."""
    return (packet for packet in container.demux(container.streams.video[0]) if packet.size)


def file_digest(path: Path, n_frames: int) -> str:
    """`packets_digest` of a segment's file.

    Raises:
        av.error.FFmpegError: it cannot be read.
        ValueError: it holds another number of packets.
    """
    with open_media(path) as container:
        packets = list(islice(packets_of(container), n_frames + 1))
        if len(packets) != n_frames:
            raise ValueError(f"'{path}' has {len(packets)} frames or more, not {n_frames}")
        return packets_digest(packets)


def packets_digest(packets: Sequence[Packet[VideoStream]]) -> str:
    """sha256 of the packets of a segment, in decoding order, and of the order in which they are shown; whatever holds
    them."""
    digest = hashlib.sha256()
    for place, packet in zip(_places(packets), packets, strict=True):
        digest.update(f"{place} {int(packet.is_keyframe)} {packet.size}\n".encode())
        digest.update(memoryview(packet))
    return digest.hexdigest()


def _places(packets: Sequence[Packet[VideoStream]]) -> list[int]:
    """Of packets in decoding order their places in that of showing."""
    order = {pts: k for k, pts in enumerate(sorted(packet.pts or 0 for packet in packets))}
    return [order[packet.pts or 0] for packet in packets]


def extradata_of(size: tuple[int, int], fps: Fraction, encoder: Encoder) -> bytes:
    """What segments have in their head when they are encoded here and now: those of others cannot be joined to them.

    Raises:
        VideoError: the encoder does not work here.
    """
    import av

    data = io.BytesIO()
    with av.open(data, "w", format="mp4", options={"video_track_timescale": str(timescale(fps))}) as container:
        stream = add_video_stream(container, size, fps, encoder)
        frame = video_frame(np.zeros((size[1], size[0], 3), np.float32), 0, 0, encoder.pix_fmt)
        frame.pts, frame.time_base = 0, Fraction(1, timescale(fps))
        container.mux([*stream.encode(frame), *stream.encode(None)])
    data.seek(0)
    with av.open(data) as made:
        return made.streams.video[0].codec_context.extradata or b""


def write_segment(
    path: Path,
    packets: Sequence[Packet[VideoStream]],
    fps: Fraction,
    record: Callable[[Path], None],
) -> None:
    """Writes packets into a segment's file, as they are; nothing waits for the disk.

    Args:
        path: the file.
        packets: of one segment, in decoding order.
        fps: frames per second.
        record: called with the file when it is whole, before it gets its name.

    Raises:
        OSError: it cannot be written.
        av.error.FFmpegError: likewise.
    """
    import av

    ticks, base, part = ticks_per_frame(fps), Fraction(1, timescale(fps)), part_of(path)
    options = {"video_track_timescale": str(timescale(fps)), "movflags": "+use_metadata_tags"}
    try:
        with av.open(media_url(part), "w", format="mp4", options=options) as container:
            stream = container.add_stream_from_template(packets[0].stream, opaque=True)
            for k, (place, packet) in enumerate(zip(_places(packets), packets, strict=True)):
                packet.stream, packet.time_base = stream, base
                packet.pts, packet.dts, packet.duration = place * ticks, (k - DELAY) * ticks, ticks
                container.mux(packet)
        record(part)
        rename_whole(part, path, sync="no")
    except BaseException:
        part.unlink(missing_ok=True)
        raise
