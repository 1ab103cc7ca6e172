"""A source that follows the music, against the song's bars, build-ups and hits."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from avwalk.pipeline import plan_of, source_of
from avwalk.plan.plan import Plan
from avwalk.plan.source_time import PACE, SHORTEST, TIME
from avwalk.request.resolve import resolve


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """300 pictures, each of its own grey, with a mark that moves."""
    path = tmp_path_factory.mktemp("pictures")
    for k in range(300):
        picture = np.full((36, 64, 3), 40 + k % 150, np.uint8)
        picture[10:20, k % 60 : k % 60 + 4] = 255
        cv2.imwrite(str(path / f"{k}.png"), picture)
    return path


def planned(song: Path, folder: Path, **more: Any) -> tuple[Plan, Any]:
    options = {"generator": "testcard", "source": str(folder), "source_follows": True, "size": "64x36", **more}
    plan, worlds, analysis = plan_of(resolve(song, options))
    return plan, (source_of(plan, worlds), analysis)


def test_it_is_cut_on_bars_and_never_in_between(click_song: Path, folder: Path) -> None:
    plan, (_, analysis) = planned(click_song, folder)
    times = plan.params[TIME].astype(np.float64)
    cuts = np.flatnonzero(np.abs(np.diff(times) - 0.2) > 0.35) + 1
    bars = np.round(analysis.score.bars * float(plan.fps))
    assert all(np.abs(bars - cut).min() <= 1 or times[cut] < 0.5 for cut in cuts)
    assert times.min() >= 0 and times.max() < 10 and len(times) == plan.n_frames
    assert SHORTEST > 1


def test_a_hit_pushes_it_on_and_zooms(click_song: Path, folder: Path) -> None:
    plan, _ = planned(click_song, folder)
    straight, _ = planned(click_song, folder, source_follows=False)
    steps = np.diff(plan.params[TIME].astype(np.float64), prepend=0.0) * float(plan.fps)
    hits = np.round(plan.events[:, 0] * float(plan.fps)).astype(int)
    strong = [
        i for i, height in zip(hits, plan.events[:, 1], strict=True) if height > 0.5 and 2 < i < plan.n_frames - 12
    ]
    assert len(strong) >= 3
    for i in strong:
        if 0 < steps[i] < 20:  # not over a cut
            assert steps[i] > 2 * PACE
        assert plan.params["camera.zoom"][i] > 1.05 * straight.params["camera.zoom"][i]
    assert TIME not in straight.params


def test_any_frame_is_the_same_in_any_order_and_in_an_excerpt(click_song: Path, folder: Path) -> None:
    plan, (source, _) = planned(click_song, folder)
    whole = source.frames(30, 60)
    assert np.array_equal(source.frames(44, 47), whole[14:17])
    part, (excerpt, _) = planned(click_song, folder, start=1.0, duration=1.0)
    assert part.i0 == 30 and np.array_equal(excerpt.frames(30, 60), whole)
    other, _ = planned(click_song, folder, seed=9)
    assert not np.array_equal(other.params[TIME], plan.params[TIME])
