from __future__ import annotations

import time

import pytest

torch = pytest.importorskip("torch")

from avwalk.models import batch_size as batches  # noqa: E402


def test_the_trial_takes_the_fastest_batch(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = [0.0]
    monkeypatch.setattr(time, "perf_counter", lambda: clock[0])
    seconds = {1: 0.1, 2: 0.15, 4: 0.2, 8: 0.396, 16: 1.2, 32: 0.1}

    def draw(batch: int) -> None:
        clock[0] += seconds[batch]

    assert batches.fastest(draw, 8) == 4  # 8 is hardly faster
    assert batches.fastest(draw, 2) == 2
    assert batches.fastest(draw, 32) == 4  # 16 takes too long to try more

    def fails(batch: int) -> None:
        if batch > 1:
            raise torch.OutOfMemoryError("CUDA out of memory")
        draw(batch)

    assert batches.fastest(fails, 16) == 1


def test_batches_fit_the_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batches, "free_bytes", lambda device: 1000)
    assert [batches.fitting("cuda", size) for size in (1, 30, 150, 400, 5000)] == [64, 32, 4, 2, 1]
