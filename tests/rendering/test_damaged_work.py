"""What lies in a work folder is not believed: damaged files are made again, named, and the film is what it would be."""

from __future__ import annotations

import errno
import itertools
import json
import os
import re
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
import soundfile

import avwalk
from avwalk.errors import OutputError, VideoError
from avwalk.files import atomic
from avwalk.rendering import finish, writers
from avwalk.rendering.song_film import SongFilm
from avwalk.runners.stages import Stages
from tests.conftest import clicks
from tests.pictures import read

OPTIONS: dict[str, Any] = {"fps": 10, "generator": "testcard", "size": "64x36"}


@pytest.fixture(scope="module")
def song(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three segments long."""
    path = tmp_path_factory.mktemp("song") / "song.wav"
    soundfile.write(path, clicks(30.0, rate=8000), 8000)
    return path


def pictures(path: Path) -> list[np.ndarray]:
    if path.is_dir():
        return [read(file) for file in sorted(path.glob("*.png"))]
    with av.open(str(path)) as container:
        return [frame.to_ndarray(format="gray") for frame in container.decode(video=0)]


@pytest.fixture(scope="module")
def undisturbed(song: Path, tmp_path_factory: pytest.TempPathFactory) -> list[np.ndarray]:
    out = tmp_path_factory.mktemp("whole") / "whole.mp4"
    avwalk.render(song, out=out, **OPTIONS)
    return pictures(out)


def drawn(song: Path, out: str, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A work folder in which all is there but the film."""
    with monkeypatch.context() as patched:
        patched.setattr(SongFilm, "publish", lambda film: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            avwalk.render(song, out=out, **OPTIONS)
    return Path(f"{out.rstrip('/')}.work")


def zeroed(path: Path) -> None:
    """3,000 bytes in the middle, or a third of a small file."""
    data = bytearray(path.read_bytes())
    n = min(3000, len(data) // 3)
    middle = (len(data) - n) // 2
    data[middle : middle + n] = bytes(n)
    assert bytes(data) != path.read_bytes()
    path.write_bytes(data)


def halved(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def emptied(path: Path) -> None:
    path.write_bytes(b"")


def resumed(song: Path, out: str) -> tuple[int, list[str]]:
    """Frames that were there, and what was said."""
    events: list[Any] = []
    done = avwalk.render(song, out=out, on_event=events.append, **OPTIONS)
    return done["resumed_frames"], [event["message"] for event in events if event["event"] == "warning"]


SECOND = "segments/0000100-0000200"


@pytest.mark.parametrize("fault", [zeroed, halved, emptied], ids=lambda fault: fault.__name__)
@pytest.mark.parametrize("name", [f"{SECOND}.mp4", f"{SECOND}.npz", f"{SECOND}.mp4.sha256"])
def test_a_damaged_segment_is_drawn_again_and_named(
    name: str,
    fault: Callable[[Path], None],
    song: Path,
    undisturbed: list[np.ndarray],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    out = str(tmp_path / "a.mp4")
    work = drawn(song, out, monkeypatch)
    fault(work / name)
    kept, said = resumed(song, out)
    assert kept == 200
    assert said == [f"'{work / SECOND}.mp4' is damaged, and is drawn again"]
    assert all(np.array_equal(a, b) for a, b in zip(undisturbed, pictures(Path(out)), strict=True))
    assert [path.name for path in tmp_path.iterdir()] == ["a.mp4"]


@pytest.mark.parametrize("fault", [zeroed, halved, emptied, Path.unlink], ids=lambda fault: fault.__name__)
def test_a_damaged_picture_is_drawn_again(
    fault: Callable[[Path], None], song: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = f"{tmp_path}/a/"
    work = drawn(song, out, monkeypatch)  # every picture says how it was made by now, which is no damage
    whole = pictures(work / "frames")
    fault(work / "frames" / "000123.png")
    kept, said = resumed(song, out)
    assert kept == 200 and said == [f"'{work / SECOND}.mp4' is damaged, and is drawn again"]
    assert all(np.array_equal(a, b) for a, b in zip(whole, pictures(tmp_path / "a"), strict=True))


def test_segments_without_checksums_are_drawn_again(
    song: Path, undisturbed: list[np.ndarray], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As earlier versions left them: their plan is believed, it had sums, their segments and sound are not."""
    out = str(tmp_path / "a.mp4")
    work = drawn(song, out, monkeypatch)
    for record in work.rglob("*.sha256"):
        record.unlink()
    stored = json.loads((work / "plan" / "plan.json").read_text(encoding="utf-8"))
    for later in ("sha256", "margins", "lane_ranges", "lyrics"):
        del stored[later]
    (work / "plan" / "plan.json").write_text(json.dumps(stored), encoding="utf-8")
    kept, said = resumed(song, out)
    assert kept == 0 and said == ["3 segments were drawn before an edit, or without checksums; they are drawn again"]
    assert all(np.array_equal(a, b) for a, b in zip(undisturbed, pictures(Path(out)), strict=True))


@pytest.mark.parametrize("fault", [zeroed, halved, emptied], ids=lambda fault: fault.__name__)
@pytest.mark.parametrize("which", ["plan.json", "*.npy"])
def test_a_damaged_plan_is_planned_anew(
    which: str,
    fault: Callable[[Path], None],
    song: Path,
    undisturbed: list[np.ndarray],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    out = str(tmp_path / "a.mp4")
    work = drawn(song, out, monkeypatch)
    fault(max((work / "plan").glob(which), key=lambda path: path.stat().st_size))
    kept, said = resumed(song, out)
    assert kept == 300, "the plan is the same, so the segments are good"
    assert len(said) == 1 and f"the plan in '{work / 'plan'}' is damaged" in said[0] and "made again" in said[0]
    assert all(np.array_equal(a, b) for a, b in zip(undisturbed, pictures(Path(out)), strict=True))


def test_every_number_of_a_plan_is_covered(song: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A digit that is another one is still JSON."""
    out = str(tmp_path / "a.mp4")
    file = drawn(song, out, monkeypatch) / "plan" / "plan.json"
    stored = json.loads(file.read_text(encoding="utf-8"))
    stored["scenes"][0][2] = 7
    file.write_text(json.dumps(stored), encoding="utf-8")
    said = resumed(song, out)[1]
    assert len(said) == 1 and "plan.json is not as it was saved" in said[0]


@pytest.mark.parametrize("fault", [zeroed, halved, emptied], ids=lambda fault: fault.__name__)
@pytest.mark.parametrize("name", ["film.json", "sound.mp4"])
def test_the_rest_is_healed(
    name: str, fault: Callable[[Path], None], song: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = str(tmp_path / "a.mp4")
    work = drawn(song, out, monkeypatch)
    fault(work / name)
    kept, said = resumed(song, out)
    assert kept == 300 and len(said) == 1 and f"'{work / name}' is damaged" in said[0]
    assert finish.check_film(Path(out), song)["ok"]


def test_a_digit_of_film_json_is_no_other_film(song: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    out = str(tmp_path / "a.mp4")
    file = drawn(song, out, monkeypatch) / "film.json"
    file.write_text(re.sub(r'"seed": (?=\d)', '"seed": 1', file.read_text(encoding="utf-8")), encoding="utf-8")
    kept, said = resumed(song, out)
    assert kept == 300 and said == [f"'{file}' is damaged, and is written anew"]


def test_a_film_has_its_name_when_nothing_is_left_that_could_fail(
    song: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What a segment's record lost while the film was made was found out after the film had its name."""
    out = tmp_path / "a.mp4"
    draw = SongFilm.draw

    def lost(film: SongFilm, *args: Any) -> tuple[int, Stages]:
        drawn = draw(film, *args)
        halved(tmp_path / "a.mp4.work" / f"{SECOND}.npz")
        return drawn

    with monkeypatch.context() as patched:
        patched.setattr(SongFilm, "draw", lost)
        with pytest.raises(VideoError, match=r"0000100-0000200.npz' was damaged while the film was made; render again"):
            avwalk.render(song, out=out, **OPTIONS)
    for name in ("measure_sync", "finish"):
        with monkeypatch.context() as patched:
            patched.setattr(f"avwalk.rendering.song_film.{name}", lambda *args: 1 / 0)
            with pytest.raises(ZeroDivisionError):
                avwalk.render(song, out=out, **OPTIONS)
        assert not out.exists()
    with monkeypatch.context() as patched:
        patched.setattr(SongFilm, "keep_poster", lambda *args: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            avwalk.render(song, out=out, poster=True, **OPTIONS)
    assert [path.name for path in tmp_path.iterdir()] == ["a.mp4.work"]
    with monkeypatch.context() as patched:
        patched.setattr(SongFilm, "publish", lambda film: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            avwalk.render(song, out=out, poster=True, **OPTIONS)
    (tmp_path / "a.jpg").write_bytes(b"a cover that nobody asked to replace")
    avwalk.render(song, out=out, **OPTIONS)
    assert (tmp_path / "a.jpg").read_bytes().startswith(b"a cover")
    out.unlink()
    avwalk.render(song, out=out, poster=True, force=True, **OPTIONS)
    assert (tmp_path / "a.jpg").read_bytes().startswith(b"\xff\xd8")


@pytest.mark.parametrize("out", ["a.mp4", "a/"])
def test_what_waits_for_the_disk(out: str, song: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Calls by kind: a handful for each segment however many pictures it has, none for caches."""
    calls: list[tuple[str, str]] = []

    def noting(kind: str) -> Callable[[Path], None]:
        return lambda path: calls.append((kind, path.relative_to(tmp_path).as_posix().removesuffix(".part")))

    for kind in ("file", "folder"):
        monkeypatch.setattr(atomic, f"sync_{kind}", noting(kind))
    monkeypatch.setattr(writers, "sync_folder", noting("folder"))
    avwalk.render(song, out=f"{tmp_path}/{out}", **OPTIONS)
    assert all(path == "." or path.startswith("a") for _, path in calls), "nothing outside of the film's own places"
    work = f"{out.rstrip('/')}.work"
    segment = f"{work}/{SECOND}.mp4"
    of_segment = [(kind, path) for kind, path in calls if SECOND in path]
    if out == "a/":
        assert of_segment == [("file", f"{segment}.sha256"), ("file", segment)]
        assert sum(path == f"{work}/frames" for _, path in calls) == 3
        assert not any(path.endswith(".png") for _, path in calls)
    else:
        assert of_segment == [("file", f"{work}/{SECOND}.npz"), ("file", f"{segment}.sha256"), ("file", segment)]
        assert calls[-2:] == [("folder", work), ("folder", ".")] and ("file", f"{work}/film.mp4") in calls
    assert sum(path == f"{work}/segments" for _, path in calls) == 3
    plan = [(kind, path) for kind, path in calls if f"{work}/plan" in path]
    assert plan[-2:] == [("file", f"{work}/plan/plan.json"), ("folder", f"{work}/plan")]
    assert all(kind == "file" and path.endswith(".npy") for kind, path in plan[:-2])


@pytest.mark.parametrize(
    ("error", "line"),
    [
        (
            OSError(errno.ENOSPC, os.strerror(errno.ENOSPC)),
            "cannot be written: No space left on device; free some space",
        ),
        (OSError("4096 requested and 0 written"), "cannot be written: No space left on device; free some space"),
        (OSError(errno.EMFILE, os.strerror(errno.EMFILE)), "Too many open files; allow more open files"),
    ],
)
def test_a_plan_that_cannot_be_written_says_what_is_short(
    error: OSError, line: str, song: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*args: Any, **more: Any) -> None:
        raise error

    monkeypatch.setattr("avwalk.plan.plan.save_array", fails)
    with pytest.raises(OutputError, match=line):
        avwalk.render(song, out=tmp_path / "a.mp4", **OPTIONS)
    assert list(tmp_path.iterdir()) == []


def test_a_plan_that_cannot_be_opened_for_want_of_handles_is_not_damaged(
    song: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = str(tmp_path / "a.mp4")
    work = drawn(song, out, monkeypatch)

    def fails(*args: Any, **more: Any) -> None:
        raise OSError(errno.EMFILE, os.strerror(errno.EMFILE))

    with monkeypatch.context() as patched, pytest.raises(OutputError, match="allow more open files"):
        patched.setattr("avwalk.plan.plan.np.load", fails)
        resumed(song, out)
    assert (work / "plan" / "plan.json").exists()


def test_a_clock_that_runs_backwards(song: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As on a machine that asks the network for the time; also for what is left from the future."""
    now = itertools.count(2e9, -1000.0)
    out = str(tmp_path / "a.mp4")
    monkeypatch.setattr(time, "time", lambda: next(now))
    work = drawn(song, out, monkeypatch)
    for file in work.rglob("*"):
        os.utime(file, (4e9, 4e9))
    assert resumed(song, out) == (300, [])
