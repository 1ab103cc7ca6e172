"""Encoder settings by delivery profile, and what FFmpeg's encoders are told of them."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

from avwalk.errors import VideoError, did_you_mean
from avwalk.spec.encoder import SMOOTH_GRADIENTS, Encoder

_UPRIGHT = (1080, 1920)
# x264's mbtree is left out everywhere (superfast has none): with it the same frames give other bits now and then
_LOSSLESS = Encoder(codec="libx264rgb", preset="ultrafast", bframes=0, pix_fmt="rgb24", params="", audio="none")
"""Segments of what is made in one go at the end: a palette, say, is that of all frames."""

PROFILES: dict[str, Encoder] = {
    "youtube": Encoder(),
    "vertical": Encoder(size=_UPRIGHT),
    "square": Encoder(size=(1080, 1080)),
    "story": Encoder(size=_UPRIGHT),
    "canvas": Encoder(size=_UPRIGHT, audio="none"),
    "master": Encoder(crf=10, preset="fast", suffix=".mov", audio="lossless", params=f"{SMOOTH_GRADIENTS}:mbtree=0"),
    "vj": Encoder(crf=16, gop_seconds=0.0, bframes=0, params=SMOOTH_GRADIENTS),
    "hevc": Encoder(codec="libx265", crf=20, params="aq-mode=3"),
    "10bit": Encoder(codec="libx265", crf=20, params="aq-mode=3", pix_fmt="yuv420p10le"),
    "av1": Encoder(codec="libsvtav1", crf=26, preset="9", bframes=0, params=""),
    "webm": Encoder(codec="libvpx-vp9", crf=24, preset="7", bframes=0, params="", suffix=".webm", audio="opus"),
    "prores": Encoder(
        codec="prores_ks",
        preset="hq",
        gop_seconds=0.0,
        bframes=0,
        pix_fmt="yuv422p10le",
        params="",
        suffix=".mov",
        audio="lossless",
    ),
    "hap": replace(_LOSSLESS, suffix=".mov", audio="lossless", delivery="hap"),
    "gif": replace(_LOSSLESS, suffix=".gif", delivery="gif", fps="25", size=(480, 270)),
    "webp": replace(_LOSSLESS, crf=20, suffix=".webp", delivery="webp", size=(640, 360)),
}
QUALITIES: dict[str, int] = {"draft": 6, "good": 0, "high": -3, "max": -8}
"""What each quality adds to a profile's crf. Six more halve the bits, as x264's quantiser doubles its step."""
_STEPS = {"libsvtav1": 1.5, "libvpx-vp9": 1.5}
"""Their crf reaches from 0 to 63, x264's to 51, over about the same qualities."""
_ONE_QUALITY = ("prores_ks", "libx264rgb")


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


def with_quality(encoder: Encoder, quality: str, bit_rate: int | None) -> Encoder:
    """A profile's encoder in another quality, or at a bit rate.

    Args:
        encoder: of a profile.
        quality: a key of `QUALITIES`.
        bit_rate: bits per second of the picture; None: as the quality needs.

    Raises:
        VideoError: both are given, or the encoder knows only one quality.
    """
    if quality == "good" and bit_rate is None:
        return encoder
    if encoder.codec in _ONE_QUALITY and not (encoder.delivery == "webp" and bit_rate is None):
        kind = encoder.delivery or "prores"
        raise VideoError(f"profile {kind} has one quality; leave --quality and --bitrate out, or change --size")
    if bit_rate is None:
        return replace(encoder, crf=max(1, encoder.crf + round(QUALITIES[quality] * _STEPS.get(encoder.codec, 1))))
    if quality != "good":
        raise VideoError(f"--quality {quality} and --bitrate: give one of them; a bit rate leaves the quality open")
    return replace(encoder, bit_rate=bit_rate)


def with_alpha(encoder: Encoder) -> Encoder | None:
    """A profile's encoder with an alpha channel; None: its container or codec has none."""
    if encoder.codec == "prores_ks":
        return replace(encoder, preset="4444", pix_fmt="yuva444p10le", alpha=True)
    if encoder.codec == "libvpx-vp9":
        return replace(encoder, pix_fmt="yuva420p", alpha=True)
    return None


def segment_format(encoder: Encoder) -> str:
    """FFmpeg's name of the container of a segment: one that holds all that the codec gives."""
    if encoder.suffix == ".webm":
        return "webm"  # alpha lies beside the packets there
    return "mov" if encoder.codec == "prores_ks" else "mp4"


def codec_tag(encoder: Encoder) -> str:
    """How the codec is named in the container; empty: as FFmpeg does. Apple's players know HEVC by this name alone."""
    return "hvc1" if encoder.codec == "libx265" else ""


def codec_options(encoder: Encoder, fps: Fraction) -> dict[str, str]:
    """Options for the codec context of a segment. Encoders run in one thread: the bits of some depend on it."""
    gop, extra = encoder.gop(fps), f":{encoder.params}" if encoder.params else ""
    quality = {} if encoder.bit_rate else {"crf": str(encoder.crf)}
    if encoder.codec == "libx264":
        return _x264_options(encoder, gop, extra) | quality
    if encoder.codec == "libx265":
        params = f"keyint={gop}:min-keyint=1:open-gop=0:bframes={encoder.bframes}:pools=none:frame-threads=1"
        return {"preset": encoder.preset, "x265-params": f"{params}:log-level=0{extra}", **quality}
    if encoder.codec == "libsvtav1":
        rate = "" if encoder.bit_rate else f":crf={encoder.crf}"
        return {"preset": encoder.preset, "svtav1-params": f"lp=1:keyint={gop}{rate}{extra}"}
    if encoder.codec == "libvpx-vp9":
        speed = {"deadline": "good", "cpu-used": encoder.preset, "row-mt": "0", "tile-columns": "0"}
        # frames that are not shown would make packets without a time, and alpha cannot have them
        return {**speed, "auto-alt-ref": "0", "lag-in-frames": "0", **(quality | {"b": "0"} if quality else {})}
    if encoder.codec == "prores_ks":
        return {"profile": encoder.preset, "vendor": "apl0", **({"alpha_bits": "16"} if encoder.alpha else {})}
    if encoder.codec == "libx264rgb":
        return {"preset": encoder.preset, "qp": "0"}
    constant = encoder.codec.endswith("_nvenc") and not encoder.bit_rate
    return {"qp": str(encoder.crf), "rc": "constqp"} if constant else {}


def _x264_options(encoder: Encoder, gop: int, extra: str) -> dict[str, str]:
    params = f"keyint={gop}:min-keyint=1:open-gop=0:bframes={encoder.bframes}:lookahead-threads=1"
    if encoder.bit_rate:  # a buffer of two seconds: a segment cannot be far off, whatever is in it
        params += f":vbv-maxrate={encoder.bit_rate * 3 // 2000}:vbv-bufsize={encoder.bit_rate * 2 // 1000}"
    profile_name = {"yuv420p": "high", "yuv422p": "high422", "yuv444p": "high444"}.get(encoder.pix_fmt, "high")
    return {"preset": encoder.preset, "profile": profile_name, "x264-params": params + extra}
