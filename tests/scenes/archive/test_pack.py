"""To a rented machine and back: what is missing goes, frames come, and nothing leaves its folder on the way."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import signal
import subprocess
import sys
import warnings
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from avwalk.errors import OutputError, ScenesError
from avwalk.scenes.archive.pack import LIST, entry_problem, missing_work, pack
from avwalk.scenes.archive.unpack import Unpacked, unpack
from avwalk.scenes.graph.path_csv import Hop, planned_path, read_path, write_planned
from avwalk.scenes.nodes import Edge, Node
from tests.conftest import ROOT
from tests.scenes.project_forms import Folders

A, B, C = Node("forest", "1000"), Node("forest", "1001"), Node("sea", "7")


@pytest.fixture
def home(tmp_path: Path) -> Folders:
    """A project with a plan of two ways, one of which is drawn; a picture put there by hand; a mask."""
    folders = Folders(tmp_path / "home")
    folders.text("masks/shapes/square.png", b"mask")
    folders.text("tgen_settings.json", '{"default": {"interpolation_steps": 3}}')
    folders.picture("scenes/beach/1.png")
    folders.picture("prompt_images/forest_1000.png")
    for place in (0, 1 << 19, 1 << 20):
        folders.picture(f"transition_images/{Edge(A, B).folder}/t{place:07d}.png", place % 255)
    write_planned(
        folders.load().story_dir,
        [
            Hop(Edge(B, A), "forest", 1, True, Edge(A, B).folder),
            Hop(Edge(A, C), "forest", 1, False, Edge(A, C).folder),
            Hop(Edge(C, A), "sea", 1, True, Edge(A, C).folder),
        ],
    )
    return folders


class Away(Folders):
    """The same project on another machine; nothing is there yet."""

    def __init__(self, root: Path) -> None:
        self.root, self.meta, self.media = root, root / "meta" / "song", root / "media" / "song"

    def take(self, path: Path, **options: Any) -> Unpacked:
        return unpack(path, meta_dir=self.root / "meta", media_dir=self.root / "media", **options)


@pytest.fixture
def away(tmp_path: Path) -> Away:
    return Away(tmp_path / "away")


def files(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


def test_there_and_back(home: Folders, away: Away, tmp_path: Path) -> None:
    packed = pack(home.load(), tmp_path / "there.zip")
    work = packed.work
    assert [hop.edge for hop in work.hops] == [Edge(A, C)] and len(work.pictures) == 7 and A not in work.pictures
    done = away.take(tmp_path / "there.zip")
    assert len(done.wrote) == packed.files and (done.same, done.different, done.damaged) == (0, [], [])
    assert files(away.media) == {
        "scenes/beach/1.png",
        "prompt_images/forest_1000.png",
        "story/transition_sequence_gen.csv",
    }
    assert files(away.meta) == files(home.meta)
    project = away.load()
    assert [hop.edge for hop in read_path(planned_path(project.story_dir) or Path())] == [Edge(A, C)]
    assert missing_work(project) == work

    away.picture(f"transition_images/{Edge(A, C).folder}/t0000000.png", 1)
    away.picture("prompt_images/sea_7.png", 2)
    pack(project, tmp_path / "back.zip", frames=True)
    home.text("tgen_settings.json", '{"default": {"interpolation_steps": 9}}')
    back = Away(home.root).take(tmp_path / "back.zip", merge=True)
    assert {path.relative_to(home.media).as_posix() for path in back.wrote} == {
        f"transition_images/{Edge(A, C).folder}/t0000000.png",
        "prompt_images/sea_7.png",
    }
    assert back.different == [home.meta / "tgen_settings.json"] and "9" in back.different[0].read_text()
    assert len(read_path(planned_path(home.load().story_dir) or Path())) == 3
    again = Away(home.root).take(tmp_path / "back.zip", merge=True)
    assert again.wrote == [] and again.same == back.same + 2


def test_what_was_put_aside_stays(home: Folders, away: Away, tmp_path: Path) -> None:
    pack(home.load(), tmp_path / "there.zip")
    away.take(tmp_path / "there.zip")
    for text in ("first", "second"):
        away.text("masks/shapes/square.png", text)
        done = away.take(tmp_path / "there.zip", merge=True, theirs=True)
    mask = away.meta / "masks/shapes/square.png"
    assert done.replaced == {mask: mask.with_name("square.png.bak2")}
    assert [mask.with_name(f"square.png.{end}").read_text() for end in ("bak", "bak2")] == ["first", "second"]
    assert (done.pictures, done.transitions, done.planned, done.sequence) == (7, 1, True, "")


def test_an_archive_is_of_its_sequence(home: Folders, away: Away, tmp_path: Path) -> None:
    home.text("scene_sequence_x.csv", "scene,duration\nforest,1\n")
    write_planned(home.load("x").story_dir, [Hop(Edge(A, C), "forest", 1, False, Edge(A, C).folder)])
    pack(home.load("x"), tmp_path / "x.zip")
    assert away.take(tmp_path / "x.zip").sequence == "x"
    assert away.load("x").story_dir == away.media / "story" / "x"
    assert [hop.edge for hop in read_path(away.load("x").story_dir / "transition_sequence_gen.csv")] == [Edge(A, C)]


def test_equal_projects_make_equal_archives(home: Folders, tmp_path: Path) -> None:
    one = pack(home.load(), tmp_path / "1.zip").path.read_bytes()
    for path in home.meta.rglob("*"):
        os.utime(path, (1, 1))
    assert pack(home.load(), tmp_path / "2.zip").path.read_bytes() == one
    with pytest.raises(OutputError, match="is there already; force replaces it"):
        pack(home.load(), tmp_path / "2.zip")
    assert pack(home.load(), tmp_path / "2.zip", force=True).path.exists()


def test_what_is_not_whole_stays_at_home(home: Folders, tmp_path: Path) -> None:
    half = home.media / "transition_images" / Edge(A, B).folder / "t0524288.png"
    half.write_bytes(half.read_bytes()[:-20])
    (home.media / "prompt_images" / "sea_8.png.part").write_bytes(b"x")
    (home.meta / ".env").write_text("secret=1")
    (home.meta / "run.sh").write_text("x")
    (home.meta / "a:b.csv").write_text("x")
    packed = pack(home.load(), tmp_path / "x.zip", frames=True)
    assert set(packed.left_out) == {half, home.meta / "a:b.csv"}
    names = zipfile.ZipFile(tmp_path / "x.zip").namelist()
    assert not [name for name in names if "part" in name or ".env" in name or "run.sh" in name]
    assert [hop.edge for hop in packed.work.hops] == [Edge(B, A), Edge(A, C)]


def test_a_broken_frame_at_home_is_replaced(home: Folders, away: Away, tmp_path: Path) -> None:
    pack(home.load(), tmp_path / "x.zip", frames=True)
    frame = home.media / "transition_images" / Edge(A, B).folder / "t0524288.png"
    whole = frame.read_bytes()
    frame.write_bytes(whole[:-20])
    done = Away(home.root).take(tmp_path / "x.zip", merge=True)
    assert done.wrote == [frame] and frame.read_bytes() == whole


def test_theirs_may_be_taken_and_mine_is_kept(home: Folders, tmp_path: Path) -> None:
    pack(home.load(), tmp_path / "x.zip")
    mine = home.text("tgen_settings.json", "{}")
    done = Away(home.root).take(tmp_path / "x.zip", merge=True, theirs=True)
    assert mine in done.replaced and "3" in mine.read_text()
    assert mine.with_name("tgen_settings.json.bak").read_text() == "{}"


def test_a_project_that_is_there_is_merged_only_when_asked(home: Folders, away: Away, tmp_path: Path) -> None:
    pack(home.load(), tmp_path / "x.zip")
    with pytest.raises(ScenesError, match="project 'song' is there already; merge adds what it lacks"):
        Away(home.root).take(tmp_path / "x.zip")


@pytest.mark.parametrize("keep", [0.1, 0.5, 0.9, 0.999])
def test_a_truncated_archive_is_refused(home: Folders, away: Away, tmp_path: Path, keep: float) -> None:
    path = pack(home.load(), tmp_path / "x.zip", frames=True).path
    path.write_bytes(path.read_bytes()[: int(path.stat().st_size * keep)])
    with pytest.raises(ScenesError, match="is no whole archive .*; pack or fetch it again"):
        away.take(path)
    assert not away.root.exists()


def test_a_byte_that_changed_is_told_and_the_rest_is_taken(home: Folders, away: Away, tmp_path: Path) -> None:
    path = pack(home.load(), tmp_path / "x.zip").path
    data = path.read_bytes()
    picture = (home.media / "scenes" / "beach" / "1.png").read_bytes()
    at = data.index(picture) + len(picture) // 2
    path.write_bytes(data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :])
    done = away.take(path)
    assert done.damaged == ["media/scenes/beach/1.png"] and len(done.wrote) > 4
    assert files(away.media / "scenes") == set()
    path.write_bytes(data)
    assert away.take(path, merge=True).wrote == [away.media / "scenes" / "beach" / "1.png"]


def forged(path: Path, entries: dict[str, bytes], change: Callable[[dict[str, Any]], None] | None = None) -> Path:
    """An archive whose list fits its entries, changed as told."""
    listed = {n: {"sha256": hashlib.sha256(d).hexdigest(), "bytes": len(d)} for n, d in entries.items()}
    told: dict[str, Any] = {"format": 1, "project": "song", "files": listed}
    if change:
        change(told)
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in {**entries, LIST: json.dumps(told).encode()}.items():
            archive.writestr(name, data)
    return path


@pytest.mark.parametrize(
    "name",
    [
        "meta/../../evil.csv", "media/../x.png", "/etc/cron.csv", "../x.csv", "meta//x.csv", "meta/x/", "x.csv", "meta",
        "meta\\..\\x.csv", "meta/C:/x.csv", "meta/..\\..\\x.csv", "meta/.env.txt", "media/nul/x.png", "meta/a .csv ",
        "meta/run.py", "media/x.sh", "other/x.csv", "meta/" + "x" * 256 + ".csv", "meta/a\x01.csv", "meta/./x.csv",
    ],
)  # fmt: skip
def test_no_entry_leaves_its_folder(away: Away, tmp_path: Path, name: str) -> None:
    assert entry_problem(name) is not None
    path = forged(tmp_path / "x.zip", {"meta/fine.csv": b"x", name: b"evil"})
    with pytest.raises(ScenesError, match="nothing was unpacked"):
        away.take(path)
    assert not away.root.exists() and files(tmp_path) == {"x.zip"}


def test_a_link_on_the_disk_leads_nowhere(away: Away, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    away.meta.mkdir(parents=True)
    (away.meta / "masks").symlink_to(outside, target_is_directory=True)
    path = forged(tmp_path / "x.zip", {"meta/masks/x.png": b"x"})
    with pytest.raises(ScenesError, match="leads out of the project by a link"):
        away.take(path, merge=True)
    assert files(outside) == set()


def test_an_entry_that_is_a_link_becomes_a_file(away: Away, tmp_path: Path) -> None:
    target = b"../../../outside.csv"
    path = tmp_path / "x.zip"
    row = {"sha256": hashlib.sha256(target).hexdigest(), "bytes": len(target)}
    with zipfile.ZipFile(path, "w") as archive:
        info = zipfile.ZipInfo("meta/x.csv")
        info.external_attr = 0o120777 << 16
        archive.writestr(info, target)
        archive.writestr(LIST, json.dumps({"format": 1, "project": "song", "files": {"meta/x.csv": row}}))
    away.take(path)
    assert not (away.meta / "x.csv").is_symlink() and (away.meta / "x.csv").read_bytes() == target


def row(told: dict[str, Any], **values: Any) -> None:
    told["files"]["meta/x.csv"].update(values)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda told: told.pop("project"), "is no archive of scenes: 'project'"),
        (lambda told: told.update(project="../x"), r"project '\.\./x' cannot be the name of a file"),
        (lambda told: told.update(format=2), "is of format 2, not 1; unpack it with a newer avwalk"),
        (lambda told: told.update(files=[]), "cannot be read"),
        (lambda told: told["files"].clear(), "'meta/x.csv' is not in its list"),
        (lambda told: told["files"].update({"meta/y.csv": {"sha256": "00" * 32, "bytes": 0}}), "but not there"),
        (lambda told: row(told, bytes=99), "'meta/x.csv' is not as long as its list says"),
        (lambda told: row(told, sha256="zz"), "cannot be read"),
    ],
)
def test_lists_that_do_not_fit(away: Away, tmp_path: Path, change: Any, said: str) -> None:
    with pytest.raises(ScenesError, match=said):
        away.take(forged(tmp_path / "x.zip", {"meta/x.csv": b"x"}, change))
    assert not away.root.exists()


def test_contents_that_do_not_fit_are_not_written(away: Away, tmp_path: Path) -> None:
    path = forged(tmp_path / "x.zip", {"meta/x.csv": b"x"}, lambda told: row(told, sha256="00" * 32))
    assert away.take(path).damaged == ["meta/x.csv"] and files(tmp_path) == {"x.zip"}


def test_names_that_are_one_on_other_systems(away: Away, tmp_path: Path) -> None:
    with pytest.raises(ScenesError, match="is there twice"):
        away.take(forged(tmp_path / "x.zip", {"meta/\u00e9.csv": b"x", "meta/e\u0301.csv": b"y"}))
    with pytest.raises(ScenesError, match=r"'meta/a.csv' is a file and, for 'meta/A.csv/b.csv', a folder"):
        away.take(forged(tmp_path / "x.zip", {"meta/a.csv": b"x", "meta/A.csv/b.csv": b"y"}))
    assert not away.root.exists()


def test_names_that_are_there_twice(away: Away, tmp_path: Path) -> None:
    path = forged(tmp_path / "x.zip", {"meta/x.csv": b"x", "meta/X.csv": b"y"})
    with pytest.raises(ScenesError, match=r"'meta/X.csv' is there twice"):
        away.take(path)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("meta/x.csv", b"x")
            archive.writestr("meta/x.csv", b"y")
            files_ = {"meta/x.csv": {"sha256": hashlib.sha256(b"x").hexdigest(), "bytes": 1}}
            archive.writestr(LIST, json.dumps({"format": 1, "project": "song", "files": files_}))
    with pytest.raises(ScenesError, match=r"'meta/x.csv' is there twice"):
        away.take(path)


def test_what_is_no_archive(away: Away, tmp_path: Path) -> None:
    with pytest.raises(ScenesError, match="does not exist; `avwalk scenes pack` writes one"):
        away.take(tmp_path / "none.zip")
    (tmp_path / "x.zip").write_text("no zip")
    with pytest.raises(ScenesError, match="is no whole archive"):
        away.take(tmp_path / "x.zip")
    zipfile.ZipFile(tmp_path / "y.zip", "w").close()
    with pytest.raises(ScenesError, match="is no archive of scenes"):
        away.take(tmp_path / "y.zip")


def test_stopped_midway_it_goes_on(home: Folders, away: Away, tmp_path: Path) -> None:
    path = pack(home.load(), tmp_path / "x.zip", frames=True).path

    def stop(event: Any) -> None:
        if event["done"] == 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        away.take(path, on_event=stop)
    assert len(files(away.root)) == 3
    done = away.take(path, merge=True)
    assert done.same == 3 and done.wrote and not done.different
    assert files(away.meta) == files(home.meta)
    with pytest.raises(KeyboardInterrupt):
        pack(home.load(), tmp_path / "y.zip", on_event=stop)
    assert not list(tmp_path.glob("y.zip*"))


def test_no_room_is_said_before(home: Folders, away: Away, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = pack(home.load(), tmp_path / "x.zip").path
    monkeypatch.setattr("shutil.disk_usage", lambda folder: type("Usage", (), {"free": 3})())
    with pytest.raises(ScenesError, match="the archive needs 0 MiB, '.*' has 0 left; make room"):
        away.take(path)
    assert not away.root.exists()


@given(st.data())
def test_whatever_bytes_change_no_wrong_file_is_written(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    """What is written is what was packed, under its own name; or the archive is refused, or its files are told."""
    root = tmp_path_factory.mktemp("bytes")
    entries = {"meta/a.csv": b"name,prompt\n" * 9, "media/scenes/b/1.png": bytes(range(200)), "meta/masks/c.png": b"x"}
    path = forged(root / "x.zip", entries)
    changed = bytearray(path.read_bytes())
    for _ in range(data.draw(st.integers(1, 3))):
        at = data.draw(st.integers(0, len(changed) - 1))
        changed[at] = data.draw(st.integers(0, 255))
    path.write_bytes(changed)
    away = Away(root / "away")
    told: list[str] = []
    with contextlib.suppress(ScenesError):
        told = away.take(path).damaged
    places = {"meta/": away.meta, "media/": away.media}
    there = {p + file for p, folder in places.items() for file in files(folder)} if away.root.exists() else set()
    assert there <= set(entries) and not there & set(told)
    for name in there:
        first, _, rest = name.partition("/")
        assert (places[f"{first}/"] / rest).read_bytes() == entries[name]
    assert {file.name for file in root.iterdir()} <= {"x.zip", "away"}


@pytest.mark.full
@pytest.mark.skipif(sys.platform == "win32", reason="needs SIGKILL")
def test_killed_midway_it_goes_on(home: Folders, away: Away, tmp_path: Path) -> None:
    """With half a file on the disk: what has a final name is whole."""
    path = pack(home.load(), tmp_path / "x.zip", frames=True).path
    code = (
        "import os, signal, sys\n"
        "from pathlib import Path\n"
        "from avwalk.scenes.archive import unpack\n"
        "inner = unpack._blocks\n"
        "def blocks(archive, entry):\n"
        "    for block in inner(archive, entry):\n"
        "        if entry.endswith('t0524288.png'):\n"
        "            yield block[:9]\n"
        "            os.kill(os.getpid(), signal.SIGKILL)\n"
        "        yield block\n"
        "unpack._blocks = blocks\n"
        "unpack.unpack(Path(sys.argv[1]), meta_dir=Path(sys.argv[2]), media_dir=Path(sys.argv[3]))\n"
    )
    folders = [str(away.root / "meta"), str(away.root / "media")]
    killed = subprocess.run([sys.executable, "-c", code, str(path), *folders], cwd=ROOT, capture_output=True)
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    left = {Path(name).name for name in files(away.media / "transition_images")}
    assert "t0524288.png.part" in left and "t0524288.png" not in left
    done = away.take(path, merge=True)
    assert done.wrote and done.same and not done.different and not done.damaged
    plan = {"media/song/story/transition_sequence_gen.csv"}  # stays at home where frames are packed
    assert files(away.root) == files(home.root) - plan
