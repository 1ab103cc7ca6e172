"""Drawing a codex: resumed, failed, redrawn, delivered."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from concurrent.futures import BrokenExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from avwalk.codex import run as module
from avwalk.codex.codex import load_codex
from avwalk.codex.folder import CodexFolder
from avwalk.codex.record import read_record
from avwalk.codex.run import RunResult, plan_run, read_failed, run_codex
from avwalk.errors import PainterError
from avwalk.files.image_meta import image_info, read
from avwalk.files.infotext import parsed
from avwalk.files.png_text import read_text
from avwalk.painters.contract import Painting


class Stub:
    """A painter of flat pictures; `fails` says for which seeds it does not paint."""

    kind, remote, jobs, price = "stub", False, 3, 0.0

    def __init__(self) -> None:
        self.identity: Mapping[str, Any] = {"kind": "stub"}
        self.fails: Callable[[int], bool] = lambda seed: False
        self.painted: list[int] = []

    def paint(
        self, prompt: str, negative: str = "", seed: int = 0, size: tuple[int, int] = (1, 1), *_: object
    ) -> Painting:
        self.painted.append(seed)
        if self.fails(seed):
            raise PainterError("the service is away")
        return Painting(np.full((size[1], size[0], 3), 0.5, np.float32), {"Steps": 3, "notes": ["flat"]})


@pytest.fixture
def stub(monkeypatch: pytest.MonkeyPatch) -> Stub:
    painter = Stub()
    monkeypatch.setattr(module, "open_painter", lambda name, fresh=False: painter)
    return painter


def draw(folder: CodexFolder, **options: Any) -> RunResult:
    return run_codex(folder, plan_run(folder, **options))


def test_pictures_of_built_in_worlds_say_how_they_were_made(codex: CodexFolder) -> None:
    events: list[Mapping[str, Any]] = []
    result = run_codex(codex, plan_run(codex), events.append)
    assert (result.painted, result.pictures, result.total, result.failed) == (6, 6, 6, {})
    assert [read_record(codex.picture(k)) for k in range(6)] == load_codex(codex).records()
    said = parsed(read_text(codex.picture(0))["parameters"])
    assert said["Prompt"].startswith("ink of far away, a calm sea") and said["Place"] == "sea"
    assert (
        read(codex.sheet).ndim == 3
        and "a meadow, in fog" in codex.page.read_text(encoding="utf-8")
        and not codex.failed.exists()
    )
    assert sorted(event["index"] for event in events) == list(range(6)) and events[-1]["eta_s"] == 0


def test_what_is_there_stays_and_what_is_broken_is_drawn_again(codex: CodexFolder, stub: Stub) -> None:
    draw(codex)
    before = [codex.picture(k).read_bytes() for k in range(6)]
    codex.picture(1).unlink()
    codex.picture(2).write_bytes(before[2][:-20])
    stub.painted.clear()
    assert draw(codex).painted == 2
    assert [codex.picture(k).read_bytes() for k in range(6)] == before and len(stub.painted) == 2


def test_count_goes_on_with_more_cycles(codex: CodexFolder, stub: Stub) -> None:
    assert draw(codex, count=2).total == 2
    assert draw(codex, count=9).painted == 7
    assert len({read_record(codex.picture(k)).seed for k in range(9)}) == 9


def test_a_picture_that_fails_ends_nothing_and_is_tried_again(codex: CodexFolder, stub: Stub) -> None:
    bad = load_codex(codex).records()[3].seed
    stub.fails = lambda seed: seed == bad
    result = draw(codex)
    assert result.failed == {3: "the service is away"} and result.pictures == 5 and stub.painted.count(bad) == 2
    assert read_failed(codex) == {3: "the service is away"} and not codex.picture(3).exists()
    stub.fails = lambda seed: False
    assert draw(codex).failed == {} and not codex.failed.exists() and codex.picture(3).exists()


def test_a_failure_that_passes_is_no_failure(codex: CodexFolder, stub: Stub) -> None:
    bad = load_codex(codex).records()[3].seed
    stub.fails = lambda seed: seed == bad and stub.painted.count(bad) < 2
    assert draw(codex).failed == {} and not codex.failed.exists()


def test_a_painter_that_always_fails_ends_the_run(codex: CodexFolder, stub: Stub) -> None:
    seeds = [each.seed for each in load_codex(codex).records(60)]
    stub.fails = lambda seed: seed in seeds[2:]
    with pytest.raises(PainterError, match="10 pictures in a row failed; the last: the service is away"):
        draw(codex, count=60)
    assert codex.picture(0).exists() and codex.picture(1).exists() and len(stub.painted) < 30
    assert 10 <= len(read_failed(codex)) < 20


def test_a_changed_codex_is_seen_and_redrawn_on_request(codex: CodexFolder, stub: Stub) -> None:
    draw(codex)
    codex.add_mark("00000.png", "good")
    codex.add_mark("00001.png", "bad")
    text = codex.scenes.read_text(encoding="utf-8")
    codex.scenes.write_text(text.replace("a calm sea", "a rough sea"), encoding="utf-8")
    plan = plan_run(codex)
    assert [order.record.index for order in plan.changed] == [0, 3] and not plan.missing
    assert read_record(codex.picture(0)).scene == "a calm sea"
    assert draw(codex, redraw=True).painted == 2
    assert read_record(codex.picture(0)).scene == "a rough sea"
    assert codex.read_marks()[0] == {"00001.png": "bad"}, "the mark was of the picture before"


def test_another_name_or_more_cycles_change_no_picture(codex: CodexFolder, stub: Stub) -> None:
    draw(codex)
    text = codex.settings.read_text(encoding="utf-8")
    codex.settings.write_text(text.replace('"shore"', '"coast"').replace("cycles = 2", "cycles = 3"), encoding="utf-8")
    plan = plan_run(codex)
    assert not plan.changed and len(plan.missing) == 3


def test_delivery_is_a_scaled_copy_beside_the_drawn_one(codex: CodexFolder, stub: Stub) -> None:
    draw(codex, count=2)
    draw(codex, count=3, given={"deliver": "96x64"})
    for k in range(3):
        path = codex.delivered / f"{k:05d}.png"
        assert image_info(path) and read(path).shape == (64, 96, 3) and read(codex.picture(k)).shape == (18, 32, 3)
        assert read_record(path) == read_record(codex.picture(k))
    again = (codex.delivered / "00000.png").stat().st_mtime_ns
    draw(codex, count=3, given={"deliver": "96x64"})
    assert (codex.delivered / "00000.png").stat().st_mtime_ns == again


def test_ctrl_c_keeps_what_is_finished(codex: CodexFolder, stub: Stub) -> None:
    def stop(event: Mapping[str, Any]) -> None:
        if event["done"] == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run_codex(codex, plan_run(codex), stop)
    there = [k for k in range(6) if image_info(codex.picture(k))]
    assert len(there) >= 2 and not list(Path(codex.pictures).glob("*.part"))
    assert draw(codex).painted == 6 - len(there)
    assert load_codex(codex).records() == [read_record(codex.picture(k)) for k in range(6)]


def test_as_many_are_painted_at_once_as_painter_and_settings_allow(codex: CodexFolder, stub: Stub) -> None:
    together = threading.Barrier(3, timeout=20)
    stub.fails = lambda seed: together.wait() < 0  # goes on only when three are there
    assert draw(codex).painted == 6


def test_a_concurrency_of_one_paints_one_after_the_other(codex: CodexFolder, stub: Stub) -> None:
    busy, most = [0], [0]

    def paint(seed: int) -> bool:
        busy[0] += 1
        most[0] = max(most[0], busy[0])
        threading.Event().wait(0.01)
        busy[0] -= 1
        return False

    stub.fails = paint
    assert draw(codex, given={"concurrency": 1}).painted == 6 and most == [1]


def test_processes_paint_what_threads_paint(codex: CodexFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    draw(codex)
    before = [codex.picture(k).read_bytes() for k in range(6)]
    for k in range(6):
        codex.picture(k).unlink()
    monkeypatch.setattr(module, "PROCESSES_FROM", 1)
    monkeypatch.setattr("os.cpu_count", lambda: 2)
    assert draw(codex).painted == 6
    assert [codex.picture(k).read_bytes() for k in range(6)] == before


def test_a_process_that_dies_is_one_line(codex: CodexFolder, stub: Stub, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise BrokenExecutor

    monkeypatch.setattr(module, "_paint_one", broken)
    with pytest.raises(PainterError, match="has died"):
        draw(codex)
