from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from avwalk.errors import OptionError
from avwalk.pipeline import plan_of, render, source_of
from avwalk.plan.plan import Plan
from avwalk.rendering.estimate import Estimate, estimate, peak_memory, spread
from avwalk.request.resolve import resolve


def planned(song: Path, generator: str = "testcard", **more: Any) -> tuple[Any, Plan, Any]:
    request = resolve(song, {"generator": generator, "size": "64x36", **more})
    plan, worlds, _ = plan_of(request)
    return request, plan, source_of(plan, worlds)


class Slow:
    """A source in which every frame takes as long as it is told, and that keeps what it was asked for."""

    failed_frames: tuple[int, ...] = ()

    def __init__(self, seconds: float) -> None:
        self.seconds, self.asked = seconds, list[tuple[int, int]]()

    def frames(self, i0: int, i1: int) -> np.ndarray:
        self.asked.append((i0, i1))
        time.sleep(self.seconds * (i1 - i0))
        return np.zeros((i1 - i0, 36, 64, 3), np.float32)


@pytest.mark.parametrize("generator", ["testcard", "cppn"])
def test_a_film_is_estimated_by_frames_of_it(click_song: Path, generator: str) -> None:
    request, plan, source = planned(click_song, generator)
    found = estimate(plan, source, request.film.encoder, workers=2, price=0.6)
    assert found.n_frames == 120 and 3 <= found.sampled < 120 and found.workers == 2
    assert found.seconds == 120 * found.frame_seconds > 0
    assert found.money == pytest.approx(0.6 * found.seconds / 3600)
    assert found.memory_bytes is None or found.memory_bytes > 20e6
    assert "120 frames" in found.line and "at 0.6 an hour" in found.line and "\n" not in found.line


def test_what_is_told_is_what_it_takes(click_song: Path) -> None:
    request, plan, _ = planned(click_song)
    slow = Slow(0.01)
    found = estimate(plan, slow, request.film.encoder, workers=1)
    # sleeping takes at least as long as it is told; what is above it is the encoder
    assert found.frame_seconds >= 0.009 and found.seconds >= 1.2
    assert found.money is None and "an hour" not in found.line
    rows = {i for a, b in slow.asked for i in range(a, b)}
    assert min(rows) == plan.i0 and max(rows) == plan.i1 - 1  # spread over all of it
    assert len(rows) < 0.8 * plan.n_frames


def test_of_slow_sources_single_frames_are_drawn(click_song: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    request, plan, _ = planned(click_song)
    monkeypatch.setattr("avwalk.rendering.estimate.BUDGET_SECONDS", 0.5)
    slow = Slow(0.05)
    found = estimate(plan, slow, request.film.encoder, workers=1)
    assert found.sampled == 3 and all(b - a == 1 for a, b in slow.asked) and found.frame_seconds >= 0.05


def test_a_film_of_one_frame(click_song: Path) -> None:
    request, plan, source = planned(click_song, duration=0.04)
    found = estimate(plan, source, request.film.encoder, price=0)
    assert found.n_frames == found.sampled == found.workers == 1 and found.money == 0


@pytest.mark.parametrize("price", [-1.0, float("inf"), float("nan")])
def test_prices_that_are_none(click_song: Path, price: float) -> None:
    request, plan, source = planned(click_song)
    with pytest.raises(OptionError, match="price"):
        estimate(plan, source, request.film.encoder, price=price)


def test_runs_are_spread_and_keep_all_workers_busy() -> None:
    assert [tuple(run) for run in spread(10, 110, 10, 1)] == [(10, 20), (55, 65), (100, 110)]
    assert len(spread(0, 1000, 8, 2)) == 4 and len(spread(0, 1000, 8, 7)) == 7
    tight = spread(0, 5, 24, 4)
    assert all(b - a == 1 and 0 <= a < b <= 5 for a, b in tight) and len(tight) == 4


def test_lines_are_read_by_people() -> None:
    def line(seconds: float, **more: Any) -> str:
        values: dict[str, Any] = {"memory_bytes": None, "device_bytes": None, "price": None, **more}
        return Estimate(1000, 24, seconds, 2, **values).line

    assert line(0.005) == "1000 frames take about 5 s (200 frames/s); measured on 24 frames"
    assert line(0.1).startswith("1000 frames take about 1 min 40 s (10 frames/s);")
    text = line(12.0, memory_bytes=612_000_000, device_bytes=5_400_000_000, price=0.6)
    assert text == (
        "1000 frames take about 3 h 20 min (12 s a frame), memory 612 MB, of the graphics card 5.4 GB, "
        "2.00 at 0.6 an hour; measured on 24 frames"
    )


def test_the_peak_of_memory_is_that_of_a_python_with_numpy() -> None:
    peak = peak_memory()
    if peak is None:
        pytest.skip("the system does not say")
    assert 20e6 < peak < 1e12


@pytest.mark.parametrize("more", [{"quality": "draft"}, {"bitrate": "200k"}, {"profile": "vj"}, {"profile": "master"}])
def test_the_size_of_the_file_is_known_before(tmp_path: Path, more: dict[str, Any]) -> None:
    song = tmp_path / "noise.wav"  # AAC needs all of its bits for it
    soundfile.write(song, np.random.default_rng(0).uniform(-0.5, 0.5, (4 * 44100, 2)), 44100)
    request, plan, source = planned(song, "cppn", **more)
    found = estimate(plan, source, request.film.encoder, sound=request.sound, workers=1)
    out = tmp_path / f"film{request.film.encoder.suffix}"
    render(song, generator="cppn", size="64x36", out=out, **more)
    assert found.file_bytes == pytest.approx(out.stat().st_size, rel=0.3)
    assert "a file of about" in found.line and found.as_json()["file_bytes"] == found.file_bytes
