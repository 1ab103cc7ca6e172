"""Whether a picture in a file is whole."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from avwalk.errors import VideoError
from avwalk.files.image_meta import avwalk_metadata, image_info, read, write

PICTURE = np.random.default_rng(0).random((36, 64, 3)).astype(np.float32)


def test_a_written_picture_is_whole_and_reads_back(tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    write(path, PICTURE, {"avwalk": '{"drawn": "0123", "node": "a-1"}', "parameters": "a sea"})
    assert image_info(path) == ((64, 36), "0123") and avwalk_metadata(path)["node"] == "a-1"
    assert np.abs(read(path) - PICTURE).max() <= 0.5 / 255 + 1e-6
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("length", [0, 7, 20, 100, -1, -13])
def test_a_png_that_is_cut_off_is_not(tmp_path: Path, length: int) -> None:
    path = tmp_path / "a.png"
    write(path, PICTURE, {})
    path.write_bytes(path.read_bytes()[:length])
    assert image_info(path) is None


def test_a_png_with_a_changed_byte_is_not(tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    write(path, PICTURE, {})
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)
    assert image_info(path) is None


def test_a_jpeg_without_its_end_is_not(tmp_path: Path) -> None:
    path = tmp_path / "a.jpg"
    cv2.imwrite(str(path), (PICTURE * 255).astype(np.uint8))
    assert image_info(path) == ((64, 36), "")
    path.write_bytes(path.read_bytes()[:-400])
    assert image_info(path) is None


def test_a_file_that_changed_is_looked_at_again(tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    assert image_info(path) is None
    write(path, PICTURE, {})
    assert image_info(path)
    path.write_bytes(b"no picture")
    assert image_info(path) is None
    with pytest.raises(VideoError, match="cannot be read"):
        read(path)
    with pytest.raises(VideoError, match="cannot be opened"):
        read(tmp_path / "none.png")


@pytest.mark.parametrize("suffix", [".png", ".webp", ".tif"])
def test_what_is_transparent_is_read_as_black(tmp_path: Path, suffix: str) -> None:
    picture = np.full((36, 64, 4), 200, np.uint8)
    picture[..., 3] = 255
    picture[:, :32, 3] = 0
    path = tmp_path / f"a{suffix}"
    cv2.imwrite(str(path), picture, [cv2.IMWRITE_WEBP_QUALITY, 101] if suffix == ".webp" else [])
    found = read(path) * 255
    assert found[:, :32].max() == 0 and np.abs(found[:, 32:] - 200).max() <= 1
