"""Films that are made in one go out of segments without loss: GIF, animated WebP, and Hap.

A palette, and what WebP keeps from frame to frame, are those of all frames; Hap is a codec that only some programs
FFmpeg have. Segments are drawn, kept and resumed as those of any film; this last step begins anew.
"""

from __future__ import annotations

import contextlib
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from avwalk.errors import VideoError
from avwalk.files.atomic import part_of, whole_file
from avwalk.files.media import media_url, open_media
from avwalk.spec.encoder import Encoder

if TYPE_CHECKING:
    from av.container import OutputContainer
    from av.filter import Graph
    from av.video.frame import VideoFrame

GIF_SECONDS, GIF_PIXELS = 30.0, 640 * 640
"""The longest and the largest GIF: beyond them it is a worse video of many times the size."""
WEBP_SECONDS = 60.0
_WEBP_BEST = 95  # libwebp's quality at crf 4; 1.25 less a step
_DIMMEST = 4  # crf


def delivery_problem(encoder: Encoder, size: tuple[int, int], fps: Fraction, seconds: float) -> str | None:
    """Why a film cannot be delivered so, in a line that says what to do; None: it can."""
    width, height = size
    if encoder.delivery == "gif":
        if (Fraction(100) / fps).denominator != 1:
            return f"a GIF shows each frame for whole hundredths of a second, so {fps} fps is none; --fps 25, 20 or 50"
        if width * height > GIF_PIXELS:
            return f"a GIF of {width}x{height} is too large; --size 480x270, or --profile webp"
        if seconds > GIF_SECONDS:
            return f"a GIF of {seconds:.0f} s is too long, at most {GIF_SECONDS:.0f} s; --loop 4bars, or --profile webp"
    if encoder.delivery == "webp" and seconds > WEBP_SECONDS:
        return f"a WebP of {seconds:.0f} s is too long, at most {WEBP_SECONDS:.0f} s; --loop 8bars, or --profile webm"
    if encoder.delivery == "hap":
        if width % 4 or height % 4:
            return f"Hap needs sides that 4 divides, not {width}x{height}; --size 1280x720"
        if not _ffmpeg_with_hap():
            return (
                "no ffmpeg with the encoder 'hap' is on the PATH (FFmpeg built with libsnappy has it); install one, or "
                "use --profile prores or vj"
            )
    return None


def deliver(segments: Sequence[Path], n_frames_each: Sequence[int], fps: Fraction, out: Path, encoder: Encoder) -> None:
    """Makes a GIF or an animated WebP of all segments, renamed to its final name when complete. It loops for ever.

    Raises:
        VideoError: a segment is damaged or of another length, or the encoder fails.
        OutputError: the file cannot be written.
    """
    import av

    with whole_file(out) as part:
        try:
            options = {"loop": "0"}
            with av.open(media_url(part), "w", format=encoder.delivery, options=options) as container:
                if encoder.delivery == "gif":
                    _write_gif(container, segments, n_frames_each, fps)
                else:
                    _write_webp(container, segments, n_frames_each, fps, encoder)
        except av.error.FFmpegError as error:
            if isinstance(error, OSError):
                raise
            raise VideoError(f"'{out}' cannot be made: {error.strerror}") from None


def _frames(segments: Sequence[Path], n_frames_each: Sequence[int], fps: Fraction) -> Iterator[VideoFrame]:
    """All frames, rgb24, frame i at i / fps."""
    import av

    i = 0
    for path, n_frames in zip(segments, n_frames_each, strict=True):
        end = i + n_frames
        try:
            with open_media(path) as container:
                for frame in container.decode(video=0):
                    made = frame.reformat(format="rgb24")
                    made.pts, made.time_base = i, 1 / fps
                    yield made
                    i += 1
        except (av.error.FFmpegError, OSError, IndexError) as error:
            raise VideoError(f"segment '{path}' cannot be read: {error}; render again with --fresh") from None
        if i != end:
            raise VideoError(f"segment '{path}' has {i - end + n_frames} frames, not {n_frames}; render again")


def _write_gif(
    container: OutputContainer, segments: Sequence[Path], n_frames_each: Sequence[int], fps: Fraction
) -> None:
    """One palette for all frames, so that nothing flickers; ordered dither, which stands still and packs well."""
    import av.filter

    colours, graph, given = _palette(segments, n_frames_each, fps), av.filter.Graph(), None
    stream = container.add_stream("gif", rate=fps)
    context = stream.codec_context
    for frame in _frames(segments, n_frames_each, fps):
        if given is None:
            given = graph.add_buffer(width=frame.width, height=frame.height, format=frame.format, time_base=1 / fps)
            table = graph.add_buffer(
                width=colours.width, height=colours.height, format=colours.format, time_base=1 / fps
            )
            use = graph.add("paletteuse", "dither=bayer:bayer_scale=4:diff_mode=rectangle")
            sink = graph.add("buffersink")
            given.link_to(use, 0, 0)
            table.link_to(use, 0, 1)
            use.link_to(sink)
            graph.configure()
            table.push(colours)
            table.push(None)
            context.width, context.height, context.pix_fmt = frame.width, frame.height, "pal8"
            context.time_base = 1 / fps
        given.push(frame)
        _drain(graph, container, stream)
    if given is not None:
        given.push(None)
        _drain(graph, container, stream)
    container.mux(stream.encode(None))


def _palette(segments: Sequence[Path], n_frames_each: Sequence[int], fps: Fraction) -> VideoFrame:
    """The 255 colours that serve all frames best, and one that is no colour."""
    import av.filter

    graph, given = av.filter.Graph(), None
    for frame in _frames(segments, n_frames_each, fps):
        if given is None:
            given = graph.add_buffer(width=frame.width, height=frame.height, format=frame.format, time_base=1 / fps)
            find, sink = graph.add("palettegen", "stats_mode=full"), graph.add("buffersink")
            given.link_to(find)
            find.link_to(sink)
            graph.configure()
        given.push(frame)
    assert given is not None
    given.push(None)
    return cast("VideoFrame", graph.pull())


def _drain(graph: Graph, container: OutputContainer, stream: Any) -> None:
    """Encodes what a graph has ready."""
    import av

    while True:
        try:
            frame = graph.pull()
        except (av.error.BlockingIOError, av.error.EOFError):
            return
        container.mux(stream.encode(frame))


def _write_webp(
    container: OutputContainer, segments: Sequence[Path], n_frames_each: Sequence[int], fps: Fraction, encoder: Encoder
) -> None:
    quality = max(1, min(100, round(_WEBP_BEST - 1.25 * (encoder.crf - _DIMMEST))))
    options = {"quality": str(quality), "compression_level": "3", "loop": "0"}
    stream = container.add_stream("libwebp_anim", rate=fps, options=options)
    context = stream.codec_context
    for k, frame in enumerate(_frames(segments, n_frames_each, fps)):
        if k == 0:
            context.width, context.height, context.pix_fmt = frame.width, frame.height, "bgra"
            context.time_base = Fraction(1, 1000)  # as the file has it; from fractions of it FFmpeg rounds down
        picture = frame.reformat(format="bgra")
        picture.pts, picture.time_base = round(1000 * k / fps), context.time_base
        container.mux(stream.encode(picture))
    container.mux(stream.encode(None))


def webp_durations(path: Path) -> list[int]:
    """Milliseconds for which each frame of an animated WebP is shown; empty: it is none.

    Follows the container's specification (RIFF; chunks ANMF, whose bytes 12 to 14 say it).
    """
    data, at, found = path.read_bytes(), 12, list[int]()
    if data[:4] != b"RIFF" or data[8:12] != b"WEBP":
        return []
    while at + 8 <= len(data):
        size = int.from_bytes(data[at + 4 : at + 8], "little")
        if data[at : at + 4] == b"ANMF":
            found.append(int.from_bytes(data[at + 20 : at + 23], "little"))
        at += 8 + size + size % 2
    return found


def _ffmpeg_with_hap() -> str | None:
    """The program FFmpeg, if there is one that encodes Hap."""
    program = shutil.which("ffmpeg")
    if program is None:
        return None
    try:
        told = subprocess.run(
            [program, "-hide_banner", "-encoders"], capture_output=True, text=True, timeout=30, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return program if " hap " in told.stdout else None


@contextlib.contextmanager
def hap_file(segments: Sequence[Path], n_frames_each: Sequence[int], fps: Fraction, out: Path) -> Iterator[Path]:
    """All segments in one silent MOV in Hap, made by the program FFmpeg; it is gone afterwards.

    Raises:
        VideoError: there is no such program, it fails, or a segment is damaged.
    """
    program = _ffmpeg_with_hap()
    if program is None:
        raise VideoError("no ffmpeg with the encoder 'hap' is on the PATH; use --profile prores")
    made = part_of(out).with_suffix(".hap.mov")
    process: subprocess.Popen[bytes] | None = None
    try:
        with tempfile.TemporaryFile() as errors:
            for frame in _frames(segments, n_frames_each, fps):
                if process is None:
                    given = [
                        "-f",
                        "rawvideo",
                        "-pix_fmt",
                        "rgba",
                        "-s",
                        f"{frame.width}x{frame.height}",
                        "-r",
                        f"{fps}",
                    ]
                    wanted = ["-c:v", "hap", "-format", "hap", "-f", "mov", "-y", f"file:{made.absolute()}"]
                    command = [program, "-v", "error", "-nostdin", *given, "-i", "-", *wanted]
                    process = subprocess.Popen(command, stdin=subprocess.PIPE, stderr=errors)
                assert process.stdin is not None
                process.stdin.write(frame.reformat(format="rgba").to_ndarray().tobytes())
            assert process is not None and process.stdin is not None
            process.stdin.close()
            if process.wait():
                errors.seek(0)
                lines = errors.read().decode(errors="replace").strip().splitlines() or ["no reason given"]
                raise VideoError(f"ffmpeg cannot encode Hap: {lines[-1]}; use --profile prores")
        yield made
    except BrokenPipeError:
        raise VideoError("ffmpeg stopped while it encoded Hap; use --profile prores") from None
    finally:
        if process is not None and process.poll() is None:
            process.kill()
            process.wait()
        made.unlink(missing_ok=True)
