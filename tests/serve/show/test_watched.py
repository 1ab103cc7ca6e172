"""The pictures of a folder that is watched, and nothing else of it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from avwalk.errors import OutputError
from avwalk.files.image_meta import write
from avwalk.files.png_text import origin_text
from avwalk.serve.show.watched import WatchedFolder, caption_of
from tests.codex.pictures import small_codex

GREY = np.full((8, 8, 3), 0.5, np.float32)


def test_pictures_of_a_codex_and_the_small_ones_where_it_was_shared(tmp_path: Path) -> None:
    codex = small_codex(tmp_path / "shore", 2)
    codex.thumbnails.mkdir()
    for name in ("00001.png", "00002.png"):
        write(codex.thumbnails / name, GREY, {})
    found = WatchedFolder(codex.path).pictures()
    assert [each.url for each in found] == ["pictures/00000.png", "pictures/00001.png", "thumbnails/00002.png"]
    assert [caption_of(each) for each in found] == ["a lighthouse above the sea", "a fox in the forest", ""]


def test_pictures_of_any_folder_as_they_come(tmp_path: Path) -> None:
    folder = WatchedFolder(tmp_path)
    assert folder.pictures() == []
    write(tmp_path / "0002.png", GREY, origin_text("painting", prompt="a sea, at night", text="It  was\nnight."))
    (tmp_path / "listen.jsonl").write_text("{}")
    half = (tmp_path / "0002.png").read_bytes()[:-10]
    (tmp_path / "0003.png").write_bytes(half)  # is being written
    (found,) = folder.pictures()
    assert found.url == "files/0002.png" and caption_of(found) == "It was night."
    write(tmp_path / "0001.png", GREY, origin_text("painting", prompt="a fox"))
    assert [caption_of(each) for each in folder.pictures()] == ["a fox", "It was night."]


@pytest.mark.parametrize(
    "url",
    [
        "files/../secret.png",
        "../secret.png",
        "files/",
        "secret.png",
        "files/notes.txt",
        "pictures/x.png",
        "files/a/b.png",
    ],
)
def test_nothing_else_has_an_address(tmp_path: Path, url: str) -> None:
    (tmp_path / "folder").mkdir()
    write(tmp_path / "secret.png", GREY, {})
    (tmp_path / "folder" / "notes.txt").write_text("x")
    assert WatchedFolder(tmp_path / "folder").picture(url) is None


def test_links_are_not_followed(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    write(tmp_path / "secret.png", GREY, {})
    try:
        (tmp_path / "folder" / "x.png").symlink_to(tmp_path / "secret.png")
    except OSError:
        pytest.skip("no links here")
    folder = WatchedFolder(tmp_path / "folder")
    assert folder.pictures() == [] and folder.picture("files/x.png") is None


def test_what_is_no_folder(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="is no folder"):
        WatchedFolder(tmp_path / "none")
