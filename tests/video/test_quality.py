"""Qualities and bit rates: what they make of a film's size and of its likeness to the frames."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from avwalk.config.options import RenderOptions
from avwalk.errors import OptionError, VideoError
from avwalk.request.parse import parse_options
from avwalk.spec.encoder import Encoder
from avwalk.video.encode import SegmentEncoder
from avwalk.video.profiles import QUALITIES, profile, with_quality

SIZE = (160, 96)


def busy(n: int) -> np.ndarray:
    """Coloured blobs that drift: (n, H, W, 3) float32."""
    y, x = np.mgrid[: SIZE[1], : SIZE[0]].astype(np.float32)
    waves = [np.sin(x / (3 + c) + 0.2 * i + c) * np.cos(y / (5 - c) - 0.1 * i) for i in range(n) for c in range(3)]
    return (0.5 + 0.4 * np.stack(waves).reshape(n, 3, *SIZE[::-1]).transpose(0, 2, 3, 1)).astype(np.float32)


def encoded(path: Path, encoder: Encoder, frames: np.ndarray) -> tuple[int, float]:
    """Bytes, and the mean error of luma in levels."""
    with SegmentEncoder(path, SIZE, Fraction(30), encoder, 0, 0) as segment:
        segment.write(frames)
    with av.open(str(path)) as container:
        shown = [np.asarray(f.to_ndarray()[: SIZE[1]], np.float32) for f in container.decode(video=0)]
    meant = 16 + 219 * frames @ np.array([0.2126, 0.7152, 0.0722], np.float32)
    return path.stat().st_size, float(np.abs(np.stack(shown) - meant).mean())


def test_a_better_quality_is_larger_and_nearer(tmp_path: Path) -> None:
    frames = busy(20)
    found = [encoded(tmp_path / f"{name}.mp4", with_quality(Encoder(), name, None), frames) for name in QUALITIES]
    sizes, errors = zip(*found, strict=True)
    assert list(QUALITIES) == ["draft", "good", "high", "max"]
    assert sorted(sizes) == list(sizes) and sizes[0] < 0.7 * sizes[1] < 0.5 * sizes[3]
    assert sorted(errors, reverse=True) == list(errors)
    assert with_quality(profile("master"), "good", None) == profile("master")


@pytest.mark.parametrize("rate", [150_000, 600_000])
def test_a_bit_rate_is_kept(rate: int, tmp_path: Path) -> None:
    size, _ = encoded(tmp_path / "film.mp4", with_quality(Encoder(), "good", rate), busy(150))
    assert size * 8 / 5 == pytest.approx(rate, rel=0.2)


def test_bit_rates_are_written_as_people_do() -> None:
    for text, bits in (("8M", 8_000_000), ("800k", 800_000), ("1.5m", 1_500_000), ("2000000", 2_000_000)):
        assert parse_options({"bitrate": text}).bitrate == bits
    for wrong in ("8 lots", "1k", "9000M", "-8M"):
        with pytest.raises(OptionError, match="bitrate"):
            parse_options({"bitrate": wrong})
    with pytest.raises(VideoError, match="give one of them"):
        with_quality(Encoder(), "max", 8_000_000)
    assert RenderOptions().quality == "good"
