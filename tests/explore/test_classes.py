"""A sheet of classes and seeds."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from avwalk.explore.worlds import explore_worlds
from avwalk.pipeline import plan_of

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


def test_tempo_first_beat_and_stems_are_heard_as_in_the_film(
    click_song: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    heard = []

    def planned(request: Any) -> Any:
        plan, worlds, analysis = plan_of(request)
        heard.append(analysis)
        return plan, worlds, analysis

    monkeypatch.setattr("avwalk.explore.classes.plan_of", planned)
    weights = str(save_biggan(tmp_path / "small"))
    routes = 'routes=["beat -> light.gain +90%", "drums.kick -> camera.zoom +60%"]'
    options = {"preset": "lsd", "generator": "biggan", "model": weights, "size": "96x54", "seed": 1}
    options |= {"set": ("classes.labels=teapot", routes), "stem": (f"drums={click_song}",)}
    usual, again = (class_row(click_song, options, "1")[0][1] for _ in range(2))
    other = class_row(click_song, {**options, "bpm": 75.0, "first_beat": 0.4}, "1")[0][1]
    assert np.array_equal(usual, again) and not np.array_equal(usual, other)  # a small network answers in small steps
    assert heard[2].score.tempo_bpm == pytest.approx(75) and heard[2].score.beats[0] == pytest.approx(0.4)
    assert "drums.kick" in heard[2].signals
