"""What is measured in the small is the same in pieces, from the cache, and in one run."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from avwalk.frames.generators import GeneratorPool
from avwalk.pipeline import plan_of
from avwalk.plan.plan import Plan
from avwalk.rendering import proxy_measures
from avwalk.rendering.proxy_measures import measure_proxy
from avwalk.request.resolve import resolve
from avwalk.video.flashes import FlashMeter


@pytest.fixture
def film(click_song: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Plan, GeneratorPool]:
    monkeypatch.setenv("AVWALK_CACHE_DIR", str(tmp_path))
    small: dict[str, Any] = {"preset": "lsd", "generator": "cppn", "size": "64x36", "fps": 12}
    plan, worlds, _ = plan_of(resolve(click_song, {**small, "set": ('routes=["kick -> light.gain +200% r60"]',)}))
    return plan, worlds


def drawn(monkeypatch: pytest.MonkeyPatch) -> list[tuple[int, int]]:
    """Frames that are looked at from now on."""
    seen: list[tuple[int, int]] = []
    real = proxy_measures.thumbnails

    def spied(plan: Plan, worlds: GeneratorPool, i0: int, i1: int, *more: Any) -> Any:
        seen.append((i0, i1))
        return real(plan, worlds, i0, i1, *more)

    monkeypatch.setattr(proxy_measures, "thumbnails", spied)
    return seen


def test_pieces_are_as_one(film: tuple[Plan, GeneratorPool], monkeypatch: pytest.MonkeyPatch) -> None:
    one = measure_proxy(*film, 0, 48)
    monkeypatch.setattr(proxy_measures, "PIECE_SECONDS", 1)
    pieces = measure_proxy(*film, 0, 48)
    seen = drawn(monkeypatch)
    again = measure_proxy(*film, 0, 48)
    assert seen == [(0, 1)]  # for their size
    for a, b, c in zip(one, pieces, again, strict=True):
        assert np.array_equal(a, b) and np.array_equal(b, c)
    assert one.flashes.max() > 0


def test_after_an_edit_the_rest_is_known(film: tuple[Plan, GeneratorPool], monkeypatch: pytest.MonkeyPatch) -> None:
    plan, worlds = film
    monkeypatch.setattr(proxy_measures, "PIECE_SECONDS", 1)
    measure_proxy(plan, worlds, 0, 48)
    plan.params["camera.zoom"][30] += 0.5
    seen = drawn(monkeypatch)
    edited = measure_proxy(plan, worlds, 0, 48)
    assert seen[:3] == [(0, 1), (23, 24), (24, 36)] and (0, 12) not in seen and (12, 24) not in seen
    monkeypatch.setenv("AVWALK_CACHE_DIR", "/dev/null/none")
    for a, b in zip(edited, measure_proxy(plan, worlds, 0, 48), strict=True):
        assert np.array_equal(a, b)


def test_a_meter_goes_on_from_its_state() -> None:
    frames = np.random.default_rng(1).random((40, 34, 60, 3), np.float32) * np.tile([1.0, 0.1], 20)[:, None, None, None]
    whole, first, second = (FlashMeter(Fraction(12)) for _ in range(3))
    whole.push(frames.astype(np.float32))
    first.push(frames[:17].astype(np.float32))
    second.go_on(first.marks, first.state())
    second.push(frames[17:].astype(np.float32))
    assert np.array_equal(whole.per_second(), second.per_second()) and whole.per_second().max() > 3
