"""A sheet of classes and seeds."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import cv2
import pytest

from avwalk.explore.worlds import explore_worlds

pytest.importorskip("torch")
pytest.importorskip("pytorch_pretrained_biggan")

from avwalk.explore.classes import class_row
from tests.small_biggan import save_biggan


def test_columns_are_classes_and_rows_are_seeds(click_song: Path, tmp_path: Path) -> None:
    weights = str(save_biggan(tmp_path / "small"))
    labels = ("classes.labels=teapot | daisy",)
    options: dict[str, Any] = {"preset": "lsd", "generator": "biggan", "model": weights, "size": "96x54", "set": labels}
    row = class_row(click_song, {**options, "seed": 1}, "1")
    assert [label for label, _ in row] == ["1   teapot", "1   daisy"]
    assert abs(row[0][1] - row[1][1]).mean() > 0.005
    sheet = explore_worlds(click_song, count=2, out=tmp_path / "s.png", **options)
    assert sheet == tmp_path / "s.png" and cv2.imread(str(sheet)) is not None
