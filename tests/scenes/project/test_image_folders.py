"""A folder of AI-Art as it was left: pictures, seeds cut to four digits, numbered frames, tables with index columns."""

from __future__ import annotations

import itertools
from fractions import Fraction
from pathlib import Path

from avwalk.scenes.archive.pack import missing_work, pack
from avwalk.scenes.archive.unpack import unpack
from avwalk.scenes.draw.transitions import complete, folders, frames_of
from avwalk.scenes.graph.path_csv import planned_path, read_path
from avwalk.scenes.nodes import Edge, Node
from avwalk.scenes.project.project import Project
from tests.scenes.project_forms import Folders

DEFINITIONS = (
    b"\xef\xbb\xbfname,prompt,seeds,guidance_scale\r\n"
    b'sunflower,"center of sunflower, close up","1000001, 1001777, 0042",7.5\r\n'
    b'old_town,"old town, at night","2000, 2001",7.5\r\n'
)
PICTURES = ["sunflower_1000001", "sunflower_1001777", "sunflower_0042", "old_town_2000", "old_town_2001"]


def left_behind(root: Path) -> Folders:
    """Every way but one is rendered; the plan asks for that one and another."""
    there = Folders(
        root, DEFINITIONS, ",scene,duration,section,start\n0,sunflower,2,1,sunflower_1000\n1,old_town,1,1,\n"
    )
    for name in PICTURES:
        there.picture(f"prompt_images/{name}.png")
        there.picture(f"scenes/{name.rpartition('_')[0]}/{name}.png")
    cut = ["-".join((name.rpartition("_")[0], name.rpartition("_")[2][:4])) for name in PICTURES]
    for a, b in list(itertools.combinations(cut, 2))[:-1]:
        for k in range(5):
            there.picture(f"transition_images/{a} to {b}/frame{k:06d}.png", 40 * k)
    story = there.media / "story"
    story.mkdir()
    (story / "trans_sequence_gen.csv").write_text(
        ",scene_from,c1,c2,section,reversed,input_image_folder\n"
        "0,sunflower,sunflower-1000001,old_town-2000,1,False,/home/art/media/sunflower-1000 to old_town-2000\n"
        "1,old_town,old_town-2000,old_town-2001,1.0,False,old_town-2000 to old_town-2001\n"
    )
    return there


def test_everything_is_found(tmp_path: Path) -> None:
    project = left_behind(tmp_path).load()
    flowers = tuple(Node("sunflower", key) for key in ("1000001", "1001777", "42"))
    assert set(project.members("sunflower")) == set(flowers) and not project.notes
    assert project.sequence[0].start == (flowers[0],)
    assert all(project.picture(node).exists() for scene in project.scenes for node in project.members(scene))
    found = folders(project)
    assert len(found) == 9 and found[Edge(flowers[1], flowers[2])].name == "sunflower-1001 to sunflower-0042"
    assert all(complete(path, project.profile.steps_between) for path in found.values())
    assert [place for place, _ in frames_of(found[Edge(*flowers[:2])])] == [Fraction(k, 4) for k in range(5)]


def test_what_it_lacks_is_what_is_packed(tmp_path: Path) -> None:
    project: Project = left_behind(tmp_path / "home").load()
    towns = Node("old_town", "2000"), Node("old_town", "2001")
    work = missing_work(project)
    assert [hop.edge for hop in work.hops] == [Edge(*towns)] and work.pictures == ()
    pack(project, tmp_path / "x.zip")
    away = tmp_path / "away"
    unpack(tmp_path / "x.zip", meta_dir=away / "meta", media_dir=away / "media")
    plan = planned_path(away / "media" / "song" / "story")
    assert plan and [hop.edge for hop in read_path(plan)] == [Edge(*towns)]
