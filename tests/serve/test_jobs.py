"""Jobs: paint and render by JSON, progress as it comes, cancelling, results, and a server that is killed meanwhile."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from avwalk.errors import OptionError
from avwalk.serve.job_kinds import checked_options
from avwalk.serve.job_process import without_folders
from avwalk.serve.job_store import DONE, RUNNING, Job, JobStore, outcome
from tests.conftest import clicks
from tests.serve.servers import Brush, serving, settings_in

pytest.importorskip("httpx", reason="the client of these tests")
pytest.importorskip("fastapi", reason="the server needs the extra serve")
PAINT = {"kind": "paint", "options": {"prompt": "a red tree", "size": "48x32", "count": 2}}
"""Of a process of its own, which takes a second or two to begin."""


def events_of(client: Any, job: str, headers: Any = None) -> list[tuple[int, dict[str, Any]]]:
    with client.stream("GET", f"/jobs/{job}/events", headers=headers, timeout=120) as answer:
        assert answer.headers["content-type"].startswith("text/event-stream")
        text = "".join(answer.iter_text())
    blocks = [dict(line.split(": ", 1) for line in block.split("\n") if line) for block in text.split("\n\n") if block]
    return [(int(block["id"]), json.loads(block["data"])) for block in blocks if "id" in block]


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Any]:
    with serving(settings_in(tmp_path), Brush()) as client:
        yield client


def test_a_job_is_followed_and_its_results_are_fetched(server: Any) -> None:
    answer = server.post("/jobs", json=PAINT)
    job = answer.json()["id"]
    assert answer.status_code == 202 and answer.headers["location"] == f"/jobs/{job}"
    events = events_of(server, job)
    assert [number for number, _ in events] == list(range(1, len(events) + 1))
    assert events[0][1]["state"] == "queued" and events[-1][1]["state"] == "done"
    assert {"event": "progress", "done": 2, "total": 2} in [event for _, event in events]
    assert [n for n, _ in events_of(server, job, {"Last-Event-ID": "2"})] == list(range(3, len(events) + 1))
    found = server.get(f"/jobs/{job}").json()
    assert found["state"] == "done" and found["results"] == ["picture_0000.png", "picture_0001.png"]
    assert server.get(f"/jobs/{job}/result").content.startswith(b"\x89PNG")
    assert server.get(f"/jobs/{job}/results/picture_0001.png").content.startswith(b"\x89PNG")
    for name in ("job.json", "..%2Fjob.json", "picture_0002.png", "%2e%2e/job.json"):
        assert server.get(f"/jobs/{job}/results/{name}").status_code == 404, name
    assert [each["id"] for each in server.get("/jobs").json()["jobs"]] == [job]
    assert server.post(f"/jobs/{job}/cancel").status_code == 409
    assert server.delete(f"/jobs/{job}").status_code == 204 and server.get(f"/jobs/{job}").status_code == 404


@pytest.mark.parametrize(
    ("kind", "options", "said"),
    [
        ("dig", {}, "no kind of job 'dig'"),
        ("paint", {}, "prompt"),
        ("paint", {"prompt": "a", "out": "/etc/x"}, "out"),
        ("paint", {"prompt": "a", "size": "9999x9999"}, "16 to 3840"),
        ("paint", {"prompt": "a", "painter": "rest@/etc/passwd"}, "painter"),
        ("render", {"song": "../../etc/passwd"}, "song"),
        ("render", {"song": "C:\\x"}, "song"),
        ("render", {"song": "nothing.wav"}, "PUT /songs/nothing.wav"),
        ("render", {"song": "a.wav", "preset": "/etc/passwd"}, "no preset"),
        ("render", {"song": "a.wav", "preset": "lsx"}, "did you mean"),
        ("render", {"song": "a.wav", "set": ["x=1"]}, "set"),
        ("render", {"song": "a.wav", "duration": float("inf")}, "duration"),
        ("story", {"text": " "}, "text"),
    ],
)
def test_jobs_are_names_and_numbers(tmp_path: Path, kind: str, options: Any, said: str) -> None:
    with pytest.raises(OptionError) as caught:
        checked_options(kind, options, tmp_path)
    assert said in str(caught.value) and "\n" not in str(caught.value)


def test_songs_have_names_and_no_folders(server: Any, tmp_path: Path) -> None:
    for name in ("..%2Fa.wav", "%2e%2e", "a%5Cb.wav", "con", "x" * 300, "a.wav.part"):
        assert server.put(f"/songs/{name}", content=b"x").status_code in (404, 405, 422), name
    assert server.put("/songs/empty.wav", content=b"").status_code == 422
    assert not list((tmp_path / "served" / "songs").iterdir())


@pytest.mark.full
def test_what_cannot_be_done_fails_in_one_line(server: Any) -> None:
    server.put("/songs/a.wav", content=b"this is no sound")
    job = server.post("/jobs", json={"kind": "render", "options": {"song": "a.wav"}}).json()["id"]
    assert events_of(server, job)[-1][1]["state"] == "failed"
    found = server.get(f"/jobs/{job}").json()
    assert "a.wav" in found["error"] and "\n" not in found["error"] and "Traceback" not in found["error"]
    assert server.get(f"/jobs/{job}/result").status_code == 409


def test_a_job_that_waits_is_cancelled_and_the_line_is_bounded(tmp_path: Path) -> None:
    from avwalk.serve.settings import Limits

    with serving(settings_in(tmp_path, limits=Limits(jobs=2)), Brush()) as client:
        first = client.post("/jobs", json=PAINT).json()["id"]
        while client.get(f"/jobs/{first}").json()["state"] == "queued":
            time.sleep(0.02)
        answers = [client.post("/jobs", json=PAINT) for _ in range(3)]
        assert [answer.status_code for answer in answers] == [202, 202, 503] and answers[2].headers["retry-after"]
        waiting = answers[1].json()["id"]
        assert client.post(f"/jobs/{waiting}/cancel").json()["state"] == "cancelled"
        assert events_of(client, waiting)[-1][1]["state"] == "cancelled"
        assert client.delete(f"/jobs/{answers[0].json()['id']}").status_code in (204, 409)


def test_jobs_outlive_their_server(tmp_path: Path) -> None:
    store = JobStore(tmp_path / "served" / "jobs")
    options = checked_options("paint", PAINT["options"], tmp_path)  # type: ignore[arg-type]
    done, running = (store.add("paint", options) for _ in range(2))
    store.write(outcome(done, state=DONE, results=("picture_0000.png",)))
    (store.folder_of(done.id) / "out" / "picture_0000.png").write_bytes(b"\x89PNG mine")
    store.write(outcome(running, state=RUNNING, started=1.0))  # its server was killed
    store.append(running, {"event": "state", "state": "running"})
    with (store.folder_of(running.id) / "events.jsonl").open("a") as file:
        file.write('{"event": "progr')  # in the middle of a word
    (tmp_path / "served" / "jobs" / "0123456789abcdef").mkdir()  # and before this one was written
    with serving(settings_in(tmp_path), Brush()) as client:
        assert events_of(client, running.id)[-1][1]["state"] == "done"
        assert client.get(f"/jobs/{done.id}/result").content == b"\x89PNG mine"
        assert len(client.get("/jobs").json()["jobs"]) == 2


def test_events_do_not_say_where_the_server_has_its_files(tmp_path: Path) -> None:
    folders = (tmp_path / "jobs" / "1", tmp_path / "songs")
    assert without_folders(f"'{tmp_path}/songs/a.wav' is broken", folders) == "'a.wav' is broken"
    assert without_folders(tmp_path / "jobs" / "1" / "out" / "film.mp4", folders) == "out/film.mp4"
    assert without_folders(3, folders) == 3 and without_folders(None, folders) is None


@pytest.mark.full
def test_a_film_is_cancelled_and_one_goes_on_after_the_server_stopped(tmp_path: Path) -> None:
    import io

    import soundfile

    sound = io.BytesIO()
    soundfile.write(sound, clicks(4.0), 44100, format="WAV")
    film = {"kind": "render", "options": {"song": "a.wav", "size": "96x54", "quality": "draft"}}
    with serving(settings_in(tmp_path), Brush()) as client:
        assert client.put("/songs/a.wav", content=sound.getvalue()).status_code == 201
        job = client.post("/jobs", json=film).json()["id"]
        while client.get(f"/jobs/{job}").json()["state"] == "queued":
            time.sleep(0.05)
        assert client.post(f"/jobs/{job}/cancel", timeout=60).json()["state"] == "cancelled"
        job = client.post("/jobs", json=film).json()["id"]
        while client.get(f"/jobs/{job}").json()["state"] == "queued":
            time.sleep(0.05)
    assert JobStore(tmp_path / "served" / "jobs").find(job).state == "running"  # type: ignore[union-attr]
    with serving(settings_in(tmp_path), Brush()) as client:
        assert events_of(client, job)[-1][1]["state"] == "done"
        answer = client.get(f"/jobs/{job}/result")
        assert answer.headers["content-type"] == "video/mp4" and len(answer.content) > 10_000


@pytest.mark.full
def test_a_server_that_is_killed_loses_no_job(tmp_path: Path) -> None:
    import io
    import subprocess
    import sys

    import httpx
    import soundfile

    sound = io.BytesIO()
    soundfile.write(sound, clicks(4.0), 44100, format="WAV")
    command = [sys.executable, "-m", "avwalk", "serve", "--port", "0", "--folder", str(tmp_path / "served")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=Path.cwd()) as server:
        assert server.stdout
        address = server.stdout.readline().split()[3]
        with httpx.Client(base_url=address, timeout=60, trust_env=False) as client:
            client.put("/songs/a.wav", content=sound.getvalue())
            film = {"song": "a.wav", "size": "96x54", "quality": "draft"}
            job = client.post("/jobs", json={"kind": "render", "options": film}).json()["id"]
            while not any(
                event["event"] == "plan" for _, event in JobStore(tmp_path / "served" / "jobs").events(_of(job))
            ):
                time.sleep(0.05)
        server.kill()
    with serving(settings_in(tmp_path), Brush()) as client:
        events = [event for _, event in events_of(client, job)]
        assert events[-1]["state"] == "done", events[-1]
        assert "the server was restarted" in [event.get("reason") for event in events]


def _of(name: str) -> Job:
    return Job(name, "render", {})


@pytest.mark.full
def test_a_story_becomes_a_film_and_a_page(tmp_path: Path) -> None:
    import io
    import zipfile

    text = "A boat left the harbour at dawn. The sea was calm.\n\nIn the night a storm came, and lightning struck."
    options = {"text": text, "size": "160x90", "sentences": 2, "compose": True}
    with serving(settings_in(tmp_path), Brush()) as client:
        job = client.post("/jobs", json={"kind": "story", "options": options}).json()["id"]
        events = [event for _, event in events_of(client, job)]
        assert events[-1]["state"] == "done", events[-1]
        assert not [event for event in events if str(tmp_path) in json.dumps(event)]
        assert client.get(f"/jobs/{job}").json()["results"] == ["film.mp4", "story.zip"]
        page = zipfile.ZipFile(io.BytesIO(client.get(f"/jobs/{job}/results/story.zip").content))
        assert any(name.endswith("index.html") for name in page.namelist())
        assert client.get(f"/jobs/{job}/result").headers["content-type"] == "video/mp4"
