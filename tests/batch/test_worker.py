"""A row that ends its process fails alone, however it ends it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from avwalk.batch.outcome import Outcome, Report
from avwalk.batch.run import run_jobs
from avwalk.batch.table import Job
from avwalk.batch.worker import how_it_ended
from tests.cli.test_bad_input import wav
from tests.conftest import ROOT, clicks

pytestmark = pytest.mark.skipif(os.name != "posix", reason="signals of POSIX")


def make(job: Job, report: Report) -> Outcome:
    """A film that ends as its song is called."""
    name = job.song.name
    if name.startswith("SIG"):
        os.kill(os.getpid(), getattr(signal, name))
    if name == "exit":
        os._exit(3)
    if name == "slow":
        time.sleep(0.5)
    report({"event": "progress", "song": name, "process": os.getpid()})
    return Outcome(job, "made", str(os.getpid()))


def outcomes(*names: str, at_once: int = 1) -> dict[str, Outcome]:
    jobs = [Job(Path(name), {}, f"songs.csv:{k}") for k, name in enumerate(names, 2)]
    found = list(run_jobs(jobs, at_once=at_once, make=make))
    assert sorted(outcome.job.location for outcome in found) == [job.location for job in jobs]
    return {outcome.job.song.name: outcome for outcome in found}


def test_the_batch_goes_on_after_a_crash() -> None:
    found = outcomes("a", "SIGSEGV", "b", "exit", "SIGKILL", "c")
    assert [found[name].what for name in "abc"] == ["made"] * 3
    assert found["SIGSEGV"].what == "failed" and "SIGSEGV" in found["SIGSEGV"].message
    assert "exit code 3" in found["exit"].message and "memory" in found["SIGKILL"].message
    assert len({found[name].message for name in "abc"}) == 3  # a new process after each crash
    assert found["a"].message != str(os.getpid())


def test_one_process_makes_one_film_after_the_other() -> None:
    found = outcomes("a", "b", "c")
    assert len({outcome.message for outcome in found.values()}) == 1


@pytest.mark.full
def test_what_crashes_beside_others_takes_none_along() -> None:
    found = outcomes("slow", "SIGSEGV", "a", "SIGABRT", "b", at_once=2)
    assert {name for name, outcome in found.items() if outcome.what == "failed"} == {"SIGSEGV", "SIGABRT"}


def test_events_come_through() -> None:
    events: list[object] = []
    list(run_jobs([Job(Path("a")), Job(Path("b"))], on_event=lambda event: events.append(event["song"]), make=make))
    assert events == ["a", "b"]


def test_a_process_that_is_interrupted_interrupts_the_batch() -> None:
    with pytest.raises(KeyboardInterrupt):
        list(run_jobs([Job(Path("SIGINT")), Job(Path("a"))], make=make))


def test_how_it_ended() -> None:
    assert "SIGSEGV" in how_it_ended(-signal.SIGSEGV) and "exit code 5" in how_it_ended(5)
    assert "exit code -300" in how_it_ended(-300) and "killed" in how_it_ended(-9)


@pytest.mark.full
@pytest.mark.parametrize("how", ["Ctrl-C", "kill", "kill -9"])
def test_ctrl_c_stops_all(how: str, tmp_path: Path) -> None:
    """From a terminal to every process of the batch; from `kill` to the first alone."""
    wav(tmp_path / "one.wav", clicks(60.0))
    rows = "".join(f"one.wav,cppn,640x360,{k}.mp4\n" for k in range(3))
    (tmp_path / "songs.csv").write_text("song,generator,size,out\n" + rows)
    batch = subprocess.Popen(
        [sys.executable, "-m", "avwalk", "batch", str(tmp_path / "songs.csv")],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    began = time.monotonic()
    while not list(tmp_path.glob("*.work")) and batch.poll() is None and time.monotonic() < began + 60:
        time.sleep(0.1)
    if how == "Ctrl-C":
        os.killpg(batch.pid, signal.SIGINT)
    else:
        os.kill(batch.pid, signal.SIGTERM if how == "kill" else signal.SIGKILL)
    out, err = batch.communicate(timeout=60)
    assert out == "" and (batch.returncode, "stopped after 0 of 3 films" in err) == (
        (-9, False) if how == "kill -9" else (130 if how == "Ctrl-C" else 143, True)
    )
    assert "Traceback" not in err
    with pytest.raises(ProcessLookupError):  # nobody is left, Python's own tracker of resources for a moment
        for _ in range(100):
            os.killpg(batch.pid, 0)
            time.sleep(0.1)
