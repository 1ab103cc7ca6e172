"""The settings of a film's encoder."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

from avwalk.spec.json_form import Spec, later

AudioPolicy = Literal["aac", "lossless", "opus", "none"]
SMOOTH_GRADIENTS = "aq-mode=3:aq-strength=1.3:dct-decimate=0:pbratio=1.15"
"""Dark gradients get bits, and faint dither is not thrown away, least of all in B-frames, or they band."""
FINE_DITHER = (
    "aq-mode=3:aq-strength=1.1:dct-decimate=0:pbratio=1.15:deadzone-inter=10:deadzone-intra=6:chroma-qp-offset=1"
)
"""Half the bits of `SMOOTH_GRADIENTS` for the same SSIM. Most go into dither there, kept grain by grain: here its
faintest is rounded away, while narrow dead zones keep its mean, so that a dark gradient is as near to the drawn one
when both are blurred (``python -m tests.benchmarks encoder``)."""
FEWER_SEARCHES = "b-adapt=0:weightp=0:subme=2:scenecut=0:ref=1"
"""Left out: what buys little at this quality. Quarter pixels and a second reference do pay."""


@dataclass(frozen=True)
class Encoder(Spec):
    """All that decides the bits of a film but its frames: part of the plan.

    Attributes:
        codec: FFmpeg's name of the video encoder.
        crf: x264's quality, smaller is better; for a hardware encoder its constant quantiser.
        preset: x264's speed.
        gop_seconds: at most so many seconds between key frames; 0 makes every frame one.
        bframes: B-frames between two others, 0–2.
        pix_fmt: pixel format of the film.
        threads: of one segment. x264's output depends on it; segments are encoded side by side instead.
        suffix: of the file: ``".mp4"``, ``".mov"``, ``".webm"``, ``".gif"`` or ``".webp"``.
        audio: ``"aac"`` copies AAC and encodes all else; ``"lossless"`` copies PCM and ALAC, else PCM; ``"opus"``
            copies Opus and encodes all else; ``"none"``: the film is silent.
        audio_bit_rate: of AAC or Opus, bits per second.
        size: default width and height, or None when the film's own default stands.
        params: further x264 parameters, ``"name=value:name=value"``.
        bit_rate: bits per second of the picture, on average, instead of ``crf``; 0: as ``crf`` says.
        alpha: whether the film has an alpha channel.
        fps: frames per second when none are asked for; empty: the film's own default.
        delivery: what the film is made into when its segments, without loss, are there: ``"gif"``, ``"webp"`` or
            ``"hap"``; empty: they are joined as they are.
    """

    codec: str = "libx264"
    crf: int = 22
    preset: str = "superfast"
    gop_seconds: float = 2.0
    bframes: int = 2
    pix_fmt: str = "yuv420p"
    threads: int = 1
    suffix: str = ".mp4"
    audio: AudioPolicy = "aac"
    audio_bit_rate: int = 320_000
    size: tuple[int, int] | None = None
    params: str = f"{FINE_DITHER}:{FEWER_SEARCHES}"
    bit_rate: int = later(0)
    alpha: bool = later(False)
    fps: str = later("")
    delivery: Literal["", "gif", "webp", "hap"] = later("")

    def gop(self, fps: Fraction) -> int:
        """Frames between key frames."""
        return max(1, round(self.gop_seconds * fps))
