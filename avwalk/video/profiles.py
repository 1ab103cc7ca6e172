"""Encoder settings by delivery profile: youtube, vertical, square, master, vj."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

from avwalk.errors import VideoError, did_you_mean
from avwalk.spec import SMOOTH_GRADIENTS, Encoder

_SOFTWARE = ("libx264",)

PROFILES: dict[str, Encoder] = {
    "youtube": Encoder(),
    "vertical": Encoder(size=(1080, 1920)),
    "square": Encoder(size=(1080, 1080)),
    "master": Encoder(crf=10, preset="fast", bframes=2, suffix=".mov", audio="lossless", params=SMOOTH_GRADIENTS),
    "vj": Encoder(crf=16, gop_seconds=0.0, bframes=0, params=SMOOTH_GRADIENTS),
}


def profile(name: str) -> Encoder:
    """The profile of that name.

    Raises:
        VideoError: there is none.
    """
    try:
        return PROFILES[name]
    except KeyError:
        names = ", ".join(PROFILES)
        raise VideoError(f"profile '{name}' is unknown{did_you_mean(name, PROFILES)}; give one of {names}") from None


QUALITIES: dict[str, int] = {"draft": 6, "good": 0, "high": -3, "max": -8}
"""What each quality adds to a profile's crf. Six more halve the bits, as x264's quantiser doubles its step."""


def with_quality(encoder: Encoder, quality: str, bit_rate: int | None) -> Encoder:
    """A profile's encoder in another quality, or at a bit rate.

    Args:
        encoder: of a profile.
        quality: a key of `QUALITIES`.
        bit_rate: bits per second of the picture; None: as the quality needs.

    Raises:
        VideoError: both are given.
    """
    if bit_rate is None:
        return replace(encoder, crf=max(1, encoder.crf + QUALITIES[quality]))
    if quality != "good":
        raise VideoError(f"--quality {quality} and --bitrate: give one of them; a bit rate leaves the quality open")
    return replace(encoder, bit_rate=bit_rate)


def codec_options(encoder: Encoder, fps: Fraction) -> dict[str, str]:
    """Options for the codec context of a segment."""
    if encoder.codec not in _SOFTWARE:
        constant = encoder.codec.endswith("_nvenc") and not encoder.bit_rate
        return {"qp": str(encoder.crf), "rc": "constqp"} if constant else {}
    gop = encoder.gop(fps)
    params = f"keyint={gop}:min-keyint=1:open-gop=0:bframes={encoder.bframes}:lookahead-threads=1"
    if encoder.bit_rate:  # a buffer of two seconds: a segment cannot be far off, whatever is in it
        params += f":vbv-maxrate={encoder.bit_rate * 3 // 2000}:vbv-bufsize={encoder.bit_rate * 2 // 1000}"
    if encoder.params:
        params += f":{encoder.params}"
    profile_name = {"yuv420p": "high", "yuv422p": "high422", "yuv444p": "high444"}.get(encoder.pix_fmt, "high")
    return {
        "preset": encoder.preset,
        **({} if encoder.bit_rate else {"crf": str(encoder.crf)}),
        "profile": profile_name,
        "x264-params": params,
    }
