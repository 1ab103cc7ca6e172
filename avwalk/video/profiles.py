"""Encoder settings, by the name of what the film is for."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Literal

from avwalk.errors import VideoError, did_you_mean

AudioPolicy = Literal["aac", "lossless"]
_SOFTWARE = ("libx264",)
# dark gradients get bits, and faint dither is not thrown away, least of all in B-frames, or they band
_SMOOTH = "aq-mode=3:aq-strength=1.3:dct-decimate=0:pbratio=1.15"
# searches that buy nothing visible at this quality: a quarter of the encoder's time, most of it the smaller partitions
_QUICK = "b-adapt=0:weightp=0:subme=0:scenecut=0:partitions=none"


@dataclass(frozen=True)
class Encoder:
    """All that decides the bits of a film but its frames: part of the plan.

    Attributes:
        codec: FFmpeg's name of the video encoder.
        crf: x264's quality, smaller is better; for a hardware encoder its constant quantiser.
        preset: x264's speed.
        gop_seconds: seconds between key frames; 0 makes every frame one.
        bframes: B-frames between two others, 0–2.
        pix_fmt: pixel format of the film.
        threads: of one segment. x264's output depends on it; segments are encoded side by side instead.
        suffix: of the file, ``".mp4"`` or ``".mov"``.
        audio: ``"aac"`` copies AAC and encodes all else; ``"lossless"`` copies PCM and ALAC, else PCM.
        audio_bit_rate: of AAC, bits per second.
        size: default width and height, or None when the film's own default stands.
        params: further x264 parameters, ``"name=value:name=value"``.
    """

    codec: str = "libx264"
    crf: int = 20
    preset: str = "superfast"
    gop_seconds: float = 0.5
    bframes: int = 1
    pix_fmt: str = "yuv420p"
    threads: int = 1
    suffix: str = ".mp4"
    audio: AudioPolicy = "aac"
    audio_bit_rate: int = 320_000
    size: tuple[int, int] | None = None
    params: str = f"{_SMOOTH}:{_QUICK}"

    def gop(self, fps: Fraction) -> int:
        """Frames between key frames."""
        return max(1, round(self.gop_seconds * fps))

    def as_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        fields = dataclasses.asdict(self)
        return fields | {"size": list(self.size) if self.size else None}

    @classmethod
    def from_dict(cls, fields: dict[str, Any]) -> Encoder:
        """The reverse of ``as_dict``.

        Raises:
            VideoError: an unknown or missing field.
        """
        try:
            size = fields["size"]
            return cls(**(fields | {"size": (int(size[0]), int(size[1])) if size else None}))
        except (TypeError, KeyError, IndexError, ValueError) as error:
            raise VideoError(f"encoder settings do not fit this version: {error}; render with --fresh") from None


PROFILES: dict[str, Encoder] = {
    "youtube": Encoder(),
    "vertical": Encoder(size=(1080, 1920)),
    "square": Encoder(size=(1080, 1080)),
    "master": Encoder(crf=10, preset="fast", bframes=2, suffix=".mov", audio="lossless", params=_SMOOTH),
    "vj": Encoder(crf=16, gop_seconds=0.0, bframes=0, params=_SMOOTH),
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
