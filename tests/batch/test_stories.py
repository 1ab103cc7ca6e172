from __future__ import annotations

from pathlib import Path

import pytest

from avwalk.batch.stories import read_story_jobs, run_story_job, tells_stories
from avwalk.errors import OptionError
from tests.cli.test_bad_input import run

SMALL = "64x36,10,none,no"


@pytest.fixture
def tales(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with two stories and one that is empty."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "fox.txt").write_text("A red fox ran over the green hills all day. At night it slept.")
    (tmp_path / "sea.txt").write_text("A small boat sailed over the calm sea until the sun came out.")
    (tmp_path / "empty.txt").write_text("")
    return tmp_path


def table(folder: Path, text: str) -> Path:
    path = folder / "tales.csv"
    path.write_text(text)
    return path


def test_a_row_is_a_story_with_its_files_beside_the_table(tales: Path) -> None:
    assert not tells_stories(table(tales, "song,preset\nfox.txt,\n"))
    path = table(tales, 'story,out,speed,music,note\nfox.txt,films/fox,"1,2",,first\n# later\nsea.txt,,,compose,\n')
    assert tells_stories(path)
    first, second = read_story_jobs(path)
    assert first.song == tales / "fox.txt" and first.options == {"out": str(tales / "films/fox"), "speed": "1.2"}
    assert second.options == {"music": "compose", "out": str(tales / "sea_story")} and second.location == "tales.csv:4"


def test_all_problems_at_once_with_line_and_column(tales: Path) -> None:
    path = table(tales, "story,sped,sentences,out\nfox.txt,,40,\nnone.txt,,,\n,,2,a\nsea.txt,,,x\nfox.txt,,,x\n")
    with pytest.raises(OptionError) as raised:
        read_story_jobs(path)
    lines = str(raised.value).splitlines()
    places = ["tales.csv:1:7", "tales.csv:2:10", "tales.csv:3:1", "tales.csv:4:1", "tales.csv:6:1"]
    assert [line.partition(": ")[0] for line in lines] == places
    assert "did you mean 'speed'" in lines[0] and "sentences '40'" in lines[1] and "does not exist" in lines[2]
    assert "is the folder of tales.csv:5 too" in lines[4]


def test_a_table_without_stories_is_refused(tales: Path) -> None:
    with pytest.raises(OptionError, match="holds no stories"):
        read_story_jobs(table(tales, "story,out\n"))


def test_a_story_is_made_then_there(tales: Path) -> None:
    (job,) = read_story_jobs(table(tales, f"story,size,fps,voice,film\nfox.txt,{SMALL}\n"))
    made, there = (run_story_job(job, lambda event: None, workers=1) for _ in range(2))
    assert (made.what, there.what) == ("made", "there") and made.message == "1 storylet"
    assert (tales / "fox_story/pictures/001.png").is_file() and (tales / "fox_story/index.html").is_file()


def test_a_story_that_fails_ends_no_other(tales: Path, capfd: pytest.CaptureFixture[str]) -> None:
    table(tales, f"story,size,fps,voice,film\nempty.txt,{SMALL}\nfox.txt,{SMALL}\n")
    code, out, err = run(capfd, "batch", "tales.csv")
    first, second = out.splitlines()
    assert code == 1 and first == "[1/2] empty.txt → empty_story: failed: story 'empty.txt' is empty"
    assert second.startswith("[2/2] fox.txt → fox_story: ") and (tales / "fox_story/pictures/001.png").is_file()
    assert "tales.csv:2: empty.txt: story 'empty.txt' is empty" in err
