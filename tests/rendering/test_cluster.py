"""Films drawn by two real nodes of a Ray cluster on this machine, through a shared folder and an S3 server."""

from __future__ import annotations

import csv
import hashlib
import logging
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import av
import pytest
import soundfile

import avwalk
from avwalk.errors import OptionError, OutputError
from avwalk.files.remote_folder import RemoteFolder
from avwalk.rendering.remote_work import RemoteWork
from tests.conftest import clicks

pytestmark = pytest.mark.full
psutil = pytest.importorskip("psutil")
pytest.importorskip("ray")
PORT = 6471
OPTIONS: dict[str, Any] = {"size": "160x90", "fps": 15, "preset": "lsd", "force": True}
START = [sys.executable, "-m", "ray.scripts.scripts", "start", "--disable-usage-stats", "--block"]


def started(*options: str) -> subprocess.Popen[bytes]:
    """A node of the cluster, which ends with its process."""
    environment = {**os.environ, "RAY_USAGE_STATS_ENABLED": "0"}
    return subprocess.Popen(
        [*START, *options],
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )


def killed(node: subprocess.Popen[bytes]) -> None:
    """As when its machine loses power."""
    try:
        family = [*psutil.Process(node.pid).children(recursive=True), psutil.Process(node.pid)]
    except psutil.NoSuchProcess:
        return
    for process in family:
        try:
            process.send_signal(signal.SIGKILL)
        except psutil.NoSuchProcess:
            continue
    node.wait()


@pytest.fixture(scope="module")
def cluster() -> Iterator[str]:
    """The address of a cluster with one node of one core."""
    head = started("--head", f"--port={PORT}", "--num-cpus=1", "--include-dashboard=false")
    address = f"127.0.0.1:{PORT}"
    for _ in range(120):
        done = subprocess.run(
            [sys.executable, "-m", "ray.scripts.scripts", "health-check", "--address", address], capture_output=True
        )
        if done.returncode == 0:
            break
        time.sleep(0.5)
    else:
        killed(head)
        pytest.fail("the cluster did not start")
    yield address
    killed(head)


@pytest.fixture(scope="module")
def song(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("song") / "song.wav"
    soundfile.write(path, clicks(60.0, rate=8000), 8000)
    return path


def frames(path: Path) -> list[str]:
    with av.open(str(path)) as film:
        return [hashlib.md5(frame.to_ndarray(format="yuv420p").tobytes()).hexdigest() for frame in film.decode(video=0)]


@pytest.fixture(scope="module")
def whole(song: Path, tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """The film as threads of one process draw it."""
    out = tmp_path_factory.mktemp("whole") / "whole.mp4"
    avwalk.render(song, out=out, **OPTIONS)
    return frames(out)


def test_a_node_that_is_lost_changes_no_frame(cluster: str, song: Path, whole: list[str], tmp_path: Path) -> None:
    second = started(f"--address={cluster}", "--num-cpus=1")
    killing = threading.Thread(target=killed, args=(second,))
    said: list[Any] = []

    def watch(event: Any) -> None:
        said.append(event)
        if event["event"] == "segment" and event["done"] == 2:
            killing.start()

    try:
        done = avwalk.render(song, out=tmp_path / "a.mp4", ray=cluster, workers=2, on_event=watch, **OPTIONS)
    finally:
        killed(second)
    killing.join()
    assert frames(tmp_path / "a.mp4") == whole
    assert done["n_frames"] == 900 and done["resumed_frames"] == 0
    assert sum(event["event"] == "segment" for event in said) == 6


def test_an_interrupt_leaves_what_the_next_run_goes_on_with(
    cluster: str, song: Path, whole: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)  # workers run elsewhere
    presses = iter([1])

    def press(event: Any) -> None:
        if event["event"] == "progress" and event["done"] > 200 and next(presses, 0):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        avwalk.render(song, out="a.mp4", ray=cluster, on_event=press, **OPTIONS)
    assert (tmp_path / "a.partial.mp4").exists()
    done = avwalk.render(song, out="a.mp4", ray=cluster, **OPTIONS)
    assert done["resumed_frames"] > 200 and frames(tmp_path / "a.mp4") == whole


@pytest.fixture(scope="module")
def bucket() -> Iterator[str]:
    """A real S3 server, on this machine."""
    server_of = pytest.importorskip("moto.server").ThreadedMotoServer
    pytest.importorskip("s3fs")
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = server_of(ip_address="127.0.0.1", port=0)
    server.start()
    patched = pytest.MonkeyPatch()
    host, port = server.get_host_and_port()
    secrets = {"AWS_ACCESS_KEY_ID": "any", "AWS_SECRET_ACCESS_KEY": "any", "AWS_DEFAULT_REGION": "us-east-1"}
    for name, value in {"AWS_ENDPOINT_URL": f"http://{host}:{port}", **secrets}.items():
        patched.setenv(name, value)
    import fsspec

    fsspec.filesystem("s3", skip_instance_cache=True).mkdir("films")
    yield "s3://films/work"
    patched.undo()
    server.stop()


def test_machines_that_share_no_disk_meet_at_an_object_store(
    song: Path, whole: list[str], bucket: str, tmp_path: Path
) -> None:
    head = started("--head", f"--port={PORT + 1}", "--num-cpus=2", "--include-dashboard=false")
    try:
        time.sleep(5)
        out, presses = tmp_path / "a.mp4", iter([1])

        def press(event: Any) -> None:
            if event["event"] == "segment" and event["done"] == 2 and next(presses, 0):
                raise KeyboardInterrupt

        options = {**OPTIONS, "ray": f"127.0.0.1:{PORT + 1}", "work": bucket}
        with pytest.raises(KeyboardInterrupt):
            avwalk.render(song, out=out, on_event=press, **options)
        there = RemoteFolder(f"{bucket}/a.mp4.work")
        assert {name.partition("/")[0] for name in there.names()} == {"plan", "segments"}
        for file in (tmp_path / "a.mp4.work" / "segments").iterdir():
            file.unlink()  # as on another machine: what counts is at the URL
        done = avwalk.render(song, out=out, **options)
        assert done["resumed_frames"] >= 300 and frames(out) == whole
        assert there.names() == set()
    finally:
        killed(head)


def test_two_who_want_one_place_do_not_get_it(bucket: str, tmp_path: Path) -> None:
    folder = RemoteFolder(bucket)
    with RemoteWork(folder, tmp_path), pytest.raises(OutputError, match="used by another avwalk, on"):
        RemoteWork(RemoteFolder(bucket), tmp_path).__enter__()


def test_a_batch_makes_the_longest_film_first(cluster: str, song: Path, whole: list[str], tmp_path: Path) -> None:
    short = tmp_path / "short.wav"
    soundfile.write(short, clicks(8.0, rate=8000), 8000)
    table = tmp_path / "films.csv"
    with table.open("w", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["song", "out", *(name for name in OPTIONS if name != "force")])
        rows.writerows([path, tmp_path / f"{path.stem}.mp4", "160x90", 15, "lsd"] for path in (short, song))
    command = [sys.executable, "-m", "avwalk", "batch", str(table), "--ray", cluster]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    assert [line.partition(" →")[0] for line in done.stdout.splitlines()] == ["[1/2] song.wav", "[2/2] short.wav"]
    assert frames(tmp_path / "song.mp4") == whole


def test_a_cluster_that_is_not_there_is_said_in_one_line(song: Path, tmp_path: Path) -> None:
    with pytest.raises(OptionError, match=r"no cluster \(.*`ray start --head`"):
        avwalk.render(song, out=tmp_path / "a.mp4", ray="127.0.0.1:1", **OPTIONS)
