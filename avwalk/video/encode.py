"""Encodes frames to a segment of the film (MP4), or to numbered PNG files."""

from __future__ import annotations

import contextlib
import hashlib
import os
from collections.abc import Callable, Iterable
from fractions import Fraction
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, cast

import numpy as np

from avwalk.contracts import Frames
from avwalk.errors import VideoError
from avwalk.files.atomic import output_error, part_of, rename_whole, write_file
from avwalk.files.media import media_url
from avwalk.spec.encoder import Encoder
from avwalk.video.pixel_formats import PIXEL_FORMATS, video_frame
from avwalk.video.profiles import codec_options, codec_tag, segment_format
from avwalk.video.timebase import DELAY, ticks_per_frame, timescale

if TYPE_CHECKING:
    import av
    from av.video.frame import VideoFrame
    from av.video.stream import VideoStream

_BT709 = 1  # the same number for primaries, transfer and matrix (ITU-T H.273)
_LIMITED = 1  # FFmpeg's AVCOL_RANGE_MPEG


class SegmentEncoder:
    """Encodes consecutive frames into one MP4 file, renamed to its final name when complete.

    Use as a context manager: an exception inside removes the partial file.

    Args:
        path: of the segment.
        size: width and height, even.
        fps: frames per second.
        encoder: settings.
        seed: of the film, for the dither.
        first_frame: index of the first frame in the whole film, for the dither.

    Attributes:
        path: of the segment.
        n_done: 0: it begins with the segment's first frame.
        pix_fmt: of the frames that `feed` takes.

    Raises:
        VideoError: the encoder cannot be opened with these settings.
        OutputError: the file cannot be written.
    """

    n_done = 0

    def __init__(
        self, path: Path, size: tuple[int, int], fps: Fraction, encoder: Encoder, seed: int, first_frame: int
    ) -> None:
        import av

        width, height = size
        if width < 2 or height < 2 or width % 2 or height % 2:
            raise VideoError(f"size {width}x{height} cannot be encoded; width and height must be even, at least 2")
        if encoder.pix_fmt not in PIXEL_FORMATS:
            known = ", ".join(PIXEL_FORMATS)
            raise VideoError(f"pixel format {encoder.pix_fmt} is not supported; use one of {known}")
        self.path, self._part = path, part_of(path)
        self._size, self._seed, self._index = size, seed, first_frame
        self.pix_fmt, self._channels = encoder.pix_fmt, 4 if encoder.alpha else 3
        self._pts, self._n_packets = 0, 0
        self._ticks, self._base = ticks_per_frame(fps), Fraction(1, timescale(fps))
        kind = segment_format(encoder)
        options = {"video_track_timescale": str(timescale(fps)), "movflags": "+use_metadata_tags"}
        try:
            self._part.write_bytes(b"")  # FFmpeg opens it only with the first packet: too late to say so
            self._container = av.open(
                media_url(self._part),
                "w",
                format=kind,
                options={} if kind == "webm" else options,
            )
        except OSError as error:
            raise output_error(path, error) from None
        self._open = True
        try:
            self._stream = add_video_stream(self._container, size, fps, encoder)
        except BaseException:
            self.abort()
            raise

    def write(self, frames: Frames) -> None:
        """Encodes the next frames, (n, H, W, 3) float32 sRGB in [0, 1]; (n, H, W, 4) of a film with alpha.

        Raises:
            VideoError: frames of another size, or the encoder fails.
            OutputError: disk full, or it went away.
        """
        for rgb in frames:
            self.feed([self.prepared(rgb)])

    def prepared(self, rgb: Frames) -> VideoFrame:
        """The next frame, as `write` takes them, as `feed` does.

        Raises:
            VideoError: it has another size.
        """
        width, height = self._size
        if rgb.shape != (height, width, self._channels):
            raise VideoError(f"frames of shape {rgb.shape} do not fit a film of {width}x{height}")
        return video_frame(rgb, self._seed, self._index, self.pix_fmt)

    def feed(self, frames: Iterable[VideoFrame]) -> None:
        """Encodes the next frames, as `video_frame` makes them.

        Raises:
            VideoError: the encoder fails.
            OutputError: disk full, or it went away.
        """
        for frame in frames:
            frame.pts, frame.time_base = self._pts, self._base
            self._encode(frame)
            self._pts += self._ticks
            self._index += 1

    def close(self, record: Callable[[Path], None] | None = None) -> None:
        """Finishes the file and renames it. Idempotent.

        Args:
            record: called with the file when it is whole, before it is renamed.

        Raises:
            OutputError: disk full, or it went away.
        """
        if not self._open:
            return
        self._open = False
        try:
            self._encode(None)
            self._container.close()
            if record:
                record(self._part)
            rename_whole(self._part, self.path)
        except OSError as error:
            self.abort()
            raise output_error(self.path, error) from None
        except BaseException:
            self.abort()
            raise

    def cut(self) -> Path:
        """Finishes the file early, under another name than that of a whole segment, which is given back.

        Raises:
            OutputError: disk full, or it went away.
        """
        whole, self.path = self.path, self.path.with_suffix(".tail")
        try:
            self.close()
        finally:
            tail, self.path = self.path, whole
        return tail

    def _encode(self, frame: VideoFrame | None) -> None:
        import av

        try:
            packets = self._stream.encode(frame)
        except av.error.FFmpegError as error:
            raise VideoError(f"encoder {self._stream.codec_context.name} failed: {error.strerror}") from None
        for packet in packets:  # x265 gives the first ones no time at all where there are few
            packet.dts = (self._n_packets - DELAY) * self._ticks
            self._n_packets += 1
        try:
            self._container.mux(packets)
        except OSError as error:
            raise output_error(self.path, error) from None

    def abort(self) -> None:
        """Closes and removes the partial file. Does nothing after `close`."""
        if not self._open and not self._part.exists():
            return
        self._open = False
        with contextlib.suppress(OSError, ValueError):
            self._container.close()
        self._part.unlink(missing_ok=True)

    def __enter__(self) -> SegmentEncoder:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is None:
            self.close()
        elif self._open:
            self.abort()


def add_video_stream(
    container: av.container.OutputContainer, size: tuple[int, int], fps: Fraction, encoder: Encoder
) -> VideoStream:
    """Adds and opens a video stream, BT.709, limited range.

    Raises:
        VideoError: the encoder is unknown here or refuses the settings.
    """
    import av

    os.environ.setdefault("SVT_LOG", "1")  # errors alone: SVT-AV1 tells its settings otherwise
    try:
        stream = cast("VideoStream", container.add_stream(encoder.codec, rate=fps, options=codec_options(encoder, fps)))
        context = stream.codec_context
        context.width, context.height = size
        context.pix_fmt = encoder.pix_fmt
        context.time_base = Fraction(1, timescale(fps))
        context.framerate = fps
        context.thread_count = encoder.threads
        context.gop_size = encoder.gop(fps)
        context.max_b_frames = encoder.bframes
        if encoder.bit_rate:
            context.bit_rate = encoder.bit_rate
        if encoder.pix_fmt in PIXEL_FORMATS and encoder.pix_fmt != "rgb24":
            context.color_primaries = context.color_trc = context.colorspace = _BT709
            context.color_range = _LIMITED
        if tag := codec_tag(encoder):
            context.codec_tag = tag
        context.open()
    except (av.error.FFmpegError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise VideoError(f"encoder {encoder.codec} cannot be opened at {size[0]}x{size[1]}: {reason}") from None
    return stream


def write_png_sequence(folder: Path, frames: Frames, seed: int, first_frame: int) -> dict[Path, str]:
    """Writes frames as ``000000.png``, … by their index in the film, eight bits with the film's dither; alpha, without.

    None of them waits for the disk: a film has thousands.

    Args:
        folder: made when it is not there.
        frames: (n, H, W, 3) float32 sRGB in [0, 1], or (n, H, W, 4) with straight alpha.
        seed: of the film.
        first_frame: index of the first.

    Returns:
        The files, and the sha256 of each.

    Raises:
        OutputError: the folder cannot be written.
    """
    import cv2

    from avwalk.video.dither import to_bgr8

    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise output_error(folder, error) from None
    digests = {}
    for index, rgb in enumerate(frames, first_frame):
        path = folder / f"{index:06d}.png"
        # imencode and write_bytes: OpenCV's own writer does not know every file name on every system
        picture = to_bgr8(rgb[..., :3], seed, index)
        if rgb.shape[-1] == 4:
            picture = np.dstack([picture, np.rint(np.clip(rgb[..., 3], 0, 1) * 255).astype(np.uint8)])
        ok, data = cv2.imencode(".png", picture, [cv2.IMWRITE_PNG_COMPRESSION, 2])
        if not ok:
            raise VideoError(f"frame {index} cannot be encoded as PNG")
        write_file(path, data.tobytes(), sync="no")
        digests[path] = hashlib.sha256(data.data).hexdigest()
    return digests


def trial(encoder: Encoder) -> str | None:
    """Why an encoder cannot be used here, or None. Encodes one frame, since being listed is no proof."""
    import io

    import av

    fps = Fraction(30)
    try:
        with av.open(io.BytesIO(), "w", format=segment_format(encoder)) as container:
            stream = add_video_stream(container, (256, 256), fps, encoder)
            frame = video_frame(np.zeros((256, 256, 3), np.float32), 0, 0, encoder.pix_fmt)
            frame.pts, frame.time_base = 0, Fraction(1, timescale(fps))
            for packet in [*stream.encode(frame), *stream.encode(None)]:
                packet.dts = packet.pts
                container.mux(packet)
    except (VideoError, av.error.FFmpegError, OSError, ValueError) as error:
        return str(error)
    return None
