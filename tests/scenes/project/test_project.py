"""Projects: the example that is shipped, folders of AI-Art as they are, and every refusal with its place."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import avwalk
from avwalk.errors import OptionError, ScenesError
from avwalk.scenes.nodes import Node
from avwalk.scenes.project.check import check_project, time_problems
from avwalk.scenes.project.places import find_project, projects
from avwalk.scenes.project.project import load_project
from avwalk.scenes.project.prompts_csv import Prompt
from avwalk.settings import settings
from tests.conftest import ROOT
from tests.scenes.project_forms import DEFINITIONS, SEQUENCE, Folders


@pytest.fixture
def folders(tmp_path: Path) -> Folders:
    return Folders(tmp_path)


@st.composite
def damaged(draw: st.DrawFn, text: str) -> bytes:
    """A file with some letters replaced, taken out or put in."""
    letters = list(text)
    for _ in range(draw(st.integers(0, 4))):
        k = draw(st.integers(0, len(letters) - 1))
        letters[k] = draw(
            st.sampled_from(['"', ",", "\n", "\r", "", "-", "\0", "é", "{", "}", "=", "9", ";", "../", "\t"])
        )
    return "".join(letters).encode()


def refused(folders: Folders, sequence: str | None = "", profile: str = "default") -> list[str]:
    """The problems, one a line, without the folder."""
    with pytest.raises(ScenesError) as caught:
        folders.load(sequence, profile)
    return str(caught.value).replace(f"{folders.meta}{os.sep}", "").splitlines()


def test_the_example_is_whole_and_good_on_its_song() -> None:
    found = check_project("demo", meta_dir=ROOT / "meta", media_dir=ROOT / "media")
    assert [project.sequence_name for project in found] == ["", "even"]
    demo = found[0]
    assert not demo.notes and set(demo.profiles) == {"default", "draft"}
    assert all(len(prompt.seeds) >= 3 for prompt in demo.definitions.values())
    assert {row.section for row in demo.sequence} == {1, 2, 3} and any(row.at for row in demo.sequence)
    assert demo.song and demo.song.samefile(ROOT / "media" / "demo-song.ogg")
    assert all(row.duration < len(demo.members(row.scene)) for project in found for row in project.sequence)


def test_what_is_read_is_what_is_written(folders: Folders) -> None:
    project = folders.load()
    assert project.definitions["forest"] == Prompt("forest", "a forest, at dawn", (1000, 1001, 1002), 7.5)
    assert list(project.definitions) == ["forest", "sea", "city"] and project.definitions["sea"].guidance is None
    assert [(row.scene, row.duration, row.section) for row in project.sequence] == [
        ("forest", 2, 1),
        ("sea", 1, 1),
        ("city", 1, 2),
    ]
    assert [row.start for row in project.sequence] == [(Node("forest", "1000"),), "random", None]
    assert project.members("sea") == (Node("sea", "7"), Node("sea", "8"), Node("sea", "9"))
    assert project.picture(Node("sea", "7")) == folders.media / "prompt_images" / "sea_7.png"
    assert (project.profile.width, project.profile.name, project.song) == (512, "default", None)
    with pytest.raises(ScenesError, match=r"no scene 'se' in 'song' \(did you mean 'sea'\?\)"):
        project.members("se")


def test_the_folders_have_the_names_of_ai_art(folders: Folders) -> None:
    p = folders.load()
    places = [p.prompt_images, p.explore_images, p.scenes_dir, p.transition_images, p.transition_meta, p.story_dir]
    names = ["prompt_images", "explore_images", "scenes", "transition_images", "transition_meta", "story", "stories"]
    assert [path.relative_to(folders.media).as_posix() for path in [*places, p.stories]] == names


@pytest.mark.parametrize("text", ["forest_1001", "forest-1001", " forest_1001.png ", "forest_01001"])
def test_a_picture_is_found_by_its_names(folders: Folders, text: str) -> None:
    assert folders.load().find(text) == Node("forest", "1001")
    assert folders.load().find("1001", "forest") == Node("forest", "1001")


def test_seeds_cut_to_four_digits_are_found_where_that_is_plain(tmp_path: Path) -> None:
    rows = "name,prompt,seeds\na,x,1234567890123456 5555 12\nb,y,77771 77772\n"
    project = Folders(tmp_path, rows, "scene,start\na,a_1234\n").load()
    assert project.sequence[0].start == (Node("a", "1234567890123456"),)
    assert project.find("a-5555") == Node("a", "5555")
    with pytest.raises(OptionError, match="'b_7777' may be b-77771 or b-77772; write the whole seed"):
        project.find("b_7777")
    with pytest.raises(OptionError, match=r"no picture 'a_123'.*; there are a_1234567890123456, a_5555, a_12, b_77771"):
        project.find("a_123")


# --- folders


def test_a_folder_filled_by_hand_is_a_scene(folders: Folders) -> None:
    """Whatever its pictures are called: keys have neither blanks nor dashes, and are no seeds."""
    names = ["IMG-20 31.JPG", "0001.png", "sea_8.png", "été.webp", "note.txt", ".hidden.png"]
    for name in names:
        if name.endswith(("txt", "webp")):
            (folders.media / "scenes" / "beach" / name).parent.mkdir(parents=True, exist_ok=True)
            (folders.media / "scenes" / "beach" / name).write_bytes(b"x")
        else:
            folders.picture(f"scenes/beach/{name}")
    folders.text("scene_sequence.csv", "scene,start\nbeach,IMG-20 31.JPG\n")
    project = folders.load()
    hand = ("beach", "p0001"), ("beach", "IMG_20_31"), ("sea", "8"), ("beach", "été")
    assert project.members("beach") == tuple(Node(*one) for one in hand)
    assert [Node.read(node.id) for node in project.members("beach")] == list(project.members("beach"))
    assert [node.seed for node in project.members("beach")] == [None, None, 8, None]
    assert project.sequence[0].start == (Node("beach", "IMG_20_31"),)
    assert project.picture(Node("beach", "IMG_20_31")).name == "IMG-20 31.JPG"
    assert project.picture(Node("sea", "8")).parent.name == "beach"
    folders.picture("prompt_images/sea_8.png")
    assert project.picture(Node("sea", "8")).parent.name == "prompt_images"
    assert project.scenes == ("forest", "sea", "city", "beach")


def test_a_folder_stands_in_for_its_prompts_seeds(folders: Folders) -> None:
    """An artist of AI-Art takes pictures out of a scene by taking them out of its folder."""
    folders.picture("scenes/forest/forest_1002.png")
    folders.picture("scenes/forest/forest_1000.png")
    (folders.media / "scenes" / "sea").mkdir()
    project = folders.load()
    assert project.members("forest") == (Node("forest", "1000"), Node("forest", "1002"))
    assert len(project.members("sea")) == 3
    (note,) = project.notes
    assert note.endswith(
        "forest: it stands in for prompt 'forest', without seed 1001; put those pictures there, or take the folder away"
    )


def test_what_is_odd_in_folders_is_said_and_left_out(folders: Folders) -> None:
    for name in ("beach/a b.png", "beach/a-b.jpg", "my-beach/x.png"):
        folders.picture(f"scenes/{name}")
    (folders.media / "scenes" / "beach" / "move.gif").write_bytes(b"GIF89a")
    project = folders.load()
    notes = [note.replace(f"{folders.media}{os.sep}", "").replace(os.sep, "/") for note in project.notes]
    assert notes == [
        "scenes/beach/a-b.jpg: left out: it is called like 'a b.png'; rename one",
        "scenes/beach/move.gif: left out: save it as PNG or JPEG",
        "scenes/my-beach: left out: folder 'my-beach' has a '-', which divides name and seed; call it 'my_beach'",
    ]
    assert project.members("beach") == (Node("beach", "a_b"),)


def test_pictures_of_seeds_with_leading_zeros_are_found(tmp_path: Path) -> None:
    folders = Folders(tmp_path, "name,prompt,seeds\na,x,0042 0043\n", None)
    folders.picture("prompt_images/a_0042.png")
    project = folders.load()
    assert project.definitions["a"].seeds == (42, 43)
    assert project.picture(Node("a", "42")).name == "a_0042.png"
    assert project.picture(Node("a", "43")).name == "a_43.png"


def test_a_picture_with_a_long_name_keeps_its_folder_names_short(folders: Folders) -> None:
    for letter in "ab":
        folders.picture(f"scenes/beach/{'wörter ' * 20}{letter}.png")
    one, other = folders.load().members("beach")
    assert one != other and len(one.key.encode()) <= 40 and folders.load().picture(one).exists()


# --- whole projects of AI-Art


def test_a_project_of_ai_art_is_taken_over_as_it_is(tmp_path: Path) -> None:
    folders = Folders(
        tmp_path,
        'name,prompt,seeds,guidance_scale,mask,cnet_scale\r\nsunflower,"center of sunflower, close up",'
        '"1000, 1001, 1002",7.5,shapes/square,0.5\r\nblank,"nothing, at all","2000, 0015",7.5,blank,1\r\n'
        '"sunflower",again,1,7.5,,\r\n'.encode("utf-8-sig"),
        ',scene,duration,section,start\n0,sunflower,3,1,"sunflower_1000, sunflower_1001"\n1,blank,0,1,random\n',
    )
    folders.text("scene_sequence_b.csv", "Unnamed: 0,scene,duration,section,start\n5,blank,1,2,blank_0015\n")
    folders.text(
        "tgen_settings.json",
        '{"default": {"res_height": 512, "res_width": 1024, "interpolation_steps": 50, "seed_delimiter": ", ",'
        '"model_string": "CompVis/stable-diffusion-v1-4", "controlnet_string": "lllyasviel/sd-controlnet-scribble",'
        '"pipe_kwargs": {"num_inference_steps": 50, "control_guidance_start": 0.1}}, "cell": {"res_width": 576}}',
    )
    folders.text("masks/shapes/square.png", b"x")
    folders.text("masks/blank.png", b"x")
    project = folders.load()
    flower = project.definitions["sunflower"]
    assert (flower.seeds, flower.mask, flower.control_scale) == ((1000, 1001, 1002), "shapes/square", 0.5)
    assert project.definitions["blank"].seeds == (2000, 15)
    assert [row.duration for row in project.sequence] == [3, 0]
    assert project.sequence[0].start == (Node("sunflower", "1000"), Node("sunflower", "1001"))
    assert folders.load("b").sequence[0].start == (Node("blank", "15"),)
    profile = project.profile
    assert (profile.width, profile.height, profile.steps_between) == (1024, 512, 50)
    assert (profile.model, profile.control_model) == (
        "CompVis/stable-diffusion-v1-4",
        "lllyasviel/sd-controlnet-scribble",
    )
    assert profile.pipeline == {"num_inference_steps": 50, "control_guidance_start": 0.1}
    assert folders.load(profile="cell").profile.width == 576
    assert [note.partition("csv:")[2] for note in project.notes] == [
        "4:1: 'sunflower' is there twice; the first is taken"
    ]


def test_older_settings_are_one_flat_object(folders: Folders) -> None:
    folders.text("tgen_settings.json", '{"song_name": "x", "res_height": 576, "mask_image": "m", "pipe_kwargs": {}}')
    project = folders.load()
    assert project.profile.height == 576 and not project.notes


# --- refusals


def test_every_problem_of_every_file_at_once(tmp_path: Path) -> None:
    folders = Folders(
        tmp_path,
        "name,prompt,seeds,guidance_scale,generator\nglass-forest,x,1,,\nsea,,1 two,7,dall-e\nsky,blue,1,99,\n",
        "scene,duration,section,start,at,transition\nsky,x,1,,bra:3,\nsky,1,-1,sky_2,9,mlet\nsea,1,1,,8,\n",
    )
    folders.text("tgen_settings.json", '{"default": {\n  "res_width": 1,\n  "interpolation_stps": 9\n}}')
    definitions, sequence, settings_ = "prompt_image_definitions.csv", "scene_sequence.csv", "tgen_settings.json"
    assert refused(folders) == [
        f"{settings_}:2:3: res_width 1 is out of range; give 16 to 8192",
        f"{settings_}:3:3: unknown setting 'interpolation_stps' (did you mean 'interpolation_steps'?)",
        f"{definitions}:2:1: name 'glass-forest' has a '-', which divides name and seed; call it 'glass_forest'",
        f"{definitions}:3:5: column 'prompt' is empty; say what is to be seen, or take the row out",
        f"{definitions}:3:6: seed 'two' is no whole number from 0 to 9223372036854775807",
        f"{definitions}:3:14: unknown generator 'dall-e'; it is cppn, biggan, sd, or a painter",
        f"{definitions}:4:12: guidance_scale 99 is out of range; give 0 to 50",
        f"{sequence}:2:5: duration 'x' is no whole number from 0 to 10000",
        f"{sequence}:2:10: time 'bra:3' is not understood (did you mean 'bar'?); give seconds (83.5), 1:23.5, bar:17, "
        "beat:64, section:chorus#2, drop:1, quietest, loudest, start or end",
        f"{sequence}:3:7: section '-1' is no whole number from 0 to 9999",
        f"{sequence}:3:18: transition 'mlet' is not known (did you mean 'melt'?); it is melt, cut, whip",
        f"{sequence}:4:10: at '8' is not after at '9'; rows stand in the order of the film",
    ]


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("forrest,1,1,", "2:1: no scene 'forrest' (did you mean 'forest'?)"),
        ("a/b,1,1,", "2:1: scene 'a/b' cannot be the name of a file; call it 'a_b'"),
        ("../sea,1,1,", "2:1: scene '../sea' cannot be the name of a file; call it 'sea'"),
        ("forest,1,1,sea_7", "2:12: no picture 'sea_7' in scene 'forest'; there are forest_1000, forest_1001"),
        ("forest,1,1,forest_1004", "2:12: no picture 'forest_1004' in scene 'forest' (did you mean 'forest_1002'?)"),
        ('forest,1,1,"forest_1000, random"', "2:12: start 'forest_1000, random': 'random' stands alone"),
        ("forest,99999,1,", "2:8: duration '99999' is no whole number from 0 to 10000"),
        ("forest,1.5,1,", "2:8: duration '1.5' is no whole number"),
        ("forest,=A1,1,", "2:8: duration '=A1' is no whole number"),
        ("forest,1,1,,more", "2:13: 'more' is in no column; put text with commas in quotes"),
        ('"forest,1,1,', "2:1: a quotation mark is never closed"),
    ],
)
def test_what_is_wrong_in_a_sequence(folders: Folders, row: str, said: str) -> None:
    folders.text("scene_sequence.csv", f"scene,duration,section,start\n{row}\n")
    assert any(line.startswith(f"scene_sequence.csv:{said}") for line in refused(folders)), refused(folders)


@pytest.mark.parametrize(
    ("times", "said"),
    [
        ((("9", ""), ("9", "")), "3:8: at '9' is not after at '9'"),
        ((("bar:9", ""), ("bar:8.5", "")), "3:8: at 'bar:8.5' is not after at 'bar:9'"),
        ((("0:09", "0:08"),), "2:13: until '0:08' is not after at '0:09'"),
        ((("1", "5"), ("4", "")), "3:8: at '4' is not after until '5'"),
        ((("beat:4+2beats", ""), ("beat:5", "")), "3:8: at 'beat:5' is not after at 'beat:4+2beats'"),
    ],
)
def test_times_that_do_not_go_on(folders: Folders, times: tuple[tuple[str, str], ...], said: str) -> None:
    rows = "".join(f"forest,{at},{until}\n" for at, until in times)
    folders.text("scene_sequence.csv", f"scene,at,until\n{rows}")
    assert refused(folders) == [f"scene_sequence.csv:{said}; rows stand in the order of the film"]


@pytest.mark.parametrize(
    "times",
    [
        (("1", "5"), ("5", "")),
        (("bar:9", ""), ("3", "")),
        (("section:2", ""), ("section:chorus", "")),
        (("drop:1-2bars", ""), ("drop:1", "")),
    ],
)
def test_times_that_go_on_or_that_only_the_song_can_tell(folders: Folders, times: tuple[tuple[str, str], ...]) -> None:
    folders.text("scene_sequence.csv", "scene,at,until\n" + "".join(f"forest,{a},{u}\n" for a, u in times))
    assert [(row.at.text if row.at else "") for row in folders.load().sequence] == [at for at, _ in times]


def test_times_on_the_song_itself(folders: Folders) -> None:
    """The demo song has one drop, at 0:23, and 19 bars."""
    folders.text("scene_sequence.csv", "scene,at,until\nforest,bar:15,\nsea,drop:1,\ncity,drop:2,bar:40\n")
    analysis = avwalk.analyze(ROOT / "media" / "demo-song.ogg")
    said = [line.partition("csv:")[2] for line in time_problems(folders.load().sequence, analysis)]
    assert said[0].startswith("3:5: at 'drop:1' (0:23") and "is not after at 'bar:15' (0:26" in said[0]
    assert said[1] == "4:6: time 'drop:2': this song has 1 drop; a cue 'drop' adds one"
    assert said[2].startswith("4:13: time 'bar:40' is at 1:14") and len(said) == 3


def test_columns_that_are_misspelled_missing_or_double(tmp_path: Path) -> None:
    folders = Folders(tmp_path, "name,promt,seeds\na,x,1\n", "scene,duratoin\na,1\n")
    assert refused(folders) == [
        "prompt_image_definitions.csv:1:1: no column 'prompt'; the first row must name the columns: "
        "name,prompt,seeds,guidance_scale,mask,cnet_scale,negative_prompt,generator",
        "prompt_image_definitions.csv:1:6: unknown column 'promt' (did you mean 'prompt'?)",
        "scene_sequence.csv:1:7: unknown column 'duratoin' (did you mean 'duration'?)",
    ]
    folders.text("prompt_image_definitions.csv", "name,prompt,name,seeds\na,x,b,1\n")
    folders.text("scene_sequence.csv", "scene\na\n")
    assert refused(folders)[0] == "prompt_image_definitions.csv:1:13: column 'name' is there twice; take one out"


def test_other_columns_are_left_alone(tmp_path: Path) -> None:
    rows = ",name,notes,prompt,seeds,prompt2\n0,a,mine,x,1,other\n"
    assert Folders(tmp_path, rows, None).load().definitions["a"] == Prompt("a", "x", (1,))


def test_names_that_are_one_file_on_many_systems(tmp_path: Path) -> None:
    folders = Folders(tmp_path, "name,prompt\nSea,x\nsea,y\n", None)
    assert refused(folders) == [
        "prompt_image_definitions.csv:3:1: 'sea' and 'Sea' are one file on many systems; rename one"
    ]


def test_a_scene_without_pictures_is_refused_but_may_be_explored(tmp_path: Path) -> None:
    folders = Folders(tmp_path, "name,prompt,seeds\na,x,\n", "scene\na\n")
    assert refused(folders) == [
        "scene_sequence.csv:2:1: scene 'a' has no pictures: its prompt has no seeds; `avwalk explore --name a` shows "
        "some to keep"
    ]
    assert folders.load(sequence=None).definitions["a"].seeds == ()


def test_a_picture_belongs_to_one_scene(folders: Folders) -> None:
    folders.picture("scenes/beach/sea_7.png")
    folders.text("scene_sequence.csv", "scene\nsea\nbeach\n")
    assert refused(folders) == [
        "scene_sequence.csv: picture 'sea-7' is in the scenes 'sea' and 'beach'; take it out of one"
    ]


def test_masks_must_be_there_where_they_are_used(tmp_path: Path) -> None:
    folders = Folders(tmp_path, "name,prompt,mask\na,x,squar\nb,y,../../etc/passwd\n", None)
    folders.text("masks/square.png", b"x")
    folders.text("tgen_settings.json", '{"default": {"controlnet_string": "c"}, "plain": {}}')
    first, second = refused(folders)
    assert first.startswith("prompt_image_definitions.csv:2:5: mask 'squar' (did you mean 'square'?) is not there: '")
    assert second.startswith("prompt_image_definitions.csv:3:5: mask '../../etc/passwd' leaves its folder")
    folders.text("prompt_image_definitions.csv", "name,prompt,mask\na,x,squar\n")
    assert folders.load(profile="plain").notes[0].endswith("without a controlnet_string in the settings none is used")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('{"default": {"res_width": 5,}}', ":1:29: it is no JSON here: "),
        ("[]", ":1:1: it holds no object; write"),
        ('{"default": 5}', ":1:2: profile 'default' is no object"),
        ('{"a": {}, "b": {}}', ": no settings 'default'; there are a, b: choose with settings"),
        ('{"default": {}, "res_width": 64}', ":1:2: profile 'default' stands beside settings; give those a name too"),
        ('{"default": {}, "default": {}}', ":1:17: 'default' is there twice; take one out"),
        ('{"default": {"model_string": 5}}', ":1:14: model_string 5 is no text"),
        ('{"default": {"pipe_kwargs": []}}', ":1:14: pipe_kwargs [] is no object"),
        ('{"default": {"pipe_kwarg": {}}}', ":1:14: unknown setting 'pipe_kwarg' (did you mean 'pipe_kwargs'?)"),
        ('{"default": {"interpolation_steps": 2.5}}', ":1:14: interpolation_steps 2.5 is no whole number; give 2 to "),
        ('{"default": {"generator": "sdd"}}', ":1:14: unknown generator 'sdd' (did you mean 'sd'?); it is cppn"),
        ("[" * 100_000, ": it is nested too deeply"),
    ],
)
def test_what_is_wrong_in_settings(folders: Folders, text: str, said: str) -> None:
    folders.text("tgen_settings.json", text)
    assert refused(folders)[0].startswith(f"tgen_settings.json{said}"), refused(folders)


def test_settings_in_other_encodings(folders: Folders) -> None:
    for encoding in ("utf-8-sig", "utf-16"):
        folders.text("tgen_settings.json", '{"default": {"res_width": 64}}'.encode(encoding))
        assert folders.load().profile.width == 64
    folders.text("tgen_settings.json", '{"défaut": {}}'.encode("cp1252"))
    assert refused(folders) == ["tgen_settings.json: it is not text; save it as UTF-8"]


def test_settings_that_are_not_there_or_not_known(folders: Folders) -> None:
    folders.text("tgen_settings.json", '{"default": {"speed": 3}, "draft": {}}')
    assert refused(folders, profile="drft") == [
        "tgen_settings.json: no settings 'drft' (did you mean 'draft'?); there are default, draft: choose with settings"
    ]
    assert (
        folders.load()
        .notes[0]
        .endswith("tgen_settings.json:1:14: setting 'speed' is not used; those of the pipeline stand in pipe_kwargs")
    )


def test_sequences_by_name(folders: Folders) -> None:
    folders.text("scene_sequence_live.csv", SEQUENCE)
    assert len(folders.load("live").sequence) == 3 and folders.load("live").sequence_name == "live"
    assert refused(folders, "liv") == [
        "scene_sequence_liv.csv: no sequence 'liv' (did you mean 'live'?); there are the default one, 'live'"
    ]
    assert refused(folders, "../x") == ["sequence '../x' cannot be the name of a file; call it 'x'"]


def test_a_project_without_anything_says_what_to_write(tmp_path: Path) -> None:
    folders = Folders(tmp_path, None, None)
    assert refused(folders) == [
        "prompt_image_definitions.csv: there are no prompts and no pictures in scenes/ yet; write rows: "
        "name,prompt,seeds"
    ]
    folders.picture("scenes/beach/x.png")
    assert folders.load().scenes == ("beach",) and folders.load().sequence == ()


def test_files_that_are_no_tables(folders: Folders) -> None:
    folders.text("prompt_image_definitions.csv", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR")
    folders.text("scene_sequence.csv", b"")
    assert refused(folders) == [
        "prompt_image_definitions.csv: it is not text: it holds bytes that are no text; save it as CSV",
        "scene_sequence.csv: it holds no rows; its columns are scene,duration,section,start,at,until,transition",
    ]


# --- where projects are


def test_projects_are_found_by_name_and_by_song(folders: Folders, monkeypatch: pytest.MonkeyPatch) -> None:
    meta, song = folders.root / "meta", folders.root / "my tune.wav"
    song.write_bytes(b"x")
    assert projects(meta) == ["song"] and projects(folders.root / "none") == []
    with pytest.raises(ScenesError, match=r"no project in '.*' is of '.*my tune.wav'; `avwalk scenes new .*tune.wav`"):
        find_project(str(song), meta)
    folders.text("song.txt", "\ufeff../../my tune.wav\r\n")
    assert find_project(str(song), meta).name == "song" and folders.load().song == song
    folders.text("song.txt", "elsewhere.wav")
    assert folders.load().notes[0].endswith("is not there; write its path there, or give the file")
    (folders.root / "song.wav").write_bytes(b"y")
    assert load_project(str(folders.root / "song.wav"), meta_dir=meta).song == folders.root / "song.wav"
    with pytest.raises(
        ScenesError, match=r"no project 'sang' in '.*' \(did you mean 'song'\?\); there are song; `avwalk"
    ):
        find_project("sang", meta)
    for name in ("..", "../song", "a/b", ""):
        with pytest.raises(ScenesError, match="cannot be the name of a file"):
            find_project(name, meta)
    monkeypatch.chdir(folders.root)
    monkeypatch.setenv("AVWALK_MEDIA_DIR", "elsewhere")
    settings.cache_clear()
    assert find_project("song").meta == Path("meta/song") and find_project("song").media == Path("elsewhere/song")
    settings.cache_clear()


def test_checks_cover_every_sequence(folders: Folders) -> None:
    folders.text("scene_sequence_b.csv", "scene\nnowhere\n")
    folders.text("scene_sequence_c.csv", "scene,at\nsea,xx:1\n")
    with pytest.raises(ScenesError) as caught:
        check_project("song", meta_dir=folders.root / "meta", media_dir=folders.root / "media")
    lines = str(caught.value).splitlines()
    assert ["_b.csv:2:1:" in lines[0], "_c.csv:2:5:" in lines[1], len(lines)] == [True, True, 2]


def test_pictures_put_there_by_hand_are_looked_at(folders: Folders) -> None:
    where: dict[str, Any] = {"meta_dir": folders.root / "meta", "media_dir": folders.root / "media"}
    for k in range(3):
        folders.picture(f"scenes/beach/{k}.png")
    large = folders.media / "scenes" / "beach" / "large.png"
    assert cv2.imwrite(str(large), np.zeros((20, 30, 3), np.uint8))
    (project,) = check_project("song", **where)
    note = f"{large}: it is 30x20, most of its folder are 12x8; all are cut to 512x512"
    assert [one for one in project.notes if "beach" in one] == [note]
    whole = folders.picture("scenes/beach/cut.png").read_bytes()
    (folders.media / "scenes" / "beach" / "cut.png").write_bytes(whole[:-20])
    (folders.media / "scenes" / "beach" / "none.jpg").write_bytes(b"no picture")
    folders.text("scene_sequence.csv", "scene\nnowhere\n")
    with pytest.raises(ScenesError) as caught:
        check_project("song", **where)
    lines = str(caught.value).splitlines()
    assert len(lines) == 3 and "no scene 'nowhere'" in lines[0]
    assert [Path(line.split(": it cannot be read")[0]).name for line in lines[1:]] == ["cut.png", "none.jpg"]


@given(
    definitions=st.one_of(st.binary(max_size=80), damaged(DEFINITIONS)),
    sequence=st.one_of(st.binary(max_size=80), damaged(SEQUENCE)),
    told=st.one_of(st.binary(max_size=80), damaged('{"default": {"res_width": 64, "pipe_kwargs": {"a": [1, {}]}}}')),
)
def test_whatever_is_in_the_files_is_read_or_refused(
    tmp_path_factory: pytest.TempPathFactory, definitions: bytes, sequence: bytes, told: bytes
) -> None:
    """Nothing but a `ScenesError`, each line of which begins with a file."""
    folders = Folders(tmp_path_factory.mktemp("any"), definitions, None)
    folders.text("scene_sequence.csv", sequence)
    folders.text("tgen_settings.json", told)
    try:
        project = folders.load()
    except ScenesError as error:
        assert all(line.startswith(str(folders.meta)) for line in str(error).splitlines())
    else:
        assert all(project.members(row.scene) for row in project.sequence)
