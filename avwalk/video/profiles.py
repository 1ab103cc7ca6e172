"""Encoder settings by delivery profile: youtube, vertical, square, master, vj."""

from __future__ import annotations

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


def codec_options(encoder: Encoder, fps: Fraction) -> dict[str, str]:
    """Options for the codec context of a segment."""
    if encoder.codec not in _SOFTWARE:
        return {"qp": str(encoder.crf), "rc": "constqp"} if encoder.codec.endswith("_nvenc") else {}
    gop = encoder.gop(fps)
    params = f"keyint={gop}:min-keyint=1:open-gop=0:bframes={encoder.bframes}:lookahead-threads=1"
    if encoder.params:
        params += f":{encoder.params}"
    profile_name = {"yuv420p": "high", "yuv422p": "high422", "yuv444p": "high444"}.get(encoder.pix_fmt, "high")
    return {
        "preset": encoder.preset,
        "crf": str(encoder.crf),
        "profile": profile_name,
        "x264-params": params,
    }
