"""Sheets of seeds, variations and settings."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from avwalk.errors import OptionError
from avwalk.explore.marked_sheet import marks_of
from avwalk.explore.seeds import (
    Exploration,
    exploration,
    explore_seeds,
    explore_settings,
    keep,
    name_of,
    single_prompt_project,
    with_prompt,
)
from avwalk.files.infotext import parsed
from avwalk.files.png_text import read_text
from avwalk.scenes.draw.choose import words_note
from avwalk.scenes.draw.seeds import fresh, varied
from avwalk.scenes.project.csv_rows import Findings
from avwalk.scenes.project.prompts_csv import read_definitions
from tests.pictures import read
from tests.scenes.a_project import a_project

SIZE = (64, 36)


def test_what_becomes_of_the_words_is_said(tmp_path: Path) -> None:
    what = exploration(None, name=None, text="a wolf under gold leaves")
    note = words_note(single_prompt_project(what, SIZE), what.name)
    assert "the words choose preset fauna in ember" in note and "avwalk models list" in note
    lotus = single_prompt_project(what, SIZE, generator="cppn:lotus")
    assert "preset lotus" in words_note(lotus, what.name)


def test_a_prompt_alone_has_a_sheet_and_a_page(tmp_path: Path) -> None:
    what, cells = exploration(None, name=None, text="A fox in the <snow>"), list[tuple[int, int]]()
    assert what.name == "fox_snow"
    sheet = explore_seeds(
        single_prompt_project(what, SIZE),
        what,
        tmp_path / "a.png",
        count=6,
        again='avwalk explore --name "x"',
        on_cell=lambda done, total: cells.append((done, total)),
    )
    assert sheet.seeds == tuple(fresh(0, k) for k in range(6)) and cells[-1] == (6, 6)
    assert read(sheet.picture).shape[0] > 2 * 36  # two rows
    page = sheet.page.read_text(encoding="utf-8")
    assert page.count("data:image/jpeg;base64,") == 6 and 'data-name="6"' in page and str(sheet.seeds[5]) in page
    assert "&lt;snow&gt;" in page and "<snow>" not in page and "--name &quot;x&quot;" in page
    assert marks_of(sheet.picture, ["6"], [])[0].world == f"fox_snow-{sheet.seeds[5]}"
    assert not re.search(r"https?://", page)  # nothing is fetched
    with pytest.raises(OptionError, match="force replaces it"):
        explore_seeds(single_prompt_project(what, SIZE), what, tmp_path / "a.png", count=1)


def test_seeds_are_kept_by_their_numbers(tmp_path: Path) -> None:
    project = a_project(tmp_path)
    what = exploration(project, name="reef", text=None, first=3)
    assert keep(project, what, [1, 5]) == (11, 1234567, fresh(3, 0), fresh(3, 4))
    new = exploration(project, name=None, text='a "wild" horse, running')
    assert keep(project, new, [2]) == (fresh(0, 1),)
    found = read_definitions(project.definitions_file, Findings())
    assert found["wild_horse_running"].text == 'a "wild" horse, running'
    near = Exploration("reef", "x", vary=11, amount=0.25)
    kept = keep(project, near, [0, 3])
    assert kept[0] == 11 and varied(kept[-1]) == (11, 2, 0.25)
    for number in (0, 101):
        with pytest.raises(OptionError, match="no such number"):
            keep(project, what, [number])


def test_variations_stand_beside_what_they_vary(tmp_path: Path) -> None:
    what = exploration(None, name=None, text="a fox", vary=21, amount=0.25)
    sheet = explore_seeds(single_prompt_project(what, SIZE), what, tmp_path / "a.png", count=3, singles=True)
    assert sheet.seeds[0] == 21 and [found and found.child for found in map(varied, sheet.seeds[1:])] == [0, 1, 2]
    assert what.options == " --vary 21 --amount 0.25"
    singles = sorted(path.name for path in tmp_path.glob("image_*"))
    assert singles == [f"image_{k}.png" for k in range(4)]
    assert parsed(read_text(tmp_path / "image_2.png")["parameters"])["Seed"] == str(sheet.seeds[2])
    explore_seeds(single_prompt_project(what, SIZE), what, tmp_path / "a.png", count=1, singles=True, force=True)
    assert len(list(tmp_path.glob("image_*"))) == 2


def test_settings_stand_against_each_other(tmp_path: Path) -> None:
    what = exploration(None, name=None, text="a fox")
    project, out = single_prompt_project(what, SIZE), tmp_path / "a.png"
    explore_settings(project, what, ["cppn.warp=0.5,1", "light.gain=0.8,1,1.2"], 5, out)
    assert read(out).shape[1] < 4 * (64 + 14) + 14  # three columns
    for grid, message in (
        (["steps=4"], r"generator cppn has no such setting.*cppn\.warp"),
        (["cppn.wrap=1"], r"did you mean 'cppn\.warp'"),
        (["cppn.warp"], "write it as steps=4,8"),
        (["cppn.warp=" + ",".join(["1"] * 21), "cppn.detail=" + ",".join(["1"] * 20)], "more than 400"),
    ):
        with pytest.raises(OptionError, match=message):
            explore_settings(project, what, grid, 5, tmp_path / "b.png")


def test_what_is_asked_is_checked(tmp_path: Path) -> None:
    project = a_project(tmp_path)
    for more, message in (
        ({"name": "rief", "text": None}, "did you mean 'reef'"),
        ({"name": None, "text": " "}, "no prompt to explore"),
        ({"name": "reef", "text": None, "amount": 0.5}, "give vary SEED"),
        ({"name": "reef", "text": None, "vary": 1, "amount": 2.0}, "out of range"),
        ({"name": "reef", "text": None, "vary": 2**62}, "cannot be varied"),
    ):
        with pytest.raises(OptionError, match=message):
            exploration(project, **more)
    with pytest.raises(OptionError, match="project SONG"):
        exploration(None, name="reef", text=None)
    with pytest.raises(OptionError, match="count 33 is out of range"):
        what = exploration(project, name="reef", text=None, vary=1)
        explore_seeds(project, what, tmp_path / "a.png", count=33)
    assert with_prompt(project, exploration(project, name="reef", text="new words")).definitions["reef"].seeds == (
        11,
        1234567,
    )
    assert name_of("!?") == "prompt" and name_of("The sea, THE sky and 2001") == "sea_sky_2001"
