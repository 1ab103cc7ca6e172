"""Work in progress at a URL: what is sent, what is fetched, whose it is."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from avwalk.contracts import Frames
from avwalk.errors import OptionError, OutputError
from avwalk.files.checksums import record_of, sha256_of, write_record
from avwalk.files.remote_folder import RemoteFolder, is_inside, is_url
from avwalk.rendering import remote_work
from avwalk.rendering.remote_work import LOCK, RemoteWork
from avwalk.runners.segments import Segment

pytest.importorskip("fsspec")
SEGMENT = Segment(0, 300)


@pytest.fixture
def folder() -> Iterator[RemoteFolder]:
    made = RemoteFolder("memory://films/a.mp4.work")
    yield made
    made.remove()


def a_segment(work: Path, data: bytes = b"packets") -> Path:
    """A segment with its record, and a picture in another folder that belongs to it."""
    (work / "segments").mkdir(exist_ok=True)
    (work / "frames").mkdir(exist_ok=True)
    file, picture = work / "segments" / SEGMENT.name, work / "frames" / "000001.png"
    file.write_bytes(data)
    picture.write_bytes(b"picture")
    write_record(file, "film", {each: sha256_of(each) for each in (file, picture)})
    return file


def test_a_segment_goes_there_and_comes_back_with_all_that_belongs_to_it(folder: RemoteFolder, tmp_path: Path) -> None:
    there, here = tmp_path / "there", tmp_path / "here"
    there.mkdir()
    file = a_segment(there)

    class Writer:
        n_done = 7

        def write(self, frames: Frames) -> None: ...
        def close(self) -> None: ...
        def cut(self) -> None: ...
        def abort(self) -> None: ...

    copied = remote_work._Copied(Writer(), folder, file, None)  # type: ignore[arg-type]
    assert copied.n_done == 0
    copied.close()
    assert not [path for path in there.rglob("*") if path.is_file()]
    assert folder.names() == {f"segments/{SEGMENT.name}", f"segments/{SEGMENT.name}.sha256", "frames/000001.png"}
    done: list[Segment] = []

    def run(todo: Any, *, on_frames: Any, on_segment: Any, on_tail: Any) -> None:
        for segment in todo:
            on_segment(segment)

    def seen(segment: Segment) -> None:
        assert (here / "segments" / segment.name).read_bytes() == b"packets"
        assert (here / "frames" / "000001.png").read_bytes() == b"picture"
        done.append(segment)

    fetching = RemoteWork(folder, here).fetching(run)
    fetching([SEGMENT], on_frames=lambda s, n, t: None, on_segment=seen, on_tail=lambda tail: None)
    assert done == [SEGMENT] and record_of(here / "segments" / SEGMENT.name).exists()


def test_what_an_earlier_run_drew_is_fetched_once(folder: RemoteFolder, tmp_path: Path) -> None:
    a_segment(tmp_path)
    for path in [path for path in tmp_path.rglob("*") if path.is_file()]:
        folder.put(path.relative_to(tmp_path).as_posix(), path)
    here = tmp_path / "here"
    RemoteWork(folder, here).fetch_all([SEGMENT, Segment(300, 600)])
    assert (here / "segments" / SEGMENT.name).read_bytes() == b"packets"
    (here / "segments" / SEGMENT.name).write_bytes(b"own")
    RemoteWork(folder, here).fetch_all([SEGMENT])
    assert (here / "segments" / SEGMENT.name).read_bytes() == b"own"


def test_a_record_from_elsewhere_names_no_file_outside(folder: RemoteFolder, tmp_path: Path) -> None:
    work = tmp_path / "work"
    folder.write(f"segments/{SEGMENT.name}.sha256", b"# film\n00  ../../../evil\n00  ../../evil\n# 0\n")
    folder.write("evil", b"x")
    RemoteWork(folder, work).fetch(SEGMENT)
    assert [path.name for path in tmp_path.rglob("*") if path.is_file()] == [f"{SEGMENT.name}.sha256"]
    names = ("../a", "/a", "a/../../b", "C:\\a", "a:b")
    assert not any(map(is_inside, names)) and is_inside("frames/1.png")


def test_the_plan_goes_there_arrays_first_and_once(folder: RemoteFolder, tmp_path: Path) -> None:
    plan = tmp_path / "plan"
    (plan / "look-0").mkdir(parents=True)
    for name in ("plan.json", "aa.npy", "look-0/plan.json", "look-0/bb.npy"):
        (plan / name).write_bytes(name.encode())
    RemoteWork(folder, tmp_path).send_plan()
    assert folder.names() == {"plan/plan.json", "plan/aa.npy", "plan/look-0/plan.json", "plan/look-0/bb.npy"}
    (plan / "aa.npy").write_bytes(b"not sent again: it is named by what is in it")
    (plan / "plan.json").write_bytes(b"other")
    RemoteWork(folder, tmp_path).send_plan()
    assert folder.read("plan/aa.npy") == b"aa.npy" and folder.read("plan/plan.json") == b"other"


def test_one_has_it_at_a_time_and_the_dead_hold_nothing(folder: RemoteFolder, tmp_path: Path) -> None:
    with RemoteWork(folder, tmp_path):
        with pytest.raises(OutputError, match="used by another avwalk, on .*; wait for it"):
            RemoteWork(folder, tmp_path).__enter__()
        assert folder.read(LOCK)
    assert folder.names() == set()
    for dead in (json.dumps({"host": "gone", "at": time.time() - remote_work.DEAD - 1}).encode(), b"{", b"[1]"):
        folder.write(LOCK, dead)
        with RemoteWork(folder, tmp_path):
            pass
    with pytest.raises(ZeroDivisionError), RemoteWork(folder, tmp_path):
        folder.write("segments/x", b"stays")
        1 / 0  # noqa: B018
    assert folder.names() == {"segments/x"}


def test_places_that_are_none_are_said() -> None:
    with pytest.raises(OptionError, match=r"work 'nowhere://x' cannot be used: .*cluster"):
        RemoteFolder("nowhere://x")
    assert is_url("s3://a/b") and is_url("gs://a") and not is_url("C:/a") and not is_url("/a/b")
    with pytest.raises(OutputError, match="cannot be used"):
        RemoteFolder("memory://films/none").get("nothing", Path("anywhere"))
    assert RemoteFolder("memory://films/none").read("nothing") is None
    assert remote_work.BEAT < remote_work.DEAD / 3
