"""Verifies a finished film: frame count, time stamps, audio, colour tags, sync."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from avwalk.arrays.colour import LUMA
from avwalk.clock import round_half_up
from avwalk.errors import VideoError
from avwalk.files.media import open_media
from avwalk.files.names import name_problem
from avwalk.files.sound_stream import sound_stream
from avwalk.video.delivery import webp_durations
from avwalk.video.emptiness import ToneMeter, empty_runs
from avwalk.video.salience import DetailMeter, salience
from avwalk.video.sound_match import match
from avwalk.video.sync import HEIGHT, WIDTH, correlate, picture_change

if TYPE_CHECKING:
    from av.container import InputContainer
    from av.video.stream import VideoStream

MAX_LAG_MS = 5.0
MIN_CORRELATION = 0.95
_UNTAGGED = ("gif", "hap")  # red, green and blue, and no place to say of which kind
_USUAL = (*(Fraction(n) for n in (24, 25, 30, 50, 60)), *(Fraction(1000 * n, 1001) for n in (24, 30, 60)))
_LEAD = Fraction(1, 5)  # s that a codec may need ahead of the first sound
_PRE_SKIP = Fraction(1, 100)
_SLACK = Fraction(3, 2000)  # containers round durations to their own ticks


@dataclass(frozen=True)
class _Structure:
    """What the packets say. Times in seconds."""

    n_frames: int
    fps: Fraction
    duration: Fraction
    audio_duration: Fraction | None
    audio_start: Fraction
    origin: Fraction
    problems: tuple[str, ...]


@dataclass(frozen=True)
class ExpectedPicture:
    """What moves a film, and where it must show something. Times in seconds, in the film.

    Attributes:
        events: times of the hits, for the measure of sync, (n,).
        heights: of the events; None: 1 for each.
        drums: times of kicks and snares, for the measure of salience; None: it is not measured.
        loud: (start, end) of passages in which the song is loud.
    """

    events: Sequence[float] | NDArray[np.float64]
    heights: Sequence[float] | NDArray[np.float64] | None = None
    drums: Sequence[float] | NDArray[np.float64] | None = None
    loud: Sequence[tuple[float, float]] = ()


@dataclass(frozen=True)
class ExpectedSound:
    """What must be heard in a film.

    Attributes:
        read: gives its samples [a, b), (b − a, channels) float32, sample 0 at the film's start.
        sample_rate: Hz.
        n_samples: how long it is.
        speakers: where its channels belong; empty: not known.
    """

    read: Callable[[int, int], NDArray[np.float32]]
    sample_rate: int
    n_samples: int
    speakers: tuple[str, ...] = ()


def verify(
    video: Path,
    *,
    n_frames: int | None = None,
    fps: Fraction | None = None,
    sound: ExpectedSound | None = None,
    picture: ExpectedPicture | None = None,
    quick: bool = False,
) -> dict[str, Any]:
    """Checks a film.

    Args:
        video: the film.
        n_frames: how many frames it must have; None when unknown.
        fps: its frame rate; None when unknown.
        sound: what must be heard; None to leave the sound unchecked.
        picture: what moves it; None to leave that unmeasured.
        quick: look at packets and some seconds of sound only; no picture is decoded or measured.

    Returns:
        ``ok``, ``problems`` (lines), ``n_frames``, ``fps`` ("30/1"), ``duration``, ``audio_duration`` (s,
        None without sound), ``audio_lag_ms``, ``audio_correlation``, ``lag_frames``, ``correlation``,
        ``luma_pump``, ``salience`` (fields of `avwalk.video.salience.Salience`), ``empty`` ((start, end) of passages,
        s, that show nearly nothing though the song is loud); the last seven None where not measured. Positive lags:
        sound, or picture, is late.

    Raises:
        VideoError: the file cannot be opened as a video.
    """
    facts = _structure(video)
    problems = list(facts.problems)
    if n_frames is not None and facts.n_frames != n_frames:
        problems.append(f"{facts.n_frames} frames instead of {n_frames}")
    if fps is not None and facts.fps != fps:
        problems.append(f"{facts.fps} frames per second instead of {fps}")
    lag_ms, audio_r = None, None
    if sound is not None and facts.audio_duration is not None:
        lag_ms, audio_r = match(
            video, sound.read, sound.sample_rate, sound.n_samples, facts.audio_duration, sound.speakers, facts.origin
        )
        if facts.origin <= _PRE_SKIP:  # FFmpeg puts the pictures so much later where Opus has a pre-skip
            lag_ms = min(lag_ms, lag_ms + 1000 * float(facts.origin), key=abs)
        if abs(lag_ms) > MAX_LAG_MS:
            problems.append(f"the sound is {lag_ms:.1f} ms off the song (at most {MAX_LAG_MS:g})")
        if audio_r < MIN_CORRELATION:
            problems.append(f"the sound is not the song: correlation {audio_r:.3f} (at least {MIN_CORRELATION})")
    elif sound is not None:
        problems.append("there is no sound")
    measured = dict.fromkeys(("lag_frames", "correlation", "luma_pump", "salience", "empty"))
    if not quick:
        measured = _measured(_lumas(video, facts, problems), facts.fps, picture)
    return {
        "ok": not problems,
        "problems": problems,
        "n_frames": facts.n_frames,
        "fps": f"{facts.fps.numerator}/{facts.fps.denominator}",
        "duration": float(facts.duration),
        "audio_duration": None if facts.audio_duration is None else float(facts.audio_duration),
        "audio_lag_ms": lag_ms,
        "audio_correlation": audio_r,
        **measured,
    }


def _measured(lumas: Iterator[NDArray[np.float32]], fps: Fraction, picture: ExpectedPicture | None) -> dict[str, Any]:
    """What is seen of a film; None of what there is nothing to measure by. All of it is decoded in any case."""
    detail, tone = DetailMeter(), ToneMeter()
    change, luma_change = picture_change(detail.watch(tone.watch(lumas)))
    if picture is None:
        return dict.fromkeys(("lag_frames", "correlation", "luma_pump", "salience", "empty"))
    frames = _frames(picture.events, fps)
    weights = None if picture.heights is None else np.asarray(picture.heights, np.float64)
    correlation, lag = correlate(change, frames, weights)
    seen = None if picture.drums is None else salience(detail.change, _frames(picture.drums, fps), float(fps))
    loud = np.zeros(len(change), bool)
    for start, end in picture.loud:
        loud[max(0, round(start * fps)) : max(0, round(end * fps))] = True
    runs = empty_runs(tone.tones, loud, float(fps))
    return {
        "lag_frames": lag,
        "correlation": correlation,
        "luma_pump": correlate(luma_change, frames, weights)[0],
        "salience": seen and seen.as_json(),
        "empty": [(round(float(a / fps), 3), round(float(b / fps), 3)) for a, b in runs],
    }


def _frames(times: Sequence[float] | NDArray[np.float64], fps: Fraction) -> NDArray[np.int64]:
    return np.array([round_half_up(Fraction(float(t)) * fps) for t in times], np.int64)


def _open(path: Path) -> InputContainer:
    import av

    if problem := name_problem(path):
        raise VideoError(f"video {problem}")
    try:
        container = open_media(path)
    except (av.error.FFmpegError, OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise VideoError(f"video '{path}' cannot be opened: {reason}; give a finished film") from None
    if not container.streams.video or container.streams.video[0].codec_context is None:  # a codec nobody knows
        container.close()
        raise VideoError(f"'{path}' holds no picture; give a video file")
    return container


def _structure(path: Path) -> _Structure:
    """Counts and times from the packets, without decoding."""
    import av

    if shown := webp_durations(path):
        return _webp_structure(shown)
    with _open(path) as container:
        stream = container.streams.video[0]
        base = stream.time_base or Fraction(1)
        fps = Fraction(stream.average_rate or stream.base_rate or 1)
        pts: list[int] = []
        last_dts, ordered = None, True
        try:
            for packet in container.demux(stream):
                if not packet.size or packet.pts is None:
                    continue
                pts.append(packet.pts)
                if packet.dts is not None:
                    ordered = ordered and (last_dts is None or packet.dts > last_dts)
                    last_dts = packet.dts
        except av.error.FFmpegError as error:
            raise VideoError(f"video '{path}' is damaged: {error.strerror}") from None
        # Matroska has no edit lists: what a codec needs ahead of the first sound moves everything behind 0
        ticking = "matroska" in container.format.name
        first = min(pts, default=0) if ticking else 0
        first = first if 0 <= first * base <= _LEAD else 0
        origin = first * base
        problems = [] if ordered else ["packets are not in decoding order"]
        problems += _time_problems([each - first for each in pts], base, fps, 2 if first else 1)
        problems += _colour_problems(stream)
        duration = len(pts) / fps
        audio_duration, audio_start = None, Fraction(0)
        if container.streams.audio and container.streams.audio[0].codec_context is None:
            problems.append("the codec of its sound is not known here")
        elif container.streams.audio:
            audio_start, audio_end = _sound_span(container, origin)
            audio_duration = audio_end - audio_start
            # a song shorter than half a frame still gets its one frame
            allowed = max(Fraction(1, 2) / fps, duration if len(pts) == 1 else Fraction(0)) + _SLACK
            if abs(audio_duration - duration) > allowed:
                problems.append(f"sound lasts {float(audio_duration):.4f} s, picture {float(duration):.4f} s")
            if abs(audio_start) > _SLACK:
                problems.append(f"sound starts at {float(audio_start):.4f} s")
    return _Structure(len(pts), fps, duration, audio_duration, audio_start, origin, tuple(problems))


def _webp_structure(shown: list[int]) -> _Structure:
    """Of an animated WebP, which FFmpeg does not read, from the milliseconds of each frame. Each begins to the
    millisecond, so that their number and their sum say how many there are in a second."""
    rate = Fraction(1000 * len(shown), sum(shown) or 1)
    usual = next((fps for fps in _USUAL if abs(sum(shown) - 1000 * len(shown) / fps) <= 1), rate)
    begins = np.cumsum([0, *shown[:-1]]).tolist()
    problems = _time_problems(begins, Fraction(1, 1000), usual)
    return _Structure(len(shown), usual, len(shown) / usual, None, Fraction(0), Fraction(0), tuple(problems))


def _sound_span(container: InputContainer, origin: Fraction) -> tuple[Fraction, Fraction]:
    """From when to when there is sound, seconds from ``origin``; what a codec needs ahead of it is no sound."""
    audio = container.streams.audio[0]
    base = audio.time_base or Fraction(1)
    start = Fraction(audio.start_time or 0) * base - origin
    if audio.duration is not None:
        return start, start + audio.duration * base
    ends = [Fraction(container.duration, 1_000_000)] if container.duration else []
    if told := re.fullmatch(r"(\d+):(\d\d):(\d\d(?:\.\d+)?)", audio.metadata.get("DURATION", "")):
        ends.append(int(told[1]) * 3600 + int(told[2]) * 60 + Fraction(told[3]))
    decoded = _last_sound(container, ends[0] if ends else Fraction(0))
    ends += [decoded] if decoded is not None else []
    return (Fraction(0) if -_LEAD <= start < 0 else start), min(ends, default=origin) - origin


def _last_sound(container: InputContainer, end: Fraction) -> Fraction | None:
    """When the last sound ends that decodes, seconds; None: none does."""
    import av

    stream, _ = sound_stream(container)
    base, found = stream.time_base or Fraction(1), None
    try:
        container.seek(max(0, int((end - 1) / base)), stream=stream)
        for frame in container.decode(stream):
            found = (frame.pts or 0) * base + Fraction(frame.samples, frame.sample_rate)
    except av.error.FFmpegError:
        return found
    return found


def _time_problems(pts: list[int], base: Fraction, fps: Fraction, ticks_off: int = 1) -> list[str]:
    """Frame i has to be shown at i / fps, to half a tick; to more where times were moved, and so rounded twice."""
    shown = sorted(pts)
    # in whole numbers: fractions are slow, and a film has many frames
    tick, frame = base.numerator * fps.numerator, base.denominator * fps.denominator
    for i, ticks in enumerate(shown):
        if 2 * abs(ticks * tick - i * frame) > tick * ticks_off:
            return [f"frame {i} is shown at {float(ticks * base):.6f} s, not {float(i / fps):.6f} s"]
    return [] if shown else ["there are no frames"]


def _colour_problems(stream: VideoStream) -> list[str]:
    context = stream.codec_context
    if context.name in _UNTAGGED:
        return []
    tags = (context.color_primaries, context.color_trc, context.colorspace, context.color_range)
    # 1 is BT.709 for the first three and limited range for the last
    if tags != (1, 1, 1, 1):
        return [f"colour is tagged {tags} (primaries, transfer, matrix, range) instead of BT.709 (1, 1, 1, 1)"]
    return []


def _lumas(path: Path, facts: _Structure, problems: list[str]) -> Iterator[NDArray[np.float32]]:
    """Every frame's luma, (90, 160) float32 in [0, 1]; adds to ``problems`` when some do not decode."""
    import av
    from av.video.reformatter import Interpolation

    n = 0
    if webp_durations(path):
        yield from _webp_lumas(path, facts, problems)
        return
    with _open(path) as container:
        stream = container.streams.video[0]
        stream.thread_type = "AUTO"
        try:
            for frame in container.decode(stream):
                small = frame.reformat(WIDTH, HEIGHT, format="yuv420p", interpolation=Interpolation.AREA)
                plane = small.planes[0]
                luma = np.frombuffer(plane, np.uint8).reshape(-1, plane.line_size)[:HEIGHT, :WIDTH]  # type: ignore[call-overload]
                yield (luma.astype(np.float32) - np.float32(16)) / np.float32(219)
                n += 1
        except av.error.FFmpegError as error:
            problems.append(f"frame {n} does not decode: {error.strerror}")
    if n != facts.n_frames and not problems:
        problems.append(f"{n} of {facts.n_frames} frames decode")


def _webp_lumas(path: Path, facts: _Structure, problems: list[str]) -> Iterator[NDArray[np.float32]]:
    import cv2

    done, animation = cv2.imdecodeanimation(np.frombuffer(path.read_bytes(), np.uint8))
    frames = animation.frames if done else ()
    if len(frames) != facts.n_frames:
        problems.append(f"{len(frames)} of {facts.n_frames} frames decode")
    for frame in frames:
        small = cv2.resize(np.asarray(frame)[..., 2::-1], (WIDTH, HEIGHT), interpolation=cv2.INTER_AREA)
        yield np.asarray(small @ LUMA / np.float32(255), np.float32)
