"""Sources of high dynamic range and sources with transparency, against a reference in double precision."""

from __future__ import annotations

import struct
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np
import pytest

from avwalk.frames.files import VideoSource, open_source
from avwalk.frames.hdr import peak_of

W, H, PATCH = 320, 64, 20
TRC = {"pq": 16, "hlg": 18}
TO_709 = np.array(
    [[1.660491, -0.587641, -0.072850], [-0.124550, 1.132900, -0.008349], [-0.018151, -0.100579, 1.118730]]
)


def pq(code: Any) -> Any:
    p = np.asarray(code) ** (32 / 2523)
    return 10000 * (np.maximum(p - 0.8359375, 0) / (18.8515625 - 18.6875 * p)) ** (16384 / 2610)


def pq_code(light: Any) -> Any:
    p = (np.asarray(light) / 10000) ** (2610 / 16384)
    return ((0.8359375 + 18.8515625 * p) / (1 + 18.6875 * p)) ** (2523 / 32)


def hlg(code: np.ndarray) -> np.ndarray:
    a, b, c = 0.17883277, 0.28466892, 0.55991073
    scene = np.where(code <= 0.5, code**2 / 3, (np.exp((code - c) / a) + b) / 12)
    return 1000 * scene * (scene @ [0.2627, 0.6780, 0.0593])[..., None] ** 0.2


def reference(code: np.ndarray, transfer: str, peak: float = 1000.0) -> np.ndarray:
    """BT.2020 code values in [0, 1] to sRGB in [0, 255]: BT.2390 EETF on the largest of the three, to 203 cd/m²."""
    light = pq(code) if transfer == "pq" else hlg(code)
    largest = np.maximum(light.max(axis=-1, keepdims=True), 1e-6)
    e, most = np.minimum(pq_code(largest) / pq_code(peak), 1), pq_code(203.0) / pq_code(peak)
    ks = 1.5 * most - 0.5
    t = (e - ks) / (1 - ks)
    p = (2 * t**3 - 3 * t**2 + 1) * ks + (t**3 - 2 * t**2 + t) * (1 - ks) + (-2 * t**3 + 3 * t**2) * most
    mapped = pq(np.where(e < ks, e, p) * pq_code(peak))
    linear = np.clip((light * mapped / largest / 203) @ TO_709.T, 0, 1)
    return np.asarray(255 * np.where(linear <= 0.0031308, 12.92 * linear, 1.055 * linear ** (1 / 2.4) - 0.055))


def patches(y: np.ndarray, cb: np.ndarray, cr: np.ndarray) -> np.ndarray:
    """Code values in [0, 1] of 10-bit limited-range BT.2020 Y′CbCr."""
    luma, b, r = (y - 64) / 876, (cb - 512) / 896, (cr - 512) / 896
    red, blue = luma + 1.4746 * r, luma + 1.8814 * b
    green = (luma - 0.2627 * red - 0.0593 * blue) / 0.6780
    return np.clip(np.stack([red, green, blue], -1), 0, 1)


def video(path: Path, y: np.ndarray, cb: np.ndarray, cr: np.ndarray, trc: int) -> Path:
    """A lossless video of patches, 20 pixels wide."""
    with av.open(str(path), "w") as container:
        stream: Any = container.add_stream("ffv1", rate=25)
        stream.width, stream.height, stream.pix_fmt = W, H, "yuv444p10le"
        context = stream.codec_context
        context.color_primaries, context.color_trc, context.colorspace, context.color_range = 9, trc, 9, 1
        frame = av.VideoFrame(W, H, "yuv444p10le")
        for plane, values in zip(frame.planes, (y, cb, cr), strict=True):
            row = np.repeat(values, PATCH).astype("<u2")
            whole = np.zeros((H, plane.line_size // 2), "<u2")
            whole[:, :W] = row
            plane.update(whole.tobytes())
        frame.color_primaries, frame.color_trc, frame.colorspace, frame.color_range = 9, trc, 9, 1
        for k in range(2):
            frame.pts = k
            for packet in stream.encode(frame):
                container.mux(packet)
        for packet in stream.encode():
            container.mux(packet)
    return path


@pytest.mark.parametrize("transfer", ["pq", "hlg"])
@pytest.mark.parametrize("kind", ["ramp", "patches"])
def test_light_is_mapped_as_the_reference_does(tmp_path: Path, transfer: str, kind: str) -> None:
    n, rng = W // PATCH, np.random.default_rng(3)
    y, cb, cr = np.round(np.linspace(64, 940, n)), np.full(n, 512.0), np.full(n, 512.0)
    if kind == "patches":
        y, cb, cr = (rng.integers(*between, n).astype(float) for between in ((250, 650), (440, 584), (440, 584)))
    source = VideoSource(video(tmp_path / "a.mkv", y, cb, cr, TRC[transfer]), (W, H), Fraction(25))
    got = source.frames(0, 1)[0, H // 2, PATCH // 2 :: PATCH] * 255
    assert np.abs(got - reference(patches(y, cb, cr), transfer)).max() <= 2
    assert source.read_as == f"{transfer.upper()}, 1000 cd/m²" and "standard range" in source.notes[0]


def test_standard_range_stays_as_it_is(tmp_path: Path) -> None:
    n = W // PATCH
    flat = np.full(n, 512)
    source = VideoSource(
        video(tmp_path / "a.mkv", np.linspace(64, 940, n).round(), flat, flat, 14), (W, H), Fraction(25)
    )
    got = source.frames(0, 1)[0, H // 2, PATCH // 2 :: PATCH] * 255
    assert np.abs(got - np.linspace(0, 255, n)[:, None]).max() <= 2 and source.read_as == "BT.2020"


def test_the_peak_is_what_the_metadata_say() -> None:
    mastering = struct.pack("=22i", *[1] * 18, 4000 * 10000, 10000, 1, 1)
    assert peak_of(None, None) == 1000
    assert peak_of(None, mastering) == 4000
    assert peak_of(struct.pack("=II", 600, 200), mastering) == 600
    assert peak_of(struct.pack("=II", 0, 0), mastering) == 4000
    assert peak_of(struct.pack("=II", 90000, 0), None) == 10000 and peak_of(struct.pack("=II", 20, 0), None) == 203
    assert peak_of(None, mastering[:80] + bytes(8)) == 1000 and peak_of(b"", b"short") == 1000


def test_what_is_transparent_is_black(tmp_path: Path) -> None:
    picture = np.zeros((H, W, 4), np.uint8)
    picture[..., 0] = 200
    picture[:, W // 2 :, 3] = 255
    picture[:, W // 4 : W // 2, 3] = 128
    path = tmp_path / "a.mov"
    with av.open(str(path), "w") as container:
        stream: Any = container.add_stream("qtrle", rate=25)
        stream.width, stream.height, stream.pix_fmt = W, H, "argb"
        for packet in [*stream.encode(av.VideoFrame.from_ndarray(picture, format="rgba")), *stream.encode()]:
            container.mux(packet)
    folder = tmp_path / "folder"
    folder.mkdir()
    cv2.imwrite(str(folder / "a.png"), picture[..., [2, 1, 0, 3]])
    for source in (open_source(path, (W, H), Fraction(25)), open_source(folder, (W, H), Fraction(25))):
        row = source.frames(0, 1)[0, H // 2, [10, 3 * W // 8, W - 10]] * 255
        np.testing.assert_allclose(row, [[0, 0, 0], [100, 0, 0], [200, 0, 0]], atol=1.5)
        assert source.read_as == "alpha" and "transparent in places" in source.notes[0]
