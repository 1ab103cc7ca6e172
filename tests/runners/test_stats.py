"""Where the time went: the parts of it, and the table."""

from __future__ import annotations

import time

import pytest

from avwalk.cli.progress import stats_text
from avwalk.runners.stages import Stages, Times
from avwalk.runners.stats import Stopwatch, stats


def test_what_workers_did_not_draw_nor_wait_was_idle(monkeypatch: pytest.MonkeyPatch) -> None:
    now = iter([0.0, 1.0, 11.0, 12.5, 12.5])
    monkeypatch.setattr(time, "perf_counter", lambda: next(now))
    watch, stages = Stopwatch(), Stages(2)
    watch.lap("plan")
    watch.lap("draw")
    watch.lap("finish")
    for _ in range(2):
        stages.add(Times(drawing=6.0, drawing_waited=1.0, encoding=2.0, encoding_waited=5.0))
    assert stages.limit == "picture"
    made = stats(watch, stages, n_frames=300, n_resumed=60)
    assert made["steps"] == {"plan": 1.0, "draw": 10.0, "finish": 1.5} and made["wall_s"] == 12.5
    assert made["picture_s"] == 12.0 and made["idle_s"] == 20.0 - 12.0 - 2.0
    text = stats_text(made)
    assert "300  60 were there, 240 drawn" in text and "of 2 workers" in text
    rows = {line.rsplit("  ", 2)[0].strip(): line.split()[-1] for line in text.splitlines()}
    assert rows["drawing pictures"] == "60%" and rows["waiting for the encoder"] == "10%"
    assert rows["idle: loading, ends of segments"] == "30%"


def test_a_film_that_was_all_there_has_no_rows_of_workers() -> None:
    made = stats(_watched(), Stages(0), n_frames=10, n_resumed=10)
    assert "worker" not in stats_text(made)


def _watched() -> Stopwatch:
    watch = Stopwatch()
    watch.lap("draw")
    return watch
