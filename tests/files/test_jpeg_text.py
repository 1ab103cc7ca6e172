"""Texts in JPEG files."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from avwalk.errors import VideoError
from avwalk.files.jpeg_text import is_jpeg, read_text, with_text

PICTURE = np.random.default_rng(0).integers(0, 256, (20, 30, 3), np.uint8)
JPEG = cv2.imencode(".jpg", PICTURE)[1].tobytes()


@pytest.mark.parametrize("text", ["", "{}", "Zoë – 夢", "x" * 65_533, "é" * 100_000])
def test_what_is_written_is_read_and_the_pixels_stay(text: str, tmp_path: Path) -> None:
    path = tmp_path / "a.jpg"
    path.write_bytes(with_text(JPEG, {"avwalk": text, "title": "b"}))
    assert is_jpeg(path) and read_text(path) == {"avwalk": text, "title": "b"}
    tagged, plain = cv2.imread(str(path)), cv2.imdecode(np.frombuffer(JPEG, np.uint8), cv2.IMREAD_COLOR)
    assert tagged is not None and plain is not None and np.array_equal(tagged, plain)


def test_comments_of_others_and_damage(tmp_path: Path) -> None:
    path = tmp_path / "a.jpg"
    path.write_bytes(JPEG[:2] + b"\xff\xfe\x00\x07hello" + JPEG[2:])
    assert read_text(path) == {"comment": "hello"}
    for cut in range(3, 40):
        path.write_bytes(with_text(JPEG, {"a": "b" * 20})[:cut])
        read_text(path)  # whatever is there
    path.write_bytes(b"none")
    assert not is_jpeg(path) and not is_jpeg(tmp_path / "gone.jpg")
    with pytest.raises(VideoError, match="is no JPEG"):
        read_text(path)
    with pytest.raises(VideoError, match="cannot be opened"):
        read_text(tmp_path / "gone.jpg")
    with pytest.raises(VideoError, match="only be put into a JPEG"):
        with_text(b"none", {})
