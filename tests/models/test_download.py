from __future__ import annotations

import hashlib
import random
import shutil
import socket
from pathlib import Path

import pytest

pytest.importorskip("requests")

from avwalk.errors import ModelError
from avwalk.models.download import TRIES, fetch
from tests.models.web_server import web

DATA = random.Random(1).randbytes(3_000_000)
BLOCK = 1 << 18  # what was got of a block that broke is got again
SHA = hashlib.sha256(DATA).hexdigest()


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_PROXY", "*")


def left(folder: Path) -> set[str]:
    return {p.name for p in folder.iterdir() if not p.name.endswith(".lock")}


def test_a_file_is_fetched_with_progress(tmp_path: Path) -> None:
    seen: list[tuple[int, int]] = []
    with web(files={"/a.bin": DATA}) as server:
        found = fetch(
            f"{server.address}/a.bin", tmp_path / "in" / "a.bin", sha256=SHA, progress=lambda *p: seen.append(p)
        )
    assert found == SHA and (tmp_path / "in" / "a.bin").read_bytes() == DATA
    assert left(tmp_path / "in") == {"a.bin"}
    assert seen[-1] == (len(DATA), len(DATA)) and seen == sorted(seen) and len(seen) > 5


def test_it_goes_on_where_the_line_broke(tmp_path: Path) -> None:
    seen: list[tuple[int, int]] = []
    with web(files={"/a.bin": DATA}, breaks=[4 * BLOCK, 3 * BLOCK]) as server:
        fetch(f"{server.address}/a.bin", tmp_path / "a.bin", sha256=SHA, progress=lambda *p: seen.append(p), waits=0)
        assert [asked for _, asked in server.asked] == ["", f"bytes={4 * BLOCK}-", f"bytes={7 * BLOCK}-"]
    assert (tmp_path / "a.bin").read_bytes() == DATA
    assert {total for _, total in seen} == {len(DATA)} and seen == sorted(seen)


def test_a_later_call_goes_on_where_an_earlier_one_gave_up(tmp_path: Path) -> None:
    with web(files={"/a.bin": DATA}, breaks=[4 * BLOCK] + [0] * TRIES) as server:
        with pytest.raises(ModelError, match="run it again, it goes on") as error:
            fetch(f"{server.address}/a.bin", tmp_path / "a.bin", waits=0)
        assert "\n" not in str(error.value) and "a.bin" not in left(tmp_path)
        fetch(f"{server.address}/a.bin", tmp_path / "a.bin", sha256=SHA[:8], waits=0)
        assert server.asked[-1][1] == f"bytes={4 * BLOCK}-" and len(server.asked) == 2 + TRIES
    assert (tmp_path / "a.bin").read_bytes() == DATA and left(tmp_path) == {"a.bin"}


def test_a_server_that_ignores_ranges_sends_it_all_again(tmp_path: Path) -> None:
    with web(files={"/a.bin": DATA}, breaks=[4 * BLOCK], ranges=False) as server:
        fetch(f"{server.address}/a.bin", tmp_path / "a.bin", sha256=SHA, waits=0)
        assert [asked for _, asked in server.asked] == ["", f"bytes={4 * BLOCK}-"]
    assert (tmp_path / "a.bin").read_bytes() == DATA


@pytest.mark.parametrize("tag", ['"two"', ""])
def test_another_version_is_not_glued_to_what_is_there(tmp_path: Path, tag: str) -> None:
    other = DATA[::-1]
    with web(files={"/a.bin": DATA}, breaks=[4 * BLOCK] + [0] * TRIES) as server:
        with pytest.raises(ModelError):
            fetch(f"{server.address}/a.bin", tmp_path / "a.bin", waits=0)
        server.files["/a.bin"], server.tag = other, tag
        fetch(f"{server.address}/a.bin", tmp_path / "a.bin", waits=0)
    assert (tmp_path / "a.bin").read_bytes() == other


def test_a_file_without_a_version_is_fetched_anew(tmp_path: Path) -> None:
    with web(files={"/a.bin": DATA}, breaks=[4 * BLOCK], tag="") as server:
        fetch(f"{server.address}/a.bin", tmp_path / "a.bin", sha256=SHA, waits=0)
        assert [asked for _, asked in server.asked] == ["", ""]
    assert (tmp_path / "a.bin").read_bytes() == DATA


def test_what_was_whole_when_it_was_stopped_is_accepted(tmp_path: Path) -> None:
    with web(files={"/a.bin": DATA}) as server:
        fetch(f"{server.address}/a.bin", tmp_path / "a.bin")
        (tmp_path / "a.bin").rename(tmp_path / "a.bin.part")
        (tmp_path / "a.bin.part.json").write_text(f'{{"url": "{server.address}/a.bin", "version": "\\"one\\""}}')
        assert fetch(f"{server.address}/a.bin", tmp_path / "a.bin", sha256=SHA) == SHA
        assert server.asked[-1][1] == f"bytes={len(DATA)}-"


def test_wrong_content_is_refused_and_removed(tmp_path: Path) -> None:
    with web(files={"/a.bin": b"<html>" + DATA}) as server, pytest.raises(ModelError, match="refused and removed"):
        fetch(f"{server.address}/a.bin", tmp_path / "a.bin", sha256=SHA)
    assert left(tmp_path) == set()


def test_no_such_file(tmp_path: Path) -> None:
    with web() as server, pytest.raises(ModelError, match="answers 404 Not Found; try another source"):
        fetch(f"{server.address}/a.bin", tmp_path / "a.bin", waits=0)
    assert len(server.asked) == 1 and left(tmp_path) == set()


def test_nobody_is_there(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        address = f"https://127.0.0.1:{taken.getsockname()[1]}/a.bin"  # bound, and nobody listens
        with pytest.raises(ModelError, match="cannot be reached; connect to the internet .* from DIR"):
            fetch(address, tmp_path / "a.bin", waits=0)


def test_no_room_is_said_before_anything_is_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda path: shutil._ntuple_diskusage(1, 1, 1_000_000))
    with web(files={"/a.bin": DATA}) as server, pytest.raises(ModelError, match="0 MB left, the model needs 8 MB"):
        fetch(f"{server.address}/a.bin", tmp_path / "a.bin", waits=0)
    assert left(tmp_path) == set()


def test_two_at_a_time_is_refused(tmp_path: Path) -> None:
    from filelock import FileLock

    with FileLock(tmp_path / "a.bin.part.lock"), pytest.raises(ModelError, match="another avwalk"):
        fetch("https://127.0.0.1:9/a.bin", tmp_path / "a.bin")


@pytest.mark.parametrize("url", ["file:///etc/passwd", "ftp://x/y", "a.bin", "http://127.0.0.1:9/a.bin"])
def test_only_https_is_asked(tmp_path: Path, url: str) -> None:
    with pytest.raises(ModelError, match="is no https address"):
        fetch(url, tmp_path / "a.bin")


@pytest.mark.parametrize("to", ["ftp://127.0.0.1/a.bin", "file:///etc/passwd"])
def test_a_redirect_leads_to_nothing_but_https(tmp_path: Path, to: str) -> None:
    with web(leads={"/a.bin": "/b.bin", "/b.bin": to}) as server:
        with pytest.raises(ModelError, match="no https address: refused"):
            fetch(f"{server.address}/a.bin", tmp_path / "a.bin")
        assert [path for path, _ in server.asked] == ["/a.bin", "/b.bin"]
    assert not (tmp_path / "a.bin").exists()


def test_a_redirect_is_followed_and_not_for_ever(tmp_path: Path) -> None:
    with web(files={"/c.bin": DATA}, leads={"/a.bin": "/b.bin", "/b.bin": "/c.bin", "/d.bin": "/d.bin"}) as server:
        assert fetch(f"{server.address}/a.bin", tmp_path / "a.bin", sha256=SHA) == SHA
        with pytest.raises(ModelError, match="leads on and on"):
            fetch(f"{server.address}/d.bin", tmp_path / "d.bin")
