from __future__ import annotations

import zipfile
from pathlib import Path

import pytest
from PIL import Image

from avwalk.errors import OptionError, StoryError
from avwalk.story.export import export_story
from tests.story.test_board import story


def test_a_zip_holds_what_the_page_needs(tmp_path: Path) -> None:
    (tmp_path / "t_story").mkdir()
    folder, storylets = story(tmp_path / "t_story", 2)
    for name in ("index.html", "t.mp4", "sound.flac", ".lock", "storylets.csv.bak"):
        (folder.path / name).write_text("x")
    (folder.path / "t.mp4.work").mkdir()
    (folder.path / "t.mp4.work" / "film.json").write_text("x")
    path = export_story(folder, "T", storylets, "zip", None)
    assert path == tmp_path / "t.zip"
    names = set(zipfile.ZipFile(path).namelist())
    assert names == {f"t_story/{n}" for n in ("index.html", "t.mp4", "pictures/001.png", "pictures/002.png")}


def test_pictures_move_and_books_have_pages(tmp_path: Path) -> None:
    folder, storylets = story(tmp_path, 3)
    gif = export_story(folder, "T", storylets, "gif", tmp_path / "a.gif")
    with Image.open(gif) as picture:
        assert getattr(picture, "n_frames", 1) in (2, 3) and picture.width == 480  # pictures that are alike join
    pdf = export_story(folder, "T", storylets, "pdf", tmp_path / "a.pdf")
    assert pdf.read_bytes().startswith(b"%PDF")


def test_what_cannot_be_is_refused(tmp_path: Path) -> None:
    folder, storylets = story(tmp_path, 1)
    with pytest.raises(OptionError, match="to 'docx' is unknown"):
        export_story(folder, "T", storylets, "docx", None)
    with pytest.raises(OptionError, match="name it a.gif"):
        export_story(folder, "T", storylets, "gif", tmp_path / "a.png")
    with pytest.raises(StoryError, match="there is no film"):
        export_story(folder, "T", storylets, "mp4", tmp_path / "a.mp4")
    (tmp_path / "a.zip").write_text("x")
    with pytest.raises(StoryError, match="exists"):
        export_story(folder, "T", storylets, "zip", tmp_path / "a.zip")
    folder.picture(1).unlink()
    with pytest.raises(StoryError, match="there is no picture"):
        export_story(folder, "T", storylets, "gif", tmp_path / "b.gif")
