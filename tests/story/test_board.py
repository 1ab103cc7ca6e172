from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from avwalk.errors import OptionError
from avwalk.files import image_meta
from avwalk.story.board import BoardSettings, board_pages, serif, wrapped, write_board
from avwalk.story.folder import StoryFolder
from avwalk.story.storylets import Sentence, Storylet


def story(folder: Path, n: int, text: str = "The sea was calm.") -> tuple[StoryFolder, list[Storylet]]:
    made = StoryFolder(folder)
    made.pictures.mkdir()
    for k in range(1, n + 1):
        colour = np.array([0.9, 0.1, 0.1] if k % 2 else [0.1, 0.1, 0.9], np.float32)
        image_meta.write(made.picture(k), np.ones((36, 64, 3), np.float32) * colour, {})
    return made, [Storylet(k, (Sentence(text, True),)) for k in range(1, n + 1)]


def test_every_storylet_has_a_cell(tmp_path: Path) -> None:
    folder, storylets = story(tmp_path, 7)
    pages = board_pages(folder, "The Sea", storylets, BoardSettings(columns=3))
    assert len(pages) == 1 and pages[0].size == (1240, 1754)
    pixels = np.asarray(pages[0], int)
    red = (pixels[..., 0] > 180) & (pixels[..., 1] < 80)
    blue = (pixels[..., 2] > 180) & (pixels[..., 1] < 80)
    cell = (1240 - 2 * 83 - 2 * 41) // 3
    area = cell * round(cell * 36 / 64)
    assert red.sum() == pytest.approx(4 * area, rel=0.03) and blue.sum() == pytest.approx(3 * area, rel=0.03)


def test_long_stories_have_pages_and_long_texts_room(tmp_path: Path) -> None:
    folder, storylets = story(tmp_path, 12, "The sea was calm. " * 30)
    pages = board_pages(folder, "The Sea", storylets, BoardSettings(landscape=True, paper="letter"))
    assert len(pages) > 2 and all(page.width > page.height for page in pages)


def test_a_missing_picture_is_an_empty_frame(tmp_path: Path) -> None:
    folder, storylets = story(tmp_path, 2)
    folder.picture(1).unlink()
    folder.picture(2).write_bytes(b"no picture")
    assert board_pages(folder, "T", storylets, BoardSettings())


def test_files(tmp_path: Path) -> None:
    folder, storylets = story(tmp_path, 9, "The sea was calm. " * 40)
    files = write_board(folder, "T", storylets, tmp_path / "out" / "b.png", BoardSettings(columns=1))
    assert [file.name for file in files] == [f"b{'' if k == 1 else f'_{k}'}.png" for k in range(1, len(files) + 1)]
    with Image.open(files[0]) as page:
        assert page.size == (1240, 1754)
    (pdf,) = write_board(folder, "T", storylets, tmp_path / "b.pdf")
    assert pdf.read_bytes().startswith(b"%PDF") and pdf.read_bytes().count(b"/Type /Page\n") >= 2
    with pytest.raises(OptionError, match="no storyboard"):
        write_board(folder, "T", storylets, tmp_path / "b.docx")
    with pytest.raises(OptionError, match="paper 'a9'"):
        write_board(folder, "T", storylets, tmp_path / "c.pdf", BoardSettings(paper="a9"))
    with pytest.raises(OptionError, match="columns 0"):
        write_board(folder, "T", storylets, tmp_path / "c.pdf", BoardSettings(columns=0))


def test_lines_are_never_wider() -> None:
    font = serif(20)
    lines = wrapped("The sea was " + "m" * 80 + " calm.", font, 200)
    assert all(font.getlength(line) <= 200 for line in lines)
    assert "".join(lines).replace(" ", "") == "Theseawas" + "m" * 80 + "calm."
