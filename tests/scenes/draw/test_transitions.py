"""Folders of transitions: what is read, what is missing, what is drawn."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from avwalk.contracts import Frames
from avwalk.files.image_meta import image_info, write
from avwalk.scenes.draw.transitions import SCALE, complete, draw, folders, frames_of, grid, missing, name_of
from avwalk.scenes.nodes import Edge, Node
from tests.scenes.a_project import PROMPTS, SIZE, a_project, again, by_hand, pixels

INSIDE = Edge(Node("reef", "11"), Node("reef", "1234567"))
ACROSS = Edge(Node("reef", "11"), Node("fox", "21"))


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


class Ruler:
    """An artist whose frames are as bright as their place is far."""

    def __init__(self, size: tuple[int, int] = SIZE, how: str = "ruler") -> None:
        self.size, self.how, self.asked = size, how, list[tuple[str, float]]()

    def frames(self, a: Node, b: Node, places: Sequence[float]) -> Iterator[Frames]:
        for place in places:
            self.asked.append((Edge(a, b).folder, place))
            yield np.full((self.size[1], self.size[0], 3), place, np.float32)

    def fingerprint(self, a: Node, b: Node) -> str:
        return self.how


@given(st.integers(2, 5000))
def test_a_way_is_cut_into_a_power_of_two_of_parts(steps: int) -> None:
    parts = grid(steps)
    assert parts & (parts - 1) == 0 and parts + 1 >= steps > parts // 2 + 1 - (parts == 1)


def test_steps_out_of_range_are_refused() -> None:
    for steps in (0, 1, SCALE + 2):
        with pytest.raises(ValueError, match="out of range"):
            grid(steps)


def test_frames_are_named_by_their_place(tmp_path: Path) -> None:
    assert [name_of(Fraction(k, 4)) for k in (0, 1, 4)] == ["t0000000.png", "t0262144.png", "t1048576.png"]
    project, ruler = a_project(tmp_path), Ruler()
    events: list[Mapping[str, Any]] = []
    assert draw(project, [INSIDE], on_event=events.append, artist=ruler) == 5
    folder = project.transition_images / "reef-11 to reef-1234567"
    assert names(folder) == [name_of(Fraction(k, 4)) for k in range(5)]
    found = frames_of(folder)
    assert [place for place, _ in found] == [Fraction(k, 4) for k in range(5)]
    assert [round(pixels(path).mean() / 255, 2) for _, path in found] == [0, 0.25, 0.5, 0.75, 1]
    back = frames_of(folder, backwards=True)
    assert [place for place, _ in back] == [Fraction(k, 4) for k in range(5)] and back[0][1] == found[-1][1]
    assert (
        complete(folder, 5) and not complete(folder, 6) and complete(folder, 2) and folders(project) == {INSIDE: folder}
    )
    assert [(e["done"], e["total"]) for e in events] == [(k, 5) for k in range(1, 6)] and "eta_s" in events[0]


def test_a_slower_use_asks_only_for_the_places_between(tmp_path: Path) -> None:
    project, ruler = a_project(tmp_path), Ruler()
    draw(project, [INSIDE], 5, artist=ruler)
    folder = project.transition_images / INSIDE.folder
    before = {path: path.stat().st_mtime_ns for _, path in frames_of(folder)}
    ruler.asked.clear()
    assert draw(project, [INSIDE], 9, artist=ruler) == 4
    assert [place for _, place in ruler.asked] == [1 / 8, 3 / 8, 5 / 8, 7 / 8]
    assert {path: path.stat().st_mtime_ns for path in before} == before
    assert draw(project, [INSIDE], 9, artist=ruler) == 0 == draw(project, [INSIDE], 3, artist=ruler)


def test_both_directions_are_one_way(tmp_path: Path) -> None:
    project, ruler = a_project(tmp_path), Ruler()
    assert draw(project, [INSIDE, INSIDE.back], artist=ruler) == 5
    assert draw(project, [INSIDE.back], 9, artist=ruler) == 4
    assert names(project.transition_images) == [ruler.asked[0][0]] and len({f for f, _ in ruler.asked}) == 1


def test_damaged_frames_are_drawn_again(tmp_path: Path) -> None:
    project, ruler = a_project(tmp_path), Ruler()
    draw(project, [INSIDE], 9, artist=ruler)
    folder = project.transition_images / INSIDE.folder
    cut, gone, empty, small = (folder / name_of(Fraction(k, 8)) for k in (1, 3, 4, 6))
    cut.write_bytes(cut.read_bytes()[:-20])
    gone.unlink()
    empty.write_bytes(b"")
    write(small, np.zeros((9, 16, 3), np.float32), {})
    (folder / "t0000000.png.part").write_bytes(b"left behind")
    assert missing(folder, 9) == [Fraction(1, 8), Fraction(3, 8), Fraction(1, 2)] and not complete(folder, 9)
    assert [place for place, _ in frames_of(folder)] == [Fraction(k, 8) for k in (0, 2, 5, 6, 7, 8)]
    assert draw(project, [INSIDE], 9, artist=ruler) == 4  # the small one, too
    assert complete(folder, 9, SIZE) and len(names(folder)) == 9


def test_ways_drawn_otherwise_stay_until_frames_must_be_added(tmp_path: Path) -> None:
    project, events = a_project(tmp_path), list[Mapping[str, Any]]()
    draw(project, [INSIDE], 5, artist=Ruler())
    assert draw(project, [INSIDE], 5, events.append, artist=Ruler(how="new words")) == 0
    assert "drawn with other prompts" in events[0]["message"] and "fresh draws" in events[0]["message"]
    folder = project.transition_images / INSIDE.folder
    assert draw(project, [INSIDE], 9, artist=Ruler(how="new words")) == 9
    assert {found and found.fingerprint for found in (image_info(path) for _, path in frames_of(folder))} == {
        "new words"
    }
    assert draw(project, [INSIDE], 5, artist=Ruler(how="third"), fresh=True) == 9  # those between would judder


def test_a_redrawing_that_was_stopped_goes_on(tmp_path: Path) -> None:
    project, folder = a_project(tmp_path), None
    draw(project, [INSIDE], 5, artist=Ruler())
    folder = project.transition_images / INSIDE.folder
    new = Ruler(how="new")
    for place, picture in zip((0, 0.25), new.frames(INSIDE.a, INSIDE.b, [0, 0.25]), strict=True):
        write(folder / name_of(Fraction(place)), picture, {"avwalk": '{"drawn": "new"}'})
    assert draw(project, [INSIDE], 5, artist=new) == 3


def numbered(folder: Path, count: int) -> None:
    folder.mkdir(parents=True)
    for k in range(count):
        write(folder / f"frame{k:06d}.png", np.full((36, 64, 3), k / count, np.float32), {})


def test_numbered_frames_are_read_as_they_are(tmp_path: Path) -> None:
    project = a_project(tmp_path)
    folder = project.transition_images / "reef-11 to fox-21"
    numbered(folder, 4)
    assert [place for place, _ in frames_of(folder)] == [0, Fraction(1, 3), Fraction(2, 3), 1]
    assert [place for place, _ in frames_of(folder, True)] == [0, Fraction(1, 3), Fraction(2, 3), 1]
    assert frames_of(folder, True)[0][1].name == "frame000003.png"
    assert complete(folder, 100) and draw(project, [ACROSS], 100, artist=Ruler()) == 0


def test_numbered_frames_that_are_damaged_are_drawn_anew_under_our_names(tmp_path: Path) -> None:
    project = a_project(tmp_path)
    folder = project.transition_images / "reef-11 to fox-21"
    numbered(folder, 4)
    (folder / "frame000002.png").write_bytes(b"half")
    assert not complete(folder, 5) and len(frames_of(folder)) == 3
    assert draw(project, [ACROSS], 5, artist=Ruler()) == 5
    assert complete(folder, 5) and [path.name[0] for _, path in frames_of(folder)] == ["t"] * 5


def test_seeds_of_four_letters_are_those_that_begin_so(tmp_path: Path) -> None:
    project = a_project(tmp_path)
    for name in (
        "reef-1234 to fox-21",
        "fox-21 to fox-0022",
        "nothing-1 to fox-21",
        "some folder",
        "fox-22 to reef-99",
    ):
        (project.transition_images / name).mkdir(parents=True)
    found = {edge: path.name for edge, path in folders(project).items()}
    fox = Node("fox", "21")
    assert found == {
        Edge(Node("reef", "1234567"), fox): "reef-1234 to fox-21",
        Edge(fox, Node("fox", "22")): "fox-21 to fox-0022",
    }
    (project.transition_images / "reef-1234567 to fox-21").mkdir()
    assert folders(project)[Edge(Node("reef", "1234567"), fox)].name == "reef-1234567 to fox-21"


def test_four_letters_of_two_seeds_are_nobody(tmp_path: Path) -> None:
    project = a_project(tmp_path, prompts=PROMPTS.replace("11 1234567", "12345 1234567"))
    (project.transition_images / "reef-1234 to fox-21").mkdir(parents=True)
    assert folders(project) == {}


def test_pictures_put_there_by_hand_are_ends_too(tmp_path: Path) -> None:
    project = a_project(tmp_path)
    by_hand(project.scenes_dir / "holiday")
    project = again(tmp_path)
    assert draw(project, [Edge(Node("holiday", "photo"), Node("fox", "21"))], 5) == 5
    folder = project.transition_images / "holiday-photo to fox-21"
    assert complete(folder, 5, SIZE) and list(folders(project).values()) == [folder]


@pytest.mark.full
def test_killed_at_any_moment_it_goes_on_to_the_same_frames(tmp_path: Path) -> None:
    undisturbed, killed = a_project(tmp_path / "a"), a_project(tmp_path / "b")
    draw(undisturbed, [INSIDE, ACROSS], 33)
    folder = killed.transition_images
    program = (
        "from tests.scenes.a_project import again; from tests.scenes.draw.test_transitions import *\n"
        f"draw(again(Path({str(tmp_path / 'b')!r})), [INSIDE, ACROSS], 33)\n"
    )
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    counts = [0]
    for wanted in (1, 20, 45):  # frames after which it is killed
        process = subprocess.Popen([sys.executable, "-c", program], env=environment)
        while process.poll() is None and len(list(folder.glob("*/*"))) < wanted:
            time.sleep(0.002)
        process.send_signal(signal.SIGKILL if hasattr(signal, "SIGKILL") else signal.SIGTERM)
        process.wait()
        counts.append(len(list(folder.glob("*/*.png"))))
        assert all(image_info(path) for path in folder.glob("*/*.png"))  # a name is given to whole files alone
    assert counts == sorted(counts) and 0 < counts[-1] < 66
    drawn = draw(killed, [INSIDE, ACROSS], 33)
    assert drawn == 66 - counts[-1]
    for path in sorted(undisturbed.transition_images.glob("*/*")):
        twin = folder / path.parent.name / path.name
        assert np.array_equal(pixels(path), pixels(twin)), path
    assert len(list(folder.glob("*/*"))) == 66


def test_a_smaller_profile_never_draws_over_larger_frames(tmp_path: Path) -> None:
    project = a_project(tmp_path)
    half = (SIZE[0] // 2, SIZE[1] // 2)
    assert draw(project, [INSIDE], 5, artist=Ruler(half)) == 5
    folder = project.transition_images / INSIDE.folder
    assert not complete(folder, 5, SIZE), "frames of a draft are not those of the film"
    assert draw(project, [INSIDE], 5, artist=Ruler()) == 5
    assert draw(project, [INSIDE], 3, artist=Ruler(half)) == 0, "a draft makes do with them"
    assert {found and found.size for found in map(image_info, folder.iterdir())} == {SIZE}
    assert complete(folder, 3, half) and complete(folder, 5, SIZE)
