"""What encodes a film, and its size, from the options."""

from __future__ import annotations

import re
from dataclasses import replace
from fractions import Fraction

from avwalk.config.options import DEFAULT_SIZE, MAX_SIZE, MIN_SIZE, RenderOptions
from avwalk.errors import OptionError, VideoError, clipped
from avwalk.registry import renders_passes
from avwalk.request.output import wants_pictures
from avwalk.spec import FilmSpec
from avwalk.spec.encoder import Encoder
from avwalk.video.delivery import delivery_problem
from avwalk.video.encode import trial
from avwalk.video.profiles import profile, with_alpha, with_quality

MAX_PIXELS = 8192 * 4320
_USUAL = "libx264"


def with_encoder(options: RenderOptions) -> tuple[RenderOptions, Encoder]:
    """The encoder, see `encoder_of`; and the options with its frame rate, where it has one and none is asked for."""
    encoder = encoder_of(options)
    if encoder.fps and "fps" not in options.model_fields_set:
        options = options.model_copy(update={"fps": encoder.fps})
    return options, encoder


def encoder_of(options: RenderOptions) -> Encoder:
    """The profile's encoder, in the quality asked for; another one than x264 only after it has encoded a picture here.

    Raises:
        VideoError: it does not work here, or the options contradict each other.
    """
    encoder = with_quality(profile(options.profile), options.quality, options.bitrate)
    if options.alpha:
        has_alpha = with_alpha(encoder)
        if has_alpha is None and not wants_pictures(options.out):
            raise VideoError(
                f"profile {options.profile} has no alpha channel; with --alpha use --profile prores or webm, or PNG "
                "frames: --out FOLDER/"
            )
        encoder = has_alpha or replace(encoder, alpha=True)
    if options.encoder != _USUAL:
        return _other(encoder, options)
    if encoder.codec != _USUAL and not wants_pictures(options.out) and (why := trial(encoder)):
        raise VideoError(f"profile {options.profile} does not work here: {why}; choose another profile")
    return encoder


def _other(encoder: Encoder, options: RenderOptions) -> Encoder:
    """The profile's encoder with the codec that was asked for."""
    if encoder.pix_fmt != "yuv420p" or (encoder.suffix != ".mp4" and encoder.codec != _USUAL):
        raise VideoError(f"profile {options.profile} has an encoder of its own; leave --encoder {options.encoder} out")
    other = replace(encoder, codec=options.encoder)
    if why := trial(other):
        raise VideoError(f"encoder '{options.encoder}' does not work here: {why}; leave --encoder out")
    return other


def check_delivery(encoder: Encoder, size: tuple[int, int], fps: Fraction, span: tuple[int, int]) -> None:
    """Refuses what a format cannot be.

    Raises:
        OptionError: too large, too long, or of another frame rate.
    """
    if problem := delivery_problem(encoder, size, fps, float((span[1] - span[0]) / fps)):
        raise OptionError(problem)


def check_alpha(film: FilmSpec) -> None:
    """Refuses an alpha channel, where one is asked for, of what knows no subject.

    Raises:
        OptionError: a generator renders no masks, or the frames are those of a source.
    """
    if not film.encoder.alpha:
        return
    names = [film.look.generator.name, *(pinned.look.generator.name for pinned in film.presets.values())]
    without = "--source" if film.source else next((f"generator '{n}'" for n in names if not renders_passes(n)), None)
    if without:
        raise OptionError(f"--alpha shows the subject, and {without} knows none; leave --alpha out, or use cppn")


def film_size(options: RenderOptions, encoder: Encoder) -> tuple[tuple[int, int], list[str]]:
    """Width and height, both even, and a note where they were not.

    Raises:
        OptionError: no size, or out of range.
    """
    if options.size is None:
        return encoder.size or DEFAULT_SIZE, []
    match = re.fullmatch(r"\s*(\d{1,6})\s*[x×X]\s*(\d{1,6})\s*", options.size)
    if not match:
        raise OptionError(f"size '{clipped(options.size)}' is not understood; write it as 1280x720")
    width, height = int(match[1]), int(match[2])
    if not (min(width, height) >= MIN_SIZE and max(width, height) <= MAX_SIZE and width * height <= MAX_PIXELS):
        raise OptionError(f"size {width}x{height} is out of range; each side must be {MIN_SIZE} to {MAX_SIZE} pixels")
    even = (width + width % 2, height + height % 2)
    if even == (width, height):
        return even, []
    return even, [f"size {width}x{height} rounded up to {even[0]}x{even[1]}: H.264 needs even sides"]
