"""What a Ray cluster's runner decides by itself; films on a real cluster are in tests/rendering/test_cluster.py."""

from __future__ import annotations

import signal
import socket
import sys
from pathlib import Path
from typing import Any

import pytest

from avwalk.errors import GeneratorError
from avwalk.runners import ray_cluster
from avwalk.runners.ray_cluster import Resources, machine


def crew(**versions: str) -> Any:
    made = object.__new__(ray_cluster._Crew)
    made._welcome({"host": "node-7", "versions": {**machine()["versions"], **versions}})
    return made


def test_a_machine_with_other_packages_is_named() -> None:
    crew()
    own = machine()["versions"]["numpy"]
    with pytest.raises(GeneratorError, match=f"machine 'node-7' has numpy 1.0, here {own}; install the same versions"):
        crew(numpy="1.0")


def test_room_is_what_the_scarcest_thing_gives() -> None:
    there = {"CPU": 16.0, "GPU": 3.0}
    assert ray_cluster._room(there, Resources(2, 0)) == 8
    assert ray_cluster._room(there, Resources(2, 1)) == 3
    assert ray_cluster._room(there, Resources(1, 0.5)) == 6
    assert ray_cluster._room({}, Resources(1, 0)) == 0


def test_an_address_is_tried_before_ray_tries_for_minutes() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        ray_cluster._reach(f"127.0.0.1:{port}")
        ray_cluster._reach(f"ray://127.0.0.1:{port}")
    with pytest.raises(OSError):
        ray_cluster._reach(f"127.0.0.1:{port}")
    for none in ("", "here", "host:", "host:99999", ":80"):
        with pytest.raises(ValueError, match="HOST:PORT"):
            ray_cluster._reach(none)


def test_signals_stay_ours() -> None:
    before = signal.getsignal(signal.SIGTERM)
    with ray_cluster._same_handlers():
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
    assert signal.getsignal(signal.SIGTERM) == before


@pytest.mark.parametrize(
    ("ends", "said"), [("raise SystemExit(1)", "none runs here"), ("time.sleep(60)", "nobody answers")]
)
def test_without_a_cluster_auto_is_said_too(
    ends: str, said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = tmp_path / "python"
    program.write_text(f"#!{sys.executable}\nimport time\n{ends}\n")
    program.chmod(0o700)
    monkeypatch.setattr(sys, "executable", str(program))
    monkeypatch.setattr(ray_cluster, "_ANSWER", 0.5)
    with pytest.raises(ConnectionError, match=said):
        ray_cluster._reach("auto")
